"""One sealed file: a ZIP that any tool opens, whose last 64 characters are the SHA-256 of all before them.

The seal stands in the comment of the archive, so that a flipped byte anywhere is seen, also
in the parts of a ZIP that no checksum of its own covers. It protects against damage; against
forgery protect the place where the file is kept.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from registry.kernel.text import N_, Message
from registry.supervision.service.backup.manifest import BackupRefused, Manifest, read_manifest

MANIFEST = "manifest.json"
SEAL_LENGTH = 64
CHUNK = 1024 * 1024
OWNER_ONLY = 0o600


class Writer:
    """Takes the content in, file by file, and counts its digest."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._digest = hashlib.sha256()
        self.members: list[str] = []

    @property
    def digest(self) -> str:
        """Return the SHA-256 of all content so far."""
        return self._digest.hexdigest()

    @contextmanager
    def member(self, name: str) -> Iterator[IO[bytes]]:
        """Open the next content file for writing."""
        self.members.append(name)
        with self._archive.open(name, "w", force_zip64=True) as inner:
            yield _Counting(inner, self._digest)  # type: ignore[misc]

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, the last part of the archive."""
        self._archive.writestr(MANIFEST, manifest.as_text())


class _Counting:
    """A file that is written and digested at once."""

    def __init__(self, inner: IO[bytes], digest: hashlib._Hash) -> None:
        self._inner = inner
        self._digest = digest

    def write(self, data: bytes | memoryview) -> int:
        """Write and digest."""
        self._digest.update(data)
        return self._inner.write(data)


@contextmanager
def sealed_file(path: Path) -> Iterator[Writer]:
    """Make the backup at `path`: readable by its owner only, there whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    try:
        descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNER_ONLY)
        with os.fdopen(descriptor, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.comment = b"0" * SEAL_LENGTH
                yield Writer(archive)
            seal = _digest_of(file, file.seek(0, os.SEEK_END) - SEAL_LENGTH)
            file.seek(-SEAL_LENGTH, os.SEEK_END)
            file.write(seal.encode())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def require_whole(path: Path) -> Manifest:
    """Return the manifest of a backup after reading every byte of it. Raises `BackupRefused` for any damage."""
    if not path.is_file():
        raise BackupRefused(Message(N_("there is no file %(name)s"), {"name": path.name}))
    size = path.stat().st_size
    damaged = BackupRefused(
        Message(N_("%(name)s is damaged or not a backup: its seal does not fit"), {"name": path.name})
    )
    if size <= SEAL_LENGTH:
        raise damaged
    with path.open("rb") as file:
        seal = _digest_of(file, size - SEAL_LENGTH)
        file.seek(-SEAL_LENGTH, os.SEEK_END)
        if file.read() != seal.encode():
            raise damaged
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = read_manifest(archive.read(MANIFEST))
            digest = hashlib.sha256()
            for name in manifest.members:
                with archive.open(name) as inner:
                    while chunk := inner.read(CHUNK):
                        digest.update(chunk)
    except (zipfile.BadZipFile, KeyError) as error:
        raise damaged from error
    if digest.hexdigest() != manifest.digest:
        raise damaged
    return manifest


@contextmanager
def opened(path: Path, name: str) -> Iterator[IO[bytes]]:
    """Open one content file of a backup for reading."""
    with zipfile.ZipFile(path) as archive, archive.open(name) as inner:
        yield inner


def unpack(path: Path, name: str, target: Path) -> None:
    """Write one content file of a backup to `target`, readable by its owner only."""
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file, opened(path, name) as inner:
        shutil.copyfileobj(inner, file, CHUNK)
        file.flush()
        os.fsync(file.fileno())


def _digest_of(file: IO[bytes], length: int) -> str:
    """Return the SHA-256 of the first `length` bytes."""
    file.seek(0)
    digest = hashlib.sha256()
    left = length
    while left and (chunk := file.read(min(CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest()
