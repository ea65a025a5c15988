"""Facts put into documents: which fields a permit, a certificate, a refusal, a licence and an endorsement tell. Pure.

The fields are those of the model forms and of the union of the peers' (PC-10.1), with the
national minimum (NC-5.3): quantities as labelled and as anhydrous base with the factor used,
the last day with its cause, who the goods come from and go to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from registry.documents.domain import (
    CERTIFICATE,
    PERMIT_DOCUMENT,
    Amount,
    Content,
    Country,
    Listing,
    Named,
    Section,
    Several,
    Value,
)
from registry.documents.telling import name_of, product_name, quantity, substance_codes, told
from registry.kernel.mass import NG_PER_G, NG_PER_MG, PPM, UNIT_NAMES, Unit
from registry.kernel.text import N_, Message
from registry.licences.domain import LicenceFact
from registry.parties.domain import SiteFact
from registry.permits.domain.facts import PermitFact
from registry.permits.domain.kinds import PERMIT_KINDS, Way
from registry.permits.domain.particulars import PARTICULARS, day_of
from registry.permits.domain.proposals import LANGUAGES, conditions_in
from registry.substances.domain.facts import ComponentFact, RevisionFact

PERCENT = 100
OWN_TERM = "own_term"
EXPIRY_CAUSES = {
    "foreign_permit": N_("the foreign permit ends then"),
    "licence": N_("the licence ends then"),
    "quota_year": N_("the quota year ends then"),
    OWN_TERM: N_("its own longest term, %(count)s days"),
    "decision": N_("set by the decision"),
}
"""What bounds a permit, by code; the strongest first."""
PARTNERS = {
    Way.IMPORT: (N_("Importer"), N_("Exporter")),
    Way.EXPORT: (N_("Exporter"), N_("Importer")),
    Way.TRANSIT: (N_("Holder"), N_("Partner abroad")),
    Way.USE: (N_("Holder"), N_("Partner abroad")),
}
"""What holder and partner are called, by what the goods do."""
EAEU_NUMBER = N_("Number in the EAEU")
FOREIGN = ("counterpart_issued_on", "counterpart_issuer", "counterpart_expires_on", "counterpart_seen")
WITH_PARTNER = ("partner_address",)
ACCOMPANIES = N_("This copy accompanies the goods.")
ONE_CONSIGNMENT = N_("It is for one consignment. A smaller quantity may move; what has not moved lapses.")
CONSIGNMENTS = N_("It is for several consignments, until the quantity is used up or the last day is over.")
CERTIFIED = N_(
    "It is certified that the import of the goods named here by the importer named here is approved, as article 31 "
    "of the Single Convention on Narcotic Drugs of 1961 and article 12 of the Convention on Psychotropic Substances of 1971 ask."
)


@dataclass(frozen=True, slots=True)
class PermitSource:
    """What a document of a permit is made from. `covering`: licences of the holder on the day of issue that name the act."""

    permit: PermitFact
    holder: SiteFact
    revisions: Mapping[int, RevisionFact]
    covering: tuple[LicenceFact, ...]
    authority: str
    validity_days: int
    application: str = ""
    decided_by: str = ""
    replaces: str = ""


def permit_content(source: PermitSource) -> Content:
    """Return what the paper of a permit of any kind says."""
    permit, kind = source.permit, PERMIT_KINDS[source.permit.kind]
    notes = [Message(CONSIGNMENTS if kind.several else ONE_CONSIGNMENT)]
    if kind.way is not Way.USE:
        notes.insert(0, Message(ACCOMPANIES))
    return Content(
        kind=PERMIT_DOCUMENT.code,
        subject=permit.number,
        title=kind.name,
        authority=source.authority,
        parts=(
            _identity(source),
            *_parties(source),
            *_foreign(permit),
            *_circumstances(permit),
            _goods(source),
            *_conditions(permit),
            _to_fill_in(source),
        ),
        notes=tuple(notes),
        token=permit.token,
        what=permit.kind,
        substances=substance_codes(source.revisions.values()),
        ends_on=permit.expires_on,
    )


def certificate_content(source: PermitSource) -> Content:
    """Return the import certificate of a permit: for the authority of the exporting country."""
    permit = source.permit
    return Content(
        kind=CERTIFICATE.code,
        subject=permit.number,
        title=CERTIFICATE.name,
        authority=source.authority,
        parts=(_identity(source), *_parties(source), *_circumstances(permit), _goods(source), *_conditions(permit)),
        notes=(Message(CERTIFIED),),
        token=permit.token,
        what=permit.kind,
        substances=substance_codes(source.revisions.values()),
        ends_on=permit.expires_on,
    )


def permit_goods(permit: PermitFact, revisions: Mapping[int, RevisionFact]) -> list[tuple[Named, Amount]]:
    """Return product and quantity of every line, as labelled."""
    lines = [(revisions[line.revision_id], line.units) for line in permit.lines.values()]
    return [(product_name(revision), quantity(revision, units)) for revision, units in lines]


def expiry_cause(source: PermitSource) -> Message:
    """Return why a permit ends when it does, in words."""
    code = expiry_code(source)
    return Message(EXPIRY_CAUSES[code], {"count": source.validity_days} if code == OWN_TERM else {})


def expiry_code(source: PermitSource) -> str:
    """Return the code of why a permit ends when it does (`EXPIRY_CAUSES`): the first of what bounds it that ends on that day."""
    permit, ends = source.permit, source.permit.expires_on
    foreign = day_of(permit.particulars, "counterpart_expires_on")
    if foreign == ends:
        return "foreign_permit"
    if any(licence.valid_to == ends for licence in source.covering):
        return "licence"
    if ends == date(permit.quota_year, 12, 31):
        return "quota_year"
    if ends == permit.issued_on + timedelta(days=source.validity_days):
        return OWN_TERM
    return "decision"


def _identity(source: PermitSource) -> Section:
    permit = source.permit
    return Section(
        N_("Identity"),
        told(
            (N_("Number"), permit.number),
            (EAEU_NUMBER, permit.eaeu_number),
            (N_("Kind"), Message(PERMIT_KINDS[permit.kind].name)),
            (N_("In place of"), source.replaces),
            (N_("Application"), source.application),
            (N_("Issued on"), permit.issued_on),
            (N_("Valid to"), permit.expires_on),
            (N_("Why it ends then"), expiry_cause(source)),
            (N_("Quota year"), str(permit.quota_year)),
            (N_("Decided by"), source.decided_by),
        ),
    )


def _parties(source: PermitSource) -> tuple[Section, ...]:
    permit, who = source.permit, source.holder.on(source.permit.issued_on)
    own, other = PARTNERS[PERMIT_KINDS[permit.kind].way]
    holder = Section(
        own,
        told(
            (N_("Name"), name_of(who)),
            (N_("Code"), source.holder.organisation_code),
            (N_("Address"), who.address),
            (N_("Registration number"), who.registration_number),
            (N_("Licence"), "; ".join(licence.number for licence in source.covering)),
        ),
    )
    if PERMIT_KINDS[permit.kind].way is Way.USE and not permit.partner:
        return (holder,)
    partner = Section(
        other,
        told(
            (N_("Name"), permit.partner),
            (N_("Country"), Country(permit.partner_country)),
            *_particulars(permit.particulars, WITH_PARTNER),
        ),
    )
    return holder, partner


def _foreign(permit: PermitFact) -> tuple[Section, ...]:
    entries = told((N_("Number"), permit.counterpart_number), *_particulars(permit.particulars, FOREIGN))
    return (Section(N_("Permit of the other country"), entries),) if entries else ()


def _circumstances(permit: PermitFact) -> tuple[Section, ...]:
    """Return purpose, way and everything else the application gave, in the order of its kind."""
    elsewhere = (*FOREIGN, *WITH_PARTNER)
    office = None if permit.particulars.get("customs_office") else permit.customs_office
    rest = [code for code in PERMIT_KINDS[permit.kind].asks if code not in elsewhere]
    entries = told(
        (N_("Purpose"), permit.purpose),
        (PARTICULARS["customs_office"].name, office),
        *_particulars(permit.particulars, rest),
    )
    return (Section(N_("Consignment"), entries),) if entries else ()


def _conditions(permit: PermitFact) -> tuple[Section, ...]:
    """Return the conditions the permit was issued under, in the words of each language; nothing without any."""
    if not permit.conditions:
        return ()
    texts = {language: conditions_in(language, permit.conditions) for language in LANGUAGES}
    text = Named(texts["en"], ru=texts["ru"], ky=texts["ky"])
    return (Section(N_("Conditions of the permit"), told((N_("Conditions"), text))),)


def _particulars(given: Mapping[str, str], codes: Sequence[str]) -> list[tuple[str, Value | None]]:
    return [(PARTICULARS[code].name, _particular(code, given[code])) for code in codes if given.get(code)]


def _particular(code: str, text: str) -> Value:
    words = PARTICULARS[code].words
    if text in words:
        return Message(words[text].name)
    if code == "route":
        return Several(tuple(Country(each) for each in text.split(";")), between=" – ")
    if code.endswith("_country") or code == "diverted_from":
        return Country(text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


GOODS = (
    N_("Product"),
    N_("Quantity as labelled"),
    N_("Substance"),
    N_("Content"),
    N_("Factor"),
    N_("As anhydrous base"),
)


def _goods(source: PermitSource) -> Listing:
    """Return a row for every substance of every product: quantity as labelled, factor, anhydrous base."""
    rows: list[tuple[Value, ...]] = []
    for line in source.permit.lines.values():
        revision = source.revisions[line.revision_id]
        product: Value = product_name(revision)
        labelled: Value = quantity(revision, line.units)
        for part in revision.components:
            base = Amount(line.units * part.base_ng_per_unit / NG_PER_G, N_("g"))
            factor = Amount(Fraction(part.base_ppm * PERCENT, PPM))
            rows.append((product, labelled, _substance(part), _strength(revision, part), factor, base))
        if not revision.components:
            rows.append((product, labelled, "", "", "", ""))
    return Listing(N_("Goods"), GOODS, (30, 14, 20, 18, 9, 15), rows)


def _substance(part: ComponentFact) -> str:
    schedules = ", ".join(sorted(part.schedules))
    return f"{part.substance_name} · {part.substance_code}" + (f" · {schedules}" if schedules else "")


def _strength(revision: RevisionFact, part: ComponentFact) -> Value:
    amount = Amount(Fraction(part.amount_ng, NG_PER_MG), N_("mg"))
    return Several((part.salt, Several((amount, Message(UNIT_NAMES[Unit(revision.unit)])), " / ")), ": ")


MOVED = (N_("Product"), N_("Quantity that moved"), N_("Day"), N_("Customs office, name, signature and seal"))


def _to_fill_in(source: PermitSource) -> Listing:
    """Return the lines on which customs writes by hand what moved."""
    rows = [(product_name(source.revisions[line.revision_id]), "", "", "\n\n") for line in source.permit.lines.values()]
    return Listing(N_("Endorsement by customs"), MOVED, (30, 18, 14, 38), rows)
