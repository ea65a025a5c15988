"""Backups on both databases: the same figures come back, damage is refused, nothing is half replaced."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import text

from registry.audit.queries import verify as verify_audit
from registry.db import db
from registry.kernel.errors import RegistryError
from registry.kernel.period import Period
from registry.quotas.domain.position import as_json
from registry.returns.service.make import make_return
from registry.stock.queries.verify import verify as verify_ledger
from registry.supervision import running
from registry.supervision.queries.positions import positions_on
from registry.supervision.service.backup import create_backup, restore_backup, verify_backup
from registry.supervision.service.backup import work as backup_work
from tests.supervision.conftest import Site
from tests.supervision.test_pages import flagged
from tests.world import CLOCK


def figures(site: Site) -> str:
    """Return positions and Form C of the example year as one text."""
    with site.app.app_context():
        session = db.session()
        found = [as_json(position, one.code, one.name) for one, position in positions_on(session, CLOCK, 2024)]
        made = make_return(session, CLOCK, site.app.extensions["registry.settings"], "C", Period(2024))
        text_of = repr([(figure.substance, figure.column, str(figure.exact)) for figure in _figures(made)])
        db.session.remove()
    return json.dumps(found, sort_keys=True) + text_of


def _figures(made: object) -> list[object]:
    return list(made.figures)  # type: ignore[attr-defined]


def create(site: Site, folder: Path) -> Path:
    with site.app.app_context():
        path, _ = create_backup(running.installation(), folder)
        db.session.remove()
    return path


def restore(site: Site, path: Path) -> None:
    with site.app.app_context():
        db.session.remove()
        restore_backup(running.installation(), path, lambda: None)


def spoil(site: Site) -> None:
    """Change the records as no service would."""
    with site.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE quota_line SET quantity_ng = quantity_ng + 1"))
        connection.execute(text("DELETE FROM ledger_year"))


def counted_rows(site: Site) -> dict[str, int]:
    with site.app.app_context(), db.engine.connect() as connection:
        return {
            table.name: connection.execute(text(f'SELECT COUNT(*) FROM "{table.name}"')).scalar_one()
            for table in db.metadata.sorted_tables
        }


def test_a_restored_database_gives_the_same_figures(country: Site, tmp_path: Path) -> None:
    before = figures(country)
    path = create(country, tmp_path / "backups")
    spoil(country)
    assert figures(country) != before
    restore(country, path)
    assert figures(country) == before
    with country.app.app_context():
        assert verify_ledger(db.session()).faults == ()
        count, faults = verify_audit(db.session())
        assert faults == []
        assert count > 0
        db.session.remove()
    flagged(country)  # numbers go on where they stopped


def test_it_is_one_file_for_its_owner_only(country: Site, tmp_path: Path) -> None:
    path = create(country, tmp_path / "backups")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(path.parent.iterdir()) == [path]
    manifest = verify_backup(path)
    assert manifest.database in {"sqlite", "postgresql"}
    counts = counted_rows(country)
    # The event that tells of the backup is younger than the backup.
    counts["audit_event"] -= 1
    assert dict(manifest.rows) == counts


def test_any_flipped_byte_is_refused(country: Site, tmp_path: Path) -> None:
    path = create(country, tmp_path / "backups")
    whole = path.read_bytes()
    before = figures(country)
    places = {0, 10, len(whole) // 3, len(whole) // 2, len(whole) - 70, len(whole) - 64, len(whole) - 1}
    for place in sorted(places):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(RegistryError):
            verify_backup(path)
        with pytest.raises(RegistryError):
            restore(country, path)
    path.write_bytes(whole[:-1])
    with pytest.raises(RegistryError):
        verify_backup(path)
    path.write_bytes(whole)
    assert verify_backup(path)
    assert figures(country) == before


def test_a_backup_with_a_broken_ledger_replaces_nothing(country: Site, tmp_path: Path) -> None:
    with country.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE balance SET units = units + 1"))
    path = create(country, tmp_path / "backups")
    with country.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE balance SET units = units - 1"))
    before = counted_rows(country)
    with pytest.raises(RegistryError, match="faults in the ledger"):
        restore(country, path)
    assert counted_rows(country) == before
    with country.app.app_context():
        assert verify_ledger(db.session()).faults == ()
        db.session.remove()


def test_a_backup_of_another_schema_is_refused(country: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(backup_work, "schema_head", lambda _session: "0000older")
        path = create(country, tmp_path / "backups")
    with pytest.raises(RegistryError, match="0000older"):
        restore(country, path)


def test_a_lost_database_comes_back(country: Site, tmp_path: Path) -> None:
    """SQLite: the file is gone. PostgreSQL: the schema is gone, and the migrations make it again."""
    before = figures(country)
    path = create(country, tmp_path / "backups")
    with country.app.app_context():
        db.session.remove()
        if db.engine.dialect.name == "postgresql":
            with db.engine.begin() as connection:
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
        else:
            place = Path(str(db.engine.url.database))
            db.engine.dispose()
            for ending in ("", "-wal", "-shm"):
                place.with_name(place.name + ending).unlink(missing_ok=True)
        restore_backup(running.installation(), path, upgrade)
    assert figures(country) == before


def test_sessions_end_with_a_restore(country: Site, tmp_path: Path) -> None:
    browser = country.browser("officer")
    path = create(country, tmp_path / "backups")
    assert browser.get("/").status_code == 200
    restore(country, path)
    assert browser.get("/").status_code == 303


def test_the_commands(country: Site, tmp_path: Path) -> None:
    runner = country.app.test_cli_runner()
    made = runner.invoke(args=["backup", "create", "--json"])
    assert made.exit_code == 0, made.output
    document = json.loads(made.stdout)
    path = Path(document["file"])
    assert path.parent == country.app.extensions["registry.settings"].instance_path / "backups"
    assert runner.invoke(args=["backup", "verify", str(path)]).exit_code == 0
    assert runner.invoke(args=["backup", "restore", str(path)], input="n\n").exit_code == 1
    restored = runner.invoke(args=["backup", "restore", str(path), "--yes", "--json"])
    assert restored.exit_code == 0, restored.output
    assert json.loads(restored.stdout)["digest"] == document["digest"]
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 4
    path.write_bytes(damaged)
    refused = runner.invoke(args=["backup", "verify", str(path)])
    assert refused.exit_code == 1
    assert "seal" in refused.stderr
    assert runner.invoke(args=["backup", "verify", str(tmp_path / "none")]).exit_code == 1
