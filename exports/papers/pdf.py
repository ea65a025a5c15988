"""Signed papers as PDF, drawn straight on the canvas: layout first, then strokes, so that pages know their number.

The two faces are embedded and have ң, ө and ү; the same paper gives the same bytes.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import lru_cache

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from exports.formats.pdf import BOLD, REGULAR, register_fonts
from exports.paper import Block, Both, Grid, Paper
from exports.papers.code import modules, squares

WIDTH, HEIGHT = A4
MARGIN = 16 * mm
FOOT = 20 * mm
BODY = WIDTH - 2 * MARGIN
LABEL = 62 * mm
CODE_SIDE = 44 * mm
QUIET_ZONE = 4
LEADING = 1.28
PAD = 2.2
INK, QUIET, LINE, SHADE, STAMP = (HexColor(code) for code in ("#0B0C0C", "#505A5F", "#8C9BA5", "#DCE6EC", "#E8C4C4"))
TITLE, HEADING, FIRST, SECOND, SMALL = 14.0, 10.0, 9.0, 8.0, 7.0


@dataclass(frozen=True, slots=True)
class Words:
    """One line of words at a place."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with its upper left corner at a place; `shaded` is filled, others are lines only."""

    x: float
    y: float
    width: float
    height: float
    shaded: bool = False


@dataclass(slots=True)
class Page:
    """The strokes of one page, and where the code stands if it is on it."""

    boxes: list[Box] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    code_at: tuple[float, float] | None = None


def clean(text: str) -> str:
    """Return words without signs that cannot be printed."""
    return "".join(sign if sign >= " " else " " for sign in text)


@lru_cache(maxsize=4096)
def wrap(text: str, size: float, width: float, *, bold: bool = False) -> tuple[str, ...]:
    """Break words into lines not wider than `width`; a word that is longer is cut.

    Labels are the same on every paper, so that what was measured once is remembered.
    """
    face = BOLD if bold else REGULAR
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for word in clean(part).split(" "):
            tried = f"{line} {word}" if line else word
            if pdfmetrics.stringWidth(tried, face, size) <= width:
                line = tried
                continue
            if line:
                lines.append(line)
            line = word
            while pdfmetrics.stringWidth(line, face, size) > width and len(line) > 1:
                cut = _fitting(line, face, size, width)
                lines.append(line[:cut])
                line = line[cut:]
        lines.append(line)
    return tuple(lines)


def _fitting(word: str, face: str, size: float, width: float) -> int:
    used = 0.0
    for number, sign in enumerate(word):
        used += pdfmetrics.stringWidth(sign, face, size)
        if used > width:
            return max(1, number)
    return len(word)


@dataclass(frozen=True, slots=True)
class _Cell:
    """Lines of a cell with their size and weight, and its height."""

    lines: tuple[tuple[str, float, bool, bool], ...]

    @property
    def height(self) -> float:
        return sum(size * LEADING for _, size, _, _ in self.lines) + 2 * PAD


def _cell(both: Both, width: float, size: float, *, bold: bool = False) -> _Cell:
    lines: list[tuple[str, float, bool, bool]] = []
    for number, text in enumerate(dict.fromkeys(both)):
        own = size if number == 0 else size - 1
        strong = bold and number == 0
        lines += [(line, own, strong, number > 0) for line in wrap(text, own, width - 2 * PAD - 1, bold=strong)]
    return _Cell(tuple(lines))


class _Layout:
    """Places what comes one below the other, and opens a new page when one is full."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.turn()

    def turn(self) -> None:
        self.pages.append(Page())
        self.y = HEIGHT - MARGIN

    def room(self, height: float) -> None:
        """Turn the page unless `height` fits; what is higher than a page begins on a new one."""
        if self.y - height < FOOT and self.pages[-1].words:
            self.turn()

    def text(self, both: Both, size: float, *, bold: bool = False, after: float = 0.0, width: float = BODY) -> None:
        cell = _cell(both, width, size, bold=bold)
        self.room(cell.height)
        self._lines(cell, MARGIN - PAD, self.y)
        self.y -= cell.height + after

    def row(self, cells: list[_Cell], widths: list[float], *, shaded: frozenset[int] = frozenset()) -> None:
        height = max(cell.height for cell in cells)
        self.room(height)
        x = MARGIN
        for number, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            self.pages[-1].boxes.append(Box(x, self.y, width, height, number in shaded))
            self._lines(cell, x, self.y)
            x += width
        self.y -= height

    def _lines(self, cell: _Cell, x: float, top: float) -> None:
        y = top - PAD
        for text, size, bold, quiet in cell.lines:
            y -= size * LEADING
            if text:
                self.pages[-1].words.append(Words(x + PAD, y + size * 0.28, text, size, bold, quiet))


def lay_out(paper: Paper) -> list[Page]:
    """Return the pages of a paper without footers."""
    register_fonts()
    layout = _Layout()
    layout.text(paper.authority, FIRST, after=4)
    layout.text(paper.title, TITLE, bold=True)
    layout.text((paper.number,), TITLE, bold=True, after=6)
    for part in paper.parts:
        _part(layout, part)
    for note in paper.notes:
        layout.text(note, FIRST, after=2)
    if paper.code:
        _place_code(layout, paper)
    return layout.pages


def _part(layout: _Layout, part: Block | Grid) -> None:
    layout.room(30 * mm)
    layout.text(part.heading, HEADING, bold=True)
    if isinstance(part, Block):
        widths = [LABEL, BODY - LABEL]
        for each in part.fields:
            cells = [_cell(each.label, LABEL, SECOND), _cell(each.value, BODY - LABEL, FIRST)]
            layout.row(cells, widths, shaded=frozenset({0}))
    else:
        widths = [BODY * share / sum(part.shares) for share in part.shares]
        heads = [_cell(caption, width, SMALL, bold=True) for caption, width in zip(part.captions, widths, strict=True)]
        layout.row(heads, widths, shaded=frozenset(range(len(heads))))
        for row in part.rows:
            layout.row([_cell(cell, width, SECOND) for cell, width in zip(row, widths, strict=True)], widths)
    layout.y -= 8


def _place_code(layout: _Layout, paper: Paper) -> None:
    beside = BODY - CODE_SIDE - 4 * mm
    cell = _cell(paper.code_note, beside, SECOND)
    layout.room(max(CODE_SIDE, cell.height) + 4)
    page, top = layout.pages[-1], layout.y - 4
    page.code_at = (MARGIN, top - CODE_SIDE)
    y = top - PAD
    for text, size, bold, quiet in cell.lines:
        y -= size * LEADING
        page.words.append(Words(MARGIN + CODE_SIDE + 4 * mm, y, text, size, bold, quiet))
    layout.y = top - max(CODE_SIDE, cell.height)


def render(paper: Paper) -> bytes:
    """Return the paper as A4 pages: footers with digest and page number, the code drawn as squares."""
    pages = lay_out(paper)
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, invariant=1, lang=paper.language, initialFontName=REGULAR)  # type: ignore[arg-type] # the stubs are wrong
    canvas.setTitle(f"{paper.title[0]} {paper.number}")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    for number, page in enumerate(pages, start=1):
        if paper.stamp:
            _stamp(canvas, paper.stamp)
        draw(canvas, page)
        if page.code_at is not None:
            _draw_code(canvas, paper.code, *page.code_at)
        canvas.setFillColor(QUIET)
        canvas.setFont(REGULAR, SMALL)
        canvas.drawString(MARGIN, 11 * mm, paper.footer)
        canvas.drawRightString(WIDTH - MARGIN, 11 * mm, f"{paper.number} · {number} / {len(pages)}")
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def draw(canvas: Canvas, page: Page) -> None:
    """Put boxes and words on the canvas; what is the same as for the word before is not said again."""
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.4)
    canvas.setFillColor(SHADE)
    for shaded, paint in ((True, "B"), (False, "S")):
        boxes = [box for box in page.boxes if box.shaded is shaded]
        if boxes:
            canvas.addLiteral(f"{' '.join(map(_outline, boxes))} {paint}")
    words = canvas.beginText()
    for quiet in (False, True):
        words.setFillColor(QUIET if quiet else INK)
        face = None
        for line in page.words:
            if line.quiet is not quiet:
                continue
            if face != (line.bold, line.size):
                face = line.bold, line.size
                words.setFont(BOLD if line.bold else REGULAR, line.size)
            words.setTextOrigin(line.x, line.y)
            words.textOut(line.text)
    canvas.drawText(words)


def _outline(box: Box) -> str:
    """Return the rectangle as the page says it: the canvas would look at each number for itself."""
    return f"{box.x:.2f} {box.y - box.height:.2f} {box.width:.2f} {box.height:.2f} re"


def _stamp(canvas: Canvas, words: str) -> None:
    canvas.saveState()
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(52)
    size = min(90.0, 700 / max(pdfmetrics.stringWidth(words, BOLD, 1.0), 1.0))
    canvas.setFont(BOLD, size)
    canvas.setFillColor(STAMP)
    canvas.drawCentredString(0, -size / 3, words)
    canvas.restoreState()


def _draw_code(canvas: Canvas, text: str, left: float, bottom: float) -> None:
    """Draw the QR code as runs of squares."""
    rows = modules(text)
    step = CODE_SIDE / (len(rows) + 2 * QUIET_ZONE)
    canvas.saveState()
    canvas.setFillColor(INK)
    canvas.translate(left + QUIET_ZONE * step, bottom + QUIET_ZONE * step)
    canvas.scale(step, step)
    # Whole squares of a scaled page, written as they are: a path object would format every number anew.
    canvas.addLiteral(squares(rows))
    canvas.restoreState()
