"""The signed document of a permit for programs: the same bytes as on the page, and none without a key."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from registry.documents import queries
from tests.api.programs import program
from tests.documents.conftest import NOW
from tests.pages import Office, build, cheap_hashes, close, office

__all__ = ["cheap_hashes", "office"]

ADDRESS = "/documents/permit/ky-ru/P-6"


@pytest.fixture
def signing_office(stocked_url: str, tmp_path: Path, key_file: Path, cheap_hashes: None) -> Iterator[Office]:
    password = str(key_file.with_suffix(".password"))
    app = build(stocked_url, tmp_path, signing_key_file=str(key_file), signing_password_file=password)
    yield Office(app, NOW.replace(tzinfo=UTC))
    close(app)


def test_a_program_has_the_document_its_holder_may_read(signing_office: Office) -> None:
    told = program(signing_office, "imran").read(ADDRESS)
    data = base64.b64decode(told["content"])
    assert data.startswith(b"%PDF")
    assert told["sha256"] == hashlib.sha256(data).hexdigest()
    page = signing_office.browser("imran").get("/documents/permit/ky-ru/file/P-6")
    assert page.data == data
    with signing_office.rows() as session:
        assert len(queries.kept_documents(session, "permit", "P-6")) == 1
    asking = program(signing_office, "asel")
    for wrong in ("/documents/permit/ky-ru/P-99", "/documents/permit/de-fr/P-6", "/documents/poem/ky-ru/P-6"):
        assert asking.get(wrong).status_code == 404, wrong
    assert program(signing_office, "maksat").get(ADDRESS).status_code == 404


def test_without_a_key_there_is_none(office: Office) -> None:
    refused = program(office, "imran").get(ADDRESS)
    assert refused.status_code == 503
    assert refused.mimetype == "application/problem+json"
    with office.rows() as session:
        assert queries.kept_documents(session, "permit", "P-6") == []
