"""Rows handed to the driver itself meet like all others: the second writer is told, whatever the driver calls it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from registry.db import forget, remembered, unit_of_work
from registry.kernel.errors import Conflict


def collide(session, *, through_driver):
    statement = "INSERT INTO audit_head (id, sequence, digest) SELECT id, sequence, digest FROM audit_head"
    with unit_of_work(session):
        if not through_driver:
            session.execute(text(statement))
            return
        driver = session.connection().connection.driver_connection
        driver.execute(statement)


@pytest.mark.parametrize("through_driver", [True, False])
def test_a_key_just_taken_is_a_conflict(session, through_driver):
    with pytest.raises(Conflict, match="at the same moment"):
        collide(session, through_driver=through_driver)


def test_what_is_no_collision_stays_what_it_was(session):
    with pytest.raises(ZeroDivisionError), unit_of_work(session):
        _ = 1 // 0


def test_what_is_remembered_is_asked_once_in_a_transaction_and_anew_in_the_next(session):
    asked = []

    def look():
        asked.append(1)
        return len(asked)

    with unit_of_work(session):
        assert [remembered(session, "n", look), remembered(session, "n", look)] == [1, 1]
        assert remembered(session, "m", look) == 2
        forget(session)
        assert remembered(session, "n", look) == 3
    with unit_of_work(session):
        assert remembered(session, "n", look) == 4
    session.rollback()
    assert [remembered(session, "n", look), remembered(session, "n", look)] == [5, 6]
