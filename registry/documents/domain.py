"""Documents before they have a language: what they say, their digest, and what their QR code holds. Pure.

A document of the authority leaves the house signed or not at all. Its *content* is what it says,
without a language: the same content has the same digest on a Kyrgyz, a Russian and an English paper.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from registry.kernel.errors import Unavailable
from registry.kernel.parameters import Parameter, ParameterKind
from registry.kernel.text import N_, Message, plain_params

CODE_EDITION = "R1"
"""Begins the signed part of a QR code; another arrangement of it gets another edition."""
CODE_DIGEST = 32
"""Digits of the digest in a QR code: 128 bits."""
PAIRS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"ky-ru": ("ky", "ru"), "ky-en": ("ky", "en"), "ru-en": ("ru", "en")}
)
"""Languages a paper may be in: the first stands first and larger."""

PUBLIC_DETAILS = Parameter(
    "documents.public_details",
    N_("The public page of a permit shows holder, partner and quantities too"),
    ParameterKind.SWITCH,
    "off",
    N_("Permits"),
    ("NC-P14",),
)


class NotSigned(Unavailable):
    """There is no working key: no document leaves the house."""


class Damaged(Unavailable):
    """A kept document is not what was kept."""


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind of document. `languages`: the pair offered first; `once`: made once, later facts change nothing."""

    code: str
    name: str
    languages: str
    action: str
    once: bool = True


PERMIT_DOCUMENT = DocumentKind("permit", N_("Permit"), "ky-ru", "permits.read")
CERTIFICATE = DocumentKind("certificate", N_("Import certificate"), "ru-en", "permits.read")
REFUSAL = DocumentKind("refusal", N_("Decision to refuse a permit"), "ky-ru", "permits.read")
LICENCE_DOCUMENT = DocumentKind("licence", N_("Licence"), "ky-ru", "licences.read", once=False)
ENDORSEMENT = DocumentKind("endorsement", N_("Endorsement of an export permit"), "ru-en", "permits.read")
DESTRUCTION_ACT = DocumentKind("destruction", N_("Act of destruction"), "ky-ru", "stock.lines.read")
DOCUMENT_KINDS: Mapping[str, DocumentKind] = MappingProxyType(
    {
        kind.code: kind
        for kind in (PERMIT_DOCUMENT, CERTIFICATE, REFUSAL, LICENCE_DOCUMENT, ENDORSEMENT, DESTRUCTION_ACT)
    }
)


@dataclass(frozen=True, slots=True)
class Country:
    """A country by its code."""

    code: str


@dataclass(frozen=True, slots=True)
class Named:
    """A name with its wording in Russian and Kyrgyz where one is recorded; `more` follows it as recorded."""

    name: str
    ru: str = ""
    ky: str = ""
    more: str = ""

    def in_language(self, language: str) -> str:
        """Return the name in `language`, the main one where none is recorded."""
        return ({"ru": self.ru, "ky": self.ky}.get(language) or self.name) + self.more


@dataclass(frozen=True, slots=True)
class Amount:
    """An exact quantity and the msgid of its unit."""

    value: Fraction
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Several:
    """Values one after the other, with a sign between them."""

    values: tuple[Value, ...]
    between: str = "; "


Value = str | Message | date | Country | Named | Amount | Several
"""What a field holds: words as recorded, a sentence, a day, a country, a name, a quantity, or several of them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is asked (a msgid) and the answer."""

    label: str
    value: Value


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under a heading (a msgid)."""

    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A table: heading and captions (msgids), shares of the width, rows."""

    heading: str
    captions: tuple[str, ...]
    shares: tuple[int, ...]
    rows: Sequence[Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Content:
    """What a document says. `token`: of its public page, empty where it has none.

    `substances`: codes, and `ends_on`: its last day, both told in the QR code.
    """

    kind: str
    subject: str
    title: str
    authority: str
    parts: tuple[Section | Listing, ...]
    notes: tuple[Message, ...] = ()
    token: str = ""
    what: str = ""
    substances: tuple[str, ...] = ()
    ends_on: date | None = None

    @property
    def digest(self) -> str:
        """Return SHA-256 of what the document says, as 64 hexadecimal digits: no language, no layout."""
        facts = [self.kind, self.subject, self.title, self.authority, self.token, self.what, list(self.substances)]
        told = [
            facts,
            _plain(self.ends_on or ""),
            [_part(part) for part in self.parts],
            [_plain(n) for n in self.notes],
        ]
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _part(part: Section | Listing) -> object:
    if isinstance(part, Section):
        return [part.heading, [[entry.label, _plain(entry.value)] for entry in part.entries]]
    return [part.heading, list(part.captions), [[_plain(value) for value in row] for row in part.rows]]


def _plain(value: Value) -> object:
    """Return a value as data with one spelling."""
    match value:
        case str():
            told: object = value
        case date():
            told = value.isoformat()
        case Message():
            told = {"msgid": value.msgid, "params": plain_params(value.params)}
        case Country():
            told = {"country": value.code}
        case Amount():
            told = {"amount": str(value.value), "unit": value.unit}
        case Several():
            told = [_plain(each) for each in value.values]
        case Named():
            told = {"name": value.name, "ru": value.ru, "ky": value.ky, "more": value.more}
    return told


@dataclass(frozen=True, slots=True)
class CodeClaims:
    """What a QR code says about a document: enough to compare with the paper without a network.

    `digest`: the first 32 digits of the one at the foot of the paper; a code must stay small enough to be read.
    """

    kind: str
    number: str
    what: str
    substances: tuple[str, ...]
    ends_on: str
    digest: str


def claims_of(content: Content) -> CodeClaims:
    """Return what the QR code of a document says."""
    ends_on = content.ends_on.isoformat() if content.ends_on else ""
    told = content.digest[:CODE_DIGEST]
    return CodeClaims(content.kind, content.subject, content.what, content.substances, ends_on, told)


def unsigned_code(address: str, claims: CodeClaims) -> str:
    """Return the part of a QR code that is signed: the address, and behind ``#`` what is claimed.

    A browser never sends what stands behind ``#``, so that scanning the code tells the server nothing but the token.
    """
    digest = _packed(bytes.fromhex(claims.digest))
    told = [claims.kind, claims.number, claims.what, list(claims.substances), claims.ends_on, digest]
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return f"{address}#{CODE_EDITION}.{_packed(text.encode())}"


def signed_code(unsigned: str, signature: bytes) -> str:
    """Return the whole text of a QR code."""
    return f"{unsigned}.{_packed(signature)}"


class NoCode(ValueError):
    """A text that is no QR code of this edition."""


def read_code(text: str) -> tuple[bytes, bytes, CodeClaims]:
    """Return what was signed, the signature and the claims of a QR code. Raises `NoCode`.

    Only the one spelling that `signed_code` writes is taken: a second one would be a second code.
    """
    unsigned, _, signature = text.rpartition(".")
    address, mark, told = unsigned.rpartition("#")
    edition, _, packed = told.partition(".")
    if not mark or edition != CODE_EDITION:
        raise NoCode(text[:40])
    try:
        kind, number, what, substances, ends_on, digest = json.loads(_unpacked(packed))
        claims = CodeClaims(kind, number, what, tuple(substances), ends_on, _unpacked(digest).hex())
        signed = _unpacked(signature)
        same = unsigned_code(address, claims) == unsigned
    except (ValueError, TypeError, AttributeError) as error:
        raise NoCode(text[:40]) from error
    if not same:
        raise NoCode(text[:40])
    return unsigned.encode(), signed, claims


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpacked(text: str) -> bytes:
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise NoCode(text[:40]) from error
    if _packed(data) != text:
        raise NoCode(text[:40])
    return data
