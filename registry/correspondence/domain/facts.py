"""A permit of ours, or an application for one, as the data of its file. Every group of `permit_file`, nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction

from registry.correspondence.domain.permit_file import ONE, SEVERAL
from registry.correspondence.domain.tree import Data
from registry.documents.contents import PermitSource, expiry_code
from registry.endorsements.domain.facts import EndorsementFact, standing
from registry.kernel.mass import NG_PER_G, NG_PER_MG, PPM, decimal_text, stated
from registry.parties.domain import SiteFact
from registry.permits.domain.after import WriteOff, standing_entries
from registry.permits.domain.checks import ApplicationFact
from registry.permits.domain.facts import PermitFact
from registry.permits.domain.kinds import PERMIT_KINDS, Way
from registry.substances.domain.facts import ComponentFact, RevisionFact

NOT_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters no XML document may hold, not even escaped."""
_ROUGH = Context(prec=60, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
SIDES = {
    Way.IMPORT: ("importer", "exporter"),
    Way.EXPORT: ("exporter", "importer"),
    Way.TRANSIT: ("holder", "partner"),
    Way.USE: ("holder", "partner"),
}
"""What holder and partner are in the file, by what the goods do."""


@dataclass(frozen=True, slots=True)
class FileSource:
    """What a file is made from beside what the paper is: the day, the country, what came after issue.

    `cas`: substance id -> CAS number; `verification`: address of the public page.
    """

    paper: PermitSource
    day: date
    country: str
    cas: Mapping[int, str]
    write_offs: Sequence[WriteOff] = ()
    endorsements: Sequence[EndorsementFact] = ()
    replaced_by: str = ""
    verification: str = ""


def permit_data(source: FileSource) -> Data:
    """Return a permit as the data of its file, as it is on the day of the source."""
    paper, permit = source.paper, source.paper.permit
    kind, given = PERMIT_KINDS[permit.kind], permit.particulars
    data = _asked(permit, paper.holder, source.country, permit.issued_on) | {
        "identity": {
            "number": permit.number,
            "eaeu_number": permit.eaeu_number,
            "kind": permit.kind,
            "trade": kind.way.value,
            "state": permit.state_on(source.day).value,
            "state_on": source.day.isoformat(),
            "application": paper.application,
            "replaces": paper.replaces,
            "replaced_by": source.replaced_by,
        },
        "validity": {
            "issued_on": permit.issued_on.isoformat(),
            "expires_on": permit.expires_on.isoformat(),
            "ends_by": expiry_code(paper),
            "consignments": SEVERAL if kind.several else ONE,
        },
        "authority": {
            "country": source.country,
            "name": paper.authority,
            "decided_by": paper.decided_by,
            "verification": source.verification,
        },
        "conditions": dict(permit.conditions),
        "lines": [
            _line(paper.revisions[line.revision_id], line.units, line.arrived, source.cas)
            for line in permit.lines.values()
        ],
        "outcome": _outcome(source),
        "stops": [
            {"cause": stop.cause, "from_on": stop.from_on.isoformat(), "until_on": _day(stop.until_on)}
            for stop in permit.stops
        ],
    }
    own, _ = SIDES[kind.way]
    data["parties"][own]["licences"] = [licence.number for licence in paper.covering]
    data["logistics"]["customs_office"] = given.get("customs_office") or permit.customs_office
    return pruned(data)


def application_data(
    asked: ApplicationFact,
    applicant: SiteFact,
    revisions: Mapping[int, RevisionFact],
    country: str,
    cas: Mapping[int, str],
) -> Data:
    """Return what an application says of the consignment; `revisions`: product id -> revision. It has no validity yet."""
    data = _asked(asked, applicant, country, asked.planned_on) | {
        "identity": {"kind": asked.kind, "application": asked.reference},
        "lines": [_line(revisions[product], units, {}, cas) for product, units in asked.lines],
    }
    return pruned(data)


def pruned(data: Data) -> Data:
    """Return data without what is empty, its text as every format can hold it."""
    kept = {name: _kept(value) for name, value in data.items()}
    return {name: value for name, value in kept.items() if value}


def _kept(value: object) -> object:
    match value:
        case dict():
            return pruned(value)
        case list():
            return [kept for each in value if (kept := _kept(each))]
        case str():
            return NOT_XML.sub("\ufffd", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
        case _:
            return ""


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _asked(asked: PermitFact | ApplicationFact, holder: SiteFact, country: str, day: date) -> Data:
    """Return the groups an application and its permit have in common."""
    given, who = asked.particulars, holder.on(day)
    own, other = SIDES[PERMIT_KINDS[asked.kind].way]
    return {
        "parties": {
            own: {
                "name": who.name,
                "name_ru": who.name_ru,
                "name_ky": who.name_ky,
                "country": country,
                "code": holder.organisation_code,
                "registration_number": who.registration_number,
                "address": who.address,
            },
            other: {
                "name": asked.partner,
                "country": asked.partner_country if asked.partner else "",
                "address": given.get("partner_address"),
            },
            "consignee": {
                "name": given.get("consignee"),
                "address": given.get("consignee_address"),
                "place": given.get("consignee_place") if given.get("consignee") else "",
            },
            "relief_agency": {"name": given.get("relief_agency")},
        },
        "foreign_document": {
            "number": asked.counterpart_number,
            "country": asked.partner_country if asked.counterpart_number else "",
            "issuer": given.get("counterpart_issuer"),
            "issued_on": given.get("counterpart_issued_on"),
            "expires_on": given.get("counterpart_expires_on"),
            "original_seen": given.get("counterpart_seen"),
        },
        "origin": {
            "country": given.get("origin_country"),
            "permit": given.get("origin_permit"),
            "diverted_from": given.get("diverted_from"),
            "import_permit": given.get("original_permit"),
        },
        "purpose": {"stated": asked.purpose}
        | {name: given.get(name) for name in ("exception", "emergency", "process", "product_made", "premises")},
        "logistics": {
            "route": given.get("route", "").split(";"),
            "contract": given.get("contract_number"),
            "planned_consignments": given.get("consignments"),
        }
        | {
            name: given.get(name)
            for name in ("customs_office", "entry_point", "exit_point", "transport", "planned_arrival", "unloading")
        },
    }


def _line(revision: RevisionFact, units: int, moved: Mapping[date, int], cas: Mapping[int, str]) -> Data:
    return {
        "product": {
            name: getattr(revision, name)
            for name in (
                "code",
                "name",
                "name_ru",
                "name_ky",
                "form",
                "manufacturer",
                "country",
                "gtin",
                "other_ingredients",
            )
        },
        "quantity": stated(units, revision.unit),
        "unit": revision.unit,
        "substances": [_substance(part, units, cas) for part in revision.components],
        "moved": [
            {"on": day.isoformat(), "quantity": stated(came, revision.unit)} for day, came in sorted(moved.items())
        ],
    }


def _substance(part: ComponentFact, units: int, cas: Mapping[int, str]) -> Data:
    return {
        "name": part.substance_name,
        "code": part.substance_code,
        "cas": cas.get(part.substance_id),
        "schedules": sorted(part.schedules),
        "salt": part.salt,
        "strength_mg": exact_text(Fraction(part.amount_ng, NG_PER_MG)),
        "factor": fraction_text(Fraction(part.base_ppm, PPM)),
        "base_grams": exact_text(units * part.base_ng_per_unit / NG_PER_G),
    }


def fraction_text(number: Fraction) -> str:
    """Write a number as a fraction in its lowest terms: ``3/4``."""
    return f"{number.numerator}/{number.denominator}"


def exact_text(number: Fraction) -> str:
    """Write a number exactly: as a decimal, and as a fraction where no decimal is exact.

    A number of thousands of digits, which no file taken in holds, is rounded to sixty: writing it never fails.
    """
    for written in (decimal_text, fraction_text):
        with suppress(ValueError):
            return written(number)
    return str(_ROUGH.divide(Decimal(number.numerator), Decimal(number.denominator)))


def _outcome(source: FileSource) -> Data:
    permit, revisions = source.paper.permit, source.paper.revisions
    lines = {line.id: revisions[line.revision_id] for line in permit.lines.values()}
    return {
        "moved_on": _day(permit.arrived_on),
        "customs": [
            {
                "passed_on": entry.passed_on.isoformat(),
                "declaration": entry.declaration,
                "packing": entry.packing,
                "goods": [
                    {"code": lines[line].code, "quantity": stated(units, lines[line].unit)}
                    for line, units in entry.units.items()
                ],
            }
            for entry in standing_entries(source.write_offs)
        ],
        "endorsements": [
            {
                "number": one.number,
                "country": one.issuer or source.country,
                "arrived_on": one.arrived_on.isoformat(),
                "endorsed_on": one.endorsed_on.isoformat(),
                "foreign_number": one.foreign_number,
                "goods": [
                    {
                        "code": lines[line].code,
                        "quantity": stated(part.units, lines[line].unit),
                        "difference": part.reason,
                        "explained": part.text,
                    }
                    for line, part in one.lines.items()
                ],
            }
            for one in standing(source.endorsements)
        ],
    }
