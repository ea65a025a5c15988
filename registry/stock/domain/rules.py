"""The rules of the ledger: each declared once, named by a STK code.

`severity` acts where one person enters one movement; `reported` acts in files, which report
what has already happened: a fact that breaks a rule is still a fact, and becomes a flag.
"""

from __future__ import annotations

from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_

_REFUSE, _FLAG = Severity.REFUSE, Severity.FLAG

BALANCE = Rule(
    "STK-03",
    N_("The balance of a shelf is never below zero on any day."),
    N_("Law No. 69 of 6 March 2024 (accounting and inventory); project default"),
    _REFUSE,
    ("NC-M3",),
    _REFUSE,
    fixed=True,
)
PERMIT_NEEDED = Rule(
    "STK-04",
    N_("An import or export of a controlled product rests on a permit for that organisation and product."),
    N_("Antinarcotic Programme 2014, section 2.1; 1961 Convention art. 31; 1971 Convention art. 12"),
    _REFUSE,
    ("NC-P1", "NC-C5"),
    _REFUSE,
    fixed=True,
)
OPENING_ONCE = Rule(
    "STK-05",
    N_("Opening stock is taken on once per site, product and batch."),
    N_("Project default"),
    _REFUSE,
    ("NC-M1",),
    _REFUSE,
    fixed=True,
)
PERMIT_VALID = Rule(
    "STK-06",
    N_("Goods move while the permit is valid."),
    N_("1961 Convention art. 31(5); project default"),
    _REFUSE,
    ("NC-P6",),
)
PERMIT_QUANTITY = Rule(
    "STK-07",
    N_("No more arrives than the permit allows."),
    N_("1961 Convention art. 31(7); project default: no tolerance above"),
    _FLAG,
    ("NC-P12",),
)
PERMIT_COUNTRY = Rule(
    "STK-08",
    N_("The partner country is the one on the permit."),
    N_("1961 Convention art. 31(5)"),
    _FLAG,
    ("NC-5.3",),
)
ONE_CONSIGNMENT = Rule(
    "STK-09",
    N_("One permit, one consignment: goods do not arrive again on another day."),
    N_("EAEU regulation on import and export licences; project default"),
    _REFUSE,
    ("NC-P5",),
)
BACK_DATING = Rule(
    "STK-10",
    N_("A movement is entered within the working days allowed, one unless set otherwise."),
    N_("Project default"),
    _FLAG,
    ("NC-M4",),
)
EXPIRED = Rule(
    "STK-12",
    N_("Expired stock is not issued: it goes to destruction."),
    N_("Project default"),
    _REFUSE,
    ("NC-M12",),
)
PRESCRIPTION = Rule(
    "STK-13",
    N_("Release at a pharmacy names the prescription it rests on."),
    N_("Cabinet resolution No. 572 of 8 September 2025"),
    _REFUSE,
    ("NC-D1",),
    fixed=True,
)
MADE_PREPARATION = Rule(
    "STK-15",
    N_("Only a substance is manufactured; a preparation outside Schedule III is made by processing."),
    N_("1961 Convention art. 1, art. 2(3)-(4); 1971 Convention art. 16(4)"),
    _REFUSE,
    ("IF-2.1", "IF-3.3"),
    fixed=True,
)
PROCESS_BALANCE = Rule(
    "STK-16",
    N_("Processing yields no more base than went in."),
    N_("Project default"),
    _REFUSE,
    ("NC-O2",),
)
WRONG_WAY = Rule(
    "STK-17",
    N_("The retail level does not supply the wholesale level: goods go back as a return to the supplier."),
    N_("1961 Convention art. 1 (consumption)"),
    _REFUSE,
    ("IF-12",),
    _REFUSE,
    fixed=True,
)
OWN_SITES = Rule(
    "STK-18",
    N_("A transfer stays within one organisation; between organisations it is a supply."),
    N_("Project default"),
    _REFUSE,
    ("NC-M5",),
    fixed=True,
)
BATCH_EXPIRY = Rule(
    "STK-19",
    N_("A batch has one expiry date."),
    N_("Project default"),
    _FLAG,
    ("NC-M1",),
)
REVISED_PRODUCT = Rule(
    "STK-20",
    N_(
        "Stock without a batch number keeps the composition of its first entry, although the product was revised since."
    ),
    N_("Project default"),
    _FLAG,
    ("NC-L2",),
)
RECEIPT_IN_TIME = Rule(
    "STK-21",
    N_("The receiver confirms what was sent within the working days allowed, or says what differs."),
    N_("Project default"),
    _FLAG,
    ("NC-M5",),
)
RECEIVED_OTHERWISE = Rule(
    "STK-22",
    N_("What a receiver found otherwise than entered is put right by an entry, or ruled on by the authority."),
    N_("Project default"),
    _FLAG,
    ("NC-M5", "PC-D4", "PC-D5"),
)
CONFIRMED_STANDS = Rule(
    "STK-23",
    N_("What the receiver confirmed is not taken back by the sender: it comes back as a return."),
    N_("Project default"),
    _REFUSE,
    ("NC-M5", "PC-D5"),
)
CONFIRMED_FIRST = Rule(
    "STK-24",
    N_("Where the country asks for it, goods are used only once their receipt is confirmed."),
    N_("Project default"),
    _REFUSE,
    ("NC-M5",),
)
IN_QUARANTINE = Rule(
    "STK-25",
    N_(
        "An imported lot is neither used nor moved on before it is released; one that was refused goes back abroad or is destroyed."
    ),
    N_("Project default"),
    _REFUSE,
    ("NC-P15",),
)
CLOSED_PERIOD = Rule(
    "STK-26",
    N_("Nothing is recorded in a closed period: the authority reopens it first."),
    N_("Project default"),
    _REFUSE,
    ("NC-M4",),
    _REFUSE,
    fixed=True,
)
DISTANCE = Rule(
    "DSP-01",
    N_("A site that sells at a distance releases nothing controlled."),
    N_("Antinarcotic Programme 2014, section 4.3.3; project default"),
    _REFUSE,
    ("NC-D9",),
)
MOST_PER_PRESCRIPTION = Rule(
    "DSP-02",
    N_("No more is released on one prescription than the country allows, in one time or several."),
    N_("Cabinet resolution No. 572 of 8 September 2025; project default: no limit until one is set"),
    _REFUSE,
    ("NC-D4",),
)
DESTROYED_BY_ACT = Rule(
    "STK-27",
    N_("What is destroyed is destroyed by an act that three people sign."),
    N_("Antinarcotic Programme 2014, section 2.1; project default"),
    _FLAG,
    ("NC-I6",),
)
NO_ACT = N_("the entry rests on no act of destruction")
