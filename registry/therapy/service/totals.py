"""What the authority sees of substitution therapy: totals of a month by substance and region, nobody given away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy.orm import Session

from registry.parameters.queries import parameters_on
from registry.parties.queries import sites_by_ids
from registry.substances.domain.facts import revision_on
from registry.substances.queries.products import revisions_of_products
from registry.therapy.domain.parameters import HIDDEN_BELOW, SUBSTANCES
from registry.therapy.domain.sheets import Sheet
from registry.therapy.domain.totals import told
from registry.therapy.queries.sheets import sheets_between


@dataclass(slots=True)
class _Tally:
    """What is counted up; `by_site`: doses and days with a sheet of each site."""

    doses: int = 0
    home_doses: int = 0
    given_ng: Fraction = Fraction(0)
    spilt_ng: Fraction = Fraction(0)
    by_site: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def add(self, sheet: Sheet, base_ng: Fraction) -> None:
        """Count one sheet; `base_ng`: of the substance in one unit of account."""
        self.doses += sheet.doses
        self.home_doses += sheet.home_doses
        self.given_ng += sheet.given_units * base_ng
        self.spilt_ng += sheet.spill_units * base_ng
        self.by_site[sheet.site_id][0] += sheet.doses
        self.by_site[sheet.site_id][1] += 1

    @property
    def mean(self) -> Fraction:
        """Return the doses of a mean day of all sites together: about how many people come."""
        return sum((Fraction(doses, days) for doses, days in self.by_site.values()), Fraction(0))


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A substance in a region, `region` None: the country, ``""``: no region recorded; masses in nanograms of base.

    `doses` None: hidden, with everything else that is counted; `sites` is no count of people.
    """

    substance: str
    name: str
    region: str | None
    sites: int
    doses: int | None
    home_doses: int | None
    given_ng: Fraction | None
    spilt_ng: Fraction | None


def month_totals(session: Session, first: date) -> list[TotalRow]:
    """Return the rows of a month by substance, its regions and then the country; a constant number of statements."""
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    sheets = [kept.sheet for kept in sheets_between(session, first, last)]
    sites = sites_by_ids(session, {sheet.site_id for sheet in sheets})
    products = revisions_of_products(session, {sheet.product_id for sheet in sheets}, last)
    tallies: dict[tuple[str, str], dict[str, _Tally]] = defaultdict(lambda: defaultdict(_Tally))
    country: dict[tuple[str, str], _Tally] = defaultdict(_Tally)
    for sheet in sheets:
        region = sites[sheet.site_id].on(sheet.sheet_on).region or ""
        for part in revision_on(products[sheet.product_id], sheet.sheet_on).components:
            if part.substance_code in SUBSTANCES:
                key = (part.substance_code, part.substance_name)
                tallies[key][region].add(sheet, part.base_ng_per_unit)
                country[key].add(sheet, part.base_ng_per_unit)
    least = parameters_on(session, last).number(HIDDEN_BELOW)
    return [row for key in sorted(tallies) for row in _rows(key, tallies[key], country[key], least)]


def _rows(key: tuple[str, str], tallies: Mapping[str, _Tally], country: _Tally, least: int) -> Iterable[TotalRow]:
    shown = told({region: tally.mean for region, tally in tallies.items()}, least)
    for region in sorted(tallies):
        yield _row(key, region, tallies[region], hidden=region in shown.hidden)
    yield _row(key, None, country, hidden=shown.total_hidden)


def _row(key: tuple[str, str], region: str | None, tally: _Tally, *, hidden: bool) -> TotalRow:
    code, name = key
    sites = len(tally.by_site)
    if hidden:
        return TotalRow(code, name, region, sites, None, None, None, None)
    return TotalRow(code, name, region, sites, tally.doses, tally.home_doses, tally.given_ng, tally.spilt_ng)
