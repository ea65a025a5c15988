"""Everything a posting names, looked up at once: the number of statements does not grow with the lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from registry.db import lock_gate
from registry.intake.check import Checked
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Problem
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.licences.domain import LicenceFact
from registry.licences.queries import licences_of
from registry.mergers.domain import PRODUCT, SITE
from registry.mergers.service import no_merger_meanwhile, take_over
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_codes, sites_by_ids
from registry.permits.domain.facts import PermitFact
from registry.permits.queries import permits_by_numbers
from registry.stock.domain.kinds import REVERSE
from registry.stock.queries.merging import recorded_moments
from registry.stock.queries.recorded import (
    BatchFact,
    RecordedMovement,
    batches,
    movements_by_reference,
    sites_of_entries,
)
from registry.stock.queries.relevel import corrections_of
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.near import unknown_products
from registry.substances.queries.products import revisions_for_products

SITE_GATE = 4
MERGED = {"site": SITE, "counterparty": SITE, "product": PRODUCT}


@dataclass(slots=True)
class Known:
    """What the registry knows of the things a posting names.

    `sites_by_id`: those of the entries to be reversed among them. `corrections`: what was corrected since of the entries to be reversed, as a change of level made it.
    `notes`: on codes that were merged into others. `unknown`: what to say of codes of products that are not recorded; of sites and permits nothing near is told.
    """

    sites: Mapping[str, SiteFact]
    sites_by_id: Mapping[int, SiteFact]
    products: Mapping[str, Sequence[RevisionFact]]
    permits: Mapping[str, PermitFact]
    licences: Mapping[int, tuple[LicenceFact, ...]]
    recorded: Mapping[str, RecordedMovement]
    batches: Mapping[tuple[int, str], BatchFact]
    corrections: Mapping[str, Sequence[str]]
    unknown: Mapping[str, Message]
    notes: Sequence[Finding] = ()


def look_up(session: Session, clock: Clock, checked: Checked) -> Known:
    """Look up sites, products, permits, licences, recorded entries and batches of a whole file.

    One posting at a time may touch a site: what is recorded is read only then, so that a file
    sent twice at once finds its own entries as duplicates, and no site changes its level meanwhile.
    """
    columns = checked.columns
    today = clock.today()
    references = _texts(columns["reference"])
    reversed_ones = {
        str(document)
        for kind, document in zip(columns["kind"], columns["document"], strict=True)
        if kind == REVERSE.code and document
    }
    no_merger_meanwhile(session)
    named = sites_by_codes(session, _texts(columns["site"]) | _texts(columns["counterparty"]))
    touched = {site.id for site in named.values()} | (
        sites_of_entries(session, reversed_ones) if reversed_ones else set()
    )
    lock_sites(session, touched)
    # A reversal names what the reversed entry names.
    notes = take_over(
        session, columns, checked.numbers, MERGED, partial(_recorded_as, columns), partial(recorded_moments, session)
    )
    if notes:
        named = sites_by_codes(session, _texts(columns["site"]) | _texts(columns["counterparty"]))
        touched |= {site.id for site in named.values()}
        lock_sites(session, touched)
    sites_by_id = sites_by_ids(session, touched)
    sites = {site.code: site for site in sites_by_id.values()}
    wanted = _texts(columns["product"])
    products = revisions_for_products(session, wanted, today)
    ids = {code: revisions[0].product_id for code, revisions in products.items()}
    shelves = {
        (ids[product], label or "")
        for product, label in set(zip(columns["product"], columns["batch"], strict=True))
        if product in ids
    }
    batch_facts = batches(session, shelves)  # type: ignore[arg-type]
    recorded = movements_by_reference(session, references | reversed_ones if reversed_ones else references)
    for entry in (recorded[reference] for reference in reversed_ones & recorded.keys()):
        if not {entry.site_id, entry.counterparty_id if entry.counter_delta else entry.site_id} <= sites_by_id.keys():
            # Recorded since the sites were asked for: its shelves are not ours yet.
            raise Conflict(Message(N_("somebody recorded the same thing at the same moment: look again, then repeat")))
    releveled = any(site.level_changes for site in sites.values())
    return Known(
        sites=sites,
        sites_by_id=sites_by_id,
        products=products,
        permits=permits_by_numbers(session, _texts(columns["permit"])),
        licences=licences_of(session, {site.organisation_id for site in sites.values()}),
        recorded=recorded,
        batches=batch_facts,
        corrections=corrections_of(session, reversed_ones) if reversed_ones and releveled else {},
        unknown=unknown_products(session, wanted - products.keys()),
        notes=notes,
    )


def _recorded_as(columns: Mapping[str, list[Any]], place: int) -> object:
    """Return the reference by which a row was recorded before: of a reversal, that of the reversed entry."""
    return columns["document" if columns["kind"][place] == REVERSE.code else "reference"][place]


def lock_sites(session: Session, site_ids: Iterable[int]) -> None:
    """Let nobody else post to these sites, change their level or merge them until the transaction ends."""
    lock_gate(session, SITE_GATE, site_ids)


def _texts(column: Iterable[object]) -> set[str]:
    texts: set[Any] = set(column)
    texts.discard(None)
    return texts


def unknown_codes(checked: Checked, known: Known) -> list[Problem]:
    """Return a problem for every cell that names something the registry does not know."""
    problems: list[Problem] = []
    no_site = _saying(N_("there is no site or organisation with the code “%(code)s”"))
    no_permit = _saying(N_("there is no permit with the number “%(code)s”"))
    lookups: tuple[tuple[str, Mapping[str, object], str, Callable[[str], Message]], ...] = (
        ("site", known.sites, "unknown-site", no_site),
        ("counterparty", known.sites, "unknown-site", no_site),
        ("product", known.products, "unknown-product", known.unknown.__getitem__),
        ("permit", known.permits, "unknown-permit", no_permit),
    )
    for name, table, code, said in lookups:
        missing = _texts(checked.columns[name]) - table.keys()
        if missing:
            problems.extend(
                Problem(name, code, said(str(value)), number)
                for value, number in zip(checked.columns[name], checked.numbers, strict=True)
                if value in missing
            )
    return problems


def _saying(msgid: str) -> Callable[[str], Message]:
    return lambda code: Message(msgid, {"code": code})
