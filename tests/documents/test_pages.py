"""Pages of documents, and the public page: what anybody sees of a permit, and whether a file is genuine."""

from __future__ import annotations

import hashlib
import io
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from registry.documents.domain import PUBLIC_DETAILS
from registry.documents.models import SignedDocument
from registry.documents.pages import COMPARISONS, LOOKS
from registry.kernel.actor import SYSTEM
from registry.parameters import service as parameters
from registry.permits.domain.facts import PermitFact
from registry.permits.queries import permits_by_numbers
from registry.permits.service.stops import stop_permits
from tests.documents.conftest import with_key
from tests.pages import Office, cheap_hashes, office, text_of

__all__ = ["cheap_hashes", "office"]
NUMBER = "P-6"
FILE = f"/documents/permit/ky-ru/file/{NUMBER}"


@pytest.fixture
def signing_office(office: Office, key_file: Path) -> Office:
    settings = office.app.extensions["registry.settings"]
    office.app.extensions["registry.settings"] = with_key(settings, key_file)
    return office


def permit_of(office: Office) -> PermitFact:
    with office.rows() as session:
        return permits_by_numbers(session, [NUMBER])[NUMBER]


def compared(client: FlaskClient, address: str, data: bytes) -> TestResponse:
    return client.post(address, data={"file": (io.BytesIO(data), "paper.pdf")})


def made(office: Office) -> int:
    with office.rows() as session:
        return session.scalar(select(func.count()).select_from(SignedDocument)) or 0


def test_an_officer_downloads_the_same_file_twice(signing_office: Office) -> None:
    asel = signing_office.browser("asel")
    page = asel.get(f"/permits/{NUMBER}")
    assert f'href="/documents/permit/{NUMBER}"' in page.text
    offered = asel.get(f"/documents/permit/{NUMBER}")
    assert FILE in offered.text
    assert f"/documents/certificate/ru-en/file/{NUMBER}" in offered.text
    assert "No document can be made now" not in offered.text
    first, second = asel.get(FILE), asel.get(FILE)
    assert first.status_code == 200
    assert first.mimetype == "application/pdf"
    assert first.data == second.data
    assert hashlib.sha256(first.data).hexdigest() in asel.get(f"/documents/permit/{NUMBER}").text
    with signing_office.rows() as session:
        deeds = session.execute(
            text("SELECT actor, action FROM audit_event WHERE action LIKE 'documents.%' ORDER BY sequence")
        )
        assert [tuple(row) for row in deeds] == [
            ("asel", "documents.make"),
            ("asel", "documents.download"),
            ("asel", "documents.download"),
        ]


def test_without_a_key_the_page_says_so_and_nothing_leaves(office: Office) -> None:
    asel = office.browser("asel")
    assert "No document can be made now" in asel.get(f"/documents/permit/{NUMBER}").text
    answer = asel.get(FILE)
    assert answer.status_code == 503
    assert b"%PDF" not in answer.data
    assert "REGISTRY_SIGNING_KEY_FILE" in text_of(answer)
    assert made(office) == 0


def test_a_firm_has_its_own_documents_only(signing_office: Office) -> None:
    assert signing_office.browser("imran").get(FILE).status_code == 200
    maksat = signing_office.browser("maksat")
    assert maksat.get(FILE).status_code == 404
    assert maksat.get(f"/documents/permit/{NUMBER}").status_code == 404
    assert signing_office.app.test_client().get(FILE).status_code in {302, 303}


@pytest.mark.parametrize(
    "address",
    [
        "/documents/nothing/P-6",
        "/documents/permit/P-none",
        "/documents/permit/fr-de/file/P-6",
        "/documents/refusal/ky-ru/file/P-6",
        "/documents/endorsement/ky-ru/file/P-6",
        "/documents/licence/ky-ru/file/none",
    ],
)
def test_what_does_not_exist_is_not_found(signing_office: Office, address: str) -> None:
    assert signing_office.browser("asel").get(address).status_code == 404


def test_anybody_sees_state_substances_and_days_and_no_more(signing_office: Office) -> None:
    permit = permit_of(signing_office)
    asel = signing_office.browser("asel")
    asel.get(FILE)
    anybody = signing_office.app.test_client()
    page = anybody.get(f"/verify/{permit.token}")
    told = text_of(page)
    assert page.status_code == 200
    assert NUMBER in told
    assert "this permit stands" in told
    assert "NM 009" in told
    assert permit.partner not in told
    assert "120" not in told.replace(permit.token, "")
    assert "noindex" in page.headers["X-Robots-Tag"]
    with signing_office.rows() as session:
        assert session.scalar(select(SignedDocument.digest)) in told
    assert "Set-Cookie" not in page.headers


def test_a_switch_shows_holder_and_quantities(signing_office: Office) -> None:
    permit = permit_of(signing_office)
    with signing_office.work() as session:
        value = parameters.NewValue(PUBLIC_DETAILS, "on", date(2024, 1, 1), "order 5")
        parameters.set_value(session, SYSTEM, signing_office.clock, value)
    told = text_of(signing_office.app.test_client().get(f"/verify/{permit.token}"))
    assert permit.partner in told
    assert "120,000" in told


def test_a_permit_revoked_this_morning_does_not_stand(signing_office: Office) -> None:
    """The paper in hand is genuine; what counts is what the permit is today."""
    permit = permit_of(signing_office)
    data = signing_office.browser("asel").get(FILE).data
    anybody, address = signing_office.app.test_client(), f"/verify/{permit.token}"
    with signing_office.work() as session:
        today = signing_office.clock.today()
        stop_permits(session, SYSTEM, signing_office.clock, [permit], "revoked", today, "false data")
    told = text_of(compared(anybody, address, data))
    assert "goods may not move" in told
    assert "this permit stands" not in told
    assert "revoked" in told
    assert "false data" not in told
    assert "This is the file that was issued." in told


def test_a_file_is_compared_and_not_kept(signing_office: Office) -> None:
    permit = permit_of(signing_office)
    asel = signing_office.browser("asel")
    data = asel.get(FILE).data
    other = asel.get("/documents/licence/ky-ru/file/LIC-E-IMP").data
    anybody, address = signing_office.app.test_client(), f"/verify/{permit.token}"
    assert "This is the file that was issued." in text_of(compared(anybody, address, data))
    for false in (data + b"\n", data[:-1], other, b"", b"no paper"):
        answer = text_of(compared(anybody, address, false))
        assert "This is not a file that was issued" in answer
        assert "This is the file that was issued." not in answer
    empty = anybody.post(address, data={})
    assert empty.status_code == 422
    assert made(signing_office) == 2


def test_an_unknown_word_is_a_page_like_any_other_that_is_not_there(signing_office: Office) -> None:
    anybody = signing_office.app.test_client()
    token = permit_of(signing_office).token
    answers = [anybody.get(f"/verify/{word}") for word in ("x" * 43, token[:-1], token.swapcase(), "' OR 1=1", NUMBER)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text.split("</h1>")[0].split("<h1")[1] for answer in answers}) == 1


def test_who_asks_too_often_waits_a_minute(signing_office: Office) -> None:
    anybody = signing_office.app.test_client()
    address = f"/verify/{permit_of(signing_office).token}"
    assert [anybody.get(address).status_code for _ in range(LOOKS + 1)] == [200] * LOOKS + [429]
    other = anybody.get(address, environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert other.status_code == 200, "another address has its own minute"
    sent = [compared(anybody, address, b"x").status_code for _ in range(COMPARISONS + 1)]
    assert sent == [200] * COMPARISONS + [429]
    signing_office.later(minutes=1)
    assert anybody.get(address).status_code == 200


def test_the_public_page_speaks_three_languages(signing_office: Office) -> None:
    anybody, address = signing_office.app.test_client(), f"/verify/{permit_of(signing_office).token}"
    told = {
        language: text_of(anybody.get(address, headers={"Accept-Language": language}))
        for language in ("ky", "ru", "en")
    }
    assert "уруксат күчүндө" in told["ky"]
    assert "разрешение действует" in told["ru"]
    assert "this permit stands" in told["en"]


def test_a_kept_file_that_was_tampered_with_is_not_handed_out(
    signing_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asel = signing_office.browser("asel")
    data = asel.get(FILE).data
    monkeypatch.setattr("registry.documents.queries.bytes_of", lambda *_: data[:-1] + b"X")
    answer = asel.get(FILE)
    assert answer.status_code == 503
    assert b"%PDF" not in answer.data
