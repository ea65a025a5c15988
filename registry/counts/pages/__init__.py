"""The pages of this room, put together on one blueprint."""

from registry.counts.pages import acts, cases, counts, losses, sheets
from registry.counts.pages.blueprint import blueprint

__all__ = ["acts", "blueprint", "cases", "counts", "losses", "sheets"]
