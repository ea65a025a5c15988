"""Records made twice: merged by two persons, named by files ever after, separated while nothing was recorded."""

from __future__ import annotations

import threading

from flask.testing import FlaskClient
from sqlalchemy import text

from registry.deeds.queries import waiting_deeds
from registry.intake.check import Report, check_table
from registry.kernel.actor import SYSTEM
from registry.kernel.rules import Severity
from registry.mergers.queries import survivors
from registry.quotas.queries import lines_of_kind
from tests.api.programs import Program, token_of
from tests.pages import Office, cheap_hashes, office, text_of
from tests.world import KINDS, move, table_of, take_in

__all__ = ["cheap_hashes", "office"]

ORGANISATIONS = "code,name,kind,parent"
LICENCES = "number,organisation,acts,substances,valid_from,valid_to"
PRODUCTS = "code,name,form,unit,other_ingredients"
OPENING = "reference,occurred_on,kind,site,product,batch,quantity"
WHY = {"reason": "one pharmacy, recorded twice"}


def record(office: Office, kind: str, columns: str, *rows: str) -> Report:
    with office.rows() as session:
        return take_in(session, kind, table_of(columns, *rows), clock=office.clock)


def twice(office: Office, *codes: str) -> None:
    """Record pharmacies that are pharmacy no. 2 under other codes, with licences that have run out."""
    assert record(office, "organisations", ORGANISATIONS, *(f"{code},Pharmacy 2,pharmacy," for code in codes)).written
    past = "acquisition;storage;dispensing,narcotic,2023-01-01,2024-06-10"
    assert record(office, "licences", LICENCES, *(f"LIC-{code},{code},{past}" for code in codes)).written


def decide(office: Office, approver: FlaskClient) -> object:
    with office.rows() as session:
        [deed] = waiting_deeds(session)
    return approver.post(f"/deeds/{deed.id}", data={"decision": "approve"})


def merge(office: Office, kind: str, duplicate: str, survivor: str) -> None:
    office.later(minutes=1)
    asked = office.browser("asel").post(f"/mergers/{kind}/{duplicate}", data=WHY | {"survivor": survivor})
    assert asked.status_code == 303, text_of(asked)
    done = decide(office, office.browser("bakyt"))
    assert done.status_code == 303, text_of(done)
    office.later(minutes=1)


def leads(office: Office, *codes: str) -> dict[str, str]:
    with office.rows() as session:
        return {code: into for (_, code), into in survivors(session, codes).items()}


def test_from_then_on_the_other_record_takes_what_names_the_duplicate(office: Office) -> None:
    twice(office, "DUP")
    opening = "M-1,2024-01-01,opening_stock,DUP,MOR10,A0,10"
    used = "M-2,2024-01-02,lose,DUP,MOR10,A0,10"
    with office.rows() as session:
        assert move(session, opening, used, columns=OPENING, clock=office.clock).written
    merge(office, "site", "DUP", "E-PH2")
    with office.rows() as session:
        report = move(
            session, opening, used, "M-3,2024-06-01,opening_stock,DUP,MOR10,B0,7", columns=OPENING, clock=office.clock
        )
        assert (report.written, report.accepted, report.duplicates) == (True, 1, 2)
        [note] = [finding for finding in report.findings if finding.rule.code == "MRG-01"]
        assert (note.severity, note.row) == (Severity.NOTE, 4)
        assert str(note.message) == "“DUP” was merged into “E-PH2”: recorded under that"
        kept = session.execute(text("SELECT m.reference, s.code FROM movement m JOIN site s ON s.id = m.site_id"))
        assert dict(kept.all()) == {"M-1": "DUP", "M-2": "DUP", "M-3": "E-PH2"}
    officer = office.browser("asel")
    page = text_of(officer.get("/organisations/DUP"))
    assert "DUP was merged into E-PH2 on 15 Jun 2024: one pharmacy, recorded twice" in page
    assert "DUP was merged into E-PH2" in text_of(officer.get("/organisations/E-PH2"))
    assert "DUP (merged into E-PH2)" in text_of(officer.get("/search?q=DUP"))
    assert "(merged into E-PH2)" in text_of(officer.get("/organisations"))
    assert "M-1" in text_of(officer.get("/stock/movements?site=DUP"))
    program = Program(office, token_of(office, "asel"))
    told = [program.get(f"/organisations/{code}").json["merged_into"] for code in ("DUP", "E-PH2")]
    assert told == ["E-PH2", None]


def test_mrg_01_allocations_accounts_licences_and_applications_follow(office: Office) -> None:
    assert record(office, "organisations", ORGANISATIONS, "DUP,Import again,importer,").written
    lines = "year,substance,kind,quantity_g,organisation,act,act_date"
    before = "2023,NM 009,allocation,50,DUP,7,2023-01-02"
    assert record(office, "quotas", lines, before).written
    merge(office, "site", "DUP", "E-IMP")
    again = record(office, "quotas", lines, before, "2024,NM 009,allocation,60,DUP,8,2024-01-02")
    assert (again.accepted, again.duplicates) == (1, 1)
    assert "MRG-01" in {finding.rule.code for finding in again.findings}
    with office.rows() as session:
        [line] = lines_of_kind(session, 2024, "allocation")
        [named] = session.scalars(text("SELECT id FROM organisation WHERE code = 'E-IMP'")).all()
        assert line.organisation_id == named
    licence = "L-9,DUP,acquisition;storage,narcotic,2024-06-01,2026-12-31"
    assert record(office, "licences", LICENCES, licence).written
    assert record(office, "licences", LICENCES, licence).duplicates == 1
    asked = "reference,kind,organisation,partner_country,partner,product,quantity,planned_on"
    sent = record(office, "applications", asked, "A-D,import,DUP,IN,Supplier,MOR10,10,2024-07-01")
    assert "MRG-01" in {finding.rule.code for finding in sent.findings}
    owners = "SELECT o.code FROM {} x JOIN organisation o ON o.id = x.organisation_id WHERE {}"
    with office.rows() as session:
        assert session.scalars(text(owners.format("licence_revision", "x.valid_to = '2026-12-31'"))).all() == ["E-IMP"]
        assert session.scalars(text(owners.format("application", "x.reference = 'A-D'"))).all() == ["E-IMP"]
    made = {"username": "gulnara", "name": "Gulnara", "roles": "importer", "organisation": "DUP", "language": "ru"}
    assert office.browser("dinara").post("/accounts/new", data=made).status_code == 200
    with office.rows() as session:
        assert session.scalars(text(owners.format("account", "x.username = 'gulnara'"))).all() == ["E-IMP"]


def test_whatever_still_hangs_on_the_duplicate_is_listed_and_refused(office: Office) -> None:
    office.hire("imran")
    assert record(office, "organisations", ORGANISATIONS, "E-IMP-2,Second store,importer,E-IMP").written
    with office.rows() as session:
        opening = "M-1,2024-01-01,opening_stock,E-IMP,MOR10,A0,10"
        assert move(session, opening, columns=OPENING, clock=office.clock).written
    officer = office.browser("asel")
    for sent in (
        officer.get("/mergers/site/E-IMP"),
        officer.post("/mergers/site/E-IMP", data=WHY | {"survivor": "E-WHO"}),
    ):
        page = text_of(sent)
        for href in ("/permits?organisation=E-IMP", "/licences?organisation=E-IMP", "/stock/?site=E-IMP", "/accounts"):
            assert f'href="{href}"' in page, href
        assert "Further sites" in page
    assert sent.status_code == 422
    assert "Shelves that hold something: 1. Enter a supply or a transfer to the site that stays." in page
    with office.rows() as session:
        assert waiting_deeds(session) == []


def test_what_is_recorded_while_a_second_person_thinks_stops_it(office: Office) -> None:
    twice(office, "DUP")
    officer = office.browser("asel")
    assert officer.post("/mergers/site/DUP", data=WHY | {"survivor": "E-PH2"}).status_code == 303
    own = decide(office, officer)
    assert own.status_code == 403
    with office.rows() as session:
        assert move(
            session, "M-1,2024-01-01,opening_stock,DUP,MOR10,A0,10", columns=OPENING, clock=office.clock
        ).written
    told = decide(office, office.browser("bakyt"))
    assert told.status_code == 422
    assert "Shelves that hold something: 1" in text_of(told)
    assert leads(office, "DUP") == {}


def test_separated_while_nothing_was_recorded_and_not_after(office: Office) -> None:
    twice(office, "DUP", "OLD", "NEW")
    merge(office, "site", "OLD", "DUP")
    merge(office, "site", "DUP", "NEW")
    assert leads(office, "OLD", "DUP") == {"OLD": "NEW", "DUP": "NEW"}
    officer, approver = office.browser("asel"), office.browser("bakyt")
    assert officer.post("/separations/site/DUP", data=WHY).status_code == 303
    assert decide(office, approver).status_code == 303
    assert leads(office, "OLD", "DUP") == {"OLD": "DUP"}
    office.later(minutes=1)
    assert "separated on 15 Jun 2024" in text_of(officer.get("/organisations/DUP"))
    assert officer.post("/separations/site/DUP", data=WHY).status_code == 404
    with office.rows() as session:
        assert move(
            session, "M-1,2024-06-01,opening_stock,OLD,MOR10,A0,10", columns=OPENING, clock=office.clock
        ).written
    told = officer.post("/separations/site/OLD", data=WHY)
    assert told.status_code == 422
    assert "recorded since they were merged: Entries of the ledger, 1" in text_of(told)


def test_products_are_merged_only_when_they_hold_the_same(office: Office) -> None:
    made = (("MOR-A", "ten", 10), ("MOR-B", "Morphine ten", 10), ("MOR-C", "Morphine twenty", 20))
    for code, name, strength in made:
        assert record(office, "products", PRODUCTS, f"{code},{name},tablet,piece,").written
        part = f"{code},NM 009,sulfate pentahydrate,{strength}"
        assert record(office, "components", "product,substance,salt,amount_mg", part).written
    officer = office.browser("asel")
    told = text_of(officer.post("/mergers/product/MOR-C", data=WHY | {"survivor": "MOR10"}))
    assert "they differ: Composition is “NM 009, sulfate pentahydrate, 0.02 g” here and" in told
    told = text_of(officer.post("/mergers/product/CODPAR", data=WHY | {"survivor": "MET5"}))
    for field in ("Dosage form", "Unit of account", "Other ingredients", "Composition"):
        assert f"they differ: {field} is" in told, field
    merge(office, "product", "MOR-B", "MOR-A")
    with office.rows() as session:
        opening = "M-1,2024-01-01,opening_stock,E-PH1,MOR-B,A0,10"
        assert move(session, opening, columns=OPENING, clock=office.clock).written
        held = "SELECT p.code FROM batch b JOIN product p ON p.id = b.product_id"
        assert session.scalars(text(held)).all() == ["MOR-A"]
    assert f"MOR-B was merged into MOR-A on 15 Jun 2024: {WHY['reason']}" in text_of(officer.get("/products/MOR-B"))
    firm = text_of(office.browser("imran").get("/products/MOR-B"))
    assert "MOR-B was merged into MOR-A on 15 Jun 2024" in firm
    assert WHY["reason"] not in firm
    assert "MOR-B (merged into MOR-A)" in text_of(officer.get("/search?q=Morphine ten"))
    changed = record(office, "products", PRODUCTS, "MOR-B,Another name,tablet,piece,")
    assert [problem.code for problem in changed.problems] == ["merged"]
    told = officer.post("/separations/product/MOR-B", data=WHY)
    assert "recorded since they were merged: Entries of the ledger, 1" in text_of(told)


def test_what_cannot_be_named_is_told(office: Office) -> None:
    twice(office, "DUP", "OLD")
    officer = office.browser("asel")

    def told(duplicate: str, survivor: str) -> str:
        return text_of(officer.post(f"/mergers/site/{duplicate}", data=WHY | {"survivor": survivor}))

    assert "there is no record with the code “NOBODY”" in told("DUP", "NOBODY")
    assert "a record is not merged into itself" in told("DUP", "DUP")
    merge(office, "site", "DUP", "E-PH2")
    assert "“DUP” was merged already" in told("DUP", "E-PH1")
    assert "“DUP” was itself merged into “E-PH2”: name that" in told("OLD", "DUP")
    assert officer.get("/mergers/site/NOBODY").status_code == 404
    assert officer.get("/mergers/permit/P-6").status_code == 404
    changed = record(office, "organisations", ORGANISATIONS, "DUP,Other name,pharmacy,", "NEW,Store,pharmacy,DUP")
    assert [(problem.row, problem.code) for problem in changed.problems] == [(2, "merged")]
    moved = record(office, "organisations", ORGANISATIONS, "NEW,Store,pharmacy,DUP")
    assert moved.written
    page = officer.get("/organisations/NEW")
    assert page.location == "/organisations/E-PH2"


def race(office: Office, kind: str, file: str, columns: str, line: str) -> int:
    """Decide on the waiting merger while a file that names the duplicate is taken in and not yet committed."""
    with office.rows() as session:
        [deed] = waiting_deeds(session)
    approver, answers = office.browser("bakyt"), []
    thread = threading.Thread(
        target=lambda: answers.append(approver.post(f"/deeds/{deed.id}", data={"decision": "approve"}).status_code)
    )
    with office.work() as session:
        chosen = KINDS[file]
        report = chosen.apply(
            session, SYSTEM, office.clock, check_table(table_of(columns, line), chosen.columns), "race"
        )
        assert not report.refused, report.as_json()
        thread.start()
        thread.join(0.5)
        assert thread.is_alive(), f"a {kind} was merged while somebody wrote about it"
    thread.join(60)
    return int(answers[0])


def test_a_product_is_not_merged_while_a_posting_names_it(office: Office) -> None:
    for code in ("MOR-A", "MOR-B"):
        assert record(office, "products", PRODUCTS, f"{code},ten,tablet,piece,").written
        part = f"{code},NM 009,sulfate pentahydrate,10"
        assert record(office, "components", "product,substance,salt,amount_mg", part).written
    asked = office.browser("asel").post("/mergers/product/MOR-B", data=WHY | {"survivor": "MOR-A"})
    assert asked.status_code == 303, text_of(asked)
    opening = "M-1,2024-01-01,opening_stock,E-PH1,MOR-B,A0,10"
    assert race(office, "product", "movements", OPENING, opening) == 422
    assert leads(office, "MOR-B") == {}


def test_an_organisation_is_not_merged_while_a_licence_names_it(office: Office) -> None:
    twice(office, "E-PH2B")
    asked = office.browser("asel").post("/mergers/site/E-PH2B", data=WHY | {"survivor": "E-PH2"})
    assert asked.status_code == 303, text_of(asked)
    licence = "LIC-NEW,E-PH2B,acquisition;storage;dispensing,narcotic,2024-01-01,2026-12-31"
    assert race(office, "site", "licences", LICENCES, licence) == 422
    assert leads(office, "E-PH2B") == {}
