"""Checks of the goods: what the products are, and whether this kind of permit is for them."""

from __future__ import annotations

from collections.abc import Iterable

from registry.kernel.text import N_, Message
from registry.permits.domain import rules
from registry.permits.domain.checks.case import Case, CheckLine, judged_line
from registry.permits.domain.kinds import Goods
from registry.substances.domain.facts import Treaty, needs_permit


def check_product(case: Case) -> Iterable[CheckLine]:
    """PRM-07 for products with a narcotic drug, PRM-08 for those that need no permit."""
    for revision, _ in case.lines:
        said = {"product": revision.code}
        if any(part.treaty == Treaty.NARCOTIC for part in revision.components):
            undecided = Message(N_("whether %(product)s is a preparation of Schedule III is undecided"), said)
            broken = undecided if revision.schedule_three is None and not revision.is_free else None
            yield judged_line(case, rules.SCHEDULE_THREE_DECIDED, broken, about=revision.code)
        free = Message(N_("%(product)s needs no permit"), said)
        is_wanted = needs_permit(revision) or case.kind.goods is Goods.FREE
        yield judged_line(case, rules.PERMIT_WANTED, None if is_wanted else free, about=revision.code)
