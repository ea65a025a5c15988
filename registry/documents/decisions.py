"""Facts put into documents that are no permits: a refusal, a licence, an endorsement. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from registry.documents.domain import (
    ENDORSEMENT,
    LICENCE_DOCUMENT,
    REFUSAL,
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
from registry.kernel.mass import NG_PER_G
from registry.kernel.text import N_, Message
from registry.licences.domain import ACTS, LicenceFact
from registry.parties.domain import SiteFact
from registry.permits.domain.checks import ApplicationFact
from registry.permits.domain.kinds import PERMIT_KINDS, REFUSAL_GROUNDS
from registry.substances.domain.facts import RevisionFact

APPEAL = N_(
    "This decision can be appealed against to the authority that took it or to a court, in the way and within the "
    "time that the law on administrative procedure sets."
)


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
    difference: Value = ""


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
                told(
                    (N_("Application"), asked.reference),
                    (N_("Kind"), Message(PERMIT_KINDS[asked.kind].name)),
                    (N_("Organisation"), name_of(who)),
                    (N_("Partner abroad"), asked.partner),
                    (N_("Country"), Country(asked.partner_country)),
                    (N_("Goods"), Several(tuple(product_name(revisions[product]) for product, _ in lines))),
                    (N_("Quantity"), Several(tuple(quantity(revisions[product], units) for product, units in lines))),
                ),
            ),
            Section(
                N_("The decision"),
                told(
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
                told(
                    (N_("Organisation"), name_of(who)),
                    (N_("Registration number"), who.registration_number),
                    (N_("Address"), who.address),
                    (N_("Site"), name_of(where) if where else Message(N_("all sites of the organisation"))),
                    (N_("Address of the site"), where.address if where else None),
                ),
            ),
            Section(
                N_("What it allows"),
                told(
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
        (
            product_name(line.revision),
            quantity(line.revision, line.permitted_units),
            quantity(line.revision, line.moved_units),
        )
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
                told(
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
