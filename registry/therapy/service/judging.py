"""The rules of a sheet over the ledger of its day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from registry.kernel.mass import NG_PER_MG, decimal_text, stated
from registry.kernel.parameters import Course
from registry.kernel.rules import Finding, Rule
from registry.kernel.text import N_, Message
from registry.stock.queries.days import DayShelf, Place
from registry.therapy.domain import rules
from registry.therapy.domain.parameters import SUBSTANCES, TAKE_HOME_DAYS
from registry.therapy.domain.sheets import Sheet
from registry.therapy.service.reading import Draft

Changes = Mapping[tuple[int, int], Sequence[tuple[date, int]]]


class SheetJudge:
    """Collects findings over sheets. `entered`: written by a person on a page, rules act with full severity."""

    def __init__(self, course: Course, *, entered: bool) -> None:
        self.course = course
        self.entered = entered
        self.findings: list[Finding] = []

    def judge(self, drafts: Sequence[Draft], shelves: Mapping[Place, Sequence[DayShelf]]) -> list[Finding]:
        """Judge every sheet; the others of the same file count as what they will do to the ledger."""
        changes = _changes(drafts)
        for draft in drafts:
            self._closing(draft, shelves.get(draft.sheet.key, ()), changes)
            self._sheet(draft)
        return self.findings

    def _closing(self, draft: Draft, shelves: Iterable[DayShelf], changes: Changes) -> None:
        sheet = draft.sheet
        ledger = sum(shelf.closing for shelf in shelves)
        ledger += sum(delta for day, delta in changes[sheet.site_id, sheet.product_id] if day <= sheet.sheet_on)
        if sheet.closing_units != ledger:
            self._find(
                rules.CLOSES, draft, N_("what is left is not what the ledger comes to"), sheet.closing_units, ledger
            )

    def _sheet(self, draft: Draft) -> None:
        sheet, parameters = draft.sheet, self.course.on(draft.sheet.sheet_on)
        if draft.exact_units is not None and draft.exact_units != sheet.obtained_units:
            whole = int(draft.exact_units) if draft.exact_units.denominator == 1 else None
            self._find(rules.BASE_KEPT, draft, N_("what was obtained does not hold the base that was taken"), sheet.obtained_units, whole)  # fmt: skip
        if sheet.residue_units is not None and sheet.residue_units > sheet.closing_units:
            self._find(rules.RESIDUE, draft, N_("more is left in the pump than is left in all"), sheet.residue_units, sheet.closing_units)  # fmt: skip
        days = parameters.limit(TAKE_HOME_DAYS)
        if days is not None and sheet.home_longest > days:
            said: dict[str, object] = {"days": sheet.home_longest, "most": days}
            self._add(rules.TAKE_HOME, draft, Message(N_("doses for %(days)s days were given at once, %(most)s are allowed"), said))  # fmt: skip
        for part in draft.product.components if sheet.largest_units else ():
            limit = parameters.limit(SUBSTANCES[part.substance_code]) if part.substance_code in SUBSTANCES else None
            held = (sheet.largest_units or 0) * part.base_ng_per_unit
            if limit is not None and held > limit * NG_PER_MG:
                said = {"substance": Message(part.substance_name)}
                text = Message(N_("the largest dose holds more %(substance)s than is allowed"), said)
                self._add(rules.LARGEST_DOSE, draft, text, decimal_text(held / NG_PER_MG), str(limit), "mg")
        if draft.site.on(sheet.sheet_on).kind not in rules.PLACES:
            self._add(rules.PLACE, draft, Message(N_("%(site)s is no such place"), {"site": draft.site.code}))

    def _find(self, rule: Rule, draft: Draft, msgid: str, observed: int, limit: int | None) -> None:
        unit = draft.product.unit
        most = None if limit is None else stated(limit, unit) if limit >= 0 else f"-{stated(-limit, unit)}"
        self._add(rule, draft, Message(msgid), stated(observed, unit), most, unit)

    def _add(
        self,
        rule: Rule,
        draft: Draft,
        message: Message,
        observed: str | None = None,
        limit: str | None = None,
        unit: str | None = None,
    ) -> None:
        parameters = self.course.on(draft.sheet.sheet_on)
        severity = parameters.severity(rule) if self.entered else parameters.reported(rule)
        subject = f"sheet {draft.site.code} {draft.product.code} {draft.sheet.sheet_on.isoformat()}"
        owner = draft.site.organisation_id
        self.findings.append(
            Finding(rule, message, severity, draft.row, observed, limit, unit, subject=subject, organisation_id=owner)
        )


def _changes(drafts: Iterable[Draft]) -> Changes:
    """Return (site, product) -> (day, what changes there) of what is new, less what it takes back."""
    changes: dict[tuple[int, int], list[tuple[date, int]]] = defaultdict(list)
    for draft in drafts:
        for sheet, sign in ((draft.sheet, 1), (draft.before.sheet if draft.before else None, -1)):
            for product, delta in _moved(sheet) if sheet else ():
                changes[draft.sheet.site_id, product].append((draft.sheet.sheet_on, sign * delta))
    return changes


def _moved(sheet: Sheet) -> list[tuple[int, int]]:
    moved = [(sheet.product_id, sheet.change)]
    if sheet.concentrate_id is not None:
        moved.append((sheet.concentrate_id, -sheet.concentrate_units))
    return moved
