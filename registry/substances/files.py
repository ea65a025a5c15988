"""The kinds of file this room takes in: products and their components (contract section 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.orm import Session

from registry.intake.check import Checked, Report
from registry.intake.kinds import FileKind
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.fields import Column, as_code, as_country, as_substance, choice, quantity
from registry.kernel.mass import Unit
from registry.kernel.persons import as_note
from registry.kernel.text import N_
from registry.substances.domain.facts import Control
from registry.substances.service import RecordOutcome, record_components, record_products

MILLIGRAM_PLACES = 6
"""A milligram with six decimals is a whole number of nanograms."""

PRODUCT_COLUMNS = (
    Column("code", as_code, note=N_("your own code of the product, unique in the country")),
    Column("name", as_note, note=N_("as on the package, with the strength")),
    Column("form", as_note, note=N_("tablet, solution for injection …; “substance” for the substance itself")),
    Column("unit", choice(unit.value for unit in Unit), choices=tuple(unit.value for unit in Unit)),
    Column("other_ingredients", as_note, required=False, note=N_("not empty: compounded with other ingredients")),
    Column("gtin", as_code, required=False, note=N_("8, 12, 13 or 14 digits")),
    Column("manufacturer", as_note, required=False),
    Column("country", as_country, required=False, note=N_("ISO 3166, two letters")),
    Column(
        "control",
        choice(control.value for control in Control),
        required=False,
        note=N_("empty: worked out from the composition"),
        choices=tuple(control.value for control in Control),
    ),
    Column("name_ru", as_note, required=False),
    Column("name_ky", as_note, required=False),
)

COMPONENT_COLUMNS = (
    Column("product", as_code),
    Column("substance", as_substance, note=N_("code of the list, such as NM 009")),
    Column("salt", as_note, note=N_("“base”, or the salt with its hydrate as the list prints it")),
    Column("amount_mg", quantity(MILLIGRAM_PLACES), note=N_("of the salt as stated, per unit of the product")),
)


def product_rows(checked: Checked) -> list[dict[str, object]]:
    """Return the rows of a product file as `service.record_products` takes them."""
    return checked.rows()


def component_rows(checked: Checked) -> list[dict[str, object]]:
    """Return the rows of a component file as `service.record_components` takes them: amounts in nanograms."""
    rows = checked.rows()
    for row in rows:
        row["amount_ng"] = row.pop("amount_mg")
    return rows


Rows = Sequence[Mapping[str, object]]


def _taken_in(
    kind: str,
    rows_of: Callable[[Checked], list[dict[str, object]]],
    record: Callable[[Session, Actor, Clock, Rows], RecordOutcome],
) -> Callable[[Session, Actor, Clock, Checked, str], Report]:
    """Return the use case of a file kind: rows with a bad cell are left out, the rest is judged all the same."""

    def apply(session: Session, actor: Actor, clock: Clock, checked: Checked, _source: str) -> Report:
        report = Report(kind, rows=len(checked.numbers), problems=list(checked.problems))
        if not checked.columns:
            return report
        skip = report.bad_rows
        outcome = record(session, actor, clock, [row for row in rows_of(checked) if row["row"] not in skip])
        report.accepted, report.duplicates = outcome.accepted, outcome.duplicates
        report.problems.extend(outcome.problems)
        return report

    return apply


FILE_KINDS = (
    FileKind(
        "products",
        PRODUCT_COLUMNS,
        _taken_in("products", product_rows, record_products),
        N_("Products"),
        N_("Medicines and substances as they are packed; a change of a recorded product is a dated revision."),
    ),
    FileKind(
        "components",
        COMPONENT_COLUMNS,
        _taken_in("components", component_rows, record_components),
        N_("Composition of products"),
        N_("Which controlled substance, in which salt and hydrate, one unit of a product holds."),
    ),
)
