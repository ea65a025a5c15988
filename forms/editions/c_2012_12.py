"""Form C, 17th edition, December 2012: Parts II and III bear other titles than later ones.

The 18th edition has not been seen; this one stands in for it until the 19th. Columns, rows and
unit of the print are not known either; Part I holds the items articles 2(9), 19(2)(d), 20(1)
and 20(3) ask for, and the part ``-`` is ours and stands beside the form.
"""

from __future__ import annotations

from datetime import date

from forms.columns import BESIDE_FORM_C, DISPOSED, FORM_C_PART_I, SEIZED, USED, USED_OTHER_DRUGS
from forms.edition import Edition, Form, Part, PeriodKind, Shape, due_after_year
from forms.unit_groups import ORDINARY_GROUP, POTENT_GROUP
from registry.kernel.period import Period
from registry.kernel.text import N_

EDITION = Edition(
    form=Form.C,
    ordinal="17",
    issued=date(2012, 12, 1),
    title=N_("Annual statistics of production, manufacture, consumption, stocks and seizures of narcotic drugs"),
    legal_basis=N_("1961 Convention, articles 1, 2, 13, 20 and 27; 1972 Protocol, articles 1 and 10"),
    period_kind=PeriodKind.YEAR,
    # Issued in December 2012, hence at hand for the return of 2012, due in June 2013 (derived).
    valid_from=Period(2012),
    valid_to=Period(2014),
    due=due_after_year,
    unit="g",
    groups=(ORDINARY_GROUP, POTENT_GROUP),
    parts=(
        Part(
            "I",
            N_("Manufacture, consumption, utilization and stocks"),
            Shape.DRUGS,
            FORM_C_PART_I,
        ),
        Part(
            "II",
            N_("Manufacture of drugs"),
            Shape.MADE,
            (USED,),
            N_(
                "What was used to manufacture other drugs, by the drug made: told by the document that use and"
                " manufacture share at one site in the year. A use without such a document, or with several products"
                " made under it, is not attributed. All other use stands in Part I"
                " alone."
            ),
            (USED_OTHER_DRUGS,),
        ),
        Part(
            "III",
            N_("Licit cultivation of opium poppy; licit production of cannabis, coca leaf and opium"),
            Shape.BY_HAND,
            (),
            N_("No entries: the registry keeps no records of cultivation or production."),
        ),
        Part(
            "IV",
            N_("Seizures of drugs and of pharmaceutical products that contain drugs"),
            Shape.SEIZURES,
            (SEIZED, DISPOSED),
            N_(
                "From the register of seizures, in grams as recorded there: nothing is converted to anhydrous base. A"
                " disposal counts in the year it happened, whenever the goods were seized."
            ),
        ),
        Part("-", N_("Beside the form"), Shape.DRUGS, BESIDE_FORM_C),
    ),
    remarks=(N_("The 18th edition of this form has not been seen; the 17th stands in for it."),),
)
