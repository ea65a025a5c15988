"""The two deeds that make and end a deputy, and the rule between them. Pure."""

from __future__ import annotations

from registry.deeds.domain import DeedKind
from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_

PREFIX = "deputies."
PROPOSES, DECIDES = "deputies.propose", "deputies.decide"

NAME = DeedKind("deputies.name", N_("name a deputy"), N_("A deputy was named"), PROPOSES, DECIDES)
END = DeedKind("deputies.end", N_("end the deputy’s time"), N_("The deputy’s time was ended"), PROPOSES)
KINDS = {kind.code: kind for kind in (NAME, END)}

NOT_FOR_ONESELF = Rule(
    "DEP-01",
    N_("Nobody decides on rights that they are to receive as a deputy."),
    N_("Project default: two persons for whatever gives rights"),
    Severity.REFUSE,
    ("NC-A5",),
    Severity.REFUSE,
    fixed=True,
)
RULES = (NOT_FOR_ONESELF,)
