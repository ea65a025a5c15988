"""Navigation by what each role does: rooms register items, the layout shows those of the reader's roles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from flask import Flask, current_app, request, url_for

KEY = "registry.navigation"
SEARCHING = "registry.searching"
EVERYBODY = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry: an endpoint without parameters, an English label marked with ``N_``, who sees it.

    `roles` holding ``*`` means every signed-in person. Items of one `group` (an English
    label too) share a second row; an item without a group stands in the first row itself.
    """

    endpoint: str
    label: str
    roles: frozenset[str]
    group: str = ""
    order: int = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as the layout shows it; `inner` are the items of the same group."""

    label: str
    href: str
    current: bool
    order: int
    inner: tuple[Entry, ...] = field(default=())


def register(app: Flask, items: Iterable[NavItem]) -> None:
    """Add `items` to the navigation of `app`."""
    app.extensions.setdefault(KEY, []).extend(items)


def offer_search(app: Flask, roles: Iterable[str]) -> None:
    """Offer the search beside the navigation to these roles alone."""
    app.extensions[SEARCHING] = frozenset(roles)


def may_search(roles: Iterable[str]) -> bool:
    """Say whether the search is offered to somebody of `roles`; to everybody while no room says to whom."""
    searching: frozenset[str] | None = current_app.extensions.get(SEARCHING)
    return searching is None or not searching.isdisjoint(roles)


def items_for(roles: Iterable[str], current_endpoint: str | None = None) -> list[Entry]:
    """Return the first row for `roles`, in order; a group leads to its first item.

    An entry is current when its endpoint is shown, or another page of the same blueprint is
    and no item names that page itself. Endpoints the application does not have are left out.
    """
    held = frozenset(roles)
    shown = sorted(
        (item for item in current_app.extensions.get(KEY, []) if _visible(item, held)),
        key=lambda item: (item.order, item.endpoint),
    )
    current = _current(shown, current_endpoint if current_endpoint is not None else request.endpoint)
    rows: dict[str, list[Entry]] = {}
    for item in shown:
        entry = Entry(item.label, url_for(item.endpoint), item.endpoint == current, item.order)
        rows.setdefault(item.group or f"/{item.endpoint}", []).append(entry)
    return [_row(name, entries) for name, entries in rows.items()]


def _visible(item: NavItem, held: frozenset[str]) -> bool:
    if item.endpoint not in current_app.view_functions:
        return False
    return not item.roles.isdisjoint(held) or (bool(held) and not item.roles.isdisjoint(EVERYBODY))


def _current(shown: list[NavItem], endpoint: str | None) -> str | None:
    if endpoint is None or any(item.endpoint == endpoint for item in shown):
        return endpoint
    room = endpoint.rpartition(".")[0]
    return next((item.endpoint for item in shown if room and item.endpoint.rpartition(".")[0] == room), None)


def _row(name: str, entries: list[Entry]) -> Entry:
    if name.startswith("/"):
        return entries[0]
    first = entries[0]
    inner = tuple(entries) if len(entries) > 1 else ()
    return Entry(name, first.href, any(entry.current for entry in entries), first.order, inner)
