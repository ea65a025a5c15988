"""`flask ledger export`: the files, the event it leaves, who may."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import text

from tests.pages import Office, cheap_hashes, office

__all__ = ["cheap_hashes", "office"]


def test_the_command_writes_the_files_and_is_audited(office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    answer = office.app.test_cli_runner().invoke(args=["ledger", "export", "1999", str(folder), "--json"])
    assert answer.exit_code == 0, answer.output
    written = json.loads(answer.stdout)
    assert [(each["name"], each["rows"]) for each in written[:3]] == [
        ("entries.csv", 0), ("shelves.csv", 0), ("totals.csv", 0),
    ]  # fmt: skip
    head = (folder / "shelves.csv").read_text("utf-8-sig").splitlines()
    assert head == ["site,product,batch,unit,opening_units,closing_units,opening,closing"]
    with office.rows() as session:
        found = session.execute(
            text("SELECT actor, subject, detail FROM audit_event WHERE action = 'stock.export'")
        ).all()
    assert [(row.actor, row.subject) for row in found] == [("system", "year 1999")]
    assert written[3]["sha256"] in str(found[0].detail)


def test_no_firm_exports_the_ledger(office: Office, tmp_path: Path) -> None:
    office.hire("imran")
    command = ["ledger", "export", "1999", str(tmp_path / "out"), "--as", "imran"]
    refused = office.app.test_cli_runner().invoke(args=command)
    assert refused.exit_code == 1
    assert "authority" in refused.stderr
    assert not (tmp_path / "out").exists()
