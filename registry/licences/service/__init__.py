"""What is done with licences: taken in from files, stopped, mended."""

from registry.licences.service.records import FILE_KIND, record_licences
from registry.licences.service.stops import EFFECTS, LICENCES_CHANGED, ask, require_licence

__all__ = ["EFFECTS", "FILE_KIND", "LICENCES_CHANGED", "ask", "record_licences", "require_licence"]
