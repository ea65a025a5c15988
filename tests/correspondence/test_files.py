"""A permit's file: round trip, twenty kinds of damage, hostile files, the kept schemas, what stays inside."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from lxml import etree

from registry.correspondence.domain.bounds import MOST_SUBSTANCES
from registry.correspondence.domain.facts import exact_text
from registry.correspondence.domain.permit_file import NAMESPACE, NAMESPACES, PERMIT
from registry.correspondence.domain.tree import Data, leaves
from registry.correspondence.mapping_file import load_mapping
from registry.correspondence.reading import LARGEST, XSD, read_file, read_versioned
from registry.correspondence.writing import json_bytes, xml_bytes
from registry.kernel.errors import Invalid
from registry.web.locale import translate_in
from tests.correspondence.files import foreign, permits
from tests.depth import EXAMPLES
from tests.docs import schemas
from tests.docs.markdown import blocks

GOOD = xml_bytes(foreign()).decode()


def xsd() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(XSD)))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(permits)
def test_what_is_written_is_read_again_in_both_formats(data: Data) -> None:
    written, told = xml_bytes(data), json_bytes(data)
    assert read_file(written) == read_file(told) == data
    assert (xml_bytes(read_file(told)), json_bytes(read_file(written))) == (written, told)
    assert xsd().validate(etree.fromstring(written))
    Draft202012Validator(json.loads(schemas.json_schema())).validate(json.loads(told))


def test_the_kept_schemas_are_those_of_the_tree() -> None:
    for path, make in schemas.KEPT.items():
        assert path.read_text(encoding="utf-8") == make(), f"{path.name}: run make reference"


def cut(pattern: str, by: str) -> Callable[[str], str]:
    def damage(text: str) -> str:
        changed, count = re.subn(pattern, by, text, count=1, flags=re.S)
        assert count == 1, pattern
        return changed

    return damage


DAMAGES: dict[str, tuple[Callable[[str], str], str, str]] = {
    "no number": (cut(r"<number>IN-P-6</number>", ""), "missing", "/permit/identity/number"),
    "no validity": (cut(r"<validity>.*</validity>", ""), "missing", "/permit/validity"),
    "no lines": (cut(r"<lines>.*</lines>", ""), "missing", "/permit/lines"),
    "empty list": (cut(r"<lines>.*</lines>", "<lines/>"), "empty", "/permit/lines"),
    "empty number": (cut(r">IN-P-6<", "><"), "empty", "/permit/identity/number"),
    "unknown member": (cut(r"<trade>", "<mood>calm</mood><trade>"), "unknown-member", "/permit/identity/mood"),
    "unknown group": (cut(r"<authority>", "<notes/><authority>"), "unknown-member", "/permit/notes"),
    "repeated": (cut(r"(<trade>export</trade>)", r"\1\1"), "repeated", "/permit/identity/trade"),
    "wrong order": (
        cut(r"(<kind>export</kind>)\s*(<trade>export</trade>)", r"\2\1"),
        "wrong-order",
        "/permit/identity/kind",
    ),
    "no such kind": (cut(r"<kind>export", "<kind>smuggle"), "bad-value", "/permit/identity/kind"),
    "no such day": (cut(r"2024-06-03", "2024-06-31"), "bad-value", "/permit/validity/issued_on"),
    "day of an office": (cut(r"2024-06-03", "03.06.2024"), "bad-value", "/permit/validity/issued_on"),
    "country in words": (cut(r"<country>IN<", "<country>India<"), "bad-value", "/permit/authority/country"),
    "comma": (cut(r"<quantity>120000", "<quantity>1,5"), "bad-value", "/permit/lines/line[1]/quantity"),
    "negative": (cut(r"<quantity>", "<quantity>-"), "bad-value", "/permit/lines/line[1]/quantity"),
    "exponent": (cut(r"<base_grams>900", "<base_grams>9e2"), "bad-value", "/permit/lines/line[1]/substances/substance[1]/base_grams"),
    "division by zero": (cut(r"3/4", "3/0"), "bad-value", "/permit/lines/line[1]/substances/substance[1]/factor"),
    "no such unit": (cut(r"<unit>piece", "<unit>dozen"), "bad-value", "/permit/lines/line[1]/unit"),
    "attribute": (cut(r"<identity>", "<identity secret='1'>"), "attribute", "/permit/identity"),
    "text between": (cut(r"<identity>", "<identity>and also"), "text", "/permit/identity"),
    "group as text": (cut(r"<validity>.*</validity>", "<validity>always</validity>"), "text", "/permit/validity"),
    "text as group": (cut(r">IN-P-6<", "><b>IN</b><"), "not-text", "/permit/identity/number"),
    "strange entry": (cut(r"<lines>", "<lines><row/>"), "unknown-member", "/permit/lines/row"),
    "other namespace": (cut(r"<trade>", "<trade xmlns='urn:x'>"), "unknown-member", "/permit/identity/{urn:x}trade"),
    "too long": (cut(r">Supplier<", f">{'S' * 301}<"), "bad-value", "/permit/parties/exporter/name"),
    "blanks around": (cut(r">IN-P-6<", "> IN-P-6<"), "bad-value", "/permit/identity/number"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_refused_by_the_schema_and_by_us_in_words(name: str) -> None:
    damage, code, place = DAMAGES[name]
    broken = damage(GOOD)
    assert not xsd().validate(etree.fromstring(broken.encode()))
    with pytest.raises(Invalid) as refused:
        read_file(broken.encode())
    found = {problem.column: problem for problem in refused.value.problems}
    assert found[place].code == code
    expected = next(
        (
            n
            for n, line in enumerate(broken.splitlines(), 1)
            if f"<{place.split('/')[-1].split('[')[0].split('}')[-1]}" in line
        ),
        None,
    )
    if code not in ("missing", "repeated", "wrong-order") and place.count("/") > 1 and "parties" not in place:
        assert found[place].row == expected
    assert found[place].row is not None
    said = {language: translate_in(language, found[place].message) for language in ("en", "ru", "ky")}
    assert len(set(said.values())) == 3, said


def test_every_problem_comes_at_once_and_with_its_path_in_json() -> None:
    data = foreign()
    data["identity"]["mood"] = "calm"
    data["lines"][0]["quantity"] = 5
    data["lines"].append("two")
    del data["validity"]["issued_on"]
    with pytest.raises(Invalid) as refused:
        read_file(json.dumps({"format": NAMESPACE, "permit": data}).encode())
    assert {(one.column, one.code) for one in refused.value.problems} == {
        ("/permit/identity/mood", "unknown-member"),
        ("/permit/validity/issued_on", "missing"),
        ("/permit/lines/line[1]/quantity", "not-text"),
        ("/permit/lines/line[2]", "not-a-group"),
    }


def with_bases(bases: Iterable[str]) -> Data:
    """Return a permit of as many substances, a thousand in one line."""
    data = foreign()
    all_of_them = [{"name": f"s{n}", "base_grams": base} for n, base in enumerate(bases)]
    for first in range(0, len(all_of_them), 1000):
        data["lines"].append(data["lines"][0] | {"substances": all_of_them[first : first + 1000]})
    return data


@pytest.mark.parametrize("write", [json_bytes, xml_bytes])
def test_what_makes_sums_endless_is_refused_at_its_path(write: Callable[[Data], bytes]) -> None:
    good = with_bases(["1/999999999999999999999999999999", "0.000000000000000000000000000001"])
    assert read_file(write(good)) == good
    for bases, place, code in (
        (
            [
                "1/999999999999999999999999999999",
                "1/999999999999999999999999999998",
                "1/999999999999999999999999999997",
            ],
            "/permit/lines/line[2]/substances/substance[3]/base_grams",
            "too-fine",
        ),
        (["1"] * MOST_SUBSTANCES, "/permit/lines", "too-many"),
    ):
        with pytest.raises(Invalid) as refused:
            read_file(write(with_bases(bases)))
        assert [(one.column, one.code) for one in refused.value.problems] == [(place, code)]


def test_half_a_character_is_told_with_its_path() -> None:
    text = json.dumps({"format": NAMESPACE, "permit": {"a\ud800": 1, "lines": [{"unit": "\udc00"}], "b": "\U0001f600"}})
    with pytest.raises(Invalid) as refused:
        read_file(text.encode())
    found = refused.value.problems
    assert {one.column for one in found} == {"/permit/a?", "/permit/lines[1]/unit"}
    assert {one.code for one in found} == {"half-character"}
    assert "".join(str(one.message) for one in found).encode()


def test_a_number_of_any_length_is_written() -> None:
    assert [exact_text(each) for each in (Fraction(1, 8), Fraction(-1, 3))] == ["0.125", "-1/3"]
    for number in (Fraction(1, 3**20_000), Fraction(10**9000, 3), Fraction(1, 2**20_000), Fraction(-(7**9000), 9)):
        written = Fraction(exact_text(number))
        assert abs(written - number) <= abs(number) / 10**50


LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
HOSTILE: dict[str, bytes] = {
    "billion laughs": f"<!DOCTYPE p [<!ENTITY l0 'ha'>{LAUGHS}]><permit xmlns='{NAMESPACE}'>&l9;</permit>".encode(),
    "quadratic": f"<!DOCTYPE p [<!ENTITY a '{'a' * 50_000}'>]><permit xmlns='{NAMESPACE}'>{'&a;' * 50_000}</permit>".encode(),
    "external entity": f"<!DOCTYPE p [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><permit xmlns='{NAMESPACE}'>&x;</permit>".encode(),
    "external dtd": f"<!DOCTYPE permit SYSTEM 'http://127.0.0.1:1/x.dtd'><permit xmlns='{NAMESPACE}'/>".encode(),
    "parameter entity": b"<!DOCTYPE p [<!ENTITY % x SYSTEM 'http://127.0.0.1:1/x'>%x;]><p/>",
    "entity without a declaration": GOOD.replace("IN-P-6", "&nothing;").encode(),
    "utf-16 that hides a declaration": f"<!DOCTYPE p [<!ENTITY x 'y'>]><permit xmlns='{NAMESPACE}'/>".encode("utf-16"),
    "utf-7 declared": b"<?xml version='1.0' encoding='UTF-7'?>+ADw-+ACE-DOCTYPE p+AD4-<p/>",
    "deep": b"<a>" * 100_000,
    "deep and closed": b"<a>" * 100_000 + b"</a>" * 100_000,
    "deep below a permit": GOOD.replace("<trade>", "<trade>" + "<a>" * 300).encode(),
    "many attributes": b"<p " + b" ".join(b"a%d='1'" % n for n in range(60_000)) + b"/>",
    "many elements": f"<permit xmlns='{NAMESPACE}'>{'<x/>' * 200_000}</permit>".encode(),
    "too large": GOOD.encode().ljust(LARGEST + 1),
    "include": f"<permit xmlns='{NAMESPACE}' xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='/etc/passwd'/></permit>".encode(),
    "schema of their own": GOOD.replace("<permit ", "<permit xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='x http://127.0.0.1:1/x' evil='1' ").encode(),
    "style sheet alone": b"<?xml-stylesheet href='http://127.0.0.1:1/x'?>",
    "not well-formed": GOOD[:-20].encode(),
    "null character": GOOD.replace("IN-P-6", "IN\x00").encode(),
    "empty": b"",
    "a picture": bytes(range(256)),
    "many unknown members": b'{"format": "%s", "permit": {%s}}' % (NAMESPACE.encode(), b",".join(b'"m%d":1' % n for n in range(80_000))),
    "deep JSON": b'{"a":' * 100_000,
    "deep list": b'{"format": ' + b"[" * 100_000,
    "endless number": b'{"format": ' + b"9" * 900_000 + b"}",
    "halves at the end of a long way": b'{"a":' * 900 + b"[" + b'"\\ud800",' * 70_000 + b"1]" + b"}" * 900,
    "twice": b'{"format": "x", "format": "y"}',
    "endless fractions": json_bytes(with_bases("1/" + str(10**29 + 3 * n) for n in range(4000))),
    "more substances than a permit has": json_bytes(with_bases("1" for _ in range(5001))),
    "not a number": b'{"format": NaN}',
    "half a character": b'{"format": "' + NAMESPACE.encode() + b'", "permit": {"identity": {"number": "\\ud800"}}}',
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_soon_and_safely(name: str) -> None:
    # Seconds of the processor, not of a clock: the machine of the tests may be busy with others.
    begun = time.process_time()
    with pytest.raises(Invalid) as refused:
        read_file(HOSTILE[name])
    assert time.process_time() - begun < 2
    said = " ".join(str(problem.message) for problem in refused.value.problems)
    assert "root:" not in said
    assert len(said) < 40_000


def test_comments_instructions_and_a_byte_order_mark_change_nothing() -> None:
    noted = GOOD.replace("IN-P-6", "IN<!-- a note -->-P<?print now?>-6").replace("<trade>", "<!-- x --><trade>")
    assert read_file(b"\xef\xbb\xbf" + noted.encode()) == foreign()


def test_no_leaf_is_left_without_words_and_no_name_stands_for_what_stays_inside() -> None:
    names = [path for path, _ in leaves(PERMIT)]
    assert len(names) == len(set(names)) > 100
    assert not [name for name in names if re.search("note|flag|check|reason|justif|quota|stock|officer", name)]
    tree = etree.parse(str(XSD))
    assert len(tree.findall(f".//{schemas.XS}documentation")) > 100


def test_the_guide_shows_every_member_and_its_examples_are_good(tmp_path: Path) -> None:
    guide = schemas.GUIDE.read_text(encoding="utf-8")
    assert blocks(guide) == {"permit-file": schemas.fields_table()}, "run make reference"
    (example,) = re.findall(r"```xml\n(.*?)```", guide, flags=re.S)
    assert read_file(example.encode())["identity"]["number"] == "IN-P-6"
    assert xml_bytes(read_file(example.encode())).decode() == example
    mapping = tmp_path / "example.toml"
    mapping.write_text(re.findall(r"```toml\n(.*?)```", guide, flags=re.S)[0])
    schema = load_mapping(mapping)
    assert schema.read(schema.write(foreign()))["lines"][0]["substances"][0]["base_grams"] == "900"


PUBLISHED_1 = {
    "permit-1.xsd": "1be9bf905e0758ed28f83eed40e367f02eaeb2920455270c2cc0d31ade344ad6",
    "permit-1.schema.json": "74101061e015ede6b01580cbb96a5ae580630256555f27a7c1a24733b2cd95ba",
}


def test_version_1_never_changes_and_is_still_read() -> None:
    for name, digest in PUBLISHED_1.items():
        assert hashlib.sha256(XSD.with_name(name).read_bytes()).hexdigest() == digest
    first = NAMESPACES["1"]
    written = xml_bytes(foreign(), first)
    assert first.encode() in written
    told = json_bytes(foreign()).replace(NAMESPACE.encode(), first.encode())
    assert read_versioned(written) == read_versioned(told) == ("1", foreign())
    assert read_versioned(xml_bytes(foreign())) == ("2", foreign())


@pytest.mark.parametrize(
    "write",
    [lambda data: xml_bytes(data, NAMESPACES["1"]), lambda data: json_bytes(data).replace(b"permit:2", b"permit:1")],
)
def test_version_1_holds_nothing_of_version_2(write: Callable[[Data], bytes]) -> None:
    newer = foreign(identity={"number": "IN-P-6", "eaeu_number": "12345/202600001", "kind": "export"})
    assert read_file(xml_bytes(newer)) == newer
    with pytest.raises(Invalid) as refused:
        read_file(write(newer))
    assert {problem.code for problem in refused.value.problems} == {"schema"}
