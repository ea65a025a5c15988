"""The kind of file this room takes in."""

from registry.intake.kinds import FileKind
from registry.kernel.fields import Column, as_code, as_day, as_name, as_text, choice, named
from registry.kernel.text import N_
from registry.parties.domain import ORGANISATION_KINDS
from registry.parties.service import FILE_KIND, record_organisations

COLUMNS = (
    Column("code", as_code, note=N_("your own code of the organisation or site, unique in the country")),
    Column("name", as_name, note=N_("name, as registered")),
    Column(
        "kind",
        choice(ORGANISATION_KINDS),
        note=N_("kind of organisation"),
        choices=tuple(ORGANISATION_KINDS),
        meanings=named(ORGANISATION_KINDS),
    ),
    Column("name_ru", as_name, required=False, note=N_("name in Russian")),
    Column("name_ky", as_name, required=False, note=N_("name in Kyrgyz")),
    Column("region", as_code, required=False, note=N_("region, best by ISO 3166-2, such as KG-GB")),
    Column("address", as_text, required=False, note=N_("address of the site")),
    Column("parent", as_code, required=False, note=N_("for a further site: code of the organisation it belongs to")),
    Column("registration_number", as_code, required=False, note=N_("number in the register of legal persons")),
    Column("valid_from", as_day, required=False, note=N_("first day of activity")),
    Column("valid_to", as_day, required=False, note=N_("last day of activity")),
)

FILE_KINDS = (
    FileKind(
        FILE_KIND,
        COLUMNS,
        record_organisations,
        N_("Organisations and sites"),
        N_("Who holds stock and licences. A row with a parent is a further site of that organisation."),
    ),
)
