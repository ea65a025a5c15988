"""What `permit_pdf` compares: the page of a permit from its facts, and the same strokes on a bare canvas."""

from __future__ import annotations

import io
import re
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from exports.formats.pdf import BOLD, REGULAR
from exports.papers.code import modules
from exports.papers.pdf import CODE_SIDE, QUIET_ZONE, Page, lay_out
from registry.documents import service
from registry.documents.contents import PermitSource, permit_content
from registry.documents.domain import claims_of, signed_code, unsigned_code
from registry.documents.practice import write_practice_key
from registry.documents.signing import Key, sign, working_key
from registry.documents.wording import paper_of
from registry.parties.domain import SiteFact, SiteRevisionFact
from registry.permits.domain.facts import LineFact, PermitFact
from registry.settings import Settings
from registry.substances.domain.facts import ComponentFact, RevisionFact

NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)
PAPERS = 20
PAIR = "ky-ru"


def _source() -> PermitSource:
    part = ComponentFact(
        1,
        "NM 009",
        "morphine",
        "1961",
        frozenset({"1961:I"}),
        "sulfate pentahydrate",
        10**7,
        750_000,
        Fraction(7_500_000),
    )
    revision = RevisionFact(
        1, 1, "MOR10", 1, date(1900, 1, 1), "Morphine 10 mg", "tablet", "piece", "auto", False, (part,), "Морфин 10 мг",
        "Морфин 10 мг", manufacturer="Hersteller GmbH",
    )  # fmt: skip
    holder = SiteFact(
        1, "E-IMP", 1, "E-IMP", True,
        (SiteRevisionFact(date(1900, 1, 1), "importer", "Импорт", "Импорт", "Импорт", None, "Бишкек, Чүй 1", "123"),),
    )  # fmt: skip
    told = {
        "partner_address": "Musterstrasse 1, 80331 München", "counterpart_issued_on": "2026-05-01",
        "counterpart_issuer": "BfArM", "customs_office": "Манас", "transport": "air", "route": "DE;TR",
        "planned_arrival": "2026-07-01", "stock_on_hand": "12000",
    }  # fmt: skip
    permit = PermitFact(
        1, "KG-I-2026-000001", "import", 1, "DE", "Hersteller GmbH", date(2026, 6, 1), date(2026, 8, 30), 2026, None,
        "DE-77", "Дарылоо үчүн", token="t" * 43, particulars=told, lines={1: LineFact(1, 1, 1, 50_000)},
    )  # fmt: skip
    return PermitSource(permit, holder, {1: revision}, (), "Баңги заттарын көзөмөлдөө боюнча орган", 90)


SOURCE = _source()
SETTINGS = Settings(address="https://registry.example.kg")


def numbered(number: int) -> PermitSource:
    """Return a permit of its own, so that nothing is made twice."""
    return replace(SOURCE, permit=replace(SOURCE.permit, number=f"KG-I-2026-{number:06d}"))


def practice() -> Key:
    """Return a key; opening it is no part of the comparison."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "key.p12"
        password = write_practice_key(path, "bench", NOW)
        with working_key(Settings(signing_key_file=str(path), signing_password_file=str(password)), NOW) as key:
            return key


def unsigned(key: Key) -> None:
    """Make pages of permits from their facts: words, layout, QR code and its signature, drawing."""
    for number in range(PAPERS):
        service.unsigned_page(key, SETTINGS, permit_content(numbered(number)), PAIR)


def without_code(key: Key) -> None:
    """Make the same without a QR code: a bare canvas draws none either."""
    for number in range(PAPERS):
        content = replace(permit_content(numbered(number)), token="")
        service.unsigned_page(key, SETTINGS, content, PAIR)


def signed(key: Key) -> None:
    """Make the same and sign them."""
    for number in range(PAPERS):
        page = service.unsigned_page(key, SETTINGS, permit_content(numbered(number)), PAIR)
        sign(key, page, NOW, service.REASON, "KG")


def strokes(key: Key) -> list[Page]:
    """Return what stands on the pages of such a permit: every word and line with its place, but for the QR code."""
    return lay_out(paper_of(permit_content(SOURCE), PAIR, key.name, "room for a code"))


def ready_code(key: Key) -> list[str]:
    """Return the rows of the QR code of such a permit, signed, as signs: ``1`` for a dark module."""
    content = permit_content(SOURCE)
    unsigned = unsigned_code(SETTINGS.address + service.VERIFY + content.token, claims_of(content))
    return modules(signed_code(unsigned, key.sign_code(unsigned.encode())))


def bare(pages: list[Page], code: list[str]) -> None:
    """Put ready words, lines and dark runs of a ready QR code on a bare canvas with the same font, a file for each permit."""
    side = CODE_SIDE / (len(code) + 2 * QUIET_ZONE)
    for _ in range(PAPERS):
        canvas = Canvas(io.BytesIO(), pagesize=A4, invariant=1)
        for page in pages:
            for box in page.boxes:
                canvas.rect(box.x, box.y - box.height, box.width, box.height)
            for line in page.words:
                canvas.setFont(BOLD if line.bold else REGULAR, line.size)
                canvas.drawString(line.x, line.y, line.text)
            if page.code_at is not None:
                left = page.code_at[0] + QUIET_ZONE * side
                top = page.code_at[1] + CODE_SIDE - QUIET_ZONE * side
                for number, row in enumerate(code, start=1):
                    for run in re.finditer("1+", row):
                        canvas.rect(left + run.start() * side, top - number * side, len(run[0]) * side, side, 0, 1)
            canvas.showPage()
        canvas.save()
