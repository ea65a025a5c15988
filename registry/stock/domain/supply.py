"""How long what lies at a site lasts, and what of it is fit and free for use today. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


def days_of_supply(usable: int, used: int, first_on: date, day: date, window: int) -> int | None:
    """Return for how many whole days `usable` lasts at the mean daily use; None where nothing was used.

    `used`: what went into use in the `window` days that end with `day`. Where the first entry, of `first_on`, is
    younger than that, the mean is that of the days since then, of one day at least.
    """
    if used <= 0:
        return None
    days = max(1, min(window, (day - first_on).days))
    return usable * days // used


@dataclass(frozen=True, slots=True)
class Lying:
    """What lies of a product at a site, in units of account; one batch may be several of: unconfirmed, in quarantine, expired.

    `revision_id`: the newest composition seen there. `used`: what went into use of late. `days`: how many days the
    usable part lasts, None where nothing was used.
    """

    product_id: int
    revision_id: int
    units: int
    usable: int
    unconfirmed: int
    quarantined: int
    expired: int
    used: int
    days: int | None

    def runs_out(self, within: int) -> bool:
        """Say whether it is used and lasts no longer than so many days."""
        return self.days is not None and self.days <= within


@dataclass(slots=True)
class Tally:
    """What is counted up of a product at a site, to become a `Lying`; `first_on`: the day of its first entry there."""

    revision_id: int = 0
    units: int = 0
    usable: int = 0
    unconfirmed: int = 0
    quarantined: int = 0
    expired: int = 0
    used: int = 0
    first_on: date | None = None

    def add_use(self, revision_id: int, used: int, first_on: date) -> None:
        """Count what went into use of one composition."""
        self.revision_id = max(self.revision_id, revision_id)
        self.used += used
        self.first_on = min(self.first_on or first_on, first_on)

    def add_shelf(
        self, revision_id: int, units: int, unconfirmed: int, *, quarantined: bool, expired: bool, confirmed_first: bool
    ) -> None:
        """Count one shelf. `confirmed_first`: the country asks that receipts be confirmed before use."""
        self.revision_id = max(self.revision_id, revision_id)
        unconfirmed = min(units, unconfirmed)
        self.units += units
        self.unconfirmed += unconfirmed
        self.quarantined += units if quarantined else 0
        self.expired += units if expired else 0
        if not quarantined and not expired:
            self.usable += units - unconfirmed if confirmed_first else units

    def on(self, product_id: int, day: date, window: int) -> Lying:
        """Return what is known of the product on `day`, looking `window` days back."""
        days = days_of_supply(self.usable, self.used, self.first_on or day, day, window)
        return Lying(
            product_id, self.revision_id, self.units, self.usable,
            self.unconfirmed, self.quarantined, self.expired, self.used, days,
        )  # fmt: skip
