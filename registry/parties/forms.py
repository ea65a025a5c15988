"""What people type on the pages of organisations."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.kernel.text import N_
from registry.parties.domain import ORGANISATION_KINDS, REGIONS
from registry.web.page_forms import QueryForm

_ANY = SelectChoice("", N_("all"))


class OrganisationFilter(QueryForm):
    """Which organisations to list; the regions are those that are recorded."""

    q = StringField(N_("Name or code"))
    kind = SelectField(N_("Kind"), choices=[_ANY, *(SelectChoice(k.code, k.name) for k in ORGANISATION_KINDS.values())])
    region = SelectField(N_("Region"), choices=[_ANY])

    def offer(self, regions: Iterable[str]) -> None:
        """Offer these regions."""
        self.region.choices = [_ANY, *(SelectChoice(region, REGIONS.get(region, region)) for region in regions)]
