"""The blueprints of this room's pages, and links to pages that other rooms may have."""

from __future__ import annotations

from fractions import Fraction
from urllib.parse import quote, unquote

from flask import Blueprint, current_app, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from registry.accounts import guard, policy
from registry.accounts.guard import current_actor
from registry.db import db
from registry.kernel.mass import NG_PER_G
from registry.kernel.text import N_, Message
from registry.supervision.domain import Standing
from registry.web.locale import format_quantity, translate

# One for each place of the navigation: a page within it shows where the reader is.
blueprint = Blueprint("supervision", __name__, template_folder="../templates")
positions_blueprint = Blueprint("positions", __name__)
flags_blueprint = Blueprint("flags", __name__)
trail_blueprint = Blueprint("audit", __name__)
state_blueprint = Blueprint("state", __name__)
BLUEPRINTS = (blueprint, positions_blueprint, flags_blueprint, trail_blueprint, state_blueprint)


@blueprint.app_template_filter()
def as_grams(nanograms: Fraction | int) -> Fraction:
    """Return exact grams of a mass in nanograms, for the parts of a page that take an amount and its unit."""
    return Fraction(nanograms) / NG_PER_G


@blueprint.app_template_filter()
def under_use_text(standing: Standing) -> str | None:
    """Return the words of the badge for under-use in the reader's language, None where there is none."""
    if standing.under_use is None:
        return None
    used, expected = (format_quantity(share) for share in standing.under_use)
    return translate(
        Message(N_("Under-used: %(used)s %% instead of %(expected)s %%"), {"used": used, "expected": expected})
    )


def rows() -> Session:
    """Return the database session of this request."""
    return db.session()


def quoted(code: str) -> str:
    """Return what people wrote (a number, a code) as a part of an address: blanks, ``?``, ``%``, Cyrillic encoded."""
    return quote(code, safe="/")


def link(address: str) -> str | None:
    """Return `address` where it leads to a page, None where no room has it or the reader may not enter.

    Pages of rooms above or beside this one are known by their address only, so a room that is
    missing leaves no dead link. What people wrote must be `quoted` in it.
    """
    place, _, query = address.partition("?")
    adapter = current_app.url_map.bind("")
    try:
        endpoint, _ = adapter.match(unquote(place), method="GET")
    except RequestRedirect:
        # A list lies at its name with a slash; a code with an empty part between slashes lies nowhere.
        return None if place.endswith("/") else link(f"{place}/" + (f"?{query}" if query else ""))
    except HTTPException:
        return None
    action = guard.action_of(current_app, endpoint)
    if action is None or (action != guard.PUBLIC and not policy.holds(current_actor(), action)):
        return None
    return request.script_root + place + (f"?{query}" if query else "")


def first_link(*addresses: str) -> str | None:
    """Return the first of `addresses` that leads somewhere; see `link`."""
    return next((href for address in addresses if (href := link(address)) is not None), None)
