"""Pages of reports: what is owed and by whom, one report with its sheet."""

from registry.reporting.pages import listing, refused, report
from registry.reporting.pages.blueprint import READ, blueprint

__all__ = ["READ", "blueprint", "listing", "refused", "report"]
