"""Positions under lock: what the ledger tells, and what is reserved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import inline_rows, lock_suffix
from registry.flags.service import raise_flags
from registry.kernel.clock import Clock
from registry.kernel.mass import LARGEST, ceiling
from registry.kernel.rules import Finding
from registry.parameters.queries import parameters_on
from registry.quotas.domain.lines import LineFact
from registry.quotas.domain.position import Position, judged_on, positions_of
from registry.quotas.domain.rules import missing_state_quota, overdrawn
from registry.quotas.queries import (
    ledger_until,
    lines_until,
    write_figures,
)
from registry.quotas.service.carrying import note_late_changes
from registry.substances.domain.facts import SubstanceFact, Treaty
from registry.substances.queries.lists import substances_by_ids

Key = tuple[int, int]
"""Year and substance id: the key of a position."""
KEY = {"year": "int", "substance_id": "int"}


def record_ledger_years(session: Session, clock: Clock, years: Mapping[Key, Mapping[str, Fraction]]) -> None:
    """Take in what the ledger says of some (year, substance id), in the transaction of the posting.

    Columns: those of Form C, with ``opening_stock``, ``taken_on``, ``imported``, ``exported``
    and ``closing_stock``, in exact nanograms of base. Absolute values: telling them again changes
    nothing. Positions of these and all later years are locked and set anew, because opening
    stock and excess of the next year follow from them. Facts are never refused, only flagged.
    """
    if not years:
        return
    late = {key for key in years if key[0] < clock.today().year}
    told = ledger_until(session, max(year for year, _ in late), {key[1] for key in late}) if late else {}
    rows = [(year, substance, write_figures(figures)) for (year, substance), figures in sorted(years.items())]
    columns = {"year": "int", "substance_id": "int", "figures": "text"}
    table, params = inline_rows(session, "told", columns, rows)
    session.execute(
        text(
            f"INSERT INTO ledger_year (year, substance_id, figures) SELECT year, substance_id, figures FROM {table}"  # noqa: S608
            " WHERE true ON CONFLICT (year, substance_id) DO UPDATE SET figures = excluded.figures"
        ),
        params,
    )
    positions, lines = _settled(session, clock, _lock_from(session, years))
    if late:
        note_late_changes(session, clock, told, {key: years[key] for key in late}, positions, lines)
    parameters = parameters_on(session, clock.today())
    findings: list[Finding | None] = []
    for (year, substance_id), (substance, position) in positions.items():
        findings.append(overdrawn(substance, position, parameters))
        if (year, substance_id) in years and position.used:
            findings.append(missing_state_quota(substance, position, parameters))
    raise_flags(session, clock, [finding for finding in findings if finding is not None])


def ensure_and_lock_positions(session: Session, keys: Iterable[Key]) -> dict[Key, int]:
    """Make the rows of these (year, substance id) exist and lock them in sorted order; return what each has reserved.

    Whoever reads figures or open permits after this sees them as nobody else can change them.
    """
    wanted = sorted(set(keys))
    locked = _locked_all(session, wanted)
    if len(locked) < len(wanted):
        table, params = inline_rows(session, "wanted", KEY, wanted)
        session.execute(
            text(
                f"INSERT INTO quota_position (year, substance_id, reserved_ng) SELECT year, substance_id, 0 FROM {table}"  # noqa: S608
                " WHERE true ORDER BY year, substance_id ON CONFLICT (year, substance_id) DO NOTHING"
            ),
            params,
        )
        locked = _locked_all(session, wanted)
    return locked


def _locked_all(session: Session, wanted: Sequence[Key]) -> dict[Key, int]:
    """Lock these rows in sorted order and return what each has reserved; where any is missing, lock none."""
    table, params = inline_rows(session, "wanted", KEY, wanted)
    suffix = lock_suffix(session)
    same = "p.year = wanted.year AND p.substance_id = wanted.substance_id"
    rows = session.execute(
        text(
            f"SELECT p.year, p.substance_id, p.reserved_ng FROM quota_position p JOIN {table} ON {same}"  # noqa: S608
            f" WHERE (SELECT COUNT(*) FROM quota_position p JOIN {table} ON {same}) = :number"
            " ORDER BY p.year, p.substance_id" + (f"{suffix} OF p" if suffix else "")
        ),
        params | {"number": len(wanted)},
    )
    return {(year, substance): reserved for year, substance, reserved in rows}


def settle_positions(session: Session, positions: Iterable[Position]) -> None:
    """Write into the locked rows what may be reserved in all and what is; one statement."""
    rows = [
        (each.year, each.substance_id, each.grantable_ng, min(LARGEST, ceiling(each.reserved)))
        for each in sorted(positions, key=lambda each: (each.year, each.substance_id))
    ]
    columns = {"year": "int", "substance_id": "int", "grantable_ng": "int", "reserved_ng": "int"}
    table, params = inline_rows(session, "settled", columns, rows)
    session.execute(
        text(
            "UPDATE quota_position SET grantable_ng = settled.grantable_ng, reserved_ng = settled.reserved_ng"  # noqa: S608
            f" FROM {table} WHERE quota_position.year = settled.year"
            " AND quota_position.substance_id = settled.substance_id"
        ),
        params,
    )


def reserve(session: Session, year: int, needs: Mapping[int, int], *, binding: bool = True) -> bool:
    """Reserve whole nanograms of each substance of `year`, or nothing; say whether it was granted.

    A conditional update of rows that `ensure_and_lock_positions` has locked and
    `settle_positions` has set: where the condition fails the row is not touched, and the
    caller refuses the whole act. Precursors are counted and never refused; not `binding`, where the
    country has set that the ceiling only warns (QTA-01), nor is anything else.
    """
    rows = [(year, substance, min(need, LARGEST)) for substance, need in sorted(needs.items())]
    columns = {"year": "int", "substance_id": "int", "need": "int"}
    table, params = inline_rows(session, "needs", columns, rows)
    # The subtraction stays inside 64 bits where a sum of precursors would not.
    granted = session.execute(
        text(
            "UPDATE quota_position SET reserved_ng = CASE WHEN reserved_ng > :largest - needs.need"  # noqa: S608
            f" THEN :largest ELSE reserved_ng + needs.need END FROM {table}"
            " WHERE quota_position.year = needs.year AND quota_position.substance_id = needs.substance_id"
            " AND (:binding = 0 OR grantable_ng IS NULL OR reserved_ng <= grantable_ng - needs.need)"
        ),
        params | {"largest": LARGEST, "binding": int(binding)},
    )
    return int(granted.rowcount) == len(rows)  # type: ignore[attr-defined]


def settle_from(session: Session, clock: Clock, keys: Iterable[Key]) -> dict[Key, tuple[SubstanceFact, Position]]:
    """Lock and set anew the positions of these (year, substance id) and of every later year of the same substances.

    Returns the positions of what a convention controls, with what the rows say is reserved.
    """
    positions, _ = _settled(session, clock, _lock_from(session, keys))
    return positions


def _lock_from(session: Session, keys: Iterable[Key]) -> dict[Key, int]:
    """Lock the positions of `keys` and of every later year of the same substances; return what each has reserved."""
    first: dict[int, int] = {}
    for year, substance_id in keys:
        first[substance_id] = min(year, first.get(substance_id, year))
    table, params = inline_rows(session, "first", {"substance_id": "int", "year": "int"}, sorted(first.items()))
    later = session.execute(
        text(
            f"SELECT p.year, p.substance_id FROM quota_position p JOIN {table}"  # noqa: S608
            " ON p.substance_id = first.substance_id AND p.year > first.year"
        ),
        params,
    )
    return ensure_and_lock_positions(session, {*keys, *((int(year), int(number)) for year, number in later)})


def _settled(
    session: Session, clock: Clock, reserved: Mapping[Key, int]
) -> tuple[dict[Key, tuple[SubstanceFact, Position]], Mapping[int, tuple[LineFact, ...]]]:
    """Set the locked positions anew; return those of what a convention controls, and the lines they were worked out from."""
    ids = {substance_id for _, substance_id in reserved}
    today = clock.today()
    found_facts = substances_by_ids(session, ids, today)
    facts = {number: fact for number, fact in found_facts.items() if fact.treaty != Treaty.NATIONAL.value}
    last = max(year for year, _ in reserved)
    lines, ledger = lines_until(session, last, ids), ledger_until(session, last, ids)
    found: dict[Key, tuple[SubstanceFact, Position]] = {}
    for year in sorted({year for year, _ in reserved}):
        here = [number for of_year, number in reserved if of_year == year and number in facts]
        held = {number: Fraction(reserved[year, number]) for number in here}
        chosen = [facts[number] for number in here]
        for number, position in positions_of(chosen, year, lines, ledger, held, judged_on(year, today)).items():
            found[year, number] = facts[number], position
    settle_positions(session, [position for _, position in found.values()])
    return found, lines
