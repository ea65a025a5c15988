"""A file handed out: its name reaches the reader's disk whatever letters it has (RFC 6266)."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from flask import Response

_PLAIN = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\"\\/:*?<>|%;]+")
_NOT_ASCII = re.compile(r"[^\x20-\x7e]+")


def download(content: bytes, media_type: str, name: str) -> Response:
    """Return `content` as a file called `name`; signs that no disk takes become hyphens."""
    answer = Response(content, content_type=media_type)
    answer.headers["Content-Disposition"] = disposition(name)
    return answer


def disposition(name: str) -> str:
    """Return the header for a file name; letters beyond ASCII stand in ``filename*``, with a plain name beside it."""
    safe = _UNSAFE.sub("-", unicodedata.normalize("NFC", name)).strip(" .-") or "file"
    if _PLAIN.fullmatch(safe):
        return f"attachment; filename={safe}"
    plain = _NOT_ASCII.sub("-", unicodedata.normalize("NFKD", safe).replace("\u0306", "")).strip(" -")
    plain = f"file{plain}" if not plain or plain.startswith(".") else plain
    if safe.isascii():
        return f'attachment; filename="{safe}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"
