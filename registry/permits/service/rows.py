"""What files of permits and of applications have in common: codes looked up, quantities read in the product's unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from registry.intake.check import Report
from registry.kernel.errors import Problem
from registry.kernel.fields import BadCell, scaled_quantity
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit
from registry.kernel.text import N_, Message
from registry.mergers.domain import PRODUCT, SITE
from registry.parties.domain import SiteFact
from registry.parties.queries import near_codes, sites_by_codes
from registry.substances.domain.facts import RevisionFact, revision_on
from registry.substances.queries.near import unknown_products
from registry.substances.queries.products import revisions_for_products

OF_LINES = frozenset({"product", "quantity"})


@dataclass(frozen=True, slots=True)
class Known:
    """Organisations and products that the rows of a file name."""

    sites: Mapping[str, SiteFact]
    near_sites: Mapping[str, tuple[str, ...]]
    products: Mapping[str, Sequence[RevisionFact]]
    unknown: Mapping[str, Message]


MERGED = {"organisation": SITE, "product": PRODUCT}
"""Columns that may name a record that was merged into another."""


@dataclass(frozen=True, slots=True)
class Named:
    """Organisation, product revision and whole units of account of one row."""

    organisation_id: int
    revision: RevisionFact
    units: int


def look_up(session: Session, rows: Sequence[Mapping[str, Any]], today: date) -> Known:
    """Look up what all rows name; the number of statements does not grow with them."""
    codes = {row["organisation"] for row in rows if row["organisation"]}
    sites = sites_by_codes(session, codes)
    wanted = {row["product"] for row in rows if row["product"]}
    products = revisions_for_products(session, wanted, today)
    unknown = unknown_products(session, wanted - products.keys())
    return Known(sites, near_codes(session, codes - sites.keys()), products, unknown)


def named_in(known: Known, row: Mapping[str, Any], day: date, report: Report) -> Named | None:
    """Return what a row names, with the revision in force on `day`; None after its problems went into `report`."""
    before = len(report.problems)
    site = known.sites.get(row["organisation"])
    if site is None:
        near = ", ".join(known.near_sites.get(row["organisation"], ()))
        msgid = (
            N_("there is no organisation with the code “%(code)s”. Near to it: %(near)s")
            if near
            else N_("there is no organisation with the code “%(code)s”")
        )
        problem(report, row, "organisation", "unknown-organisation", msgid, code=row["organisation"], near=near)
    elif not site.is_main:
        msgid = N_("“%(code)s” is a site of “%(organisation)s”: name the organisation")
        said = {"code": site.code, "organisation": site.organisation_code}
        problem(report, row, "organisation", "not-an-organisation", msgid, **said)
    revisions = known.products.get(row["product"], ())
    if not revisions:
        if row["product"] in known.unknown:
            report.problems.append(
                Problem(place(row, "product"), "unknown-product", known.unknown[row["product"]], row["row"])
            )
        return None
    revision = revision_on(revisions, day)
    units = 0
    try:
        units = scaled_quantity(row["quantity"], UNITS_OF_ACCOUNT[Unit(revision.unit)].places)
    except BadCell as bad:
        report.problems.append(Problem(place(row, "quantity"), bad.code, bad.message, row["row"]))
    if site is None or len(report.problems) > before:
        return None
    return Named(site.organisation_id, revision, units)


def problem(report: Report, row: Mapping[str, Any], column: str, code: str, msgid: str, /, **params: object) -> None:
    """Keep one problem of a cell."""
    report.problems.append(Problem(place(row, column), code, Message(msgid, params), row["row"]))


def place(row: Mapping[str, Any], column: str) -> str:
    """Return where a cell stands: its column, in a document with lines ``lines.1.quantity``."""
    return f"lines.{row['line']}.{column}" if row.get("line") is not None and column in OF_LINES else column
