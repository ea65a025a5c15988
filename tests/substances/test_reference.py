"""Editions of the lists: exact counts, idempotent, pinned, factors independently recomputed."""

from __future__ import annotations

import csv
import hashlib
import random
import shutil
from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.db import Base
from registry.kernel.clock import FixedClock
from registry.kernel.codes import COUNTRIES
from registry.kernel.errors import Conflict, Invalid
from registry.substances import models
from registry.substances.queries import editions_in_force, revisions_for_products, substance_by_codes, substances_on
from registry.substances.service import load_reference
from registry.substances.service.reference import REFERENCE

TODAY = date(2026, 11, 22)
PRINTED = {
    "yellow-64": {
        "substances.csv": 149,
        "factors.csv": 273,
        "schedule_three.csv": 16,
        "extract_equivalents.csv": 5,
        "poppy_straw_codes.csv": 29,
        "trade_names.csv": 1965,
    },
    "green-36": {"substances.csv": 176, "factors.csv": 174, "prohibitions.csv": 219},
    "red-23": {"substances.csv": 51, "precursor_details.csv": 51},
    "watch-list-eu-uk-2026": {"suggestions.csv": 9},
    "national-kg-2024": {"classes.csv": 7, "entries.csv": 0},
}
TABLES = {
    models.Substance: 376,
    models.ScheduleEntry: 376,
    models.ConversionFactor: 447,
    models.Prohibition: 219,
    models.ScheduleThreeLimit: 16,
    models.ExtractEquivalent: 5,
    models.PoppyStrawCode: 29,
    models.PrecursorDetail: 51,
    models.WatchSuggestion: 9,
    models.NationalClass: 7,
    models.NationalEntry: 0,
}


def size(session: Session, model: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def lines(edition: str, name: str) -> list[dict[str, str]]:
    with (REFERENCE / edition / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_of_every_list_is_loaded(session: Session, clock: FixedClock) -> None:
    loaded = load_reference(session, clock)

    assert loaded.rows == PRINTED
    assert set(loaded.added) == set(PRINTED)
    assert {model: size(session, model) for model in TABLES} == TABLES


def test_loading_again_changes_nothing(lists: Session, clock: FixedClock) -> None:
    before = {
        table.name: lists.execute(select(func.count()).select_from(table)).scalar()
        for table in Base.metadata.sorted_tables
    }

    again = load_reference(lists, clock)

    after = {
        table.name: lists.execute(select(func.count()).select_from(table)).scalar()
        for table in Base.metadata.sorted_tables
    }
    assert again.added == ()
    assert set(again.unchanged) == set(PRINTED)
    assert after == before


def test_schedules_are_those_of_the_conventions(lists: Session) -> None:
    found = Counter(schedule for fact in substances_on(lists, TODAY) for schedule in fact.schedules)

    assert found == {
        "1961:I": 139,
        "1961:II": 10,
        "1961:IV": 18,
        "1971:I": 33,
        "1971:II": 65,
        "1971:III": 9,
        "1971:IV": 69,
        "1988:I": 43,
        "1988:II": 8,
    }


def test_schedule_iv_of_1961_lies_within_schedule_i(lists: Session) -> None:
    for fact in substances_on(lists, TODAY, "1961"):
        if "1961:IV" in fact.schedules:
            assert "1961:I" in fact.schedules, fact.code


def test_codes_that_the_lists_do_not_print_are_our_own(lists: Session) -> None:
    found = substance_by_codes(
        lists, ["NM 009", "1961:coca-leaf", "1988:acetic-anhydride", "NF 003", "PD 006", "XX 999"], TODAY
    )

    assert {code: fact.name for code, fact in found.items()} == {
        "NM 009": "morphine",
        "1961:coca-leaf": "coca leaf",
        "1988:acetic-anhydride": "Acetic anhydride",
        "NF 003": "para-fluorofentanyl",
        "PD 006": "diazepam",
    }


def test_factors_are_kept_as_printed(lists: Session) -> None:
    factor, substance = models.ConversionFactor, models.Substance
    rows = lists.execute(
        select(substance.code, factor.salt_as_printed, factor.base_ppm, factor.check_mark).join(
            substance, substance.id == factor.substance_id
        )
    )
    stored = Counter(tuple(row) for row in rows)
    printed = Counter(
        (
            line["code"],
            line["salt_as_printed"],
            int(Decimal(line["base_percent"]) * 10000) if line["base_percent"] else None,
            line["check"],
        )
        for edition in ("yellow-64", "green-36")
        for line in lines(edition, "factors.csv")
    )

    assert stored == printed
    assert Counter(mark for _code, _salt, _share, mark in stored.elements())["differs"] == 17


def test_base_content_is_composition_times_printed_factor(lists: Session, add_products, add_components) -> None:
    """Twenty random salts: what the registry answers equals the arithmetic of the file itself."""
    chosen = random.Random(2026)
    unambiguous = [
        line
        for edition in ("yellow-64", "green-36")
        for line in lines(edition, "factors.csv")
        if line["base_percent"] and not line["variant"]
    ]
    keys = Counter((line["code"], line["salt_as_printed"].split(" (")[0].split(" ")[0].lower()) for line in unambiguous)
    single = [
        line
        for line in unambiguous
        if keys[line["code"], line["salt_as_printed"].split(" (")[0].split(" ")[0].lower()] == 1
    ]
    sample = chosen.sample(single, 20)
    amounts = [chosen.randrange(1, 10**9) for _ in sample]

    assert (
        add_products(*({"code": f"P{n}", "name": "p", "form": "tablet", "unit": "piece"} for n in range(20))).problems
        == []
    )
    rows = [(f"P{n}", line["code"], line["salt_as_printed"], amounts[n]) for n, line in enumerate(sample)]
    outcome = add_components(*rows)

    assert [str(problem.message) for problem in outcome.problems] == []
    found = revisions_for_products(lists, [f"P{n}" for n in range(20)], TODAY)
    for n, line in enumerate(sample):
        component = found[f"P{n}"][-1].components[0]
        assert component.base_ng_per_unit == amounts[n] * Fraction(line["base_percent"]) / 100, line


def test_prohibitions_name_countries_by_their_code(lists: Session) -> None:
    rows = lists.execute(select(models.Prohibition.country, models.Prohibition.notified_on)).all()

    assert {country for country, _day in rows} <= COUNTRIES
    assert sum(country == "RU" for country, _day in rows) == 1
    assert sum(day is None for _country, day in rows) == sum(
        not line["notified_on"] for line in lines("green-36", "prohibitions.csv")
    )


def test_the_oldest_edition_also_serves_earlier_days(lists: Session) -> None:
    before, since = editions_in_force(lists, date(2025, 6, 30)), editions_in_force(lists, date(2025, 7, 1))

    assert (before["red"].edition, before["red"].by_later) == ("23", True)
    assert (since["red"].edition, since["red"].by_later) == ("23", False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    target = tmp_path / "reference"
    shutil.copytree(REFERENCE, target)
    return target


def test_a_changed_file_is_refused_before_it_is_loaded(session: Session, clock: FixedClock, copy: Path) -> None:
    path = copy / "yellow-64" / "factors.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("NM 002", "NM 003", 1), encoding="utf-8")

    with pytest.raises(Conflict, match=r"factors\.csv.*yellow-64.*has changed"):
        load_reference(session, clock, folder=copy)
    assert size(session, models.ListEdition) == 0


def test_a_loaded_edition_is_pinned_even_when_its_digest_is_rewritten(
    lists: Session, clock: FixedClock, copy: Path
) -> None:
    path = copy / "red-23" / "substances.csv"
    old = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_text(path.read_text(encoding="utf-8").replace("Acetone", "Aceton", 1), encoding="utf-8")
    head = copy / "red-23" / "edition.toml"
    head.write_text(
        head.read_text(encoding="utf-8").replace(old, hashlib.sha256(path.read_bytes()).hexdigest()), encoding="utf-8"
    )

    with pytest.raises(Conflict, match=r"substances\.csv.*red-23.*further edition"):
        load_reference(lists, clock, folder=copy)


def further_edition(folder: Path, list_code: str, edition: str, treaty: str, since: str, files: dict[str, str]) -> None:
    """Write one more edition of a list into `folder`."""
    folder.mkdir(parents=True)
    digests = []
    for name, body in files.items():
        (folder / name).write_text(body, encoding="utf-8")
        digests.append(f'"{name}" = "{hashlib.sha256(body.encode()).hexdigest()}"')
    head = {
        "list": list_code,
        "edition": edition,
        "treaty": treaty,
        "title": "t",
        "valid_from": since,
        "precision": "day",
        "source": "s",
        "retrieved_on": since,
        "remarks": "",
    }
    text = "\n".join([*(f'{key} = "{value}"' for key, value in head.items()), "[files]", *digests])
    (folder / "edition.toml").write_text(text, encoding="utf-8")


SUBSTANCES = "code,name,name_as_printed,is_inn,schedule,also_schedule_iv,aliases,cas,formula,mol_weight,inchikey,unii,description,controlled_from,remarks\n"


def test_a_further_edition_moves_a_substance_from_its_day_on(lists: Session, clock: FixedClock, tmp_path: Path) -> None:
    body = SUBSTANCES + "PD 006,diazepam,diazepam,yes,III,no,,439-14-5,,,,,,,\n"
    further_edition(tmp_path / "green-37", "green", "37", "1971", "2026-06-01", {"substances.csv": body})

    assert load_reference(lists, clock, folder=tmp_path).added == ("green-37",)
    on = {
        day: substance_by_codes(lists, ["PD 006"], day)["PD 006"].schedules
        for day in (date(2026, 5, 31), date(2026, 6, 1))
    }
    assert on == {date(2026, 5, 31): {"1971:IV"}, date(2026, 6, 1): {"1971:III"}}


CLASSES = "code,name,name_ru,name_ky,blocks,ground\npotent,potent substance,,,yes,law\n"
ENTRIES = "class,code,act,act_date,valid_from,valid_to,threshold_percent\n"


def test_a_national_entry_counts_between_its_days(lists: Session, clock: FixedClock, tmp_path: Path) -> None:
    entries = ENTRIES + "potent,PD 006,Act 1,2026-01-10,2026-02-01,2026-03-31,0.5\n"
    files = {"classes.csv": CLASSES, "entries.csv": entries}
    further_edition(tmp_path / "n", "national-kg", "2026", "national", "2026-02-01", files)
    load_reference(lists, clock, folder=tmp_path)

    days = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 31), date(2026, 4, 1)]
    found = [substance_by_codes(lists, ["PD 006"], day)["PD 006"].classes for day in days]
    own = {"psychotropic"}
    assert found == [own, own | {"potent"}, own | {"potent"}, own]


def test_a_national_entry_without_its_act_stops_the_load(lists: Session, clock: FixedClock, tmp_path: Path) -> None:
    files = {"classes.csv": CLASSES, "entries.csv": ENTRIES + "potent,PD 006,,2026-01-10,2026-02-01,,\n"}
    further_edition(tmp_path / "n", "national-kg", "2026", "national", "2026-02-01", files)

    with pytest.raises(Invalid, match="lacks its act"):
        load_reference(lists, clock, folder=tmp_path)
