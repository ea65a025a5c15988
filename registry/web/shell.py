"""The shell all pages share, put on an application in one call.

It stands above the database and the settings only; rooms plug in through `registry.web.hooks`,
`registry.web.navigation` and `registry.web.health`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from werkzeug.routing import BuildError

from registry.kernel.text import N_
from registry.settings import Settings
from registry.web import (
    components,
    errors,
    headers,
    health,
    hooks,
    language,
    locale,
    navigation,
    request_log,
    requests,
    static_files,
)
from registry.web.paging import page_href

SERVICE_NAME = N_("Registry of licit narcotics quotas and precursor control")
SHORT_NAME = N_("Narcotics quotas registry")
MEGABYTE = 1024 * 1024
FORM_OVERHEAD = 256 * 1024
LARGEST_PASTE = 4 * MEGABYTE
MOST_FORM_PARTS = 5000
SEARCH = "supervision.search"
SIGN_IN = "accounts.sign_in"
SIGN_OUT = "accounts.sign_out"


def init_app(app: Flask, settings: Settings | None = None) -> None:
    """Give `app` layout, components, languages, protection, headers, log, errors and health.

    Uses the settings kept in ``app.extensions["registry.settings"]`` when none are given.
    Rooms exempt from form tokens what is protected otherwise: ``app.extensions["csrf"].exempt(view)``.
    """
    chosen = settings or app.extensions.get(locale.SETTINGS) or Settings()
    app.extensions[locale.SETTINGS] = chosen
    request_log.configure_logging(chosen.log_format)
    _configure(app, chosen)
    app.jinja_loader = ChoiceLoader(
        [
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            *([app.jinja_loader] if app.jinja_loader is not None else []),
        ]
    )
    locale.init_app(app)
    components.init_app(app)
    app.jinja_env.globals.update(
        asset=static_files.asset,
        banner_text=hooks.banner_text,
        current_language=locale.current_language,
        current_person=hooks.current_person,
        languages=locale.LANGUAGES,
        may_search=navigation.may_search,
        navigation_for=navigation.items_for,
        page_href=page_href,
        service_name=SERVICE_NAME,
        short_name=SHORT_NAME,
        shell_href=lambda name: href_if_there(app, {"search": SEARCH, "sign_in": SIGN_IN, "sign_out": SIGN_OUT}[name]),
        this_place=language.this_place,
        version=health.running_version,
    )
    app.register_blueprint(static_files.blueprint)
    app.register_blueprint(language.blueprint)
    app.register_blueprint(health.blueprint)
    request_log.init_app(app)
    requests.init_app(app)
    headers.init_app(app, secure=chosen.secure_cookies)
    CSRFProtect(app)
    errors.init_app(app)


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        MAX_CONTENT_LENGTH=settings.upload_megabytes * MEGABYTE + FORM_OVERHEAD,
        MAX_FORM_MEMORY_SIZE=LARGEST_PASTE,
        MAX_FORM_PARTS=MOST_FORM_PARTS,
        SESSION_COOKIE_NAME="__Host-session" if settings.secure_cookies else "session",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # The session ends by its own limits; a form left open over lunch must not fail before it.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.jinja_env.globals["href_if_there"] = partial(href_if_there, app)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def href_if_there(app: Flask, endpoint: str, **values: Any) -> str | None:  # noqa: ANN401 - parts of an address
    """Return the address of `endpoint`, None when the application has no such page."""
    try:
        return app.url_for(endpoint, **values) if endpoint in app.view_functions else None
    except BuildError:
        return None


__all__ = ["SERVICE_NAME", "SHORT_NAME", "href_if_there", "init_app"]
