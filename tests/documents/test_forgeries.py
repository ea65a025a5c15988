"""A thousand forged files and none of them genuine; QR codes of others, changed ones, and the check without a network."""

from __future__ import annotations

import dataclasses
import io
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from flask import Flask
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from registry.documents import service
from registry.documents.domain import (
    PERMIT_DOCUMENT,
    Content,
    NoCode,
    claims_of,
    read_code,
    signed_code,
    unsigned_code,
)
from registry.documents.genuine import is_signed_by
from registry.documents.practice import write_practice_key
from registry.documents.signing import Key, code_holds, sign, working_key
from registry.settings import Settings
from tests.documents.conftest import NOW, with_key
from tests.pages import build, close

CONTENT = Content(
    PERMIT_DOCUMENT.code, "KG-I-2026-000001", "import permit", "Authority", (), token="t" * 43, what="import",
    substances=("NM 009", "PF 003"), ends_on=NOW.date(),
)  # fmt: skip
MUTANTS = 1000
SHARES = 4
"""So many tests look at a share of the thousand each, so that those who run side by side have the same to do."""


@pytest.fixture
def key(signing: Settings) -> Iterator[Key]:
    with working_key(signing, NOW) as found:
        yield found


@pytest.fixture
def paper(key: Key, signing: Settings) -> bytes:
    return signed(key, signing, CONTENT)


def signed(key: Key, settings: Settings, content: Content) -> bytes:
    return sign(key, service.unsigned_page(key, settings, content, "ky-ru"), NOW, service.REASON, "KG")


def flipped(data: bytes, place: int, bit: int) -> bytes:
    return data[:place] + bytes([data[place] ^ (1 << bit)]) + data[place + 1 :]


def hole_of(data: bytes) -> tuple[int, int]:
    """Return where the signature stands in the file."""
    begin = data.index(b"/Contents <") + len(b"/Contents ")
    return begin, data.index(b">", begin) + 1


def added(data: bytes, number: int) -> bytes:
    """Return the file with a further revision behind the signature, as an editor saves it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    writer.root[pdf_name("/Shadow")] = pdf_string(f"changed {number}")
    writer.update_root()
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def mutants(data: bytes, other: bytes, foreign: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield a thousand files that are not the paper; `other`: another paper of ours, `foreign`: signed by a stranger."""
    chance = random.Random(31)
    begin, end = hole_of(data)
    for _ in range(400):
        yield "bit", flipped(data, chance.randrange(len(data)), chance.randrange(8))
    for _ in range(250):
        yield "bit of the signature", flipped(data, chance.randrange(begin, end), chance.randrange(8))
    for _ in range(100):
        yield "cut", data[: chance.randrange(len(data))]
    for number in range(60):
        yield "revision added", added(data, number)
    for number in range(100):
        yield "behind the end", data + bytes([number]) * chance.randrange(1, 40)
    theirs = other[slice(*hole_of(other))]
    strange = foreign[slice(*hole_of(foreign))]
    for number in range(40):
        swapped = (theirs if number % 2 else strange)[: end - begin - 1].ljust(end - begin - 1, b"0") + b">"
        place = chance.randrange(1000)
        yield "signature of another paper", data[:begin] + swapped + data[end:] + b"\n" * (number // 2 and place % 3)
    for _ in range(50):
        first, last = sorted(chance.sample(range(len(data)), 2))
        yield "piece taken out", data[:first] + data[last:]
    for _ in range(48):
        place = chance.randrange(len(data))
        yield "piece of another paper", data[:place] + other[place:]
    yield "no signature", data[:begin] + b"<" + b"0" * (end - begin - 2) + b">" + data[end:]
    yield "signed by a stranger", foreign


def forgeries(data: bytes, key: Key, signing: Settings, foreign: bytes) -> list[tuple[str, bytes]]:
    other = signed(key, signing, dataclasses.replace(CONTENT, subject="KG-I-2026-000002"))
    return [(how, made) for how, made in mutants(data, other, foreign) if made not in (data, other)]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("share", range(SHARES))
def test_of_a_thousand_forged_files_none_is_genuine(
    key: Key, paper: bytes, signing: Settings, another_key: Callable[..., Settings], share: int
) -> None:
    stranger = another_key(name=key.name)
    with working_key(stranger, NOW) as other:
        foreign = signed(other, stranger, CONTENT)
    forged = forgeries(paper, key, signing, foreign)
    assert len(forged) >= MUTANTS
    certificate = key.certificate
    assert is_signed_by(paper, certificate, NOW)
    taken = [how for how, made in forged[share::SHARES] if is_signed_by(made, certificate, NOW)]
    assert taken == []


def test_a_reader_that_only_asks_whether_the_signature_is_valid_is_deceived(paper: bytes, key: Key) -> None:
    """The seeded fault: what our check would be without the whole-file rule takes an added revision for genuine."""
    reader = PdfFileReader(io.BytesIO(added(paper, 1)))
    roots = [reader.embedded_signatures[0].signer_cert]
    status = validate_pdf_signature(
        reader.embedded_signatures[0], ValidationContext(trust_roots=roots, allow_fetching=False, moment=NOW)
    )
    assert status.intact
    assert status.valid
    assert not is_signed_by(added(paper, 1), key.certificate, NOW)


def test_a_code_tells_what_the_paper_says(key: Key, signing: Settings) -> None:
    unsigned = unsigned_code("https://registry.example.kg/verify/" + CONTENT.token, claims_of(CONTENT))
    code = signed_code(unsigned, key.sign_code(unsigned.encode()))
    assert code.startswith("https://registry.example.kg/verify/" + "t" * 43 + "#R1.")
    assert len(code) < 400, "a telephone reads it from paper"
    claims = read_code(code)[2]
    assert claims == claims_of(CONTENT)
    assert (claims.number, claims.substances, claims.ends_on) == (CONTENT.subject, ("NM 009", "PF 003"), "2024-06-15")
    assert code_holds(code, key.certificate.public_key())  # type: ignore[arg-type]


def test_no_changed_code_holds(key: Key, another_key: Callable[..., Settings]) -> None:
    unsigned = unsigned_code("https://registry.example.kg/verify/" + CONTENT.token, claims_of(CONTENT))
    code = signed_code(unsigned, key.sign_code(unsigned.encode()))
    public = key.certificate.public_key()
    chance = random.Random(7)
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.#/"
    for _ in range(1000):
        place = chance.randrange(len(code))
        changed = code[:place] + chance.choice(signs.replace(code[place], "")) + code[place + 1 :]
        assert not code_holds(changed, public), changed  # type: ignore[arg-type]
    longer = dataclasses.replace(claims_of(CONTENT), ends_on="2030-12-31")
    body = unsigned_code("https://registry.example.kg/verify/" + CONTENT.token, longer)
    assert not code_holds(signed_code(body, key.sign_code(unsigned.encode())), public)  # type: ignore[arg-type]
    with working_key(another_key(), NOW) as stranger:
        assert not code_holds(signed_code(unsigned, stranger.sign_code(unsigned.encode())), public)  # type: ignore[arg-type]
    for nothing in ("", "https://registry.example.kg/verify/x", "R1.x.y", "#R1..", "#R2." + code.split("#R1.")[1]):
        assert not code_holds(nothing, public)  # type: ignore[arg-type]
        with pytest.raises(NoCode):
            read_code(nothing)


def test_every_other_content_has_another_digest() -> None:
    others = [
        dataclasses.replace(CONTENT, subject="KG-I-2026-000002"),
        dataclasses.replace(CONTENT, substances=("NM 009",)),
        dataclasses.replace(CONTENT, ends_on=None),
        dataclasses.replace(CONTENT, token="u" * 43),
        dataclasses.replace(CONTENT, authority="Other"),
    ]
    assert len({one.digest for one in (CONTENT, *others)}) == len(others) + 1


@pytest.fixture
def app(stocked_url: str, tmp_path: Path) -> Iterator[Flask]:
    path = tmp_path / "key.p12"
    write_practice_key(path, "Ministry", datetime.now(UTC))
    own = with_key(Settings(), path)
    made = build(
        stocked_url, tmp_path, signing_key_file=own.signing_key_file, signing_password_file=own.signing_password_file
    )
    yield made
    close(made)


def test_the_commands_make_check_and_verify(app: Flask, tmp_path: Path) -> None:
    runner, out, pem = app.test_cli_runner(), tmp_path / "p.pdf", tmp_path / "c.pem"
    made = runner.invoke(args=["documents", "make", "permit", "P-6", "--out", str(out), "--json"])
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    assert told["made_now"]
    again = runner.invoke(args=["documents", "make", "permit", "P-6", "--out", str(tmp_path / "q.pdf"), "--json"])
    assert json.loads(again.stdout)["sha256"] == told["sha256"]
    printed = runner.invoke(args=["documents", "certificate"])
    pem.write_text(printed.stdout)
    assert runner.invoke(args=["documents", "check", str(out)]).exit_code == 0
    assert runner.invoke(args=["documents", "check", str(out), "--certificate", str(pem)]).exit_code == 0
    out.write_bytes(out.read_bytes() + b" ")
    assert runner.invoke(args=["documents", "check", str(out)]).exit_code == 1
    assert runner.invoke(args=["documents", "check", str(out), "--certificate", str(pem)]).exit_code == 1
    with working_key(app.extensions["registry.settings"], app.extensions["registry.clock"].now()) as key:
        unsigned = unsigned_code("https://r/verify/t", claims_of(CONTENT))
        code = signed_code(unsigned, key.sign_code(unsigned.encode()))
        public = tmp_path / "public.pem"
        spelled = serialization.PublicFormat.SubjectPublicKeyInfo
        public.write_bytes(key.certificate.public_key().public_bytes(serialization.Encoding.PEM, spelled))
    for held in (pem, public):
        answer = runner.invoke(args=["documents", "verify-qr", code, "--key", str(held), "--json"])
        assert answer.exit_code == 0, answer.output
        assert json.loads(answer.stdout)["number"] == CONTENT.subject
    changed = runner.invoke(args=["documents", "verify-qr", code[:-5] + "AAAAA", "--key", str(public), "--json"])
    assert changed.exit_code == 1
    assert json.loads(changed.stdout) == {"holds": False}


def test_without_a_key_the_command_writes_no_file(stocked_url: str, tmp_path: Path) -> None:
    app = build(stocked_url, tmp_path)
    out = tmp_path / "p.pdf"
    refused = app.test_cli_runner().invoke(args=["documents", "make", "permit", "P-6", "--out", str(out)])
    assert refused.exit_code == 1
    assert "REGISTRY_SIGNING_KEY_FILE" in refused.output
    assert not out.exists()
    close(app)


def test_a_key_is_made_once_and_for_the_owner_only(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "new" / "own.p12"
    runner = app.test_cli_runner()
    made = runner.invoke(args=["documents", "make-key", "--out", str(path), "--name", "Office"])
    assert made.exit_code == 0, made.output
    assert f"REGISTRY_SIGNING_KEY_FILE={path}" in made.output
    assert {one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == {0o600}
    assert runner.invoke(args=["documents", "make-key", "--out", str(path)]).exit_code == 2
    with working_key(with_key(Settings(), path), app.extensions["registry.clock"].now()) as key:
        assert key.name == "DEMO Office"
        assert key.is_practice
