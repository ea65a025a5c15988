"""Pages of reports: what is owed and by whom, one report with its sheet."""

from registry.reporting.pages import closing, listing, refused, report
from registry.reporting.pages.blueprint import READ, blueprint
from registry.reporting.pages.closing import effects

__all__ = ["READ", "blueprint", "closing", "effects", "listing", "refused", "report"]
