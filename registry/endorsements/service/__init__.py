"""Endorsements are recorded, reminders are written."""

from registry.endorsements.service.chasing import Chased, chase
from registry.endorsements.service.endorsing import EndorsementAsked, StatedLine, endorse

__all__ = ["Chased", "EndorsementAsked", "StatedLine", "chase", "endorse"]
