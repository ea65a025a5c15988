"""PDF: pages to print and sign, in a font of our own that has ң, ө and ү.

The font is embedded, so that the page looks the same everywhere; `invariant` keeps times and
identifiers of the run out of the file, so that the same document gives the same bytes.
"""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import as_file, files
from typing import Any, Literal
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageBreak, PageTemplate, Paragraph, Spacer, TableStyle
from reportlab.platypus import Table as PageTable

from exports.document import (
    NO_BREAK_SPACE,
    Cell,
    Column,
    CoverField,
    Day,
    Document,
    Quantity,
    Sheet,
    Table,
    Text,
    Whole,
    heading_of,
    shown,
)
from exports.format import Format

rl_config.useA85 = 0  # pages need not be text for mailers of the last century; it makes them a quarter longer
REGULAR, BOLD = "RegistrySans", "RegistrySans-Bold"
Side = Literal[0, 1, 2]
LEFT: Side = 0
CENTRE: Side = 1
RIGHT: Side = 2
FONT_FILES = {REGULAR: "DejaVuSansCondensed.ttf", BOLD: "DejaVuSansCondensed-Bold.ttf"}
MARGIN = 14 * mm
PAGE_WIDTH, PAGE_HEIGHT = landscape(A4)
BODY_WIDTH = PAGE_WIDTH - 2 * MARGIN
WIDEST_CHARACTER = 2.1 * mm
WIDE_TABLE = 12
PADDING = 3
SMALLEST = 4.5
_LINE = HexColor("#8C9BA5")
_HEAD = HexColor("#DCE6EC")
_TOTAL = HexColor("#F1F4F6")
_QUIET = HexColor("#505A5F")


@cache
def register_fonts() -> None:
    """Register the two embedded faces, once per process."""
    for name, file in FONT_FILES.items():
        with as_file(files("exports") / "fonts" / file) as path:
            pdfmetrics.registerFont(TTFont(name, str(path)))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


def _style(size: float, *, bold: bool = False, alignment: Side = LEFT, after: float = 0) -> ParagraphStyle:
    return ParagraphStyle(
        f"s{size}{bold}{alignment}{after}",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * 1.25,
        alignment=alignment,
        spaceAfter=after,
        splitLongWords=1,
    )


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    """Return words as a paragraph; markup in them is shown, not obeyed."""
    shown_text = "".join(sign if sign >= " " or sign == "\n" else " " for sign in text)
    return Paragraph(escape(shown_text).replace("\n", "<br/>"), style)


class _NumberedCanvas(Canvas):
    """A canvas that knows, when it is closed, how many pages there are."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - handed on to the library
        super().__init__(*arguments, **options)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - the library's name
        """Keep the page back until the number of pages is known."""
        self._pages.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined] # what the library itself does after a page

    def save(self) -> None:
        """Write every page with its number and the number of all pages."""
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self.setFont(REGULAR, 8)
            self.setFillColor(_QUIET)
            self.drawRightString(PAGE_WIDTH - MARGIN, 8 * mm, f"{number} / {len(self._pages)}")
            super().showPage()
        super().save()


def _cell(cell: Cell, language: str, size: float, *, bold: bool = False) -> Paragraph:
    strong = bold or (isinstance(cell, Text | Quantity) and cell.strong)
    alignment: Side = RIGHT if isinstance(cell, Quantity | Whole) else CENTRE if isinstance(cell, Day) else LEFT
    return _paragraph(shown(cell, language) or NO_BREAK_SPACE, _style(size, bold=strong, alignment=alignment))


def _widths(columns: tuple[Column, ...]) -> list[float]:
    """Return column widths in points: as wide as asked for, shrunk together when the page is narrower."""
    asked = [column.width * WIDEST_CHARACTER for column in columns]
    shrink = min(1.0, BODY_WIDTH / sum(asked))
    return [width * shrink for width in asked]


def _head_size(columns: tuple[Column, ...], widths: list[float], size: float) -> float:
    """Return the size, at most `size`, at which the longest word of every caption fits its column."""
    for column, width in zip(columns, widths, strict=True):
        longest = max((pdfmetrics.stringWidth(word, BOLD, 1.0) for word in heading_of(column).split()), default=0.0)
        if longest:
            size = min(size, (width - 2 * PADDING - 1) / longest)
    return max(size, SMALLEST)


def _table(table: Table, language: str) -> list[Flowable]:
    if not table.columns:
        return []
    size = 7.0 if len(table.columns) >= WIDE_TABLE else 8.0
    widths = _widths(table.columns)
    head_style = _style(_head_size(table.columns, widths, size), bold=True, alignment=CENTRE)
    lines: list[list[Paragraph]] = [[_paragraph(heading_of(column), head_style) for column in table.columns]]
    lines += [[_cell(cell, language, size) for cell in row] for row in table.rows]
    commands: list[tuple[Any, ...]] = [
        ("FONTNAME", (0, 0), (-1, -1), REGULAR),
        ("GRID", (0, 0), (-1, -1), 0.4, _LINE),
        ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
        ("VALIGN", (0, 0), (-1, 0), "MIDDLE"),
        ("VALIGN", (0, 1), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), PADDING),
        ("RIGHTPADDING", (0, 0), (-1, -1), PADDING),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    if table.totals is not None:
        lines.append([_cell(cell, language, size, bold=True) for cell in table.totals])
        commands.append(("BACKGROUND", (0, -1), (-1, -1), _TOTAL))
    body = PageTable(lines, colWidths=widths, repeatRows=1, hAlign="LEFT", style=TableStyle(commands))
    title = [_paragraph(table.title, _style(10, bold=True, after=3))] if table.title else []
    body.spaceAfter = 5 * mm  # dropped at the foot of a page, where a spacer would open an empty one
    return [*title, body]


def _cover_table(cover: tuple[CoverField, ...]) -> PageTable:
    label, value = _style(10, bold=True), _style(10)
    lines = [[_paragraph(line.label, label), _paragraph(line.value, value)] for line in cover]
    commands: list[tuple[Any, ...]] = [
        ("FONTNAME", (0, 0), (-1, -1), REGULAR),
        ("GRID", (0, 0), (-1, -1), 0.4, _LINE),
        ("BACKGROUND", (0, 0), (0, -1), _HEAD),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 4),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
    ]
    return PageTable(lines, colWidths=[70 * mm, 130 * mm], hAlign="LEFT", style=TableStyle(commands))


def _front(document: Document) -> list[Flowable]:
    story: list[Flowable] = [_paragraph(document.title, _style(18, bold=True, after=6))]
    if document.subtitle:
        story.append(_paragraph(document.subtitle, _style(10, after=10)))
    if document.cover:
        story += [_cover_table(document.cover), Spacer(0, 6 * mm)]
    story += [_paragraph(note, _style(9, after=4)) for note in document.notes]
    return story


def _page(sheet: Sheet, language: str) -> list[Flowable]:
    story: list[Flowable] = [_paragraph(sheet.heading, _style(14, bold=True, after=8))]
    for table in sheet.tables:
        story += _table(table, language)
    story += [_paragraph(note, _style(9, after=4)) for note in sheet.notes]
    return story


def render(document: Document) -> bytes:
    """Return the document as A4 pages across: the cover, then every sheet on a page of its own."""
    register_fonts()
    target = io.BytesIO()
    template = BaseDocTemplate(
        target,
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        title=document.title,
        author="",
        subject=document.subtitle,
        lang=document.language,
        invariant=1,
        initialFontName=REGULAR,
        displayDocTitle=True,
    )
    frame = Frame(MARGIN, MARGIN, BODY_WIDTH, PAGE_HEIGHT - 2 * MARGIN, 0, 0, 0, 0)

    def footer(canvas: Canvas, _template: BaseDocTemplate) -> None:
        canvas.setFont(REGULAR, 8)
        canvas.setFillColor(_QUIET)
        canvas.drawString(MARGIN, 8 * mm, f"{document.title} · {shown(Day(document.dated), document.language)}"[:140])

    template.addPageTemplates([PageTemplate("page", [frame], onPage=footer)])
    story: list[Flowable] = []
    if document.cover or document.notes or not document.sheets:
        story += _front(document)
    for sheet in document.sheets:
        if story:
            story.append(PageBreak())
        story += _page(sheet, document.language)
    template.build(story, canvasmaker=_NumberedCanvas)
    return target.getvalue()


FORMAT = Format("pdf", ".pdf", "application/pdf", render)
