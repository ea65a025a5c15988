"""``flask permit draw``: the originals of the months that are over, for a daily timer."""

from __future__ import annotations

from registry.accounts.commands import acting, answer, as_option, json_option, refusals
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.originals import service
from registry.originals.service import DRAW
from registry.permits.cli import permit

__all__ = ["draw", "permit"]


@permit.command("draw")
@json_option
@as_option
def draw(*, as_json: bool, as_username: str) -> None:
    """Draw at random the permits whose foreign original is to be shown, once for each month that is over."""
    session = db.session()
    with refusals(DRAW, "originals", as_username):
        actor = acting(session, as_username, DRAW)
        with unit_of_work(session):
            done = service.draw(session, actor, current_clock())
    lines = [
        line
        for one in done
        for line in (
            f"{one.month:%Y-%m}: drawn {len(one.permits)} of {one.population}",
            *(each.number for each in one.permits),
        )
    ]
    answer({"months": [one.as_json() for one in done]}, lines, as_json=as_json)
