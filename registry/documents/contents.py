"""Facts put into documents: which fields a permit, a certificate, a refusal, a licence and an endorsement tell. Pure.

The fields are those of the model forms and of the union of the peers' (PC-10.1), with the
national minimum (NC-5.3): quantities as labelled and as anhydrous base with the factor used,
the last day with its cause, who the goods come from and go to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from registry.documents.domain import (
    CERTIFICATE,
    ENDORSEMENT,
    LICENCE_DOCUMENT,
    PERMIT_DOCUMENT,
    REFUSAL,
    Amount,
    Content,
    Country,
    Entry,
    Listing,
    Named,
    Section,
    Several,
    Value,
)
from registry.kernel.mass import NG_PER_G, NG_PER_MG, PPM, UNIT_NAMES, UNITS_OF_ACCOUNT, Unit
from registry.kernel.text import N_, Message
from registry.licences.domain import ACTS, LicenceFact
from registry.parties.domain import SiteFact, SiteRevisionFact
from registry.permits.domain.checks import ApplicationFact
from registry.permits.domain.facts import PermitFact
from registry.permits.domain.kinds import PERMIT_KINDS, REFUSAL_GROUNDS, Way
from registry.permits.domain.particulars import PARTICULARS, day_of
from registry.substances.domain.facts import ComponentFact, RevisionFact

PERCENT = 100
PARTNERS = {
    Way.IMPORT: (N_("Importer"), N_("Exporter")),
    Way.EXPORT: (N_("Exporter"), N_("Importer")),
    Way.TRANSIT: (N_("Holder"), N_("Partner abroad")),
    Way.USE: (N_("Holder"), N_("Partner abroad")),
}
"""What holder and partner are called, by what the goods do."""
FOREIGN = ("counterpart_issued_on", "counterpart_issuer", "counterpart_expires_on", "counterpart_seen")
WITH_PARTNER = ("partner_address",)
APPEAL = N_(
    "This decision can be appealed against to the authority that took it or to a court, in the way and within the "
    "time that the law on administrative procedure sets."
)
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


@dataclass(frozen=True, slots=True)
class EndorsedLine:
    """What moved of one product: its revision, what was permitted and what moved, in units of account."""

    revision: RevisionFact
    permitted_units: int
    moved_units: int


@dataclass(frozen=True, slots=True)
class Endorsement:
    """What an authority certifies to another after goods arrived (1961 art. 31(7), 1971 art. 12(1)(e))."""

    reference: str
    permit_number: str
    foreign_number: str
    foreign_issuer: str
    importer: Named
    exporter: str
    exporter_country: str
    arrived_on: date
    endorsed_on: date
    customs_office: str
    lines: tuple[EndorsedLine, ...]
    difference: str = ""


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
        parts=(_identity(source), *_parties(source), *_circumstances(permit), _goods(source)),
        notes=(Message(CERTIFIED),),
        token=permit.token,
        what=permit.kind,
        substances=substance_codes(source.revisions.values()),
        ends_on=permit.expires_on,
    )


def refusal_content(
    asked: ApplicationFact,
    applicant: SiteFact,
    revisions: Mapping[int, RevisionFact],
    ground: str,
    text: str,
    decided_on: date,
    authority: str,
) -> Content:
    """Return the decision to refuse: coded ground, text, appeal route. `revisions`: product id -> revision asked for."""
    who = applicant.on(decided_on)
    lines = asked.lines
    return Content(
        kind=REFUSAL.code,
        subject=asked.reference,
        title=REFUSAL.name,
        authority=authority,
        parts=(
            Section(
                N_("The application"),
                _told(
                    (N_("Application"), asked.reference),
                    (N_("Kind"), Message(PERMIT_KINDS[asked.kind].name)),
                    (N_("Organisation"), _name(who)),
                    (N_("Partner abroad"), asked.partner),
                    (N_("Country"), Country(asked.partner_country)),
                    (N_("Goods"), Several(tuple(_product(revisions[product]) for product, _ in lines))),
                    (N_("Quantity"), Several(tuple(_units(revisions[product], units) for product, units in lines))),
                ),
            ),
            Section(
                N_("The decision"),
                _told(
                    (N_("Refused on"), decided_on),
                    (N_("Ground"), Message(REFUSAL_GROUNDS[ground].name)),
                    (N_("Reason"), text),
                ),
            ),
        ),
        notes=(Message(APPEAL),),
        what=asked.kind,
        substances=substance_codes(revisions.values()),
    )


def licence_content(licence: LicenceFact, holder: SiteFact, site: SiteFact | None, authority: str) -> Content:
    """Return what the paper of a licence says, as its newest revision stands."""
    who = holder.on(licence.effective_on)
    where = site.on(licence.effective_on) if site else None
    limit = Amount(Fraction(licence.limit_ng, NG_PER_G), N_("g")) if licence.limit_ng is not None else ""
    acts = tuple(Message(ACTS[code].name) for code in ACTS if code in licence.acts)
    return Content(
        kind=LICENCE_DOCUMENT.code,
        subject=licence.number,
        title=LICENCE_DOCUMENT.name,
        authority=licence.authority or authority,
        parts=(
            Section(
                N_("Holder"),
                _told(
                    (N_("Organisation"), _name(who)),
                    (N_("Registration number"), who.registration_number),
                    (N_("Address"), who.address),
                    (N_("Site"), _name(where) if where else Message(N_("all sites of the organisation"))),
                    (N_("Address of the site"), where.address if where else None),
                ),
            ),
            Section(
                N_("What it allows"),
                _told(
                    (N_("Acts"), Several(acts)),
                    (N_("Substances"), "; ".join(licence.scope)),
                    (N_("Most in a year, as anhydrous base"), limit),
                    (N_("Valid from"), licence.valid_from),
                    (N_("Valid to"), licence.valid_to),
                    (N_("Conditions"), licence.conditions),
                ),
            ),
        ),
        substances=licence.scope,
        ends_on=licence.valid_to,
    )


def endorsement_content(endorsed: Endorsement, authority: str) -> Content:
    """Return the certificate that goods arrived, for the authority that permitted their export."""
    rows = [
        (_product(line.revision), _units(line.revision, line.permitted_units), _units(line.revision, line.moved_units))
        for line in endorsed.lines
    ]
    captions = (N_("Product"), N_("Permitted"), N_("Arrived"))
    return Content(
        kind=ENDORSEMENT.code,
        subject=endorsed.reference,
        title=ENDORSEMENT.name,
        authority=authority,
        parts=(
            Section(
                N_("Identity"),
                _told(
                    (N_("Number of the other country's permit"), endorsed.foreign_number),
                    (N_("Authority that issued the foreign permit"), endorsed.foreign_issuer),
                    (N_("Import permit"), endorsed.permit_number),
                    (N_("Importer"), endorsed.importer),
                    (N_("Exporter"), endorsed.exporter),
                    (N_("Country"), Country(endorsed.exporter_country)),
                    (N_("Arrived on"), endorsed.arrived_on),
                    (N_("Customs office"), endorsed.customs_office),
                    (N_("Endorsed on"), endorsed.endorsed_on),
                    (N_("Reason for a difference"), endorsed.difference),
                ),
            ),
            Listing(N_("Goods"), captions, (6, 3, 3), rows),
        ),
        substances=substance_codes(line.revision for line in endorsed.lines),
    )


def permit_goods(permit: PermitFact, revisions: Mapping[int, RevisionFact]) -> list[tuple[Named, Amount]]:
    """Return product and quantity of every line, as labelled."""
    lines = [(revisions[line.revision_id], line.units) for line in permit.lines.values()]
    return [(_product(revision), _units(revision, units)) for revision, units in lines]


def expiry_cause(source: PermitSource) -> Message:
    """Return why a permit ends when it does: the first of what bounds it that ends on that day."""
    permit, ends = source.permit, source.permit.expires_on
    foreign = day_of(permit.particulars, "counterpart_expires_on")
    if foreign == ends:
        return Message(N_("the foreign permit ends then"))
    if any(licence.valid_to == ends for licence in source.covering):
        return Message(N_("the licence ends then"))
    if ends == date(permit.quota_year, 12, 31):
        return Message(N_("the quota year ends then"))
    if ends == permit.issued_on + timedelta(days=source.validity_days):
        return Message(N_("its own longest term, %(count)s days"), {"count": source.validity_days})
    return Message(N_("set by the decision"))


def substance_codes(revisions: Iterable[RevisionFact]) -> tuple[str, ...]:
    """Return the codes of all substances, sorted."""
    return tuple(sorted({part.substance_code for revision in revisions for part in revision.components}))


def _told(*pairs: tuple[str, Value | None]) -> tuple[Entry, ...]:
    """Return entries; what nobody stated is left out."""
    return tuple(Entry(label, value) for label, value in pairs if value not in (None, "", Several(())))


def _name(revision: SiteRevisionFact) -> Named:
    return Named(revision.name, revision.name_ru or "", revision.name_ky or "")


def _product(revision: RevisionFact) -> Named:
    more = "".join(f", {each}" for each in (revision.form, revision.manufacturer) if each)
    return Named(revision.name, revision.name_ru, revision.name_ky, more)


def _units(revision: RevisionFact, units: int) -> Amount:
    unit = Unit(revision.unit)
    return Amount(Fraction(units, UNITS_OF_ACCOUNT[unit].per_unit), UNIT_NAMES[unit])


def _identity(source: PermitSource) -> Section:
    permit = source.permit
    return Section(
        N_("Identity"),
        _told(
            (N_("Number"), permit.number),
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
        _told(
            (N_("Name"), _name(who)),
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
        _told(
            (N_("Name"), permit.partner),
            (N_("Country"), Country(permit.partner_country)),
            *_particulars(permit.particulars, WITH_PARTNER),
        ),
    )
    return holder, partner


def _foreign(permit: PermitFact) -> tuple[Section, ...]:
    entries = _told((N_("Number"), permit.counterpart_number), *_particulars(permit.particulars, FOREIGN))
    return (Section(N_("Permit of the other country"), entries),) if entries else ()


def _circumstances(permit: PermitFact) -> tuple[Section, ...]:
    """Return purpose, way and everything else the application gave, in the order of its kind."""
    told = (*FOREIGN, *WITH_PARTNER)
    office = None if permit.particulars.get("customs_office") else permit.customs_office
    rest = [code for code in PERMIT_KINDS[permit.kind].asks if code not in told]
    entries = _told(
        (N_("Purpose"), permit.purpose),
        (PARTICULARS["customs_office"].name, office),
        *_particulars(permit.particulars, rest),
    )
    return (Section(N_("Consignment"), entries),) if entries else ()


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
        product: Value = _product(revision)
        quantity: Value = _units(revision, line.units)
        for part in revision.components:
            base = Amount(line.units * part.base_ng_per_unit / NG_PER_G, N_("g"))
            factor = Amount(Fraction(part.base_ppm * PERCENT, PPM))
            rows.append((product, quantity, _substance(part), _strength(revision, part), factor, base))
        if not revision.components:
            rows.append((product, quantity, "", "", "", ""))
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
    rows = [(_product(source.revisions[line.revision_id]), "", "", "\n\n") for line in source.permit.lines.values()]
    return Listing(N_("Endorsement by customs"), MOVED, (30, 18, 14, 38), rows)
