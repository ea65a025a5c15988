"""Pages open to anybody (sign-in, links) and those of one's own profile."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import queries, service
from registry.accounts.domain import ROLES, LinkPurpose, browser_name
from registry.accounts.forms import (
    PASSWORD_HINT,
    ChangePasswordForm,
    FirstAdministratorForm,
    LanguageForm,
    NewPasswordForm,
    SignInForm,
)
from registry.accounts.guard import PROFILE, asks, current_actor, public, record_refused
from registry.accounts.passwords import matches, rehashed, require_acceptable
from registry.accounts.sessions import (
    ServerSession,
    current_clock,
    current_person,
    current_session,
    limits_of,
    place_of,
    settings_of,
)
from registry.db import db, unit_of_work
from registry.kernel.errors import Invalid, NotFound, RegistryError
from registry.kernel.text import Message
from registry.web.language import is_local
from registry.web.locale import current_language, say, translate

blueprint = Blueprint("accounts", __name__, template_folder="templates")

HOME = "/"
UNREADABLE = 422
TOO_MANY = 429
Answer = Response | str | tuple[str, int]


def rows() -> Session:
    """Return the database session of this request."""
    return db.session()


def refuse_in(form: FlaskForm, error: RegistryError) -> None:
    """Show a refusal in `form`: beside its fields where the problems name them, else above it."""
    rest = form.add_problems(error.problems) if isinstance(error, Invalid) else []
    texts = [problem.message for problem in rest] if isinstance(error, Invalid) else [error.message]
    form.form_errors.extend(translate(text) for text in texts)


def role_names(account: queries.AccountFact) -> str:
    """Return the roles of an account in the reader's language, in the order of the table."""
    return ", ".join(say(fact.name) for role, fact in ROLES.items() if role.value in account.roles)


def _session() -> ServerSession:
    found = current_session()
    if found is None:
        raise RuntimeError("accounts need their own kind of session: call registry.accounts.setup.init_app")
    return found


def _following() -> str:
    wanted = request.args.get("next", HOME)
    return wanted if is_local(wanted) else HOME


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Answer:
    """Ask for name and password, and go on to where the reader wanted to go."""
    if current_person() is not None:
        return redirect(_following(), 303)
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form, UNREADABLE if form.is_submitted() else 200)
    username, password = str(form.username.data), str(form.password.data)
    place, clock = place_of(request), current_clock()
    try:
        with unit_of_work(rows()):
            attempt = service.begin_sign_in(rows(), clock, username, place)
    except service.TooManyTries as error:
        record_refused(error, "accounts.sign_in", "sign-in", service.ANONYMOUS)
        refuse_in(form, error)
        return _sign_in_page(form, TOO_MANY)
    # Outside any transaction: the check takes its time on purpose.
    verified = matches(attempt.password_hash, password)
    better = rehashed(attempt.password_hash, password) if verified else None
    with unit_of_work(rows()):
        outcome = service.finish_sign_in(
            rows(),
            clock,
            attempt,
            place,
            limits_of(current_app),
            verified=verified,
            better_hash=better,
            old_token=_session().token,
        )
    if outcome.token is None:
        form.form_errors.append(translate(outcome.refusal or Message("")))
        return _sign_in_page(form, UNREADABLE)
    _session().adopt(outcome.token)
    return redirect(_following(), 303)


def _sign_in_page(form: SignInForm, status: int) -> tuple[str, int]:
    return render_template("accounts/sign_in.html", form=form), status


@blueprint.post("/sign-out")
@asks(PROFILE)
def sign_out() -> Response:
    """End this session."""
    kept = _session()
    if kept.token is not None:
        with unit_of_work(rows()):
            service.sign_out(rows(), current_actor(), current_clock(), kept.token)
    kept.drop()
    answer = redirect(url_for("accounts.sign_in"), 303)
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


@blueprint.route("/link", methods=["GET", "POST"])
@public
def use_link() -> Answer:
    """Let whoever holds a one-time link choose a password; the token stands in the query, which is not logged."""
    token = request.args.get("token", "")
    try:
        fact = service.link_fact(rows(), current_clock(), token)
    except NotFound as error:
        record_refused(error, "accounts.use_link", "link", service.ANONYMOUS)
        raise
    if fact.purpose is LinkPurpose.FIRST_ADMINISTRATOR:
        return _first_administrator(token)
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            with unit_of_work(rows()):
                service.set_password_by_link(rows(), current_clock(), token, str(form.password.data))
            return redirect(url_for("accounts.sign_in"), 303)
        except RegistryError as error:
            record_refused(error, "accounts.use_link", "link", service.ANONYMOUS)
            refuse_in(form, error)
    page = render_template("accounts/new_password.html", form=form, account=fact.account, hint=PASSWORD_HINT)
    return page, UNREADABLE if form.is_submitted() else 200


def _first_administrator(token: str) -> Answer:
    form = FirstAdministratorForm()
    if form.validate_on_submit():
        command = service.Administrator(
            str(form.username.data), str(form.name.data), str(form.password.data), current_language()
        )
        try:
            with unit_of_work(rows()):
                service.create_first_administrator(rows(), current_clock(), token, command)
            return redirect(url_for("accounts.sign_in"), 303)
        except RegistryError as error:
            record_refused(error, "accounts.use_link", "link", service.ANONYMOUS)
            refuse_in(form, error)
    page = render_template("accounts/first_administrator.html", form=form, hint=PASSWORD_HINT)
    return page, UNREADABLE if form.is_submitted() else 200


@blueprint.get("/profile")
@asks(PROFILE)
def profile() -> Answer:
    """Show who one is here, and where one is signed in."""
    account = queries.account(rows(), current_actor().user_id or 0)
    now, limits = current_clock().now(), limits_of(current_app)
    mine = [
        one for one in queries.sessions_of(rows(), account.id) if limits.alive(one.created_at, one.last_seen_at, now)
    ]
    person = current_person()
    return render_template(
        "accounts/profile.html",
        account=account,
        form=LanguageForm(language=account.language),
        browser_name=browser_name,
        role_names=role_names,
        sessions=mine,
        this_session=person.session_id if person else None,
        zone=settings_of(current_app).zone,
    )


@blueprint.post("/profile/language")
@asks(PROFILE)
def language() -> Response:
    """Keep the language of the pages."""
    form = LanguageForm()
    if form.validate_on_submit():
        with unit_of_work(rows()):
            service.choose_language(rows(), current_actor(), current_clock(), str(form.language.data))
    return redirect(url_for("accounts.profile"), 303)


@blueprint.post("/profile/sessions/<int:session_id>/end")
@asks(PROFILE)
def end_session(session_id: int) -> Response:
    """End one of one's own sessions, on a lost device for instance."""
    with unit_of_work(rows()):
        service.end_session(rows(), current_actor(), current_clock(), session_id)
    return redirect(url_for("accounts.profile"), 303)


@blueprint.route("/profile/password", methods=["GET", "POST"])
@asks(PROFILE)
def password() -> Answer:
    """Change one's own password; all other sessions end."""
    form = ChangePasswordForm()
    status = 200
    if form.validate_on_submit():
        try:
            _session().adopt(_changed_password(str(form.current.data), str(form.password.data)))
            return redirect(url_for("accounts.profile"), 303)
        except RegistryError as error:
            record_refused(error, "accounts.set_password", f"account {current_actor().username}")
            refuse_in(form, error)
            status = TOO_MANY if isinstance(error, service.TooManyTries) else UNREADABLE
    elif form.is_submitted():
        status = UNREADABLE
    return render_template("accounts/change_password.html", form=form, hint=PASSWORD_HINT), status


def _changed_password(current: str, new: str) -> str:
    actor, clock, place = current_actor(), current_clock(), place_of(request)
    require_acceptable(new, actor.username)
    with unit_of_work(rows()):
        service.begin_sign_in(rows(), clock, actor.username, place)
    with unit_of_work(rows()):
        return service.change_own_password(rows(), actor, clock, current, new, place, limits_of(current_app))
