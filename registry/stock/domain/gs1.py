"""What a scanner reads off a pack: GS1 element strings and plain trade item numbers, as keyboards really deliver them.

A wedge scanner types like a keyboard: under a Cyrillic layout letters arrive as Cyrillic ones, the separator (FNC1,
which a scanner sends as GS, 29) arrives as a substitute or is lost, some scanners put the symbology in front.
Nothing is guessed: where a lost separator leaves two readings, the batch is not taken from either. Pure.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date

from registry.kernel.text import N_, Message

SEPARATOR = "\x1d"
GTIN_DIGITS = (8, 12, 13, 14)
LONGEST = 400
HALF_CENTURY = 50
SHORTEST_HIDDEN = 8
"""A batch or serial number of six signs and its identifier: a shorter tail is taken for a part of the number."""

# The character set of element strings holds none of these: a scanner puts them where it cannot send the separator.
_SUBSTITUTES = re.compile(r"<GS>|\{GS\}|\[GS\]|\\u001d|\\x1d|\^\]|[\x1d\u241d\u2194~|^{}#@$\\]", re.IGNORECASE)
_PREFIX = re.compile(r"\](C1|C0|d1|d2|Q1|Q3|E0|E4|e0|J1)", re.IGNORECASE)
_BRACKETED = re.compile(r"\(([0-9]{2,4})\)")
_CYRILLIC = re.compile(r"[А-Яа-яЁё]")
_RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю.ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,№"
_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,./~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?#"
_LAYOUT = str.maketrans(_RUSSIAN, _LATIN)

# Application identifier -> length of its data; fixed ones need no separator, the others are at most so long.
FIXED = {
    "00": 18, "01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2,
    "410": 13, "411": 13, "412": 13, "413": 13, "414": 13, "415": 13, "416": 13, "417": 13,
    "422": 3, "424": 3, "426": 3, "7003": 10, "8005": 6, "8017": 18, "8018": 18,
}  # fmt: skip
VARYING = {
    "10": 20, "21": 20, "22": 20, "235": 28, "240": 30, "241": 30, "242": 6, "243": 20, "250": 30, "251": 30, "254": 20,
    "30": 8, "37": 8, "400": 30, "401": 30, "403": 30, "420": 20, "421": 12, "423": 15, "425": 15, "703": 30,
    "710": 20, "711": 20, "712": 20, "713": 20, "714": 20, "715": 20, "716": 20, "7230": 30, "7240": 20,
    "8002": 20, "8003": 30, "8004": 30, "8006": 18, "8008": 12, "8020": 25, "8200": 70,
    "90": 30, **{str(number): 90 for number in range(91, 100)},
}  # fmt: skip
MEASURES = re.compile(r"3[1-6][0-9]{2}")
MEASURE_DIGITS = 6

NOT_READ = N_("“%(text)s” is no trade item number and no GS1 code: scan it again, or type the code of the product")
UNKNOWN_PART = N_(
    "the scanned code has a part “%(part)s” that is not known here: type product, batch and expiry by hand"
)
TOO_SHORT = N_("the scanned code ends in the middle of its part (%(part)s): scan it again")
WRONG_DIGIT = N_("the trade item number %(gtin)s has a wrong check digit: scan it again")
NO_GTIN = N_("the scanned code names no trade item: it is the label of a box or pallet, scan the pack itself")
LOST = N_(
    "the scanner lost the separator between the parts of the code: read batch and expiry from the pack, and have the scanner set to send it (GS, FNC1)"
)
NO_DAY = N_("the scanned expiry “%(text)s” is no day: read it from the pack")


@dataclass(frozen=True, slots=True)
class Scan:
    """What a code says; `fault`: why something is missing, though the rest may be used. `gtin` has 14 digits."""

    gtin: str = ""
    batch: str = ""
    expires_on: date | None = None
    serial: str = ""
    fault: Message | None = None


def looks_scanned(text: str) -> bool:
    """Say whether a text was scanned and not typed: a symbology, an identifier in brackets, or a right GTIN in front."""
    cleaned = _cleaned(text)
    if _PREFIX.match(cleaned) or _BRACKETED.match(cleaned):
        return True
    digits = cleaned.lstrip(SEPARATOR)
    return _is_gtin(digits) or (digits[:2] == "01" and digits[2:16].isdigit() and len(digits) >= 16)  # noqa: PLR2004 - AI and GTIN


def read_scan(text: str, year: int) -> Scan:
    """Read a scanned code; `year` is the present one, by which two digits of a year find their century."""
    cleaned = _cleaned(text)
    if len(cleaned) > LONGEST:
        return Scan(fault=_not_read(text))
    prefix = _PREFIX.match(cleaned)
    code = cleaned[prefix.end() :] if prefix else cleaned
    digits = code.strip(SEPARATOR)
    if _is_number(digits) and len(digits) in GTIN_DIGITS:
        if _is_gtin(digits):
            return Scan(gtin=digits.zfill(14))
        return Scan(fault=Message(WRONG_DIGIT, {"gtin": digits}))
    if _BRACKETED.match(code):
        code = _BRACKETED.sub(lambda found: SEPARATOR + found[1], code)
    if not _is_number(code.lstrip(SEPARATOR)[:2]):
        return Scan(fault=_not_read(text))
    return _parts(code.strip(SEPARATOR), year)


def _cleaned(text: str) -> str:
    """Return the code as the scanner read it: Latin letters, and one sign for every separator."""
    text = text.strip(" \t\r\n")
    if _CYRILLIC.search(text):
        text = text.translate(_LAYOUT)
    prefix = _PREFIX.match(text)
    head, rest = (prefix[0], text[prefix.end() :]) if prefix else ("", text)
    return head + _SUBSTITUTES.sub(SEPARATOR, rest)


def _parts(code: str, year: int) -> Scan:
    """Read element strings one after another, in any order; a second separator in a row means nothing."""
    scan, separated, rest = Scan(), SEPARATOR in code, code
    while rest := rest.lstrip(SEPARATOR):
        identifier, most, varies = _identifier(rest)
        if identifier is None:
            return _blamed(scan, Message(UNKNOWN_PART, {"part": rest[:4]}), separated=separated)
        body = rest[len(identifier) :]
        data = body.split(SEPARATOR, 1)[0] if varies else body[:most]
        if varies and len(data) > most:
            return _blamed(scan, Message(LOST), separated=False)
        if not data or (not varies and (len(data) < most or SEPARATOR in data)):
            return _blamed(scan, Message(TOO_SHORT, {"part": identifier}), separated=separated)
        rest = body[len(data) :]
        if varies and not separated and _hides(identifier, data, year):
            return _blamed(scan, Message(LOST), separated=False)
        scan = _with(scan, identifier, data, year)
    if scan.fault is None and not scan.gtin:
        return replace(scan, fault=Message(NO_GTIN))
    return scan


def _identifier(rest: str) -> tuple[str | None, int, bool]:
    """Return the identifier in front, how long its data is, and whether that varies."""
    for length in (2, 3, 4):
        found = rest[:length]
        if found in FIXED:
            return found, FIXED[found], False
        if found in VARYING:
            return found, VARYING[found], True
        if MEASURES.fullmatch(found):
            return found, MEASURE_DIGITS, False
    return None, 0, False


def _with(scan: Scan, identifier: str, data: str, year: int) -> Scan:
    """Return the scan with one part more; a part that cannot be is a fault, and the rest stays."""
    if identifier == "01":
        if not _is_gtin(data):
            return replace(scan, fault=Message(WRONG_DIGIT, {"gtin": data}))
        return replace(scan, gtin=data)
    if identifier == "10":
        return replace(scan, batch=data)
    if identifier == "17":
        day = _day(data, year)
        return replace(scan, expires_on=day) if day else replace(scan, fault=Message(NO_DAY, {"text": data}))
    return replace(scan, serial=data) if identifier == "21" else scan


def _blamed(scan: Scan, fault: Message, *, separated: bool) -> Scan:
    """Return the scan with its fault; a batch that may hold what comes after it is taken back."""
    return replace(scan, fault=scan.fault or fault, batch=scan.batch if separated else "")


def _hides(identifier: str, data: str, year: int) -> bool:
    """Say whether the data of a varying part may hold a further part, so that a separator may have been lost."""
    other = {"10": "21", "21": "10"}.get(identifier)
    for place in range(1, len(data)):
        tail = data[place:]
        if tail[:2] == "17" and _day(tail[2:8], year) and (len(tail) == 8 or tail[8:10] in {"10", "21"}):  # noqa: PLR2004
            return True
        if tail[:2] == "01" and _is_gtin(tail[2:16]):
            return True
        if tail[:2] == other and len(tail) >= SHORTEST_HIDDEN:
            return True
    return False


def _day(digits: str, year: int) -> date | None:
    """Read YYMMDD: day 00 is the last of the month; the year lies within fifty years of the present one."""
    if not (_is_number(digits) and len(digits) == 6):  # noqa: PLR2004 - YYMMDD
        return None
    short, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    full = year - year % 100 + short
    if short - year % 100 > HALF_CENTURY:
        full -= 100
    elif year % 100 - short >= HALF_CENTURY:
        full += 100
    try:
        return date(full, month, day or monthrange(full, month)[1])
    except ValueError:
        return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_gtin(text: str) -> bool:
    if not _is_number(text) or len(text) not in GTIN_DIGITS:
        return False
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(text)))
    return weighed % 10 == 0


def _not_read(text: str) -> Message:
    return Message(NOT_READ, {"text": text.strip()[:40]})
