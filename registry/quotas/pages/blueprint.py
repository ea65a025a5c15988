"""What the pages of quotas share: names of what lines speak of, and a line as a row of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts.sessions import current_clock
from registry.db import db
from registry.kernel.codes import substance_code
from registry.kernel.errors import NotFound
from registry.kernel.text import N_
from registry.parties import queries as parties
from registry.quotas.domain.kinds import ITEMS, QUOTA_KINDS
from registry.quotas.domain.lines import LineFact
from registry.quotas.domain.states import LINE_STATE_NAMES, LineState
from registry.substances.domain.facts import SubstanceFact
from registry.substances.queries import substance_by_codes, substances_by_ids, unknown_substances
from registry.web.locale import current_language, format_day, format_grams, say

blueprint = Blueprint("quotas", __name__, template_folder="../templates")

READ, PROPOSE, APPROVE, PUBLISH = "quotas.read", "quotas.propose", "quotas.approve", "quotas.publish"
Answer = Response | str | tuple[str, int]
LINE_COLUMNS = (
    {"label": N_("Substance")},
    {"label": N_("Kind")},
    {"label": N_("Item")},
    {"label": N_("Quantity, base"), "kind": "number"},
    {"label": N_("Act")},
    {"label": N_("Counts from")},
    {"label": N_("State")},
)


@dataclass(frozen=True, slots=True)
class Names:
    """Substances and organisations that lines name, read at once."""

    substances: Mapping[int, SubstanceFact]
    organisations: Mapping[int, str]

    def substance(self, line: LineFact) -> str:
        """Return code and name of the substance."""
        return substance_title(self.substances[line.substance_id])

    def sought(self, line: LineFact) -> str:
        """Return what a line is found by: code and name as shown, and the name of the list."""
        return f"{self.substance(line)} {self.substances[line.substance_id].name}"

    def item(self, line: LineFact) -> str | None:
        """Return the item with its letter, or the organisation of an allocation."""
        words = [item_title(line.item)] if line.item else []
        if line.organisation_id is not None:
            words.append(self.organisations.get(line.organisation_id, ""))
        return "; ".join(words) or None


def rows() -> Session:
    """Return the database session of this request."""
    return db.session()


def today() -> date:
    """Return the day of this request."""
    return current_clock().today()


def substance_title(fact: SubstanceFact) -> str:
    """Return code and name of a substance in the reader's language."""
    return f"{fact.code} {say(fact.name)}"


def item_title(code: str) -> str:
    """Return an item of the estimates with its letter."""
    return f"{ITEMS[code].letter}) {say(ITEMS[code].name)}"


def required_substance(code: str) -> SubstanceFact:
    """Return the substance of an address. Raises `NotFound`."""
    wanted = substance_code(code)
    fact = substance_by_codes(rows(), [wanted], today()).get(wanted)
    if fact is None:
        raise NotFound(unknown_substances(rows(), [code], today())[code])
    return fact


def names_of(lines: Iterable[LineFact]) -> Names:
    """Return what `lines` name, in two statements."""
    chosen = list(lines)
    holders = parties.main_sites(rows(), {one.organisation_id for one in chosen if one.organisation_id is not None})
    day = today()
    return Names(
        substances_by_ids(rows(), {one.substance_id for one in chosen}, day),
        {key: f"{site.organisation_code} {site.name_in(current_language(), day)}" for key, site in holders.items()},
    )


def place_of(line: LineFact) -> tuple[int, int]:
    """Return where a line stands among those of its substance: by kind, then by item, as the tables have them."""
    return list(QUOTA_KINDS).index(line.kind), list(ITEMS).index(line.item) if line.item is not None else -1


def cells_of(line: LineFact, names: Names) -> list[object]:
    """Return a line as cells, from its kind to its state."""
    act = ", ".join(part for part in (line.act, format_day(line.act_date) if line.act_date else None) if part)
    return [
        say(QUOTA_KINDS[line.kind].name),
        names.item(line),
        Markup("<s>{}</s>").format(format_grams(line.quantity_ng))
        if line.state == LineState.ERROR
        else format_grams(line.quantity_ng),
        act or None,
        format_day(line.effective_on),
        say(LINE_STATE_NAMES[LineState(line.state)]),
    ]


def line_href(line: LineFact) -> str:
    """Return the address of a line's page."""
    return url_for("quotas.line", line_id=line.id)
