"""The example year: its positions before and after its movements."""

from __future__ import annotations

import json
from datetime import date

from sqlalchemy.orm import Session

from registry.kernel.mass import NG_PER_G
from registry.permits.domain.facts import Arrived
from registry.permits.queries import permits_by_numbers, positions
from registry.permits.service import settle_arrivals
from registry.quotas.domain.position import as_json
from tests.world import CLOCK, EXAMPLE, take_file

EXPECTED = json.loads((EXAMPLE / "expected.json").read_text())["position_2024_morphine"]


def shown(session: Session, code: str, as_of: date) -> dict[str, object]:
    return next(
        as_json(position, substance.code, substance.name)
        for substance, position in positions(session, 2024, as_of)
        if substance.code == code
    )


def test_the_position_of_the_example_year(stocked: Session) -> None:
    take_file(stocked, "07-movements")
    found = shown(stocked, "NM 009", date(2024, 12, 31))
    assert {name: found[name] for name in EXPECTED} == EXPECTED
    assert found["treaty"] == "1961"
    assert found["name"] == "morphine"


def test_the_incb_side_of_the_example_leaves_1250_g(stocked: Session) -> None:
    take_file(stocked, "07-movements")
    for day in (date(2024, 6, 1), date(2024, 12, 31)):
        position = next(each for fact, each in positions(stocked, 2024, day) if fact.code == "NM 009")
        side = position.estimate_total + position.exported - position.used - position.reserved
        assert side == 1250 * NG_PER_G
        assert position.grantable_ng == (400 + 900) * NG_PER_G


def test_before_anything_moves_open_permits_take_their_share(stocked: Session) -> None:
    found = shown(stocked, "NM 009", date(2024, 12, 31))
    assert (found["imported_g"], found["reserved_g"]) == ("0", "2400")
    assert (found["headroom_g"], found["bound_by"]) == ("400", "state_quota")
    later = shown(stocked, "NM 009", date(2025, 1, 1))
    assert later["reserved_g"] == "0"
    earlier = shown(stocked, "NM 009", date(2024, 5, 31))
    assert earlier["reserved_g"] == "1500"


def test_a_short_arrival_frees_the_rest_and_a_reversal_takes_it_back(stocked: Session) -> None:
    permit = permits_by_numbers(stocked, ["P-6"])["P-6"]
    [product] = permit.lines
    settle_arrivals(stocked, CLOCK, {permit.id: Arrived({(date(2024, 7, 1), product): 100_000})})
    assert shown(stocked, "NM 009", date(2024, 6, 30))["reserved_g"] == "2400"
    assert shown(stocked, "NM 009", date(2024, 7, 1))["reserved_g"] == "1500"
    assert permits_by_numbers(stocked, ["P-6"])["P-6"].lines[product].arrived_units == 100_000
    settle_arrivals(stocked, CLOCK, {permit.id: Arrived()})
    again = permits_by_numbers(stocked, ["P-6"])["P-6"]
    assert (again.arrived_on, again.lines[product].arrived_units) == (None, 0)
    assert shown(stocked, "NM 009", date(2024, 7, 1))["reserved_g"] == "2400"
