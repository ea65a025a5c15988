"""Journals put into words: the register as a book of pages and as rows of a spreadsheet, in the languages asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from exports.book import Book, BookColumn, Leaf
from exports.document import BLANK, Cell, Column, Day, Kind, Quantity, Text, Whole, shown_day, shown_number
from exports.paper import Both, Field
from registry.journals.domain.register import Heading, RegisterLine, RegisterPage, Sums
from registry.kernel.clock import day_of
from registry.kernel.mass import UNIT_NAMES, Unit, stated
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.stock.domain.kinds import MOVEMENT_KINDS
from registry.substances.domain.facts import RevisionFact
from registry.web.locale import format_moment, translate_in

REGISTER = N_("Register of operations")
PAGE_NAME = N_("Page %(number)s of %(pages)s")
BROUGHT, CARRIED = N_("Brought forward"), N_("Carried forward")
NOT_FULL = N_("not full yet")
LATE_MARK = " *"
LATE = N_(
    "* Learned when later days stood here already: it stands where it was learned. A reversal takes what it reverses "
    "off the same column."
)
DIGEST = N_("Digest of this page and of all before it")
RESPONSIBLE, HEAD = N_("Responsible person"), N_("Head")
CAPTIONS = (
    (N_("No."), 4, False),
    (N_("Day"), 8, False),
    (N_("Recorded on"), 8, False),
    (N_("Kind of movement"), 15, False),
    (N_("Reference"), 14, False),
    (N_("Document"), 13, False),
    (N_("From or to"), 18, False),
    (N_("Batch"), 10, False),
    (N_("Received"), 9, True),
    (N_("Issued"), 9, True),
    (N_("Balance"), 9, True),
)


def languages_of(language: str) -> Both:
    """Return the languages of a paper for a reader: English alone, else Kyrgyz and Russian together."""
    return ("en",) if language == "en" else ("ky", "ru")


def both(languages: Both, msgid: str, params: Mapping[str, object] | None = None) -> Both:
    """Return a sentence in each language, with a capital letter at its beginning."""
    told = (translate_in(language, Message(msgid, params or {})) for language in languages)
    return tuple(text[:1].upper() + text[1:] for text in told)


def product_in(revision: RevisionFact, language: str) -> str:
    """Return the name of a product in a language."""
    return {"ru": revision.name_ru, "ky": revision.name_ky}.get(language) or revision.name


@dataclass(frozen=True)
class Told:
    """What a register is told with: its site and product, the sites on the other side, the languages, the day it is made."""

    heading: Heading
    site: SiteFact
    product: RevisionFact
    others: Mapping[int, SiteFact]
    languages: Both
    moment: datetime
    zone: ZoneInfo

    @property
    def title(self) -> Both:
        """Return the title with the year."""
        return tuple(f"{text}, {self.heading.year}" for text in both(self.languages, REGISTER))

    def each(self, tell: Callable[[str], str]) -> Both:
        """Return what `tell` says in each language."""
        return tuple(tell(language) for language in self.languages)

    def figure(self, units: int) -> str:
        """Return units of account as plain digits in the unit of the product."""
        return stated(units, self.product.unit)

    def shown(self, units: int) -> Both:
        """Return units of account for people; nothing for zero."""
        return self.each(lambda language: shown_number(self.figure(units), language)) if units else ()

    def other(self, line: RegisterLine) -> Both:
        """Return code and name of the other side, as it was called on the day."""
        operation = line.operation
        site = self.others.get(operation.other_id) if operation.other_id is not None else None
        if site is None:
            return (operation.other,)
        return self.each(lambda language: f"{operation.other} {site.name_in(language, operation.occurred_on)}")

    def kind(self, line: RegisterLine) -> Both:
        """Return what happened, of a reversal also what it takes back."""
        words = self._kinds[line.operation.kind]
        return (*words, line.operation.reverses) if line.operation.reverses else words

    @cached_property
    def _kinds(self) -> dict[str, Both]:
        return {code: both(self.languages, kind.name) for code, kind in MOVEMENT_KINDS.items()}

    def recorded_on(self, line: RegisterLine) -> date:
        """Return the day an operation was learned, in the country's time."""
        return day_of(line.operation.recorded_at, self.zone)


def register_book(told: Told, pages: Iterable[RegisterPage]) -> Book:
    """Return the register as pages to print."""
    languages, product = told.languages, told.product
    unit = both(languages, UNIT_NAMES[Unit(product.unit)])
    facts = (
        (N_("Site"), told.each(lambda one: f"{told.site.code} {told.site.name_in(one, told.moment.date())}")),
        (N_("Product"), told.each(lambda one: f"{product.code} {product_in(product, one)}")),
        (N_("Unit"), tuple(word.lower() for word in unit)),
        (N_("As known at"), told.each(lambda one: format_moment(told.moment, told.zone, language=one))),
    )
    return Book(
        title=told.title,
        facts=tuple(Field(both(languages, label), value) for label, value in facts),
        columns=tuple(BookColumn(both(languages, caption), share, number) for caption, share, number in CAPTIONS),
        leaves=(_leaf(told, page) for page in pages),
        pages=told.heading.pages,
        page_name=both(languages, PAGE_NAME, {"number": "%(number)s", "pages": "%(pages)s"}),
        notes=(both(languages, LATE),),
        signatures=(both(languages, RESPONSIBLE), both(languages, HEAD)),
        language=languages[0],
    )


def _leaf(told: Told, page: RegisterPage) -> Leaf:
    lines = [
        _sums(told, BROUGHT, page.brought),
        *(_line(told, line) for line in page.lines),
        _sums(told, CARRIED, page.carried),
    ]
    state = () if page.is_full else both(told.languages, NOT_FULL)
    return Leaf(lines, frozenset({0, len(lines) - 1}), f"SHA-256 {page.digest}", state)


def _sums(told: Told, what: str, sums: Sums) -> list[Both]:
    figures = (sums.received, sums.issued, sums.balance)
    return [
        *[()] * 6,
        both(told.languages, what),
        (),
        *(told.each(lambda one, units=units: shown_number(told.figure(units), one)) for units in figures),  # type: ignore[misc]
    ]


def _line(told: Told, line: RegisterLine) -> list[Both]:
    operation = line.operation
    mark = LATE_MARK if line.late else ""
    return [
        (str(line.number),),
        told.each(lambda one: shown_day(operation.occurred_on, one) + mark),
        told.each(lambda one: shown_day(told.recorded_on(line), one)),
        told.kind(line),
        (operation.reference,),
        (operation.document,),
        told.other(line),
        (operation.label,),
        told.shown(operation.received),
        told.shown(operation.issued),
        told.each(lambda one: shown_number(told.figure(line.balance), one)),
    ]


def register_columns(language: str) -> list[Column]:
    """Return the columns of the register as a spreadsheet; the number of the page stands first."""
    kinds = {0: Kind.INTEGER, 1: Kind.DAY, 2: Kind.DAY, 8: Kind.QUANTITY, 9: Kind.QUANTITY, 10: Kind.QUANTITY}
    return [
        Column(translate_in(language, Message(N_("Page"))), Kind.INTEGER, 7),
        *(
            Column(translate_in(language, Message(caption)), kinds.get(place, Kind.TEXT), share + 6)
            for place, (caption, share, _) in enumerate(CAPTIONS)
        ),
        Column(translate_in(language, Message(N_("Learned late"))), Kind.TEXT, 10),
        Column(translate_in(language, Message(DIGEST)), Kind.TEXT, 68),
    ]


def register_rows(told: Told, pages: Iterable[RegisterPage]) -> Iterator[list[Cell]]:
    """Yield the register as rows of a spreadsheet, the same lines page by page as the paper has."""
    (language,) = told.languages

    def sums(page: RegisterPage, what: str, figures: Sums, digest: str) -> list[Cell]:
        said = Text(translate_in(language, Message(what)), strong=True)
        amounts = (Quantity(told.figure(each)) for each in (figures.received, figures.issued, figures.balance))
        return [Whole(page.number), *[BLANK] * 6, said, BLANK, *amounts, BLANK, Text(digest)]

    yes = Text(translate_in(language, Message(N_("yes"))))
    for page in pages:
        yield sums(page, BROUGHT, page.brought, "")
        for line in page.lines:
            operation = line.operation
            yield [
                Whole(page.number),
                Whole(line.number),
                Day(operation.occurred_on),
                Day(told.recorded_on(line)),
                Text(" ".join(told.kind(line))),
                Text(operation.reference),
                Text(operation.document),
                Text(told.other(line)[0]),
                Text(operation.label),
                *(Quantity(told.figure(each)) if each else BLANK for each in (operation.received, operation.issued)),
                Quantity(told.figure(line.balance)),
                yes if line.late else BLANK,
                BLANK,
            ]
        yield sums(page, CARRIED, page.carried, page.digest)
