"""The pages of this room, put together on one blueprint."""

from registry.journals.pages import register
from registry.journals.pages.blueprint import blueprint

__all__ = ["blueprint", "register"]
