"""Files for the tests: a whole permit as data, and made-up ones of every shape."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

from hypothesis import strategies as st

from registry.correspondence.domain.facts import pruned
from registry.correspondence.domain.permit_file import PERMIT
from registry.correspondence.domain.tree import COUNTRY, DAY, EXACT, FRACTION, QUANTITY, Data, Leaf, Many, Node

LETTERS = "abcXYZ 019-_.,:;<>&'\"/\\n«»=ңөүҢӨҮйцß漢😀"
_DIGITS = st.text("0123456789", min_size=1, max_size=12)
_DECIMALS = st.builds(lambda whole, part: whole + (f".{part}" if part else ""), _DIGITS, st.just("") | _DIGITS)
_FRACTIONS = st.builds(lambda over, under: f"{over}/{under}", _DIGITS, st.integers(1, 1000))
"""Small ones: the common denominator of all bases of a file has a bound."""
_WORDY = st.text(LETTERS, min_size=1, max_size=60).map(str.strip).filter(lambda text: text and text[0] != "=")
_VALUES: dict[str, st.SearchStrategy[str]] = {
    DAY.code: st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(str),
    COUNTRY.code: st.sampled_from(["IN", "DE", "KG", "ZW"]),
    QUANTITY.code: _DECIMALS,
    FRACTION.code: _FRACTIONS,
    EXACT.code: _DECIMALS | _FRACTIONS,
}


def of(node: Node) -> st.SearchStrategy[Any]:
    """Return a strategy of data for a node of the tree."""
    if isinstance(node, Leaf):
        if node.kind.code == "word":
            return st.sampled_from(node.kind.pattern.split("|"))
        return _VALUES.get(node.kind.code, _WORDY).filter(node.kind.is_good)
    if isinstance(node, Many):
        return st.lists(of(node.each), min_size=1, max_size=3)
    required = {member.name: of(member) for member in node.members if member.required}
    optional = {member.name: of(member) for member in node.members if not member.required}
    return st.fixed_dictionaries(required, optional=optional)


permits: st.SearchStrategy[Data] = of(PERMIT).map(pruned)


def foreign(**changes: Any) -> Data:
    """Return the export permit of an authority abroad for our permit P-6; `changes` replace whole groups, None takes one away."""
    data = copy.deepcopy(EXPORT) | changes
    return {name: value for name, value in data.items() if value is not None}


EXPORT: Data = {
    "identity": {"number": "IN-P-6", "kind": "export", "trade": "export"},
    "validity": {"issued_on": "2024-06-03", "expires_on": "2024-11-30"},
    "authority": {"country": "IN", "name": "Authority of an Invented Port"},
    "parties": {
        "importer": {"name": "Importer and wholesaler", "country": "KG"},
        "exporter": {"name": "Supplier", "country": "IN"},
    },
    "foreign_document": {"number": "P-6", "country": "KG", "issued_on": "2024-06-01", "expires_on": "2024-12-31"},
    "lines": [
        {
            "product": {"name": "Morphine sulfate 10 mg tablets", "form": "tablet"},
            "quantity": "120000",
            "unit": "piece",
            "substances": [
                {
                    "name": "morphine",
                    "code": "NM 009",
                    "cas": "57-27-2",
                    "salt": "sulfate pentahydrate",
                    "strength_mg": "10",
                    "factor": "3/4",
                    "base_grams": "900",
                }
            ],
        }
    ],
}
