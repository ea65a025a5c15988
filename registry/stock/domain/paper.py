"""A page of the journal: many movements of one site as typed, pasted or scanned, before anybody has read a cell. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from registry.kernel.text import N_
from registry.stock.domain.kinds import DISPENSE, MovementKind

CAPTIONS: Mapping[str, str] = {
    "occurred_on": N_("Day"),
    "kind": N_("Kind"),
    "product": N_("Product"),
    "quantity": N_("Quantity"),
    "batch": N_("Batch"),
    "expires_on": N_("Expiry date of the batch"),
    "counterparty": N_("The other site"),
    "prescription": N_("Prescription or daily sheet"),
    "document": N_("Document"),
    "permit": N_("Permit"),
    "country": N_("Partner country"),
    "note": N_("Note"),
    "reference": N_("Reference of the entry"),
}
"""The columns of the page in their order, those of a file of movements without the site, each with its caption."""

REPEATED = ("occurred_on", "kind")
"""What a new row takes over from the row above: alone it makes no movement."""

MOST_ROWS = 500
LONGEST_SITE = 40
TOKEN = re.compile(r"[0-9]{8}-[a-z0-9]{8,16}", re.ASCII)
"""The token of a page: its day and what is drawn for it."""

# How the sheets people keep head their columns, beside the captions of the page itself.
_EVERYDAY: Mapping[str, tuple[str, ...]] = {
    "occurred_on": ("date", "дата", "день", "число", "дата операции", "дата отпуска", "күн", "күнү", "датасы"),
    "kind": ("operation", "операция", "вид операции", "вид движения", "түрү", "кыймылдын түрү"),
    "product": (
        "drug",
        "code",
        "name",
        "препарат",
        "продукт",
        "наименование",
        "код",
        "код препарата",
        "товар",
        "дары",
        "аталышы",
    ),
    "quantity": ("qty", "amount", "кол-во", "кол.", "количество", "саны", "өлчөмү"),
    "batch": ("lot", "series", "серия", "партия", "номер серии", "сериясы", "партиясы"),
    "expires_on": ("expiry", "expiry date", "exp", "срок годности", "годен до", "жарактуулук мөөнөтү"),
    "counterparty": ("receiver", "sender", "контрагент", "получатель", "поставщик", "алуучу", "жеткирүүчү"),
    "prescription": ("prescription", "рецепт", "номер рецепта", "№ рецепта", "рецепт №", "рецепттин номери"),
    "document": ("invoice", "документ", "накладная", "номер документа", "№ документа", "жүк кагазы"),
    "permit": ("разрешение", "номер разрешения", "уруксат"),
    "country": ("страна", "өлкө"),
    "note": ("remark", "примечание", "заметка", "эскертүү"),
    "reference": ("№ записи", "номер записи", "жазуунун номери"),
}


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a block of cells holds: rows by column, and headings nobody understood."""

    rows: list[dict[str, str]] = field(default_factory=list)
    unknown: tuple[str, ...] = ()


def plain(words: str) -> str:
    """Return words as they are compared: small letters, single blanks, nothing at the ends."""
    return " ".join(words.replace("ё", "е").replace("Ё", "Е").lower().split()).strip(" :*.")


def headings(captions: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return heading as compared -> column; `captions`: (column, caption) in every language of the page."""
    known = {plain(word): column for column, words in _EVERYDAY.items() for word in words}
    known |= {plain(caption): column for column, caption in captions}
    return known | {column: column for column in CAPTIONS}


def read_pasted(text: str, known: Mapping[str, str], first: str = "occurred_on") -> Pasted:
    """Read a block copied from a spreadsheet; without a row of headings its columns are those of the page from `first`.

    A row is one of headings where two of its cells are known headings (`known`: see `headings`).
    """
    lines = [[cell.strip() for cell in line] for line in csv.reader(io.StringIO(text.strip("\r\n")), delimiter="\t")]
    lines = [line for line in lines if any(line)]
    if not lines:
        return Pasted()
    head = [known.get(plain(cell)) for cell in lines[0]]
    if sum(name is not None for name in head) >= min(2, len(lines[0])):
        unknown = tuple(cell for cell, name in zip(lines[0], head, strict=True) if name is None and cell)
        lines = lines[1:]
    else:
        order = list(CAPTIONS)
        head, unknown = list(order[order.index(first) :]), ()
    rows = [{name: cell for name, cell in zip(head, line, strict=False) if name is not None} for line in lines]
    return Pasted(rows[:MOST_ROWS], unknown)


def is_filled(row: Mapping[str, str]) -> bool:
    """Say whether a row holds more than what it took over from the row above."""
    return any(row.get(name, "").strip() for name in CAPTIONS if name not in REPEATED)


def own_reference(site: str, token: str, number: int) -> str:
    """Return the reference of a row that names none: the same page sent again makes the same entries."""
    return f"{site[:LONGEST_SITE]}-{token}-{number:02d}"


def needed(kind: MovementKind) -> dict[str, bool]:
    """Return which cells an entry of `kind` asks for beside those that every entry has."""
    return {
        "counterparty": kind.two_sided,
        "expires_on": kind.shelf > 0,
        "permit": kind.trade is not None,
        "country": kind.trade is not None,
        "prescription": kind is DISPENSE,
    }


def fitting(text: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the codes that a text may mean: the code itself, else every one whose names hold all its words.

    `names`: code -> its names in every language.
    """
    wanted = plain(text)
    exact = [code for code in names if plain(code) == wanted]
    if exact or not wanted:
        return exact
    words = wanted.split()
    return [
        code
        for code, said in names.items()
        if all(any(word in plain(name) for name in (code, *said)) for word in words)
    ]
