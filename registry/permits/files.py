"""The kinds of files this room takes in."""

from __future__ import annotations

from registry.intake.kinds import FileKind
from registry.kernel.fields import (
    Column,
    as_code,
    as_country,
    as_day,
    as_grams_or_zero,
    as_name,
    as_quantity,
    as_substance,
    as_year,
    choice,
    named,
)
from registry.kernel.persons import as_note
from registry.kernel.text import N_
from registry.permits.domain.kinds import FILE_KINDS as KINDS
from registry.permits.domain.numbers import as_eaeu_number
from registry.permits.service.abroad import FILE_KIND as FOREIGN
from registry.permits.service.abroad import record_foreign_estimates
from registry.permits.service.applications import FILE_KIND as APPLICATIONS
from registry.permits.service.applications import submit_applications
from registry.permits.service.records import FILE_KIND as PERMITS
from registry.permits.service.records import record_permits

_KIND = Column(
    "kind",
    choice(KINDS),
    note=N_("kind of the permit"),
    choices=tuple(KINDS),
    meanings=named(KINDS),
)
_ORGANISATION = Column("organisation", as_code, note=N_("code of the organisation"))
_COUNTRY = Column("partner_country", as_country, note=N_("country of the partner, ISO 3166, two letters"))
_PARTNER = Column("partner", as_name, note=N_("name of the partner abroad"))
_PRODUCT = Column("product", as_code, note=N_("code of the product"))
_QUANTITY = Column("quantity", as_quantity, note=N_("in the unit of the product"))
_COUNTERPART = Column("counterpart_number", as_code, required=False, note=N_("number of the other country's permit"))
_PURPOSE = Column("purpose", as_note, required=False, note=N_("medical, veterinary, scientific, forensic ..."))

PERMIT_COLUMNS = (
    Column("number", as_code, note=N_("number of the permit; several rows are lines of one permit")),
    _KIND,
    _ORGANISATION,
    _COUNTRY,
    _PARTNER,
    Column("issued_on", as_day, note=N_("day of issue")),
    Column("expires_on", as_day, note=N_("last day of validity")),
    _PRODUCT,
    _QUANTITY,
    _COUNTERPART,
    _PURPOSE,
    Column("customs_office", as_name, required=False, note=N_("customs office")),
    Column("eaeu_number", as_eaeu_number, required=False, note=N_("number in the EAEU, 16 or 12 signs")),
)
APPLICATION_COLUMNS = (
    Column("reference", as_code, note=N_("your own reference, used once")),
    _KIND,
    _ORGANISATION,
    _COUNTRY,
    _PARTNER,
    _PRODUCT,
    _QUANTITY,
    Column("planned_on", as_day, note=N_("day the consignment is planned for")),
    _COUNTERPART,
    _PURPOSE,
    Column("justification", as_note, required=False, note=N_("why it is needed")),
)

FOREIGN_COLUMNS = (
    Column("country", as_country, note=N_("country, ISO 3166, two letters")),
    Column("year", as_year, note=N_("calendar year it is for")),
    Column("substance", as_substance, note=N_("code of the list, such as NM 009")),
    Column("quantity_g", as_grams_or_zero, note=N_("total of estimates, or assessment, in grams of anhydrous base")),
    Column("published_on", as_day, note=N_("day of publication; a later one replaces")),
    Column("source", as_name, required=False, note=N_("where it is published: title of the list, address")),
)

FILE_KINDS = (
    FileKind(
        PERMITS, PERMIT_COLUMNS, record_permits, N_("Permits"), N_("Permits issued on paper or in another system.")
    ),
    FileKind(
        APPLICATIONS,
        APPLICATION_COLUMNS,
        submit_applications,
        N_("Applications"),
        N_("Applications for permits; each is judged, and submitted when it fits."),
    ),
    FileKind(
        FOREIGN,
        FOREIGN_COLUMNS,
        record_foreign_estimates,
        N_("Estimates of other countries"),
        N_("What other countries may import, as INCB publishes it; exports are checked against it."),
    ),
)
