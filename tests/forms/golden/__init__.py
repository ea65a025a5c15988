"""Facts worked by hand and the figures that must come of them, a folder per edition."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from forms.facts import Cover, DrugYear, Estimates, Requirement, ReturnFacts, Source, TradeEvidence, TradeLine
from registry.kernel.period import Period

FOLDER = Path(__file__).parent
COVER = Cover("KG", "Департамент лекарственных средств", "А. Үсөнова", "Бөлүм башчысы", "+996 312 000000", "a@b.kg")
_WORDS = {"substance", "name", "column", "partner", "product", "quarter", "schedule_three"}


def editions() -> list[str]:
    """The folders there are."""
    return sorted(folder.name for folder in FOLDER.iterdir() if (folder / "facts.json").exists())


def _fields(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value if key in _WORDS or value is None else Fraction(value) for key, value in entry.items()}


def _drug(entry: dict[str, Any]) -> DrugYear:
    plain = {key: value for key, value in entry.items() if key != "estimates"}
    return DrugYear(**_fields(plain), estimates=Estimates(**_fields(entry.get("estimates", {}))))


def facts_of(name: str) -> ReturnFacts:
    """The facts of one folder."""
    raw = json.loads((FOLDER / name / "facts.json").read_text("utf-8"))
    return ReturnFacts(
        period=Period(**raw["period"]),
        as_of=date.fromisoformat(raw["as_of"]),
        cover=COVER,
        drugs=tuple(_drug(entry) for entry in raw.get("drugs", [])),
        trade=tuple(TradeLine(**_fields(entry)) for entry in raw.get("trade", [])),
        sources=tuple(Source(**_fields(entry)) for entry in raw.get("sources", [])),
        evidence=tuple(TradeEvidence(**entry) for entry in raw.get("evidence", [])),
        requirements=tuple(Requirement(**_fields(entry)) for entry in raw.get("requirements", [])),
        quarter_totals={tuple(key.split("|")): Fraction(value) for key, value in raw.get("quarter_totals", {}).items()},
    )


def expected_of(name: str) -> dict[str, Any]:
    """What must come of them."""
    return json.loads((FOLDER / name / "expected.json").read_text("utf-8"))
