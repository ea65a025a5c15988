"""When a return falls due, and what an explanation of a figure is made of. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from forms.catalogue import choose
from forms.edition import Edition, PeriodKind
from registry.kernel.mass import decimal_text, grams
from registry.kernel.period import Period
from registry.kernel.rules import Finding, Rule, Severity
from registry.kernel.text import N_, Message

STOCK_COLUMNS = {"opening_stock", "closing_stock"}
SEIZURE_COLUMNS = {"seized", "disposed"}
WORKED_OUT = {"limit", "excess"}

RETURN_IN_TIME = Rule(
    "RET-01",
    N_("A return reaches the Board by the day it is due."),
    N_("1961 Convention arts. 18, 20; 1971 Convention art. 16"),
    Severity.FLAG,
    ("IF-3", "IF-4"),
)
DUE_AHEAD = timedelta(days=30)
DUE_KEPT = timedelta(days=365)
"""A return is looked for from so long before the day it is due until so long after it (project default)."""


def falling_due(today: date, editions: list[Edition]) -> list[Finding]:
    """Return the returns whose day comes soon or has passed.

    What was sent the registry knows from people only: on the page of the return, or from the note with which the flag is closed.
    """
    found = []
    for edition in [each for each in editions if not each.optional]:
        for period in _periods(today, edition.period_kind):
            due = edition.due(period)
            if due - DUE_AHEAD <= today <= due + DUE_KEPT:
                found.append(_due(str(edition.form), period, due, today))
    return found


def _periods(today: date, kind: PeriodKind) -> list[Period]:
    years = range(today.year - 2, today.year + 2)
    if kind is PeriodKind.YEAR:
        return [Period(year) for year in years]
    return [Period(year, quarter) for year in years for quarter in range(1, 5)]


def _due(form: str, period: Period, due: date, today: date) -> Finding:
    said = {"form": form, "period": str(period), "day": due.isoformat()}
    if due < today:
        message = Message(
            N_("Form %(form)s for %(period)s was due at the Board on %(day)s: say when it was sent"), said
        )
    else:
        message = Message(N_("Form %(form)s for %(period)s is due at the Board on %(day)s"), said)
    return Finding(RETURN_IN_TIME, message, Severity.FLAG, subject=f"return {form} {period}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger entry behind a figure. `units`: signed, in units of account; `base_ng` of one unit is exact."""

    reference: str
    occurred_on: date
    kind: str
    site: str
    counterparty: str
    product: str
    batch: str
    units: int
    base_ng: Fraction

    @property
    def total_ng(self) -> Fraction:
        """Return what the entry adds to the figure, in nanograms of anhydrous base."""
        return self.units * self.base_ng

    def as_json(self) -> dict[str, object]:
        """Return the entry as a JSON object; quantities are exact grams."""
        return {
            "reference": self.reference,
            "occurred_on": self.occurred_on.isoformat(),
            "kind": self.kind,
            "site": self.site,
            "counterparty": self.counterparty or None,
            "product": self.product,
            "batch": self.batch or None,
            "units": self.units,
            "base_ng_per_unit": decimal_text(self.base_ng),
            "exact_g": grams(self.total_ng),
        }


@dataclass(frozen=True, slots=True)
class SeizedEntry:
    """One seizure behind a figure. `occurred_on`: the day that counts for the figure, of the seizure or the disposal.

    `kind` is ``seized`` or ``disposed``; `disposal` says how, where it is disposed of.
    """

    reference: str
    occurred_on: date
    kind: str
    origin: str
    place: str
    disposal: str
    total_ng: Fraction

    def as_json(self) -> dict[str, object]:
        """Return the seizure as a JSON object; the quantity is exact grams as recorded."""
        return {
            "reference": self.reference,
            "occurred_on": self.occurred_on.isoformat(),
            "kind": self.kind,
            "origin_country": self.origin or None,
            "place": self.place or None,
            "disposal": self.disposal or None,
            "exact_g": grams(self.total_ng),
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a figure that is worked out (a limit): a label and exact nanograms."""

    label: Message
    amount_ng: Fraction


@dataclass(frozen=True, slots=True)
class Explanation:
    """A figure with everything that adds up to it: entries of the ledger, seizures, or steps of a formula."""

    form: str
    period: str
    substance: str
    column: str
    partner: str | None
    entries: tuple[Entry, ...] = ()
    seizures: tuple[SeizedEntry, ...] = ()
    steps: tuple[Step, ...] = ()
    worked_out_ng: Fraction | None = None

    @property
    def behind(self) -> Sequence[Entry | SeizedEntry]:
        """Return what adds up to the figure: entries of the ledger, or seizures."""
        return self.seizures or self.entries

    @property
    def total_ng(self) -> Fraction:
        """Return the figure, exact."""
        if self.worked_out_ng is not None:
            return self.worked_out_ng
        return sum((entry.total_ng for entry in self.behind), Fraction(0))

    def as_json(self) -> dict[str, object]:
        """Return the explanation as one JSON document; quantities are exact grams."""
        return {
            "form": self.form,
            "period": self.period,
            "substance": self.substance,
            "column": self.column,
            "partner": self.partner,
            "exact_g": grams(self.total_ng),
            "entries": [entry.as_json() for entry in self.behind],
            "steps": [{"label": str(step.label), "exact_g": grams(step.amount_ng)} for step in self.steps],
        }


RETURN_STANDS = Rule(
    "RET-02",
    N_("Figures that changed after a return was sent are looked at: the Board is told, or the reason is noted."),
    N_("1961 Convention arts. 18, 20; 1971 Convention art. 16"),
    Severity.FLAG,
    ("NC-R3",),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A return that was sent; `last_entry`: the number of the youngest entry of the ledger then."""

    form: str
    period: Period
    number: int
    sent_on: date
    last_entry: int


def days_counted(form: str, period: Period) -> tuple[date, date]:
    """Return the first and last day whose entries make up a return: of a year all days before it too, for its stocks.

    What was estimated for a year rests on no entry of it: no day is counted.
    """
    edition = choose(form, period).edition
    if edition.due(period) <= period.last_day:
        return date.max, date.min
    return (period.first_day if period.quarter else date.min), period.last_day


def changed(one: Sent, entries: int, severity: Severity) -> Finding:
    """Return the finding on a return whose figures changed after it was sent."""
    said = {"form": one.form, "period": str(one.period), "day": one.sent_on.isoformat(), "count": entries}
    message = Message(
        N_("Form %(form)s for %(period)s was sent on %(day)s; entries of its days recorded since: %(count)s"), said
    )
    subject = f"return {one.form} {one.period}"
    return Finding(RETURN_STANDS, message, severity, observed=str(entries), limit="0", subject=subject)
