"""``flask demo load``: one JSON document, a second load that changes nothing, a refusal with exit 1."""

from __future__ import annotations

import io
import json

import pytest
from flask import Flask
from rich.console import Console

from registry.accounts.service import NewAccount, create_account
from registry.db import db, unit_of_work
from registry.demo.service import load_demo
from registry.kernel.actor import SYSTEM
from tests.demo.conftest import CLOCK


def run(app: Flask, *words: str):
    return app.test_cli_runner().invoke(args=["demo", "load", *words])


def test_load_answers_with_one_document_and_the_second_time_with_nothing_done(app_with_lists: Flask):
    first = run(app_with_lists, "--size", "small", "--json")
    assert first.exit_code == 0, first.output
    answer = json.loads(first.stdout)
    assert answer["size"] == "small"
    assert answer["rows"]["movements"] > 500
    assert answer["accounts"] == 11
    again = run(app_with_lists, "--size", "small", "--json")
    assert again.exit_code == 0
    assert json.loads(again.stdout) == {"size": "small", "rows": {}, "findings": 0, "accounts": 0}
    assert "already" in run(app_with_lists, "--size", "small").stdout


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_refused_once_a_real_account_exists(app_with_lists: Flask):
    with app_with_lists.app_context(), unit_of_work(db.session()):
        create_account(db.session(), SYSTEM, CLOCK, NewAccount("someone", "Someone Real", frozenset({"auditor"})))
    refused = run(app_with_lists, "--size", "small", "--json")
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert "real accounts" in refused.stderr


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_an_unknown_size_is_wrong_usage(app_with_lists: Flask):
    assert run(app_with_lists, "--size", "huge").exit_code == 2


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_the_start_tells_each_file(app_with_lists: Flask):
    told = io.StringIO()
    with app_with_lists.app_context():
        loaded = load_demo(Console(file=told, width=100), "small")
    assert loaded.accounts == 11
    lines = told.getvalue().splitlines()
    assert lines[0] == "demo organisations: 13 rows"
    assert lines[-1].startswith("demo applications: ")
