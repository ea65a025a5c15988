"""A return as a document: cover, a sheet per part, checks, exact figures, notes.

Laid out so that an officer can send it: every cover field of the form, figures rounded as the
edition asks. Nothing is computed here but the total of a drug over its trading partners, from
exact figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from exports.document import BLANK, Cell, Column, CoverField, Day, Document, Kind, Quantity, Sheet, Table, Text, shown
from forms.checks import CHECKS, Status
from forms.edition import Edition, Part, PeriodKind, Shape, UnitGroup
from forms.facts import NOT_ATTRIBUTED, ZERO
from forms.figures import Figure, Return, as_json
from registry.kernel.mass import decimal_text
from registry.kernel.text import N_, Message

PARTNERS_ACROSS = 8
"""Trading partners side by side in one table; more go into a further table below it."""

NARROW = 13

_STATUS = {
    Status.PASS: N_("passed"),
    Status.FAIL: N_("failed"),
    Status.WARN: N_("to be looked at"),
    Status.NOT_APPLICABLE: N_("not judged"),
}
_STATES = {"draft": N_("draft"), "approved": N_("approved"), "submitted": N_("submitted"), "accepted": N_("accepted")}
_UNITS = {"mg": N_("mg"), "g": N_("g"), "kg": N_("kg")}
_MEASURES = {"g": N_("g"), "entries": N_("entries"), "ppm": N_("ppm")}


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads the document: how to say a sentence, the language, how to name a country."""

    translate: Callable[[Message], str]
    language: str
    country_name: Callable[[str], str]

    def say(self, msgid: str, **blanks: object) -> str:
        return self.translate(Message(msgid, blanks))


def document_of(
    return_: Return,
    translate: Callable[[Message], str] = str,
    locale: str = "en",
    country_name: Callable[[str], str] = str,
) -> Document:
    """Return the document of `return_` in the reader's language.

    `translate` turns a `Message` into a sentence of `locale` (``ky``, ``ru_KG`` ...);
    `country_name` turns an ISO 3166 code into a name, by default it stays the code.
    """
    reader = _Reader(translate, locale.replace("_", "-"), country_name)
    edition = return_.edition
    title = reader.say(N_("Form %(form)s: %(title)s"), form=edition.form.value, title=reader.say(edition.title))
    blanks = {"number": edition.ordinal, "issued": edition.code, "basis": reader.say(edition.legal_basis)}
    return Document(
        title=title,
        dated=return_.as_of,
        language=reader.language,
        subtitle=reader.say(N_("Edition no. %(number)s of %(issued)s. %(basis)s"), **blanks),
        sheets=(
            *(_part_sheet(return_, part, reader) for part in edition.parts),
            _checks_sheet(return_, reader),
            _exact_sheet(return_, reader),
            Sheet(reader.say(N_("Notes")), reader.say(N_("Notes")), notes=tuple(map(translate, return_.notes))),
        ),
        cover=tuple(_cover(return_, reader)),
        cover_name=reader.say(N_("Cover")),
        flat=_exact_table(return_, reader),
        plain=as_json(return_, translate),
    )


def _cover(return_: Return, reader: _Reader) -> Iterator[CoverField]:
    cover, edition, period = return_.cover, return_.edition, return_.period
    yield CoverField(reader.say(N_("Country or territory")), reader.country_name(cover.country))
    if edition.period_kind is PeriodKind.QUARTER:
        yield CoverField(reader.say(N_("Quarter")), str(period.quarter))
    yield CoverField(reader.say(N_("Calendar year")), str(period.year))
    yield CoverField(reader.say(N_("Competent office")), cover.authority)
    yield CoverField(reader.say(N_("Responsible officer")), cover.officer)
    yield CoverField(reader.say(N_("Title or function")), cover.title)
    yield CoverField(reader.say(N_("Telephone")), cover.telephone)
    yield CoverField(reader.say(N_("E-mail")), cover.email)
    yield CoverField(reader.say(N_("Remarks")), cover.remarks)
    yield CoverField(reader.say(N_("Date")))
    yield CoverField(reader.say(N_("Signature")))
    yield CoverField(reader.say(N_("Figures as known on")), shown(Day(return_.as_of), reader.language))
    yield CoverField(reader.say(N_("Due not later than")), shown(Day(edition.due(period)), reader.language))
    yield CoverField(
        reader.say(N_("Unit")), reader.say(N_("%(unit)s of anhydrous base"), unit=reader.say(_UNITS[edition.unit]))
    )
    yield CoverField(reader.say(N_("State of this return")), reader.say(_STATES.get(return_.status, return_.status)))


def _part_name(part: Part, reader: _Reader) -> str:
    return reader.say(part.title) if part.code == "-" else reader.say(N_("Part %(part)s"), part=part.code)


def _part_sheet(return_: Return, part: Part, reader: _Reader) -> Sheet:
    name, title = _part_name(part, reader), reader.say(part.title)
    heading = title if name == title else f"{name}. {title}"
    figures = [figure for figure in return_.figures if figure.part == part.code]
    if part.shape is Shape.BY_HAND:
        tables: tuple[Table, ...] = (_empty_table(part, reader),) if part.columns else ()
        return Sheet(name, heading, tables, (reader.say(part.note),))
    tables = tuple(
        table
        for group, of_group in _grouped(return_.edition, figures)
        for table in _tables(return_, part, of_group, group, reader)
    )
    notes = () if figures else (reader.say(N_("Nothing to report in this part.")),)
    return Sheet(name, heading, tables, (*notes, reader.say(part.note)) if part.note else notes)


def _tables(
    return_: Return, part: Part, figures: list[Figure], group: UnitGroup | None, reader: _Reader
) -> Iterable[Table]:
    if part.shape is Shape.PARTNERS:
        return _partner_tables(return_, figures, group, reader)
    if part.shape is Shape.MADE:
        return [_made_table(return_, part, figures, group, reader)]
    return [_item_table(return_, part, figures, group, reader)]


def _grouped(edition: Edition, figures: list[Figure]) -> Iterator[tuple[UnitGroup | None, list[Figure]]]:
    """Yield figures group by group where the edition prints groups; else all of them without one."""
    if not figures:
        return
    if not edition.rows_by_group:
        yield None, figures
        return
    for group in edition.groups:
        of_group = [figure for figure in figures if edition.group_of(figure.substance) is group]
        if of_group:
            yield group, of_group


def _names(reader: _Reader) -> tuple[Column, Column]:
    return Column(reader.say(N_("Code")), width=9), Column(reader.say(N_("Drug")), width=22)


def _by_drug(figures: Iterable[Figure]) -> Iterator[tuple[tuple[str, str], list[Figure]]]:
    def drug(figure: Figure) -> tuple[str, str]:
        return figure.name, figure.substance

    for key, found in groupby(sorted(figures, key=drug), key=drug):
        yield key, list(found)


def _width_of(caption: str) -> int:
    """Return a width in characters at which no word of a bold caption is broken."""
    return max(NARROW, *(len(word) + 3 for word in caption.split()))


def _item_table(return_: Return, part: Part, figures: list[Figure], group: UnitGroup | None, reader: _Reader) -> Table:
    captions = [item.caption_in(reader.language, reader.translate) for item in part.columns]
    columns = [
        Column(caption, Kind.QUANTITY, _width_of(caption), reader.say(_UNITS[return_.unit])) for caption in captions
    ]
    rows: list[list[Cell]] = []
    for (name, substance), found in _by_drug(figures):
        written = {figure.column: figure.quantity for figure in found}
        cells: list[Cell] = [Quantity(written[item.code]) if item.code in written else BLANK for item in part.columns]
        rows.append([Text(substance), Text(name), *cells])
    return Table((*_names(reader), *columns), rows, reader.say(group.title) if group else "")


def _partner_tables(
    return_: Return, figures: list[Figure], group: UnitGroup | None, reader: _Reader
) -> Iterator[Table]:
    """Yield tables of drugs by partners, the drug's total first; at most `PARTNERS_ACROSS` partners each."""
    partners = sorted({figure.partner or "" for figure in figures})
    title = reader.say(group.title) if group else ""
    total = Column(reader.say(N_("Total")), Kind.QUANTITY, 13, reader.say(_UNITS[return_.unit]))
    for start in range(0, len(partners), PARTNERS_ACROSS):
        across = partners[start : start + PARTNERS_ACROSS]
        columns = [
            Column(_country(partner, reader), Kind.QUANTITY, 14, reader.say(_UNITS[return_.unit])) for partner in across
        ]
        rows: list[list[Cell]] = []
        for (name, substance), found in _by_drug(figures):
            written = {figure.partner or "": figure.quantity for figure in found}
            exact = sum((figure.exact for figure in found), ZERO)
            cells: list[Cell] = [Quantity(written[partner]) if partner in written else BLANK for partner in across]
            sum_of_drug = Quantity(return_.edition.written(substance, exact), strong=True)
            rows.append([Text(substance), Text(name), sum_of_drug, *cells])
        yield Table((*_names(reader), total, *columns), rows, title)


def _made_table(return_: Return, part: Part, figures: list[Figure], group: UnitGroup | None, reader: _Reader) -> Table:
    """Return a row per drug and product made of it."""
    caption = part.columns[0].caption_in(reader.language, reader.translate)
    columns = (
        *_names(reader),
        Column(reader.say(N_("Product made")), width=34),
        Column(caption, Kind.QUANTITY, _width_of(caption), reader.say(_UNITS[return_.unit])),
    )
    rows: list[list[Cell]] = [
        [Text(one.substance), Text(one.name), Text(made_of(one, reader.translate)), Quantity(one.quantity)]
        for one in figures
    ]
    return Table(columns, rows, reader.say(group.title) if group else "")


def made_of(figure: Figure, translate: Callable[[Message], str]) -> str:
    """Return what a drug was used for, in words: name and code of the product made, or that nobody knows."""
    if figure.partner == NOT_ATTRIBUTED:
        return translate(Message(N_("not attributed")))
    return f"{translate(Message(figure.partner_name))} ({figure.partner})"


def _country(code: str, reader: _Reader) -> str:
    name = reader.country_name(code)
    return name if name == code else f"{name} ({code})"


def _empty_table(part: Part, reader: _Reader) -> Table:
    captions = [item.caption_in(reader.language, reader.translate) for item in part.columns]
    columns = (*_names(reader), *(Column(caption, width=24) for caption in captions))
    return Table(columns, [[BLANK] * len(columns) for _ in range(10)])


def _checks_sheet(return_: Return, reader: _Reader) -> Sheet:
    rules = {rule.code: rule for rule in CHECKS}
    names = {figure.substance: figure.name for figure in return_.figures}
    columns = (
        Column(reader.say(N_("Check")), width=8),
        Column(reader.say(N_("What is checked")), width=34),
        Column(reader.say(N_("Outcome")), width=13),
        Column(reader.say(N_("Code")), width=9),
        Column(reader.say(N_("Drug")), width=18),
        Column(reader.say(N_("Difference")), Kind.QUANTITY, 13),
        Column(reader.say(N_("Measured in")), width=11),
        Column(reader.say(N_("Finding")), width=48),
        Column(reader.say(N_("Ground")), width=28),
    )
    rows: list[list[Cell]] = []
    for check in return_.checks:
        rule = rules[check.code]
        loud = check.status in {Status.FAIL, Status.WARN}
        rows.append(
            [
                Text(check.code),
                Text(reader.say(rule.title)),
                Text(reader.say(_STATUS[check.status]), strong=loud),
                Text(check.substance),
                Text(names.get(check.substance, "")),
                BLANK if check.difference is None else Quantity(decimal_text(check.difference)),
                BLANK if check.difference is None else Text(reader.say(_MEASURES[rule.measure])),
                Text(reader.translate(check.message)),
                Text(reader.say(rule.ground)),
            ]
        )
    heading = reader.say(N_("Checks of this return"))
    return Sheet(reader.say(N_("Checks")), heading, (Table(columns, rows),))


def _exact_table(return_: Return, reader: _Reader) -> Table:
    """Return every figure on a row of its own: as written, and exact in grams."""
    captions = {
        item.code: item.caption_in(reader.language, reader.translate)
        for part in return_.edition.parts
        for item in part.columns
    }
    columns = (
        Column(reader.say(N_("Part")), width=8),
        *_names(reader),
        Column(reader.say(N_("Item")), width=40),
        Column(reader.say(N_("Partner")), width=10),
        Column(reader.say(N_("As reported")), Kind.QUANTITY, 16, reader.say(_UNITS[return_.unit])),
        Column(reader.say(N_("Exact")), Kind.QUANTITY, 20, reader.say(_UNITS["g"])),
    )
    rows: list[list[Cell]] = [
        [
            Text(figure.part),
            Text(figure.substance),
            Text(figure.name),
            Text(captions[figure.column]),
            Text(reader.say(N_("not attributed")) if figure.partner == NOT_ATTRIBUTED else figure.partner or ""),
            Quantity(figure.quantity),
            Quantity(decimal_text(figure.exact)),
        ]
        for figure in return_.figures
    ]
    return Table(columns, rows)


def _exact_sheet(return_: Return, reader: _Reader) -> Sheet:
    heading = reader.say(N_("Every figure as reported and exact"))
    return Sheet(reader.say(N_("Exact figures")), heading, (_exact_table(return_, reader),))
