"""Balances and movements for programs: a firm reads and writes its own shelves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from registry.accounts.people import names_told
from registry.api.bodies import Many
from registry.api.cursors import Listed, page_of, paging, size_of
from registry.api.endpoints import DRY_RUN, Answer, Call, Endpoints
from registry.api.refusals import require_accepted
from registry.api.schemas import ReportSchema, listed
from registry.intake.bulk import uninterrupted
from registry.kernel.errors import Invalid, NotFound, Problem
from registry.kernel.fields import BadCell, Column, as_code, as_day, as_quantity, choice, scaled_quantity
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit, stated
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_codes, sites_by_ids, sites_of
from registry.permits.queries import permits_by_ids
from registry.stock.domain.fefo import picked
from registry.stock.domain.kinds import MOVEMENT_KINDS
from registry.stock.domain.lines import COLUMNS
from registry.stock.domain.receipts import COLUMNS as ANSWER_COLUMNS
from registry.stock.domain.receipts import SentLine
from registry.stock.queries.held import ShelfFact, first_to_expire
from registry.stock.queries.journal import JournalEntry, JournalFilter, entry_of, journal
from registry.stock.queries.listing import shelves_after
from registry.stock.queries.receipts import SentFilter, sent_lines
from registry.stock.schemas import BalanceSchema, MovementSchema, SentLineSchema, SuggestionsSchema
from registry.stock.service import post
from registry.stock.service.receipts import receive
from registry.substances.domain.facts import RevisionFact, revision_on
from registry.substances.queries.products import revisions_by_ids, revisions_for_products
from registry.web.locale import translate

READ, READ_LINES, POST = "stock.read", "stock.lines.read", "stock.post"
MOST_LINES = 10_000
SITE = Column("site", as_code, required=False, note="code of a site; the own ones unless told")
ONE_SITE = Column("site", as_code, required=False, note="code of a site; needed by people of the authority")
ONE_PRODUCT = Column("product", as_code, note="code of a product")
QUANTITY = Column("quantity", as_quantity, required=False, note="how much is wanted, in the unit of the product")
PRODUCT = Column("product", as_code, required=False, note="code of a product")
KIND = Column("kind", choice(MOVEMENT_KINDS), required=False, choices=tuple(MOVEMENT_KINDS))
FIRST = Column("first", as_day, required=False, note="first day")
LAST = Column("last", as_day, required=False, note="last day")

ARRIVING, SENT = "arriving", "sent"
WAITING, DIFFERENT, ALL = "waiting", "different", "all"
SIDE = Column(
    "side", choice((ARRIVING, SENT)), required=False, choices=(ARRIVING, SENT), note="whose lines: arriving unless told"
)
SHOW = Column(
    "show",
    choice((WAITING, DIFFERENT, ALL)),
    required=False,
    choices=(WAITING, DIFFERENT, ALL),
    note="waiting for confirmation unless told",
)

endpoints = Endpoints("stock")


@endpoints.get("/balances", READ, listed(BalanceSchema()), query=(ONE_SITE, PRODUCT, *paging(int, int, str)))
def balances(call: Call) -> Listed[Mapping[str, object]]:
    """What lies on the shelves now, by site, product and batch; empty shelves are left out."""
    sites = _sites(call, READ)
    if sites is None:
        raise NotFound(Message(N_("name a site: the parameter “site” is missing")))
    after, size = call.query["cursor"], size_of(call.query)
    ids, product_id = [site.id for site in sites], _product_id(call)
    found = shelves_after(call.session, ids, after, size + 1, product_id=product_id)
    page = page_of(found, size, lambda shelf: (shelf.site_id, shelf.product_id, shelf.label))
    return Listed(_balance_bodies(call, page.items, sites), page.next)


@endpoints.get("/suggestions", READ, SuggestionsSchema(), query=(ONE_SITE, ONE_PRODUCT, QUANTITY))
def suggestions(call: Call) -> Mapping[str, object]:
    """Which batches of a product to take first at a site: those that expire first, never what has expired; a suggestion only.

    With `quantity`: how much of each until it is there; `missing` says what the shelf lacks.
    """
    sites = _sites(call, READ)
    revisions = revisions_for_products(call.session, [call.query["product"]], call.today).get(call.query["product"])
    if sites is None or not revisions:
        raise NotFound(Message(N_("there is nothing of this product to suggest: name a site and a product that exist")))
    revision = revision_on(revisions, call.today)
    wanted = _units_asked(call.query["quantity"], revision)
    shelves = first_to_expire(call.session, [(site.id, revision.product_id) for site in sites], call.today)
    shelves.sort(key=lambda one: (one.expires_on or date.max, one.label))
    taken = picked(shelves, wanted)
    bodies = _balance_bodies(call, [replace(shelf, units=units) for shelf, units in taken], sites)
    short = 0 if wanted is None else wanted - sum(units for _, units in taken)
    return {"take": bodies, "missing": stated(short, revision.unit)}


@endpoints.get(
    "/movements", READ_LINES, listed(MovementSchema()), query=(SITE, PRODUCT, KIND, FIRST, LAST, *paging(date, int))
)
def movements(call: Call) -> Listed[Mapping[str, object]]:
    """Entries of the ledger, the youngest first: those of the sites and those that changed their shelves."""
    sites, size = _sites(call, READ_LINES), size_of(call.query)
    asked = JournalFilter(
        None if sites is None else [site.id for site in sites],
        _product_id(call),
        call.query["kind"],
        call.query["first"],
        call.query["last"],
        call.query["cursor"],
    )
    page = page_of(journal(call.session, asked, size + 1), size, lambda entry: (entry.occurred_on, entry.id))
    return Listed(_movement_bodies(call, page.items), page.next)


@endpoints.get("/movements/<path:reference>", READ_LINES, MovementSchema())
def movement(call: Call, reference: str) -> Mapping[str, object]:
    """One entry by its reference."""
    entry, holder = entry_of(call.session, reference), call.scope(READ_LINES)
    own = None if holder is None else frozenset(site.id for site in sites_of(call.session, holder))
    if entry is None or (own is not None and not entry.touches(own)):
        unknown = {"reference": reference[:64]}
        raise NotFound(Message(N_("there is no entry with the reference “%(reference)s”"), unknown))
    return _movement_bodies(call, [entry])[0]


@endpoints.post(
    "/movements",
    POST,
    ReportSchema(),
    query=(DRY_RUN,),
    body=Many("movements", COLUMNS, MOST_LINES),
    status=201,
)
def record_movements(call: Call) -> Answer:
    """Record movements, all or none of them, as a file of the same lines would be.

    The lines report what has happened, so that few rules refuse; the others become flags.
    """
    with uninterrupted():
        report = post(call.session, call.actor, call.clock, call.body, "api")
    report.written = not call.query[DRY_RUN.name]
    require_accepted(report)
    return Answer(report.as_json(translate), written=report.written)


@endpoints.get("/receipts", READ_LINES, listed(SentLineSchema()), query=(SITE, SIDE, SHOW, *paging(date, int)))
def receipts(call: Call) -> Listed[Mapping[str, object]]:
    """What was sent to the sites, or by them, with what the receivers say of it: what waits, the oldest first."""
    sites, size = _sites(call, READ_LINES), size_of(call.query)
    ids = None if sites is None else [site.id for site in sites]
    arriving, show = call.query["side"] != SENT, call.query["show"] or WAITING
    asked = SentFilter(
        receivers=ids if arriving else None,
        senders=None if arriving else ids,
        unanswered=show == WAITING,
        disputed=show == DIFFERENT,
        beyond=call.query["cursor"],
        youngest_first=show == ALL,
    )
    page = page_of(sent_lines(call.session, asked, size + 1), size, lambda line: (line.occurred_on, line.id))
    return Listed(_sent_bodies(call, page.items), page.next)


@endpoints.post(
    "/receipts", POST, ReportSchema(), query=(DRY_RUN,), body=Many("receipts", ANSWER_COLUMNS, MOST_LINES), status=201
)
def answer_lines(call: Call) -> Answer:
    """Say of what was sent to the own sites that it came as sent, or what differs: one line for each reason.

    All or none. The same answer again is a duplicate, another one follows the first; no shelf moves by it.
    """
    report = receive(call.session, call.actor, call.clock, call.body, "api")
    report.written = not call.query[DRY_RUN.name]
    require_accepted(report)
    return Answer(report.as_json(translate), written=report.written)


def _sites(call: Call, action: str) -> list[SiteFact] | None:
    """Return the sites asked for, as far as the caller may see them; None: every site."""
    holder, code = call.scope(action), call.query["site"]
    if code is None:
        return None if holder is None else sites_of(call.session, holder)
    site = sites_by_codes(call.session, [code]).get(code)
    if site is None or holder not in (None, site.organisation_id):
        raise NotFound(Message(N_("there is no site or organisation with the code “%(code)s”"), {"code": code}))
    return [site]


def _units_asked(quantity: str | None, revision: RevisionFact) -> int | None:
    """Return a quantity in units of account. Raises `Invalid` for what the unit of the product cannot hold."""
    if quantity is None:
        return None
    try:
        return scaled_quantity(quantity, UNITS_OF_ACCOUNT[Unit(revision.unit)].places)
    except BadCell as bad:
        raise Invalid(bad.message, [Problem(QUANTITY.name, bad.code, bad.message)]) from None


def _product_id(call: Call) -> int | None:
    """Return the id of the product asked for, 0 for one nobody knows, None for any."""
    code = call.query["product"]
    if code is None:
        return None
    revisions = revisions_for_products(call.session, [code], call.today).get(code)
    return revisions[0].product_id if revisions else 0


def _balance_bodies(call: Call, shelves: Sequence[ShelfFact], sites: Sequence[SiteFact]) -> list[Mapping[str, object]]:
    codes = {site.id: site.code for site in sites}
    revisions = revisions_by_ids(call.session, {shelf.revision_id for shelf in shelves}, call.today)
    return [
        {
            "site": codes[shelf.site_id],
            "product": revisions[shelf.revision_id].code,
            "name": revisions[shelf.revision_id].name,
            "batch": shelf.label or None,
            "expires_on": shelf.expires_on,
            "quantity": stated(shelf.units, revisions[shelf.revision_id].unit),
            "unit": revisions[shelf.revision_id].unit,
        }
        for shelf in shelves
    ]


def _movement_bodies(call: Call, entries: Sequence[JournalEntry]) -> list[Mapping[str, object]]:
    """Return entries as their bodies are written; a constant number of statements."""
    named = {site for entry in entries for site in (entry.site_id, entry.counterparty_id) if site is not None}
    sites = sites_by_ids(call.session, named)
    revisions = revisions_by_ids(call.session, {entry.revision_id for entry in entries}, call.today)
    permits = permits_by_ids(call.session, {entry.permit_id for entry in entries if entry.permit_id is not None})
    known = names_told(call.session, {entry.recorded_by for entry in entries}, call.scope(READ_LINES))
    return [
        {
            "reference": entry.reference,
            "occurred_on": entry.occurred_on,
            "kind": entry.kind,
            "site": sites[entry.site_id].code,
            "counterparty": sites[entry.counterparty_id].code if entry.counterparty_id is not None else None,
            "product": revisions[entry.revision_id].code,
            "batch": entry.label or None,
            "expires_on": entry.expires_on,
            "quantity": stated(entry.units, revisions[entry.revision_id].unit),
            "unit": revisions[entry.revision_id].unit,
            "permit": permits[entry.permit_id].number if entry.permit_id is not None else None,
            "country": entry.country,
            "document": entry.document,
            "prescription": entry.prescription,
            "note": entry.note,
            "reverses": entry.reverses,
            "reversed_by": entry.reversed_by,
            "recorded_at": entry.recorded_at,
            "recorded_by": entry.recorded_by if entry.recorded_by in known else None,
        }
        for entry in entries
    ]


def _sent_bodies(call: Call, lines: Sequence[SentLine]) -> list[Mapping[str, object]]:
    """Return lines as their bodies are written; a constant number of statements."""
    sites = sites_by_ids(call.session, {site for line in lines for site in (line.sender_id, line.receiver_id)})
    revisions = revisions_by_ids(call.session, {line.revision_id for line in lines}, call.today)
    return [
        {
            "reference": line.reference,
            "occurred_on": line.occurred_on,
            "kind": line.kind,
            "sender": sites[line.sender_id].code,
            "receiver": sites[line.receiver_id].code,
            "product": revisions[line.revision_id].code,
            "batch": line.label or None,
            "expires_on": line.expires_on,
            "quantity": stated(line.units, revisions[line.revision_id].unit),
            "unit": revisions[line.revision_id].unit,
            "document": line.document,
            "state": line.state.value,
            "received_on": line.received_on,
            "note": line.note,
            "differences": [
                {
                    "reason": one.reason,
                    "quantity": stated(one.units, revisions[line.revision_id].unit),
                    "batch": one.label,
                    "open": one in line.open,
                }
                for one in line.differences
            ],
        }
        for line in lines
    ]
