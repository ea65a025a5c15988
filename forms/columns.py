"""The items of the forms, named once; an edition lists those it prints, in its own order.

The printed captions have not been seen. These are derived from the articles that ask for the
item, in English, French and Russian in the words of the treaty texts in those languages; an
edition whose printed captions are known declares its own `Column` with the same code.
"""

from __future__ import annotations

from forms.edition import Column
from registry.kernel.text import N_

IMPORTED = Column(
    "imported", N_("Imported"), N_("1961 art. 20(1)(d)"), {"fr": "Importations", "ru": "Ввезено (импорт)"}
)
EXPORTED = Column(
    "exported", N_("Exported"), N_("1961 art. 20(1)(d)"), {"fr": "Exportations", "ru": "Вывезено (экспорт)"}
)
MANUFACTURED = Column(
    "manufactured",
    N_("Quantity manufactured"),
    N_("1961 art. 20(1)(a)"),
    {"fr": "Quantité fabriquée", "ru": "Изготовлено"},
)
CONSUMED = Column(
    "consumed", N_("Quantity consumed"), N_("1961 art. 20(1)(c)"), {"fr": "Quantité consommée", "ru": "Потреблено"}
)
USED_OTHER_DRUGS = Column(
    "used_other_drugs",
    N_("Used to manufacture other drugs"),
    N_("1961 art. 20(1)(b)"),
    {
        "fr": "Utilisée pour fabriquer d’autres stupéfiants",
        "ru": "Использовано для изготовления других наркотических средств",
    },
)
USED_SCHEDULE_III = Column(
    "used_schedule_iii",
    N_("Used to make preparations in Schedule III"),
    N_("1961 art. 20(1)(b), 2(4)"),
    {
        "fr": "Utilisée pour les préparations du Tableau III",
        "ru": "Использовано для изготовления препаратов, включённых в Список III",
    },
)
USED_NOT_COVERED = Column(
    "used_not_covered",
    N_("Used to manufacture substances not covered by the Convention"),
    N_("1961 art. 20(1)(b)"),
    {
        "fr": "Utilisée pour fabriquer des substances non visées par la Convention",
        "ru": "Использовано для изготовления веществ, на которые Конвенция не распространяется",
    },
)
USED_INDUSTRY = Column(
    "used_industry",
    N_("Used in industry, denatured"),
    N_("1961 art. 2(9)"),
    {"fr": "Utilisée dans l’industrie, dénaturée", "ru": "Использовано в промышленности, денатурировано"},
)
SPECIAL_ACQUIRED = Column(
    "special_acquired",
    N_("Acquired for special purposes"),
    N_("1961 art. 20(3)"),
    {"fr": "Acquise pour besoins spéciaux", "ru": "Приобретено для специальных целей"},
)
SPECIAL_WITHDRAWN = Column(
    "special_withdrawn",
    N_("Withdrawn from special stocks"),
    N_("1961 art. 20(3)"),
    {"fr": "Prélevée sur les stocks spéciaux", "ru": "Изъято из специальных складских запасов"},
)
SEIZED_RELEASED = Column(
    "seized_released",
    N_("Seized and released for licit use"),
    N_("1961 art. 19(2)(d), 20(1)(e)"),
    {
        "fr": "Saisie et remise dans le circuit licite",
        "ru": "Изъято из незаконного оборота и отпущено для законных целей",
    },
)
LOST = Column(
    "lost",
    N_("Losses and destruction (voluntary)"),
    N_("not asked by art. 20; invited by the Board"),
    {"fr": "Pertes et destructions (facultatif)", "ru": "Потери и уничтожение (добровольно)"},
)
CLOSING_STOCK = Column(
    "closing_stock",
    N_("Stock on 31 December"),
    N_("1961 art. 20(1)(f)"),
    {"fr": "Stock au 31 décembre", "ru": "Запас на 31 декабря"},
)
OPENING_STOCK = Column(
    "opening_stock",
    N_("Opening stock, with stock first taken on in the year"),
    N_("closing stock of the year before"),
    {
        "fr": "Stock initial, y compris le stock pris en compte dans l’année",
        "ru": "Запас на начало года, включая впервые принятый на учёт в течение года",
    },
)
LIMIT = Column(
    "limit",
    N_("Limit of manufacture and import"),
    N_("1961 art. 21(1)-(2)"),
    {"fr": "Limite de la fabrication et de l’importation", "ru": "Предел изготовления и ввоза"},
)
EXCESS = Column(
    "excess", N_("Excess over the limit"), N_("1961 art. 21(3)"), {"fr": "Excédent", "ru": "Превышение предела"}
)
USED = Column(
    "used",
    N_("Quantity used, by product made"),
    N_("1961 art. 20(1)(b)"),
    {"fr": "Quantité utilisée", "ru": "Использовано"},
)
SEIZED = Column("seized", N_("Quantity seized"), N_("1961 art. 20(1)(e)"), {"fr": "Quantité saisie", "ru": "Изъято"})
DISPOSED = Column(
    "disposed", N_("Disposed of"), N_("1961 art. 20(1)(e)"), {"fr": "Destination donnée", "ru": "Как распорядились"}
)

FORM_C_PART_I = (
    MANUFACTURED,
    CONSUMED,
    USED_OTHER_DRUGS,
    USED_SCHEDULE_III,
    USED_NOT_COVERED,
    USED_INDUSTRY,
    SPECIAL_ACQUIRED,
    SPECIAL_WITHDRAWN,
    SEIZED_RELEASED,
    LOST,
    CLOSING_STOCK,
)
"""What articles 2(9), 19(2)(d), 20(1) and 20(3) ask for each drug and year, in the order of our internal record."""

BESIDE_FORM_C = (OPENING_STOCK, IMPORTED, EXPORTED, LIMIT, EXCESS)
"""Not items of article 20: what the balance and the limit of article 21 need beside the form."""

CONSUMPTION = Column(
    "consumption",
    N_("Consumption for medical and scientific purposes"),
    N_("1961 art. 19(1)(a)"),
    {
        "fr": "Consommation à des fins médicales et scientifiques",
        "ru": "Потребление для медицинских и научных целей",
    },
)
MANUFACTURE_OTHER = Column(
    "manufacture_other",
    N_("Manufacture of other drugs"),
    N_("1961 art. 19(1)(b)"),
    {"fr": "Fabrication d’autres stupéfiants", "ru": "Изготовление других наркотических средств"},
)
MANUFACTURE_SCHEDULE_III = Column(
    "manufacture_schedule_iii",
    N_("Manufacture of preparations in Schedule III"),
    N_("1961 art. 19(1)(b)"),
    {
        "fr": "Fabrication de préparations du Tableau III",
        "ru": "Изготовление препаратов, включённых в Список III",
    },
)
MANUFACTURE_NOT_COVERED = Column(
    "manufacture_not_covered",
    N_("Manufacture of substances not covered by the Convention"),
    N_("1961 art. 19(1)(b)"),
    {
        "fr": "Fabrication de substances non visées par la Convention",
        "ru": "Изготовление веществ, на которые Конвенция не распространяется",
    },
)
STOCKS = Column(
    "stocks",
    N_("Stocks to be held on 31 December"),
    N_("1961 art. 19(1)(c)"),
    {"fr": "Stocks au 31 décembre", "ru": "Складские запасы на 31 декабря"},
)
SPECIAL = Column(
    "special",
    N_("Addition to special stocks"),
    N_("1961 art. 19(1)(d)"),
    {"fr": "À ajouter aux stocks spéciaux", "ru": "Добавить к специальным складским запасам"},
)
TOTAL_OF_ESTIMATES = Column(
    "total",
    N_("Total of the estimates"),
    N_("1961 art. 19(2)"),
    {"fr": "Total des évaluations", "ru": "Общее количество исчислений"},
)
OPIUM_PRODUCTION = Column(
    "opium_production",
    N_("Opium to be produced"),
    N_("1961 art. 19(1)(f)"),
    {"fr": "Opium à produire", "ru": "Опий, который будет произведён"},
)
SYNTHETIC_MANUFACTURE = Column(
    "synthetic_manufacture",
    N_("Synthetic drug to be manufactured, all establishments"),
    N_("1961 art. 19(1)(h)"),
    {"fr": "Stupéfiants synthétiques à fabriquer", "ru": "Синтетические наркотические средства, все предприятия"},
)
ASSESSMENT = Column(
    "assessment",
    N_("Annual medical and scientific requirement"),
    N_("ECOSOC resolutions 1981/7 and 1991/44"),
    {"fr": "Besoins annuels médicaux et scientifiques", "ru": "Годовая потребность для медицинских и научных целей"},
)

FORM_B_PART_II = (
    CONSUMPTION,
    MANUFACTURE_OTHER,
    MANUFACTURE_SCHEDULE_III,
    MANUFACTURE_NOT_COVERED,
    STOCKS,
    SPECIAL,
    TOTAL_OF_ESTIMATES,
)
"""What article 19(1)(a) to (d) asks for each drug, in the order of its letters, and the total of 19(2)."""
