"""Files sent by programs: what `flask import` takes, by the same way. Every kind has its own address and action."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app

from registry.accounts.sessions import settings_of
from registry.api.bodies import Bytes
from registry.api.endpoints import DRY_RUN, Answer, Call, Endpoints
from registry.api.refusals import require_accepted
from registry.api.schemas import ReportSchema
from registry.exchange.catalogue import file_kinds
from registry.exchange.service import SentFile, action_of, judge, note_taken
from registry.intake.bulk import uninterrupted
from registry.intake.check import Report
from registry.intake.kinds import FileKind
from registry.intake.reader import Limits
from registry.kernel.fields import Column, as_name
from registry.web.locale import translate

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAME = Column("name", as_name, required=False, note="what people know the file by")

endpoints = Endpoints("imports")


def _declare(kind: FileKind) -> None:
    def take(call: Call) -> Answer:
        return take_in(call, kind)

    take.__name__ = kind.name
    take.__doc__ = f"Take in a file of {kind.name}, CSV or XLSX: all of it or nothing."
    declare: Callable[[Callable[[Call], Answer]], object] = endpoints.post(
        f"/imports/{kind.name}",
        action_of(kind.name),
        ReportSchema(),
        query=(DRY_RUN, NAME),
        body=Bytes((CSV, XLSX)),
        status=201,
    )
    declare(take)


def take_in(call: Call, kind: FileKind) -> Answer:
    """Judge and write a file inside the unit of work of the request. Raises the refusals of `api.refusals`."""
    settings = settings_of(current_app._get_current_object())  # type: ignore[attr-defined]
    limits = Limits(settings.upload_megabytes, settings.upload_rows)
    file = SentFile(kind.name, call.body, call.query["name"] or "api")
    with uninterrupted():
        report: Report = judge(call.session, call.actor, call.clock, kind, file, limits)
    report.written = not call.query[DRY_RUN.name]
    require_accepted(report)
    note_taken(call.session, call.actor, call.clock, file, report)
    return Answer(report.as_json(translate), written=report.written)


for _kind in file_kinds().values():
    _declare(_kind)
