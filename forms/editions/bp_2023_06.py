"""Form B/P, edition of June 2023: assessments of annual requirements for psychotropic substances.

Known of the print: Schedules II to IV, one year of need, home manufacture and industrial use in,
exports out. Not known: the ordinal number, the unit of the column, the pre-printed rows; lists of
assessments are published in grams.
"""

from __future__ import annotations

from datetime import date

from forms.columns import ASSESSMENT
from forms.edition import Edition, Form, Part, PeriodKind, Shape, UnitGroup
from registry.kernel.period import Period
from registry.kernel.text import N_


def _due(period: Period) -> date:
    """Return the last day before the year begins: no day is printed, and an assessment may be changed at any time."""
    return date(period.year - 1, 12, 31)


EDITION = Edition(
    form=Form.BP,
    ordinal="-",
    issued=date(2023, 6, 1),
    title=N_("Assessments of annual medical and scientific requirements for psychotropic substances"),
    legal_basis=N_("Economic and Social Council resolutions 1981/7, 1991/44, 1993/38 and 1996/30"),
    period_kind=PeriodKind.YEAR,
    # Changed reporting of delta-9-tetrahydrocannabinol from the assessments for 2024 on.
    valid_from=Period(2024),
    valid_to=None,
    due=_due,
    unit="g",
    groups=(UnitGroup(N_("All substances"), 0),),
    parts=(
        Part(
            "I",
            N_("Assessments of substances in Schedules II, III and IV"),
            Shape.REQUIREMENTS,
            (ASSESSMENT,),
            N_(
                "An assessment stays until another replaces it; supplements to it are counted in. Exports are left out."
            ),
        ),
    ),
    optional=True,
    remarks=(N_("No day is printed by which the assessments are due; they are looked at anew every three years."),),
)
