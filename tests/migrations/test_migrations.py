"""Migrations: up, down and up again on both databases; the head equals the models; what is only added stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.app import create_app
from registry.db import Base
from registry.settings import Settings
from tests.databases import engine_for
from tests.world import move


def test_models_equal_the_head(database_url: str) -> None:
    engine = engine_for(database_url)
    with engine.connect() as connection:
        assert (
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata) == []
        )
    engine.dispose()


def test_down_to_nothing_and_up_again(database_url: str, tmp_path: Path) -> None:
    app = create_app(Settings(database_url=database_url, instance=str(tmp_path), secret_key="tests"))
    with app.app_context():
        downgrade(revision="base")
        engine = app.extensions["sqlalchemy"].engine
        with engine.connect() as connection:
            assert set(engine.dialect.get_table_names(connection)) <= {"alembic_version"}
        upgrade()
        engine.dispose()


@pytest.mark.parametrize("statement", ["UPDATE movement SET units = 1", "DELETE FROM movement", "UPDATE audit_event SET actor = 'x'",
                                       "DELETE FROM audit_event", "DELETE FROM posting", "UPDATE product_component SET base_ppm = 1",
                                       "DELETE FROM conversion_factor", "UPDATE licence_revision SET acts = ''",
                                       "DELETE FROM site_revision", "DELETE FROM product_revision", "DELETE FROM schedule_entry"])  # fmt: skip
def test_append_only_tables_refuse_change(stocked: Session, statement: str) -> None:
    assert move(stocked, "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,A0,1000,,,,,").written
    with pytest.raises(DBAPIError, match="never changed"), stocked.begin_nested():
        stocked.execute(text(statement))


def test_migrations_are_numbered_in_one_line() -> None:
    files = sorted(path.name for path in (Path(__file__).parents[2] / "migrations" / "versions").glob("*.py"))
    assert [name.split("_", 1)[0] for name in files] == [f"{number:04d}" for number in range(1, len(files) + 1)]
