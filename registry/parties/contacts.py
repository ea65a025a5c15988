"""The contact address of an organisation: shown on its page, kept by its own people or the authority."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import Length

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.kernel.errors import NotFound, RegistryError
from registry.kernel.fields import NAME_LENGTH
from registry.kernel.text import N_
from registry.parties import queries, service
from registry.parties.pages import CONTACT, blueprint
from registry.web.forms import PageForm
from registry.web.locale import LANGUAGES
from registry.web.page_forms import UNREADABLE, show_refusal


class ContactForm(PageForm):
    """Where letters to an organisation go beside its people."""

    email = StringField(
        N_("E-mail address"),
        [Length(max=NAME_LENGTH)],
        description=N_("Letters go here and to everybody of the organisation who has an address. Empty: only to them."),
    )
    language = SelectField(
        N_("Language of the letters"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()]
    )


@blueprint.route("/organisation-contacts/<path:code>", methods=["GET", "POST"])
@asks(CONTACT)
def contact(code: str) -> Response | str | tuple[str, int]:
    """Show and keep the contact address of an organisation."""
    session, actor = db.session(), current_actor()
    found = queries.organisations_by_codes(session, [code]).get(code)
    policy.require(actor, CONTACT, found)
    if found is None:
        raise NotFound(queries.unknown_organisation(session, code))
    address, language = queries.contact_of(session, found)
    form = ContactForm(email=address or "", language=language or queries.CONTACT_LANGUAGE)
    if form.validate_on_submit():
        try:
            with unit_of_work(session):
                service.set_contact(
                    session, actor, current_clock(), found, str(form.email.data or ""), str(form.language.data)
                )
            return redirect(url_for("parties.organisation", code=code), 303)
        except RegistryError as error:
            record_refused(error, CONTACT, f"organisation {code}")
            show_refusal(form, error)
    page = render_template("parties/contact.html", form=form, code=code)
    return page, UNREADABLE if form.is_submitted() else 200
