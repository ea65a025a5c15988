"""What may have been meant by a code that is not recorded: asked only once a code was not found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.kernel.codes import nearest, search_key
from registry.kernel.text import N_, Message
from registry.substances.models import Product
from registry.substances.queries.lists import substances_on

MOST_SUGGESTED_FOR = 50
"""Different unknown words of one file that get near matches; a file of wrong words needs no more."""

Unknown = dict[str, Message]
"""Unknown code -> the sentence that says so, with what is near to it."""


def unknown_products(session: Session, codes: Iterable[str]) -> Unknown:
    """Return what to say of product codes that are not recorded. One statement, none where there are no codes."""
    wrong = sorted(set(codes))
    if not wrong:
        return {}
    known = {search_key(code): code for code in session.scalars(select(Product.code))}
    return _said(
        wrong,
        known,
        N_("there is no product with the code “%(code)s”"),
        N_("there is no product with the code “%(code)s”. Near to it: %(near)s"),
    )


def unknown_substances(session: Session, codes: Iterable[str], as_of: date) -> Unknown:
    """Return what to say of codes that are on no list; names are compared as well. Few statements, or none."""
    wrong = sorted(set(codes))
    if not wrong:
        return {}
    known: dict[str, str] = {}
    for fact in substances_on(session, as_of):
        known[search_key(fact.code)] = known[search_key(fact.name)] = f"{fact.code} ({fact.name})"
    return _said(
        wrong,
        known,
        N_("there is no substance with the code “%(code)s”"),
        N_("there is no substance with the code “%(code)s”. Near to it: %(near)s"),
    )


def _said(wrong: list[str], known: dict[str, str], plain: str, with_near: str) -> Unknown:
    said: Unknown = {}
    for code in wrong:
        near = nearest(code, known) if len(said) < MOST_SUGGESTED_FOR else ()
        said[code] = (
            Message(with_near, {"code": code, "near": ", ".join(near)}) if near else Message(plain, {"code": code})
        )
    return said
