"""Files of a return: the workbook an officer sends, the same as PDF, CSV and XML, and the JSON of the contract."""

from __future__ import annotations

from flask import Response

from exports.catalogue import format_named
from registry.accounts.guard import asks
from registry.returns.pages.blueprint import READ, asked_day, asked_period, blueprint, made
from registry.returns.service.make import JSON, as_bytes
from registry.web.downloads import download
from registry.web.locale import country_name, current_language, translate

JSON_TYPE = "application/json"


@blueprint.get("/<form>/<int:year>.<name>")
@blueprint.get("/<form>/<int:year>/Q<int:quarter>.<name>")
@asks(READ)
def file(form: str, year: int, name: str, quarter: int | None = None) -> Response:
    """Hand out one return in the format asked for; raises `NotFound` for a format there is not."""
    _, period = asked_period(form, year, quarter)
    ending, media_type = f".{JSON}", JSON_TYPE
    if name != JSON:
        chosen = format_named(name)
        ending, media_type = chosen.ending, chosen.media_type
    content = as_bytes(made(form, period, asked_day()), name, translate, current_language(), country_name)
    return download(content, media_type, f"form-{form}-{period}{ending}")
