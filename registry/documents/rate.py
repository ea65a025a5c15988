"""How often one address may look: a sliding minute, kept in memory, forgotten with the process.

Nothing of it is stored. Several server processes count apart: the limit is then that many times higher.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from threading import Lock

WINDOW = timedelta(minutes=1)
MOST_ADDRESSES = 10_000


class Rate:
    """Lets each address through at most `most` times within a minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def allows(self, address: str, now: datetime) -> bool:
        """Count one try of `address` and say whether it is still within the limit; a refused try counts too."""
        with self._lock:
            tries = self._seen.setdefault(address, deque(maxlen=self._most + 1))
            self._seen.move_to_end(address)
            while len(self._seen) > MOST_ADDRESSES:
                self._seen.popitem(last=False)
            while tries and now - tries[0] >= WINDOW:
                tries.popleft()
            tries.append(now)
            return len(tries) <= self._most
