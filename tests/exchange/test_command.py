"""``flask import`` and ``flask template``: answers, exit codes, all or nothing, what is kept of the attempt."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import event

from registry.accounts import policy
from registry.db import db
from registry.exchange.catalogue import NOT_YET, UnknownKind, file_kinds, kind_named
from registry.exchange.service import SentFile, action_of, take_in
from registry.exchange.template import blank_workbook
from registry.intake.reader import Limits, read_table
from registry.kernel.actor import SYSTEM
from registry.parties.queries import find_sites
from tests.accounts.conftest import Site

GOOD = "code,name,kind\nA,Аптека № 1,pharmacy\nB,Store,wholesaler\n"
BAD = "code,name,kind\nA,Аптека № 1,shop\n,Store,wholesaler\n"


def run(site: Site, *arguments: str) -> tuple[int, str, str]:
    answer = site.app.test_cli_runner().invoke(args=list(arguments))
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return answer.exit_code, answer.stdout, answer.stderr


def sites(site: Site) -> int:
    with site.app.app_context():
        return find_sites(db.session()).total


def written(folder: Path, text: str, name: str = "file.csv") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_is_written_and_answered_as_the_contract_says(site: Site, tmp_path: Path) -> None:
    code, out, _ = run(site, "import", "organisations", written(tmp_path, GOOD), "--json")
    assert code == 0
    assert json.loads(out) == {
        "kind": "organisations", "rows": 2, "accepted": 2, "duplicates": 0, "written": True, "errors": [], "findings": [],
    }  # fmt: skip
    assert sites(site) == 2
    code, out, _ = run(site, "import", "organisations", written(tmp_path, GOOD), "--json")
    assert (code, json.loads(out)["duplicates"], sites(site)) == (0, 2, 2)
    assert site.events("exchange.take_in")[0] == ("system", "exchange.take_in", "organisations file.csv", "done")


def test_any_error_writes_nothing_and_is_recorded(site: Site, tmp_path: Path) -> None:
    code, out, err = run(site, "import", "organisations", written(tmp_path, BAD), "--json")
    answer = json.loads(out)
    assert (code, answer["written"], sites(site)) == (1, False, 0)
    assert [(e["row"], e["column"], e["code"]) for e in answer["errors"]] == [
        (2, "kind", "unknown-value"),
        (3, "code", "missing"),
    ]
    assert all(e["message"] for e in answer["errors"])
    assert err == ""
    assert [outcome for *_, outcome in site.events("exchange.take_in")] == ["refused"]
    assert site.events("parties.record") == []


def test_for_people_everything_goes_to_standard_error(site: Site, tmp_path: Path) -> None:
    code, out, err = run(site, "import", "organisations", written(tmp_path, BAD))
    assert (code, out) == (1, "")
    assert "shop" in err
    assert "nothing is written" in err
    code, out, err = run(site, "import", "organisations", written(tmp_path, GOOD))
    assert (code, out) == (0, "")
    assert "2 accepted" in err


def test_square_brackets_of_a_cell_are_shown_and_not_obeyed(site: Site, tmp_path: Path) -> None:
    _, _, err = run(site, "import", "organisations", written(tmp_path, "code,name,kind\nA,n,[red]x[/blue]\n"))
    assert "[red]x[/blue]" in err


def test_a_trial_keeps_nothing(site: Site, tmp_path: Path) -> None:
    code, out, _ = run(site, "import", "organisations", written(tmp_path, GOOD), "--dry-run", "--json")
    assert (code, json.loads(out)["accepted"], json.loads(out)["written"]) == (0, 2, False)
    code, _, _ = run(site, "import", "organisations", written(tmp_path, BAD), "--dry-run")
    assert (code, sites(site), site.events()) == (1, 0, [])


@pytest.mark.parametrize("kind", ["organisation", "nonsense", *sorted(NOT_YET - file_kinds().keys())])
def test_an_unknown_kind_is_wrong_usage(site: Site, tmp_path: Path, kind: str) -> None:
    code, out, err = run(site, "import", kind, written(tmp_path, GOOD), "--json")
    assert (code, out) == (2, "")
    assert kind in err


def test_a_missing_file_is_wrong_usage(site: Site, tmp_path: Path) -> None:
    assert run(site, "import", "organisations", str(tmp_path / "none.csv"))[0] == 2


def test_an_unreadable_file_is_answered_in_the_same_shape(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(GOOD.encode("cp1251"))
    code, out, _ = run(site, "import", "organisations", str(path), "--json")
    [error] = json.loads(out)["errors"]
    assert (code, error["code"], error["column"]) == (1, "not-utf8", "")


def test_only_who_may_sends(site: Site, tmp_path: Path) -> None:
    site.create("admin", "administrator")
    site.create("officer", "officer")
    path = written(tmp_path, GOOD)
    code, out, err = run(site, "import", "organisations", path, "--as", "officer", "--json")
    assert (code, out, sites(site)) == (1, "", 0)
    assert err
    assert run(site, "import", "organisations", path, "--as", "nobody")[0] == 1
    assert run(site, "import", "organisations", path, "--as", "admin")[0] == 0
    assert [event[0] for event in site.events("exchange.take_in")] == ["admin"]


def test_a_slip_in_the_kind_is_answered_with_what_is_near() -> None:
    with pytest.raises(UnknownKind, match="did you mean “organisations”"):
        kind_named("organisatons")


def test_every_kind_has_its_action_and_the_contract_no_other() -> None:
    assert {action_of(name) for name in file_kinds()} <= policy.ACTIONS.keys()
    contract = {
        "organisations", "licences", "products", "components", "quotas", "permits", "applications", "movements",
        "counts", "seizures", "declarations", "notices", "population", "past_returns",
    }  # fmt: skip
    # Issue 3: what other countries may import, as INCB publishes it, who their authorities are, the days not worked.
    # Issue 4: the natural loss a country allows.
    beyond = {"foreign_estimates", "authorities", "endorsements", "holidays", "natural_losses"}
    # Issue 4: what a site of substitution therapy tells of its day.
    beyond |= {"therapy_sheets", "prescription_limits"}
    assert file_kinds().keys() | NOT_YET == contract | beyond


def test_statements_do_not_grow_with_rows(site: Site) -> None:
    def measure(count: int) -> int:
        rows = "".join(f"{count}-{n},Name,pharmacy\n" for n in range(count))
        seen: list[str] = []
        with site.app.app_context():
            event.listen(db.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
            file = SentFile("organisations", f"code,name,kind\n{rows}".encode(), "many.csv")
            assert take_in(db.session(), SYSTEM, site.clock, file).written
        return len(seen)

    measure(1)
    assert measure(100) == measure(2000)


@pytest.mark.parametrize("name", list(file_kinds()))
def test_a_blank_workbook_fits_its_kind(name: str) -> None:
    kind = file_kinds()[name]
    data = blank_workbook(kind, str)
    table = read_table(data, Limits())
    assert table.header == tuple(column.name for column in kind.columns)
    assert table.rows == []
    book = load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "A2"
    assert all(cell.comment is not None and cell.comment.text for cell in sheet[1])
    offered = {str(rule.sqref).split(":")[0][:-1]: rule.formula1 for rule in sheet.data_validations.dataValidation}
    for cell, column in zip(sheet[1], kind.columns, strict=True):
        assert (cell.column_letter in offered) == (bool(column.choices) and not column.several)
        if cell.column_letter in offered:
            title, cells = offered[cell.column_letter].split("!")
            words = [row[0].value for row in book[title.strip("'")][cells.replace("$", "")]]
            assert tuple(words) == column.choices
            assert all(column.read(word) is not None for word in words)
    assert [row[0].value for row in book.worksheets[1].iter_rows(min_row=5)] == list(table.header)
    assert blank_workbook(kind, str) == data


def test_a_blank_workbook_sent_back_says_that_it_is_empty(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "blank.xlsx"
    code, out, _ = run(site, "template", "organisations", "--out", str(path), "--language", "ru")
    assert (code, out) == (0, "")
    code, out, _ = run(site, "import", "organisations", str(path), "--json")
    assert (code, [e["code"] for e in json.loads(out)["errors"]]) == (1, ["no-rows"])
    assert run(site, "template", "nonsense", "--out", str(path))[0] == 2


def test_a_filled_workbook_is_taken_in_with_its_zeros(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "filled.xlsx"
    assert run(site, "template", "organisations", "--out", str(path))[0] == 0
    book = load_workbook(path)
    for place, value in enumerate(("00123", "Дарыкана", "pharmacy"), start=1):
        book.worksheets[0].cell(2, place, value)
    book.save(path)
    assert run(site, "import", "organisations", str(path))[0] == 0
    with site.app.app_context():
        assert [fact.code for fact in find_sites(db.session()).sites] == ["00123"]
