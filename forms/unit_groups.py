"""Which drugs are reported with milligrams: the second unit group of Form A.

The form prints two groups, kilograms and/or grams, and grams and/or milligrams; which drug stands
in which was not seen. The members below are our own editorial choice (general knowledge, not
read in a source): the fentanyl family and the etorphines, of which a country uses grams. The
codes are those of the Yellow List. Change this file when the printed rows are at hand.
"""

from __future__ import annotations

from forms.edition import UnitGroup
from registry.kernel.text import N_

WHOLE_GRAMS = 0
MILLIGRAMS_OF_A_GRAM = 3

POTENT = frozenset(
    {
        "NM 017",  # 3-methylfentanyl
        "NM 024",  # 3-methylthiofentanyl
        "NB 012",  # 4-fluoroisobutyrfentanyl
        "NA 001",  # acetorphine
        "NA 015",  # acetyl-alpha-methylfentanyl
        "NA 019",  # acetylfentanyl
        "NA 020",  # acryloylfentanyl
        "NA 014",  # alfentanil
        "NA 016",  # alpha-methylfentanyl
        "NA 017",  # alpha-methylthiofentanyl
        "NB 010",  # beta-hydroxy-3-methylfentanyl
        "NB 009",  # beta-hydroxyfentanyl
        "NB 011",  # butyrfentanyl
        "NC 090",  # carfentanil
        "NC 092",  # crotonylfentanyl
        "NC 091",  # cyclopropylfentanyl
        "ND 025",  # dihydroetorphine
        "NE 007",  # etorphine
        "NF 001",  # fentanyl
        "NF 004",  # furanylfentanyl
        "NM 044",  # methoxyacetylfentanyl
        "NO 011",  # ocfentanil
        "NO 012",  # orthofluorofentanyl
        "NF 003",  # para-fluorofentanyl
        "NP 029",  # parafluorobutyrylfentanyl
        "NR 005",  # remifentanil
        "NS 001",  # sufentanil
        "1961:tetrahydrofuranylfentanyl",
        "NT 005",  # thiofentanyl
        "NV 001",  # valerylfentanyl
    }
)

ORDINARY_GROUP = UnitGroup(N_("Drugs reported in kilograms and/or grams"), WHOLE_GRAMS)
POTENT_GROUP = UnitGroup(N_("Drugs reported in grams and/or milligrams"), MILLIGRAMS_OF_A_GRAM, POTENT)
