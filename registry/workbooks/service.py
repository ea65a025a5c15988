"""A workbook given out for a site, and the same workbook as it comes back: a table of movements, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.intake.limits import Limits, bad_file
from registry.intake.reader import Table
from registry.intake.workbook import Book
from registry.kernel.actor import Actor
from registry.kernel.announcements import Announcement
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, Problem
from registry.kernel.fields import NANOGRAM_PLACES, BadCell, as_day, scaled_quantity
from registry.kernel.mass import UNIT_NAMES, Unit, stated
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_codes, sites_by_ids, sites_of
from registry.stock.domain.kinds import ENTERED_KINDS
from registry.stock.queries.held import ShelfFact, held_products, shelves_of
from registry.stock.queries.journal import partners_of
from registry.stock.queries.recorded import StatedMovement, stated_movements
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import current_revisions, revisions_by_ids
from registry.workbooks.domain import (
    BETWEEN,
    COLUMNS,
    FIRST_ROW,
    HEAD_ROW,
    LIST_OF,
    SEAL_SHEET,
    SITE_COLUMN,
    SIZES,
    VERSION,
    Label,
    Offered,
    Rows,
    choices_of,
    digest_of,
    new_book,
)

SEAL_KEY: Announcement[[], bytes] = Announcement("the key of workbooks")
"""Answered with the secret by which workbooks are sealed."""

POST = "stock.post"
PRODUCTS_OFFERED = 2_000
BATCHES_OFFERED = 5_000
PARTNERS_OFFERED = 500
LABEL_ROWS = 20
Say = Callable[[Message], str]

NOT_OURS = N_("this workbook was not given out by this registry, or its label was changed: take a new one and copy your rows into it")  # fmt: skip


@dataclass(frozen=True, slots=True)
class SiteWorkbook:
    """Everything a workbook holds before it is written: label, seal, lists (the first row is the head)."""

    label: Label
    seal: str
    site_name: str
    lists: Mapping[Offered, Rows]


def make_workbook(session: Session, clock: Clock, site: SiteFact, rows: int, language: str, say: Say) -> SiteWorkbook:
    """Return the workbook of a site with what lies on its shelves now. The caller has asked whether the reader may see it.

    `rows`: one of `SIZES`; any other becomes the first of them. The number of statements does not grow with the site.
    """
    day = clock.today()
    held = held_products(session, [site.id], day)
    revisions = revisions_by_ids(session, {one.revision_id for one in held}, day)
    order = sorted({one.product_id: revisions[one.revision_id].code for one in held}.items(), key=lambda item: item[1])
    shelves = shelves_of(session, [site.id], [number for number, _ in order], limit=BATCHES_OFFERED)
    lists: dict[Offered, Rows] = {
        Offered.KINDS: _kinds(say),
        Offered.PRODUCTS: _products(current_revisions(session, day), shelves, language, say),
        Offered.BATCHES: _batches(shelves, revisions, language, say),
        Offered.PARTNERS: _partners(session, site, language, clock, say),
    }
    label = Label(
        VERSION,
        new_book(site.code),
        site.code,
        day.isoformat(),
        rows if rows in SIZES else SIZES[0],
        digest_of({name.value: lists[name] for name in Offered}),
    )
    return SiteWorkbook(label, label.seal(_key()), site.name_in(language, day), lists)


def _key() -> bytes:
    [key] = SEAL_KEY.announce()
    return key


def _head(say: Say, *captions: str) -> list[str]:
    return [say(Message(caption)) for caption in captions]


def _kinds(say: Say) -> Rows:
    """Return the kinds by their names; where two are called the same, the code stands beside them."""
    names = {code: say(Message(kind.name)) for code, kind in ENTERED_KINDS.items()}
    twice = {name for name in names.values() if list(names.values()).count(name) > 1}
    rows = [[name + (f"{BETWEEN}{code}" if name in twice else ""), code] for code, name in names.items()]
    return [_head(say, N_("Kind of movement"), N_("Code")), *rows]


def _products(revisions: Iterable[RevisionFact], shelves: Iterable[ShelfFact], language: str, say: Say) -> Rows:
    """Return the products, those on the shelf first with what lies there."""
    held: dict[int, int] = {}
    for shelf in shelves:
        held[shelf.product_id] = held.get(shelf.product_id, 0) + shelf.units
    chosen = sorted(revisions, key=lambda one: (one.product_id not in held, one.code))[:PRODUCTS_OFFERED]
    rows = [
        [
            f"{one.code}{BETWEEN}{name_of(one, language)}",
            one.code,
            stated(held.get(one.product_id, 0), one.unit),
            say(Message(UNIT_NAMES[Unit(one.unit)])),
        ]
        for one in chosen
    ]
    return [_head(say, N_("Product"), N_("Code"), N_("On the shelf"), N_("Unit")), *rows]


def _batches(shelves: Iterable[ShelfFact], revisions: Mapping[int, RevisionFact], language: str, say: Say) -> Rows:
    rows = []
    for shelf in shelves:
        one = revisions[shelf.revision_id]
        chosen = f"{shelf.label}{BETWEEN}{one.code}" if shelf.label else ""
        expires = shelf.expires_on.isoformat() if shelf.expires_on else ""
        unit = say(Message(UNIT_NAMES[Unit(one.unit)]))
        rows.append(
            [chosen, shelf.label, one.code, name_of(one, language), expires, stated(shelf.units, one.unit), unit]
        )
    captions = (N_("Batch and product"), N_("Batch"), N_("Code"), N_("Product"), N_("Expires on"), N_("On the shelf"), N_("Unit"))  # fmt: skip
    return [_head(say, *captions), *rows]


def _partners(session: Session, site: SiteFact, language: str, clock: Clock, say: Say) -> Rows:
    """Return the own sites, then those dealt with, the latest first."""
    order = partners_of(session, site.id, PARTNERS_OFFERED)
    dealt = sites_by_ids(session, order)
    own = [one for one in sites_of(session, site.organisation_id) if one.id != site.id]
    known = {one.id for one in own}
    chosen = [*own, *(dealt[number] for number in order if number not in known and number != site.id)]
    rows = [[f"{one.code}{BETWEEN}{one.name_in(language, clock.today())}", one.code] for one in chosen]
    return [_head(say, N_("The other site"), N_("Code")), *rows]


def name_of(revision: RevisionFact, language: str) -> str:
    """Return the name of a product in a language."""
    return {"ru": revision.name_ru, "ky": revision.name_ky}.get(language) or revision.name


def unpacked(session: Session, actor: Actor, table: Table, limits: Limits) -> Table:
    """Return the rows of a workbook that was given out as a table of movements; any other table as it is.

    Raises `Invalid` for a workbook of another site, form or registry, for changed lists, for rows whose reference
    was not given out with it, and for rows that were sent before and now stand elsewhere.
    """
    book = table.book
    if book is None or SEAL_SHEET not in {sheet.name for sheet in book.sheets}:
        return table
    label, titles = _label(book, limits)
    site = _own_site(session, actor, label)
    lists = book.tables(titles.values(), limits)
    found = {name: lists.get(title, []) for name, title in titles.items()}
    if digest_of(found) != label.lists:
        raise bad_file("workbook-lists", N_("the lists of this workbook were changed: take a new one and copy your rows into it"))  # fmt: skip
    filled = _chosen(_filled(table, label), {column: choices_of(found[name.value]) for column, name in LIST_OF.items()})
    _require_unmoved(session, site, filled, label)
    rows = [[*cells, site.code] for cells in filled.rows]
    about = Message(N_("The workbook of site %(site)s with its balances of %(day)s."), {"site": site.code, "day": label.day})  # fmt: skip
    return replace(filled, header=(*filled.header, SITE_COLUMN), rows=rows, remarks=(about, *filled.remarks))


def _chosen(table: Table, choices: Mapping[str, Mapping[str, str]]) -> Table:
    """Return the table with codes where something was chosen from a list."""
    if not table.rows:
        return table
    columns: list[Sequence[str]] = list(zip(*table.rows, strict=True))
    for place, name in enumerate(table.header):
        if name in choices:
            known = choices[name]
            columns[place] = [known.get(" ".join(cell.split()), cell) for cell in columns[place]]
    return replace(table, rows=list(map(list, zip(*columns, strict=True))))


def _label(book: Book, limits: Limits) -> tuple[Label, dict[str, str]]:
    """Return what the workbook says of itself, and the names of its lists' sheets; `Invalid` unless all is ours."""
    rows = book.tables([SEAL_SHEET], limits)[SEAL_SHEET][:LABEL_ROWS]
    said = {row[0]: row[1] for row in rows if len(row) > 1}
    try:
        label = Label(int(said["version"]), said["book"], said["site"], said["day"], int(said["rows"]), said["lists"])
        titles = {name.value: said[f"sheet:{name.value}"] for name in Offered}
        seal = said["seal"]
    except (KeyError, ValueError):
        raise bad_file("workbook-label", NOT_OURS) from None
    if label.version != VERSION:
        raise bad_file("workbook-version", N_("this workbook has the form %(given)s, the registry now gives out form %(now)s: take a new one and copy your rows into it"), {"given": label.version, "now": VERSION})  # fmt: skip
    if not label.is_sealed_by(_key(), seal):
        raise bad_file("workbook-label", NOT_OURS)
    return label, titles


def _own_site(session: Session, actor: Actor, label: Label) -> SiteFact:
    site = sites_by_codes(session, [label.site]).get(label.site)
    if site is None or not policy.allows(actor, POST, site.organisation_id):
        raise bad_file(
            "workbook-site",
            N_("this workbook was given out for the site %(site)s, which is not yours: take one for your own site"),
            {"site": label.site},
        )
    return site


def _filled(table: Table, label: Label) -> Table:
    """Return the rows below the captions that hold more than their reference; each reference is the workbook's own."""
    names = tuple(column.name for column in COLUMNS)
    if table.header[: len(names)] != names:
        raise bad_file("workbook-columns", N_("the columns of this workbook were moved or renamed: take a new one and copy your rows into it"))  # fmt: skip
    kept = [
        (number, cells)
        for number, cells in zip(table.numbers, table.rows, strict=True)
        if number > HEAD_ROW and any(cell and not cell.isspace() for cell in cells[1:])
    ]
    problems = [
        Problem(COLUMNS[0].name, "reference-not-given", _not_given(cells[0].strip(), label), number)
        for number, cells in kept
        if label.row_of(cells[0].strip()) is None
    ]
    if problems:
        raise Invalid(problems[0].message, problems)
    return replace(table, rows=[cells for _, cells in kept], numbers=[number for number, _ in kept])


def _not_given(reference: str, label: Label) -> Message:
    if not reference:
        said = {"last": FIRST_ROW + label.rows - 1}
        return Message(N_("the row has no reference: this workbook has rows down to %(last)s, take another one for more"), said)  # fmt: skip
    return Message(N_("the reference “%(reference)s” was not given out with this workbook: leave the first column as it was"), {"reference": reference})  # fmt: skip


def _require_unmoved(session: Session, site: SiteFact, table: Table, label: Label) -> None:
    """Refuse rows that repeat what was recorded from another row of this workbook which is empty or gone now.

    Whoever cuts a row that was sent and pastes it lower down would post it twice, under another reference.
    """
    present = {cells[0].strip() for cells in table.rows}
    absent = [reference for number in range(1, label.rows + 1) if (reference := label.reference(number)) not in present]
    gone: dict[Likeness | None, str] = (
        {_likeness(one): one.reference for one in stated_movements(session, site.id, absent)} if table.rows else {}
    )
    if not gone:
        return
    fresh = present - {one.reference for one in stated_movements(session, site.id, present)}
    problems = []
    for number, cells in zip(table.numbers, table.rows, strict=True):
        reference = cells[0].strip()
        recorded = gone.get(_row_likeness(dict(zip(table.header, cells, strict=True))))
        if recorded is not None and reference in fresh:
            said = {"reference": recorded, "row": label.row_of(recorded)}
            problems.append(Problem(COLUMNS[0].name, "row-moved", Message(
                N_("this is what “%(reference)s” has recorded already from row %(row)s, which is empty now: put it back there, or clear this row"), said), number))  # fmt: skip
    if problems:
        raise Invalid(problems[0].message, problems)


Likeness = tuple[object, ...]


def _likeness(one: StatedMovement) -> Likeness:
    quantity = Fraction(stated(one.units, one.unit))
    return (one.occurred_on, quantity, one.product, one.kind, one.batch, one.document or "", one.prescription or "")


def _row_likeness(cells: Mapping[str, str]) -> Likeness | None:
    """Return what is compared of a row; None for one that cannot be read and so cannot be posted."""
    try:
        day, quantity = (
            as_day(cells["occurred_on"]),
            Fraction(scaled_quantity(cells["quantity"], NANOGRAM_PLACES), 10**NANOGRAM_PLACES),
        )
    except BadCell:
        return None
    words = (cells[name].strip() for name in ("product", "kind", "batch", "document", "prescription"))
    return (day, quantity, *words)
