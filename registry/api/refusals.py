"""A file or batch that is refused: the contract's report, told as a problem."""

from __future__ import annotations

import json

from flask import Response

from registry.accounts.guard import leave_unrecorded
from registry.intake.check import Report
from registry.kernel.errors import Invalid, RuleRefused
from registry.kernel.text import N_, Message
from registry.web.errors import problem_json
from registry.web.locale import translate

REFUSED = Message(N_("Refused: nothing is written."))


class UnreadableReport(Invalid):
    """Lines that cannot be read; `report` holds everything that was found."""

    def __init__(self, report: Report) -> None:
        super().__init__(REFUSED, report.problems)
        self.report = report


class RefusedReport(RuleRefused):
    """Lines a rule refuses; `report` holds everything that was found."""

    def __init__(self, report: Report) -> None:
        super().__init__(REFUSED, report.findings)
        self.report = report


def require_accepted(report: Report) -> None:
    """Raise `UnreadableReport` or `RefusedReport` unless everything in the report may be written.

    A trial (`written` is False) that is refused is no attempt and leaves no trace in the audit log.
    """
    if not report.refused:
        return
    error = UnreadableReport(report) if report.problems else RefusedReport(report)
    if not report.written:
        leave_unrecorded(error)
    report.written = False
    raise error


def respond(error: UnreadableReport | RefusedReport) -> Response:
    """Answer with a problem that holds the members of the report as well (contract, section 2)."""
    response = problem_json(error)
    body = json.loads(response.get_data())
    response.set_data(json.dumps(body | error.report.as_json(translate), ensure_ascii=False) + "\n")
    return response
