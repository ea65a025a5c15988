"""Form B, 23rd edition, December 2014: annual estimates of requirements for narcotic drugs.

Known of the print: the seven parts and what they are for. Not known: columns, their order, the
pre-printed rows, the unit of the grid; totals of estimates are published in grams.
"""

from __future__ import annotations

from datetime import date

from forms.columns import FORM_B_PART_II, OPIUM_PRODUCTION, SYNTHETIC_MANUFACTURE
from forms.edition import Edition, Form, Part, PeriodKind, Shape
from forms.unit_groups import ORDINARY_GROUP, POTENT_GROUP
from registry.kernel.period import Period, estimates_due
from registry.kernel.text import N_


def _due(period: Period) -> date:
    """Return the day the estimates of a year must have reached the Board: 30 June of the year before."""
    return estimates_due(period.year)


EDITION = Edition(
    form=Form.B,
    ordinal="23",
    issued=date(2014, 12, 1),
    title=N_("Annual estimates of requirements for narcotic drugs, manufacture of synthetic drugs and cultivation"),
    legal_basis=N_("1961 Convention, articles 1, 12 and 19; 1972 Protocol, articles 5 and 9"),
    period_kind=PeriodKind.YEAR,
    # Issued in December 2014, hence at hand for the estimates of 2016, due in June 2015 (derived).
    valid_from=Period(2016),
    valid_to=None,
    due=_due,
    unit="g",
    groups=(ORDINARY_GROUP, POTENT_GROUP),
    parts=(
        Part(
            "I",
            N_("Background information and the method used"),
            Shape.BY_HAND,
            (),
            N_("Part I is written by hand: state the method by which the needs were worked out, and any change of it."),
        ),
        Part(
            "II",
            N_("Annual estimates of requirements"),
            Shape.REQUIREMENTS,
            FORM_B_PART_II,
            N_(
                "Supplementary estimates are counted in. The total adds what lifts the stock of 1 January to the"
                " estimated level; last year's excess is not taken off here."
            ),
        ),
        Part("III", N_("Manufacture of synthetic drugs"), Shape.REQUIREMENTS, (SYNTHETIC_MANUFACTURE,)),
        Part(
            "IV",
            N_("Cultivation of the opium poppy for the production of opium"),
            Shape.REQUIREMENTS,
            (OPIUM_PRODUCTION,),
            N_("Area and place of cultivation are filled in by hand: the registry does not record them."),
        ),
        Part(
            "V",
            N_("Cultivation of the opium poppy for other purposes"),
            Shape.BY_HAND,
            (),
            N_("Part V is empty: the registry does not record cultivation. Fill it by hand."),
        ),
        Part(
            "VI",
            N_("Cultivation of the cannabis plant for the production of cannabis"),
            Shape.BY_HAND,
            (),
            N_("Part VI is empty: the registry does not record cultivation. Fill it by hand."),
        ),
        Part(
            "VII",
            N_("Cultivation of the coca bush for the production of coca leaf"),
            Shape.BY_HAND,
            (),
            N_("Part VII is empty: the registry does not record cultivation. Fill it by hand."),
        ),
    ),
    remarks=(
        N_(
            "A younger, undated copy of this form and a revision of 2023, which changed how cannabis and cannabis"
            " resin are reported, have not been seen; this edition stands in for them."
        ),
    ),
)
