"""Passwords, roles with organisations, waits: both sides of every boundary."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from registry.accounts.domain import (
    ACCOUNT_THROTTLE,
    ADDRESS_THROTTLE,
    ROLES,
    Role,
    SessionLimits,
    account_problems,
    browser_name,
    password_problems,
    role_problems,
)
from registry.accounts.passwords import common_passwords

FIRM, OFFICER = Role.PHARMACY.value, Role.OFFICER.value


def codes(password: str, username: str = "asel") -> list[str]:
    return [problem.code for problem in password_problems(password, username, common_passwords())]


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("tulip-ox-rai", []),
        ("tulip-ox-ra", ["too-short"]),
        ("ab cd ef " * 14 + "xy", []),
        ("ab cd ef " * 14 + "xyz", ["too-long"]),
        ("my asel is a hamster", ["holds-username"]),
        ("MY ASEL IS A HAMSTER", ["holds-username"]),
        ("123456789012", ["common"]),
        ("Correct Horse Battery Staple", ["common"]),
        ("aaaaaaaaaaaaaaaa", ["common"]),
        ("abababababababab", ["common"]),
        ("registry2026!", ["context-word"]),
        ("Morphine-2026-KG", ["context-word"]),
        ("tramadol20262026", ["context-word"]),
        ("Bishkek-pharmacy-01", ["context-word"]),
        ("бишкек20262026", ["context-word"]),
        ("morphine abcde", ["context-word"]),
        ("morphine abcdef", []),
        ("93-8472-8837-115", []),
        ("алты кара ат чабат", []),
    ],
)
def test_passwords(password: str, expected: list[str]) -> None:
    assert codes(password) == expected


def test_only_a_user_name_of_some_length_counts() -> None:
    assert codes("seven bob otters juggle", "bob") == []
    assert codes("seven bobo otters juggle", "bobo") == ["holds-username"]


def test_the_list_of_guesses_holds_only_what_length_lets_through() -> None:
    assert all(len(guess) >= 11 for guess in common_passwords())
    assert len(common_passwords()) > 50


@pytest.mark.parametrize(
    ("roles", "organisation_id", "expected"),
    [
        ({OFFICER}, None, []),
        ({OFFICER, Role.APPROVER.value}, None, []),
        ({OFFICER}, 1, ["not-wanted"]),
        ({FIRM}, 1, []),
        ({FIRM}, None, ["missing"]),
        ({FIRM, OFFICER}, 1, ["mixed-roles"]),
        (set(), None, ["unknown-value"]),
        ({"emperor"}, None, ["unknown-value"]),
        ({Role.SYSTEM.value}, None, ["unknown-value"]),
    ],
)
def test_roles_and_organisation(roles: set[str], organisation_id: int | None, expected: list[str]) -> None:
    assert [problem.code for problem in role_problems(roles, organisation_id)] == expected


@pytest.mark.parametrize("username", ["", "system", "anonymous", "Asel", "a b", "-a", "a-", "a" * 65, "асель", "a\n"])
def test_bad_usernames(username: str) -> None:
    assert [p.code for p in account_problems(username, "Asel", {OFFICER}, None, "ky")] == ["not-a-username"]


@pytest.mark.parametrize("username", ["a", "asel", "a.b-c_1", "a" * 64])
def test_good_usernames(username: str) -> None:
    assert account_problems(username, "Asel", {OFFICER}, None, "ky") == []


def test_all_problems_come_at_once() -> None:
    found = account_problems("A B", " ", {FIRM}, None, "de")
    assert [problem.column for problem in found] == ["username", "name", "language", "organisation"]


def test_system_is_nobodys_role() -> None:
    assert Role.SYSTEM not in ROLES
    assert set(ROLES) | {Role.SYSTEM} == set(Role)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (9, 480), (10, 900), (11, 900), (10**6, 900)]
)
def test_waits_of_an_account(failures: int, seconds: int) -> None:
    assert ACCOUNT_THROTTLE.wait(failures) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("failures", "seconds"), [(29, 0), (30, 30), (31, 60), (36, 1920), (37, 3600), (10**6, 3600)])
def test_waits_of_an_address(failures: int, seconds: int) -> None:
    assert ADDRESS_THROTTLE.wait(failures) == timedelta(seconds=seconds)


def test_limits_of_a_session() -> None:
    limits = SessionLimits(timedelta(minutes=30), timedelta(hours=12))
    start = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    assert limits.alive(start, start, start + timedelta(minutes=30) - tick)
    assert not limits.alive(start, start, start + timedelta(minutes=30))
    end = start + timedelta(hours=12)
    assert limits.alive(start, end - tick, end - tick)
    assert not limits.alive(start, end - tick, end)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Safari/537.36",
            "Chrome, Android",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537.36 Edg/140", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.0", "curl/8.0"),
        ("", ""),
    ],
)
def test_browsers_people_recognise(agent: str, expected: str) -> None:
    assert browser_name(agent) == expected
