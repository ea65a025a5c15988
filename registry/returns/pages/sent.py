"""Recording that a return was sent."""

from __future__ import annotations

from flask import redirect
from werkzeug.wrappers import Response

from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock
from registry.db import unit_of_work
from registry.kernel.errors import Invalid
from registry.returns.forms import SentForm
from registry.returns.pages.blueprint import address, asked_period, blueprint, rows
from registry.returns.pages.sheet import shown
from registry.returns.service.sent import BUILD, record_sent
from registry.web.page_forms import UNREADABLE, show_refusal

Answer = Response | str | tuple[str, int]


@blueprint.post("/<form>/<int:year>/sent")
@blueprint.post("/<form>/<int:year>/Q<int:quarter>/sent")
@asks(BUILD)
def sent(form: str, year: int, quarter: int | None = None) -> Answer:
    """Record that a return was sent on a day."""
    edition, period = asked_period(form, year, quarter)
    typed = SentForm()
    if not typed.validate_on_submit():
        return shown(form, year, quarter, typed), UNREADABLE
    try:
        with unit_of_work(rows()) as session:
            record_sent(session, current_actor(), current_clock(), edition, period, typed.sent_on.data)
    except Invalid as error:
        show_refusal(typed, error)
        return shown(form, year, quarter, typed), UNREADABLE
    return redirect(address("sheet", form, period), 303)
