"""Where the permit of another authority says something else than ours. What one of the two does not state is no difference."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from registry.correspondence.domain.facts import exact_text
from registry.correspondence.domain.tree import COUNTRY, DAY, EXACT, NAME, QUANTITY, Data, Kind
from registry.kernel.codes import search_key, substance_code
from registry.kernel.text import N_
from registry.permits.domain.kinds import Way

NAMES = ("name", "name_ru", "name_ky")
ACROSS = frozenset({Way.IMPORT.value, Way.EXPORT.value})


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `name`: a msgid; `about`: which substance; `ours`, `theirs`: values of `kind`, empty: not there.

    `is_sure` False: names in two scripts, which may well be the same; a person has to look.
    """

    code: str
    name: str
    ours: str
    theirs: str
    kind: Kind = NAME
    about: str = ""
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Pair:
    """Two places that must say the same."""

    code: str
    name: str
    ours: str
    theirs: str
    kind: Kind = NAME


PAIRS = (
    Pair("our_number", N_("Number of our permit"), "identity/number", "foreign_document/number"),
    Pair("their_number", N_("Number of the other country's permit"), "foreign_document/number", "identity/number"),
    Pair("their_country", N_("Country that issued it"), "foreign_document/country", "authority/country", COUNTRY),
    Pair("their_issuer", N_("Authority that issued the foreign permit"), "foreign_document/issuer", "authority/name"),
    Pair("their_issue", N_("Foreign permit issued on"), "foreign_document/issued_on", "validity/issued_on", DAY),
    Pair("their_end", N_("Foreign permit valid to"), "foreign_document/expires_on", "validity/expires_on", DAY),
    Pair("our_issue", N_("Our permit issued on"), "validity/issued_on", "foreign_document/issued_on", DAY),
    Pair("our_end", N_("Our permit valid to"), "validity/expires_on", "foreign_document/expires_on", DAY),
    Pair(
        "importer_country",
        N_("Country of the importer"),
        "parties/importer/country",
        "parties/importer/country",
        COUNTRY,
    ),
    Pair(
        "exporter_country",
        N_("Country of the exporter"),
        "parties/exporter/country",
        "parties/exporter/country",
        COUNTRY,
    ),
)
PARTIES = (("importer", N_("Importer")), ("exporter", N_("Exporter")), ("consignee", N_("Consignee")))


def differences(ours: Data, theirs: Data) -> list[Difference]:
    """Return every difference between our permit (or application) and theirs, both as data of a file."""
    return [
        *_trade(ours, theirs),
        *_pairs(ours, theirs),
        *_parties(ours, theirs),
        *_quantity(ours, theirs),
        *_substances(ours, theirs),
    ]


def _trade(ours: Data, theirs: Data) -> Iterator[Difference]:
    """Tell where both permit the import, or both the export: the goods would go nowhere."""
    own, other = _at(ours, "identity/trade"), _at(theirs, "identity/trade")
    if own == other and own in ACROSS:
        yield Difference("trade", N_("What the goods do"), own, other)


def _pairs(ours: Data, theirs: Data) -> Iterator[Difference]:
    for pair in PAIRS:
        own, other = _at(ours, pair.ours), _at(theirs, pair.theirs)
        if own and other and search_key(own) != search_key(other):
            yield Difference(pair.code, pair.name, own, other, pair.kind)


def _parties(ours: Data, theirs: Data) -> Iterator[Difference]:
    """Compare the names of the parties in every language in which both sides have one."""
    for role, name in PARTIES:
        own = [told for each in NAMES if (told := _at(ours, f"parties/{role}/{each}"))]
        other = [told for each in NAMES if (told := _at(theirs, f"parties/{role}/{each}"))]
        if own and other and not {search_key(one) for one in own} & {search_key(one) for one in other}:
            sure = any(_scripts(one) & _scripts(each) for one in own for each in other)
            yield Difference(role, name, own[0], other[0], is_sure=sure)


def _scripts(name: str) -> set[str]:
    """Return the scripts of the letters of a name: ``LATIN``, ``CYRILLIC``."""
    return {unicodedata.name(sign, "").partition(" ")[0] for sign in name if sign.isalpha()}


def _quantity(ours: Data, theirs: Data) -> Iterator[Difference]:
    """Compare the quantity as labelled where each has one line in the same unit; else the base alone is compared."""
    own, other = ours.get("lines", []), theirs.get("lines", [])
    if len(own) != 1 or len(other) != 1 or own[0]["unit"] != other[0]["unit"]:
        return
    if Fraction(own[0]["quantity"]) != Fraction(other[0]["quantity"]):
        yield Difference(
            "quantity",
            N_("Quantity as labelled"),
            own[0]["quantity"],
            other[0]["quantity"],
            QUANTITY,
            own[0]["product"]["name"],
        )


def _substances(ours: Data, theirs: Data) -> Iterator[Difference]:
    """Compare the anhydrous base of every substance, all lines together."""
    own, other = _bases(ours), _bases(theirs)
    for one in own:
        same = [each for each in other if each.keys & one.keys]
        found = sum((each.grams for each in same), Fraction(0))
        if found != one.grams:
            yield _base(one.name, one.grams, found if same else None)
    for each in other:
        if not any(each.keys & one.keys for one in own):
            yield _base(each.name, None, each.grams)


def _base(name: str, ours: Fraction | None, theirs: Fraction | None) -> Difference:
    told = [exact_text(grams) if grams is not None else "" for grams in (ours, theirs)]
    return Difference("base", N_("As anhydrous base, g"), told[0], told[1], EXACT, name)


@dataclass(slots=True)
class _Base:
    """The base of one substance in all lines; `keys`: all it may be known by."""

    name: str
    keys: set[str] = field(default_factory=set)
    grams: Fraction = Fraction(0)


def _bases(data: Data) -> Sequence[_Base]:
    found: list[_Base] = []
    places: dict[str, int] = {}
    for line in data.get("lines", []):
        for each in line.get("substances", []):
            keys = {search_key(each["name"]), *({each["cas"]} if "cas" in each else ()), *_codes(each.get("code", ""))}
            place = min((places[key] for key in keys if key in places), default=len(found))
            if place == len(found):
                found.append(_Base(each["name"]))
            places |= dict.fromkeys(keys, place)
            found[place].keys |= keys
            found[place].grams += Fraction(each["base_grams"])
    return found


def _codes(code: str) -> tuple[str, ...]:
    return (substance_code(code),) if code else ()


def _at(data: Data, path: str) -> str:
    found: object = data
    for name in path.split("/"):
        found = found.get(name, "") if isinstance(found, dict) else ""
    return str(found)
