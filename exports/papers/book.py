"""Books as PDF: A4 across, lines of one height, the text of a cell as large as it fits; drawn leaf by leaf."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from exports.book import Book, Leaf
from exports.formats.pdf import BOLD, REGULAR, register_fonts
from exports.paper import Both
from exports.papers.pdf import LEADING, PAD, QUIET, Box, Page, Words, clean, draw, wrap

WIDTH, HEIGHT = landscape(A4)
MARGIN = 30.0
BODY = WIDTH - 2 * MARGIN
TOP = HEIGHT - 26.0
FOOT = 16.0
TITLE, FACT, LARGEST, SMALLEST, STEP, SMALL = 12.0, 8.0, 7.5, 3.5, 0.5, 6.5
HEAD_HEIGHT = 30.0
SIGNATURE = 150.0
BETWEEN = " / "


def render(book: Book) -> bytes:
    """Return the book; the same leaves give the same bytes."""
    register_fonts()
    target = io.BytesIO()
    canvas = Canvas(
        target,
        pagesize=(WIDTH, HEIGHT),
        invariant=1,
        pageCompression=1,
        lang=book.language,
        initialFontName=REGULAR,  # type: ignore[arg-type] # the stubs are wrong
    )
    canvas.setTitle(clean(BETWEEN.join(book.title)))
    canvas.setViewerPreference("DisplayDocTitle", "true")
    shares = sum(column.share for column in book.columns)
    widths = [BODY * column.share / shares for column in book.columns]
    head, top = _head(book, widths)
    for number, leaf in enumerate(book.leaves, start=1):
        page = Page(list(head.boxes), list(head.words))
        y = _lines(page, book, leaf, widths, top)
        _end(page, book, y)
        draw(canvas, page)
        _foot(canvas, book, leaf, number)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _head(book: Book, widths: Sequence[float]) -> tuple[Page, float]:
    """Return what stands on top of every page, and where its lines begin."""
    page, y = Page(), TOP
    for place, text in enumerate(dict.fromkeys(book.title)):
        size = TITLE if place == 0 else FACT + 1
        y -= size * LEADING
        page.words.append(Words(MARGIN, y, clean(text), size, bold=place == 0))
    for language in range(len(book.title)):
        told = "  ·  ".join(
            f"{field.label[min(language, len(field.label) - 1)]}: {field.value[min(language, len(field.value) - 1)]}"
            for field in book.facts
        )
        for line in wrap(told, FACT, BODY):
            y -= FACT * LEADING
            page.words.append(Words(MARGIN, y, line, FACT, quiet=language > 0))
    y -= 2 * PAD
    x = MARGIN
    for column, width in zip(book.columns, widths, strict=True):
        page.boxes.append(Box(x, y, width, HEAD_HEIGHT, shaded=True))
        _cell(page, column.caption, (x, y, width, HEAD_HEIGHT), bold=True)
        x += width
    return page, y - HEAD_HEIGHT


def _lines(page: Page, book: Book, leaf: Leaf, widths: Sequence[float], top: float) -> float:
    y = top
    for place, line in enumerate(leaf.lines):
        x, strong = MARGIN, place in leaf.sums
        for cell, column, width in zip(line, book.columns, widths, strict=True):
            page.boxes.append(Box(x, y, width, book.row_height, shaded=strong))
            _cell(page, cell, (x, y, width, book.row_height), bold=strong, right=column.number)
            x += width
        y -= book.row_height
    return y


@lru_cache(maxsize=8192)
def fitted(both: Both, width: float, height: float, *, bold: bool = False) -> tuple[float, tuple[str, ...]]:
    """Return the largest size at which words fit a cell, and their lines; nothing is ever cut off."""
    size = LARGEST
    while True:
        lines = tuple(line for text in dict.fromkeys(both) for line in wrap(text, size, width, bold=bold))
        if len(lines) * size * LEADING <= height or size <= SMALLEST:
            return size, lines
        size -= STEP


def _cell(
    page: Page, both: Both, box: tuple[float, float, float, float], *, bold: bool = False, right: bool = False
) -> None:
    x, y, width, height = box
    size, lines = fitted(both, width - 2 * PAD, height - PAD, bold=bold)
    face = BOLD if bold else REGULAR
    for line in lines:
        y -= size * LEADING
        if line:
            at = x + width - PAD - pdfmetrics.stringWidth(line, face, size) if right else x + PAD
            page.words.append(Words(at, y, line, size, bold=bold))


def _end(page: Page, book: Book, y: float) -> None:
    """Put the notes under the lines, and under them the places to sign."""
    for note in book.notes:
        for text in dict.fromkeys(note):
            for line in wrap(text, SMALL, BODY):
                y -= SMALL * LEADING
                page.words.append(Words(MARGIN, y, line, SMALL, quiet=True))
    x = MARGIN
    for who in book.signatures:
        label = clean(BETWEEN.join(dict.fromkeys(who)))
        length = pdfmetrics.stringWidth(label, REGULAR, FACT)
        page.words.append(Words(x, FOOT + 16, label, FACT))
        page.boxes.append(Box(x + length + PAD, FOOT + 14, SIGNATURE, 0))
        x += length + SIGNATURE + 8 * PAD


def _foot(canvas: Canvas, book: Book, leaf: Leaf, number: int) -> None:
    canvas.setFillColor(QUIET)
    canvas.setFont(REGULAR, SMALL)
    canvas.drawString(MARGIN, FOOT, clean(leaf.foot))
    names = (name % {"number": number, "pages": book.pages} for name in dict.fromkeys(book.page_name))
    state = f"{BETWEEN.join(dict.fromkeys(leaf.state))}  ·  " if leaf.state else ""
    canvas.drawRightString(WIDTH - MARGIN, FOOT, clean(state + BETWEEN.join(names)))
