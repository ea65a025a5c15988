"""Checks of the goods: what the products are, and whether this kind of permit is for them."""

from __future__ import annotations

from collections.abc import Iterable

from registry.kernel.text import N_, Message
from registry.permits.domain import rules
from registry.permits.domain.checks.case import Case, CheckLine, judged_line
from registry.permits.domain.kinds import Goods
from registry.permits.domain.parameters import PERIODIC, SUBSTANCES_PER_APPLICATION
from registry.substances.domain.facts import RevisionFact, Treaty, needs_permit


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


def check_goods(case: Case) -> Iterable[CheckLine]:
    """PRM-30, PRM-26 for every product; PRM-25 for all of them together."""
    for revision, _ in case.lines:
        said = {"product": revision.code, "kind": Message(case.kind.name)}
        wrong = Message(N_("%(product)s is not what an %(kind)s is for"), said)
        broken = None if fits(case.kind.goods, revision) else wrong
        yield judged_line(case, rules.GOODS_FIT, broken, about=revision.code)
        unknown = Message(N_("the composition of %(product)s is not recorded"), said)
        known = revision.components and all(part.base_ng_per_unit > 0 for part in revision.components)
        yield judged_line(case, rules.BASE_KNOWN, None if known else unknown, about=revision.code)
    most = case.parameters.number(SUBSTANCES_PER_APPLICATION)
    number = len(case.names())
    if most:
        said = {"number": number, "most": most}
        many = Message(N_("%(number)s substances are named, %(most)s are allowed"), said) if number > most else None
        yield judged_line(case, rules.SUBSTANCES_PER_FORM, many, observed=str(number), limit=str(most))


def fits(goods: Goods, revision: RevisionFact) -> bool:
    """Say whether a product is such as a kind of permit is for."""
    if goods is Goods.FREE:
        return not needs_permit(revision)
    treaties = {part.treaty for part in revision.components}
    if goods is Goods.PRECURSOR:
        return treaties == {Treaty.PRECURSOR}
    if goods is Goods.PSYCHOTROPIC_III:
        return needs_permit(revision) and all("1971:III" in part.schedules for part in revision.components)
    return True


def check_several(case: Case) -> Iterable[CheckLine]:
    """PRM-31 for periodic permits."""
    if case.kind.several:
        closed = Message(N_("periodic permits are not issued: the parameter that allows them is off"))
        yield judged_line(case, rules.SEVERAL_ALLOWED, None if case.parameters.switch(PERIODIC) else closed)
