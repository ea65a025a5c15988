"""What was sent and what receivers say of it: the lists of receiver, sender and authority; confirming as sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock
from registry.kernel.text import N_
from registry.parameters.queries import parameters_on
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_ids
from registry.stock.domain.parameters import CONFIRMATION_DAYS
from registry.stock.domain.receipts import COLUMNS, REASONS, STATE_NAMES, LineState, SentLine
from registry.stock.forms import ConfirmForm, ReceiptFilter
from registry.stock.pages.blueprint import (
    POST,
    READ_LINES,
    blueprint,
    in_unit,
    own_sites,
    product_name,
    rows,
    site_name,
    site_named,
    today,
)
from registry.stock.pages.movements import key_of
from registry.stock.pages.typed import SOURCE, attempt
from registry.stock.queries.receipts import SentFilter, lines_named, sent_lines
from registry.stock.service.receipts import receive
from registry.substances.queries.products import revisions_by_ids
from registry.web.locale import say, translate
from registry.web.page_forms import UNREADABLE
from registry.web.paging import KeyPage, asked_count, asked_size
from registry.workdays.queries import working_days

MOST_CONFIRMED = 500
NOTHING_TICKED = N_("Tick what came as sent.")
TONES = {
    LineState.UNCONFIRMED: "orange",
    LineState.CONFIRMED: "green",
    LineState.DIFFERENT: "red",
    LineState.SETTLED: "grey",
    LineState.TAKEN_BACK: "grey",
    LineState.NOT_ASKED: "grey",
}


@blueprint.get("/arriving")
@asks(READ_LINES)
def arriving() -> str:
    """List what was sent to the own sites, the oldest first; people of the authority see all sites."""
    own = own_sites(READ_LINES)
    return _list(own, "arriving", ConfirmForm(formdata=None) if own is not None and _may_confirm() else None)


@blueprint.get("/sent")
@asks(READ_LINES)
def sent() -> str:
    """List what the own sites sent, and what the receivers say of it."""
    return _list(own_sites(READ_LINES), "sent", None)


@blueprint.post("/arriving")
@asks(POST)
def confirm() -> str | Response | tuple[str, int]:
    """Confirm as sent everything that is ticked, or say what cannot be; without a day each on the day it was sent."""
    form = ConfirmForm()
    ticked = list(dict.fromkeys(request.form.getlist("reference")))[:MOST_CONFIRMED]
    if not ticked:
        form.form_errors.append(say(NOTHING_TICKED))
        return _list(own_sites(POST) or [], "arriving", form), UNREADABLE
    typed = str(form.received_on.data or "").strip()
    known = {} if typed else lines_named(rows(), ticked)
    lines = [
        {"reference": each, "received_on": typed or str(known[each].occurred_on if each in known else today())}
        for each in ticked
    ]
    act = partial(receive, actor=current_actor(), clock=current_clock(), source=SOURCE)
    report = attempt(act, COLUMNS, lines, ", ".join(ticked)[:64])
    if not report.refused:
        return redirect(url_for("stock.arriving", confirmed=len(ticked)), 303)
    for problem in report.problems:
        said = translate(problem.message)
        form.form_errors.append(f"{ticked[problem.row - 1]}: {said}" if problem.row else said)
    return _list(own_sites(POST) or [], "arriving", form, frozenset(ticked)), UNREADABLE


def _may_confirm() -> bool:
    return policy.holds(current_actor(), POST)


def _list(
    own: Sequence[SiteFact] | None, side: str, form: ConfirmForm | None, ticked: frozenset[str] = frozenset()
) -> str:
    """Return the page of one side; `ticked`: what was ticked and refused. Nobody is helped to confirm unread."""
    asked = ReceiptFilter.asked()
    code = asked.word("site")
    sites = [site_named(code, own)] if code else own
    show = asked.word("show") or ("waiting" if side == "arriving" else "all")
    asked.show.data = show
    ids = None if sites is None else [site.id for site in sites]
    size = min(asked_size(), MOST_CONFIRMED)
    lines = sent_lines(
        rows(),
        SentFilter(
            receivers=ids if side == "arriving" else None,
            senders=ids if side == "sent" else None,
            unanswered=show == "waiting",
            disputed=show == "different",
            beyond=key_of(request.args.get("after", "")),
            youngest_first=show == "all",
        ),
        size + 1,
    )
    after = f"{lines[size - 1].occurred_on}.{lines[size - 1].id}" if len(lines) > size else None
    shown = listed(lines[:size], own)
    return render_template(
        "stock/receipts.html",
        side=side,
        filter=asked,
        lines=shown,
        form=form if any(each["waits"] for each in shown) or (form and form.form_errors) else None,
        ticked=ticked,
        columns={
            "sender": side == "arriving" or own is None or len(own) > 1,
            "receiver": side == "sent" or own is None or len(own) > 1,
            "state": show != "waiting",
        },
        confirmed=asked_count("confirmed"),
        page=KeyPage(lines[:size], after),
    )


def listed(lines: Sequence[SentLine], own: Sequence[SiteFact] | None) -> list[dict[str, object]]:
    """Return lines as the lists show them; the statements do not grow with the lines."""
    session, day = rows(), today()
    sites = sites_by_ids(session, {site for line in lines for site in (line.sender_id, line.receiver_id)})
    revisions = revisions_by_ids(session, {line.revision_id for line in lines}, day)
    latest = working_days(session).first_of(day, parameters_on(session, day).number(CONFIRMATION_DAYS))
    return [
        {
            "reference": line.reference,
            "day": line.occurred_on,
            "age": (day - line.occurred_on).days,
            "late": line.state is LineState.UNCONFIRMED and line.occurred_on < latest,
            "sender": f"{sites[line.sender_id].code} {site_name(sites[line.sender_id])}",
            "receiver": f"{sites[line.receiver_id].code} {site_name(sites[line.receiver_id])}",
            "product": f"{revisions[line.revision_id].code} {product_name(revisions[line.revision_id])}",
            "batch": line.label,
            "expires_on": line.expires_on,
            "expired": _has_expired(line, day),
            "quantity": in_unit(line.units, revisions[line.revision_id]),
            "document": line.document,
            "state": line.state,
            "state_name": STATE_NAMES[line.state],
            "tone": TONES[line.state],
            "differences": [
                f"{say(REASONS[one.reason].name)}: {in_unit(one.units, revisions[line.revision_id])}"
                for one in line.open
            ],
            "waits": line.state is LineState.UNCONFIRMED and own is not None and sites[line.receiver_id] in own,
        }
        for line in lines
    ]


def _has_expired(line: SentLine, day: date) -> bool:
    return line.expires_on is not None and line.expires_on < day
