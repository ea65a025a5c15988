"""Pure knowledge of substances and products: facts, salts, Schedule III, scopes. Knows no database.

Other rooms import from here, or from the modules beneath, never from the rows.
"""

from registry.substances.domain.facts import (
    ALL_CLASSES,
    ComponentFact,
    Control,
    EditionFact,
    RevisionFact,
    SubstanceFact,
    Treaty,
    is_substance_form,
    needs_permit,
    revision_on,
)
from registry.substances.domain.scope import is_scope_term, normalise_scope_term, scope_covers

__all__ = [
    "ALL_CLASSES",
    "ComponentFact",
    "Control",
    "EditionFact",
    "RevisionFact",
    "SubstanceFact",
    "Treaty",
    "is_scope_term",
    "is_substance_form",
    "needs_permit",
    "normalise_scope_term",
    "revision_on",
    "scope_covers",
]
