"""Letters to authorities of other countries: what they are for, what they say, the rules about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from registry.kernel.parameters import Parameter, ParameterKind
from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_
from registry.permits.domain.kinds import PERMIT_KINDS, Way


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a letter is for. `name`, `subject` and `body` are msgids."""

    code: str
    name: str
    subject: str
    body: str


ISSUED = Purpose(
    "issued",
    N_("tell that it was issued"),
    N_("Permit %(number)s of %(country)s: issued"),
    N_(
        "To: %(addressee)s\n\n"
        "We have issued the %(kind)s %(number)s on %(first)s. It is valid to %(last)s; the partner in your country is "
        "%(partner)s.\n\n"
        "Attached are the signed document (PDF) and the same facts as a file (XML). What the permit is today, this page "
        "says: %(address)s\n\n%(authority)s"
    ),
)
STOPPED = Purpose(
    "stopped",
    N_("tell that it does not stand"),
    N_("Permit %(number)s of %(country)s: %(state)s"),
    N_(
        "To: %(addressee)s\n\n"
        "The %(kind)s %(number)s, issued on %(first)s, does not stand: %(state)s from %(day)s. Please let no goods pass on "
        "it; the partner in your country is %(partner)s.\n\n"
        "Attached are the document as it was issued (PDF) and the present facts as a file (XML). What the permit is "
        "today, this page says: %(address)s\n\n%(authority)s"
    ),
)
PURPOSES: Mapping[str, Purpose] = MappingProxyType({one.code: one for one in (ISSUED, STOPPED)})

GROUP = N_("Permits")
SEND_ON_ISSUE = Parameter(
    "correspondence.send_on_issue",
    N_("A permit goes to the authority of the other country as soon as it is issued"),
    ParameterKind.SWITCH,
    "off",
    GROUP,
    ("PC-10.1", "PC-N13"),
)
SENT = Rule(
    "COR-01",
    N_("A permit that is to be sent to the authority of the other country on issue is sent."),
    N_("Single Convention of 1961, article 31, paragraph 6; Convention of 1971, article 12; project default"),
    Severity.FLAG,
    ("PC-N13",),
)
AGREES = Rule(
    "COR-02",
    N_("The permit of the other country says what ours says: numbers, dates, parties, substances, quantities."),
    N_("Single Convention of 1961, article 31; Convention of 1971, article 12; project default"),
    Severity.FLAG,
    ("PC-P10", "PC-P21", "PC-S1"),
)
RULES = (SENT, AGREES)


def concerns_abroad(kind: str) -> bool:
    """Say whether a permit of this kind concerns another country at all."""
    return PERMIT_KINDS[kind].way is not Way.USE
