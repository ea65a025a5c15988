"""Pages of organisations and their sites; a firm sees its own only."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock
from registry.db import db
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message
from registry.mergers.domain import SITE
from registry.mergers.pages import told_of
from registry.mergers.queries import survivors_of
from registry.parties import panels, queries
from registry.parties.domain import FIRST_DAY, ORGANISATION_KINDS, REGIONS, SiteFact, SiteRevisionFact
from registry.parties.forms import OrganisationFilter
from registry.web.locale import current_language, format_day, say, translate
from registry.web.paging import Page, asked_page, asked_size, offset

blueprint = Blueprint("parties", __name__, template_folder="templates")

READ, CONTACT = "parties.read", "parties.contact"
BEGINNING = N_("the beginning")
INTO = N_("%(name)s (merged into %(into)s)")
LEVELS = {True: N_("wholesale level"), False: N_("retail level")}
LIST_COLUMNS = (
    {"label": N_("Code"), "kind": "code"},
    {"label": N_("Name")},
    {"label": N_("Kind")},
    {"label": N_("Organisation"), "kind": "code"},
    {"label": N_("Region")},
)
REVISION_COLUMNS = (
    {"label": N_("From")},
    {"label": N_("Name")},
    {"label": N_("Kind")},
    {"label": N_("Region")},
    {"label": N_("Address")},
    {"label": N_("Registered")},
)


@blueprint.get("/organisations")
@asks(READ)
def organisations() -> str:
    """List organisations and sites, for a firm its own."""
    session, today = db.session(), current_clock().today()
    form = OrganisationFilter.asked()
    form.offer(queries.regions(session))
    number, size = asked_page(), asked_size()
    found = queries.find_sites(
        session,
        form.word("q"),
        form.word("kind") or None,
        organisation_id=policy.scope(current_actor(), READ),
        region=form.word("region") or None,
        limit=size,
        offset=offset(number, size),
    )
    merged = survivors_of(session, SITE, [site.code for site in found.sites])
    return render_template(
        "parties/list.html",
        form=form,
        columns=LIST_COLUMNS,
        rows=[_row(site, today, merged.get(site.code)) for site in found.sites],
        page=Page(found.sites, number, size, found.total),
    )


def _row(site: SiteFact, today: date, into: str | None) -> list[object]:
    now = site.on(today)
    name = now.name_in(current_language())
    address = url_for("parties.organisation", code=site.organisation_code)
    return [
        {"text": site.code, "href": address},
        name if into is None else translate(Message(INTO, {"name": name, "into": into})),
        say(ORGANISATION_KINDS[now.kind].name),
        site.organisation_code,
        _region(now),
    ]


def _region(one: SiteRevisionFact) -> str | None:
    """Return the region by name, as recorded where its name is not known."""
    return say(REGIONS.get(one.region, one.region)) if one.region else None


@blueprint.get("/organisations/<path:code>")
@asks(READ)
def organisation(code: str) -> Response | str:
    """Show an organisation (a further site leads to it): its sites with their revisions, and what other rooms know of it."""
    session, today, actor = db.session(), current_clock().today(), current_actor()
    found = queries.organisations_by_codes(session, [code]).get(code)
    further = queries.sites_by_codes(session, [code]).get(code) if found is None else None
    # Asked before the search is answered, so that a firm learns nothing of codes that are not its own.
    policy.require(actor, READ, further.organisation_id if further else found)
    if further is not None:
        return redirect(url_for("parties.organisation", code=further.organisation_code), 303)
    if found is None:
        raise NotFound(queries.unknown_organisation(session, code))
    sites = queries.sites_of(session, found)
    now = sites[0].on(today)
    return render_template(
        "parties/organisation.html",
        code=code,
        name=now.name_in(current_language()),
        now=now,
        kind=ORGANISATION_KINDS[now.kind].name,
        level=LEVELS[now.level.is_wholesale],
        validity=_validity(now),
        region=_region(now),
        email=queries.contact_of(session, found)[0],
        may_contact=policy.allows(actor, CONTACT, found),
        sites=[
            (site, site.on(today).name_in(current_language()), _history(site), told_of(session, SITE, site.code))
            for site in sites
        ],
        columns=REVISION_COLUMNS,
        panels=panels.shown(session, found, code),
    )


def _history(site: SiteFact) -> list[list[object]]:
    return [
        [
            say(BEGINNING) if one.effective_on == FIRST_DAY else format_day(one.effective_on),
            one.name_in(current_language()),
            say(ORGANISATION_KINDS[one.kind].name),
            _region(one),
            one.address,
            _validity(one),
        ]
        for one in reversed(site.revisions)
    ]


def _validity(one: SiteRevisionFact) -> str | None:
    if one.valid_from is None and one.valid_to is None:
        return None
    return f"{format_day(one.valid_from)} – {format_day(one.valid_to)}"
