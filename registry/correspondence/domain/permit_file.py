"""The file of a permit, version 2: what it may hold. Ours, neutral, and published: a change is a new version.

A later version only adds what may be left out, so that one tree reads them all.

The groups are those of the data dictionary (PC-10.1) that the registry holds. What stays inside: notes,
flags, checks, the quota, the stock a firm has told us of, why the applicant asks.
"""

from __future__ import annotations

from registry.correspondence.domain.tree import (
    CODE,
    COUNTRY,
    DAY,
    EXACT,
    FRACTION,
    LONG,
    NAME,
    QUANTITY,
    TEXT,
    Group,
    Leaf,
    Many,
    Node,
    words,
)
from registry.documents.contents import EXPIRY_CAUSES
from registry.endorsements.domain.facts import REASONS
from registry.kernel.mass import UNIT_NAMES
from registry.permits.domain.kinds import PERMIT_KINDS, PERMIT_STATE_NAMES, STOP_CAUSES, Way
from registry.permits.domain.particulars import EXCEPTIONS, PLACES, TRANSPORTS, YES_NO

VERSIONS = ("1", "2")
VERSION = VERSIONS[-1]
"""The version that is written; all are read."""
NAMESPACES = {version: f"urn:narcotics-registry:permit:{version}" for version in VERSIONS}
NAMESPACE = NAMESPACES[VERSION]
ONE, SEVERAL = "one", "several"
LANGUAGES = {"ky": "Kyrgyz", "ru": "Russian", "en": "English"}
TEST = words(YES_NO)


def _party(name: str, about: str, *more: Node) -> Group:
    return Group(
        name,
        about,
        (
            Leaf("name", NAME, "name as registered", required=True),
            Leaf("name_ru", NAME, "name in Russian"),
            Leaf("name_ky", NAME, "name in Kyrgyz"),
            Leaf("country", COUNTRY, "country"),
            Leaf("code", CODE, "code in the registry of the issuing authority"),
            Leaf("registration_number", CODE, "number in the register of legal persons"),
            Leaf("address", TEXT, "address"),
            Many("licences", "licences it acts under", Leaf("licence", CODE, "number of a licence")),
            *more,
        ),
    )


IDENTITY = Group(
    "identity",
    "which permit it is",
    (
        Leaf("number", CODE, "number of the permit", required=True),
        Leaf("eaeu_number", CODE, "number of the same permit in the Eurasian Economic Union; since version 2"),
        Leaf("kind", words(PERMIT_KINDS), "kind of permit", required=True),
        Leaf("trade", words(Way), "what the goods do, seen from the issuing country"),
        Leaf("state", words(PERMIT_STATE_NAMES), "what the permit is on the day of the file"),
        Leaf("state_on", DAY, "day of the file"),
        Leaf("application", CODE, "reference of the application it was issued on"),
        Leaf("replaces", CODE, "number of the permit it stands in place of"),
        Leaf("replaced_by", CODE, "number of the permit that stands in its place"),
    ),
    required=True,
)
VALIDITY = Group(
    "validity",
    "when it is valid",
    (
        Leaf("issued_on", DAY, "day of issue", required=True),
        Leaf("expires_on", DAY, "last day, included", required=True),
        Leaf("ends_by", words(EXPIRY_CAUSES), "what sets the last day"),
        Leaf("consignments", words((ONE, SEVERAL)), "for one consignment or for several"),
    ),
    required=True,
)
AUTHORITY = Group(
    "authority",
    "who issued it",
    (
        Leaf("country", COUNTRY, "country of the issuing authority", required=True),
        Leaf("name", NAME, "name of the issuing authority"),
        Leaf("decided_by", NAME, "person who decided, as on the paper"),
        Leaf("verification", TEXT, "address of the public page that says what the permit is today"),
    ),
    required=True,
)
CONDITIONS = Group(
    "conditions",
    "conditions it was issued under, by language",
    tuple(Leaf(language, LONG, f"the conditions in {name}") for language, name in LANGUAGES.items()),
)
PARTIES = Group(
    "parties",
    "who takes part",
    (
        _party("importer", "who brings the goods into a country"),
        _party("exporter", "who sends the goods out of a country"),
        _party("holder", "who holds a permit that is neither for import nor for export"),
        _party("partner", "the other side of such a permit"),
        _party(
            "consignee", "to whom the goods are delivered", Leaf("place", words(PLACES), "what kind of place it is")
        ),
        _party("relief_agency", "who brings an emergency supply"),
    ),
)
FOREIGN_DOCUMENT = Group(
    "foreign_document",
    "the permit of the other country it rests on",
    (
        Leaf("number", CODE, "number of the other country's permit"),
        Leaf("country", COUNTRY, "country that issued it"),
        Leaf("issuer", NAME, "authority that issued it"),
        Leaf("issued_on", DAY, "its day of issue"),
        Leaf("expires_on", DAY, "its last day"),
        Leaf("original_seen", TEST, "whether the original was seen"),
    ),
)
ORIGIN = Group(
    "origin",
    "where goods in transit, diverted or re-exported come from",
    (
        Leaf("country", COUNTRY, "country that exported the goods"),
        Leaf("permit", CODE, "number of its export permit"),
        Leaf("diverted_from", COUNTRY, "country the goods were first bound for"),
        Leaf("import_permit", CODE, "import permit the goods came on"),
    ),
)
PRODUCT = Group(
    "product",
    "the product",
    (
        Leaf("code", CODE, "code in the registry of the issuing authority"),
        Leaf("name", NAME, "name", required=True),
        Leaf("name_ru", NAME, "name in Russian"),
        Leaf("name_ky", NAME, "name in Kyrgyz"),
        Leaf("form", NAME, "pharmaceutical form; “substance”: the substance itself"),
        Leaf("manufacturer", NAME, "manufacturer"),
        Leaf("country", COUNTRY, "country of manufacture"),
        Leaf("gtin", CODE, "trade item number"),
        Leaf("other_ingredients", TEXT, "what it is compounded with"),
    ),
    required=True,
)
SUBSTANCE = Group(
    "substance",
    "one controlled substance in the product",
    (
        Leaf("name", NAME, "international non-proprietary name, or the name of the list", required=True),
        Leaf("code", CODE, "code of the INCB list: NM 009"),
        Leaf("cas", CODE, "CAS number"),
        Many("schedules", "schedules it is in", Leaf("schedule", CODE, "convention and schedule: 1961:I")),
        Leaf("salt", NAME, "salt and hydrate as the list prints it; “base”: anhydrous base"),
        Leaf("strength_mg", EXACT, "milligrams of that salt in one unit of the product"),
        Leaf("factor", FRACTION, "share of anhydrous base in that salt"),
        Leaf("base_grams", EXACT, "grams of anhydrous base in the whole line, exact", required=True),
    ),
)
LINE = Group(
    "line",
    "one product",
    (
        PRODUCT,
        Leaf("quantity", QUANTITY, "quantity as labelled, in the unit", required=True),
        Leaf("unit", words(UNIT_NAMES), "unit of the quantity", required=True),
        Many("substances", "what it holds", SUBSTANCE),
        Many(
            "moved",
            "what has moved on the permit",
            Group(
                "day",
                "one day",
                (
                    Leaf("on", DAY, "the day", required=True),
                    Leaf("quantity", QUANTITY, "quantity in the unit of the line", required=True),
                ),
            ),
        ),
    ),
)
PURPOSE = Group(
    "purpose",
    "what for",
    (
        Leaf("stated", TEXT, "purpose as stated"),
        Leaf(
            "exception", words(EXCEPTIONS), "why an estimate need not hold the quantity (1961 Convention, article 21)"
        ),
        Leaf("emergency", TEXT, "the emergency"),
        Leaf("process", TEXT, "what is done with the substance in industrial use"),
        Leaf("product_made", NAME, "what is made in industrial use"),
        Leaf("premises", NAME, "where it is made"),
    ),
)
LOGISTICS = Group(
    "logistics",
    "how the goods travel",
    (
        Leaf("customs_office", NAME, "customs office"),
        Leaf("entry_point", NAME, "border point of entry"),
        Leaf("exit_point", NAME, "border point of exit"),
        Leaf("transport", words(TRANSPORTS), "means of transport"),
        Many("route", "countries of transit, in order", Leaf("country", COUNTRY, "country")),
        Leaf("planned_arrival", DAY, "day of arrival expected"),
        Leaf("unloading", TEST, "whether goods are unloaded on the way"),
        Leaf("contract", CODE, "number of the contract or invoice"),
        Leaf("planned_consignments", TEXT, "consignments planned on a permit for several"),
    ),
)
OUTCOME = Group(
    "outcome",
    "what became of it",
    (
        Leaf("moved_on", DAY, "first day on which goods moved"),
        Many(
            "customs",
            "what customs let through, entries that were taken back left out",
            Group(
                "entry",
                "one declaration",
                (
                    Leaf("passed_on", DAY, "day", required=True),
                    Leaf("declaration", CODE, "number of the customs declaration", required=True),
                    Leaf("packing", NAME, "marks and number of packages"),
                    Many(
                        "goods",
                        "what passed",
                        Group(
                            "product",
                            "one product",
                            (
                                Leaf("code", CODE, "code of the product, as in the lines", required=True),
                                Leaf("quantity", QUANTITY, "quantity in the unit of the line", required=True),
                            ),
                        ),
                    ),
                ),
            ),
        ),
        Many(
            "endorsements",
            "what was certified as received, endorsements that were replaced left out; since version 2",
            Group(
                "endorsement",
                "one endorsement",
                (
                    Leaf("number", CODE, "number of the endorsement", required=True),
                    Leaf("country", COUNTRY, "country whose authority certifies", required=True),
                    Leaf("arrived_on", DAY, "day on which the goods arrived", required=True),
                    Leaf("endorsed_on", DAY, "day of the endorsement", required=True),
                    Leaf("foreign_number", CODE, "number of the other country's permit it names"),
                    Many(
                        "goods",
                        "what was received",
                        Group(
                            "product",
                            "one product",
                            (
                                Leaf("code", CODE, "code of the product, as in the lines", required=True),
                                Leaf("quantity", QUANTITY, "quantity in the unit of the line", required=True),
                                Leaf("difference", words(REASONS), "why it differs from what was expected"),
                                Leaf("explained", TEXT, "the same in words"),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
)
STOPS = Many(
    "stops",
    "when it does not stand",
    Group(
        "stop",
        "one time",
        (
            Leaf("cause", words(STOP_CAUSES), "why", required=True),
            Leaf("from_on", DAY, "first day", required=True),
            Leaf("until_on", DAY, "first day on which it stands again; without it: for good, or no end so far"),
        ),
    ),
)
PERMIT = Group(
    "permit",
    "a permit",
    (
        IDENTITY,
        VALIDITY,
        AUTHORITY,
        CONDITIONS,
        PARTIES,
        FOREIGN_DOCUMENT,
        ORIGIN,
        Many("lines", "the goods", LINE, required=True),
        PURPOSE,
        LOGISTICS,
        OUTCOME,
        STOPS,
    ),
)
