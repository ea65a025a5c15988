"""Text that attacks: markup, templates, formulas and percent signs in every field, then shown everywhere.

What people typed must come back as the characters they typed, on pages, in lists, flags, the
audit log and files, and must never be a fault.
"""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from registry.accounts import guard
from registry.accounts.domain import Role
from tests.accounts.test_matrix_live import address, asked, may
from tests.live import OWNER, Country, actor_of, cheap_hashes, country
from tests.permits.acting import COLUMNS
from tests.world import MOVEMENTS, move, table_of, take_in

__all__ = ["cheap_hashes", "country"]

EVIL = '<script>alert(1)</script>{{7*7}} %(name)s 100% %s \U0001f600 ң’"&amp;'
CODE = "<b>%s</b>{{7*7}}%"
QUOTED = EVIL.replace('"', '""')
FIELDS = (
    "username name roles organisation language active password again current code unit form other_ingredients gtin"
    " manufacturer country control components-0-substance components-0-salt components-0-amount_mg reference kind"
    " product quantity partner_country partner planned_on counterpart_number purpose justification version note"
    " ground appeal site occurred_on counterparty batch expires_on permit document prescription year substance item"
    " quantity_g act act_date effective_on choose check take_over reason text file pasted next"
).split()
VALUES = (EVIL, "=%(x)\u202e", "99999999999999999999" + "x" * 70_000)


@pytest.mark.parametrize("username", ["asel", "bakyt", "dinara", OWNER])
def test_no_form_fails_whatever_is_typed(country: Country, username: str) -> None:
    client = country.browser(username)
    role = {"asel": Role.OFFICER, "bakyt": Role.APPROVER, "dinara": Role.ADMINISTRATOR, OWNER: Role.IMPORTER}[username]
    for rule, action in asked(country.app, "POST"):
        if not may(role, action) or rule.endpoint in {"accounts.sign_out", "audit.verify_audit"}:
            continue
        if rule.endpoint.startswith("exchange.") and not rule.endpoint.endswith("_send"):
            continue  # Nothing is typed there.
        for value in VALUES:
            place = address(country, rule)
            settled = {"kind": "import", "site": "E-IMP", "product": "MOR10", "version": "1", "control": "none"}
            told = client.post(place, data=dict.fromkeys(FIELDS, value) | settled)
            assert told.status_code < 500, (place, value[:20])


@pytest.fixture
def hostile(country: Country) -> Country:
    """The country with hostile names and notes on an organisation, a product, a case, a movement and an account."""
    owner = actor_of(country, OWNER)
    with country.rows() as session:
        files = (
            ("organisations", "code,name,kind,address", f'{CODE},"{QUOTED}",pharmacy,"{QUOTED}"'),
            ("products", "code,name,form,unit,other_ingredients", f'{CODE},"{QUOTED}","{QUOTED}",piece,"{QUOTED}"'),
            ("components", "product,substance,salt,amount_mg", f"{CODE},NM 009,sulfate,10"),
            ("licences", "number,organisation,acts,substances,valid_from,valid_to,conditions",
             f'{CODE},{CODE},acquisition;storage;dispensing,narcotic,2023-01-01,2025-12-31,"{QUOTED}"'),
        )  # fmt: skip
        for kind, columns, row in files:
            report = take_in(session, kind, table_of(columns, row), clock=country.clock)
            assert report.written, report.as_json()
        cells = f'{CODE},import,E-IMP,IN,"{QUOTED}",MOR10,10,2024-07-01,{CODE},"{QUOTED}"'
        report = take_in(session, "applications", table_of(COLUMNS, cells), owner, country.clock)
        assert report.written, report.as_json()
        report = move(
            session,
            f'{CODE},2024-05-01,opening_stock,E-IMP,,{CODE},{CODE},10,,,{CODE},,,"{QUOTED}"',
            f"{CODE}2,2024-05-02,supply,E-IMP,{CODE},{CODE},{CODE},5,,,{CODE},,,",
            clock=country.clock,
            columns=MOVEMENTS + ",note",
        )
        assert report.written, report.as_json()
    return country


def clean(page: str) -> list[str]:
    """Return what must not stand in a page: live markup, a computed template."""
    return re.findall(r"<script>alert|<b>%s</b>|49 %\(name\)s|</b>49%|alert\(1\)</script>", page)


def readable(country: Country, client: FlaskClient, role: Role) -> None:
    """Ask every page, with the hostile code where an address or question takes one."""
    for rule, action in asked(country.app, "GET"):
        if not may(role, action):
            continue
        place = address(country, rule)
        for query in ({}, {"q": CODE, "site": CODE, "product": CODE, "subject": CODE}):
            told = client.get(place, query_string=query)
            # 503: this office has no key to sign a paper with.
            assert told.status_code < 500 or (told.status_code == 503 and place.startswith("/documents/")), place
            if told.mimetype == "text/html":
                assert clean(told.text) == [], place
            told.close()


def test_hostile_text_is_only_text(hostile: Country) -> None:
    officer, auditor, owner = (hostile.browser(name) for name in ("asel", "chinara", OWNER))
    readable(hostile, officer, Role.OFFICER)
    readable(hostile, auditor, Role.AUDITOR)
    readable(hostile, owner, Role.IMPORTER)


def test_objects_with_hostile_codes_have_their_pages(hostile: Country) -> None:
    """Every link of a list leads to the page it names, whatever stands in the code."""
    client = hostile.browser("asel")
    for place in ("/products", "/organisations", "/licences", "/cases?state=submitted", "/stock/movements", "/flags"):
        page = client.get(place).text
        assert "&lt;b&gt;%s&lt;/b&gt;{{7*7}}%" in page or place == "/flags", place
        for href in set(
            re.findall(r'href="(/(?:products|organisations|licences|cases|stock/movements|flags)/[^"#]+)"', page)
        ):
            told = client.get(href.replace("&amp;", "&"))
            assert told.status_code in (200, 303, 403), (place, href)


def test_files_hold_no_live_formula(hostile: Country) -> None:
    """A cell that begins like a formula is text in every file that goes out."""
    with hostile.rows() as session:
        report = take_in(
            session,
            "products",
            table_of("code,name,form,unit", "+1,+cmd|' /C calc'!A0,tablet,piece", "@x,-2+3,tablet,piece"),
            clock=hostile.clock,
        )
        assert report.written, report.as_json()
        parts = table_of("product,substance,salt,amount_mg", "+1,NM 009,sulfate,10", "@x,NM 009,sulfate,10")
        assert take_in(session, "components", parts, clock=hostile.clock).written
        rows = ("+9,2024-05-03,opening_stock,E-IMP,,+1,-B,10,,,,,", "+8,2024-05-03,opening_stock,E-IMP,,@x,@B,10,,,,,")
        assert move(session, *rows, clock=hostile.clock).written
    client = hostile.browser(OWNER)
    told = client.get("/stock/month.csv?site=E-IMP&month=2024-05")
    assert told.status_code == 200
    cells = [
        cell.strip('"') for line in told.data.decode("utf-8-sig").splitlines() for cell in re.split("[,;\t]", line)
    ]
    assert [cell for cell in cells if cell[:1] in "=+@" and cell[:1]] == []
    assert not [cell for cell in cells if re.match(r"-[^0-9]|-[0-9]+\+", cell)]


def test_every_page_is_marked(country: Country) -> None:
    assert None not in guard.marks(country.app).values()
