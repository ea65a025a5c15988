"""``flask permit``: the commands about single permits; higher rooms add theirs."""

from __future__ import annotations

from flask.cli import AppGroup

permit = AppGroup("permit", help="Permits after issue: as files, sent, taken in, reminded of.")
