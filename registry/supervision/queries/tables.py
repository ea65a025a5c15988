"""Tables of lower rooms, for the few reads that only show from above: counts, and search over all rooms.

Named by their table, as a foreign key names them: the rows themselves stay their rooms' own.
Nothing is written through these.
"""

from __future__ import annotations

from sqlalchemy import Table

from registry.db import Base


def table(name: str) -> Table:
    """Return the table called `name`. Raises KeyError where no room has such a table."""
    return Base.metadata.tables[name]
