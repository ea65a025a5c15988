"""The allocations of one substance and year: against the state quota less its reserve, and organisation by organisation."""

from __future__ import annotations

from flask import render_template

from registry.accounts.guard import asks
from registry.accounts.sessions import current_clock
from registry.kernel.codes import substance_code
from registry.kernel.text import N_
from registry.supervision.pages.blueprint import link, positions_blueprint, quoted, rows
from registry.supervision.pages.positions import asked_year
from registry.supervision.queries.allocations import Share, allocations_on
from registry.web.locale import current_language, format_grams, format_quantity, say

COLUMNS = (
    {"label": N_("Organisation"), "kind": "link"},
    {"label": N_("Name")},
    {"label": N_("Allocated"), "kind": "number"},
    {"label": N_("Used"), "kind": "number"},
    {"label": N_("Reserved"), "kind": "number"},
    {"label": N_("Free"), "kind": "number"},
    {"label": N_("Remark")},
)


@positions_blueprint.get("/positions/<path:code>/<int:year>/allocations")
@asks("quotas.read")
def allocations(code: str, year: int) -> str:
    """Show who may have how much of the state quota, and what each has of it."""
    clock = current_clock()
    found = allocations_on(rows(), clock, asked_year(str(year), clock.today()), substance_code(code))
    return render_template(
        "supervision/allocations.html",
        found=found,
        year=year,
        percent=format_quantity(found.reserve * 100),
        columns=COLUMNS,
        cells=[_cells(share) for share in found.shares],
        totals=(found.allocated, sum(one.used for one in found.shares), sum(one.reserved for one in found.shares)),
        propose=link(f"/quotas/new?kind=allocation&year={year}&substance={quoted(found.substance.code)}"),
    )


def _cells(share: Share) -> list[object]:
    href = link(f"/organisations/{quoted(share.site.organisation_code)}")
    code = share.site.organisation_code
    remark = None
    if share.allocated is None:
        remark = say(N_("without an allocation"))
    elif share.free is not None and share.free < 0:
        remark = say(N_("beyond the allocation"))
    return [
        {"text": code, "href": href} if href else code,
        share.site.name_in(current_language(), current_clock().today()),
        format_grams(share.allocated),
        format_grams(share.used),
        format_grams(share.reserved),
        format_grams(share.free),
        remark,
    ]
