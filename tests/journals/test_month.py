"""The monthly sheet on paper."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path

from tests.pages import Office, cheap_hashes, office
from tests.world import BISHKEK, take_file

__all__ = ["cheap_hashes", "office"]


def test_the_sheet_is_printed_with_places_to_write_and_to_sign(office: Office, tmp_path: Path) -> None:
    office.at(datetime(2025, 3, 3, 9, tzinfo=BISHKEK))
    with office.rows() as session:
        take_file(session, "07-movements", office.clock)
    polina = office.browser("polina")
    link = "/journals/month.pdf?site=E-PH1&month=2024-04"
    assert f'href="{link.replace("&", "&amp;")}"' in polina.get("/stock/month?site=E-PH1&month=2024-04").text
    path = tmp_path / "sheet.pdf"
    path.write_bytes(polina.get(link).data)
    told = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True).stdout
    assert "MOR10" in told
    assert "Page 1 of 1" in told
    assert "pcs 60 000 0 30 000 0 30 000" in " ".join(told.replace("\u00a0", " ").split())
    for word in ("By the book", "As found", "Difference", "Responsible person", "Head"):
        assert word in told, word
    assert polina.get("/journals/month.pdf?site=E-WHO").status_code == 404
    assert polina.get("/journals/month.pdf?month=2024-13").status_code == 404
    assert office.browser("asel").get("/journals/month.pdf").status_code == 404
