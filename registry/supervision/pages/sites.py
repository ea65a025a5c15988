"""The start page of a firm, site by site: what is due and waits, what runs out and expires, what lies there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.mass import UNIT_NAMES, Unit, stated
from registry.kernel.text import Message
from registry.parameters.queries import parameters_on
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_of
from registry.reporting.domain.calendar import DutyState
from registry.reporting.queries.refused import open_files
from registry.reporting.queries.reports import Owed, owed_by, still_open
from registry.stock.domain.parameters import CONFIRMATION_DAYS, EXPIRING_DAYS, RUNS_OUT_DAYS, USE_DAYS
from registry.stock.domain.supply import Lying
from registry.stock.queries.held import ShelfFact
from registry.stock.queries.outlook import Outlook, outlook
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids
from registry.supervision.pages.blueprint import link, quoted
from registry.web.locale import current_language, format_quantity
from registry.web.paging import Page, asked_page, offset
from registry.workdays.queries import working_days

READ = "stock.read"
SITES_SHOWN = 10
SHOWN = 20
"""So many batches and products of a site are shown at most; the balances show the rest."""


@dataclass(frozen=True, slots=True)
class Named:
    """A product at a site: its code and name, where its balances and movements there are."""

    code: str
    name: str
    balances: str | None
    movements: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A product or batch as its site shows it. Quantities are written in the unit of the product, None where there is nothing.

    `days`: how long the usable part lasts, None where nothing was used. `expires_on` and `destruction` are of a batch.
    """

    product: Named
    quantity: str
    label: str = ""
    usable: str | None = None
    unconfirmed: str | None = None
    quarantined: str | None = None
    expired: str | None = None
    used: str | None = None
    days: int | None = None
    expires_on: date | None = None
    destruction: str | None = None


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report a site has to see to: what it is about, where it is made, when it is due; `late`: so many days."""

    words: Message
    href: str | None
    due_on: date
    late: int
    changed: bool


@dataclass(frozen=True, slots=True)
class SiteBlock:
    """One site: `late`, its oldest supply should have been confirmed by now; `empty` lasts no more, `scarce` runs out."""

    code: str
    name: str
    facts: Outlook
    late: bool
    waits_days: int
    links: Mapping[str, str | None]
    empty: tuple[Shown, ...]
    scarce: tuple[Shown, ...]
    expiring: tuple[Shown, ...]
    products: tuple[Shown, ...]
    reports: tuple[ReportLine, ...]


@dataclass(frozen=True, slots=True)
class SiteBlocks:
    """The sites of one page, the refused files of the firm, the days the country looks back and ahead."""

    page: Page[SiteBlock]
    refused: int
    refused_link: str | None
    use_days: int
    runs_out_days: int
    expiring_days: int


def site_blocks(session: Session, actor: Actor, clock: Clock) -> SiteBlocks | None:
    """Return the blocks of the person's sites; None for people who are of no firm or a firm without sites."""
    own = policy.scope(actor, READ) if policy.holds(actor, READ) else None
    sites = sites_of(session, own) if own is not None else []
    if not sites:
        return None
    day = clock.today()
    today = parameters_on(session, day)
    number = min(asked_page(), -(-len(sites) // SITES_SHOWN))
    first = offset(number, SITES_SHOWN)
    shown = sites[first : first + SITES_SHOWN]
    found = outlook(session, [site.id for site in shown], day)
    wanted = {each.revision_id for facts in found.values() for each in facts.products}
    wanted |= {each.revision_id for facts in found.values() for each in facts.expiring}
    revisions = revisions_by_ids(session, wanted, day)
    latest = working_days(session).first_of(day, today.number(CONFIRMATION_DAYS))
    runs_out = today.number(RUNS_OUT_DAYS)
    reports: dict[int, list[Owed]] = defaultdict(list)
    for owed in still_open(owed_by(session, day, shown)):
        reports[owed.site.id].append(owed)
    blocks = [_block(site, found[site.id], revisions, day, latest, runs_out, reports[site.id]) for site in shown]
    page = Page(blocks, number, SITES_SHOWN, len(sites))
    refused = len(open_files(session, own))
    return SiteBlocks(
        page, refused, link("/reports/refused"), today.number(USE_DAYS), runs_out, today.number(EXPIRING_DAYS)
    )


def _block(
    site: SiteFact,
    facts: Outlook,
    revisions: Mapping[int, RevisionFact],
    day: date,
    latest: date,
    runs_out: int,
    reports: Sequence[Owed],
) -> SiteBlock:
    code = quoted(site.code)
    products = sorted(
        ((each, _product(site, each, revisions[each.revision_id])) for each in facts.products),
        key=lambda pair: pair[1].product.code,
    )
    low = sorted((pair for pair in products if pair[0].runs_out(runs_out)), key=lambda pair: pair[0].days or 0)
    return SiteBlock(
        code=site.code,
        name=site.name_in(current_language(), day),
        facts=facts,
        late=facts.due is not None and facts.due.oldest < latest,
        waits_days=(day - facts.due.oldest).days if facts.due is not None else 0,
        links={
            "due": link(f"/stock/arriving?site={code}"),
            "received": link(f"/stock/arriving?site={code}&show=different"),
            "sent": link(f"/stock/sent?site={code}&show=different"),
            "lots": link("/stock/quarantine"),
            "balances": link(f"/stock/?site={code}"),
        },
        empty=tuple(shown for each, shown in low if not each.usable),
        scarce=tuple(shown for each, shown in low if each.usable),
        expiring=_batches(site, facts.expiring, revisions, day),
        products=tuple(shown for each, shown in products if each.units)[:SHOWN],
        reports=tuple(_report(owed, day) for owed in reports[:SHOWN]),
    )


def _report(owed: Owed, day: date) -> ReportLine:
    return ReportLine(
        owed.duty.span.words,
        link(f"/reports/report?site={quoted(owed.site.code)}&period={owed.duty.span.code}"),
        owed.duty.due_on,
        owed.duty.days_late(day) if owed.state is DutyState.LATE else 0,
        changed=owed.state is DutyState.CHANGED,
    )


def _product(site: SiteFact, each: Lying, revision: RevisionFact) -> Shown:
    return Shown(
        _named(site, revision),
        _written(each.units, revision),
        usable=_written(each.usable, revision),
        unconfirmed=_written(each.unconfirmed, revision) if each.unconfirmed else None,
        quarantined=_written(each.quarantined, revision) if each.quarantined else None,
        expired=_written(each.expired, revision) if each.expired else None,
        used=_written(each.used, revision),
        days=each.days,
    )


def _batches(
    site: SiteFact, shelves: Sequence[ShelfFact], revisions: Mapping[int, RevisionFact], day: date
) -> tuple[Shown, ...]:
    return tuple(
        Shown(
            _named(site, revision),
            _written(one.units, revision),
            one.label,
            expired=_written(one.units, revision) if one.has_expired(day) else None,
            expires_on=one.expires_on,
            destruction=_destruction(site, revision, one.label) if one.has_expired(day) else None,
        )
        for one in shelves[:SHOWN]
        for revision in (revisions[one.revision_id],)
    )


def _named(site: SiteFact, revision: RevisionFact) -> Named:
    name = {"ru": revision.name_ru, "ky": revision.name_ky}.get(current_language()) or revision.name
    place, product = quoted(site.code), quoted(revision.code)
    return Named(
        revision.code,
        name,
        link(f"/stock/?site={place}&q={product}"),
        link(f"/stock/movements?site={place}&product={product}"),
    )


def _destruction(site: SiteFact, revision: RevisionFact, label: str) -> str | None:
    return link(f"/counts/acts/new?site={quoted(site.code)}&product={quoted(revision.code)}&batch={quoted(label)}")


def _written(units: int, revision: RevisionFact) -> str:
    return format_quantity(stated(units, revision.unit), UNIT_NAMES[Unit(revision.unit)])
