"""Closed periods: what the authority closed and reopened, and the deeds it does it with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask import abort, render_template, request, url_for
from sqlalchemy.orm import Session

from forms.catalogue import all_editions
from forms.edition import PeriodKind
from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock
from registry.deeds.asking import Asking, asking_page, history
from registry.deeds.domain import DeedFact
from registry.deeds.effects import Details, Effect
from registry.kernel.errors import NotFound
from registry.kernel.period import Period
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_ids
from registry.reporting.domain.closing import DEEDS, PROPOSES, UNTIL, read_subject, subject_of
from registry.reporting.domain.parameters import CLOSE_DAYS
from registry.reporting.domain.spans import Span, months_between, span_named
from registry.reporting.forms import PeriodForm
from registry.reporting.pages.blueprint import READ, Answer, blueprint, own_sites, rows, site_named, today
from registry.reporting.queries.closing import latest_acts
from registry.reporting.service.closing import EFFECTS, PeriodAsked, ask
from registry.web.locale import format_day, say, translate

COLUMNS = (
    {"label": N_("Period")},
    {"label": N_("Site"), "kind": "code"},
    {"label": N_("What")},
    {"label": N_("Counts from")},
    {"label": N_("Open until")},
)
SHOWN = 100


@blueprint.get("/periods")
@asks(READ)
def periods() -> str:
    """List what was closed and reopened, the youngest first; a firm sees what concerns it."""
    own = own_sites(READ)
    acts = latest_acts(rows(), None if own is None else [site.id for site in own], SHOWN)
    sites = sites_by_ids(rows(), {act.site_id for act in acts if act.site_id is not None})
    spans = {act.period: span_named(act.period) for act in acts}
    return render_template(
        "reporting/periods.html",
        columns=COLUMNS,
        rows=[
            [
                translate(span.words) if span is not None else act.period,
                sites[act.site_id].code if act.site_id is not None else say(N_("all sites")),
                say(N_("closed") if act.closed else N_("reopened")),
                format_day(act.effective_on),
                format_day(act.until) if act.until is not None else None,
            ]
            for act in acts
            for span in (spans[act.period],)
        ],
        days=parameters_on(rows(), today()).number(CLOSE_DAYS),
        form=PeriodForm.asked(),
        kinds=[
            (say(kind.name), url_for("reporting.period_deed", code=code))
            for code, kind in DEEDS.items()
            if policy.holds(current_actor(), kind.proposes)
        ],
    )


def _asked() -> tuple[SiteFact | None, Span]:
    code, period = request.args.get("site", "").strip(), span_named(request.args.get("period", "").strip())
    if period is None:
        raise NotFound(Message(N_("name the period: 2026-03, 2026-Q1 or 2026")))
    return (site_named(code, None) if code else None), period


@blueprint.route("/periods/<code>", methods=["GET", "POST"])
@asks(PROPOSES)
def period_deed(code: str) -> Answer:
    """Ask for one deed on one period, of the site in the address or of all."""
    if code not in DEEDS:
        abort(404)
    site, span = _asked()
    subject = subject_of(site.code if site is not None else None, span.code)

    def take(unit: Session, reason: str, day: date, _changed: Mapping[str, str]) -> DeedFact:
        return ask(unit, current_actor(), current_clock(), PeriodAsked(code, site, span, reason, day))

    title = translate(Message(N_("Period %(period)s of %(site)s"), _named(site, span)))
    back = url_for("reporting.periods")
    return asking_page(Asking(DEEDS[code], subject, title, back, {}, take), request.form)


def _named(site: SiteFact | None, span: Span) -> dict[str, object]:
    return {"period": span.words, "site": site.code if site is not None else Message(N_("all sites"))}


def effects() -> list[Effect]:
    """Return how each deed on a period is carried out once decided."""
    return [Effect(kind, EFFECTS[code], _address, _details) for code, kind in DEEDS.items()]


def _address(_subject: str) -> str:
    return url_for("reporting.periods")


def _details(deeds: Sequence[DeedFact]) -> Details:
    """Return the period, until when it would be open, and which returns its figures go into, for the second person."""
    return {deed.id: _said(deed) for deed in deeds}


def _said(deed: DeedFact) -> Sequence[tuple[str, str]]:
    code, period = read_subject(deed.subject)
    span = span_named(period)
    until = deed.payload.get(UNTIL)
    return [
        (say(N_("Site")), code or say(N_("all sites"))),
        (say(N_("Period")), translate(span.words) if span is not None else period),
        (say(N_("Open until")), format_day(date.fromisoformat(until)) if until else "–"),
        (say(N_("Goes into the returns")), ", ".join(fed_returns(span)) if span is not None else "–"),
    ]


def fed_returns(span: Span) -> list[str]:
    """Return the returns that figures of a span go into: ``C 2024``, ``A 2024-Q1``."""
    found = set()
    for form, editions in all_editions().items():
        if editions[-1].period_kind is PeriodKind.QUARTER:
            found |= {
                f"{form} {month.first.year}-Q{(month.first.month + 2) // 3}"
                for month in months_between(span.first, span.last)
            }
        elif editions[-1].due(Period(span.first.year)) > span.last:
            found.add(f"{form} {span.first.year}")
    return sorted(found)


def deeds_told(site: SiteFact, span: Span) -> list[tuple[str, str, str]]:
    """Return what was done to a period of a site, as a timeline shows it."""
    return history(rows(), subject_of(site.code, span.code), DEEDS, "periods.")
