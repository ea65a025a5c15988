"""The kind of file this room takes in."""

from registry.intake.kinds import FileKind
from registry.kernel.fields import BadCell, Column, as_code, as_day, as_grams, as_name, as_text, choices, named
from registry.kernel.persons import as_note
from registry.kernel.text import N_, Message
from registry.licences.domain import ACTS
from registry.licences.service import FILE_KIND, record_licences
from registry.substances.domain.scope import is_scope_term, normalise_scope_term

SCOPE_LENGTH = 20_000
"""A licence may name every substance of the lists one by one."""


def as_scope(cell: str) -> tuple[str, ...]:
    """Read scope terms separated by ``;`` in their stored form; doubles are dropped."""
    terms = [term.strip() for term in as_text(cell, SCOPE_LENGTH).split(";")]
    wrong = [term for term in terms if term and not is_scope_term(term)]
    if wrong:
        raise BadCell(
            "unknown-scope",
            Message(
                N_(
                    "“%(text)s” is no code of a list, no class (narcotic, psychotropic, precursor) and no schedule"
                    " such as 1961:I"
                ),
                {"text": "; ".join(wrong)[:200]},
            ),
        )
    return _some(tuple(dict.fromkeys(normalise_scope_term(term) for term in terms if term)))


def as_acts(cell: str) -> tuple[str, ...]:
    """Read acts separated by ``;``; at least one."""
    return _some(_ACTS(cell))


_ACTS = choices(ACTS)


def _some(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise BadCell("missing", Message(N_("the cell names nothing: write one or more, separated by ;")))
    return values


COLUMNS = (
    Column("number", as_code, note=N_("number of the licence")),
    Column("organisation", as_code, note=N_("code of the organisation that holds it")),
    Column(
        "acts",
        as_acts,
        note=N_("acts it covers, separated by ;"),
        choices=tuple(ACTS),
        meanings=named(ACTS),
        several=True,
    ),
    Column(
        "substances",
        as_scope,
        note=N_("codes, or narcotic, psychotropic, precursor, or schedules such as 1961:I, separated by ;"),
    ),
    Column("valid_from", as_day, note=N_("first day of validity")),
    Column("valid_to", as_day, note=N_("last day of validity")),
    Column("site", as_code, required=False, note=N_("code of the one site it is for; empty: every site")),
    Column("authority", as_name, required=False, note=N_("who issued it")),
    Column("limit_g", as_grams, required=False, note=N_("the most it allows, in grams of anhydrous base")),
    Column("conditions", as_note, required=False, note=N_("conditions of the licence")),
)

FILE_KINDS = (
    FileKind(
        FILE_KIND,
        COLUMNS,
        record_licences,
        N_("Licences"),
        N_("Who may do which act with which substances, where, until when."),
    ),
)
