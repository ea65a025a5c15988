"""Pages of substances and products, as officers, administrators and firms see them."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.pages import Office, cheap_hashes, office, text_of

__all__ = ["cheap_hashes", "office"]


def test_a_substance_is_found_by_any_name(office: Office) -> None:
    client = office.browser("polina")
    for words in ("NM 009", "nm009", "morphine", "57-27-2"):
        page = text_of(client.get("/substances", query_string={"q": words}))
        assert 'href="/substances/NM%20009"' in page, words
    assert "No substance fits" in text_of(client.get("/substances?q=xyzzy"))


def test_a_trade_name_only_suggests(office: Office) -> None:
    page = text_of(office.browser("asel").get("/substances?q=Abstral"))
    assert "A trade name only suggests a substance" in page
    assert "NF 001" in page


def test_the_list_is_narrowed_by_treaty_and_schedule(office: Office) -> None:
    client = office.browser("asel")
    psychotropic = text_of(client.get("/substances?treaty=1971&size=500"))
    assert "PD 006" in psychotropic
    assert "NM 009" not in psychotropic
    fourth = text_of(client.get("/substances?treaty=1971&schedule=1971:IV&size=500"))
    assert "PD 006" in fourth
    assert "PL 002" not in fourth
    assert client.get("/substances?treaty=nonsense").status_code == 200


def test_one_substance(office: Office) -> None:
    page = text_of(office.browser("asel").get("/substances/nm-009"))
    for part in ("morphine", "1961:I", "75 %", "MOR10", "the entry of INCB's list stands in for it"):
        assert part in page
    assert "ok" not in page.partition("Conversion to anhydrous base")[2].split()
    assert "check: the printed figure differs" in page
    assert office.browser("asel").get("/substances/NX 999").status_code == 404


def test_the_editions_say_where_they_come_from(office: Office) -> None:
    page = text_of(office.browser("imran").get("/substances/editions"))
    assert "by a later edition" in page


def test_a_product_shows_its_arithmetic(office: Office) -> None:
    page = text_of(office.browser("polina").get("/products/MOR10"))
    assert "10 mg × 75 % = 7.5 mg / piece" in page
    assert "from the beginning" in page
    assert "Record a revision" not in page
    assert office.browser("polina").get("/products/NONE").status_code == 404


NEW = {
    "code": "TRI5",
    "unit": "piece",
    "name": "Morphine sulfate 5 mg tablets",
    "form": "tablet",
    "control": "auto",
    "components-0-substance": "nm009",
    "components-0-salt": "sulfate pentahydrate",
    "components-0-amount_mg": "5",
}


def test_an_officer_records_a_product(office: Office) -> None:
    client = office.browser("asel")
    assert client.get("/products/new").status_code == 200
    answer = client.post("/products/new", data=NEW)
    assert (answer.status_code, answer.location) == (303, "/products/TRI5")
    assert "5 mg × 75 % = 3.75 mg" in text_of(client.get("/products/TRI5"))
    again = client.post("/products/new", data=NEW)
    assert again.status_code == 422
    assert "there is a product with this code already" in text_of(again)


def test_all_problems_at_once_and_what_was_typed_is_kept(office: Office) -> None:
    wrong = NEW | {"country": "XX", "components-0-amount_mg": "1e400", "components-1-substance": "NX 999"}
    answer = office.browser("asel").post("/products/new", data=wrong)
    page = text_of(answer)
    assert answer.status_code == 422
    for part in ("is not a country code", "is not a number we can hold exactly", "This field is required", "1e400"):
        assert part in page
    assert office.browser("asel").get("/products/TRI5").status_code == 404


def test_a_salt_that_fits_nothing_is_refused_beside_its_cell(office: Office) -> None:
    answer = office.browser("asel").post("/products/new", data=NEW | {"components-0-salt": "nonsense"})
    assert answer.status_code == 422
    assert 'id="components-0-salt-error"' in answer.text
    assert office.browser("asel").get("/products/TRI5").status_code == 404


REVISED = {
    "name": "Morphine sulfate 10 mg coated tablets",
    "form": "tablet",
    "control": "auto",
    "components-0-substance": "NM 009",
    "components-0-salt": "sulfate pentahydrate",
    "components-0-amount_mg": "10",
}


def test_a_revision_leaves_the_earlier_one(office: Office) -> None:
    client = office.browser("asel")
    form = client.get("/products/MOR10/revise").text
    assert 'value="NM 009"' in form
    assert 'value="10"' in form
    assert client.post("/products/MOR10/revise", data=REVISED).status_code == 303
    page = text_of(client.get("/products/MOR10"))
    assert "Morphine sulfate 10 mg coated tablets" in page
    assert "Morphine sulfate 10 mg tablets" in page
    same = client.post("/products/MOR10/revise", data=REVISED)
    assert same.status_code == 422
    assert "nothing differs" in text_of(same)


def test_a_component_is_never_taken_away(office: Office) -> None:
    stated = {name: value for name, value in REVISED.items() if not name.startswith("components")}
    answer = office.browser("asel").post("/products/MOR10/revise", data=stated)
    assert answer.status_code == 422
    assert "a recorded component is never taken away" in text_of(answer)


def test_the_officer_decides_an_undecided_product(office: Office) -> None:
    client = office.browser("asel")
    two = NEW | {
        "code": "TWO1",
        "other_ingredients": "paracetamol 500 mg",
        "components-0-substance": "NC 005",
        "components-0-salt": "phosphate hemihydrate",
        "components-1-substance": "ND 008",
        "components-1-salt": "base",
        "components-1-amount_mg": "8",
    }
    assert client.post("/products/new", data=two).status_code == 303
    assert "TWO1" in text_of(client.get("/products?decision=undecided"))
    assert "Set the control" in text_of(client.get("/products/TWO1"))
    answer = client.post("/products/TWO1/control", data={"control": "schedule_iii_1961"})
    assert answer.status_code == 303
    page = text_of(client.get("/products/TWO1"))
    assert "Set the control" not in page
    assert "TWO1" not in text_of(client.get("/products?decision=undecided"))


@pytest.mark.parametrize("username", ["imran", "polina", "chinara", "bakyt"])
def test_only_those_with_the_right_write(office: Office, username: str) -> None:
    client = office.browser(username)
    assert client.get("/products/new").status_code == 403
    assert client.post("/products/new", data=NEW).status_code == 403
    assert client.post("/products/MOR10/revise", data=REVISED).status_code == 403
    assert client.post("/products/MOR10/control", data={"control": "none"}).status_code == 403


def test_nobody_reads_without_signing_in(office: Office) -> None:
    answer = office.app.test_client().get("/products/MOR10")
    assert answer.status_code == 303
    assert "/sign-in" in answer.location


def test_long_lists_take_no_more_statements(office: Office) -> None:
    client = office.browser("asel")
    assert office.statements(client, "/substances?size=5") == office.statements(client, "/substances?size=500")
    assert office.statements(client, "/products?size=1") == office.statements(client, "/products?size=100")


def test_national_classes_and_what_is_controlled_elsewhere_stand_with_the_editions(office: Office) -> None:
    reader = office.browser("imran")
    page = text_of(reader.get("/substances/editions"))
    assert "potent substance" in page
    assert "stops acts without a right" in page
    assert "(1R,2S)-(-)-chloroephedrine" in page
    assert "None of them is controlled here" in page
    reader.post("/language/ky")
    kyrgyz = reader.get("/substances/editions").text
    assert "күчтүү таасир этүүчү зат" in kyrgyz
    assert '<span lang="en">live organism' in kyrgyz, "the list has no Kyrgyz name of this class"


def test_a_national_entry_names_its_class_in_the_reader_s_language(office: Office) -> None:
    with office.work() as session:
        session.execute(
            text(
                "INSERT INTO national_entry (edition_id, substance_id, class_id, act, act_date, valid_from)"
                " SELECT c.edition_id, s.id, c.id, 'Decree 1', '2025-01-01', '2025-01-01' FROM substance s, national_class c"
                " WHERE s.code = 'NM 009' AND c.code = 'potent'"
            )
        )
    reader = office.browser("imran")
    assert "potent substance" in text_of(reader.get("/substances/NM 009"))
    reader.post("/language/ru")
    assert "сильнодействующее вещество" in text_of(reader.get("/substances/NM 009"))
