"""Substances and products for programs."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from registry.api.cursors import Listed, page_of, paging, size_of
from registry.api.endpoints import Call, Endpoints
from registry.api.schemas import listed
from registry.kernel.codes import substance_code
from registry.kernel.errors import NotFound
from registry.kernel.fields import Column, as_day, choice
from registry.kernel.mass import decimal_text
from registry.mergers.domain import PRODUCT
from registry.mergers.queries import survivors_of
from registry.substances.domain.facts import RevisionFact, SubstanceFact, Treaty, revision_on
from registry.substances.queries.listing import products_after
from registry.substances.queries.lists import substance_by_codes, substances_on
from registry.substances.queries.near import unknown_products, unknown_substances
from registry.substances.queries.products import revisions_for_products
from registry.substances.schemas import ProductSchema, SubstanceSchema

SUBSTANCES, PRODUCTS = "substances.read", "products.read"
NG_PER_MG, PPM_PER_PERCENT = 10**6, 10**4
TREATIES = tuple(treaty.value for treaty in Treaty)
ON = Column("on", as_day, required=False, note="the day whose lists count; today unless told")
TREATY = Column("treaty", choice(TREATIES), required=False, choices=TREATIES)

endpoints = Endpoints("substances")


@endpoints.get("/substances", SUBSTANCES, listed(SubstanceSchema()), query=(ON, TREATY, *paging(str)))
def substances(call: Call) -> Listed[Mapping[str, object]]:
    """Every substance of the loaded lists, by code."""
    after, size = call.query["cursor"], size_of(call.query)
    found = substances_on(call.session, call.query["on"] or call.today, call.query["treaty"])
    behind = sorted((one for one in found if after is None or one.code > after[0]), key=lambda one: one.code)
    return page_of([substance_body(one) for one in behind[: size + 1]], size, lambda body: (body["code"],))


@endpoints.get("/substances/<path:code>", SUBSTANCES, SubstanceSchema(), query=(ON,))
def substance(call: Call, code: str) -> Mapping[str, object]:
    """One substance by its code."""
    wanted = substance_code(code)
    found = substance_by_codes(call.session, [wanted], call.query["on"] or call.today).get(wanted)
    if found is None:
        raise NotFound(unknown_substances(call.session, [code], call.today)[code])
    return substance_body(found)


@endpoints.get("/products", PRODUCTS, listed(ProductSchema()), query=(ON, *paging(str)))
def products(call: Call) -> Listed[Mapping[str, object]]:
    """Every product, by code, as in force on a day."""
    after, size = call.query["cursor"], size_of(call.query)
    found = products_after(call.session, after and after[0], size + 1, call.query["on"] or call.today)
    merged = survivors_of(call.session, PRODUCT, [one.code for one in found])
    bodies = [product_body(one, merged.get(one.code)) for one in found]
    return page_of(bodies, size, lambda body: (body["code"],))


@endpoints.get("/products/<path:code>", PRODUCTS, ProductSchema(), query=(ON,))
def product(call: Call, code: str) -> Mapping[str, object]:
    """One product by its code."""
    day = call.query["on"] or call.today
    found = revisions_for_products(call.session, [code], day).get(code)
    if not found:
        raise NotFound(unknown_products(call.session, [code])[code])
    return product_body(revision_on(found, day), survivors_of(call.session, PRODUCT, [code]).get(code))


def substance_body(fact: SubstanceFact) -> Mapping[str, object]:
    """Return a substance as its body is written."""
    return {
        "code": fact.code,
        "name": fact.name,
        "treaty": fact.treaty,
        "cas": fact.cas,
        "schedules": sorted(fact.schedules),
        "national_classes": sorted(fact.national_classes),
    }


def product_body(fact: RevisionFact, merged_into: str | None) -> Mapping[str, object]:
    """Return a product as its body is written."""
    return {
        "code": fact.code,
        "name": fact.name,
        "name_ru": fact.name_ru or "",
        "name_ky": fact.name_ky or "",
        "form": fact.form,
        "unit": fact.unit,
        "control": fact.control,
        "schedule_iii": fact.schedule_three,
        "other_ingredients": fact.other_ingredients or "",
        "gtin": fact.gtin or "",
        "manufacturer": fact.manufacturer or "",
        "country": fact.country or "",
        "revision": fact.number,
        "valid_from": fact.valid_from,
        "schedules": sorted(fact.schedules),
        "merged_into": merged_into,
        "components": [
            {
                "substance": part.substance_code,
                "name": part.substance_name,
                "salt": part.salt,
                "amount_mg": decimal_text(Fraction(part.amount_ng, NG_PER_MG)),
                "base_percent": decimal_text(Fraction(part.base_ppm, PPM_PER_PERCENT)),
            }
            for part in fact.components
        ],
    }
