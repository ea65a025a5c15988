"""The pages of this room, put together on one blueprint."""

from registry.journals.pages import month, register
from registry.journals.pages.blueprint import blueprint

__all__ = ["blueprint", "month", "register"]
