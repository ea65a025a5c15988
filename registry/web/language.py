"""The language switch: a route that keeps the choice and returns to the page the reader was on."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response

from registry.web import hooks
from registry.web.locale import COOKIE, LANGUAGES

blueprint = Blueprint("language", __name__)

YEAR_SECONDS = 365 * 24 * 3600
PRINTABLE_FROM = 0x21


def is_local(address: str) -> bool:
    r"""Say whether `address` is a path of this site, so that a redirect cannot lead elsewhere.

    Browsers read ``//host``, ``/\host`` and addresses with tabs or line ends as another site.
    """
    if not address.startswith("/") or address.startswith(("//", "/\\")) or "\\" in address:
        return False
    if any(ord(letter) < PRINTABLE_FROM for letter in address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


def this_place() -> str:
    """Return path and query string of the page being shown, or ``/`` where it cannot be asked for again.

    A page that answers a POST is asked for again with GET where its address allows that.
    """
    if request.method not in {"GET", "HEAD"}:
        adapter = current_app.create_url_adapter(request)
        try:
            if adapter is None or not adapter.test(request.path, method="GET"):
                return "/"
        except HTTPException:
            return "/"
    query = request.query_string.decode("utf-8", "replace")
    return request.script_root + (request.full_path if query else request.path)


@blueprint.route("/language/<code>", methods=["GET", "POST"])
def choose(code: str) -> Response:
    """Keep the language `code` in a cookie and the profile, and go back to ``next``."""
    if code not in LANGUAGES:
        raise NotFound
    wanted = request.values.get("next", "/")
    hooks.keep_profile_language(code)
    answer = redirect(wanted if is_local(wanted) else "/", 303)
    answer.set_cookie(
        COOKIE,
        code,
        max_age=YEAR_SECONDS,
        secure=bool(current_app.config.get("SESSION_COOKIE_SECURE")),
        httponly=True,
        samesite="Lax",
    )
    return answer
