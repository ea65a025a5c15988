"""What people send on the pages of the exchange."""

from __future__ import annotations

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import TextAreaField

from registry.kernel.text import N_
from registry.web.forms import PageForm
from registry.web.locale import say

PASTED_NAME = "pasted.csv"
LONGEST_NAME = 200


class SendForm(PageForm):
    """A file, or a block pasted from a spreadsheet."""

    file = FileField(N_("File, CSV or XLSX"))
    pasted = TextAreaField(
        N_("Or paste the rows here"), description=N_("Copy them in your spreadsheet together with the column names.")
    )

    def sent(self) -> tuple[str, bytes] | None:
        """Return name and bytes of what was sent, the file first; None, with an error on the field, when nothing was."""
        chosen = self.file.data
        if isinstance(chosen, FileStorage) and chosen.filename:
            return chosen.filename[-LONGEST_NAME:], chosen.read()
        if self.pasted.data and self.pasted.data.strip():
            return PASTED_NAME, self.pasted.data.encode()
        self.file.errors = [*self.file.errors, say(N_("Choose a file, or paste the rows below."))]
        return None
