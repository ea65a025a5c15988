"""What the pages of the returns share: the address of a return, its day of knowledge, words for outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, current_app, request, url_for
from sqlalchemy.orm import Session

from forms.catalogue import choose
from forms.checks import Status
from forms.edition import Edition, PeriodKind
from forms.figures import Return
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db
from registry.kernel.errors import NotFound
from registry.kernel.fields import BadCell, as_day
from registry.kernel.period import Period
from registry.kernel.text import N_, Message
from registry.returns.service.make import make_return
from registry.returns.service.requirements import AHEAD

blueprint = Blueprint("returns", __name__, template_folder="../templates", url_prefix="/returns")

READ = "returns.read"
FIRST_YEAR, LAST_YEAR = 1961, 2099
QUARTERS = (1, 2, 3, 4)
PREPARED = "prepared"
UNIT_NAMES: Mapping[str, str] = {"mg": N_("mg"), "g": N_("g"), "kg": N_("kg")}
STATUSES: Mapping[Status, tuple[str, str]] = {
    Status.PASS: (N_("passed"), "green"),
    Status.FAIL: (N_("failed"), "red"),
    Status.WARN: (N_("to be looked at"), "orange"),
    Status.NOT_APPLICABLE: (N_("not judged"), "grey"),
}
NO_SUCH = N_("there is no return %(form)s for %(period)s")


def rows() -> Session:
    """Return the database session of this request."""
    return db.session()


def today() -> date:
    """Return the day of this request."""
    return current_clock().today()


def asked_period(form: str, year: int, quarter: int | None) -> tuple[Edition, Period]:
    """Return the edition and period of an address. Raises `NotFound` where the form has no such period."""
    period = Period(year, quarter)
    if not FIRST_YEAR <= year <= LAST_YEAR or quarter not in (None, *QUARTERS):
        raise NotFound(Message(NO_SUCH, {"form": form, "period": str(period)}))
    edition = choose(form, period).edition
    if (edition.period_kind is PeriodKind.QUARTER) != (quarter is not None):
        raise NotFound(Message(NO_SUCH, {"form": form, "period": str(period)}))
    return edition, period


def asked_day() -> date | None:
    """Return the day of knowledge asked for, None for now. Raises `NotFound` for what is no day."""
    text = request.args.get("as_of", "").strip()
    if not text:
        return None
    try:
        return as_day(text)
    except BadCell as bad:
        raise NotFound(bad.message) from None


def made(form: str, period: Period, as_of: date | None) -> Return:
    """Return the draft from ledger and quotas, as known on `as_of`."""
    settings = settings_of(current_app._get_current_object())  # type: ignore[attr-defined]
    return make_return(
        rows(), current_clock(), settings, form, period, as_of, with_prepared=asked_prepared(form) is not None
    )


def asked_prepared(form: str) -> int | None:
    """Return 1 where drafted and proposed lines are asked for in a form that looks ahead, as addresses carry it."""
    return 1 if form in AHEAD and request.args.get(PREPARED) == "1" else None


def address(endpoint: str, form: str, period: Period, **query: object) -> str:
    """Return the address of a page or file of one return; empty parts of the query are left out."""
    kept = {name: value for name, value in query.items() if value is not None}
    quarter = {"quarter": period.quarter} if period.quarter is not None else {}
    return url_for(f"returns.{endpoint}", form=form, year=period.year, **quarter, **kept)  # type: ignore[arg-type]


def period_words(period: Period) -> Message:
    """Return a period in words: the year, or the quarter of a year."""
    if period.quarter is None:
        return Message(N_("year %(year)s"), {"year": period.year})
    return Message(N_("quarter %(quarter)s of %(year)s"), {"quarter": period.quarter, "year": period.year})
