"""The page where a site takes its workbook and sends it back."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock
from registry.db import db
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_codes, sites_of
from registry.web.downloads import download
from registry.web.locale import current_language, format_number, translate
from registry.web.page_forms import QueryForm
from registry.workbooks.domain import SIZES
from registry.workbooks.service import POST, make_workbook
from registry.workbooks.template import written

blueprint = Blueprint("workbooks", __name__, template_folder="templates", url_prefix="/stock/workbook")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SENT_TO = "/files/movements"
"""Where every file of movements is sent: the workbook is one of them."""
NO_SITE = N_("there is no site or organisation with the code “%(code)s”")


class WorkbookForm(QueryForm):
    """Which workbook is wanted."""

    site = SelectField(N_("Site"), choices=[], validate_choice=False)
    rows = SelectField(
        N_("Rows to fill in"), choices=[SelectChoice(str(size), str(size)) for size in SIZES], validate_choice=False
    )


def _session() -> Session:
    return db.session()


@blueprint.get("")
@asks(POST)
def workbook() -> str | Response:
    """Hand out the workbook of the site the address names; without one, ask which."""
    own = _own_sites()
    code = request.args.get("site", "").strip()
    if code:
        return _file(_site(code, own))
    form = WorkbookForm.asked()
    form.site.choices = [SelectChoice(site.code, f"{site.code} {_name(site)}") for site in own]
    form.rows.choices = [SelectChoice(str(size), format_number(size)) for size in SIZES]
    return render_template(
        "workbooks/workbook.html", form=form, own=own, send=SENT_TO, here=url_for("workbooks.workbook")
    )


def _own_sites() -> list[SiteFact]:
    organisation_id = policy.scope(current_actor(), POST)
    return [] if organisation_id is None else sites_of(_session(), organisation_id)


def _site(code: str, own: list[SiteFact]) -> SiteFact:
    """Return the own site `code`. Raises `NotFound` for any other, known or not."""
    sites = {site.code: site for site in own}
    if code not in sites and policy.scope(current_actor(), POST) is None:
        sites = dict(sites_by_codes(_session(), [code]))
    if code not in sites:
        raise NotFound(Message(NO_SITE, {"code": code[:64]}))
    return sites[code]


def _name(site: SiteFact) -> str:
    return site.name_in(current_language(), current_clock().today())


def _file(site: SiteFact) -> Response:
    clock = current_clock()
    rows = request.args.get("rows", "")
    wanted = int(rows) if rows in set(map(str, SIZES)) else SIZES[0]
    made = make_workbook(_session(), clock, site, wanted, current_language(), translate)
    return download(written(made, translate), XLSX, f"{made.label.book} {clock.today().isoformat()}.xlsx")
