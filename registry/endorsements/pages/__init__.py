"""Pages of endorsements, of what is waited for, and the section on the page of a permit."""

from registry.endorsements.pages import waiting
from registry.endorsements.pages.blueprint import AWAITED, CHASE, ENDORSE, READ, blueprint
from registry.endorsements.pages.endorsements import panel

__all__ = ["AWAITED", "CHASE", "ENDORSE", "READ", "blueprint", "panel", "waiting"]
