"""Accounts put on an application: sessions, who is signed in, language, pages, commands, navigation, the wall."""

from __future__ import annotations

from flask import Flask, request

from registry.accounts import addresses, administration, guard, pages, policy, service, sessions, tokens
from registry.accounts.cli import user
from registry.accounts.domain import LANGUAGES
from registry.accounts.token_cli import token
from registry.db import db, unit_of_work
from registry.kernel.text import N_, Message
from registry.web import hooks
from registry.web.errors import API
from registry.web.navigation import EVERYBODY, NavItem, register

VIEWS = (pages, administration, addresses, tokens)
"""Modules that put their views on the blueprint of `pages` as they are imported."""

NAVIGATION = (
    NavItem(
        "accounts.accounts",
        N_("Accounts"),
        policy.roles_for(administration.MANAGE),
        group=N_("Administration"),
        order=900,
    ),
    NavItem("accounts.profile", N_("My profile"), EVERYBODY, order=950),
)


def init_app(app: Flask) -> None:
    """Set up accounts; call it after `registry.web.shell.init_app`, whose cookie settings it replaces."""
    app.session_interface = sessions.RowSessions()
    app.config["SESSION_COOKIE_NAME"] = sessions.cookie_name(secure=sessions.settings_of(app).secure_cookies)
    hooks.set_person_source(app, sessions.current_person)
    hooks.set_language_source(app, _language, _keep_language)
    hooks.set_banner_source(app, _banner)
    app.before_request(guard.refuse_unmarked)
    app.register_blueprint(pages.blueprint)
    app.cli.add_command(user)
    app.cli.add_command(token)
    register(app, NAVIGATION)


def _banner() -> Message | None:
    """Tell whoever works with a demo account that nothing here is real, and a deputy for whom it all counts."""
    person = sessions.current_person()
    if person is not None and person.account.lent and not person.account.is_demo:
        lent = sorted({(each.absent, each.act) for each in person.account.lent})
        who = ", ".join(f"{absent} ({act})" for absent, act in lent)
        return Message(N_("In these days you also hold the roles of %(who)s, as a deputy."), {"who": who})
    if person is None or not person.account.is_demo:
        return None
    return Message(N_("An invented country to practise with: nothing here is real, nothing is sent to anybody."))


def _language() -> str | None:
    """Return the language of the person's profile; a program is answered in the language it asks for."""
    person = sessions.current_person()
    kept = person.account.language if person is not None else None
    if request.path.startswith(API):
        return request.accept_languages.best_match(LANGUAGES) or kept
    return kept


def _keep_language(language: str) -> None:
    person = sessions.current_person()
    if person is not None and person.account.language != language:
        with unit_of_work(db.session()) as session:
            service.choose_language(session, person.actor, sessions.current_clock(), language)
