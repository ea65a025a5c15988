"""Pages of organisations and licences; a firm sees its own only."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.conftest import BISHKEK
from tests.pages import Office, cheap_hashes, office, text_of
from tests.world import table_of, take_in

__all__ = ["cheap_hashes", "office"]


def test_the_authority_sees_all_organisations(office: Office) -> None:
    client = office.browser("asel")
    page = text_of(client.get("/organisations"))
    for code in ("E-IMP", "E-WHO", "E-PH1", "E-OST"):
        assert code in page
    narrowed = text_of(client.get("/organisations?kind=pharmacy"))
    assert "E-PH1" in narrowed
    assert "E-HOS" not in narrowed
    assert "E-HOS" in text_of(client.get("/organisations?q=больница"))
    assert "No organisation fits" in text_of(client.get("/organisations?q=xyzzy"))


def test_regions_are_those_recorded(office: Office) -> None:
    client = office.browser("asel")
    with office.rows() as session:
        take_in(session, "organisations", table_of("code,name,kind,region", "E-OSH,Osh pharmacy,pharmacy,KG-O"))
    page = text_of(client.get("/organisations?region=KG-O"))
    assert page.count("Osh Region") == 2  # in the choice and in the row
    assert "E-OSH" in page
    assert "E-PH1" not in page
    assert "E-PH1" in text_of(client.get("/organisations?region=KG-X"))


def test_a_firm_sees_itself_only(office: Office) -> None:
    client = office.browser("imran")
    page = text_of(client.get("/organisations"))
    assert "E-IMP" in page
    assert "E-WHO" not in page
    assert client.get("/organisations/E-IMP").status_code == 200
    assert client.get("/organisations/E-WHO").status_code == 403
    assert client.get("/organisations/NO-SUCH").status_code == 403
    assert ("imran", "parties.read") in office.refusals()


def test_one_organisation_with_its_sites_and_licences(office: Office) -> None:
    client = office.browser("asel")
    page = text_of(client.get("/organisations/E-IMP"))
    for part in ("Ала-Тоо Импорт", "importer, wholesale level", "main site", "LIC-E-IMP", "valid"):
        assert part in page
    assert client.get("/organisations/NO-SUCH").status_code == 404


def test_revisions_stay_readable(office: Office) -> None:
    with office.rows() as session:
        take_in(session, "organisations", table_of("code,name,kind,region", "E-PH1,Renamed pharmacy,pharmacy,KG-GB"))
    office.at(datetime(2026, 11, 23, 9, 0, tzinfo=BISHKEK))
    page = text_of(office.browser("asel").get("/organisations/E-PH1"))
    assert "Renamed pharmacy" in page
    assert "Дарыкана № 1" in page


def test_licences_by_state_on_the_day(office: Office) -> None:
    client = office.browser("asel")
    assert "LIC-E-IMP" in text_of(client.get("/licences?state=valid"))
    assert "No licence fits" in text_of(client.get("/licences?state=ended"))
    office.at(datetime(2025, 12, 1, 9, 0, tzinfo=BISHKEK))
    client = office.browser("asel")
    assert "LIC-E-IMP" in text_of(client.get("/licences?state=ending"))
    office.at(datetime(2026, 1, 1, 9, 0, tzinfo=BISHKEK))
    client = office.browser("asel")
    assert "LIC-E-IMP" in text_of(client.get("/licences?state=ended"))
    assert "No licence fits" in text_of(client.get("/licences?state=valid"))


def test_licences_by_act_and_organisation(office: Office) -> None:
    client = office.browser("asel")
    imports = text_of(client.get("/licences?act=import"))
    assert "LIC-E-MAK" in imports
    assert "LIC-E-WHO" not in imports
    one = text_of(client.get("/licences?organisation=E-WHO"))
    assert "LIC-E-WHO" in one
    assert "LIC-E-MAK" not in one
    assert "No licence fits" in text_of(client.get("/licences?organisation=NO-SUCH"))


def test_a_licence_in_words(office: Office) -> None:
    client = office.browser("asel")
    row = "L-77,E-WHO,acquisition;storage,NM 009;1971:IV;1988:I;precursor,2024-01-01,2024-12-31,E-WHO,12.5"
    with office.rows() as session:
        columns = "number,organisation,acts,substances,valid_from,valid_to,site,limit_g"
        report = take_in(session, "licences", table_of(columns, row))
        assert report.written, report.as_json()
    page = text_of(client.get("/licences/L-77"))
    for part in ("NM 009 morphine", "Schedule IV of the 1971 Convention", "Table I of the 1988 Convention",
                 "all precursors", "acquisition", "storage", "12.5 g"):  # fmt: skip
        assert part in page
    assert client.get("/licences/NO-SUCH").status_code == 404


def test_a_firm_sees_its_own_licences_only(office: Office) -> None:
    client = office.browser("polina")
    page = text_of(client.get("/licences"))
    assert "LIC-E-PH1" in page
    assert "LIC-E-IMP" not in page
    assert "LIC-E-IMP" not in text_of(client.get("/licences?organisation=E-IMP"))
    assert client.get("/licences/LIC-E-PH1").status_code == 200
    assert client.get("/licences/LIC-E-IMP").status_code == 403
    assert client.get("/licences/NO-SUCH").status_code == 403


@pytest.mark.parametrize("address", ["/organisations?size={size}", "/licences?size={size}"])
def test_long_lists_take_no_more_statements(office: Office, address: str) -> None:
    client = office.browser("asel")
    few, many = (office.statements(client, address.format(size=size)) for size in (1, 100))
    assert few == many


@pytest.mark.parametrize("address", ["/permits?organisation=E-IMB", "/licences?organisation=E-IMB"])
def test_near_codes_are_offered_to_the_authority_only(office: Office, address: str) -> None:
    said = "there is no organisation with the code “E-IMB”. Near to it: E-"
    assert said in text_of(office.browser("asel").get(address))
    assert "Near to it" not in text_of(office.browser("maksat").get(address))


def test_a_mistyped_address_offers_what_is_near(office: Office) -> None:
    officer, firm = office.browser("asel"), office.browser("maksat")
    page = officer.get("/organisations/E-IMB")
    assert page.status_code == 404
    assert "Near to it: " in text_of(page)
    assert "E-IMP" in text_of(page)
    answer = firm.get("/organisations/E-IMB")
    assert answer.status_code == 403
    assert "E-IMP" not in text_of(answer)
    assert "Near to it: MOR10" in text_of(officer.get("/products/MOR1"))
    assert "NM 009" in text_of(officer.get("/substances/NM 00"))
    created = office.browser("dinara").post(
        "/accounts/new",
        data={"username": "n", "name": "N", "roles": "importer", "organisation": "E-IMB", "language": "en"},
    )
    assert "Near to it: " in text_of(created)
