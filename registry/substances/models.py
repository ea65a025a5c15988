"""Rows of lists and products. No rule lives here.

Editions, entries and factors are written by the loader only and never changed; a product's
revisions are written once, a change is a further revision. Quantities are whole numbers.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment


class ListEdition(Base):
    """One edition of a list. `precision` of `valid_from`: day, month, year or unknown."""

    __tablename__ = "list_edition"
    __table_args__ = (UniqueConstraint("list_code", "edition"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    list_code: Mapped[str] = mapped_column(String(40))
    edition: Mapped[str] = mapped_column(String(40))
    treaty: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date | None] = mapped_column(Date)
    precision: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(Text)
    retrieved_on: Mapped[date | None] = mapped_column(Date)
    remarks: Mapped[str] = mapped_column(Text, default="")
    loaded_at: Mapped[datetime] = mapped_column(Moment)


class EditionFile(Base):
    """One data file of a loaded edition, pinned by its SHA-256."""

    __tablename__ = "edition_file"
    __table_args__ = (UniqueConstraint("edition_id", "name"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("list_edition.id"))
    name: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int] = mapped_column(Integer)


class Substance(Base):
    """A listed substance; `code` is the list's own, or ``1988:acetic-anhydride`` where it prints none."""

    __tablename__ = "substance"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    code: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(Text)
    name_as_printed: Mapped[str] = mapped_column(Text)
    treaty: Mapped[str] = mapped_column(String(10), index=True)
    cas: Mapped[str] = mapped_column(String(20), default="", index=True)
    formula: Mapped[str] = mapped_column(String(120), default="")
    mol_weight: Mapped[str] = mapped_column(String(20), default="")
    inchikey: Mapped[str] = mapped_column(String(30), default="")
    unii: Mapped[str] = mapped_column(String(20), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    remarks: Mapped[str] = mapped_column(Text, default="")


class SubstanceName(Base):
    """A name people may search by. Kinds: see `domain.naming.NAME_KINDS`; a trade name is a suggestion only."""

    __tablename__ = "substance_name"
    __table_args__ = (UniqueConstraint("substance_id", "kind", "search_key"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"))
    edition_id: Mapped[int] = mapped_column(ForeignKey("list_edition.id"))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(Text)
    search_key: Mapped[str] = mapped_column(String(300), index=True)
    confidence: Mapped[str] = mapped_column(String(10), default="")


class ScheduleEntry(Base):
    """What one edition says: the schedule (table) of a substance, and since when, where the list says it."""

    __tablename__ = "schedule_entry"
    __table_args__ = (UniqueConstraint("edition_id", "substance_id"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("list_edition.id"))
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"), index=True)
    treaty: Mapped[str] = mapped_column(String(10))
    schedule: Mapped[str] = mapped_column(String(5))
    also_schedule_iv: Mapped[bool] = mapped_column(default=False)
    controlled_from: Mapped[date | None] = mapped_column(Date)
    remarks: Mapped[str] = mapped_column(Text, default="")


class ConversionFactor(Base):
    """A salt, ester, ether or hydrate with the printed share of anhydrous base; NULL where none is printed."""

    __tablename__ = "conversion_factor"
    __table_args__ = (
        UniqueConstraint("edition_id", "substance_id", "salt"),
        CheckConstraint("base_ppm > 0 AND base_ppm <= 1000000", name="share"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("list_edition.id"))
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"), index=True)
    salt: Mapped[str] = mapped_column(String(160))
    variant: Mapped[str] = mapped_column(String(120), default="")
    salt_as_printed: Mapped[str] = mapped_column(String(120))
    hydrate: Mapped[str] = mapped_column(String(10), default="")
    form_type: Mapped[str] = mapped_column(String(20))
    base_ppm: Mapped[int | None] = mapped_column(BigInteger)
    computed_percent: Mapped[str] = mapped_column(String(10), default="")
    check_mark: Mapped[str] = mapped_column(String(20), default="")
    remarks: Mapped[str] = mapped_column(Text, default="")
    salt_cas: Mapped[str] = mapped_column(String(20), default="")


class Prohibition(Base):
    """A country that prohibits import of a substance (1971 art. 13); `notified_on` NULL where not printed."""

    __tablename__ = "prohibition"
    __table_args__ = (UniqueConstraint("edition_id", "country", "substance_id"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("list_edition.id"))
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"), index=True)
    country: Mapped[str] = mapped_column(String(2))
    notified_on: Mapped[date | None] = mapped_column(Date)
    remarks: Mapped[str] = mapped_column(Text, default="")


class ScheduleThreeLimit(Base):
    """One printed limit for preparations of Schedule III; `drugs` are codes and `needs` words of the domain, by ``;``."""

    __tablename__ = "schedule_three_limit"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("list_edition.id"), index=True)
    rule: Mapped[str] = mapped_column(String(5))
    drugs: Mapped[str] = mapped_column(Text)
    max_per_dosage_unit_ng: Mapped[int | None] = mapped_column(BigInteger)
    max_undivided_ppm: Mapped[int | None] = mapped_column(BigInteger)
    combination: Mapped[str] = mapped_column(String(5), default="")
    other_ingredient: Mapped[str] = mapped_column(Text, default="")
    calculated_as: Mapped[str] = mapped_column(String(60), default="")
    measured_as: Mapped[str] = mapped_column(String(120), default="")
    needs: Mapped[str] = mapped_column(Text, default="")
    extra_condition: Mapped[str] = mapped_column(Text, default="")


class ExtractEquivalent(Base):
    """How much opium or coca leaf one kilogram of an extract or tincture stands for, in parts per million."""

    __tablename__ = "extract_equivalent"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("list_edition.id"), index=True)
    material: Mapped[str] = mapped_column(Text)
    equivalent: Mapped[str] = mapped_column(Text)
    equivalent_ppm: Mapped[int | None] = mapped_column(BigInteger)
    remarks: Mapped[str] = mapped_column(Text, default="")


class PoppyStrawCode(Base):
    """A code for concentrate of poppy straw; `sum_of` lists the codes a calculated total adds up."""

    __tablename__ = "poppy_straw_code"
    __table_args__ = (UniqueConstraint("edition_id", "code"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("list_edition.id"))
    code: Mapped[str] = mapped_column(String(10))
    variety: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)
    abbreviation: Mapped[str] = mapped_column(String(20), default="")
    sum_of: Mapped[str] = mapped_column(Text, default="")


class PrecursorDetail(Base):
    """What the Red List and the customs tariffs add for a precursor: HS codes, salts, licit use."""

    __tablename__ = "precursor_detail"
    __table_args__ = (UniqueConstraint("edition_id", "substance_id"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("list_edition.id"))
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"), index=True)
    hs_code: Mapped[str] = mapped_column(String(20), default="")
    hs_preparations_retail: Mapped[str] = mapped_column(String(60), default="")
    hs_preparations_bulk: Mapped[str] = mapped_column(String(60), default="")
    salts: Mapped[str] = mapped_column(Text, default="")
    eu_category: Mapped[str] = mapped_column(String(10), default="")
    eu_cn_code: Mapped[str] = mapped_column(String(20), default="")
    eu_basis: Mapped[str] = mapped_column(Text, default="")
    licit_use_note: Mapped[str] = mapped_column(Text, default="")
    licit_use_status: Mapped[str] = mapped_column(Text, default="")


class WatchSuggestion(Base):
    """A chemical controlled elsewhere but not in the 1988 tables, offered for a national watch list."""

    __tablename__ = "watch_suggestion"
    __table_args__ = (UniqueConstraint("edition_id", "name"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("list_edition.id"))
    name: Mapped[str] = mapped_column(String(200))
    cas: Mapped[str] = mapped_column(String(20), default="")
    category: Mapped[str] = mapped_column(String(10), default="")
    cn_code: Mapped[str] = mapped_column(String(20), default="")
    basis: Mapped[str] = mapped_column(Text, default="")


class NationalClass(Base):
    """A class of the national list. `blocks` False: entries raise notices, never stop an act (L6)."""

    __tablename__ = "national_class"
    __table_args__ = (UniqueConstraint("edition_id", "code"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("list_edition.id"))
    code: Mapped[str] = mapped_column(String(40), index=True)
    name: Mapped[str] = mapped_column(Text)
    name_ru: Mapped[str] = mapped_column(Text, default="")
    name_ky: Mapped[str] = mapped_column(Text, default="")
    blocks: Mapped[bool] = mapped_column(default=True)
    ground: Mapped[str] = mapped_column(Text, default="")


class NationalEntry(Base):
    """A dated entry of the national list with the act that makes it (L1); `threshold_ppm` for mixtures (L5)."""

    __tablename__ = "national_entry"
    __table_args__ = (Index("ix_national_entry_substance_id_valid_from", "substance_id", "valid_from"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("list_edition.id"))
    class_id: Mapped[int] = mapped_column(ForeignKey("national_class.id"))
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"))
    act: Mapped[str] = mapped_column(Text)
    act_date: Mapped[date] = mapped_column(Date)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    threshold_ppm: Mapped[int | None] = mapped_column(BigInteger)


class Product(Base):
    """A product. `unit` is fixed for ever: balances of two units could not be compared."""

    __tablename__ = "product"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    unit: Mapped[str] = mapped_column(String(10))


class ProductRevision(Base):
    """What is stated of a product from `valid_from` on; written once, never changed.

    `search_key`: code, names, GTIN and substances folded, because SQLite folds ASCII only.
    """

    __tablename__ = "product_revision"
    __table_args__ = (UniqueConstraint("product_id", "number"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    number: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[date] = mapped_column(Date)
    name: Mapped[str] = mapped_column(Text)
    name_ru: Mapped[str] = mapped_column(Text, default="")
    name_ky: Mapped[str] = mapped_column(Text, default="")
    form: Mapped[str] = mapped_column(String(120))
    other_ingredients: Mapped[str] = mapped_column(Text, default="")
    gtin: Mapped[str] = mapped_column(String(14), default="", index=True)
    manufacturer: Mapped[str] = mapped_column(Text, default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    control: Mapped[str] = mapped_column(String(20))
    search_key: Mapped[str] = mapped_column(Text, default="")
    schedule_three: Mapped[str] = mapped_column(String(10))
    schedule_three_reason: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class ProductComponent(Base):
    """One substance of a revision; `amount_ng` of the salt per stated unit of the product."""

    __tablename__ = "product_component"
    __table_args__ = (
        UniqueConstraint("revision_id", "substance_id", "salt"),
        CheckConstraint("amount_ng > 0", name="amount"),
        CheckConstraint("base_ppm > 0 AND base_ppm <= 1000000", name="share"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("product_revision.id"))
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"), index=True)
    salt: Mapped[str] = mapped_column(String(160))
    amount_ng: Mapped[int] = mapped_column(BigInteger)
    base_ppm: Mapped[int] = mapped_column(BigInteger)
    factor_id: Mapped[int | None] = mapped_column(ForeignKey("conversion_factor.id"))
