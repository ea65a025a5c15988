"""Acts of destruction: three people sign, then the goods leave the shelf under a number without gaps; the paper."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.accounts import service as accounts
from registry.accounts.queries import actor_named
from registry.counts.domain.acts import AUTHORITY, SITE, THIRD, Act, ActState, Goods
from registry.counts.queries.acts import act_paper, acts
from registry.counts.service.acts import ActAsked, Signing, draft_act, sign_act, withdraw_act
from registry.counts.watches import without_act
from registry.db import unit_of_work
from registry.documents.domain import Amount, Listing
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound, RuleRefused
from registry.kernel.parameters import severity_parameter
from registry.parameters.service import NewValue, set_value
from registry.parties.queries import sites_by_codes
from registry.settings import Settings
from registry.stock.domain.rules import DESTROYED_BY_ACT
from tests.counts.acting import at, hired, lying, product_id
from tests.counts.test_counts import BOOK, stock
from tests.pages import Office, cheap_hashes, office, text_of
from tests.stock.test_rules import severities
from tests.world import BISHKEK, CLOCK, enter, move, table_of, take_in

__all__ = ["cheap_hashes", "office", "stock"]

DAY = date(2024, 7, 10)
NOW = at(DAY)
Three = tuple[Actor, Actor, Actor]


@pytest.fixture
def three(stock: Session) -> Three:
    """Somebody of the wholesaler, an officer, an auditor who signs for the police."""
    with unit_of_work(stock):
        for name, role in (("olga", "officer"), ("umar", "auditor")):
            one = accounts.NewAccount(
                name, name, frozenset({role}), None, language="en", password="long enough for all"
            )
            accounts.create_account(stock, SYSTEM, CLOCK, one)
    return hired(stock, "ann")[0], actor_named(stock, "olga"), actor_named(stock, "umar")


def drafted(
    session: Session,
    actor: Actor,
    day: date = DAY,
    units: int = 500,
    label: str = "A1",
    site: str = "E-WHO",
    **more: str,
) -> int:
    place = sites_by_codes(session, [site])[site]
    values = {"venue": "boiler house", "ground": "expired", "method": "incineration", "note": ""} | more
    goods = [Goods(product_id(session), label, units)] if units else []
    with unit_of_work(session):
        return draft_act(session, actor, NOW, ActAsked(place, day, goods=goods, **values))


def signed(session: Session, actor: Actor, act_id: int, role: str, clock=NOW, **more: str) -> str | None:
    values = {"name": "A. Person", "position": "head", "institution": "interior" if role == THIRD else ""} | more
    with unit_of_work(session):
        return sign_act(session, actor, clock, act_id, Signing(role, **values), "KG")


def act(session: Session, act_id: int) -> Act:
    return acts(session, [act_id])[act_id]


def test_the_last_of_three_signatures_posts_the_destruction_under_a_number(stock: Session, three: Three) -> None:
    ann, olga, umar = three
    first, second = drafted(stock, ann), drafted(stock, ann, units=7)
    assert lying(stock) == BOOK
    assert signed(stock, ann, first, SITE) is None
    assert signed(stock, umar, first, THIRD) is None
    assert (lying(stock), act(stock, first).missing) == (BOOK, (AUTHORITY,))
    assert signed(stock, olga, first, AUTHORITY) == "KG-D-2024-000001"
    assert (lying(stock), act(stock, first).state) == (BOOK - 500, ActState.DONE)
    row = stock.execute(text("SELECT kind, document, occurred_on FROM movement WHERE reference = 'KG-D-2024-000001-1'"))
    kind, document, day = row.one()
    assert (kind, document, str(day)) == ("destroy", "KG-D-2024-000001", DAY.isoformat())
    for who, role in zip((olga, umar, ann), (AUTHORITY, THIRD, SITE), strict=True):
        number = signed(stock, who, second, role)
    assert number == "KG-D-2024-000002"
    assert without_act(stock, NOW) == []
    with pytest.raises(Conflict):
        signed(stock, olga, first, AUTHORITY)


def test_cnt_09_nobody_signs_twice(stock: Session, three: Three) -> None:
    _, olga, umar = three
    number = drafted(stock, three[0])
    signed(stock, olga, number, AUTHORITY)
    with pytest.raises(RuleRefused) as refused:
        signed(stock, olga, number, THIRD)
    assert [each.rule.code for each in refused.value.findings] == ["CNT-09"]
    assert signed(stock, umar, number, THIRD) is None


def test_each_role_is_signed_by_whoever_may(stock: Session, three: Three) -> None:
    ann, olga, umar = three
    number = drafted(stock, ann)
    for who, role in ((ann, AUTHORITY), (ann, THIRD), (olga, SITE), (umar, AUTHORITY)):
        with pytest.raises((Forbidden, NotFound)):
            signed(stock, who, number, role)
    (eve,) = hired(stock, "eve", code="E-PH1", role="pharmacy")
    with pytest.raises(NotFound):
        signed(stock, eve, number, SITE)
    for wrong in ({"name": " "}, {"position": ""}, {"name": "12345678901234"}, {"institution": "press"}):
        with pytest.raises(Invalid):
            signed(stock, umar, number, THIRD, **wrong)
    assert act(stock, number).signatures == ()


def test_what_the_ledger_refuses_is_said_when_the_act_is_drafted(stock: Session, three: Three) -> None:
    ann = three[0]
    drafted(stock, ann, units=BOOK)
    with pytest.raises(RuleRefused) as refused:
        drafted(stock, ann, units=BOOK + 1)
    assert [each.rule.code for each in refused.value.findings] == ["STK-03"]
    for wrong in ({"venue": " "}, {"ground": "tired"}, {"method": "sold"}, {"note": "12345678901234"}):
        with pytest.raises(Invalid):
            drafted(stock, ann, **wrong)
    with pytest.raises(Invalid):
        drafted(stock, ann, units=0)
    assert stock.execute(text("SELECT COUNT(*) FROM movement WHERE document LIKE 'trial%'")).scalar_one() == 0


def test_a_refused_last_signature_leaves_no_gap(stock: Session, three: Three) -> None:
    ann, olga, umar = three
    number = drafted(stock, ann, units=BOOK)
    signed(stock, ann, number, SITE)
    signed(stock, olga, number, AUTHORITY)
    assert move(stock, "L-1,2024-07-09,supply,E-WHO,E-HOS,MOR10,A1,1,,,,,", clock=NOW).written
    with pytest.raises(RuleRefused):
        signed(stock, umar, number, THIRD)
    later = drafted(stock, ann, units=5)
    for who, role in zip(three, (SITE, AUTHORITY, THIRD), strict=True):
        drawn = signed(stock, who, later, role)
    assert drawn == "KG-D-2024-000001"


def test_a_destruction_to_come_is_signed_last_on_its_day(stock: Session, three: Three) -> None:
    ann, olga, umar = three
    number = drafted(stock, ann, DAY + timedelta(days=2))
    signed(stock, ann, number, SITE)
    signed(stock, olga, number, AUTHORITY)
    with pytest.raises(Invalid):
        signed(stock, umar, number, THIRD, at(DAY + timedelta(days=1)))
    assert signed(stock, umar, number, THIRD, at(DAY + timedelta(days=2))) is not None


def test_a_draft_is_taken_back_by_its_site(stock: Session, three: Three) -> None:
    ann, olga, _ = three
    number = drafted(stock, ann)
    with pytest.raises(Invalid), unit_of_work(stock):
        withdraw_act(stock, ann, NOW, number, " ")
    with unit_of_work(stock):
        withdraw_act(stock, ann, NOW, number, "wrong batch")
    assert act(stock, number).state is ActState.WITHDRAWN
    with pytest.raises(Conflict):
        signed(stock, olga, number, AUTHORITY)


def test_stk_27_a_destruction_without_an_act_is_flagged_and_refused_where_the_country_says_so(
    stock: Session, three: Three
) -> None:
    row = "L-1,2024-07-10,destroy,E-WHO,,MOR10,A1,5,,,,,"
    assert severities(enter(stock, row, clock=NOW), "STK-27") == ["flag"]
    assert [each.subject for each in without_act(stock, NOW)] == ["movement L-1"]
    assert severities(enter(stock, row.replace("destroy", "spoil").replace("L-1", "L-2"), clock=NOW), "STK-27") == []
    with unit_of_work(stock):
        weight = severity_parameter(DESTROYED_BY_ACT)
        set_value(stock, SYSTEM, CLOCK, NewValue(weight, "refuse", DAY, "No. 1"))
    for reference, day, severity in (("L-3", "2024-07-09", "flag"), ("L-4", "2024-07-10", "refuse")):
        again = row.replace("L-1", reference).replace("2024-07-10", day)
        assert severities(enter(stock, again, clock=NOW), "STK-27") == [severity]
    number = drafted(stock, three[0])
    for who, role in zip(three, (SITE, AUTHORITY, THIRD), strict=True):
        drawn = signed(stock, who, number, role)
    assert drawn is not None, "an act is no destruction without one"


def test_the_paper_says_who_signed_and_what_base_was_destroyed(stock: Session, three: Three) -> None:
    number = drafted(stock, three[0])
    for who, role in zip(three, (SITE, AUTHORITY, THIRD), strict=True):
        drawn = signed(stock, who, number, role)
    assert drawn is not None
    paper = act_paper(stock, drawn, Settings())
    assert paper is not None
    goods, signatures = (part for part in paper.content.parts if isinstance(part, Listing))
    assert goods.rows[0][1] == "A1"
    assert isinstance(goods.rows[0][4], Amount)
    assert goods.rows[0][4].value > Fraction(3)
    assert [str(row[3]) for row in signatures.rows] == ["the site", "the authority", "internal affairs"]
    assert act_paper(stock, "KG-D-2024-000009", Settings()) is None


def test_the_pages_of_acts(office: Office) -> None:
    office.at(datetime(2024, 7, 10, 12, tzinfo=BISHKEK))
    rows = "reference,occurred_on,kind,site,counterparty,product,batch,quantity,permit,country,document,prescription,expires_on"
    with office.rows() as session:
        took = "O-1,2024-01-01,opening_stock,E-IMP,,MOR10,OLD,20,,,,,2024-06-30"
        fresh = "O-2,2024-01-01,opening_stock,E-IMP,,MOR10,NEW,30,,,,,2026-06-30"
        assert take_in(session, "movements", table_of(rows, took, fresh), SYSTEM, office.clock).written
    imran = office.browser("imran")
    form = imran.get("/counts/acts/new?site=E-IMP")
    assert 'value="20"' in form.text
    assert 'value="30"' not in form.text, "only what has expired is filled in"
    with office.rows() as session:
        batch = session.execute(text("SELECT id FROM batch WHERE label = 'OLD'")).scalar_one()
    act = {"destroyed_on": "10.07.2024", "venue": "boiler house", "ground": "expired", "method": "incineration"}
    assert imran.post("/counts/acts/new?site=E-IMP", data=act).status_code == 422
    too_much = imran.post("/counts/acts/new?site=E-IMP", data=act | {f"batch-{batch}": "21"})
    assert too_much.status_code == 422
    assert "STK-03" in too_much.text
    assert imran.post("/counts/acts/new?site=E-IMP", data=act | {f"batch-{batch}": "x"}).status_code == 422
    kept = imran.post("/counts/acts/new?site=E-IMP", data=act | {f"batch-{batch}": "20"})
    assert kept.status_code == 303, text_of(kept)
    address = kept.headers["Location"]
    official = {"name": "A. Person", "position": "head", "institution": "interior"}
    assert imran.post(f"{address}/signature", data=official | {"name": ""}).status_code == 422
    assert imran.post(f"{address}/signature", data=official).status_code == 303
    asel, bakyt = office.browser("asel"), office.browser("bakyt")
    assert asel.post(f"{address}/authority", data=official).status_code == 303
    assert "CNT-09" in asel.post(f"{address}/third", data=official).text
    assert bakyt.post(f"{address}/third", data=official).status_code == 303
    shown = imran.get(address)
    assert "KG-D-2024-000001" in text_of(shown)
    assert "/documents/destruction/KG-D-2024-000001" in shown.text
    assert imran.get("/documents/destruction/KG-D-2024-000001").status_code == 200
    assert imran.get("/documents/destruction/ky-ru/file/KG-D-2024-000001").status_code == 503, "no key, no paper"
    assert office.browser("maksat").get(address).status_code == 404
    assert office.browser("maksat").get("/documents/destruction/KG-D-2024-000001").status_code == 404
    assert "KG-D-2024-000001" in text_of(asel.get("/counts/acts"))
