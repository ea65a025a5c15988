"""Where letters go: one's own address on the profile, anybody's on the page of the administrator."""

from __future__ import annotations

from flask import redirect, render_template, url_for

from registry.accounts import queries, service
from registry.accounts.forms import EmailForm
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.pages import UNREADABLE, Answer, blueprint, refuse_in, rows
from registry.accounts.sessions import current_clock
from registry.db import unit_of_work
from registry.kernel.errors import NotFound, RegistryError
from registry.kernel.text import N_, Message

MANAGE, PROFILE = "accounts.manage", "accounts.profile"


@blueprint.route("/profile/email", methods=["GET", "POST"])
@asks(PROFILE)
def own_email() -> Answer:
    """Show and keep one's own address."""
    number = current_actor().user_id
    if number is None:
        raise NotFound(Message(N_("there is no such account")))
    return _page(number, PROFILE, url_for("accounts.profile"))


@blueprint.route("/accounts/<int(max=999999999999):account_id>/email", methods=["GET", "POST"])
@asks(MANAGE)
def email(account_id: int) -> Answer:
    """Show and keep the address of an account."""
    return _page(account_id, MANAGE, url_for("accounts.account", account_id=account_id))


def _page(account_id: int, action: str, back: str) -> Answer:
    fact = queries.account(rows(), account_id)
    form = EmailForm(email=fact.email or "")
    if form.validate_on_submit():
        try:
            with unit_of_work(rows()):
                service.set_email(rows(), current_actor(), current_clock(), account_id, str(form.email.data or ""))
            return redirect(back, 303)
        except RegistryError as error:
            record_refused(error, action, f"account {fact.username}")
            refuse_in(form, error)
    page = render_template("accounts/email.html", account=fact, form=form, back=back)
    return page, UNREADABLE if form.is_submitted() else 200
