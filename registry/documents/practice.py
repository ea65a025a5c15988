"""A practice key in files: made once, its password beside it, readable by the owner only."""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from pathlib import Path

from registry.documents.signing import practice_key

OWNER_ONLY = 0o600
PRACTICE_KEY = "practice-key.p12"
"""Name of the key the demo makes for itself, in the instance folder."""


def write_practice_key(path: Path, name: str, now: datetime) -> Path:
    """Write a new practice key to `path` and its password beside it; return where the password is."""
    password = secrets.token_urlsafe(24)
    beside = path.with_suffix(".password")
    _write(beside, password.encode())
    _write(path, practice_key(name, now, password.encode()))
    return beside


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    with os.fdopen(handle, "wb") as target:
        target.write(data)
