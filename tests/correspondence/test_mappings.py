"""Official schemas as one file: read and written, there and back, and every fault of a mapping told with its line."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.app import create_app
from registry.correspondence.catalogue import OWN
from registry.correspondence.domain.tree import Data
from registry.correspondence.mapping_file import FOLDER, BadMapping, load_mapping, official_schemas
from registry.kernel.errors import Invalid
from registry.settings import Settings
from tests.api.programs import program
from tests.correspondence.files import foreign
from tests.pages import Office, build, cheap_hashes, close, text_of

__all__ = ["cheap_hashes"]

INVENTED = Path(__file__).parent / "mappings" / "invented.toml"
SOURCE = INVENTED.read_text(encoding="utf-8")
KEPT = ("identity", "validity", "authority", "parties", "foreign_document", "lines", "logistics")
THEIRS = b"""<?xml version='1.0' encoding='utf-8'?>
<TradeAuthorisation xmlns="urn:example:invented-authorisation:3">
 <Head schemaVersion="3">
  <No>IN-P-6</No>
  <Type>EXP</Type>
  <Dates issued="03/06/2024" expires="30/11/2024" />
  <Authority country="IN">Authority of an Invented Port</Authority>
  <Reference>P-6</Reference>
 </Head>
 <Importer>
  <Name>Importer and wholesaler</Name>
 </Importer>
 <Exporter>
  <Name>Supplier</Name>
 </Exporter>
 <Route>
  <Through>AE</Through>
  <Through>UZ</Through>
 </Route>
 <Goods>
  <Item>
   <Description>Morphine sulfate 10 mg tablets</Description>
   <Amount unit="PCE">120000</Amount>
   <Active ids="NM 009">
    <INN>morphine</INN>
    <PureKilograms>0.9</PureKilograms>
   </Active>
  </Item>
 </Goods>
</TradeAuthorisation>
"""


def permit() -> Data:
    return foreign(logistics={"route": ["AE", "UZ"]})


def narrowed(data: Data) -> Data:
    """Return of a permit what the invented schema holds."""
    line, part = data["lines"][0], data["lines"][0]["substances"][0]
    return {
        "identity": {name: data["identity"][name] for name in ("number", "kind")},
        "validity": data["validity"],
        "authority": data["authority"],
        "parties": {role: {"name": one["name"]} for role, one in data["parties"].items()},
        "foreign_document": {"number": data["foreign_document"]["number"]},
        "lines": [
            {
                "product": {"name": line["product"]["name"]},
                "quantity": line["quantity"],
                "unit": line["unit"],
                "substances": [{name: part[name] for name in ("name", "code", "base_grams")}],
            }
        ],
        "logistics": data["logistics"],
    }


def test_a_permit_is_written_in_their_schema_and_read_back() -> None:
    schema = load_mapping(INVENTED)
    assert schema.write(permit()) == THEIRS
    assert schema.read(THEIRS) == narrowed(permit())
    assert schema.write(schema.read(THEIRS)) == THEIRS


def test_several_lines_substances_and_what_their_schema_holds_beside() -> None:
    schema = load_mapping(INVENTED)
    data = permit()
    data["lines"] = [data["lines"][0], json.loads(json.dumps(data["lines"][0]))]
    data["lines"][1]["substances"] *= 2
    data["lines"][1]["quantity"] = "0.5"
    read = schema.read(schema.write(data).replace(b"<Importer>", b"<Importer><Phone>1</Phone>"))
    assert [line["quantity"] for line in read["lines"]] == ["120000", "0.5"]
    assert [len(line["substances"]) for line in read["lines"]] == [1, 2]


def test_json_of_somebody_else(tmp_path: Path) -> None:
    path = tmp_path / "plain.toml"
    text = (
        SOURCE.replace('format = "xml"', 'format = "json"')
        .replace("/@", "/")
        .replace('name = "invented"', 'name = "plain"')
    )
    text = text.replace('"Head/Authority/country"', '"Head/Country"').replace(
        '"Goods/Item/Amount/unit"', '"Goods/Item/Unit"'
    )
    path.write_text(text.replace('"Goods/Item/Active/ids"', '"Goods/Item/Active/Code"'))
    schema = load_mapping(path)
    written = schema.write(permit())
    assert json.loads(written)["TradeAuthorisation"]["Route"] == {"Through": ["AE", "UZ"]}
    assert schema.read(written) == narrowed(permit())
    exact = written.replace(b'"0.9"', b"0.9000000000000000000001").replace(b'"120000"', b"120000")
    assert schema.read(exact)["lines"][0]["substances"][0]["base_grams"] == "900.0000000000000000001"
    with pytest.raises(Invalid):
        schema.read(b"[]")


WRONG: dict[str, tuple[Callable[[bytes], bytes], str, str]] = {
    "their word is unknown": (lambda one: one.replace(b">EXP<", b">XXX<"), "bad-value", "Head/Type (/permit/identity/kind)"),
    "their day is none": (lambda one: one.replace(b"03/06/2024", b"2024-06-03x"), "bad-value", "Head/Dates/@issued (/permit/validity/issued_on)"),
    "no number": (lambda one: one.replace(b"<No>IN-P-6</No>", b""), "missing", "Head/No (/permit/identity/number)"),
    "no goods": (lambda one: re.sub(rb"<Goods>.*</Goods>", b"", one, flags=re.S), "missing", "/permit/lines"),
    "figure in words": (lambda one: one.replace(b">0.9<", b">much<"), "bad-value", "Goods/Item/Active/PureKilograms (/permit/lines/line[1]/substances/substance[1]/base_grams)"),
    "figure of endless digits": (lambda one: one.replace(b">0.9<", b">1e999999999<"), "bad-value", "Goods/Item/Active/PureKilograms (/permit/lines/line[1]/substances/substance[1]/base_grams)"),
    "our own format": (lambda one: b"<permit xmlns='urn:narcotics-registry:permit:1'/>", "wrong-root", ""),
    "a declaration": (lambda one: one.replace(b"<Trade", b"<!DOCTYPE x><Trade", 1), "doctype", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_their_file_is_told_at_its_place(name: str) -> None:
    damage, code, place = WRONG[name]
    with pytest.raises(Invalid) as refused:
        load_mapping(INVENTED).read(damage(THEIRS))
    assert (place, code) in {(one.column, one.code) for one in refused.value.problems}


def test_what_their_schema_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        load_mapping(INVENTED).write(permit() | {"identity": {"number": "1", "kind": "emergency"}})
    assert [one.code for one in refused.value.problems] == ["no-word"]
    single = re.sub(
        r'\[\[list\]\]\nours = "lines/line/substances/substance"\ntheirs = "Goods/Item/Active"\n', "", SOURCE
    )
    path = tmp_path / "single.toml"
    path.write_text(single)
    schema = load_mapping(path)
    assert schema.read(schema.write(permit())) == narrowed(permit())
    two = permit()
    two["lines"][0]["substances"] *= 2
    with pytest.raises(Invalid) as several:
        schema.write(two)
    assert [one.code for one in several.value.problems] == ["several"]


def line_of(text: str, needle: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if needle in line)


FAULTS: dict[str, tuple[str, str, str, str]] = {
    "no such field": ('"identity/number"', '"identity/numbr"', "identity/numbr", "near to it: identity/number"),
    "no such key": ("codes = { import", "code = { import", "code = {", "known are"),
    "no such setting": ('root = "', 'rot = "', "rot =", "known are"),
    "no such format": ('format = "xml"', 'format = "edi"', "edi", "xml, json"),
    "no such word of ours": ("{ import =", "{ importt =", "importt", "is not right for"),
    "two words alike": ('export = "EXP"', 'export = "IMP"', 'export = "IMP"', "could not be read back"),
    "a number that is none": ("times = 1000", "times = 0", "times = 0", "above zero"),
    "value without a side": ('theirs = "Head/@schemaVersion"\n', "", "[[fixed]]", "either"),
    "not below its list": (
        'theirs = "Goods/Item/Amount"',
        'theirs = "Goods/Amount"',
        '"Goods/Amount"',
        "does not stand below",
    ),
    "the same place twice": ('theirs = "Importer/Name"', 'theirs = "Head/No"', "[[field]]", "already"),
    "not a table": ("[[fixed]]", "[fixed]", "[fixed]", "table"),
    "broken TOML": ('root = "Trade', "root = Trade", "root = ", "Invalid value"),
    "a needed field is missing": (
        'ours = "lines/line/unit"',
        'ours = "purpose/stated"',
        "# A schema",
        "lines/line/unit",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_of_a_mapping_is_told_with_its_line(name: str, tmp_path: Path) -> None:
    old, new, where, said = FAULTS[name]
    assert old in SOURCE
    text = SOURCE.replace(old, new, 1)
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(BadMapping) as refused:
        load_mapping(path)
    lines = {int(each.split(":")[1]): each for each in str(refused.value).splitlines()}
    expected = line_of(text, where) if where != "[[field]]" else None
    found = [each for number, each in lines.items() if said in each and expected in (None, number)]
    assert found, refused.value


def test_a_registry_with_a_mapping_it_cannot_read_does_not_start(tmp_path: Path) -> None:
    folder = tmp_path / OWN
    folder.mkdir()
    (folder / "bad.toml").write_text(SOURCE.replace('format = "xml"', 'format = "edi"'))
    with pytest.raises(BadMapping, match=r"bad\.toml:4"):
        create_app(Settings(database_url="sqlite://", instance=str(tmp_path), secret_key="tests"))
    for name in ("a", "b"):
        shutil.copy(INVENTED, folder / f"{name}.toml")
    (folder / "bad.toml").unlink()
    with pytest.raises(BadMapping, match="already"):
        official_schemas(folder)
    assert official_schemas(FOLDER) == {}, "a mapping of a real schema is tested with a file of its authority"


def test_one_file_is_all_it_takes(stocked_url: str, tmp_path: Path, cheap_hashes: None) -> None:
    (tmp_path / OWN).mkdir()
    shutil.copy(INVENTED, tmp_path / OWN)
    app = build(stocked_url, tmp_path)
    office = Office(app)
    client = office.browser("asel")
    assert "An invented schema (XML)" in text_of(client.get("/permits/P-6"))
    given = client.get("/permit-files/invented/P-6")
    assert given.data.startswith(b"<?xml")
    assert b"<No>P-6</No>" in given.data
    assert program(office, "asel").read("/permit-files/P-6?format=invented")["content"].encode() == given.data
    form = {"file": (io.BytesIO(THEIRS), "theirs.xml"), "schema": "invented", "about": ""}
    taken = client.post("/counterparts/new", data=form, content_type="multipart/form-data")
    assert taken.status_code == 303
    assert "IN-P-6" in text_of(client.get(taken.headers["Location"]))
    told = program(office, "asel").post("/counterparts?schema=invented", THEIRS, media="application/xml")
    assert (told.status_code, told.get_json()["format"]) == (201, "invented")
    run = app.test_cli_runner().invoke(args=["permit", "receive", str(INVENTED), "--schema", "nobody"])
    assert (run.exit_code, "invented" in run.stderr) == (1, True)
    close(app)
