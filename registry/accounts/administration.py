"""Pages of the administrator: the list of accounts, one account, links to hand over."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from registry.accounts import queries, service
from registry.accounts.domain import LinkPurpose
from registry.accounts.forms import AccountForm, ActiveForm, NewAccountForm
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.organisations import organisation_codes, organisation_id
from registry.accounts.pages import UNREADABLE, Answer, blueprint, refuse_in, role_names, rows
from registry.accounts.sessions import current_clock, current_person
from registry.db import unit_of_work
from registry.kernel.errors import RegistryError

MANAGE = "accounts.manage"


@blueprint.get("/accounts")
@asks(MANAGE)
def accounts() -> Answer:
    """List all accounts."""
    found = queries.accounts(rows())
    codes = organisation_codes(rows(), {account.organisation_id for account in found})
    return render_template("accounts/list.html", accounts=found, codes=codes, role_names=role_names)


@blueprint.route("/accounts/new", methods=["GET", "POST"])
@asks(MANAGE)
def create() -> Answer:
    """Create an account and show the link to hand over, once."""
    form = NewAccountForm()
    if form.validate_on_submit():
        try:
            with unit_of_work(rows()):
                new = service.NewAccount(
                    str(form.username.data),
                    str(form.name.data),
                    frozenset(form.roles.data or ()),
                    organisation_id(rows(), form.organisation.data),
                    str(form.language.data),
                    person=str(form.person.data or ""),
                )
                number = service.create_account(rows(), current_actor(), current_clock(), new)
                link = service.issue_link(rows(), current_actor(), current_clock(), LinkPurpose.INVITATION, number)
            return _link_page(number, link)
        except RegistryError as error:
            record_refused(error, MANAGE, f"account {form.username.data}")
            refuse_in(form, error)
    person = current_person()
    closes_demo = person is not None and person.account.is_demo and not queries.real_account_exists(rows())
    body = render_template("accounts/new.html", form=form, closes_demo=closes_demo)
    return body, UNREADABLE if form.is_submitted() else 200


def _link_page(account_id: int, link: service.Link) -> str:
    return render_template(
        "accounts/link.html",
        account=queries.account(rows(), account_id),
        address=url_for("accounts.use_link", token=link.token, _external=True),
        expires_at=link.expires_at,
    )


@blueprint.route("/accounts/<int:account_id>", methods=["GET", "POST"])
@asks(MANAGE)
def account(account_id: int) -> Answer:
    """Show one account and change name, roles, organisation and language."""
    fact = queries.account(rows(), account_id)
    codes = organisation_codes(rows(), {fact.organisation_id})
    form = AccountForm(
        name=fact.name,
        roles=sorted(fact.roles),
        organisation=codes.get(fact.organisation_id or 0, ""),
        language=fact.language,
        person=fact.person or "",
    )
    if form.validate_on_submit():
        try:
            with unit_of_work(rows()):
                change = service.AccountChange(
                    str(form.name.data),
                    frozenset(form.roles.data or ()),
                    organisation_id(rows(), form.organisation.data),
                    str(form.language.data),
                    person=str(form.person.data or ""),
                )
                service.change_account(rows(), current_actor(), current_clock(), account_id, change)
            return redirect(url_for("accounts.accounts"), 303)
        except RegistryError as error:
            record_refused(error, MANAGE, f"account {fact.username}")
            refuse_in(form, error)
    page = render_template(
        "accounts/account.html",
        account=fact,
        form=form,
        own=fact.id == current_actor().user_id,
    )
    return page, UNREADABLE if form.is_submitted() else 200


@blueprint.post("/accounts/<int:account_id>/active")
@asks(MANAGE)
def active(account_id: int) -> Response:
    """Disable an account, or enable it again."""
    form = ActiveForm()
    if form.validate_on_submit():
        with unit_of_work(rows()):
            service.set_active(rows(), current_actor(), current_clock(), account_id, active=bool(form.active.data))
    return redirect(url_for("accounts.account", account_id=account_id), 303)


@blueprint.post("/accounts/<int:account_id>/link")
@asks(MANAGE)
def link(account_id: int) -> Answer:
    """Make a link for a new password and show it, once."""
    fact = queries.account(rows(), account_id)
    purpose = LinkPurpose.PASSWORD_RESET if fact.has_password else LinkPurpose.INVITATION
    with unit_of_work(rows()):
        made = service.issue_link(rows(), current_actor(), current_clock(), purpose, account_id)
    return _link_page(account_id, made)
