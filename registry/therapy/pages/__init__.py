"""Pages of substitution therapy: daily sheets for their sites, totals for the authority."""

from registry.therapy.pages import sheets, totals
from registry.therapy.pages.blueprint import blueprint

__all__ = ["blueprint", "sheets", "totals"]
