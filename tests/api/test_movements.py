"""Movements sent by programs: recorded as a file records them, once, all or none."""

from __future__ import annotations

import threading

from sqlalchemy import text

from tests.api.programs import Program, new_key, program, statements_of, token_of
from tests.pages import Office, cheap_hashes, office

__all__ = ["cheap_hashes", "office"]

STOCK = {"occurred_on": "2024-01-01", "kind": "opening_stock", "site": "E-IMP", "product": "MOR10", "batch": "API"}


def opening(reference: str, quantity: str = "100", **changes: object) -> dict[str, object]:
    return STOCK | {"reference": reference, "quantity": quantity, "batch": reference} | changes


def lost(reference: str, batch: str, quantity: str, **changes: object) -> dict[str, object]:
    return opening(reference, quantity, kind="lose", occurred_on="2024-02-01", batch=batch) | changes


def count(office: Office, table: str = "movement") -> int:
    with office.rows() as session:
        return int(session.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one())


def test_movements_are_recorded_and_told_as_the_contract_says(office: Office) -> None:
    sending = program(office, "imran")
    told = sending.post("/movements", {"movements": [opening("B-1"), lost("B-2", "B-1", "1")]})
    assert told.status_code == 201
    assert told.get_json() == {
        "kind": "movements", "rows": 2, "accepted": 2, "duplicates": 0, "written": True, "errors": [],
        "findings": told.get_json()["findings"],
    }  # fmt: skip
    (balance,) = (one for one in sending.read("/balances?product=MOR10")["items"] if one["batch"] == "B-1")
    assert (balance["quantity"], balance["unit"], balance["site"]) == ("99", "piece", "E-IMP")
    entry = sending.read("/movements/B-2")
    assert (entry["kind"], entry["occurred_on"], entry["recorded_by"]) == ("lose", "2024-02-01", "imran")
    # The same lines under another key are known already, as in a file sent twice.
    again = sending.post("/movements", {"movements": [opening("B-1"), lost("B-2", "B-1", "1")]})
    assert (again.status_code, again.get_json()["duplicates"], again.get_json()["accepted"]) == (201, 2, 0)
    assert count(office) == 2


def test_what_is_refused_is_told_with_every_row_and_writes_nothing(office: Office) -> None:
    sending = program(office, "imran")
    lines = [
        opening("B-1"),
        opening("B-2", "1.5"),
        opening("B-3", 2.5),
        opening("B-4", product="NONE"),
        {"reference": "B-5"},
    ]
    told = sending.post("/movements", {"movements": lines})
    body = told.get_json()
    assert (told.status_code, told.mimetype) == (422, "application/problem+json")
    assert (body["kind"], body["rows"], body["written"], body["code"]) == ("movements", 5, False, "invalid")
    assert {(one["row"], one["column"]) for one in body["errors"]} == {
        (3, "quantity"), (4, "quantity"), (5, "product"),
        (6, "occurred_on"), (6, "kind"), (6, "site"), (6, "product"), (6, "quantity"),
    }  # fmt: skip
    below = sending.post("/movements", {"movements": [opening("B-1", "10"), lost("B-2", "B-1", "12")]})
    (finding,) = (one for one in below.get_json()["findings"] if one["severity"] == "refuse")
    assert (below.status_code, below.get_json()["code"]) == (422, "rule-refused")
    assert (finding["row"], finding["rule"]) == (3, "STK-03")
    assert (count(office), count(office, "given_answer")) == (0, 0)
    assert office.refusals() == [("imran", "stock.post")] * 2


def test_a_trial_writes_nothing(office: Office) -> None:
    sending = program(office, "imran")
    told = sending.post("/movements?dry_run=true", {"movements": [opening("B-1")]})
    assert (told.status_code, told.get_json()["accepted"], told.get_json()["written"]) == (200, 1, False)
    refused = sending.post("/movements?dry_run=yes", {"movements": [opening("B-1", "1.5")]})
    assert (refused.status_code, refused.get_json()["written"]) == (422, False)
    assert (count(office), office.refusals()) == (0, [])


def test_the_shelf_of_another_firm_is_not_written_to(office: Office) -> None:
    told = program(office, "imran").post("/movements", {"movements": [opening("B-1", site="E-WHO")]})
    assert told.status_code == 422
    assert count(office) == 0


def test_the_number_of_statements_does_not_grow_with_the_lines(office: Office) -> None:
    sending = program(office, "imran")
    sending.post("/movements", {"movements": [opening("W-1")]})
    counts = []
    for size in (3, 300):
        lines = [opening(f"S{size}-{number}") for number in range(size)]
        with statements_of(office) as seen:
            assert sending.post("/movements", {"movements": lines}).status_code == 201
        counts.append(len(seen))
    assert counts[0] == counts[1], counts


def test_ten_thousand_lines_are_taken_and_one_more_is_not(office: Office) -> None:
    sending = program(office, "imran")
    lines = [opening(f"T-{number}") for number in range(10_001)]
    told = sending.post("/movements", {"movements": lines})
    assert (told.status_code, told.get_json()["errors"][0]["code"]) == (422, "too-many-rows")
    assert sending.post("/movements", {"movements": lines[:-1]}).get_json()["accepted"] == 10_000
    assert count(office) == 10_000


def test_the_same_batch_sent_by_many_at_once_has_one_effect(office: Office) -> None:
    """Six senders with one key, and two with keys of their own: one posting, the others are told the same or know it."""
    token, key = token_of(office, "imran"), new_key()
    lines = {"movements": [opening(f"B-{number}") for number in range(50)]}
    told: list[tuple[int, dict[str, object]]] = []
    ready = threading.Barrier(8)

    def send(own: str) -> None:
        sending = Program(office, token)
        ready.wait(20)
        answer = sending.post("/movements", lines, key=own)
        told.append((answer.status_code, answer.get_json()))

    keys = [key] * 6 + [new_key(), new_key()]
    threads = [threading.Thread(target=send, args=(own,)) for own in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    # Whoever comes with another key while the first is at work may be told to look again.
    assert {status for status, _ in told} <= {201, 409}
    assert count(office) == 50
    written = [body for status, body in told if status == 201]
    assert sum(1 for body in written if body["accepted"] == 50) >= 1
    assert all(body["accepted"] in (0, 50) for body in written)
    assert sum(1 for status, _ in told if status == 409) <= 2


def test_a_firm_reads_no_user_name_of_another(office: Office) -> None:
    sent = opening("S-1", "5", kind="supply", occurred_on="2024-02-01", batch="O-1") | {"counterparty": "E-PH1"}
    told = program(office, "imran").post("/movements", {"movements": [opening("O-1"), sent]})
    assert told.status_code == 201, told.text
    readers = {
        name: program(office, name).read("/movements/S-1")["recorded_by"] for name in ("imran", "asel", "polina")
    }
    assert readers == {"imran": "imran", "asel": "imran", "polina": None}
    assert "imran" not in program(office, "polina").get("/movements").text
