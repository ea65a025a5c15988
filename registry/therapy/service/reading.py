"""Cells -> sheets ready to be judged; everything unreadable, unknown or contradicting with its row and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Problem
from registry.kernel.fields import BadCell, scaled_quantity
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit
from registry.kernel.text import N_, Message
from registry.mergers.domain import PRODUCT, SITE
from registry.mergers.service import take_over
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_codes
from registry.stock.queries.days import Place
from registry.stock.queries.recorded import BatchFact, batches
from registry.stock.service.known import lock_sites
from registry.substances.domain.facts import RevisionFact, revision_on
from registry.substances.queries.near import unknown_products
from registry.substances.queries.products import revisions_for_products
from registry.therapy.domain.parameters import SUBSTANCES
from registry.therapy.domain.sheets import KeptSheet, Sheet, disagreements, same_base
from registry.therapy.queries.sheets import first_recorded, versions_of

MERGED = {"site": SITE, "product": PRODUCT, "concentrate": PRODUCT}
Cells = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A sheet to be kept. `before`: the version it corrects. `exact_units`: what the dilution should have given."""

    row: int
    sheet: Sheet
    site: SiteFact
    product: RevisionFact
    before: KeptSheet | None
    reason: str | None
    exact_units: Fraction | None

    @property
    def version(self) -> int:
        """Return the number the sheet is kept under."""
        return self.before.version + 1 if self.before else 1


def read_drafts(session: Session, actor: Actor, clock: Clock, checked: Checked, report: Report) -> list[Draft]:
    """Return the sheets of a file that are not kept yet, one at a time for each site; the rest is told in `report`."""
    columns: dict[str, list[Any]] = checked.columns
    key_of = partial(_key, columns)
    report.findings.extend(
        take_over(session, columns, checked.numbers, MERGED, key_of, partial(_recorded_moments, session))
    )
    sites = sites_by_codes(session, _texts(columns["site"]))
    lock_sites(session, {site.id for site in sites.values()})
    wanted = _texts(columns["product"]) | _texts(columns["concentrate"])
    products = revisions_for_products(session, wanted, clock.today())
    reader = _Reader(actor, clock.today(), report, sites, products)
    reader.unknown = unknown_products(session, wanted - products.keys())
    bad = checked.bad_rows
    rows = [cells for cells in checked.rows() if reader.knows(cells) and cells["row"] not in bad]
    reader.batches = batches(session, {pair for cells in rows for pair in reader.batches_named(cells)})
    read = [draft for draft in map(reader.draft, rows) if draft is not None]
    return _compared(report, read, rows, versions_of(session, [draft.sheet.key for draft in read]))


def _key(columns: Mapping[str, list[Any]], place: int) -> str:
    return "\x00".join(str(columns[name][place]) for name in ("site", "product", "sheet_on"))


def _recorded_moments(session: Session, keys: set[str]) -> dict[str, datetime]:
    asked = {key: key.split("\x00") for key in keys if "None" not in key}
    found = first_recorded(session, [(site, product, date.fromisoformat(day)) for site, product, day in asked.values()])
    return {
        key: found[site, product, date.fromisoformat(day)]
        for key, (site, product, day) in asked.items()
        if (site, product, date.fromisoformat(day)) in found
    }


def _texts(column: Sequence[object]) -> set[str]:
    return {str(text) for text in column if text is not None}


class _Reader:
    """Turns one row after the other into a sheet; `unknown` and `batches` are looked up for the whole file."""

    def __init__(
        self,
        actor: Actor,
        today: date,
        report: Report,
        sites: Mapping[str, SiteFact],
        products: Mapping[str, Sequence[RevisionFact]],
    ) -> None:
        self.actor = actor
        self.today = today
        self.report = report
        self.sites = sites
        self.products = products
        self.unknown: Mapping[str, Message] = {}
        self.batches: Mapping[tuple[int, str], BatchFact] = {}

    def knows(self, cells: Cells) -> bool:
        """Tell what the row names that nobody knows or may name, and say whether there is nothing of the kind."""
        before = len(self.report.problems)
        site = self.sites.get(cells["site"])
        if cells["site"] is not None and site is None:
            self._problem(cells, "site", "unknown-site", N_("there is no site or organisation with the code “%(code)s”"), code=cells["site"])  # fmt: skip
        if site is not None and self.actor.organisation_id not in (None, site.organisation_id):
            self._problem(cells, "site", "not-your-site", N_("“%(code)s” is not a site of your organisation"), code=site.code)  # fmt: skip
        for name in ("product", "concentrate"):
            code = cells[name]
            if code is not None and code not in self.products:
                self.report.problems.append(Problem(name, "unknown-product", self.unknown[code], cells["row"]))
        if cells["sheet_on"] is not None and cells["sheet_on"] > self.today:
            self._problem(cells, "sheet_on", "in-the-future", N_("%(day)s has not come yet: what is recorded has happened"), day=cells["sheet_on"].isoformat())  # fmt: skip
        return len(self.report.problems) == before

    def batches_named(self, cells: Cells) -> list[tuple[int, str]]:
        """Return the batch that was diluted and the one obtained, as (product id, label)."""
        if cells["concentrate"] is None:
            return []
        taken = cells["concentrate_batch"] or ""
        return [
            (self.products[cells["concentrate"]][0].product_id, taken),
            (self.products[cells["product"]][0].product_id, cells["prepared_batch"] or taken),
        ]

    def draft(self, cells: Cells) -> Draft | None:
        """Return the sheet of a row, None where something of it is wrong."""
        before = len(self.report.problems)
        product = revision_on(self.products[cells["product"]], cells["sheet_on"])
        if not any(part.substance_code in SUBSTANCES for part in product.components):
            self._problem(cells, "product", "not-of-the-therapy", N_("“%(code)s” holds no substance of the therapy: %(known)s"), code=product.code, known=", ".join(SUBSTANCES))  # fmt: skip
        sheet = Sheet(
            site_id=self.sites[cells["site"]].id,
            product_id=product.product_id,
            sheet_on=cells["sheet_on"],
            observed_doses=cells["observed_doses"],
            observed_units=self._units(cells, "observed_quantity", product) or 0,
            home_handouts=cells["home_handouts"] or 0,
            home_doses=cells["home_doses"] or 0,
            home_units=self._units(cells, "home_quantity", product) or 0,
            home_longest=cells["home_longest"] or 0,
            largest_units=self._units(cells, "largest_dose", product),
            spill_units=self._units(cells, "spill", product) or 0,
            residue_units=self._units(cells, "residue", product),
            closing_units=self._units(cells, "closing", product) or 0,
            label=cells["batch"],
            concentrate_id=None,
            concentrate_label=None,
            concentrate_units=0,
            obtained_units=0,
            prepared_label=cells["prepared_batch"],
            prepared_expires_on=cells["prepared_expires_on"],
            note=cells["note"],
        )
        exact = None
        if cells["concentrate"] is not None:
            sheet, exact = self._diluted(cells, sheet, product)
        elif any(cells[name] is not None for name in ("concentrate_quantity", "obtained", "concentrate_batch")):
            self._problem(cells, "concentrate", "missing", N_("name the product that was diluted"))
        for column, code, message in disagreements(sheet):
            self.report.problems.append(Problem(column, code, message, cells["row"]))
        if len(self.report.problems) > before:
            return None
        return Draft(cells["row"], sheet, self.sites[cells["site"]], product, None, cells["reason"], exact)

    def _diluted(self, cells: Cells, sheet: Sheet, product: RevisionFact) -> tuple[Sheet, Fraction | None]:
        revisions = self.products[cells["concentrate"]]
        (concentrate_id, taken_label), obtained_batch = self.batches_named(cells)
        concentrate = self._kept_revision((concentrate_id, taken_label), revisions, sheet.sheet_on)
        product = self._kept_revision(obtained_batch, self.products[cells["product"]], sheet.sheet_on)
        taken = self._units(cells, "concentrate_quantity", concentrate)
        obtained = self._units(cells, "obtained", product)
        if taken is None:
            self._problem(cells, "concentrate_quantity", "missing", N_("write how much was taken to be diluted"))
            return sheet, None
        if concentrate_id == sheet.product_id:
            self._problem(cells, "concentrate", "same-product", N_("a product is not diluted into itself"))
        exact = same_base(
            {part.substance_id: taken * part.base_ng_per_unit for part in concentrate.components},
            {part.substance_id: part.base_ng_per_unit for part in product.components},
        )
        if obtained is None and (exact is None or exact.denominator != 1):
            self._problem(cells, "obtained", "not-exact", N_("no quantity of %(product)s holds exactly what was taken: take another quantity, or look at the products"), product=product.code)  # fmt: skip
            return sheet, None
        diluted = replace(
            sheet,
            concentrate_id=concentrate_id,
            concentrate_label=cells["concentrate_batch"],
            concentrate_units=taken,
            obtained_units=int(exact or 0) if obtained is None else obtained,
        )
        return diluted, exact or Fraction(0)

    def _kept_revision(self, batch: tuple[int, str], revisions: Sequence[RevisionFact], day: date) -> RevisionFact:
        """Return the revision by which the entries of a batch are counted; of a new batch, that of the day."""
        kept = self.batches.get(batch)
        return next((each for each in revisions if kept and each.id == kept.revision_id), revision_on(revisions, day))

    def _units(self, cells: Cells, name: str, product: RevisionFact) -> int | None:
        if cells[name] is None:
            return None
        try:
            return scaled_quantity(cells[name], UNITS_OF_ACCOUNT[Unit(product.unit)].places, positive=False)
        except BadCell as bad:
            self.report.problems.append(Problem(name, bad.code, bad.message, cells["row"]))
            return None

    def _problem(self, cells: Cells, column: str, fault: str, msgid: str, /, **said: object) -> None:
        self.report.problems.append(Problem(column, fault, Message(msgid, said), cells["row"]))


def _compared(
    report: Report, read: Sequence[Draft], rows: Sequence[Cells], kept: Mapping[Place, Sequence[KeptSheet]]
) -> list[Draft]:
    """Return what is new: a sheet sent again is a duplicate, another one of the same day needs to say what it corrects."""
    corrects = {cells["row"]: cells["corrects"] for cells in rows}
    seen: dict[Place, int] = {}
    new = []
    for draft in read:
        first = seen.setdefault(draft.sheet.key, draft.row)
        versions = kept.get(draft.sheet.key, ())
        latest = versions[-1] if versions else None
        stated = corrects[draft.row]
        if first != draft.row:
            report.problems.append(Problem("sheet_on", "row-repeated", Message(
                N_("this site, product and day stand in row %(first)s already"), {"first": first}), draft.row))  # fmt: skip
        elif latest is not None and latest.sheet == draft.sheet:
            report.duplicates += 1
        elif (latest.version if latest else None) != (stated or None):
            report.problems.append(_not_that_version(draft, latest))
        elif latest is not None and not draft.reason:
            report.problems.append(
                Problem("reason", "missing", Message(N_("say why the sheet is corrected")), draft.row)
            )
        else:
            new.append(replace(draft, before=latest))
    return new


def _not_that_version(draft: Draft, latest: KeptSheet | None) -> Problem:
    if latest is None:
        return Problem(
            "corrects", "nothing-to-correct", Message(N_("there is no sheet of this day to correct")), draft.row
        )
    text = N_(
        "the sheet of this day is kept already, as version %(version)s: say in “corrects” that this row corrects it"
    )
    return Problem("corrects", "sheet-kept", Message(text, {"version": latest.version}), draft.row)
