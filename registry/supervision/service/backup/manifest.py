"""What a backup says of itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from registry.kernel.errors import RegistryError
from registry.kernel.text import N_, Message

FOLDER = "backups"
ENDING = ".registry.zip"
FORMAT = 1

Progress = Callable[[str, int, int], None]
"""Told what is worked on, how much of it is done and how much there is."""


class BackupRefused(RegistryError):
    """A backup that cannot be made, is damaged, or does not fit this installation."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`schema_head`: the migration the content belongs to. `rows`: table -> number of its rows.

    `columns`: table -> its columns in the order of the content (PostgreSQL only). `digest`:
    SHA-256 over the content files, unpacked, in the order of `members`.
    """

    registry_version: str
    schema_head: str | None
    database: str
    made_at: str
    rows: Mapping[str, int]
    columns: Mapping[str, list[str]]
    members: list[str]
    digest: str
    format: int = FORMAT

    def as_text(self) -> str:
        """Return the manifest as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)


def read_manifest(text: bytes) -> Manifest:
    """Read a manifest. Raises `BackupRefused` for what is none, or one of a later format."""
    try:
        manifest = Manifest(**json.loads(text))
    except (ValueError, TypeError) as error:
        raise BackupRefused(Message(N_("the file is not a backup of this registry"))) from error
    if manifest.format != FORMAT:
        raise BackupRefused(
            Message(
                N_("the backup has format %(found)s, this version reads %(known)s"),
                {"found": manifest.format, "known": FORMAT},
            )
        )
    return manifest
