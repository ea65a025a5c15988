"""A ledger of any size, grown through the registry's own posting."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tests import world
from tests.performance import ingest

FILE = 20_000
OPENING = (
    "G-1,2024-01-02,import,E-IMP,,MOR10,A1,200000,P-1,IN,,,",
    "G-2,2024-02-20,supply,E-IMP,E-WHO,MOR10,A1,180000,,,,,",
)


def grow(session: Session, movements: int) -> None:
    """Post `movements` supplies in files of at most 20,000 rows, and a little trade."""
    ingest.open_stock(session)
    report = world.move(session, *OPENING)
    assert report.written, report.as_json()
    for number, start in enumerate(range(0, movements, FILE)):
        ingest.post_file(session, ingest.file_of(number, min(FILE, movements - start)))
