"""What may be done here: load the lists, record products and their composition."""

from registry.substances.service.products import (
    RecordOutcome,
    record_components,
    record_products,
    take_factors_of_today,
)
from registry.substances.service.reference import Loaded, load_reference

__all__ = ["Loaded", "RecordOutcome", "load_reference", "record_components", "record_products", "take_factors_of_today"]
