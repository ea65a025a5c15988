"""The demo country taken in by the use cases of files: nothing refused, the ledger holds, the stories can be seen."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from forms.checks import limits, stock
from forms.checks.model import Status
from registry.accounts.queries import accounts
from registry.accounts.service import NewAccount, create_account
from registry.audit.queries import verify as verify_audit
from registry.demo.domain.flows import Flows
from registry.demo.domain.sheets import seizures
from registry.demo.domain.tally import national_figures
from registry.demo.domain.world import world_of
from registry.demo.service import demo_accounts, is_empty, load
from registry.flags.queries import last_sweep
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Conflict
from registry.kernel.mass import NG_PER_G
from registry.kernel.period import Period
from registry.permits.queries.permits import permits_by_numbers
from registry.quotas.domain.rules import missing_state_quota, old_assessment, under_used
from registry.returns.service.facts import facts_of
from registry.settings import Settings
from registry.stock.queries.receipts import SentFilter, sent_lines
from registry.stock.queries.verify import verify
from registry.substances.queries import revisions_for_products
from registry.supervision.queries.positions import positions_on
from tests.conftest import BISHKEK, NOW

CHECKS = (stock.opening_stock, stock.balance, limits.excess, limits.yearly_limit, limits.estimates)


def rows_of(session: Session) -> dict[str, int]:
    names = ("site_revision", "licence_revision", "product_revision", "quota_line", "permit_line", "movement", "account",
             "audit_event", "flag", "application")  # fmt: skip
    return {name: session.execute(text(f"SELECT COUNT(*) FROM {name}")).scalar_one() for name in names}


def test_the_small_country_loads_and_the_ledger_holds(small: Session):
    verified = verify(small)
    assert verified.faults == ()
    assert verified.movements > 500
    assert verify_audit(small)[1] == []
    accounts_there = {account.username: account for account in accounts(small)}
    assert accounts_there.keys() == {account.username for account in demo_accounts()}
    assert all(account.is_demo and account.language == "ru" for account in accounts_there.values())
    assert accounts_there["pharmacy"].organisation_id is not None
    assert not is_empty(small)


def test_receivers_have_answered_all_but_the_last_days_and_one_found_more(small: Session):
    said = dict(small.execute(text("SELECT as_sent, COUNT(*) FROM receipt GROUP BY 1")).all())
    assert said[False] == 1
    assert said[True] > 50
    waiting = sent_lines(small, SentFilter(unanswered=True), 1000)
    assert all(line.occurred_on >= NOW.date() - timedelta(days=6) for line in waiting)
    assert len(sent_lines(small, SentFilter(disputed=True), 10)) == 1


def test_a_second_load_changes_nothing(small: Session, clock: FixedClock):
    before = rows_of(small)
    assert load(small, clock, "small").rows == {}
    later = FixedClock(NOW + timedelta(days=3), BISHKEK)
    assert load(small, later, "country").rows == {}
    assert rows_of(small) == before


def test_the_load_ends_with_a_look_of_the_watches(small: Session):
    swept = last_sweep(small)
    assert swept is not None
    assert swept.day == NOW.date()


def test_an_interrupted_load_goes_on(lists: Session, clock: FixedClock):
    def stop(report, name):
        if name == "demo movements 2025 Q3 1":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(lists, clock, "small", stop)
    assert is_empty(lists)
    load(lists, clock, "small")
    assert verify(lists).faults == ()
    assert not is_empty(lists)


def test_refused_once_a_real_account_exists(small: Session, clock: FixedClock):
    create_account(small, SYSTEM, clock, NewAccount("someone", "Someone Real", frozenset({"administrator"})))
    small.commit()
    with pytest.raises(Conflict):
        load(small, clock, "small")


def test_stories_of_the_quotas(country: Session, clock: FixedClock):
    found = {one.code: (one, position) for one, position in positions_on(country, clock, 2026, None, None)}
    day = clock.today()
    moving = {code: pair for code, pair in found.items() if pair[1].used}
    assert [code for code, pair in moving.items() if under_used(*pair, day)] == ["NM 009"]
    assert [code for code, pair in moving.items() if missing_state_quota(*pair)] == ["NS 001"]
    assert [code for code, pair in moving.items() if old_assessment(*pair)] == ["PL 004"]
    methadone = found["NM 002"][1]
    assert 0 < methadone.headroom < methadone.used / 50
    assert methadone.reserved > 0
    trimeperidine = found["NT 004"][1]
    assert trimeperidine.used / 4 < trimeperidine.headroom < trimeperidine.used / 2
    assert all(position.headroom >= 0 for _, position in moving.values())


def test_the_return_of_2025_has_one_failing_check(country: Session, clock: FixedClock):
    facts = facts_of(country, clock, Settings(), Period(2025))
    outcomes = [(check.__name__, outcome) for check in CHECKS for outcome in check(facts)]
    wrong = [
        (name, outcome.substance)
        for name, outcome in outcomes
        if outcome.status not in (Status.PASS, Status.NOT_APPLICABLE)
    ]
    assert wrong == [("yearly_limit", "NT 004")]
    drug = next(drug for drug in facts.drugs if drug.substance == "NT 004")
    assert drug.excess == drug.lost > 0


def test_part_two_of_the_return_shows_what_was_made(country: Session, clock: FixedClock, request):
    facts = facts_of(country, clock, Settings(), Period(2025))
    told = {(use.substance, use.column, use.made) for use in facts.uses}
    if request.node.callspec.params["country"] == "small":
        assert told == set()
        return
    assert told == {("NC 005", "used_other_drugs", "ND 008")}
    made = next(drug for drug in facts.drugs if drug.substance == "ND 008")
    assert 0 < made.manufactured < sum(use.quantity for use in facts.uses)


def test_part_four_of_the_return_shows_what_was_seized(country: Session, clock: FixedClock):
    facts = facts_of(country, clock, Settings(), Period(2025))
    seized = {(one.substance, one.column): one.quantity for one in facts.seizures}
    assert seized["NH 001", "seized"] == Fraction("1850.5")
    assert seized["NH 001", "disposed"] == Fraction("6050.5")
    assert seized["NC 001", "seized"] == 48_200
    assert ("NC 001", "disposed") not in seized
    assert "PM 005" not in {one.substance for one in facts.seizures}


def test_a_disposal_still_to_come_is_not_told_before_its_day():
    told = {row[0]: row[6] for row in seizures(date(2025, 6, 30)).rows}
    assert told["DEMO-SZ-2024-031"] == "destroyed"
    assert told["DEMO-SZ-2025-013"] == ""
    assert "DEMO-SZ-2025-017" not in told


def test_stories_of_the_ledger(country: Session, clock: FixedClock):
    kinds = {row[0] for row in country.execute(text("SELECT DISTINCT kind FROM movement"))}
    assert kinds >= {
        "opening_stock", "import", "supply", "dispense", "destroy", "lose", "steal", "spoil", "count_loss",
        "count_gain", "return_supply", "transfer", "patient_return", "sample", "reverse",
    }  # fmt: skip
    permits = permits_by_numbers(country, ["DEMO-I-2026-X02", "DEMO-I-2026-FEN-2"])
    unused = permits["DEMO-I-2026-X02"]
    assert unused.arrived_on is None
    assert unused.expires_on < clock.today()
    assert any(line.arrived_units < line.units for line in permits["DEMO-I-2026-FEN-2"].lines.values())
    soon = clock.today() + timedelta(days=30)
    left = country.execute(
        text("SELECT SUM(balance.units) FROM balance JOIN batch ON batch.id = balance.batch_id"
             " WHERE batch.expires_on BETWEEN :today AND :soon"),
        {"today": clock.today(), "soon": soon},
    ).scalar_one()  # fmt: skip
    assert left > 0


def test_the_fold_of_the_play_is_the_ledger_s(small: Session, clock: FixedClock):
    world = world_of("small")
    today = clock.today()
    found = revisions_for_products(small, world.products, today)
    revisions = {code: each[-1] for code, each in found.items()}
    entries = ((day, entry) for day, entry in Flows(world, today).entries() if day < today)
    figures = national_figures(world, entries, revisions)
    for drug in facts_of(small, clock, Settings(), Period(2026)).drugs:
        own = figures[2026, drug.substance]
        assert drug.imported * NG_PER_G == own["imported"]
        assert drug.consumed * NG_PER_G == own["consumed"]
        assert drug.closing_stock * NG_PER_G == own["closing_stock"]


def test_a_load_in_the_first_year(lists: Session):
    early = FixedClock(NOW.replace(year=2025, month=3, day=4), BISHKEK)
    load(lists, early, "small")
    assert verify(lists).faults == ()
    last = lists.execute(text("SELECT MAX(occurred_on) FROM movement")).scalar_one()
    assert str(last) < date(2025, 3, 4).isoformat()


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "day",
    [date(2024, 12, 1), date(2025, 1, 1), date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 5, 5)],
)
def test_a_load_on_any_day_is_taken_in(lists: Session, day: date):
    load(lists, FixedClock(NOW.replace(year=day.year, month=day.month, day=day.day), BISHKEK), "small")
    assert verify(lists).faults == ()
    assert not is_empty(lists)
