"""The kinds of file this room takes in."""

from registry.intake.kinds import FileKind
from registry.kernel.fields import (
    BadCell,
    Column,
    as_code,
    as_country,
    as_substance,
    as_text,
    as_year,
    choice,
    quantity,
)
from registry.kernel.text import N_, Message
from registry.returns.service.record import record_past_returns, record_population

FORMS = ("a", "b", "c", "ap", "bp", "p", "d")
LAST_QUARTER = 4


def _as_form(cell: str) -> str:
    return choice(FORMS)(cell).upper()


def _as_quarter(cell: str) -> int:
    text = as_text(cell)
    if text not in {str(number) for number in range(1, LAST_QUARTER + 1)}:
        raise BadCell(
            "not-a-quarter", Message(N_("“%(text)s” is not a quarter: write 1, 2, 3 or 4"), {"text": text[:20]})
        )
    return int(text)


FILE_KINDS = (
    FileKind(
        "past_returns",
        (
            Column(
                "form",
                _as_form,
                note=N_("the form the figure was sent in"),
                choices=tuple(form.upper() for form in FORMS),
            ),
            Column("year", as_year, note=N_("the year of the return")),
            Column("substance", as_substance, note=N_("code of the substance")),
            Column("column", as_code, note=N_("column of the form, such as closing_stock")),
            Column("quantity", quantity(6, positive=False), note=N_("the figure as sent, in the unit of the form")),
            Column("quarter", _as_quarter, required=False, note=N_("for the quarterly forms: 1 to 4")),
            Column("partner", as_country, required=False, note=N_("partner country, for figures by country")),
        ),
        record_past_returns,
        N_("Returns of the past"),
        N_("Figures sent to INCB before this registry was in use; the checks compare with them."),
    ),
    FileKind(
        "population",
        (
            Column("country", as_country, note=N_("country, two letters")),
            Column("year", as_year, note=N_("the year")),
            Column("population", quantity(0), note=N_("number of people")),
        ),
        record_population,
        N_("Population"),
        N_("Number of people by country and year, for indicators of availability."),
    ),
)
