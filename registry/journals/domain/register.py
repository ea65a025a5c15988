"""The register of operations of one product at one site and year: lines in the order they were learned, page by page.

Nothing is put between what stands there already, so that a page once full is the same whenever it is printed; its
digest holds that of the page before (decision 0033).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from itertools import islice

LINES = 18
"""Lines of a page. Part of what a digest says: pages printed before have this many."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One entry as it changed the shelves of the site; `delta` in units of account, never zero.

    `other`: code of the site or of the country on the other side, ``""`` where there is none; `document`: of the
    entry, or its prescription; `reverses`: reference of the entry it takes back. `earlier`: of a year before this one.
    """

    reference: str
    occurred_on: date
    recorded_at: datetime
    kind: str
    reverses: str
    document: str
    other: str
    other_id: int | None
    label: str
    delta: int
    earlier: bool = False

    @property
    def received(self) -> int:
        """Return what came; a reversal of what came takes it off again."""
        return self.delta if (self.delta > 0) is not bool(self.reverses) else 0

    @property
    def issued(self) -> int:
        """Return what went; a reversal of what went takes it off again."""
        return self.received - self.delta


@dataclass(frozen=True, slots=True)
class Heading:
    """What a register begins with: the balance brought into the year, and how many operations it holds."""

    site: str
    product: str
    year: int
    opening: int
    operations: int

    @property
    def pages(self) -> int:
        """Return the number of its pages, one at least."""
        return max(1, -(-self.operations // LINES))


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One line. `late`: later days stood there already when it was learned."""

    number: int
    operation: Operation
    balance: int
    late: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """What came and went since the beginning of the register, and what was left."""

    received: int
    issued: int
    balance: int


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """One page; `digest`: 64 hexadecimal signs over all that stands on it and the digest of the page before."""

    number: int
    brought: Sums
    lines: tuple[RegisterLine, ...]
    carried: Sums
    digest: str

    @property
    def is_full(self) -> bool:
        """Say whether nothing will be added to it."""
        return len(self.lines) == LINES


def pages_of(heading: Heading, operations: Iterable[Operation]) -> Iterator[RegisterPage]:
    """Lay operations out on pages, one after the other; a register without any has one page without lines."""
    sums, digest, written, latest = Sums(0, 0, heading.opening), "", 0, date.min
    waiting, number = iter(operations), 0
    while taken := tuple(islice(waiting, LINES)):
        brought, lines, number = sums, list[RegisterLine](), number + 1
        for operation in taken:
            written += 1
            sums = Sums(
                sums.received + operation.received, sums.issued + operation.issued, sums.balance + operation.delta
            )
            lines.append(
                RegisterLine(written, operation, sums.balance, operation.earlier or operation.occurred_on < latest)
            )
            latest = max(latest, operation.occurred_on)
        digest = _digest(heading, number, digest, brought, lines)
        yield RegisterPage(number, brought, tuple(lines), sums, digest)
    if not written:
        yield RegisterPage(1, sums, (), sums, _digest(heading, 1, "", sums, []))


def _digest(heading: Heading, number: int, before: str, brought: Sums, lines: Iterable[RegisterLine]) -> str:
    told: list[object] = [heading.site, heading.product, heading.year, number, before, brought.balance]
    told += [
        [
            line.number,
            line.operation.occurred_on.isoformat(),
            line.operation.recorded_at.isoformat(timespec="seconds"),
            line.operation.kind,
            line.operation.reference,
            line.operation.reverses,
            line.operation.document,
            line.operation.other,
            line.operation.label,
            line.operation.received,
            line.operation.issued,
            line.balance,
        ]
        for line in lines
    ]
    return sha256(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
