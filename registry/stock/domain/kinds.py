"""MOVEMENT_KINDS: every kind of ledger entry, declared here and nowhere else.

A new kind is one entry of the table. The database stores its code only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from registry.kernel.text import N_


class Retail(Enum):
    """What an entry counts for nationally when the shelf is one of the retail level.

    The national stock of the 1961 Convention (art. 1) is that of the wholesale level only.
    """

    SILENT = "silent"
    CONSUMED = "consumed"


ANY_ACT: frozenset[str] = frozenset()
_MAKING = frozenset({"manufacture", "processing"})
_SENDING = frozenset({"distribution", "sale"})
_RECEIVING = frozenset({"acquisition"})


@dataclass(frozen=True, slots=True, eq=False)
class MovementKind:
    """One kind of entry.

    `shelf`: +1 the shelf of the site rises, -1 it falls, 0 it stays. `two_sided`: the
    counterparty is a site, its shelf moves the other way. `column`: the column of the forms
    it counts for at the wholesale level, with `column_sign`. `retail`: what it counts for at
    the retail level. `acts`, `counter_acts`: the licence must cover any one of these (empty:
    any act). `trade`: needs a permit of this kind and a partner country. `own`: written by the
    registry itself, never by a person or a file. `issues`: the goods go to be used, so that they must be fit and free
    for it. `corrects`: makes right what a receiver found otherwise than entered, by raising (+1) or lowering (-1) that shelf.
    """

    code: str
    name: str
    shelf: int
    column: str | None = None
    column_sign: int = 1
    retail: Retail = Retail.SILENT
    two_sided: bool = False
    acts: frozenset[str] = ANY_ACT
    counter_acts: frozenset[str] = ANY_ACT
    trade: str | None = None
    makes: bool = False
    licensed: bool = True
    own: bool = False
    issues: bool = False
    corrects: int = 0


def _table(*kinds: MovementKind) -> Mapping[str, MovementKind]:
    return {kind.code: kind for kind in kinds}


OPENING = MovementKind("opening_stock", N_("opening stock"), 1, "taken_on")
IMPORT = MovementKind(
    "import", N_("import"), 1, "imported", retail=Retail.CONSUMED, acts=frozenset({"import"}), trade="import"
)
EXPORT = MovementKind(
    "export",
    N_("export"),
    -1,
    "exported",
    retail=Retail.CONSUMED,
    acts=frozenset({"export"}),
    trade="export",
    issues=True,
)
SUPPLY = MovementKind(
    "supply",
    N_("supply to another organisation"),
    -1,
    two_sided=True,
    acts=_SENDING,
    counter_acts=_RECEIVING,
    issues=True,
    corrects=1,
)
TRANSFER = MovementKind("transfer", N_("transfer between own sites"), -1, two_sided=True, corrects=1)
RETURN_SUPPLY = MovementKind(
    "return_supply", N_("return to the supplier"), -1, two_sided=True, counter_acts=_RECEIVING, corrects=-1
)
DISPENSE = MovementKind(
    "dispense",
    N_("release on prescription"),
    -1,
    "consumed",
    acts=frozenset({"dispensing", "medical_use"}),
    issues=True,
)
MANUFACTURE = MovementKind(
    "manufacture", N_("manufacture"), 1, "manufactured", retail=Retail.CONSUMED, acts=_MAKING, makes=True
)
PROCESS_OUT = MovementKind("process_out", N_("taken for processing"), -1, "lost", acts=_MAKING, issues=True)
PROCESS_IN = MovementKind("process_in", N_("obtained by processing"), 1, "lost", column_sign=-1, acts=_MAKING)
PATIENT_RETURN = MovementKind("patient_return", N_("return from a patient"), 0)
"""A register of its own: what was brought back is on no shelf, and is never released again."""
DESTROY = MovementKind("destroy", N_("destruction"), -1, "lost", acts=frozenset({"destruction"}), corrects=-1)
LOSE = MovementKind("lose", N_("loss"), -1, "lost", corrects=-1)
STEAL = MovementKind("steal", N_("theft"), -1, "lost", corrects=-1)
SPOIL = MovementKind("spoil", N_("spoilage or breakage"), -1, "lost", corrects=-1)
COUNT_GAIN = MovementKind("count_gain", N_("surplus found by a count"), 1, "lost", column_sign=-1, corrects=1)
COUNT_LOSS = MovementKind("count_loss", N_("shortage found by a count"), -1, "lost", corrects=-1)
REVERSE = MovementKind("reverse", N_("reversal of an entry"), 0, licensed=False)
LEVEL_CHANGE = MovementKind("level_change", N_("the site changed its level"), 0, licensed=False, own=True)
"""What lay on a shelf when its site went over to the other level, or a later correction of that; no shelf moves."""

MOVEMENT_KINDS = _table(
    OPENING,
    IMPORT,
    EXPORT,
    MANUFACTURE,
    PROCESS_OUT,
    PROCESS_IN,
    *(
        MovementKind(f"use_{purpose}", name, -1, column, retail=Retail.CONSUMED, acts=_MAKING, issues=True)
        for purpose, name, column in (
            ("other_drug", N_("use for other drugs"), "used_other_drugs"),
            ("schedule_iii", N_("use for Schedule III preparations"), "used_schedule_iii"),
            ("not_covered", N_("use for substances outside the Convention"), "used_not_covered"),
            ("industry", N_("industrial use"), "used_industry"),
        )
    ),
    SUPPLY,
    TRANSFER,
    RETURN_SUPPLY,
    DISPENSE,
    PATIENT_RETURN,
    DESTROY,
    LOSE,
    STEAL,
    SPOIL,
    MovementKind("sample", N_("sample taken"), -1, "consumed"),
    COUNT_GAIN,
    COUNT_LOSS,
    MovementKind(
        "special_acquire", N_("added to special stocks"), -1, "special_acquired", retail=Retail.CONSUMED, issues=True
    ),
    MovementKind(
        "special_withdraw", N_("withdrawn from special stocks"), 1, "special_withdrawn", retail=Retail.CONSUMED
    ),
    MovementKind(
        "seized_release", N_("seized goods released for licit use"), 1, "seized_released", retail=Retail.CONSUMED
    ),
    REVERSE,
    LEVEL_CHANGE,
)

ENTERED_KINDS: Mapping[str, MovementKind] = {code: kind for code, kind in MOVEMENT_KINDS.items() if not kind.own}
"""The kinds people and files may enter."""

USES = tuple(code for code, kind in MOVEMENT_KINDS.items() if kind.issues and kind.column != "special_acquired")
"""The kinds by which goods leave a shelf for use: dispensing, supply, export, use in making; special stocks are kept, not used."""
