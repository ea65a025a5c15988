"""What people send to the public page of a permit."""

from __future__ import annotations

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage

from registry.kernel.text import N_
from registry.web.forms import PageForm
from registry.web.locale import say


class CompareForm(PageForm):
    """The file of a document, to be compared with what was issued. It is not kept."""

    class Meta(PageForm.Meta):
        """Drops the token: the page is for anybody and the answer changes nothing."""

        csrf = False

    file = FileField(N_("File of the document, PDF"))

    def sent(self) -> bytes | None:
        """Return the bytes of what was sent; None, with an error on the field, when nothing was."""
        chosen = self.file.data
        if isinstance(chosen, FileStorage) and chosen.filename:
            data: bytes = chosen.read()
            return data
        self.file.errors = [*self.file.errors, say(N_("Choose the file of the document."))]
        return None
