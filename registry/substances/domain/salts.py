"""Names of salts, hydrates and esters: how the lists print them, how people write them, which row is meant.

A name has up to five parts: the parent or isomer the row is printed under (only where it is
not the listed substance itself), the plain name, the ratio ("2 mol. base"), another solvent
("2 CH3OH") and the water of crystallisation. A part a person leaves out fits every value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from registry.kernel.codes import search_key
from registry.kernel.mass import PPM, decimal_text
from registry.kernel.text import N_, Message

BASE = "base"
HYDRATES = {
    "0.5": N_("hemihydrate"),
    "1": N_("monohydrate"),
    "1.5": N_("sesquihydrate"),
    "2": N_("dihydrate"),
    "3": N_("trihydrate"),
    "4": N_("tetrahydrate"),
    "5": N_("pentahydrate"),
    "6": N_("hexahydrate"),
    "7": N_("heptahydrate"),
}
"""Water of crystallisation that has a name of its own; other amounts are written ``2.5 H2O``."""

ANHYDROUS = N_("anhydrous")
_AMOUNT_OF_WORD = {word: amount for amount, word in HYDRATES.items()} | {ANHYDROUS: "0"}
_BRACKETS = re.compile(r"\(([^()]*)\)\s*$")
_WATER = re.compile(r"(?:^|\s)([0-9]+(?:[.,][0-9]+)?)?\s*h2o$", re.IGNORECASE)
_RATIO = re.compile(r"^[0-9]+ mol\.? base$")
_SOLVENT = re.compile(r"^[0-9]+ ch3oh$")
_SPELLINGS = (("sulph", "sulf"), ("mono hydrate", "monohydrate"))


class SaltRefused(ValueError):
    """A salt that no row fits, or several with different shares; `message` offers what is printed."""

    def __init__(self, code: str, message: Message) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class SaltName:
    """The parts of a salt's name in lower case; None or an empty text: not stated."""

    plain: str
    hydrate: str | None = None
    ratio: str = ""
    solvent: str = ""


@dataclass(frozen=True, slots=True)
class PrintedSalt:
    """A row of a factor table as printed: `hydrate` is the number of H2O in its own column, or empty.

    `variant`: the name the row is printed under, where it is not the listed substance itself.
    """

    printed: str
    hydrate: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True)
class FactorFact:
    """One row of a factor table: `salt` is its normalised name, `base_ppm` None where none is printed."""

    id: int | None
    salt: str
    printed: PrintedSalt
    base_ppm: int | None
    check_mark: str = ""
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """The answer: how much of the stated mass is anhydrous base, and by which row (None: the base itself)."""

    salt: str
    base_ppm: int
    factor_id: int | None = None


def parse_salt(text: str) -> SaltName:
    """Take a salt's name apart: ``Sulfate (2 mol. base, 2 H2O)``, ``phosphate hemihydrate``, ``bitartrate 2.5 H2O``."""
    rest = search_key(text)
    for wrong, right in _SPELLINGS:
        rest = rest.replace(wrong, right)
    parts: dict[str, str] = {}
    brackets = _BRACKETS.search(rest)
    if brackets and all(_take(part.strip(), parts) for part in brackets[1].split(",")):
        rest = rest[: brackets.start()].strip()
    rest = _take_water(rest, parts)
    return SaltName(rest, parts.get("hydrate"), parts.get("ratio", ""), parts.get("solvent", ""))


def _take(part: str, parts: dict[str, str]) -> bool:
    if _RATIO.match(part):
        parts["ratio"] = part
    elif _SOLVENT.match(part):
        parts["solvent"] = part
    elif _WATER.search(part) or part in _AMOUNT_OF_WORD:
        return not _take_water(part, parts)
    else:
        return False
    return True


def _take_water(rest: str, parts: dict[str, str]) -> str:
    water = _WATER.search(rest)
    if water:
        parts["hydrate"] = (water[1] or "1").replace(",", ".")
        return rest[: water.start()].strip()
    before, _, last = rest.rpartition(" ")
    if last in _AMOUNT_OF_WORD:
        parts["hydrate"] = _AMOUNT_OF_WORD[last]
        return before
    if rest.startswith(f"{ANHYDROUS} "):
        parts["hydrate"] = "0"
        return rest.removeprefix(f"{ANHYDROUS} ")
    return rest


def parts_of(row: PrintedSalt) -> SaltName:
    """Return the parts of a printed row; a row that prints no water is anhydrous."""
    name = parse_salt(row.printed)
    hydrate = row.hydrate or name.hydrate or "0"
    return SaltName(name.plain, hydrate, name.ratio, name.solvent)


def canonical_names(rows: Sequence[PrintedSalt]) -> list[str]:
    """Return the normalised names of all rows of one substance, in their order; each is different.

    In lower case with the hydrate in words; ``anhydrous`` is said only where the list prints
    a hydrate of the same salt as well (contract section 2, `salt`).
    """
    parts = [parts_of(row) for row in rows]
    hydrates: dict[str, set[str]] = {}
    for name in parts:
        hydrates.setdefault(name.plain, set()).add(name.hydrate or "0")
    names = [
        _canonical(row, name, several=len(hydrates[name.plain]) > 1) for row, name in zip(rows, parts, strict=True)
    ]
    if len(set(names)) != len(names):
        raise ValueError(f"two rows of one substance have one name: {sorted(names)}")
    return names


def _canonical(row: PrintedSalt, name: SaltName, *, several: bool) -> str:
    inside = [part for part in (name.ratio, name.solvent.replace("ch3oh", "CH3OH")) if part]
    text = name.plain + (f" ({', '.join(inside)})" if inside else "")
    hydrate = name.hydrate or "0"
    if hydrate != "0":
        text += " " + HYDRATES.get(hydrate, f"{hydrate} H2O")
    elif several and not name.solvent:
        text += f" {ANHYDROUS}"
    return f"{search_key(row.variant)} {text}" if row.variant else text


def require_share(substance: str, stated: str, factors: Sequence[FactorFact], *, prints_factors: bool = True) -> Share:
    """Return the share of anhydrous base of `stated`, or raise `SaltRefused` with what is printed.

    `base` is 100 % for every substance. An exact name wins; a name that leaves a part out is
    enough where the rows it fits print one percentage. `prints_factors` False: the list of
    this substance holds no factors at all (precursors).
    """
    wanted = parse_salt(stated)
    if wanted.plain == BASE and wanted.hydrate in (None, "0") and not (wanted.ratio or wanted.solvent):
        return Share(BASE, PPM)
    if not prints_factors:
        raise SaltRefused(
            "no-factor-printed",
            Message(
                N_(
                    "the Red List prints no conversion factors for salts of precursors:"
                    " write “base” and state the amount of %(substance)s itself"
                ),
                {"substance": substance},
            ),
        )
    fitting = _fitting(stated, wanted, factors)
    if not fitting:
        raise SaltRefused("unknown-salt", _offer_all(substance, stated, factors))
    shares = {row.base_ppm for row in fitting}
    if len(shares) > 1:
        raise SaltRefused("ambiguous-salt", _offer(substance, stated, fitting))
    row = min(fitting, key=_preference)
    if row.base_ppm is None:
        raise SaltRefused(
            "no-percentage-printed",
            Message(
                N_(
                    "the list prints no percentage for %(salt)s of %(substance)s, because it depends on the"
                    " product: write “base” and state the amount of base"
                ),
                {"salt": row.salt, "substance": substance},
            ),
        )
    return Share(row.salt, row.base_ppm, row.id)


@dataclass(frozen=True, slots=True)
class OtherFactor:
    """A recorded component whose salt is printed differently today: `share` None where it is printed no more."""

    substance: str
    salt: str
    recorded_ppm: int
    share: Share | None


def other_factor(substance: str, salt: str, recorded_ppm: int, factors: Sequence[FactorFact]) -> OtherFactor | None:
    """Compare the recorded share of a salt with what `factors` print for it; None where both are equal."""
    try:
        share = require_share(substance, salt, factors)
    except SaltRefused:
        return OtherFactor(substance, salt, recorded_ppm, None)
    return None if share.base_ppm == recorded_ppm else OtherFactor(substance, salt, recorded_ppm, share)


def _fitting(stated: str, wanted: SaltName, factors: Sequence[FactorFact]) -> list[FactorFact]:
    key = search_key(stated)
    exact = [row for row in factors if search_key(row.salt) == key]
    if exact:
        return exact
    bare = [row for row in factors if _fits(wanted, row, row.printed.variant)]
    return bare or [row for row in factors if _fits(wanted, row, "")]


def _fits(wanted: SaltName, row: FactorFact, variant: str) -> bool:
    """Say whether every part a person stated is that of the row; `variant` must stand in front if given."""
    parts = parts_of(row.printed)
    plain = wanted.plain
    if variant:
        lead = search_key(variant) + " "
        if not plain.startswith(lead):
            return False
        plain = plain.removeprefix(lead)
    return (
        plain in _spellings(parts.plain)
        and wanted.hydrate in (None, parts.hydrate)
        and (not wanted.ratio or wanted.ratio == parts.ratio)
        and (not wanted.solvent or wanted.solvent == parts.solvent)
    )


def _spellings(plain: str) -> Iterable[str]:
    """Return the names one printed name stands for: ``a / b`` is two, ``a (b)`` may be called ``a`` or ``b``."""
    yield plain
    yield from plain.split(" / ")
    brackets = _BRACKETS.search(plain)
    if brackets:
        yield plain[: brackets.start()].strip()
        yield brackets[1]


def _preference(row: FactorFact) -> tuple[bool, bool, str]:
    return bool(row.printed.variant), parts_of(row.printed).hydrate != "0", row.salt


def percent_text(base_ppm: int | None) -> str:
    """Print a share as the lists do, in per cent: 750000 -> ``"75"``; an en dash where none is printed."""
    return "–" if base_ppm is None else decimal_text(Fraction(base_ppm * 100, PPM))


def _listing(rows: Iterable[FactorFact]) -> str:
    return "; ".join(f"{row.salt} ({percent_text(row.base_ppm)} %)" for row in rows)


def _offer(substance: str, stated: str, rows: Sequence[FactorFact]) -> Message:
    return Message(
        N_("“%(salt)s” of %(substance)s is printed with different percentages, say which is meant: %(offered)s"),
        {"salt": stated, "substance": substance, "offered": _listing(rows)},
    )


def _offer_all(substance: str, stated: str, rows: Sequence[FactorFact]) -> Message:
    if not rows:
        return Message(
            N_("the list prints no salts of %(substance)s: write “base” and state the amount of base"),
            {"substance": substance},
        )
    return Message(
        N_("the list prints no “%(salt)s” of %(substance)s. Printed: base (100 %%); %(offered)s"),
        {"salt": stated, "substance": substance, "offered": _listing(rows)},
    )
