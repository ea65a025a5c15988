"""Pages of one's own tokens: what programs may call with, a new one shown once, one taken back."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.accounts import queries, service
from registry.accounts.forms import TokenForm
from registry.accounts.guard import PROFILE, asks, current_actor, record_refused
from registry.accounts.pages import TOO_MANY, UNREADABLE, Answer, blueprint, refuse_in, rows
from registry.accounts.sessions import current_clock, place_of
from registry.db import unit_of_work
from registry.kernel.errors import RegistryError

CREATE = "accounts.create_token"


@blueprint.get("/profile/tokens")
@asks(PROFILE)
def tokens() -> str:
    """List the tokens that still hold, and offer a new one."""
    return _page(TokenForm(formdata=None))


@blueprint.post("/profile/tokens")
@asks(PROFILE)
def create_token() -> Answer:
    """Make a token and show it, once. The password is asked again: a session left open must not outlive itself."""
    form = TokenForm()
    if not form.validate_on_submit():
        return _page(form), UNREADABLE
    actor, clock = current_actor(), current_clock()
    command = service.NewToken(str(form.name.data), int(form.days.data), bool(form.read_only.data))
    try:
        with unit_of_work(rows()):
            service.begin_sign_in(rows(), clock, actor.username, place_of(request))
        with unit_of_work(rows()):
            service.require_own_password(rows(), actor, clock, str(form.current.data), place_of(request))
            made = service.create_token(rows(), actor, clock, actor.user_id or 0, command)
    except RegistryError as error:
        record_refused(error, CREATE, f"account {actor.username}")
        refuse_in(form, error)
        return _page(form), TOO_MANY if isinstance(error, service.TooManyTries) else UNREADABLE
    return render_template("accounts/token.html", token=made, name=command.name, read_only=command.read_only)


@blueprint.post("/profile/tokens/<int:token_id>/revoke")
@asks(PROFILE)
def revoke_token(token_id: int) -> Response:
    """End one of one's own tokens at once."""
    actor = current_actor()
    with unit_of_work(rows()):
        service.revoke_token(rows(), actor, current_clock(), token_id, actor.user_id or 0)
    return redirect(url_for("accounts.tokens"), 303)


def _page(form: TokenForm) -> str:
    now = current_clock().now()
    own = queries.tokens(rows(), current_actor().user_id or 0)
    return render_template("accounts/tokens.html", form=form, tokens=[one for one in own if one.holds_at(now)])
