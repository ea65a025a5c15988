"""The kinds of files this room takes in."""

from registry.accounts.domain import LANGUAGES
from registry.intake.kinds import FileKind
from registry.kernel.email import as_email
from registry.kernel.fields import Column, as_code, as_country, as_day, as_name, as_text, as_truth, choice, named
from registry.kernel.persons import as_note
from registry.kernel.text import N_
from registry.parties.domain import ORGANISATION_KINDS, SUBJECTS
from registry.parties.service import FILE_KIND, record_authorities, record_organisations
from registry.parties.service.authorities import FILE_KIND as AUTHORITIES

REGISTRATION_LENGTH = 64


def as_registration(cell: str) -> str:
    """Read the number of a firm in the register of legal persons; that of a sole trader is their personal number."""
    return " ".join(as_text(cell, REGISTRATION_LENGTH).split())


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
    Column("address", as_note, required=False, note=N_("address of the site")),
    Column("parent", as_code, required=False, note=N_("for a further site: code of the organisation it belongs to")),
    Column("registration_number", as_registration, required=False, note=N_("number in the register of legal persons")),
    Column("valid_from", as_day, required=False, note=N_("first day of activity")),
    Column("valid_to", as_day, required=False, note=N_("last day of activity")),
    Column(
        "distance_selling",
        as_truth,
        required=False,
        note=N_(
            "yes, where it sends what is ordered by telephone or on the internet: nothing controlled is sold there"
        ),
    ),
)

AUTHORITY_COLUMNS = (
    Column("country", as_country, note=N_("country, ISO 3166, two letters")),
    Column("name", as_name, note=N_("name of the authority")),
    Column("valid_from", as_day, note=N_("day from which this counts; a later row follows it")),
    Column(
        "subject",
        choice(SUBJECTS),
        required=False,
        note=N_("what it answers for; empty: all controlled substances"),
        choices=tuple(SUBJECTS),
        meanings=named(SUBJECTS),
    ),
    Column("address", as_note, required=False, note=N_("postal address")),
    Column("email", as_email, required=False, note=N_("address for letters; empty: no letters go there")),
    Column(
        "language",
        choice(LANGUAGES),
        required=False,
        note=N_("language of the letters; empty: English"),
        choices=LANGUAGES,
    ),
    Column("phone", as_code, required=False, note=N_("telephone number")),
    Column("source", as_note, required=False, note=N_("where this was taken from, with its date")),
)

FILE_KINDS = (
    FileKind(
        FILE_KIND,
        COLUMNS,
        record_organisations,
        N_("Organisations and sites"),
        N_("Who holds stock and licences. A row with a parent is a further site of that organisation."),
    ),
    FileKind(
        AUTHORITIES,
        AUTHORITY_COLUMNS,
        record_authorities,
        N_("Authorities of other countries"),
        N_("Who issues and endorses permits abroad, and where letters to them go. A later row follows, none is lost."),
    ),
)
