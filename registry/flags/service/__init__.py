"""Flags raised by the deed that causes them, worked on by people, and looked for day by day."""

from registry.flags.service.raising import raise_flags
from registry.flags.service.sweep import Swept, sweep
from registry.flags.service.work import close_flag, close_flags, release_flags, take_flags

__all__ = ["Swept", "close_flag", "close_flags", "raise_flags", "release_flags", "sweep", "take_flags"]
