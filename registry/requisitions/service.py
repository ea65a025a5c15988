"""Asking, issuing, refusing. What is issued is posted as a transfer by the ledger's own service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.audit.service import record
from registry.db import lock_gate
from registry.intake.check import check_table
from registry.intake.reader import Table
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem, RuleRefused
from registry.kernel.fields import BadCell, scaled_quantity
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit, stated
from registry.kernel.persons import require_nobody_named
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_codes, sites_by_ids
from registry.requisitions.domain import LONGEST_REFERENCE, NO_MORE, Requisition
from registry.requisitions.models import RequisitionAnswer, RequisitionRow
from registry.requisitions.queries import requisition_named
from registry.stock.domain.kinds import TRANSFER
from registry.stock.domain.lines import COLUMNS
from registry.stock.service import post
from registry.substances.domain.facts import RevisionFact, revision_on
from registry.substances.queries.products import revisions_for_products, revisions_of_products

READ, POST = "stock.lines.read", "stock.post"
REQUISITIONS_GATE = 25
"""Gate of `db.lock_gate`: one answer to a requisition at a time, and one requisition at a time that takes a reference."""
NOT_RECORDED = Message(N_("Nothing was recorded."))
NO_SITE = N_("“%(code)s” is not a site of your organisation")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a ward asks for; codes of sites and product, `quantity` as stated in the unit of the product."""

    reference: str
    ward: str
    pharmacy: str
    product: str
    quantity: str
    asked_on: date
    purpose: str | None = None


def ask(session: Session, actor: Actor, clock: Clock, command: Asked) -> None:
    """Keep a requisition. Raises `Invalid` with everything that is wrong."""
    lock_gate(session, REQUISITIONS_GATE, [0])
    problems: list[Problem] = []
    sites = sites_by_codes(session, [command.ward, command.pharmacy])
    for name, code in (("ward", command.ward), ("pharmacy", command.pharmacy)):
        site = sites.get(code)
        if site is None or not policy.allows(actor, POST, site.organisation_id):
            problems.append(Problem(name, "not-your-site", Message(NO_SITE, {"code": code[:64]})))
    ward, pharmacy = sites.get(command.ward), sites.get(command.pharmacy)
    if ward and pharmacy and (ward.id == pharmacy.id or ward.organisation_id != pharmacy.organisation_id):
        problems.append(_problem("pharmacy", "not-another", N_("name another site of the same organisation")))
    revisions = revisions_for_products(session, [command.product], clock.today()).get(command.product)
    if not revisions:
        problems.append(_problem("product", "unknown-product", N_("there is no product with this code")))
    if command.asked_on > clock.today():
        problems.append(_problem("asked_on", "in-the-future", N_("this day has not come yet")))
    if len(command.reference) > LONGEST_REFERENCE:
        problems.append(_problem("reference", "too-long", N_("the reference is too long: at most 56 characters")))
    if requisition_named(session, command.reference) is not None:
        problems.append(_problem("reference", "reference-reused", N_("this reference is taken: choose another")))
    units = _units(command.quantity, revisions[-1], problems) if revisions else 0
    if problems or ward is None or pharmacy is None or not revisions:
        raise Invalid(NOT_RECORDED, problems)
    require_nobody_named("purpose", command.purpose)
    values = {
        "reference": command.reference,
        "ward_id": ward.id,
        "pharmacy_id": pharmacy.id,
        "product_id": revisions[-1].product_id,
        "units": units,
        "asked_on": command.asked_on,
        "purpose": command.purpose,
        "recorded_at": clock.now(),
        "recorded_by": actor.username,
    }
    session.connection().execute(insert(RequisitionRow), [values])
    record(session, actor, clock, "requisitions.ask", f"requisition {command.reference}", {"product": command.product})


def requisition_of(
    session: Session, actor: Actor, reference: str, action: str
) -> tuple[Requisition, SiteFact, SiteFact]:
    """Return a requisition with its ward and its pharmacy. Raises `NotFound` for an unknown one and for that of others alike."""
    found = requisition_named(session, reference)
    sites = sites_by_ids(session, [found.ward_id, found.pharmacy_id]) if found else {}
    if found is None or policy.scope(actor, action) not in (None, sites[found.ward_id].organisation_id):
        raise NotFound(Message(N_("there is no requisition “%(reference)s”"), {"reference": reference[:64]}))
    return found, sites[found.ward_id], sites[found.pharmacy_id]


def product_of(session: Session, requisition: Requisition, day: date) -> RevisionFact:
    """Return the product asked for, as it is on `day`."""
    return revision_on(revisions_of_products(session, [requisition.product_id], day)[requisition.product_id], day)


def issue(session: Session, actor: Actor, clock: Clock, reference: str, cells: Mapping[str, str]) -> None:
    """Issue a part or all of what is left: a transfer of the pharmacy to the ward, by `quantity`, `batch`, `occurred_on`.

    Raises `NotFound`, `Conflict` where nothing is left, `RuleRefused` for more than is left or by a rule of the
    ledger, `Invalid` for what cannot be read.
    """
    requisition, ward, pharmacy = _waiting(session, actor, reference)
    product = product_of(session, requisition, clock.today())
    problems: list[Problem] = []
    units = _units(cells["quantity"], product, problems)
    if problems:
        raise Invalid(NOT_RECORDED, problems)
    if units > requisition.left_units:
        message = Message(N_("more than is left of what was asked for"))
        most = stated(requisition.left_units, product.unit)
        raise RuleRefused(NOT_RECORDED, [Finding(NO_MORE, message, NO_MORE.severity, observed=stated(units, product.unit),
                                                 limit=most, unit=product.unit, largest_quantity=most)])  # fmt: skip
    number = len(requisition.answers) + 1
    entry = f"{reference}/{number}"
    line = {
        "reference": entry, "occurred_on": cells["occurred_on"], "kind": TRANSFER.code, "site": pharmacy.code,
        "counterparty": ward.code, "product": product.code, "quantity": cells["quantity"], "batch": cells["batch"],
        "document": reference,
    }  # fmt: skip
    names = tuple(column.name for column in COLUMNS)
    checked = check_table(Table(names, [[line.get(name, "") for name in names]], [1]), COLUMNS)
    report = post(session, actor, clock, checked, "requisition", entered=True)
    if report.problems:
        raise Invalid(NOT_RECORDED, report.problems)
    if report.refused:
        raise RuleRefused(NOT_RECORDED, report.findings)
    _answer(session, actor, clock, requisition, number, entry=entry)


def refuse(session: Session, actor: Actor, clock: Clock, reference: str, reason: str) -> None:
    """Refuse what is left, with a reason. Raises `NotFound`, `Conflict` where nothing is left, `Invalid` without a reason."""
    requisition, _, _ = _waiting(session, actor, reference)
    if not reason.strip():
        message = Message(N_("say why it is refused"))
        raise Invalid(message, [Problem("reason", "missing", message)])
    require_nobody_named("reason", reason)
    _answer(session, actor, clock, requisition, len(requisition.answers) + 1, reason=reason.strip())


def _waiting(session: Session, actor: Actor, reference: str) -> tuple[Requisition, SiteFact, SiteFact]:
    found, ward, pharmacy = requisition_of(session, actor, reference, POST)
    lock_gate(session, REQUISITIONS_GATE, [found.id])
    found, ward, pharmacy = requisition_of(session, actor, reference, POST)
    if not found.left_units:
        raise Conflict(Message(N_("nothing is left of this requisition: somebody may have answered meanwhile")))
    return found, ward, pharmacy


def _answer(
    session: Session, actor: Actor, clock: Clock, requisition: Requisition, number: int, *,
    entry: str | None = None, reason: str | None = None,
) -> None:  # fmt: skip
    values = {
        "requisition_id": requisition.id,
        "number": number,
        "entry": entry,
        "reason": reason,
        "recorded_at": clock.now(),
        "recorded_by": actor.username,
    }
    session.connection().execute(insert(RequisitionAnswer), [values])
    record(session, actor, clock, "requisitions.answer", f"requisition {requisition.reference}", {"entry": entry})


def _units(quantity: str, product: RevisionFact, problems: list[Problem]) -> int:
    try:
        return scaled_quantity(quantity, UNITS_OF_ACCOUNT[Unit(product.unit)].places)
    except BadCell as bad:
        problems.append(Problem("quantity", bad.code, bad.message))
        return 0


def _problem(column: str, code: str, msgid: str) -> Problem:
    return Problem(column, code, Message(msgid))
