"""Reports are stated, late ones are chased."""

from registry.reporting.service.chasing import Chased, chase
from registry.reporting.service.stating import state_report

__all__ = ["Chased", "chase", "state_report"]
