"""Recording products and their composition from rows already read: checked whole, written in bulk.

The same row again is a duplicate; a row with other content makes a further revision from the
clock's today on. The first composition of a product counts from the day of the revision it
completes, so that what is recorded later of earlier days has a composition too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import NotFound, Problem
from registry.kernel.mass import NG_PER_G, NG_PER_KG, Unit
from registry.kernel.text import N_, Message
from registry.mergers.domain import PRODUCT
from registry.mergers.queries import survivors_of
from registry.mergers.service import no_merger_meanwhile
from registry.substances.domain.facts import FIRST_DAY, Control, RevisionFact, SubstanceFact, Treaty
from registry.substances.domain.salts import FactorFact, SaltRefused, Share, require_share
from registry.substances.queries import (
    factors_for,
    other_factors,
    revisions_for_products,
    substance_by_codes,
)
from registry.substances.queries import unknown_products as what_is_near
from registry.substances.service.checks import (
    cell_text,
    field_problems,
    row_number,
    unknown_products,
    unknown_substances,
)
from registry.substances.service.revisions import (
    FIELDS,
    Draft,
    DraftComponent,
    draft_component,
    fields_of,
    write_drafts,
)

WHOLE_NG = {Unit.GRAM: NG_PER_G, Unit.KILOGRAM: NG_PER_KG}
"""What one stated unit weighs, where the unit is a mass: no composition can hold more."""

LISTED_IN_AUDIT = 100


@dataclass(slots=True)
class RecordOutcome:
    """What became of the rows; any problem means that nothing was written."""

    accepted: int = 0
    duplicates: int = 0
    problems: list[Problem] = field(default_factory=list)


def record_products(
    session: Session, actor: Actor, clock: Clock, rows: Sequence[Mapping[str, object]]
) -> RecordOutcome:
    """Record products from rows with ``row`` and the columns of the contract (None or text).

    A change of `unit` is refused, because balances could not be compared.
    """
    outcome = RecordOutcome()
    known = revisions_for_products(session, (cell_text(row, "code") for row in rows), clock.today())
    drafts: dict[str, Draft] = {}
    for row in rows:
        outcome.problems.extend(field_problems(row))
        _take_product(row, known.get(cell_text(row, "code"), []), clock.today(), drafts, outcome)
    return _finish(session, actor, clock, "substances.products", drafts.values(), outcome)


def _take_product(
    row: Mapping[str, object],
    revisions: Sequence[RevisionFact],
    today: date,
    drafts: dict[str, Draft],
    outcome: RecordOutcome,
) -> None:
    code, unit, fields = cell_text(row, "code"), cell_text(row, "unit"), _fields(row)
    if code in drafts:
        if (drafts[code].fields, drafts[code].unit) == (fields, unit):
            outcome.duplicates += 1
        else:
            outcome.problems.append(_problem(row, "code", "repeated-key", _REPEATED, {"key": code}))
        return
    if not revisions:
        drafts[code] = Draft(code, unit, 1, FIRST_DAY, fields)
        outcome.accepted += 1
        return
    last = revisions[-1]
    if unit != last.unit:
        values = {"code": code, "before": last.unit, "now": unit}
        outcome.problems.append(_problem(row, "unit", "unit-changed", _UNIT_CHANGED, values))
    elif fields == fields_of(last):
        outcome.duplicates += 1
    else:
        kept = tuple(draft_component(part) for part in last.components)
        drafts[code] = Draft(code, unit, last.number + 1, _begins(last, today), fields, kept)
        outcome.accepted += 1


def record_components(
    session: Session, actor: Actor, clock: Clock, rows: Sequence[Mapping[str, object]]
) -> RecordOutcome:
    """Record compositions from rows with ``row``, ``product``, ``substance``, ``salt``, ``amount_ng`` (whole nanograms).

    All rows of one product make one revision; components the file does not name are kept.
    """
    today = clock.today()
    outcome = RecordOutcome()
    products = revisions_for_products(session, (cell_text(row, "product") for row in rows), today)
    substances = substance_by_codes(session, (cell_text(row, "substance") for row in rows), today)
    factors = factors_for(session, (fact.id for fact in substances.values()), today)
    outcome.problems.extend(unknown_products(session, rows, products))
    outcome.problems.extend(unknown_substances(session, rows, substances, today))
    stated: dict[str, dict[tuple[str, str], DraftComponent]] = {}
    for row in rows:
        revisions = products.get(cell_text(row, "product"))
        substance = substances.get(cell_text(row, "substance"))
        if not revisions or not substance:
            continue
        part = _component(row, substance, factors.get(substance.id, []), outcome)
        if part:
            _take_component(row, part, revisions[-1], stated.setdefault(revisions[-1].code, {}), outcome)
    drafts = [_composed(products[code][-1], parts, today) for code, parts in stated.items() if parts]
    _check_whole(rows, drafts, outcome)
    return _finish(session, actor, clock, "substances.components", drafts, outcome)


def take_factors_of_today(session: Session, actor: Actor, clock: Clock, code: str) -> bool:
    """Write a revision of the product with the factors that the lists in force today print; False where none differs.

    What was recorded before keeps its factors. A salt that is printed no more keeps its own.
    Raises `NotFound` for a product that is not recorded.
    """
    today = clock.today()
    revisions = revisions_for_products(session, [code], today).get(code)
    if not revisions:
        raise NotFound(what_is_near(session, [code])[code])
    last = revisions[-1]
    shares = {key: other.share for key, other in other_factors(session, last, today).items() if other.share is not None}
    if not shares:
        return False
    parts = tuple(
        _with_share(draft_component(part), shares.get((part.substance_id, part.salt))) for part in last.components
    )
    draft = Draft(last.code, last.unit, last.number + 1, max(today, last.valid_from), fields_of(last), parts)
    write_drafts(session, actor, clock, [draft])
    changed = {
        f"{part.substance_code}, {part.salt}": [part.base_ppm, share.base_ppm]
        for part in last.components
        if (share := shares.get((part.substance_id, part.salt)))
    }
    record(session, actor, clock, "substances.factors", f"product {code}", {"revision": draft.number, "ppm": changed})
    return True


def _with_share(part: DraftComponent, share: Share | None) -> DraftComponent:
    if share is None:
        return part
    return replace(part, salt=share.salt, base_ppm=share.base_ppm, factor_id=share.factor_id)


def _component(
    row: Mapping[str, object], substance: SubstanceFact, factors: Sequence[FactorFact], outcome: RecordOutcome
) -> DraftComponent | None:
    try:
        prints_factors = substance.treaty != Treaty.PRECURSOR
        share = require_share(substance.name, cell_text(row, "salt"), factors, prints_factors=prints_factors)
    except SaltRefused as refused:
        outcome.problems.append(Problem("salt", refused.code, refused.message, row_number(row)))
        return None
    amount = row.get("amount_ng")
    if not isinstance(amount, int) or amount <= 0:
        outcome.problems.append(_problem(row, "amount_mg", "not-a-quantity", _NO_AMOUNT, {}))
        return None
    return DraftComponent(
        substance.id,
        substance.code,
        substance.name,
        substance.treaty,
        share.salt,
        amount,
        share.base_ppm,
        share.factor_id,
    )


def _take_component(
    row: Mapping[str, object],
    part: DraftComponent,
    last: RevisionFact,
    stated: dict[tuple[str, str], DraftComponent],
    outcome: RecordOutcome,
) -> None:
    earlier = stated.get(part.key)
    recorded = {(old.substance_code, old.salt): old.amount_ng for old in last.components}
    if earlier is not None and earlier.amount_ng != part.amount_ng:
        values = {"key": f"{last.code}, {part.substance_code}, {part.salt}"}
        outcome.problems.append(_problem(row, "amount_mg", "repeated-key", _REPEATED, values))
    elif earlier is not None or recorded.get(part.key) == part.amount_ng:
        outcome.duplicates += 1
    else:
        stated[part.key] = part
        outcome.accepted += 1


def _composed(last: RevisionFact, stated: Mapping[tuple[str, str], DraftComponent], today: date) -> Draft:
    parts = {part.key: part for part in map(draft_component, last.components)} | dict(stated)
    return Draft(last.code, last.unit, last.number + 1, _begins(last, today), fields_of(last), tuple(parts.values()))


def _begins(last: RevisionFact, today: date) -> date:
    """Return the day from which the next revision counts: today, or that of a revision still without composition."""
    return today if last.components else last.valid_from


def _check_whole(rows: Sequence[Mapping[str, object]], drafts: Iterable[Draft], outcome: RecordOutcome) -> None:
    """Refuse a composition that weighs more than the unit it is stated for (grams and kilograms only)."""
    for draft in drafts:
        whole = WHOLE_NG.get(Unit(draft.unit))
        if whole is None or sum(part.amount_ng for part in draft.components) <= whole:
            continue
        row = next(row for row in rows if cell_text(row, "product") == draft.code)
        values = {"code": draft.code, "unit": draft.unit}
        outcome.problems.append(_problem(row, "amount_mg", "more-than-whole", _MORE_THAN_WHOLE, values))


def _finish(
    session: Session, actor: Actor, clock: Clock, action: str, drafts: Iterable[Draft], outcome: RecordOutcome
) -> RecordOutcome:
    written = list(drafts)
    no_merger_meanwhile(session)
    for code, into in survivors_of(session, PRODUCT, [draft.code for draft in written]).items():
        message = Message(
            N_("“%(code)s” was merged into “%(into)s”: state it under that code"), {"code": code, "into": into}
        )
        outcome.problems.append(Problem("code", "merged", message))
    if outcome.problems:
        return RecordOutcome(0, 0, outcome.problems)
    if written:
        write_drafts(session, actor, clock, written)
        codes = [draft.code for draft in written[:LISTED_IN_AUDIT]]
        record(
            session, actor, clock, action, f"{len(written)} revisions", {"products": codes, "rows": outcome.accepted}
        )
    return outcome


_REPEATED = N_("“%(key)s” stands in the file before with other content")
_UNIT_CHANGED = N_(
    "product “%(code)s” is counted in %(before)s and cannot change to %(now)s, because balances could not be"
    " compared: record it under a new code"
)
_MORE_THAN_WHOLE = N_("the components of “%(code)s” weigh more than one %(unit)s: state milligrams in one %(unit)s")
_NO_AMOUNT = N_("the amount must be more than zero, in milligrams per unit of the product")


def _fields(row: Mapping[str, object]) -> dict[str, str]:
    fields = {name: cell_text(row, name) for name in FIELDS}
    fields["control"] = fields["control"] or Control.AUTO.value
    return fields


def _problem(row: Mapping[str, object], column: str, code: str, msgid: str, params: Mapping[str, object]) -> Problem:
    return Problem(column, code, Message(msgid, params), row_number(row))
