"""The journal: entries of the ledger, and one entry with everything it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from flask import render_template, request, url_for

from forms.columns import BESIDE_FORM_C, FORM_C_PART_I
from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.people import people_named
from registry.flags.queries import worklist
from registry.kernel.errors import NotFound
from registry.kernel.rules import Finding, Rule, Severity
from registry.kernel.text import N_, Message
from registry.licences.domain import LICENCE_COVERS
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_ids
from registry.permits.domain.facts import PermitFact, bound_base_ng
from registry.permits.queries import permits_by_ids
from registry.stock.domain import rules
from registry.stock.domain.kinds import MOVEMENT_KINDS
from registry.stock.domain.national import STOCK, TAKEN_ON, is_counted, read_effect
from registry.stock.forms import MovementFilter
from registry.stock.pages.blueprint import (
    POST,
    READ_LINES,
    blueprint,
    in_base,
    in_unit,
    own_sites,
    page_at,
    product_name,
    rows,
    site_name,
    site_named,
    today,
)
from registry.stock.pages.typed import shown_unit
from registry.stock.queries.held import first_to_expire, shelf_units
from registry.stock.queries.journal import JournalEntry, JournalFilter, entry_of, journal
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids, revisions_for_products
from registry.web.locale import NO_BREAK, current_language, format_day, format_grams, format_moment, say, translate
from registry.web.paging import KeyPage, asked_size

RECENT_FLAGS = 50
LONGEST_ID = 18
NO_ENTRY = N_("there is no entry with the reference “%(reference)s”")
REVERSED = N_("reversed")
COLUMNS = (
    {"label": N_("Reference"), "kind": "code"},
    {"label": N_("Day")},
    {"label": N_("Kind")},
    {"label": N_("Site"), "kind": "code"},
    {"label": N_("The other site"), "kind": "code"},
    {"label": N_("Product")},
    {"label": N_("Batch"), "kind": "code"},
    {"label": N_("Quantity"), "kind": "number"},
    {"label": N_("Recorded")},
)
EFFECT_COLUMNS = (
    {"label": N_("Figure of the country")},
    {"label": N_("Effect")},
    {"label": N_("Substance")},
    {"label": N_("Anhydrous base"), "kind": "number"},
)
_CAPTIONS = {column.code: column for column in (*FORM_C_PART_I, *BESIDE_FORM_C)}
_OWN_CAPTIONS = {STOCK: N_("national stock"), TAKEN_ON: N_("stock first taken on")}
RULES = {rule.code: rule for rule in (LICENCE_COVERS, *vars(rules).values()) if isinstance(rule, Rule)}


@blueprint.get("/movements")
@asks(READ_LINES)
def movements() -> str:
    """List entries, the youngest first; a firm sees its own and those that changed its shelves."""
    own = own_sites(READ_LINES)
    form = MovementFilter.asked()
    code, product, kind = form.word("site"), form.word("product"), form.word("kind")
    sites = [site_named(code, own)] if code else own
    session, size = rows(), asked_size()
    product_id = None
    if product:
        found = revisions_for_products(session, [product], today()).get(product)
        product_id = found[0].product_id if found else 0
    asked = JournalFilter(
        None if sites is None else [site.id for site in sites],
        product_id,
        kind or None,
        form.first.data,
        form.last.data,
        key_of(request.args.get("after", "")),
    )
    entries = journal(session, asked, size + 1)
    after = f"{entries[size - 1].occurred_on}.{entries[size - 1].id}" if len(entries) > size else None
    return render_template(
        "stock/movements.html",
        form=form,
        columns=COLUMNS,
        rows=_lines(entries[:size]),
        page=KeyPage(entries[:size], after),
        may_enter=policy.holds(current_actor(), POST),
    )


def key_of(text: str) -> tuple[date, int] | None:
    """Read the key of the last entry shown; anything else starts at the top."""
    day, _, number = text.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_ID):
        return None
    try:
        return date.fromisoformat(day), int(number)
    except ValueError:
        return None


def _lines(entries: list[JournalEntry]) -> list[list[object]]:
    session = rows()
    sites = sites_by_ids(session, _sites_in(entries))
    revisions = revisions_by_ids(session, {entry.revision_id for entry in entries}, today())
    people = people_named(session, {entry.recorded_by for entry in entries}, policy.scope(current_actor(), READ_LINES))
    return [
        [
            {"text": entry.reference, "href": url_for("stock.movement", reference=entry.reference)},
            format_day(entry.occurred_on).replace(" ", NO_BREAK),
            _kind_words(entry),
            sites[entry.site_id].code,
            sites[entry.counterparty_id].code if entry.counterparty_id is not None else None,
            f"{revisions[entry.revision_id].code} {product_name(revisions[entry.revision_id])}",
            entry.label or None,
            in_unit(entry.units, revisions[entry.revision_id]),
            f"{format_moment(entry.recorded_at)}, {people[entry.recorded_by]}",
        ]
        for entry in entries
    ]


def _kind_words(entry: JournalEntry) -> str:
    name = say(MOVEMENT_KINDS[entry.kind].name)
    return f"{name} ({say(REVERSED)})" if entry.reversed_by else name


def _sites_in(entries: Iterable[JournalEntry]) -> set[int]:
    return {number for entry in entries for number in (entry.site_id, entry.counterparty_id) if number is not None}


def entry_for_reader(reference: str, action: str) -> JournalEntry:
    """Return the entry under `reference` if the reader may see it.

    Raises `NotFound` for an unknown reference, and for entries that touch no own shelf of a firm alike.
    """
    own = own_sites(action)
    entry = entry_of(rows(), reference)
    if entry is None or (own is not None and not entry.touches(frozenset(site.id for site in own))):
        raise NotFound(Message(NO_ENTRY, {"reference": reference[:64]}))
    return entry


@blueprint.get("/movements/<path:reference>")
@asks(READ_LINES)
def movement(reference: str) -> str:
    """Show one entry: what it changed on which shelf, what it counts for nationally, what it rests on."""
    entry = entry_for_reader(reference, READ_LINES)
    session, actor = rows(), current_actor()
    sites = sites_by_ids(session, _sites_in([entry]))
    revision = revisions_by_ids(session, [entry.revision_id], today())[entry.revision_id]
    permit = permits_by_ids(session, [entry.permit_id]).get(entry.permit_id) if entry.permit_id is not None else None
    narrowed = policy.scope(actor, READ_LINES)
    may_enter = policy.allows(actor, POST, sites[entry.site_id].organisation_id)
    return render_template(
        "stock/movement.html",
        entry=entry,
        recorded_by=people_named(session, [entry.recorded_by], narrowed)[entry.recorded_by],
        kind=MOVEMENT_KINDS[entry.kind],
        product=f"{revision.code} {product_name(revision)}",
        batch_href=url_for("stock.batch", product=revision.code, batch=entry.label or None),
        quantity=in_unit(entry.units, revision),
        base=in_base([(entry.units, revision)]),
        shelves=_shelves(entry, sites, revision, narrowed),
        site=_site_words(sites[entry.site_id]),
        other=_site_words(sites[entry.counterparty_id]) if entry.counterparty_id is not None else None,
        effect_columns=EFFECT_COLUMNS,
        effects=_effects(entry, revision),
        permit=_permit_link(permit),
        findings=_flags(entry, narrowed if narrowed is not None else sites[entry.site_id].organisation_id),
        just_entered=request.args.get("entered"),
        earlier=_earlier(entry, revision) if request.args.get("entered") and may_enter else [],
        may_reverse=may_enter and not MOVEMENT_KINDS[entry.kind].own and not entry.reverses and not entry.reversed_by,
        may_enter=may_enter,
    )


def _earlier(entry: JournalEntry, revision: RevisionFact) -> list[tuple[str, str, date | None]]:
    """Return the batches on the shelf that expire before the one that was taken; the firm that entered it may see them."""
    if not MOVEMENT_KINDS[entry.kind].issues:
        return []
    lying = first_to_expire(rows(), [(entry.site_id, entry.product_id)], entry.occurred_on)
    last = entry.expires_on or date.max
    return [
        (one.label, in_unit(one.units, revision), one.expires_on)
        for one in lying
        if (one.expires_on or date.max) < last
    ]


def _site_words(site: SiteFact) -> str:
    return f"{site.code} {site_name(site)}"


def _permit_link(permit: PermitFact | None) -> tuple[str, str | None] | None:
    return (permit.number, page_at(f"/permits/{permit.number}")) if permit is not None else None


def _shelves(
    entry: JournalEntry, sites: Mapping[int, SiteFact], revision: RevisionFact, narrowed: int | None
) -> list[tuple[str, str, str]]:
    """Return the shelves changed: site, change with its sign, what lies there now. A firm reads its own only."""
    changed: list[tuple[str, str, str]] = []
    for site_id, delta in ((entry.site_id, entry.site_delta), (entry.counterparty_id, entry.counter_delta)):
        if not delta or site_id is None:
            continue
        site = sites[site_id]
        if narrowed is not None and site.organisation_id != narrowed:
            continue
        now = shelf_units(rows(), site_id, entry.product_id, entry.label)
        sign = "+" if delta > 0 else "\u2212"
        changed.append((_site_words(site), sign + in_unit(abs(delta), revision), in_unit(now, revision)))
    return changed


def _effects(entry: JournalEntry, revision: RevisionFact) -> list[list[object]]:
    """Return what the entry counts for: figure, direction in words, substance, exact base."""
    counted = bound_base_ng(revision)
    names = {part.substance_id: part.substance_name for part in revision.components}
    return [
        [
            _caption(column),
            say(N_("adds")) if sign > 0 else say(N_("takes away")),
            say(names[substance]),
            format_grams(entry.units * base),
        ]
        for column, sign in read_effect(entry.effect)
        if is_counted(column, revision)
        for substance, base in counted.items()
    ]


def _caption(column: str) -> str:
    known = _CAPTIONS.get(column)
    return known.caption_in(current_language(), translate) if known else say(_OWN_CAPTIONS.get(column, column))


def _flags(entry: JournalEntry, organisation_id: int) -> list[Finding]:
    """Return what was flagged when the entry was recorded, as far as it is among the latest flags of the organisation."""
    subject = f"movement {entry.reference}"
    return [
        Finding(
            RULES[flag.rule],
            flag.message,
            Severity.FLAG,
            observed=flag.observed,
            limit=flag.limit,
            unit=shown_unit(flag.unit),
        )
        for flag in worklist(rows(), organisation_id=organisation_id, limit=RECENT_FLAGS)
        if flag.subject == subject and flag.rule in RULES
    ]
