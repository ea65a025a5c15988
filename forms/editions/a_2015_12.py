"""Form A, 15th edition, December 2015: quarterly imports and exports of narcotic drugs.

Known of the print: the two parts, the two unit groups, alphabetical rows inside each group in
the same order in both parts, "leave blank" where nothing was traded. Not known: the grid.
"""

from __future__ import annotations

from datetime import date

from forms.columns import EXPORTED, IMPORTED
from forms.edition import Edition, Form, Part, PeriodKind, Shape
from forms.unit_groups import ORDINARY_GROUP, POTENT_GROUP
from registry.kernel.period import Period, quarterly_due
from registry.kernel.text import N_

EDITION = Edition(
    form=Form.A,
    ordinal="15",
    issued=date(2015, 12, 1),
    title=N_("Quarterly statistics of imports and exports of narcotic drugs"),
    legal_basis=N_("1961 Convention, articles 1, 2, 13, 20 and 25; 1972 Protocol, articles 1 and 10"),
    period_kind=PeriodKind.QUARTER,
    # The first quarter it was used for is not printed; it is the first that began after its issue.
    valid_from=Period(2016, 1),
    valid_to=None,
    due=quarterly_due,
    unit="g",
    groups=(ORDINARY_GROUP, POTENT_GROUP),
    parts=(
        Part("I", N_("Imports"), Shape.PARTNERS, (IMPORTED,)),
        Part("II", N_("Exports"), Shape.PARTNERS, (EXPORTED,)),
    ),
    rows_by_group=True,
)
