"""The rules of permits, each declared once and named by a PRM code."""

from __future__ import annotations

from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_

COUNTERPART = Rule(
    "PRM-02",
    N_("An export rests on the import permit of the other country, or on its statement that none is needed."),
    N_("1961 Convention art. 31(5); 1971 Convention art. 12(1); EAEU regulation on import and export licences"),
    Severity.REFUSE,
    ("NC-P4", "PC-P9"),
    fixed=True,
)
COUNTERPART_KNOWN = Rule(
    "PRM-03",
    N_("The number of the other country's permit is named as soon as it is known."),
    N_("1961 Convention art. 31(5)"),
    Severity.NOTE,
    ("PC-P9",),
    Severity.NOTE,
)
PARTNER_COUNTRY = Rule(
    "PRM-04",
    N_("The partner country is a country of ISO 3166."),
    N_("1961 Convention art. 31(5)"),
    Severity.REFUSE,
    ("NC-5.3",),
    fixed=True,
)
PLANNED_AHEAD = Rule(
    "PRM-05",
    N_("The consignment is planned for a day to come."),
    N_("Project default"),
    Severity.FLAG,
    ("NC-P8",),
)
PENDING_FIT = Rule(
    "PRM-06",
    N_("All applications that wait for a decision fit together."),
    N_("Project default: the quota is reserved when a permit is issued, not before"),
    Severity.FLAG,
    ("NC-Q4",),
)
SCHEDULE_THREE_DECIDED = Rule(
    "PRM-07",
    N_("It is decided whether the product is a preparation of Schedule III."),
    N_("1961 Convention art. 2(4), Schedule III"),
    Severity.FLAG,
    ("IF-3.3",),
)
PERMIT_WANTED = Rule(
    "PRM-08",
    N_("A permit is asked for only where one is needed: Schedule III and exempt preparations need none."),
    N_("1961 Convention art. 31(16); 1971 Convention art. 3"),
    Severity.NOTE,
    ("NC-C5",),
    Severity.NOTE,
)
PURPOSE = Rule(
    "PRM-09",
    N_("The purpose is stated: medical, veterinary, scientific or forensic, others with their legal ground."),
    N_("Law on narcotic drugs of 2024: purposes of the state quota"),
    Severity.NOTE,
    ("NC-Q10",),
    Severity.NOTE,
)
COUNTERPART_ONCE = Rule(
    "PRM-10",
    N_("A permit of the other country serves one consignment."),
    N_("1961 Convention art. 31(5); project default: one permit, one consignment"),
    Severity.FLAG,
    ("PC-P15", "NC-P5"),
)
VALIDITY = Rule(
    "PRM-11",
    N_("A permit is valid for 90 days, not beyond 31 December of its quota year nor the end of the licence."),
    N_("Project default"),
    Severity.REFUSE,
    ("NC-P6", "PC-P3"),
)
SECOND_PERSON = Rule(
    "PRM-12",
    N_("Whoever proposed a case does not decide on it."),
    N_("Project default: two persons"),
    Severity.REFUSE,
    ("NC-12",),
    Severity.REFUSE,
    fixed=True,
)
ARTICLE_13 = Rule(
    "PRM-13",
    N_(
        "No psychotropic goes to a country that notified a prohibition of its import, unless under its special licence."
    ),
    N_("1971 Convention art. 13"),
    Severity.REFUSE,
    ("PC-P12", "IF-11"),
    fixed=True,
)

ABROAD_WITHIN = Rule(
    "PRM-14",
    N_(
        "An export stays within the estimate or assessment of the importing country, unless it is re-exported or vital."
    ),
    N_("1961 Convention art. 31(1)(b), art. 21(4)(b)"),
    Severity.REFUSE,
    ("PC-P5", "IF-11"),
)
ABROAD_KNOWN = Rule(
    "PRM-15",
    N_("The estimate of the importing country is known before an export is permitted."),
    N_("1961 Convention art. 31(1)(b)"),
    Severity.FLAG,
    ("PC-P5", "PC-P6"),
)
EXCEPTION_EXPLAINED = Rule(
    "PRM-16",
    N_("Whoever asks for an exception from an estimate says why."),
    N_("1961 Convention art. 21(4)(b)"),
    Severity.REFUSE,
    ("PC-P4", "PC-P5"),
)
STOCK_STATED = Rule(
    "PRM-17",
    N_("Stock on hand is stated with its day and agrees with the ledger of that day."),
    N_("Project default: plausibility of the quantity asked for"),
    Severity.NOTE,
    ("PC-P8",),
    Severity.NOTE,
)
PAPERS_COMPLETE = Rule(
    "PRM-18",
    N_("Of the permit of the other country the authority, the day of issue and the last day are given."),
    N_("1961 Convention art. 31(5)"),
    Severity.FLAG,
    ("PC-P9",),
)
PAPERS_VALID = Rule(
    "PRM-19",
    N_("The permit of the other country is valid on the planned day."),
    N_("1961 Convention art. 31(5)"),
    Severity.REFUSE,
    ("PC-P3", "PC-S1", "PC-S8"),
)
CONSIGNEE_NAMED = Rule(
    "PRM-20",
    N_("The consignee is named exactly as on the permit of the importing country."),
    N_("1961 Convention art. 31(5)"),
    Severity.FLAG,
    ("PC-P10",),
)
DELIVERY_PLACE = Rule(
    "PRM-21",
    N_("No consignment goes to a bank or a post box."),
    N_("1961 Convention art. 31(8); 1971 Convention art. 12(3)(a)"),
    Severity.REFUSE,
    ("PC-P11",),
    fixed=True,
)
WAREHOUSE = Rule(
    "PRM-22",
    N_(
        "A consignment goes to a bonded warehouse only where the importing country certifies it; 1971 Schedule I never."
    ),
    N_("1961 Convention art. 31(9); 1971 Convention art. 12(3)(b)"),
    Severity.REFUSE,
    ("PC-P11",),
)
TRANSIT_LAW = Rule(
    "PRM-23",
    N_("No country of transit prohibits the substance."),
    N_("1971 Convention art. 13"),
    Severity.FLAG,
    ("PC-P13",),
)
ANSWER_IN_TIME = Rule(
    "PRM-24",
    N_("What was asked of the applicant is answered by the day set."),
    N_("Project default"),
    Severity.FLAG,
    ("PC-P14",),
)
SUBSTANCES_PER_FORM = Rule(
    "PRM-25",
    N_("An application names no more substances than one form may."),
    N_("Project default: no limit is set"),
    Severity.REFUSE,
    ("PC-P16",),
)
BASE_KNOWN = Rule(
    "PRM-26",
    N_("For every product the content is known as anhydrous base."),
    N_("1961 Convention art. 31; form of the import certificate"),
    Severity.REFUSE,
    ("PC-P17",),
)
CUSTOMS_OFFICE = Rule(
    "PRM-27",
    N_("The consignment goes through a customs office that is named."),
    N_("Project default; the list of offices is the country's to set"),
    Severity.NOTE,
    ("PC-P18",),
    Severity.NOTE,
)
RE_EXPORT_WITHIN = Rule(
    "PRM-28",
    N_("No more is re-exported than came on the import permit it came on, earlier re-exports taken off."),
    N_("1961 Convention art. 31(1)(b)"),
    Severity.REFUSE,
    ("PC-P19",),
)
ORIGINAL_SEEN = Rule(
    "PRM-29",
    N_("The original of the permit of the other country was seen."),
    N_("Project default: originals at random"),
    Severity.NOTE,
    ("PC-P21",),
    Severity.NOTE,
)
GOODS_FIT = Rule(
    "PRM-30",
    N_("The goods are such as this kind of permit is for."),
    N_("1961 Convention art. 31; 1971 Convention art. 12; 1988 Convention art. 12"),
    Severity.REFUSE,
    ("NC-P1",),
    fixed=True,
)
SEVERAL_ALLOWED = Rule(
    "PRM-31",
    N_("One permit serves one consignment, unless the country allows periodic permits."),
    N_("EAEU: permit for the particular consignment; 1961 Convention art. 31(4)(b)"),
    Severity.REFUSE,
    ("NC-P5",),
)
PARTICULARS_GIVEN = Rule(
    "PRM-32",
    N_("Everything this kind of permit asks for is given."),
    N_("1961 Convention art. 31(5); forms of the EAEU"),
    Severity.REFUSE,
    ("NC-P8",),
    fixed=True,
)
UNLOADED_ON_THE_WAY = Rule(
    "PRM-33",
    N_("Goods in transit are not unloaded, or the place of their keeping is named."),
    N_("1961 Convention art. 31(10) and (12)"),
    Severity.FLAG,
    ("PC-S9",),
)
DECIDED_IN_TIME = Rule(
    "PRM-34",
    N_("An application is decided within the working days set; the clock rests while the applicant is asked."),
    N_("Project default"),
    Severity.FLAG,
    ("NC-P10",),
)

ISSUER_KNOWN = Rule(
    "PRM-35",
    N_("The permit of the other country was issued by the authority that is known to answer there."),
    N_("1961 Convention art. 31(5)"),
    Severity.FLAG,
    ("PC-P21",),
)

STANDS_AGAIN = Rule(
    "PRM-36",
    N_("A permit that stopped with its licence is taken up again once the licence covers it."),
    N_("Project default: availability for medical needs comes first"),
    Severity.FLAG,
    ("PC-S1",),
)

RULES = (
    COUNTERPART,
    COUNTERPART_KNOWN,
    PARTNER_COUNTRY,
    PLANNED_AHEAD,
    PENDING_FIT,
    SCHEDULE_THREE_DECIDED,
    PERMIT_WANTED,
    PURPOSE,
    COUNTERPART_ONCE,
    VALIDITY,
    SECOND_PERSON,
    ARTICLE_13,
    ABROAD_WITHIN,
    ABROAD_KNOWN,
    EXCEPTION_EXPLAINED,
    STOCK_STATED,
    PAPERS_COMPLETE,
    PAPERS_VALID,
    CONSIGNEE_NAMED,
    DELIVERY_PLACE,
    WAREHOUSE,
    TRANSIT_LAW,
    ANSWER_IN_TIME,
    SUBSTANCES_PER_FORM,
    BASE_KNOWN,
    CUSTOMS_OFFICE,
    RE_EXPORT_WITHIN,
    ORIGINAL_SEEN,
    GOODS_FIT,
    SEVERAL_ALLOWED,
    PARTICULARS_GIVEN,
    UNLOADED_ON_THE_WAY,
    DECIDED_IN_TIME,
    ISSUER_KNOWN,
    STANDS_AGAIN,
)
