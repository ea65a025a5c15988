"""What an explanation of a figure is made of. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from registry.kernel.mass import decimal_text, grams
from registry.kernel.text import Message

STOCK_COLUMNS = {"opening_stock", "closing_stock"}
WORKED_OUT = {"limit", "excess"}


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


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a figure that is worked out (a limit): a label and exact nanograms."""

    label: Message
    amount_ng: Fraction


@dataclass(frozen=True, slots=True)
class Explanation:
    """A figure with everything that adds up to it: entries of the ledger, or steps of a formula."""

    form: str
    period: str
    substance: str
    column: str
    partner: str | None
    entries: tuple[Entry, ...] = ()
    steps: tuple[Step, ...] = ()
    worked_out_ng: Fraction | None = None

    @property
    def total_ng(self) -> Fraction:
        """Return the figure, exact."""
        if self.worked_out_ng is not None:
            return self.worked_out_ng
        return sum((entry.total_ng for entry in self.entries), Fraction(0))

    def as_json(self) -> dict[str, object]:
        """Return the explanation as one JSON document; quantities are exact grams."""
        return {
            "form": self.form,
            "period": self.period,
            "substance": self.substance,
            "column": self.column,
            "partner": self.partner,
            "exact_g": grams(self.total_ng),
            "entries": [
                {
                    "reference": entry.reference,
                    "occurred_on": entry.occurred_on.isoformat(),
                    "kind": entry.kind,
                    "site": entry.site,
                    "counterparty": entry.counterparty or None,
                    "product": entry.product,
                    "batch": entry.batch or None,
                    "units": entry.units,
                    "base_ng_per_unit": decimal_text(entry.base_ng),
                    "exact_g": grams(entry.total_ng),
                }
                for entry in self.entries
            ],
            "steps": [{"label": str(step.label), "exact_g": grams(step.amount_ng)} for step in self.steps],
        }
