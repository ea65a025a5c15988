"""A country that lives, for the tests that attack it: people of every role and one object of every sort.

The objects belong to `OWNER`; `STRANGER` is another firm that must learn nothing of them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import text

from registry.accounts import service
from registry.accounts.domain import Role
from registry.accounts.queries import actor_named
from registry.correspondence.service.receiving import ComingFile, receive
from registry.correspondence.writing import xml_bytes
from registry.counts.domain.acts import Goods
from registry.counts.domain.losses import THEFT, Amount
from registry.counts.service.acts import ActAsked, draft_act
from registry.counts.service.losses import NoticeAsked, tell_loss
from registry.documents.practice import write_practice_key
from registry.endorsements.service import EndorsementAsked, StatedLine, endorse
from registry.kernel.actor import SYSTEM, Actor
from registry.mail.domain import Letter
from registry.mail.service import queue
from registry.parties.queries import organisations_by_codes, sites_by_codes
from registry.permits.models import ApplicationDraft
from registry.permits.service import propose_refusal, refuse, take_up
from registry.settings import Settings
from tests.correspondence.files import foreign
from tests.pages import MID_JUNE, PASSWORD, Office, build, cheap_hashes, close
from tests.permits.acting import APPROVER, COLUMNS, OFFICER, case, row
from tests.world import table_of, take_file, take_in

OWNER, STRANGER = "imran", "maksat"
FIRM_OF = {Role.IMPORTER: "E-MAK", Role.WHOLESALER: "E-WHO", Role.PHARMACY: "E-PH2"}
"""The firms of the people named after their roles: none of them is the owner's."""


def workbook_of(*rows: str) -> bytes:
    """Return rows of comma-separated cells as a workbook."""
    book = Workbook()
    for cells in rows:
        book.worksheets[0].append(cells.split(","))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


class Country(Office):
    """An office whose country has movements, an application, a proposed line, uploads and flags."""

    objects: Mapping[str, object]

    def person(self, role: Role) -> FlaskClient:
        """Return a browser signed in as somebody who holds `role` alone, of a firm that is not the owner's."""
        username = f"only-{role.value}"
        client = self.app.test_client()
        form = {"username": username, "password": PASSWORD}
        if client.post("/sign-in", data=form).status_code == 303:
            return client
        with self.work() as session:
            code = FIRM_OF.get(role)
            organisation = organisations_by_codes(session, [code])[code] if code else None
            one = service.NewAccount(
                username, username.title(), frozenset({role.value}), organisation, language="en", password=PASSWORD
            )
            service.create_account(session, SYSTEM, self.clock, one)
        assert client.post("/sign-in", data=form).status_code == 303
        return client

    def number_of(self, query: str) -> int:
        """Return the one number a query finds."""
        with self.rows() as session:
            return int(session.execute(text(query)).scalar_one())

    def settle(self) -> None:
        """Make one object of every sort, as the owner and the authority would."""
        with self.rows() as session:
            take_file(session, "07-movements")
        owner = self.browser(OWNER)
        person = actor_of(self, OWNER)
        with self.rows() as session:
            asked_for = table_of(COLUMNS, row("A-OWN", 10), row("A-OUT", 10, counterpart="IN-2"))
            assert take_in(session, "applications", asked_for, person, self.clock).written
            abroad = table_of("country,name,valid_from", "DE,Beispielstelle,2024-01-01")
            assert take_in(session, "authorities", abroad, clock=self.clock).written
            found = table_of(
                "reference,site,counted_on,product,batch,quantity,counted_by,witness",
                "K-OWN,E-IMP,2024-05-31,MOR10,A1,1,Aida,Bakyt",
            )
            assert take_in(session, "counts", found, person, self.clock).written
            days = table_of("day,kind,name", "2024-06-17,holiday,Kurman Ait")
            assert take_in(session, "holidays", days, clock=self.clock).written
            estimates = table_of("country,year,substance,quantity_g,published_on", "KZ,2024,NM 009,100,2024-01-10")
            assert take_in(session, "foreign_estimates", estimates, clock=self.clock).written
        sent = owner.post(
            "/files/movements",
            data={"file": (io.BytesIO(workbook_of("reference,occurred_on,kind,site,product,quantity")), "own.csv")},
            content_type="multipart/form-data",
        )
        assert sent.status_code == 303, sent.text
        assert owner.get(sent.headers["Location"]).status_code == 200, (
            "a file without rows is refused, and kept as such"
        )
        asked = {
            "year": "2024",
            "substance": "NM 009",
            "kind": "supplement",
            "item": "consumption",
            "note": "more patients",
        }
        line = self.browser("asel").post("/quotas/new", data=asked | {"quantity_g": "250,5"})
        assert line.status_code == 303, line.text
        value = {"value": "3", "effective_on": "01.07.2024", "act": "No. 12"}
        proposed = self.browser("asel").post("/parameters/stock.back_dating_days", data=value)
        assert proposed.status_code == 303, proposed.text
        with self.work() as session:
            case_id = case(session, "A-OUT").id
            take_up(session, OFFICER, self.clock, case_id, 1)
            propose_refusal(session, OFFICER, self.clock, case_id, 2, "false_data", "no such supplier")
            refuse(session, APPROVER, self.clock, case_id, 3, "false_data", "no such supplier")
            holder = organisations_by_codes(session, ["E-IMP"])["E-IMP"]
            session.add(
                ApplicationDraft(
                    organisation_id=holder,
                    kind="import",
                    cells="{}",
                    version=1,
                    changed_by="imran",
                    changed_at=self.clock.now(),
                )
            )
            coming = ComingFile("theirs.xml", xml_bytes(foreign()))
            receive(session, actor_named(session, "asel"), self.clock, Settings(), coming)
            queue(session, self.clock, Letter("one", "imran@example.kg", "ru", "О деле A-OWN", "Разрешено"))
        arrived = EndorsementAsked(
            "P-1", "END-OWN", date(2024, 2, 10), date(2024, 2, 12), (StatedLine("MOR10", "200000"),), "IN-P-1"
        )
        with self.work() as session:
            endorse(session, actor_of(self, "asel"), self.clock, arrived)
        with self.work() as session:
            firm = sites_by_codes(session, ["E-IMP"])["E-IMP"]
            missing = NoticeAsked(firm, THEFT, self.clock.now(), None, "taken", amounts=(Amount(1, "A1", 5),))
            burnt = ActAsked(firm, self.clock.today(), "yard", "expired", "incineration", "", [Goods(1, "A1", 5)])
            act_id = draft_act(session, actor_of(self, OWNER), self.clock, burnt)
            notice = tell_loss(session, actor_of(self, OWNER), self.clock, missing)
        self.objects = {
            "act_id": act_id,
            "notice_id": notice.id,
            "endorsement_id": self.number_of("SELECT MAX(id) FROM endorsement"),
            "account_id": self.number_of("SELECT id FROM account WHERE username = 'imran'"),
            "session_id": self.number_of("SELECT MIN(id) FROM web_session WHERE account_id IS NOT NULL"),
            "case_id": self.number_of("SELECT id FROM application WHERE reference = 'A-OWN'"),
            "upload_id": int(sent.headers["Location"].rsplit("/", 1)[1]),
            "refused_id": self.number_of("SELECT MAX(id) FROM refused_file"),
            "line_id": self.number_of("SELECT MAX(id) FROM quota_line"),
            "value_id": self.number_of("SELECT MAX(id) FROM parameter_value"),
            "draft_id": self.number_of("SELECT MAX(id) FROM application_draft"),
            "letter_id": self.number_of("SELECT MAX(id) FROM letter"),
            "counterpart_id": self.number_of("SELECT MIN(id) FROM counterpart_file"),
            "count_id": self.number_of("SELECT MAX(id) FROM stock_count"),
            "place": 1,
            "flag_id": self.number_of("SELECT MIN(id) FROM flag"),
        }


def actor_of(office: Office, username: str) -> Actor:
    """Return the actor a signed-in person is."""
    with office.rows() as session:
        return actor_named(session, username)


@pytest.fixture
def country(stocked_url: str, tmp_path: Path, cheap_hashes: None) -> Iterator[Country]:
    """The living country, in June 2024, on both kinds of database."""
    key = tmp_path / "practice.p12"
    write_practice_key(key, "Ministry", MID_JUNE - timedelta(days=30))
    password = str(key.with_suffix(".password"))
    app = build(stocked_url, tmp_path, signing_key_file=str(key), signing_password_file=password)
    living = Country(app, MID_JUNE)
    living.settle()
    yield living
    close(app)


__all__ = ["OWNER", "STRANGER", "Country", "cheap_hashes", "country"]
