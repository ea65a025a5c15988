"""The page that mends a line recorded in error; what it says on the page of deeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask import request, url_for
from sqlalchemy.orm import Session

from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock
from registry.deeds.asking import Answer, Asking, asking_page, typed_day
from registry.deeds.domain import DeedFact
from registry.deeds.effects import Details, Effect
from registry.kernel.errors import NotFound
from registry.kernel.mass import grams
from registry.kernel.text import N_, Message
from registry.quotas import queries
from registry.quotas.domain.deeds import ACT, ACT_DATE, CORRECT, FROM, MENDED, QUANTITY, line_of, subject_of
from registry.quotas.domain.kinds import QUOTA_KINDS
from registry.quotas.domain.lines import LineFact
from registry.quotas.pages.blueprint import Names, blueprint, names_of, rows
from registry.quotas.service import mending
from registry.web.locale import say


@blueprint.route("/quotas/lines/<int(max=999999999999):line_id>/correct", methods=["GET", "POST"])
@asks(CORRECT.proposes)
def correct(line_id: int) -> Answer:
    """Propose what a line that counts should have said."""
    found = queries.line_by_id(rows(), line_id)
    if found is None:
        raise NotFound(Message(N_("there is no such line")))

    def take(session: Session, reason: str, day: date, said: Mapping[str, str]) -> DeedFact:
        return mending.ask_mending(session, current_actor(), current_clock(), line_id, reason, day, said)

    values = _values(found)
    return asking_page(
        Asking(
            CORRECT,
            subject_of(line_id),
            _title(found, names_of([found])),
            url_for("quotas.line", line_id=line_id),
            {name: (say(label), values[name]) for name, label in MENDED.items()},
            take,
        ),
        request.form,
    )


def _title(line: LineFact, names: Names) -> str:
    return f"{say(QUOTA_KINDS[line.kind].name)}, {names.substance(line)}, {line.year}"


def _values(line: LineFact) -> dict[str, str]:
    return {
        QUANTITY: grams(line.quantity_ng),
        ACT: line.act or "",
        ACT_DATE: typed_day(line.act_date) if line.act_date else "",
        FROM: typed_day(line.effective_on),
    }


def _details(deeds: Sequence[DeedFact]) -> Details:
    lines = queries.lines_by_ids(rows(), {line_of(deed.subject) for deed in deeds})
    names = names_of(lines.values())
    found = [(deed, lines.get(line_of(deed.subject))) for deed in deeds]
    return {deed.id: _changes(deed, line, names) for deed, line in found if line is not None}


def _changes(deed: DeedFact, line: LineFact, names: Names) -> Sequence[tuple[str, str]]:
    before = _values(line)
    changes = [(say(MENDED[name]), f"{before[name] or '–'} → {value or '–'}") for name, value in deed.payload.items()]
    return [(say(N_("Line")), _title(line, names)), *changes]


def effects() -> list[Effect]:
    """Return how a mending is carried out once decided."""
    return [
        Effect(
            CORRECT,
            mending.carry_out,
            lambda subject: url_for("quotas.line", line_id=line_of(subject)),
            _details,
        )
    ]
