"""Loading the editions of the lists: one folder of `registry/reference/` is one edition.

A folder holds `edition.toml` (list, edition, treaty, title, dates, source, digests) and CSV
files whose names say what they hold. An edition once loaded is pinned by the digests of its
files: a corrected list is a further edition, never a changed one.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.db import forget
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict
from registry.kernel.text import N_, Message
from registry.substances.models import EditionFile, ListEdition
from registry.substances.service.reference_rows import HANDLERS, Batch, Line, known_codes

REFERENCE = Path(__file__).parents[2] / "reference"
EDITION_FILE = "edition.toml"


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of an edition, read: its lines as dictionaries of text."""

    name: str
    digest: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class EditionFolder:
    """One edition as it lies in its folder."""

    folder: str
    head: Mapping[str, str]
    files: tuple[DataFile, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Return the list and the number of the edition."""
        return self.head["list"], self.head["edition"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load found: rows by edition and file, and which editions were new."""

    added: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    rows: dict[str, dict[str, int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the counts as a JSON object."""
        return {"added": list(self.added), "unchanged": list(self.unchanged), "rows": self.rows}


def load_reference(session: Session, clock: Clock, *, actor: Actor = SYSTEM, folder: Path = REFERENCE) -> Loaded:
    """Load every edition found in `folder` that is not loaded yet; repeating it changes nothing.

    Raises `Conflict` when a file does not have the digest its edition states, or when an edition
    already loaded has come back with other content. Statements per file are constant.
    """
    found = [_read_edition(path.parent) for path in sorted(folder.glob(f"*/{EDITION_FILE}"))]
    pinned = _pinned(session)
    fresh = []
    for edition in found:
        if edition.key in pinned:
            _require_same(edition, pinned[edition.key])
        else:
            fresh.append(edition)
    if fresh:
        _load(session, clock, fresh)
        names = [edition.folder for edition in fresh]
        record(session, actor, clock, "substances.load_reference", ", ".join(names), {"editions": names})
    return Loaded(
        added=tuple(edition.folder for edition in fresh),
        unchanged=tuple(edition.folder for edition in found if edition not in fresh),
        rows={edition.folder: {file.name: len(file.lines) for file in edition.files} for edition in found},
    )


def _read_edition(folder: Path) -> EditionFolder:
    head = tomllib.loads((folder / EDITION_FILE).read_text(encoding="utf-8"))
    stated: dict[str, str] = head.pop("files")
    files = []
    present = {path.name for path in folder.glob("*.csv")}
    if present != set(stated):
        raise Conflict(
            Message(
                N_("edition “%(edition)s” states other files than its folder holds: %(files)s"),
                {"edition": folder.name, "files": ", ".join(sorted(present ^ set(stated)))},
            )
        )
    for name in sorted(stated):
        data = (folder / name).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if digest != stated[name]:
            raise _changed(folder.name, name)
        files.append(DataFile(name, digest, _lines(data)))
    return EditionFolder(folder.name, head, tuple(files))


def _lines(data: bytes) -> tuple[Line, ...]:
    return tuple(csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))


def _pinned(session: Session) -> dict[tuple[str, str], dict[str, str]]:
    rows = session.execute(
        select(ListEdition.list_code, ListEdition.edition, EditionFile.name, EditionFile.digest).join(
            EditionFile, EditionFile.edition_id == ListEdition.id
        )
    )
    pinned: dict[tuple[str, str], dict[str, str]] = {}
    for list_code, edition, name, digest in rows:
        pinned.setdefault((list_code, edition), {})[name] = digest
    return pinned


def _require_same(edition: EditionFolder, pinned: Mapping[str, str]) -> None:
    now = {file.name: file.digest for file in edition.files}
    for name in sorted(now.keys() | pinned.keys()):
        if now.get(name) != pinned.get(name):
            raise _changed(edition.folder, name)


def _changed(edition: str, name: str) -> Conflict:
    return Conflict(
        Message(
            N_(
                "file “%(name)s” of edition “%(edition)s” has changed. A loaded edition never changes:"
                " put the file back, and bring corrections as a further edition in a folder of its own"
            ),
            {"name": name, "edition": edition},
        )
    )


def _load(session: Session, clock: Clock, fresh: Sequence[EditionFolder]) -> None:
    session.execute(insert(ListEdition), [_edition_row(edition, clock) for edition in fresh])
    forget(session)
    ids = {
        (code, number): key
        for key, code, number in session.execute(select(ListEdition.id, ListEdition.list_code, ListEdition.edition))
    }
    session.execute(
        insert(EditionFile),
        [
            {"edition_id": ids[edition.key], "name": file.name, "digest": file.digest, "rows": len(file.lines)}
            for edition in fresh
            for file in edition.files
        ],
    )
    # Substances of every list come first: the Green List prints a salt of a narcotic drug.
    for name, handler in HANDLERS.items():
        batches = [
            Batch(ids[edition.key], edition.head["treaty"], file.lines)
            for edition in fresh
            for file in edition.files
            if file.name == name
        ]
        if batches:
            handler(session, batches, known_codes(session))
    unknown = {file.name for edition in fresh for file in edition.files} - set(HANDLERS)
    if unknown:
        raise Conflict(Message(N_("nobody knows how to load %(names)s"), {"names": ", ".join(sorted(unknown))}))


def _edition_row(edition: EditionFolder, clock: Clock) -> dict[str, object]:
    head = edition.head
    return {
        "list_code": head["list"],
        "edition": head["edition"],
        "treaty": head["treaty"],
        "title": head["title"],
        "valid_from": _day(head["valid_from"]),
        "precision": head["precision"],
        "source": head["source"],
        "retrieved_on": _day(head["retrieved_on"]),
        "remarks": head["remarks"],
        "loaded_at": clock.now(),
    }


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
