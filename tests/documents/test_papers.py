"""Papers of every kind: what they say, in which letters, signed or not made at all."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.audit.models import AuditEvent
from registry.db import unit_of_work
from registry.documents import queries, service
from registry.documents.contents import expiry_cause, permit_content
from registry.documents.decisions import EndorsedLine, Endorsement, endorsement_content
from registry.documents.domain import (
    CERTIFICATE,
    LICENCE_DOCUMENT,
    PAIRS,
    PERMIT_DOCUMENT,
    REFUSAL,
    Content,
    Named,
    NotSigned,
)
from registry.documents.genuine import is_signed_by
from registry.documents.models import SignedDocument
from registry.documents.signing import working_key
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.kernel.errors import NotFound
from registry.permits.domain.kinds import PERMIT_KINDS
from registry.permits.service import Submission, cases, submit_application
from registry.settings import Settings
from tests.conftest import BISHKEK
from tests.documents.conftest import AUTHORITY, NOW
from tests.permits.acting import APPROVER, JUNE, OFFICER, importer

CLOCK = FixedClock(NOW.astimezone(BISHKEK), BISHKEK)
POPPLER = pytest.mark.skipif(shutil.which("pdfsig") is None, reason="no poppler-utils here: no second reader")
NUMBER = "P-6"
LICENCE = "LIC-E-IMP"


def content_of(session: Session, kind: str, subject: str, settings: Settings) -> Content:
    return queries.source_of(session, queries.kind_named(kind), subject, settings).content


def made(session: Session, settings: Settings, content: Content, languages: str = "ky-ru") -> service.Handed:
    ready = service.prepare(session, CLOCK, settings, content, languages)
    with unit_of_work(session):
        return service.hand_out(session, SYSTEM, CLOCK, content, languages, ready)


def words_of(data: bytes, folder: Path) -> str:
    """Return the text a second reader finds, blanks and line breaks as one."""
    path = folder / "paper.pdf"
    path.write_bytes(data)
    told = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True)
    return " ".join(told.stdout.split())


def endorsement(session: Session, settings: Settings) -> Content:
    permit = permit_of(session)
    line = next(iter(permit.lines.values()))
    revision = queries.revisions_by_ids(session, [line.revision_id], permit.issued_on)[line.revision_id]
    told = Endorsement(
        "E-1", NUMBER, "DE-77", "BfArM", Named("Importer", ky="Импорттоочу"), "Hersteller GmbH", "DE",
        date(2024, 6, 1), date(2024, 6, 3), "Манас", (EndorsedLine(revision, line.units, line.units - 1),), "one broken",
    )  # fmt: skip
    return endorsement_content(told, settings.authority)


def permit_of(session: Session):
    return queries.permits.permits_by_numbers(session, [NUMBER])[NUMBER]


@POPPLER
def test_every_document_is_signed_and_its_words_come_out_again(
    stocked: Session, signing: Settings, tmp_path: Path
) -> None:
    """In every kind and pair of languages: ң ө ү extract, a second reader finds the signature valid, the file whole."""
    contents = [
        content_of(stocked, PERMIT_DOCUMENT.code, NUMBER, signing),
        content_of(stocked, CERTIFICATE.code, NUMBER, signing),
        content_of(stocked, LICENCE_DOCUMENT.code, LICENCE, signing),
        endorsement(stocked, signing),
    ]
    for content in contents:
        for languages in PAIRS:
            handed = made(stocked, signing, content, languages)
            words = words_of(handed.data, tmp_path)
            assert content.subject in words
            assert content.digest in words
            assert AUTHORITY in words
            if "ky" in languages:
                assert {"ң", "ө", "ү"} <= set(words.lower()), (content.kind, languages)
            told = subprocess.run(["pdfsig", str(tmp_path / "paper.pdf")], capture_output=True, text=True).stdout
            assert "Signature is Valid" in told
            assert "Total document signed" in told
            assert "Signature Type: ETSI.CAdES.detached" in told
            assert "DEMO" in words, "signed with a practice key: it says so"


@POPPLER
def test_a_permit_says_what_the_model_forms_ask(stocked: Session, signing: Settings, tmp_path: Path) -> None:
    permit = permit_of(stocked)
    content = content_of(stocked, PERMIT_DOCUMENT.code, NUMBER, signing)
    words = words_of(made(stocked, signing, content, "ru-en").data, tmp_path)
    line = next(iter(permit.lines.values()))
    revision = queries.revisions_by_ids(stocked, [line.revision_id], permit.issued_on)[line.revision_id]
    part = revision.components[0]
    for told in (
        permit.partner,
        "Importer",
        "Exporter",
        part.substance_code,
        "As anhydrous base",
        "Quota year",
        "1 / ",
    ):
        assert told in words, told
    assert "This copy accompanies the goods." in words
    assert "Why it ends then" in words
    grams = line.units * part.base_ng_per_unit / 10**9
    assert Fraction(grams).denominator in {1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100, 125, 1000} or "≈" in words
    assert f"{permit.issued_on:%d.%m.%Y}" in words
    assert f"{permit.expires_on:%d.%m.%Y}" in words


def test_every_kind_of_permit_has_a_paper(stocked: Session, signing: Settings) -> None:
    permit = permit_of(stocked)
    source = queries.permit_source(stocked, permit, signing)
    with working_key(signing, NOW) as key:
        for code in PERMIT_KINDS:
            told = permit_content(dataclasses.replace(source, permit=dataclasses.replace(permit, kind=code)))
            assert service.unsigned_page(key, signing, told, "ky-ru").startswith(b"%PDF")


def test_the_last_day_is_told_with_its_cause(stocked: Session, signing: Settings) -> None:
    source = queries.permit_source(stocked, permit_of(stocked), signing)
    permit = dataclasses.replace(source.permit, issued_on=date(2024, 1, 10), quota_year=2024)
    bare = dataclasses.replace(source, covering=(), permit=permit)

    def cause(expires_on: date, **particulars: str) -> str:
        asked = dataclasses.replace(permit, expires_on=expires_on, particulars=particulars)
        return expiry_cause(dataclasses.replace(bare, permit=asked)).msgid

    own = date(2024, 1, 10) + timedelta(days=bare.validity_days)
    assert "longest term" in cause(own)
    assert "quota year" in cause(date(2024, 12, 31))
    assert "foreign permit" in cause(date(2024, 3, 1), counterpart_expires_on="2024-03-01")
    assert "decision" in cause(date(2024, 3, 1))
    licensed = dataclasses.replace(source, permit=dataclasses.replace(permit, expires_on=source.covering[0].valid_to))
    assert "licence" in expiry_cause(licensed).msgid


def test_the_same_bytes_again_and_every_deed_audited(stocked: Session, signing: Settings) -> None:
    content = content_of(stocked, PERMIT_DOCUMENT.code, NUMBER, signing)
    first = made(stocked, signing, content)
    renamed = dataclasses.replace(content, authority="Another name")
    again = made(stocked, signing, renamed)
    assert first.is_new
    assert not again.is_new
    assert again.data == first.data, "a permit is made once, whatever is renamed later"
    other = made(stocked, signing, content, "ru-en")
    assert other.data != first.data
    assert other.digest == first.digest, "what it says has no language"
    deeds = stocked.execute(text("SELECT action FROM audit_event WHERE action LIKE 'documents.%' ORDER BY sequence"))
    assert [row.action for row in deeds] == [
        "documents.make", "documents.download", "documents.download", "documents.make", "documents.download",
    ]  # fmt: skip


def test_a_licence_that_changed_gets_a_new_paper(stocked: Session, signing: Settings) -> None:
    content = content_of(stocked, LICENCE_DOCUMENT.code, LICENCE, signing)
    first = made(stocked, signing, content)
    assert made(stocked, signing, content).data == first.data
    assert made(stocked, signing, dataclasses.replace(content, authority="Another")).data != first.data


def test_a_kept_document_is_never_changed(stocked: Session, signing: Settings) -> None:
    made(stocked, signing, content_of(stocked, PERMIT_DOCUMENT.code, NUMBER, signing))
    for deed in (update(SignedDocument).values(made_by="x"), delete(SignedDocument)):
        with pytest.raises(DBAPIError):
            stocked.execute(deed)
        stocked.rollback()


@pytest.mark.parametrize("fault", ["none", "missing", "no file", "password", "expired", "not yet", "use", "rubbish"])
def test_without_a_working_key_there_is_no_document(
    stocked: Session, another_key: Callable[..., Settings], tmp_path: Path, fault: str
) -> None:
    """All refused, none kept; the same settings with nothing wrong make one."""
    good = another_key()
    rubbish = tmp_path / "rubbish.p12"
    rubbish.write_bytes(b"no key")
    faulty = {
        "none": lambda: dataclasses.replace(good, signing_key_file=""),
        "missing": lambda: dataclasses.replace(good, signing_key_file=str(tmp_path / "gone.p12")),
        "no file": lambda: dataclasses.replace(good, signing_key_file=str(tmp_path)),
        "password": lambda: another_key(name="Locked", password=b"other"),
        "expired": lambda: another_key(NOW - timedelta(days=20), days=19),
        "not yet": lambda: another_key(NOW + timedelta(minutes=1)),
        "use": lambda: another_key(signs=False),
        "rubbish": lambda: dataclasses.replace(good, signing_key_file=str(rubbish)),
    }[fault]()
    content = content_of(stocked, PERMIT_DOCUMENT.code, NUMBER, good)
    for languages in PAIRS:
        with pytest.raises(NotSigned):
            service.prepare(stocked, CLOCK, faulty, content, languages)
    assert queries.kept_documents(stocked, content.kind, NUMBER) == []
    assert not stocked.query(AuditEvent).filter(AuditEvent.action == "documents.make").count()
    if fault != "expired":
        assert service.prepare(stocked, CLOCK, another_key(name="Good"), content, "ky-ru") is not None


def test_the_last_second_of_a_certificate_still_signs(another_key: Callable[..., Settings]) -> None:
    begins = NOW - timedelta(days=10)
    settings = another_key(begins, days=10)
    with working_key(settings, NOW) as key:
        assert not key.is_practice
    with pytest.raises(NotSigned), working_key(settings, NOW + timedelta(seconds=1)):
        pass


def test_a_device_that_is_not_there_signs_nothing(signing: Settings) -> None:
    device = dataclasses.replace(signing, signing_pkcs11_library="/nowhere/softhsm.so", signing_pkcs11_label="x")
    with pytest.raises(NotSigned), working_key(device, NOW):
        pass


def test_the_stamp_stands_only_on_papers_of_a_practice_key(
    stocked: Session, signing: Settings, another_key: Callable[..., Settings]
) -> None:
    content = content_of(stocked, PERMIT_DOCUMENT.code, NUMBER, signing)
    pages = []
    for settings in (signing, another_key()):
        with working_key(settings, NOW) as key:
            pages.append(service.paper_of(content, "ky-ru", key.name, "", service.PRACTICE if key.is_practice else ""))
    assert [page.stamp for page in pages] == ["DEMO", ""]


def test_a_paper_is_signed_by_its_own_certificate_only(
    stocked: Session, signing: Settings, another_key: Callable[..., Settings]
) -> None:
    data = made(stocked, signing, content_of(stocked, PERMIT_DOCUMENT.code, NUMBER, signing)).data
    with working_key(signing, NOW) as own, working_key(another_key(), NOW) as other:
        assert is_signed_by(data, own.certificate, NOW)
        assert not is_signed_by(data, other.certificate, NOW)


@POPPLER
def test_a_refusal_tells_ground_text_and_appeal(stocked: Session, signing: Settings, tmp_path: Path) -> None:
    """Only of a case that was refused; its words come out in Kyrgyz and Russian."""
    asked = Submission("A-1", "import", "E-IMP", "IN", "Supplier", (("MOR10", "100"),), date(2024, 7, 1))
    number = submit_application(stocked, importer(stocked), JUNE, asked)
    stocked.commit()
    with pytest.raises(NotFound):
        content_of(stocked, REFUSAL.code, "A-1", signing)
    with unit_of_work(stocked):
        row = queries.permits.application_by_id(stocked, number)
        cases.take_up(stocked, OFFICER, JUNE, number, row.version)
        cases.propose_refusal(stocked, OFFICER, JUNE, number, row.version + 1, "false_data", "Маалымат туура эмес")
        cases.refuse(stocked, APPROVER, JUNE, number, row.version + 2, "false_data", "Маалымат туура эмес")
    content = content_of(stocked, REFUSAL.code, "A-1", signing)
    words = words_of(made(stocked, signing, content).data, tmp_path)
    for told in ("A-1", "Маалымат туура эмес", "даттанууга", "обжаловать", "Недостоверные сведения", AUTHORITY):
        assert told in words.replace("- ", ""), told
    told = subprocess.run(["pdfsig", str(tmp_path / "paper.pdf")], capture_output=True, text=True).stdout
    assert "Signature is Valid" in told
