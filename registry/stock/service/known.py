"""Everything a posting names, looked up at once: the number of statements does not grow with the lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.db import lock_gate
from registry.intake.check import Checked
from registry.kernel.clock import Clock
from registry.kernel.errors import Problem
from registry.kernel.text import N_, Message
from registry.licences.domain import LicenceFact
from registry.licences.queries import licences_of
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_codes
from registry.permits.domain.facts import PermitFact
from registry.permits.queries import permits_by_numbers
from registry.stock.domain.kinds import REVERSE
from registry.stock.queries.recorded import BatchFact, RecordedMovement, batches, movements_by_reference
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_for_products

SITE_GATE = 4


@dataclass(slots=True)
class Known:
    """What the registry knows of the things a posting names."""

    sites: Mapping[str, SiteFact]
    products: Mapping[str, Sequence[RevisionFact]]
    permits: Mapping[str, PermitFact]
    licences: Mapping[int, tuple[LicenceFact, ...]]
    recorded: Mapping[str, RecordedMovement]
    batches: Mapping[tuple[int, str], BatchFact]


def look_up(session: Session, clock: Clock, checked: Checked) -> Known:
    """Look up sites, products, permits, licences, recorded entries and batches of a whole file.

    One posting at a time may touch a site: what is recorded is read only then, so that a file
    sent twice at once finds its own entries as duplicates.
    """
    columns = checked.columns
    today = clock.today()
    sites = sites_by_codes(session, _texts(columns["site"]) | _texts(columns["counterparty"]))
    lock_gate(session, SITE_GATE, {site.id for site in sites.values()})
    products = revisions_for_products(session, _texts(columns["product"]), today)
    references = _texts(columns["reference"])
    reversed_ones = {
        str(document)
        for kind, document in zip(columns["kind"], columns["document"], strict=True)
        if kind == REVERSE.code and document
    }
    ids = {code: revisions[0].product_id for code, revisions in products.items()}
    shelves = {
        (ids[product], label or "")
        for product, label in set(zip(columns["product"], columns["batch"], strict=True))
        if product in ids
    }
    batch_facts = batches(session, shelves)  # type: ignore[arg-type]
    return Known(
        sites=sites,
        products=products,
        permits=permits_by_numbers(session, _texts(columns["permit"])),
        licences=licences_of(session, {site.organisation_id for site in sites.values()}),
        recorded=movements_by_reference(session, references | reversed_ones),
        batches=batch_facts,
    )


def _texts(column: Iterable[object]) -> set[str]:
    return {str(value) for value in set(column) if value is not None}


def unknown_codes(checked: Checked, known: Known) -> list[Problem]:
    """Return a problem for every cell that names something the registry does not know."""
    problems: list[Problem] = []
    lookups = (
        ("site", known.sites, "unknown-site", N_("there is no site or organisation with the code “%(code)s”")),
        ("counterparty", known.sites, "unknown-site", N_("there is no site or organisation with the code “%(code)s”")),
        ("product", known.products, "unknown-product", N_("there is no product with the code “%(code)s”")),
        ("permit", known.permits, "unknown-permit", N_("there is no permit with the number “%(code)s”")),
    )
    for name, table, code, msgid in lookups:
        missing = _texts(checked.columns[name]) - table.keys()
        if missing:
            problems.extend(
                Problem(name, code, Message(msgid, {"code": value}), number)
                for value, number in zip(checked.columns[name], checked.numbers, strict=True)
                if value in missing
            )
    return problems
