"""The room of the firm among the pages of permits: whose applications they are."""

from __future__ import annotations

from flask import Blueprint

from registry.accounts import policy
from registry.accounts.guard import current_actor
from registry.kernel.errors import Forbidden
from registry.kernel.text import N_, Message
from registry.permits.pages.shared import APPLY

NO_ORGANISATION = Message(N_("your account belongs to no organisation"))

blueprint = Blueprint("applications", __name__, template_folder="../templates")


def own_organisation() -> int:
    """Return the organisation of the person; an account without one may apply for nobody."""
    found = policy.scope(current_actor(), APPLY)
    if found is None:
        raise Forbidden(NO_ORGANISATION)
    return found
