"""Pages seen from above all rooms: start page, positions, flags, audit log, search, state of the system."""

from registry.supervision.pages import allocations, flags, health, home, positions, search, trail, turn
from registry.supervision.pages.blueprint import BLUEPRINTS

__all__ = ["BLUEPRINTS", "allocations", "flags", "health", "home", "positions", "search", "trail", "turn"]
