"""Reading lists and products: rows -> facts, set-based, always as of a day."""

from registry.substances.queries.detail import SubstanceDetail, editions, prohibitions_against, substance_detail
from registry.substances.queries.lists import (
    Match,
    editions_in_force,
    factors_for,
    find_substances,
    meant_by,
    other_factors,
    schedule_three_limits,
    substance_by_codes,
    substances_by_ids,
    substances_on,
)
from registry.substances.queries.near import unknown_products, unknown_substances
from registry.substances.queries.products import (
    current_revisions,
    factor_use,
    find_products,
    products_page,
    revisions_by_ids,
    revisions_for_products,
    revisions_with_substances,
)

__all__ = [
    "Match",
    "SubstanceDetail",
    "current_revisions",
    "editions",
    "editions_in_force",
    "factor_use",
    "factors_for",
    "find_products",
    "find_substances",
    "meant_by",
    "other_factors",
    "products_page",
    "prohibitions_against",
    "revisions_by_ids",
    "revisions_for_products",
    "revisions_with_substances",
    "schedule_three_limits",
    "substance_by_codes",
    "substance_detail",
    "substances_by_ids",
    "substances_on",
    "unknown_products",
    "unknown_substances",
]
