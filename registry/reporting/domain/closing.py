"""Closed periods: nothing is recorded in them until the authority reopens them for a while. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from registry.deeds.domain import DeedKind
from registry.kernel.text import N_

PROPOSES, DECIDES = "periods.propose", "periods.decide"
CLOSE = DeedKind("periods.close", N_("close the period"), N_("The period was closed"), PROPOSES)
REOPEN = DeedKind("periods.reopen", N_("reopen the period"), N_("The period was reopened"), PROPOSES, DECIDES)
DEEDS: Mapping[str, DeedKind] = MappingProxyType({kind.code: kind for kind in (CLOSE, REOPEN)})
EVERY_SITE = "*"
"""Stands for all sites in the subject of a deed: ``* 2026-03``."""
UNTIL = "until"


@dataclass(frozen=True, slots=True)
class Act:
    """What the authority did to a period of one site, or of all where `site_id` is None; it counts from `effective_on`.

    `until`: the last day on which a reopened period stays open.
    """

    site_id: int | None
    period: str
    first_on: date
    last_on: date
    closed: bool
    effective_on: date
    until: date | None = None

    def reaches(self, site_id: int, day: date) -> bool:
        """Say whether it is about this site on this day."""
        return self.site_id in (None, site_id) and self.first_on <= day <= self.last_on


def closed_by(acts: Iterable[Act], site_id: int, day: date, today: date) -> bool | None:
    """Say whether the last act about a day of a site closed it; None where there is none. `acts`: in the order done.

    A reopened period is closed again once its last open day has passed.
    """
    counting = [act for act in acts if act.effective_on <= today and act.reaches(site_id, day)]
    if not counting:
        return None
    last = counting[-1]
    return last.closed or (last.until is not None and last.until < today)


def subject_of(site: str | None, period: str) -> str:
    """Return the subject of a deed on a period of a site, of all sites where `site` is None."""
    return f"{site or EVERY_SITE} {period}"


def read_subject(subject: str) -> tuple[str | None, str]:
    """Return the site and the period of `subject_of`."""
    site, _, period = subject.rpartition(" ")
    return (None if site == EVERY_SITE else site), period
