"""What is recorded of organisations, their sites and contacts, and of the authorities of other countries."""

from registry.parties.service.authorities import record_authorities, record_authority
from registry.parties.service.organisations import FILE_KIND, record_organisations, set_contact

__all__ = ["FILE_KIND", "record_authorities", "record_authority", "record_organisations", "set_contact"]
