"""Use cases of substitution therapy."""

from registry.therapy.service.keeping import FILE_KIND, record_sheets

__all__ = ["FILE_KIND", "record_sheets"]
