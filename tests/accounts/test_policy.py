"""Role by action, written out once more by hand: the table of the policy must equal this one."""

from __future__ import annotations

import itertools

import pytest

from registry.accounts import policy
from registry.accounts.domain import ROLES, Role
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.errors import Forbidden

# o officer, p approver, s statistician, a auditor, d administrator; c customs; i importer, w wholesaler, h pharmacy.
LETTERS = dict(zip("opsadciwh", ROLES, strict=True))
MATRIX = {
    "home": "opsadciwh",
    "search": "opsadiwh",
    "accounts.profile": "opsadciwh",
    "accounts.manage": "d",
    "substances.read": "opsadiwh",
    "products.read": "opsadiwh",
    "products.write": "od",
    "parties.read": "opsadiwh",
    "authorities.read": "opsad",
    "authorities.write": "od",
    "licences.read": "opsadiwh",
    "licences.propose": "o",
    "licences.decide": "p",
    "deeds.read": "opsad",
    "deputies.read": "opsad",
    "deputies.propose": "d",
    "deputies.decide": "pd",
    "mergers.propose": "od",
    "mergers.decide": "p",
    "therapy.read": "h",
    "therapy.write": "h",
    "therapy.totals": "opsa",
    "files.import.therapy_sheets": "h",
    "files.import.prescription_limits": "d",
    "seizures.read": "opsa",
    "seizures.write": "o",
    "quotas.read": "opsad",
    "quotas.propose": "o",
    "quotas.approve": "p",
    "quotas.publish": "p",
    "quotas.turn": "op",
    "workdays.read": "opsadiwh",
    "parameters.read": "opsad",
    "parameters.propose": "od",
    "parameters.approve": "p",
    "parameters.set": "d",
    "mail.manage": "d",
    "parties.contact": "odiwh",
    "permits.read": "opsadiwh",
    "permits.apply": "i",
    "permits.examine": "o",
    "permits.issue": "p",
    "permits.refuse": "p",
    "permits.endorse": "o",
    "permits.awaited": "opsad",
    "permits.chase": "od",
    "originals.read": "opsad",
    "originals.draw": "od",
    "originals.record": "o",
    "correspondence.read": "opsad",
    "correspondence.receive": "o",
    "correspondence.send": "o",
    "customs.read": "opac",
    "customs.write_off": "c",
    "stock.read": "opsaiwh",
    "stock.lines.read": "opaiwh",
    "stock.release": "oi",
    "stock.rule": "p",
    "destruction.sign": "op",
    "destruction.witness": "opa",
    "stock.post": "iwh",
    "reports.read": "opsaiwh",
    "reports.state": "iwh",
    "reports.chase": "od",
    "periods.propose": "o",
    "periods.decide": "p",
    "returns.read": "opsa",
    "returns.build": "ops",
    "flags.read": "opad",
    "flags.take": "op",
    "flags.close": "op",
    "flags.sweep": "od",
    "audit.read": "ad",
    "health.read": "d",
    "files.import.organisations": "d",
    "files.import.authorities": "od",
    "files.import.licences": "d",
    "files.import.products": "d",
    "files.import.components": "d",
    "files.import.quotas": "d",
    "files.import.permits": "d",
    "files.import.foreign_estimates": "o",
    "files.import.holidays": "od",
    "files.import.natural_losses": "od",
    "files.import.endorsements": "o",
    "files.import.population": "d",
    "files.import.past_returns": "d",
    "files.import.movements": "iwh",
    "files.import.counts": "iwh",
    "files.import.applications": "i",
    "files.import.declarations": "oi",
    "files.import.seizures": "o",
    "files.import.notices": "o",
}
OPEN_TO_ALL_FIRMS = {"home", "search", "accounts.profile", "substances.read", "products.read", "workdays.read"}
FIRMS = "iwh"
OWN, FOREIGN = 7, 8


def actor(letter: str) -> Actor:
    return Actor(1, "somebody", frozenset({LETTERS[letter].value}), OWN if letter in FIRMS else None)


def test_every_action_stands_in_both_tables() -> None:
    assert set(MATRIX) == set(policy.ACTIONS)


@pytest.mark.parametrize(("action", "letter"), list(itertools.product(MATRIX, LETTERS)))
def test_role_by_action(action: str, letter: str) -> None:
    who, may = actor(letter), letter in MATRIX[action]
    everywhere = may and (letter not in FIRMS or action in OPEN_TO_ALL_FIRMS)
    assert policy.holds(who, action) is may
    assert policy.allows(who, action, OWN) is may
    assert policy.allows(who, action, FOREIGN) is everywhere
    assert policy.allows(who, action) is everywhere


def test_nobody_without_a_role_may_anything() -> None:
    nobody = Actor(None, "anonymous")
    stranger = Actor(1, "stranger", frozenset({"of no such role"}), OWN)
    for action in policy.ACTIONS:
        for who in (nobody, stranger):
            assert not policy.holds(who, action)
            assert not policy.allows(who, action, OWN)


def test_a_firm_without_organisation_may_nothing_of_its_own() -> None:
    lost = Actor(1, "lost", frozenset({Role.PHARMACY.value}), None)
    assert not policy.holds(lost, "stock.post")
    assert not policy.allows(lost, "stock.post", None)


def test_system_may_everything() -> None:
    assert all(policy.allows(SYSTEM, action, FOREIGN) for action in policy.ACTIONS)


def test_scope_narrows_firms_and_refuses_others() -> None:
    assert policy.scope(actor("h"), "stock.read") == OWN
    assert policy.scope(actor("o"), "stock.read") is None
    assert policy.scope(actor("h"), "products.read") is None
    with pytest.raises(Forbidden):
        policy.scope(actor("d"), "stock.read")


def test_require_raises_where_allows_says_no() -> None:
    policy.require(actor("h"), "stock.post", OWN)
    with pytest.raises(Forbidden):
        policy.require(actor("h"), "stock.post", FOREIGN)
    with pytest.raises(Forbidden):
        policy.require_holds(actor("s"), "stock.lines.read")


def test_an_unknown_action_is_a_bug_not_a_no() -> None:
    with pytest.raises(KeyError):
        policy.allows(SYSTEM, "no.such.action")


def test_roles_for_navigation() -> None:
    assert policy.roles_for("audit.read") == {"auditor", "administrator"}
