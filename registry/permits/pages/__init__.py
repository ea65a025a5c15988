"""Pages of applications, cases and permits."""

from registry.permits.pages import applications as applications_pages
from registry.permits.pages import apply as apply_pages
from registry.permits.pages import correct as correct_pages
from registry.permits.pages.cases import blueprint as cases
from registry.permits.pages.firm import blueprint as applications
from registry.permits.pages.permits import blueprint as permits
from registry.permits.pages.permits import organisation_panel
from registry.permits.pages.shared import APPLY, READ

__all__ = [
    "APPLY",
    "READ",
    "applications",
    "applications_pages",
    "apply_pages",
    "cases",
    "correct_pages",
    "organisation_panel",
    "permits",
]
