"""Pages of seizures: the register, one seizure, what became of it, withdrawal; who sees them; three languages."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from registry.accounts.domain import FIRM_ROLES, Role
from registry.audit.models import AuditEvent
from registry.db import db
from registry.seizures.queries import seizures_by_references
from tests.databases import Databases
from tests.stock.page_site import Site, counted_statements, use_cheap_hashes
from tests.world import table_of, take_in

HEAD = "reference,seized_on,substance,quantity_g,origin_country,place,disposal,disposed_on,document,disposal_document"
ROWS = (
    "S/1,2026-03-05,NH 001,1200.5,TJ,Batken,,,KUSP 17,",
    "S-2,2026-04-05,NH 001,99.5,TJ,Osh,destroyed,2026-05-01,,COURT 4",
    "S-3,2025-04-05,NC 001,3000,,,,,,",
)
READERS = {"officer", "approver", "statistician", "auditor"}


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from use_cheap_hashes(monkeypatch)


@pytest.fixture
def site(databases: Databases, tmp_path: Path) -> Iterator[Site]:
    made = Site(databases.copy_of(databases.stocked()), tmp_path)
    with made.app.app_context():
        assert take_in(db.session(), "seizures", table_of(HEAD, *ROWS)).written
    yield made
    made.close()


def text_of(answer) -> str:
    plain = html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).replace("\u00a0", " ").replace("\u202f", " ")
    return " ".join(plain.split())


def test_the_register_shows_totals_of_the_year_and_the_youngest_first(site: Site) -> None:
    page = text_of(site.browser("statistician").get("/seizures/"))
    assert "heroin (NH 001) Tajikistan (TJ) 2 1,300 g 99.5 g" in page
    assert page.index("S-2 5 Apr 2026") < page.index("S/1 5 Mar 2026") < page.index("S-3 5 Apr 2025")
    assert "destroyed, 1 May 2026" in page
    assert "Send a file" not in page


def test_the_register_is_narrowed(site: Site) -> None:
    client = site.browser("officer")
    page = text_of(client.get("/seizures/?year=2025"))
    assert "S-3" in page
    assert "S-2" not in page
    assert "cannabis (NC 001) not known 1 3,000 g –" in page
    page = text_of(client.get("/seizures/?substance=nh-001&state=held&q=batken"))
    assert "S/1" in page
    assert "S-2" not in page
    assert "No seizure fits." in text_of(client.get("/seizures/?substance=XX+999"))
    assert client.get("/seizures/?year=nothing&state=what&page=9").status_code == 200


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM}))
def test_only_the_authority_reads_and_only_officers_write(site: Site, role: Role) -> None:
    client = site.browser(role.value, "E-IMP" if role in FIRM_ROLES else None)
    reads = 200 if role.value in READERS else 403
    assert [client.get(path).status_code for path in ("/seizures/", "/seizures/S-2")] == [reads, reads]
    writes = 422 if role == Role.OFFICER else 403
    assert client.post("/seizures/S/1/disposal").status_code == writes
    assert client.post("/seizures/S/1/withdrawal").status_code == writes
    assert client.get("/files/seizures").status_code == (200 if role == Role.OFFICER else 403)
    offered = 'action="/seizures/S/1/disposal"' in client.get("/seizures/S/1").text
    assert offered is (role == Role.OFFICER)


def test_what_became_of_the_goods_is_recorded_once(site: Site) -> None:
    client = site.browser("officer")
    form = {"disposal": "released", "disposed_on": "01.06.2026", "disposal_document": "COURT 9"}
    answer = client.post("/seizures/S/1/disposal", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/seizures/S/1")
    page = client.get("/seizures/S/1")
    assert "released for licit use Day of the disposal 1 Jun 2026 Court or procedural act COURT 9" in text_of(page)
    assert "/disposal" not in page.text
    # The same again changes nothing, anything else is refused.
    assert client.post("/seizures/S/1/disposal", data=form).status_code == 303
    answer = client.post("/seizures/S/1/disposal", data=form | {"disposal": "destroyed"})
    assert answer.status_code == 422
    assert "recorded already with other content" in text_of(answer)
    with site.app.app_context():
        events = db.session().scalars(select(AuditEvent).where(AuditEvent.actor == "officer", AuditEvent.action.like("seizures.%"))).all()  # fmt: skip
        assert [(one.action, one.outcome) for one in events] == [("seizures.record", "done"), ("seizures.write", "refused")]  # fmt: skip


def test_every_mistake_stands_beside_its_field(site: Site) -> None:
    client = site.browser("officer")
    page = text_of(client.post("/seizures/S/1/disposal", data={"disposal": "", "disposed_on": ""}))
    assert page.count("This field is required.") == 4  # in the summary and beside each field
    page = text_of(client.post("/seizures/S/1/disposal", data={"disposal": "destroyed", "disposed_on": "04.03.2026"}))
    assert "2026-03-04 is before seized_on, 2026-03-05" in page
    page = text_of(client.post("/seizures/S/1/disposal", data={"disposal": "destroyed", "disposed_on": "31.02.2026"}))
    assert "is not a day" in page
    page = text_of(client.post("/seizures/S/1/withdrawal", data={"reason": "of 12345678901234"}))
    assert "seems to hold a personal number" in page
    with site.app.app_context():
        fact = seizures_by_references(db.session(), ["S/1"])["S/1"]
        assert (fact.disposal, fact.withdrawal) == (None, None)


def test_a_seizure_entered_by_mistake_counts_nowhere(site: Site) -> None:
    client = site.browser("officer")
    assert client.post("/seizures/S-2/withdrawal", data={"reason": "entered twice"}).status_code == 303
    page = client.get("/seizures/S-2")
    assert "Entered by mistake, it counts nowhere: entered twice" in text_of(page)
    assert "/withdrawal" not in page.text
    page = text_of(client.get("/seizures/"))
    assert "S-2" not in page
    assert "1 1,200.5 g –" in page
    assert "S-2" in text_of(client.get("/seizures/?state=withdrawn"))
    assert client.post("/seizures/S-2/withdrawal", data={"reason": "again"}).status_code == 422


def test_what_there_is_not_is_not_found(site: Site) -> None:
    client = site.browser("officer")
    assert client.get("/seizures/S-9").status_code == 404
    assert client.post("/seizures/S-9/disposal").status_code == 404
    assert client.post("/seizures/S-9/withdrawal", data={"reason": "why"}).status_code == 404


def test_form_c_leads_to_the_seizures_behind_a_figure(site: Site) -> None:
    client = site.browser("statistician")
    page = client.get("/returns/C/2026")
    assert "Part IV. Seizures of drugs" in text_of(page)
    [href] = re.findall(r'href="([^"]*column=seized)"', page.text)
    explained = client.get(html.unescape(href))
    assert "All entries together: 1,300 g" in text_of(explained)
    assert 'href="/seizures/S/1"' in explained.text
    figures = json.loads(client.get("/returns/C/2026.json").data)["figures"]
    assert [(one["part"], one["column"], one["exact_g"]) for one in figures] == [("IV", "seized", "1300"), ("IV", "disposed", "99.5")]  # fmt: skip
    for name in ("xlsx", "pdf", "csv", "xml"):
        assert client.get(f"/returns/C/2026.{name}").status_code == 200


def test_a_file_of_seizures_is_sent_on_the_page(site: Site) -> None:
    client = site.browser("officer")
    body = f"{HEAD}\nS-7,2026-07-01,NH 001,5,,,,,,\n".encode()
    data = {"file": (io.BytesIO(body), "seizures.csv")}
    place = client.post("/files/seizures", data=data, content_type="multipart/form-data").headers["Location"]
    assert client.get(place).status_code == 200
    assert client.post(f"{place}/confirm").status_code == 303
    assert "S-7 1 Jul 2026 heroin (NH 001) 5 g" in text_of(client.get("/seizures/"))
    assert client.get("/files/seizures/template.xlsx").data.startswith(b"PK")


@pytest.mark.parametrize("path", ["/seizures/", "/seizures/?state=disposed&q=N", "/returns/C/2026/explain?substance=NH+001&column=seized"])  # fmt: skip
def test_the_number_of_statements_does_not_grow_with_the_rows(site: Site, path: str) -> None:
    client = site.browser("officer")
    counts = []
    for first, last in ((0, 5), (5, 200)):
        with site.app.app_context():
            rows = [f"N-{n},2026-11-01,NH 001,1,,,destroyed,2026-11-02,," for n in range(first, last)]
            assert take_in(db.session(), "seizures", table_of(HEAD, *rows)).written
        client.get(path)
        with counted_statements() as seen:
            assert client.get(path).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("language", "words"), [("ky", "Алып коюулар"), ("ru", "Изъятия"), ("en", "Seizures")])
def test_pages_answer_in_every_language(site: Site, language: str, words: str) -> None:
    client = site.browser("officer", language=language)
    for path in ("/seizures/", "/seizures/S-2", "/returns/C/2026", "/returns/C/2026/explain?substance=NH+001&column=disposed"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 200
        assert f'lang="{language}"' in answer.text
    assert words in client.get("/seizures/").text
