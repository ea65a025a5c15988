"""A site of substitution therapy with something on its shelves, and sheets written as rows of a file."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.intake.check import Report, check_table
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.clock import Clock
from registry.therapy.domain.sheets import COLUMNS
from registry.therapy.service import record_sheets
from tests.world import CLOCK, move, table_of, take_in

DAY = "2024-03-01"
LICENCE = (
    "number,organisation,acts,substances,valid_from,valid_to",
    "LIC-OST-2,E-OST,acquisition;storage;dispensing;processing,narcotic;psychotropic,2023-01-01,2026-12-31",
)
PRODUCTS = (
    "code,name,form,unit",
    "MET1,Methadone hydrochloride 1 mg/ml working solution,oral solution,ml",
    "BUP8,Buprenorphine 8 mg sublingual tablets,tablet,piece",
)
COMPONENTS = ("product,substance,salt,amount_mg", "MET1,NM 002,hydrochloride,1", "BUP8,PB 006,hydrochloride,8")
PLAIN = {"site": "E-OST", "product": "MET5", "sheet_on": DAY, "observed_doses": "0", "observed_quantity": "0"}


def open_site(session: Session) -> None:
    """Give the site of the example year what it needs: a licence to dilute, a working solution, stock."""
    for kind, rows in (("licences", LICENCE), ("products", PRODUCTS), ("components", COMPONENTS)):
        report = take_in(session, kind, table_of(*rows))
        assert report.written, report.as_json()
    opened = move(
        session,
        "O-1,2024-02-01,opening_stock,E-OST,,MET5,K1,1000,,,,,2025-01-31",
        "O-2,2024-02-01,opening_stock,E-OST,,MET5,K2,500,,,,,2024-06-30",
        "O-3,2024-02-01,opening_stock,E-OST,,BUP8,B1,100,,,,,",
    )
    assert opened.written, opened.as_json()


def sheet(**cells: str) -> dict[str, str]:
    """Return one row, empty of doses unless told."""
    return PLAIN | cells


def keep(
    session: Session, *rows: dict[str, str], entered: bool = False, actor: Actor = SYSTEM, clock: Clock = CLOCK
) -> Report:
    """Keep sheets as the edge does: committed when nothing is refused, rolled back otherwise."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(row.get(name, "") for name in names) for row in rows]
    checked = check_table(table_of(",".join(names), *lines), COLUMNS)
    report = None
    try:
        with unit_of_work(session):
            report = record_sheets(session, actor, clock, checked, "test", entered=entered)
            if report.refused:
                raise _Refused
            report.written = True
    except _Refused:
        pass
    assert report is not None
    return report


class _Refused(Exception):
    pass
