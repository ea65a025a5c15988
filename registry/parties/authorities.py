"""Pages of the authorities of other countries: who answers there today, who did before, and a form for the next row."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.kernel.codes import COUNTRIES
from registry.kernel.errors import Forbidden, NotFound, RegistryError
from registry.kernel.text import N_, Message
from registry.parties import queries, service
from registry.parties.domain import EVERY_SUBJECT, SUBJECTS, AuthorityFact
from registry.parties.files import AUTHORITY_COLUMNS
from registry.parties.pages import blueprint
from registry.web.forms import PageForm
from registry.web.locale import LANGUAGES, country_name, format_day, say
from registry.web.page_forms import UNREADABLE, QueryForm, read_cells, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset

READ, WRITE = "authorities.read", "authorities.write"
DEFAULT_LANGUAGE = "en"
COLUMNS = (
    {"label": N_("Country")},
    {"label": N_("Answers for")},
    {"label": N_("Name")},
    {"label": N_("E-mail address")},
    {"label": N_("Telephone")},
    {"label": N_("Counts from")},
)
ROW_COLUMNS = (
    {"label": N_("Counts from")},
    {"label": N_("Name")},
    {"label": N_("Address")},
    {"label": N_("E-mail address")},
    {"label": N_("Language of the letters")},
    {"label": N_("Telephone")},
    {"label": N_("Source")},
)


class AuthorityFilter(QueryForm):
    """Which authorities to list; the countries are those that are recorded."""

    q = StringField(N_("Name or address"))
    country = SelectField(N_("Country"))


class AuthorityForm(PageForm):
    """One row as the file has it; the cells are read as those of the file."""

    country = SelectField(N_("Country"))
    subject = SelectField(N_("Answers for"), choices=[SelectChoice(one.code, one.name) for one in SUBJECTS.values()])
    name = StringField(N_("Name"), description=N_("As the authority writes it itself."))
    address = TextAreaField(N_("Address"))
    email = StringField(N_("E-mail address"), description=N_("Empty: no letters go there."))
    language = SelectField(
        N_("Language of the letters"),
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
        default=DEFAULT_LANGUAGE,
    )
    phone = StringField(N_("Telephone"))
    source = StringField(N_("Source"), description=N_("Where this was taken from, with its date."))
    valid_from = StringField(
        N_("Counts from"), description=N_("What was recorded before stays, and counts until the day before.")
    )


@blueprint.get("/authorities")
@asks(READ)
def authorities() -> str:
    """List who answers in other countries today."""
    session, today = db.session(), current_clock().today()
    form = AuthorityFilter.asked()
    named = sorted((country_name(code), code) for code in queries.authority_countries(session))
    form.country.choices = [SelectChoice("", N_("all")), *(SelectChoice(code, name) for name, code in named)]
    number, size = asked_page(), asked_size()
    found, total = queries.find_authorities(
        session, today, form.word("q"), form.word("country") or None, limit=size, offset=offset(number, size)
    )
    return render_template(
        "parties/authorities.html",
        form=form,
        columns=COLUMNS,
        rows=[
            [
                {"text": country_name(one.country), "href": url_for("parties.authority", country=one.country)},
                say(SUBJECTS[one.subject].name),
                one.name,
                one.email,
                one.phone,
                format_day(one.valid_from),
            ]
            for one in found
        ],
        page=Page(found, number, size, total),
        writes=policy.holds(current_actor(), WRITE),
    )


@blueprint.get("/authorities/<country>")
@asks(READ)
def authority(country: str) -> str:
    """Show every row of one country: who answers now, who did before, who will."""
    found = queries.authorities_of(db.session(), [country])
    if not found:
        raise NotFound(Message(N_("no authority of this country is recorded")))
    in_force = queries.authorities_on(db.session(), [country], current_clock().today())
    return render_template(
        "parties/authority.html",
        country=country,
        columns=ROW_COLUMNS,
        subjects=[
            (
                subject.name,
                in_force.get((country, code)),
                [_row(one) for one in reversed(found) if one.subject == code],
            )
            for code, subject in SUBJECTS.items()
            if any(one.subject == code for one in found)
        ],
        writes=policy.holds(current_actor(), WRITE),
    )


def _row(one: AuthorityFact) -> list[object]:
    return [
        format_day(one.valid_from), one.name, one.address, one.email,
        LANGUAGES[one.language or DEFAULT_LANGUAGE], one.phone, one.source,
    ]  # fmt: skip


@blueprint.route("/authorities/new", methods=["GET", "POST"])
@asks(WRITE)
def new_authority() -> Response | str | tuple[str, int]:
    """Record an authority, or what has changed about one."""
    form = AuthorityForm(**_offered(request.args.get("country", "")))
    form.country.choices = [
        SelectChoice(code, name) for name, code in sorted((country_name(code), code) for code in COUNTRIES)
    ]
    if form.is_submitted():
        values, problems = read_cells(AUTHORITY_COLUMNS, form.data)
        form.validate()
        form.add_problems(problems)
        if not form.errors:
            try:
                with unit_of_work(db.session()) as session:
                    service.record_authority(session, current_actor(), current_clock(), values)
            except Forbidden:
                raise
            except RegistryError as error:
                record_refused(error, WRITE, f"authority {values['country']}")
                show_refusal(form, error)
            else:
                return redirect(url_for("parties.authority", country=values["country"]), 303)
    page = render_template("parties/authority_new.html", form=form)
    return page, UNREADABLE if form.is_submitted() else 200


def _offered(country: str) -> dict[str, object]:
    """Return what the form begins with: what is recorded of the country for today, and today as its day."""
    today = current_clock().today()
    known = queries.authority_of(db.session(), country, today) if country in COUNTRIES else None
    told: dict[str, object] = {"country": country, "subject": EVERY_SUBJECT, "valid_from": f"{today:%d.%m.%Y}"}
    if known is None:
        return told
    cells = {name: getattr(known, name) or "" for name in ("subject", "name", "address", "email", "phone")}
    return told | cells | {"language": known.language or DEFAULT_LANGUAGE}
