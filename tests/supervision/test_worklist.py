"""The worklist: alike flags in one row, the gravest first; taken on, closed in one go, looked for by a press."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from registry.audit.queries import entries
from registry.db import db, unit_of_work
from registry.flags.domain import FlagState
from registry.flags.queries import FlagFact, flag_history, last_sweep, worklist
from registry.flags.service import close_flags, raise_flags
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.kernel.parameters import DEFAULTS
from registry.kernel.rules import Finding, Rule, Severity
from registry.kernel.text import Message
from registry.licences.domain import LICENCE_COVERS, LICENCE_FOLLOWED
from registry.quotas.domain.rules import STATE_QUOTA_SET, UNDER_USE
from registry.stock.domain.rules import BACK_DATING, EXPIRED
from registry.supervision.queries.worklist import NOBODY, FlagFilter, flag_groups
from tests.pages import text_of
from tests.supervision.conftest import Site, counted, organisation

NOTE = {"note": "counted the shelves", "step": "close"}


def flagged(site: Site, rule: Rule, *subjects: str, organisation_id: int | None = None, days_ago: int = 0) -> None:
    clock = FixedClock(site.clock.moment - timedelta(days=days_ago), site.clock.zone)
    findings = [
        Finding(rule, Message("something with %(what)s", {"what": subject}), Severity.FLAG, subject=subject)
        for subject in subjects
    ]
    with site.app.app_context(), unit_of_work(db.session()) as session:
        raise_flags(session, clock, findings, organisation_id)


def flags_of(site: Site, state: FlagState | None = FlagState.OPEN) -> list[FlagFact]:
    with site.app.app_context():
        return worklist(db.session(), state=state, limit=1000)


def rows_of(page: str) -> list[str]:
    """Return the codes of the rules down the list."""
    return [part.split("<span>")[1].split("<")[0] for part in page.split('data-caption="Rule"')[1:] if "<span>" in part]


def ids(site: Site, rule: Rule) -> list[str]:
    return [str(flag.id) for flag in sorted(flags_of(site), key=lambda one: one.id) if flag.rule == rule.code]


@pytest.fixture
def officer(site: Site) -> FlaskClient:
    return site.browser("officer")


def test_eight_alike_do_not_bury_the_one_that_matters(site: Site, officer: FlaskClient) -> None:
    flagged(site, BACK_DATING, *(f"movement M-{number}" for number in range(8)), days_ago=30)
    flagged(site, EXPIRED, "movement M-9")
    page = officer.get("/flags").text
    assert rows_of(page) == [EXPIRED.code, BACK_DATING.code], "what would be refused by hand comes first"
    assert "something with movement M-9" in page, "one flag of its rule speaks for itself"
    assert "something with movement M-0; and alike: 7" in text_of(officer.get("/flags"))
    assert "something with movement M-3" not in page
    opened = officer.get(f"/flags?rule={BACK_DATING.code}").text
    assert all(f"something with movement M-{number}" in opened for number in range(8))


def test_order_is_weight_then_age_then_rule(site: Site, officer: FlaskClient) -> None:
    flagged(site, UNDER_USE, "quota 2026 NM 009", days_ago=2)
    flagged(site, LICENCE_FOLLOWED, "licence L-1", days_ago=2)
    flagged(site, STATE_QUOTA_SET, "quota 2026 NM 001", days_ago=3)
    flagged(site, EXPIRED, "movement M-1", days_ago=0)
    flagged(site, LICENCE_COVERS, "movement M-2", days_ago=1)
    wanted = [LICENCE_COVERS, EXPIRED, STATE_QUOTA_SET, LICENCE_FOLLOWED, UNDER_USE]
    assert rows_of(officer.get("/flags").text) == [rule.code for rule in wanted]


def test_flags_of_one_organisation(country: Site) -> None:
    flagged(country, EXPIRED, "movement A", organisation_id=organisation(country, "E-PH1"))
    flagged(country, EXPIRED, "movement B", organisation_id=organisation(country, "E-IMP"))
    officer = country.browser("officer")
    page = officer.get("/flags?organisation=E-PH1").text
    assert "something with movement A" in page
    assert "movement B" not in page
    wrong = text_of(officer.get("/flags?organisation=E-PH"))
    assert "there is no organisation with the code “E-PH”. Near to it: " in wrong
    assert "E-PH1" in wrong.split("Near to it: ")[1]
    assert "No flag fits." in wrong


def test_a_flag_of_a_movement_belongs_to_the_organisation_whoever_sent_the_file(country: Site) -> None:
    """The example's file was sent by the authority; its late entries are the importer's."""
    officer = country.browser("officer")
    late = f"rule={BACK_DATING.code}"
    assert "entries later than" in officer.get(f"/flags?{late}&organisation=E-IMP").text
    assert "No flag fits." in officer.get(f"/flags?{late}&organisation=E-PH1").text


def test_taking_on_and_handing_back_from_the_list(site: Site, officer: FlaskClient) -> None:
    flagged(site, EXPIRED, "movement A", "movement B", "movement C")
    first, second, _ = ids(site, EXPIRED)
    answer = officer.post(f"/flags?rule={EXPIRED.code}", data={"chosen": [first, second], "step": "take"})
    assert (answer.status_code, answer.location) == (303, f"/flags?rule={EXPIRED.code}")
    assert sorted(str(flag.assignee) for flag in flags_of(site)) == ["None", "officer", "officer"]
    assert "movement C" not in officer.get(f"/flags?rule={EXPIRED.code}&worked_on=mine").text
    assert "movement A" not in officer.get(f"/flags?rule={EXPIRED.code}&worked_on=nobody").text
    approver = site.browser("approver")
    approver.post("/flags", data={"chosen": first, "step": "take"})
    approver.post("/flags", data={"chosen": first, "step": "release"})
    assert [flag.assignee for flag in flags_of(site) if str(flag.id) == first] == ["officer"], (
        "it is not the approver's"
    )
    officer.post("/flags", data={"chosen": first, "step": "release"})
    assert [flag.assignee for flag in flags_of(site) if str(flag.id) == first] == [None]


def test_alike_flags_are_closed_together_with_one_reason(site: Site, officer: FlaskClient) -> None:
    flagged(site, BACK_DATING, *(f"movement M-{number}" for number in range(3)))
    flagged(site, EXPIRED, "movement M-9")
    chosen = ids(site, BACK_DATING)
    address = f"/flags?rule={BACK_DATING.code}"
    empty = officer.post(address, data={"chosen": chosen, "step": "close", "note": " "})
    assert empty.status_code == 422
    assert "This field is required" in empty.text
    assert empty.text.count(" checked>") == len(chosen), "the marks are kept"
    nothing = officer.post(address, data=NOTE)
    assert nothing.status_code == 422
    assert "Mark the flags you mean." in nothing.text
    assert len(flags_of(site)) == 4
    assert officer.post(address, data=NOTE | {"chosen": chosen}).status_code == 303
    assert [flag.rule for flag in flags_of(site)] == [EXPIRED.code]
    assert {flag.note for flag in flags_of(site, FlagState.CLOSED)} == {"counted the shelves"}
    with site.app.app_context():
        events = [one for one in entries(db.session(), limit=10) if one.action == "flags.close"]
    assert sorted(one.subject for one in events) == sorted(f"flag {number}" for number in chosen)


def test_the_whole_list_is_closed_also_beyond_its_page_and_nothing_else(site: Site, officer: FlaskClient) -> None:
    flagged(site, BACK_DATING, *(f"movement M-{number}" for number in range(70)))
    flagged(site, EXPIRED, "movement M-9")
    address = f"/flags?rule={BACK_DATING.code}&size=10"
    assert "All 70 flags of this list" in officer.get(address).text
    assert officer.post(address, data=NOTE | {"chosen": "all"}).status_code == 303
    assert [flag.rule for flag in flags_of(site)] == [EXPIRED.code]


def test_a_flag_page_tells_what_was_done_with_it(site: Site, officer: FlaskClient) -> None:
    flagged(site, EXPIRED, "movement A")
    [number] = ids(site, EXPIRED)
    assert "Take it on myself" in officer.get(f"/flags/{number}").text
    assert officer.post(f"/flags/{number}/take").status_code == 303
    page = text_of(officer.get(f"/flags/{number}"))
    assert "Hand it back" in page
    assert "taken on" in page
    assert "Take it on myself" not in text_of(site.browser("approver").get(f"/flags/{number}")), "somebody has it"
    assert officer.post(f"/flags/{number}/release").status_code == 303
    with site.app.app_context():
        assert [one.step for one in flag_history(db.session(), int(number))] == ["taken", "released"]
    assert officer.post("/flags/99999/take").status_code == 404


@pytest.mark.parametrize("role", ["auditor", "administrator"])
def test_who_only_reads_marks_and_closes_nothing(site: Site, role: str) -> None:
    flagged(site, EXPIRED, "movement A", "movement B")
    reader = site.browser(role)
    assert 'name="chosen"' not in reader.get(f"/flags?rule={EXPIRED.code}").text
    assert reader.post("/flags", data=NOTE | {"chosen": "all"}).status_code == 403
    assert reader.post("/flags/1/take").status_code == 403
    assert len(flags_of(site)) == 2


@pytest.mark.parametrize(
    ("role", "may"), [("officer", True), ("administrator", True), ("approver", False), ("auditor", False)]
)
def test_the_watches_look_at_a_press_and_the_page_says_when(site: Site, role: str, may: bool) -> None:
    reader = site.browser(role)
    assert "The watches have never looked" in reader.get("/flags").text
    assert ("Let the watches look now" in reader.get("/flags").text) is may
    assert reader.post("/flags/sweep").status_code == (303 if may else 403)
    with site.app.app_context():
        swept = last_sweep(db.session())
    assert (swept is not None) is may
    if swept is not None:
        assert swept.actor == role
        assert "return C 2025" in {flag.subject for flag in flags_of(site)}
        page = text_of(reader.get("/flags"))
        assert f"The watches last looked on 22 Nov 2026, 09:00 ({role.title()}" in page
        assert f"opened {len(flags_of(site))}, opened again 0, closed 0." in page


def test_the_reason_of_the_sweep_is_told_in_the_reader_s_language(site: Site, officer: FlaskClient) -> None:
    officer.post("/flags/sweep")
    [number] = [flag.id for flag in flags_of(site) if flag.subject == "return C 2025"]
    site.app.extensions["registry.clock"] = FixedClock(site.clock.moment + timedelta(days=800), site.clock.zone)
    site.browser("administrator").post("/flags/sweep")
    reader = site.browser("approver")
    reader.post("/language/ru")
    assert "Причины больше нет." in reader.get(f"/flags/{number}").text


def test_five_thousand_flags_take_as_many_statements_as_five(site: Site, officer: FlaskClient) -> None:
    addresses = ("/flags", f"/flags?rule={BACK_DATING.code}")
    flagged(site, BACK_DATING, *(f"movement A-{number}" for number in range(3)))
    flagged(site, EXPIRED, "movement A", "movement B")

    def taken() -> list[int]:
        found = []
        for address in addresses:
            officer.get(address)
            with counted(site.app) as sent:
                assert officer.get(address).status_code == 200
            found.append(len(sent))
        return found

    before = taken()
    flagged(site, BACK_DATING, *(f"movement M-{number}" for number in range(4_000)))
    flagged(site, EXPIRED, *(f"movement E-{number}" for number in range(995)))
    assert taken() == before
    assert "5,000" in officer.get("/flags").text


def test_groups_come_page_by_page(site: Site) -> None:
    for rule in (BACK_DATING, EXPIRED, UNDER_USE):
        flagged(site, rule, "a", "b")
    with site.app.app_context():
        session = db.session()
        first, groups, flags = flag_groups(session, FlagFilter(), DEFAULTS, 2, 0)
        second, *_ = flag_groups(session, FlagFilter(), DEFAULTS, 2, 2)
        assert ([one.count for one in first], len(second), groups, flags) == ([2, 2], 1, 3, 6)
        assert flag_groups(session, FlagFilter(assignee=NOBODY), DEFAULTS, 9, 0)[2] == 6
        assert flag_groups(session, FlagFilter(assignee="officer"), DEFAULTS, 9, 0)[2] == 0


def test_a_flag_of_a_rule_that_is_no_more_is_still_shown(site: Site, officer: FlaskClient) -> None:
    flagged(site, Rule("OLD-01", "gone", "none", Severity.FLAG, ("test",)), "a", "b")
    assert "OLD-01" in officer.get("/flags").text
    assert "something with a" in officer.get("/flags?rule=OLD-01").text


def test_closing_what_somebody_closed_meanwhile_changes_nothing(site: Site, officer: FlaskClient) -> None:
    flagged(site, EXPIRED, "movement A")
    [number] = ids(site, EXPIRED)
    assert officer.post("/flags", data=NOTE | {"chosen": number}).status_code == 303
    with site.app.app_context(), unit_of_work(db.session()) as session:
        assert close_flags(session, SYSTEM, site.clock, [int(number)], "again") == 0
    [closed] = flags_of(site, FlagState.CLOSED)
    assert closed.note == "counted the shelves"


@pytest.mark.parametrize(
    "query", ["?endpoint=x&_external=1", "?page=0&size=-1&state=every", "?rule=%27%3B--", "?organisation=%F0%9F%8D%8E"]
)
def test_odd_addresses_are_answered(site: Site, officer: FlaskClient, query: str) -> None:
    flagged(site, EXPIRED, "movement A")
    assert officer.get(f"/flags{query}").status_code == 200
    assert officer.post(f"/flags{query}", data={"chosen": "all", "step": "take"}).status_code in (303, 422)
