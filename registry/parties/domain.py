"""Kinds of organisations, a site as it was on a day, and the authorities of other countries. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Any

from registry.kernel.actor import Actor
from registry.kernel.announcements import Announcement
from registry.kernel.clock import Clock
from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_, Message

FIRST_DAY = date(1900, 1, 1)
"""From this day the first revision of a site counts, so that entries of earlier years find it."""


class Level(Enum):
    """The side of the line that a supply must cross to be consumption (1961 Convention art. 1(2))."""

    WHOLESALE = "wholesale"
    RETAIL = "retail"

    @property
    def is_wholesale(self) -> bool:
        """Say whether goods held here are still stock of the country, not yet consumed."""
        return self is Level.WHOLESALE


REGIONS: Mapping[str, str] = MappingProxyType(
    {
        "KG-B": N_("Batken Region"),
        "KG-C": N_("Chüy Region"),
        "KG-GB": N_("Bishkek"),
        "KG-GO": N_("Osh (city)"),
        "KG-J": N_("Jalal-Abad Region"),
        "KG-N": N_("Naryn Region"),
        "KG-O": N_("Osh Region"),
        "KG-T": N_("Talas Region"),
        "KG-Y": N_("Issyk-Kul Region"),
    }
)
"""Regions by ISO 3166-2 whose names are known; others are shown as they are recorded."""


@dataclass(frozen=True, slots=True)
class OrganisationKind:
    """One kind of organisation: its code, its name (a msgid), its level."""

    code: str
    name: str
    level: Level


ORGANISATION_KINDS: Mapping[str, OrganisationKind] = MappingProxyType(
    {
        kind.code: kind
        for kind in (
            OrganisationKind("importer", N_("importer"), Level.WHOLESALE),
            OrganisationKind("wholesaler", N_("wholesaler"), Level.WHOLESALE),
            OrganisationKind("manufacturer", N_("manufacturer"), Level.WHOLESALE),
            OrganisationKind("pharmacy", N_("pharmacy"), Level.RETAIL),
            OrganisationKind("hospital", N_("hospital"), Level.RETAIL),
            OrganisationKind("clinic", N_("clinic"), Level.RETAIL),
            OrganisationKind("ost_site", N_("OST site"), Level.RETAIL),
            OrganisationKind("prison_medical_unit", N_("prison medical unit"), Level.RETAIL),
            OrganisationKind("veterinary", N_("veterinary organisation"), Level.RETAIL),
            OrganisationKind("research", N_("research organisation"), Level.RETAIL),
            OrganisationKind("laboratory", N_("laboratory"), Level.RETAIL),
            OrganisationKind("precursor_operator", N_("operator with precursors"), Level.WHOLESALE),
            OrganisationKind("customs", N_("customs"), Level.WHOLESALE),
            OrganisationKind("authority", N_("authority"), Level.WHOLESALE),
        )
    }
)


@dataclass(frozen=True, slots=True)
class SiteRevisionFact:
    """What a site was from `effective_on` until the next revision. `valid_from`, `valid_to`: as registered, both days count.

    `distance_selling`: it sends what is ordered by telephone or on the internet.
    """

    effective_on: date
    kind: str
    name: str
    name_ru: str | None = None
    name_ky: str | None = None
    region: str | None = None
    address: str | None = None
    registration_number: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    distance_selling: bool = False

    @property
    def level(self) -> Level:
        """Return the level of the kind."""
        return ORGANISATION_KINDS[self.kind].level

    def name_in(self, language: str) -> str:
        """Return the name in `language` (``ky``, ``ru``, ``en``), the main name where none is recorded."""
        return {"ru": self.name_ru, "ky": self.name_ky}.get(language) or self.name


@dataclass(frozen=True, slots=True)
class SiteFact:
    """A site with its whole history: `revisions`, the oldest first, never empty.

    `organisation_code` is the code of the organisation's main site as well.
    """

    id: int
    code: str
    organisation_id: int
    organisation_code: str
    is_main: bool
    revisions: tuple[SiteRevisionFact, ...]

    def on(self, day: date) -> SiteRevisionFact:
        """Return the revision in force on `day`; the first also serves earlier days."""
        return revision_on(self.revisions, day)

    def level_on(self, day: date) -> Level:
        """Return the level of the site on `day`: it decides whether a supply is consumption."""
        return self.on(day).level

    @property
    def level_changes(self) -> tuple[tuple[date, Level], ...]:
        """Return the days from which the site is of another level than the day before, and that level; oldest first."""
        starts = sorted({revision.effective_on for revision in self.revisions})
        return tuple(
            (day, self.level_on(day)) for day in starts if self.level_on(day) is not self.level_on(day - timedelta(1))
        )

    def name_in(self, language: str, day: date) -> str:
        """Return the name of the site on `day` in `language`."""
        return self.on(day).name_in(language)

    @property
    def dated(self) -> bool:
        """Say whether the day matters: the site has more than one revision."""
        return len(self.revisions) > 1

    @property
    def latest(self) -> SiteRevisionFact:
        """Return the youngest revision."""
        return self.revisions[-1]


def revision_on(revisions: Sequence[SiteRevisionFact], day: date) -> SiteRevisionFact:
    """Return the youngest of `revisions` (oldest first) that is not younger than `day`, else the first."""
    for revision in reversed(revisions):
        if revision.effective_on <= day:
            return revision
    return revisions[0]


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A site that is, on some days, of another level than it was known to be: what was known before, what is known now.

    A change usually counts from the day it is recorded; it may count from an earlier one.
    """

    before: SiteFact
    after: SiteFact

    def shift_on(self, day: date) -> int:
        """Return +1 when the site turns out to be of the wholesale level on `day`, -1 of the retail level, 0 as known."""
        return self.after.level_on(day).is_wholesale - self.before.level_on(day).is_wholesale

    @property
    def steps(self) -> tuple[tuple[date, int], ...]:
        """Return the days on which the shift is not that of the day before, and by how much it differs; oldest first.

        None: the revision changed no level. What lies on a shelf at the start of such a day crosses the line.
        """
        starts = sorted({revision.effective_on for site in (self.before, self.after) for revision in site.revisions})
        moved = ((day, self.shift_on(day) - self.shift_on(day - timedelta(1))) for day in starts)
        return tuple((day, step) for day, step in moved if step)


LEVELS_CHANGED: Announcement[[Any, Actor, Clock, Sequence[LevelChange]], Mapping[int, Message]] = Announcement(
    "parties: sites change their level"
)
"""Told to the rooms above when revisions change levels: session, actor, clock and the changes.

A follower answers what it did, in a sentence for each site id.
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an authority of another country answers for: a code and a name (a msgid)."""

    code: str
    name: str


EVERY_SUBJECT = "all"
SUBJECTS: Mapping[str, Subject] = MappingProxyType(
    {
        one.code: one
        for one in (
            Subject(EVERY_SUBJECT, N_("all controlled substances")),
            Subject("narcotic", N_("narcotic drugs")),
            Subject("psychotropic", N_("psychotropic substances")),
            Subject("precursor", N_("precursors")),
        )
    }
)
"""Countries may name one authority for all treaties or one for each; in the order in which one stands in for another."""


@dataclass(frozen=True, slots=True)
class AuthorityFact:
    """The authority of another country for one subject, from `valid_from` until the next one of that subject."""

    id: int
    country: str
    subject: str
    valid_from: date
    name: str
    address: str | None = None
    email: str | None = None
    language: str | None = None
    phone: str | None = None
    source: str | None = None


def responsible(
    found: Mapping[tuple[str, str], AuthorityFact], country: str, subject: str = EVERY_SUBJECT
) -> AuthorityFact | None:
    """Return who answers in `country` for `subject`: the authority of that subject, else the one for all.

    Asked for no subject in particular, the first that is known. `found`: by country and subject.
    """
    asked = tuple(SUBJECTS) if subject == EVERY_SUBJECT else (subject, EVERY_SUBJECT)
    return next((found[country, each] for each in asked if (country, each) in found), None)


KIND_CHANGED = Rule(
    "PTY-01",
    N_("An organisation or site whose kind changes is looked at: the level decides what counts as consumption."),
    N_("Single Convention of 1961, article 1, paragraph 2; project default"),
    Severity.FLAG,
    ("contract-2",),
)

ENTITY_CHANGED = Rule(
    "PTY-02",
    N_("An organisation with another registration number is another legal person: it is recorded anew, not changed."),
    N_("project default"),
    Severity.FLAG,
    ("PC-P23",),
)

RULES = (KIND_CHANGED, ENTITY_CHANGED)
