"""Names of salts: every printed row is reachable, nothing ambiguous is guessed."""

from __future__ import annotations

import csv
from collections import defaultdict

import pytest

from registry.kernel.mass import PPM, parse_scaled
from registry.substances.domain.salts import (
    FactorFact,
    PrintedSalt,
    SaltName,
    SaltRefused,
    canonical_names,
    parse_salt,
    percent_text,
    require_share,
)
from registry.substances.service.reference import REFERENCE


def factors() -> dict[str, list[FactorFact]]:
    """The printed rows by substance, straight from the files."""
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    for edition in ("yellow-64", "green-36"):
        with (REFERENCE / edition / "factors.csv").open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                rows[line["code"]].append(line)
    found = {}
    for code, lines in rows.items():
        printed = [PrintedSalt(line["salt_as_printed"], line["hydrate"], line["variant"]) for line in lines]
        found[code] = [
            FactorFact(n, name, row, parse_scaled(line["base_percent"], 4) if line["base_percent"] else None)
            for n, (name, row, line) in enumerate(zip(canonical_names(printed), printed, lines, strict=True))
        ]
    return found


FACTORS = factors()
ROWS = [(code, fact) for code, facts in FACTORS.items() for fact in facts]


def test_all_447_rows_are_here() -> None:
    assert len(ROWS) == 273 + 174


def test_every_row_is_reached_by_its_name_and_gives_its_printed_share() -> None:
    for code, fact in ROWS:
        if fact.base_ppm is None:
            continue
        share = require_share(code, fact.salt, FACTORS[code])
        assert (share.factor_id, share.base_ppm, share.salt) == (fact.id, fact.base_ppm, fact.salt), (code, fact.salt)


def test_every_row_is_reached_as_printed_with_its_water_in_figures() -> None:
    for code, fact in ROWS:
        printed = fact.printed
        water = (
            f" {printed.hydrate} H2O" if printed.hydrate not in ("", "0") else " anhydrous" if printed.hydrate else ""
        )
        lead = f"{printed.variant} " if printed.variant else ""
        if (
            fact.base_ppm is not None
            and "(" not in printed.printed
            and "aspartate" not in fact.salt
            and code != "PM 004"
        ):
            assert require_share(code, f"{lead}{printed.printed}{water}", FACTORS[code]).base_ppm == fact.base_ppm, (
                code,
                fact.salt,
            )


def test_rows_without_a_percentage_are_refused_with_the_way_out() -> None:
    silent = [(code, fact) for code, fact in ROWS if fact.base_ppm is None]
    assert len(silent) == 10
    for code, fact in silent:
        with pytest.raises(SaltRefused, match="write “base”") as refused:
            require_share(code, fact.salt, FACTORS[code])
        assert refused.value.code == "no-percentage-printed"


@pytest.mark.parametrize(
    ("code", "salt", "percent"),
    [
        ("NM 009", "hydrochloride anhydrous", "89"),
        ("NM 009", "hydrochloride trihydrate", "76"),
        ("NM 009", "Hydrochloride 3 H2O", "76"),
        ("NM 009", "sulfate pentahydrate", "75"),
        ("NM 009", "sulphate pentahydrate", "75"),
        ("NM 009", "sulfate", "75"),
        ("NM 009", "phosphate", "73"),
        ("NM 009", "6-monoacetyl", "87"),
        ("NC 005", "phosphate hemihydrate", "74"),
        ("NC 005", "phosphate sesquihydrate", "71"),
        ("NC 005", "base monohydrate", "94"),
        ("NC 005", "hydrochloride", "81"),
        ("NM 002", "hydrochloride", "90"),
        ("NM 002", "l-methadone hydrochloride", "90"),
        ("NM 002", "bitartrate", "67"),
        ("NF 001", "citrate", "64"),
        ("NH 002", "bitartrate 2.5 H2O", "61"),
        ("NH 002", "bitartrate 2,5 H2O", "61"),
        ("PA 003", "sulfate", "73.4"),
        ("PA 003", "phosphate (2 mol. base)", "73.4"),
        ("PL 002", "tartrate (2 mol. base, 2 H2O)", "77.7"),
        ("PL 002", "tartrate dihydrate", "77.7"),
        ("PL 002", "tartrate (2 mol. base, 2 CH3OH)", "75.1"),
        ("PM 004", "sulfate (2 mol. base, 2 H2O)", "75.9"),
        ("PD 002", "phosphate", "58"),
        ("PP 010", "hydrochloride (1 H2O)", "88"),
        ("PZ 002", "tartrate", "80.2"),
        ("NA 018", "hydrochloride", "90"),
        ("PD 006", "base", "100"),
        ("NM 009", "base anhydrous", "100"),
    ],
)
def test_shares(code: str, salt: str, percent: str) -> None:
    assert percent_text(require_share(code, salt, FACTORS.get(code, [])).base_ppm) == percent


@pytest.mark.parametrize(
    ("code", "salt", "offered"),
    [
        ("NM 009", "hydrochloride", ["hydrochloride anhydrous (89 %)", "hydrochloride trihydrate (76 %)"]),
        ("NC 005", "phosphate", ["phosphate hemihydrate (74 %)", "phosphate sesquihydrate (71 %)"]),
        (
            "NH 002",
            "hydrochloride",
            ["hydrochloride monohydrate (85 %)", "hydrochloride dihydrate (81 %)", "2.5 H2O (79 %)"],
        ),
        ("PA 003", "phosphate", ["phosphate (1 mol. base) (58 %)", "phosphate (2 mol. base) (73.4 %)"]),
        ("PL 002", "tartrate", ["75.1 %", "77.7 %"]),
    ],
)
def test_a_name_that_fits_two_percentages_is_refused_with_both_offered(
    code: str, salt: str, offered: list[str]
) -> None:
    with pytest.raises(SaltRefused) as refused:
        require_share(code, salt, FACTORS[code])
    assert refused.value.code == "ambiguous-salt"
    for text in offered:
        assert text in str(refused.value)


def test_an_unknown_salt_is_refused_with_all_that_is_printed() -> None:
    with pytest.raises(SaltRefused) as refused:
        require_share("fentanyl", "sulfate", FACTORS["NF 001"])
    assert refused.value.code == "unknown-salt"
    assert "base (100 %); citrate (64 %)" in str(refused.value)


def test_a_hydrate_that_is_not_printed_is_not_taken_for_another() -> None:
    with pytest.raises(SaltRefused):
        require_share("morphine", "hydrochloride monohydrate", FACTORS["NM 009"])


def test_a_substance_without_printed_salts_takes_base_only() -> None:
    assert require_share("x", "base", []).base_ppm == PPM
    with pytest.raises(SaltRefused, match="prints no salts"):
        require_share("x", "hydrochloride", [])


def test_precursors_have_no_factors() -> None:
    assert require_share("ephedrine", "base", [], prints_factors=False).base_ppm == PPM
    with pytest.raises(SaltRefused, match="Red List prints no conversion factors") as refused:
        require_share("ephedrine", "hydrochloride", [], prints_factors=False)
    assert refused.value.code == "no-factor-printed"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hydrochloride", SaltName("hydrochloride")),
        ("  Hydrochloride   Trihydrate ", SaltName("hydrochloride", "3")),
        ("anhydrous hydrochloride", SaltName("hydrochloride", "0")),
        ("bitartrate 2.5H2O", SaltName("bitartrate", "2.5")),
        ("sulfate h2o", SaltName("sulfate", "1")),
        ("Sulfate (2 mol. base, 2 H2O)", SaltName("sulfate", "2", "2 mol. base")),
        ("Base (1 CH3OH)", SaltName("base", None, "", "1 ch3oh")),
        ("Ethylsulfonate (esylate)", SaltName("ethylsulfonate (esylate)")),
    ],
)
def test_names_are_taken_apart(text: str, name: SaltName) -> None:
    assert parse_salt(text) == name


def test_two_rows_may_not_have_one_name() -> None:
    with pytest.raises(ValueError, match="one name"):
        canonical_names([PrintedSalt("Citrate", "0"), PrintedSalt("citrate", "0")])
