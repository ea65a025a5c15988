"""On the page of a permit: its file to take along, what other authorities sent, letters to them."""

from __future__ import annotations

from flask import Blueprint, current_app, get_template_attribute, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock, settings_of
from registry.correspondence.catalogue import format_named, formats
from registry.correspondence.mapping import OfficialSchema
from registry.correspondence.service.exporting import READ, export_permit
from registry.db import db, unit_of_work
from registry.permits.domain.facts import PermitFact
from registry.web.downloads import download

blueprint = Blueprint("correspondence", __name__, template_folder="templates")


@blueprint.get("/permit-files/<name>/<path:number>")
@asks(READ)
def file(name: str, number: str) -> Response:
    """Hand a permit out as a file: XML, JSON, or an official schema."""
    written = format_named(current_app, name)
    with unit_of_work(db.session()) as session:
        made = export_permit(session, current_actor(), current_clock(), settings_of(current_app), number, written)
    return download(made.content, made.media_type, made.name)


def panel(session: Session, permit: PermitFact) -> Markup:
    """Return what stands on the page of a permit."""
    del session
    links = [
        (one.title if isinstance(one, OfficialSchema) else name.upper(), _file_address(name, permit))
        for name, one in formats(current_app).items()
    ]
    show = get_template_attribute("correspondence/_panel.html", "panel")
    content: Markup = show(links)
    return content


def _file_address(name: str, permit: PermitFact) -> str:
    return url_for("correspondence.file", name=name, number=permit.number)
