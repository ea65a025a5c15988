"""A site with the pages and commands of the exchange, and people who send files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.exchange import setup
from registry.substances.service import load_reference
from tests.accounts.conftest import Site, build, cheap_hashes, close

__all__ = ["cheap_hashes"]


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """A site on a fresh database; runs on both kinds."""
    app = build(database_url, tmp_path)
    if "exchange" not in app.blueprints:
        setup.init_app(app)
    yield Site(app)
    close(app)


@pytest.fixture
def lists(site: Site) -> Site:
    """A site with the lists loaded."""
    site.do(load_reference, site.clock)
    return site
