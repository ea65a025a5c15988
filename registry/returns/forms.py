"""What people type on the pages of the returns."""

from __future__ import annotations

from registry.kernel.text import N_
from registry.web.forms import DayField, Filled, PageForm


class SentForm(PageForm):
    """The day a return was sent."""

    sent_on = DayField(N_("Day it was sent"), [Filled()])
