"""Pages of applications, cases and permits."""

from registry.permits.pages.applications import blueprint as applications
from registry.permits.pages.cases import blueprint as cases
from registry.permits.pages.permits import blueprint as permits
from registry.permits.pages.permits import organisation_panel
from registry.permits.pages.shared import APPLY, READ

__all__ = ["APPLY", "READ", "applications", "cases", "organisation_panel", "permits"]
