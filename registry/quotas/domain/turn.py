"""The turn of a year: what is looked through, and what the new year takes over. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from registry.kernel.mass import NG_PER_G, fixed_text, rounded
from registry.kernel.parameters import Parameters
from registry.kernel.rules import Finding, Rule, Severity
from registry.kernel.text import N_, Message
from registry.quotas.domain.estimates import Figures, Piece, carry_over, figures_for, opening_stock
from registry.quotas.domain.kinds import ESTIMATE, STATE_QUOTA
from registry.quotas.domain.lines import LineFact, ceilings_of
from registry.substances.domain.facts import SubstanceFact, Treaty

PLACES = 6
ABOUT = "opening "

OPENING_MOVED = Rule(
    "QTA-12",
    N_("The stock of 1 January and the excess of the year before stay as they were when the year was opened."),
    N_("Single Convention of 1961, articles 19(2) and 21(3); project default"),
    Severity.FLAG,
    ("issue-3", "IF-11"),
)
RULES = (OPENING_MOVED,)


@dataclass(frozen=True, slots=True)
class TurnItem:
    """One thing to be looked through: `label` names what is counted, `path` lists it (``{year}``, ``{next}``)."""

    code: str
    label: str
    path: str


TURN_ITEMS: Mapping[str, TurnItem] = MappingProxyType(
    {
        item.code: item
        for item in (
            TurnItem("applications", N_("Applications planned in the year, not decided"), "/cases"),
            TurnItem("permits", N_("Permits of the year whose goods have not come"), "/permits?state=valid"),
            TurnItem("across", N_("Permits that reach across 31 December"), "/permits?state=valid"),
            TurnItem("unposted", N_("Consignments past the border, not in the ledger"), "/waiting"),
            TurnItem("unendorsed", N_("Consignments without an endorsement"), "/waiting"),
            TurnItem("lines", N_("Lines of quotas drafted or proposed, not decided"), "/quotas/proposals"),
            TurnItem("state_quotas", N_("Substances without a state quota for the next year"), "/quotas/{next}"),
            TurnItem("estimates", N_("Substances without estimates for the next year"), "/quotas/{next}"),
            TurnItem("returns", N_("Returns of the year that are due"), "/returns"),
        )
    }
)


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What a year takes over of one narcotic drug: the stock of its 1 January, the excess of the year before with its parts."""

    stock: Fraction
    excess: Fraction
    pieces: tuple[Piece, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is taken over."""
        return not (self.stock or self.excess)


NOTHING = TakenOver(Fraction(0), Fraction(0))


def taken_over(year: int, lines: Iterable[LineFact], ledger: Mapping[int, Figures]) -> TakenOver:
    """Return what `year` takes over, from the lines and figures of one narcotic drug."""
    before = figures_for(ledger, year - 1)
    carried = carry_over(ceilings_of(Treaty.NARCOTIC.value, year - 1, lines, date(year - 1, 12, 31)), before)
    stock = opening_stock(before, figures_for(ledger, year))
    return TakenOver(stock, carried.excess, tuple(piece for piece in carried.pieces if piece.quantity))


def missing_lines(year: int, lines: Mapping[int, Iterable[LineFact]]) -> tuple[int, int]:
    """Return how many substances have a state quota, and estimates, in the year before `year` but none for it."""
    kinds = {number: {(line.kind, line.year) for line in each if line.counts} for number, each in lines.items()}
    wanted, estimated = (
        sum((kind.code, year - 1) in held and (kind.code, year) not in held for held in kinds.values())
        for kind in (STATE_QUOTA, ESTIMATE)
    )
    return wanted, estimated


def opening_moved(
    substance: SubstanceFact, year: int, opened: TakenOver, now: TakenOver, parameters: Parameters
) -> Finding | None:
    """Flag what late postings have changed of what a year took over when it was opened."""
    stock, excess = now.stock - opened.stock, now.excess - opened.excess
    if not stock and not excess:
        return None
    said = {"year": year, "substance": Message(substance.name), "stock": _grams(stock), "excess": _grams(excess)}
    msgid = N_(
        "%(substance)s: since %(year)s was opened its stock of 1 January moved by %(stock)s g, the excess carried by %(excess)s g"
    )
    return Finding(
        OPENING_MOVED,
        Message(msgid, said),
        parameters.reported(OPENING_MOVED),
        observed=_grams(stock),
        limit="0",
        unit="g",
        subject=f"{ABOUT}{year} {substance.code}",
    )


def _grams(nanograms: Fraction) -> str:
    return fixed_text(rounded(nanograms / NG_PER_G, PLACES), PLACES)
