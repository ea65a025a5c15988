"""Everything the lists say of one substance, and the smaller tables, for pages and rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.kernel.codes import substance_code
from registry.kernel.errors import NotFound
from registry.substances.domain.facts import EditionFact, RevisionFact, SubstanceFact
from registry.substances.domain.naming import NameKind
from registry.substances.domain.salts import FactorFact
from registry.substances.domain.schedule_three import LimitFact
from registry.substances.models import (
    ListEdition,
    NationalClass,
    NationalEntry,
    PoppyStrawCode,
    PrecursorDetail,
    ProductComponent,
    ProductRevision,
    Prohibition,
    ScheduleEntry,
    Substance,
    SubstanceName,
    WatchSuggestion,
)
from registry.substances.queries.base import all_editions, edition_ids, in_force, wanted
from registry.substances.queries.lists import factors_for, schedule_three_limits, substance_by_codes
from registry.substances.queries.near import unknown_substances
from registry.substances.queries.products import revisions_by_ids


@dataclass(frozen=True, slots=True)
class ScheduleFact:
    """What one edition says of a substance. `controlled_from`: since when, where the list prints it."""

    edition: EditionFact
    schedule: str
    also_schedule_iv: bool
    controlled_from: date | None
    remarks: str


@dataclass(frozen=True, slots=True)
class ProhibitionFact:
    """A country that notified a prohibition of import (1971 art. 13); the day is None where not printed."""

    country: str
    substance_id: int
    notified_on: date | None
    remarks: str


@dataclass(frozen=True, slots=True)
class NationalClassFact:
    """A class of the national list with its names; `blocks` False: entries raise notices only. `ground`: its act."""

    code: str
    name: str
    name_ru: str
    name_ky: str
    blocks: bool
    ground: str

    def name_in(self, language: str) -> str:
        """Return the name in `language`, empty where the list has none."""
        return {"ru": self.name_ru, "ky": self.name_ky}.get(language, self.name)


@dataclass(frozen=True, slots=True)
class NationalFact:
    """A dated entry of the national list with its act; `blocks` False: it raises notices only."""

    class_code: str
    class_name: str
    act: str
    act_date: date
    valid_from: date
    valid_to: date | None
    threshold_ppm: int | None
    blocks: bool


@dataclass(frozen=True, slots=True)
class PrecursorFact:
    """What the Red List and the tariffs add; `licit_use_status` says how far to trust the note."""

    hs_code: str
    hs_preparations_retail: str
    hs_preparations_bulk: str
    salts: str
    eu_category: str
    eu_cn_code: str
    eu_basis: str
    licit_use_note: str
    licit_use_status: str


@dataclass(frozen=True, slots=True)
class SubstanceDetail:
    """One substance as all loaded lists together describe it, as of a day.

    `national_list_loaded` False: no entry of a national list exists, so the INCB entry stands in.
    """

    fact: SubstanceFact
    name_as_printed: str
    formula: str
    mol_weight: str
    description: str
    remarks: str
    aliases: tuple[str, ...]
    trade_names: tuple[str, ...]
    schedules: tuple[ScheduleFact, ...]
    factors: tuple[FactorFact, ...]
    limits: tuple[LimitFact, ...]
    prohibitions: tuple[ProhibitionFact, ...]
    national: tuple[NationalFact, ...]
    national_list_loaded: bool
    precursor: PrecursorFact | None
    products: tuple[RevisionFact, ...]


def substance_detail(session: Session, code: str, as_of: date) -> SubstanceDetail:
    """Return all that is known of the substance with `code` (normalised here). Raises `NotFound`."""
    wanted_code = substance_code(code)
    fact = substance_by_codes(session, [wanted_code], as_of).get(wanted_code)
    row = session.get(Substance, fact.id) if fact else None
    if fact is None or row is None:
        raise NotFound(unknown_substances(session, [code], as_of)[code])
    names = session.execute(
        select(SubstanceName.kind, SubstanceName.name)
        .where(SubstanceName.substance_id == fact.id)
        .order_by(SubstanceName.name)
    ).all()
    return SubstanceDetail(
        fact=fact,
        name_as_printed=row.name_as_printed,
        formula=row.formula,
        mol_weight=row.mol_weight,
        description=row.description,
        remarks=row.remarks,
        aliases=tuple(name for kind, name in names if kind == NameKind.ALIAS),
        trade_names=tuple(name for kind, name in names if kind == NameKind.TRADE),
        schedules=_schedules(session, fact.id, as_of),
        factors=tuple(factors_for(session, [fact.id], as_of).get(fact.id, ())),
        limits=tuple(limit for limit in schedule_three_limits(session, as_of) if fact.code in limit.drugs),
        prohibitions=tuple(_prohibitions(session, fact.id, as_of)),
        national=_national(session, fact.id),
        national_list_loaded=session.scalar(select(NationalEntry.id).limit(1)) is not None,
        precursor=_precursor(session, fact.id, as_of),
        products=_products(session, fact.id, as_of),
    )


def prohibitions_against(
    session: Session, pairs: Iterable[tuple[str, int]], as_of: date
) -> dict[tuple[str, int], ProhibitionFact]:
    """Return, of (country, substance id), those with a prohibition under article 13; three statements at most.

    Export to a country that notified needs its special import licence (1971 art. 13(3)).
    """
    keys = wanted(session, "wanted_pair", {"country": "text", "substance": "int"}, sorted(set(pairs)))
    rows = session.execute(
        select(Prohibition.country, Prohibition.substance_id, Prohibition.notified_on, Prohibition.remarks)
        .join(keys, (keys.c.country == Prohibition.country) & (keys.c.substance == Prohibition.substance_id))
        .where(Prohibition.edition_id.in_(edition_ids(session, as_of)))
    )
    return {(row.country, row.substance_id): ProhibitionFact(*row) for row in rows}


def editions(session: Session) -> list[tuple[EditionFact, str, str]]:
    """Return every loaded edition with its source and its remarks, by list."""
    notes = {
        key: (source, remarks)
        for key, source, remarks in session.execute(select(ListEdition.id, ListEdition.source, ListEdition.remarks))
    }
    return [(fact, *notes[fact.id]) for fact in all_editions(session)]


def national_class_facts(session: Session, as_of: date) -> dict[str, NationalClassFact]:
    """Return the classes of the national list by code, in the order of the list."""
    own = NationalClass
    rows = session.execute(
        select(own.code, own.name, own.name_ru, own.name_ky, own.blocks, own.ground)
        .where(own.edition_id.in_(edition_ids(session, as_of)))
        .order_by(own.id)
    )
    return {row.code: NationalClassFact(*row) for row in rows}


def watch_suggestions(session: Session) -> list[tuple[str, str, str, str]]:
    """Return name, CAS, CN code and basis of chemicals controlled elsewhere; none of them controls anything here."""
    columns = (WatchSuggestion.name, WatchSuggestion.cas, WatchSuggestion.cn_code, WatchSuggestion.basis)
    return [(name, cas, cn_code, basis) for name, cas, cn_code, basis in session.execute(select(*columns))]


def poppy_straw_codes(session: Session, as_of: date) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Return code, variety, measure and, for calculated totals, the codes they add up."""
    rows = session.execute(
        select(PoppyStrawCode.code, PoppyStrawCode.variety, PoppyStrawCode.measure, PoppyStrawCode.sum_of)
        .where(PoppyStrawCode.edition_id.in_(edition_ids(session, as_of)))
        .order_by(PoppyStrawCode.id)
    )
    return [(code, variety, measure, tuple(filter(None, total.split(";")))) for code, variety, measure, total in rows]


def _schedules(session: Session, substance_id: int, as_of: date) -> tuple[ScheduleFact, ...]:
    known = all_editions(session)
    by_id = {fact.id: fact for fact in known} | {fact.id: fact for fact in in_force(known, as_of).values()}
    entry = ScheduleEntry
    rows = session.execute(
        select(entry.edition_id, entry.schedule, entry.also_schedule_iv, entry.controlled_from, entry.remarks)
        .where(entry.substance_id == substance_id)
        .order_by(entry.id)
    )
    return tuple(
        ScheduleFact(by_id[key], schedule, also_iv, since, remarks) for key, schedule, also_iv, since, remarks in rows
    )


def _prohibitions(session: Session, substance_id: int, as_of: date) -> list[ProhibitionFact]:
    rows = session.execute(
        select(Prohibition.country, Prohibition.substance_id, Prohibition.notified_on, Prohibition.remarks)
        .where(Prohibition.substance_id == substance_id, Prohibition.edition_id.in_(edition_ids(session, as_of)))
        .order_by(Prohibition.country)
    )
    return [ProhibitionFact(*row) for row in rows]


def _national(session: Session, substance_id: int) -> tuple[NationalFact, ...]:
    entry, own = NationalEntry, NationalClass
    rows = session.execute(
        select(
            own.code,
            own.name,
            entry.act,
            entry.act_date,
            entry.valid_from,
            entry.valid_to,
            entry.threshold_ppm,
            own.blocks,
        )
        .join(own, own.id == entry.class_id)
        .where(entry.substance_id == substance_id)
        .order_by(entry.valid_from, entry.id)
    )
    return tuple(NationalFact(*row) for row in rows)


def _precursor(session: Session, substance_id: int, as_of: date) -> PrecursorFact | None:
    chosen = select(PrecursorDetail).where(
        PrecursorDetail.substance_id == substance_id, PrecursorDetail.edition_id.in_(edition_ids(session, as_of))
    )
    row = session.scalars(chosen.limit(1)).first()
    return PrecursorFact(**{name: getattr(row, name) for name in PrecursorFact.__slots__}) if row else None


def _products(session: Session, substance_id: int, as_of: date) -> tuple[RevisionFact, ...]:
    """Return the products whose newest revision holds the substance, by code."""
    newest = (
        select(ProductRevision.product_id, func.max(ProductRevision.number).label("number"))
        .group_by(ProductRevision.product_id)
        .subquery()
    )
    chosen = (
        select(ProductRevision.id)
        .join(
            newest,
            (newest.c.product_id == ProductRevision.product_id) & (newest.c.number == ProductRevision.number),
        )
        .join(ProductComponent, ProductComponent.revision_id == ProductRevision.id)
        .where(ProductComponent.substance_id == substance_id)
    )
    return tuple(revisions_by_ids(session, session.scalars(chosen), as_of).values())
