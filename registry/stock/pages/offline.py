"""The page of the journal that works without a connection: installable, keeps a queue in the browser, sends it when back.

The browser keeps the queue and what the page itself shows: codes and names of products, codes of the own sites, kinds of
movement. No balance, no person's name. What is sent goes to the page of the journal and ends in the same posting.
"""

from __future__ import annotations

import hashlib
import hmac

from flask import Response, current_app, jsonify, render_template, request, url_for
from flask_wtf.csrf import generate_csrf

from registry.accounts.guard import asks, current_actor, public
from registry.kernel.text import N_
from registry.stock.domain.paper import CAPTIONS
from registry.stock.pages.blueprint import POST, blueprint, own_sites, product_name
from registry.stock.pages.paper import all_headings, empty_rows, kind_choices, kind_names, new_token, offered_products
from registry.web.locale import say
from registry.web.shell import SHORT_NAME
from registry.web.static_files import asset, asset_text

SIGNS = 16
WORDS = {
    "waiting": N_("waits for a connection"),
    "refused": N_("refused: put it right"),
    "other": N_("written under another account: its person signs in to send it"),
    "signIn": N_("Sign in, then what waits is sent."),
    "noLine": N_("There is no connection. What you record waits here and is sent when there is one again."),
    "sent": N_("Sent and recorded."),
    "nothing": N_("Fill in at least one row."),
    "kept": N_("Kept on this device."),
    "notKept": N_("This browser keeps nothing on the device: leave the page open, or write on paper."),
    "change": N_("Put right"),
    "discard": N_("Throw away"),
    "sure": N_("Throw this page away? It is recorded nowhere."),
    "row": N_("Row"),
    "failed": N_("The registry did not take this page: sign in with the account of this site, or ask the authority."),
}
"""What the script says, in the reader's language."""


@blueprint.get("/offline/")
@asks(POST)
def offline() -> str:
    """Show the page; the browser keeps a copy of it and opens that without a connection."""
    own = own_sites(POST) or []
    return render_template(
        "stock/offline.html",
        sites=[site.code for site in own],
        token=new_token(),
        rows=empty_rows(own[0], 1, 1) if own else [],
        columns=CAPTIONS,
        kinds=kind_choices(own[0] if own else None),
        products=[(one.code, product_name(one)) for one in offered_products([])],
        told={
            "shelves": {},
            "headings": all_headings(),
            "kinds": kind_names(),
            "captions": {name: say(caption) for name, caption in CAPTIONS.items()},
            "issues": [],
            "words": {name: say(word) for name, word in WORDS.items()},
            "who": _who(),
        },
    )


@blueprint.get("/offline/pass")
@asks(POST)
def offline_pass() -> Response:
    """Give a page that was opened without a connection what it needs to send: the token of forms, and whose session this is."""
    return jsonify(csrf=generate_csrf(), who=_who())


@blueprint.get("/offline/worker.js")
@public
def offline_worker() -> Response:
    """Give the script that answers for the page without a connection; it holds for the addresses below its own alone."""
    return Response(asset_text("worker.js"), mimetype="text/javascript")


@blueprint.get("/offline/app.webmanifest")
@public
def offline_manifest() -> Response:
    """Say by what name and picture the page is installed on a device."""
    home = url_for("stock.offline")
    answer = jsonify(
        id=home,
        name=f"{say(SHORT_NAME)} · {say(N_('A page of the journal'))}",
        short_name=say(SHORT_NAME),
        start_url=home,
        scope=home,
        display="standalone",
        lang=request.accept_languages.best_match(["ky", "ru", "en"]) or "en",
        background_color="#ffffff",
        theme_color="#123f5a",
        icons=[{"src": asset("mark.svg"), "sizes": "any", "type": "image/svg+xml"}],
    )
    answer.mimetype = "application/manifest+json"
    return answer


def _who() -> str:
    """Return by what the browser knows the account that wrote a page, and nobody else learns who that is."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, f"offline {current_actor().user_id}".encode(), hashlib.sha256).hexdigest()[:SIGNS]
