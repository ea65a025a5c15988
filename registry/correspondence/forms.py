"""What people send on the pages of the exchange with other authorities."""

from __future__ import annotations

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import Length

from registry.correspondence.domain.letters import PURPOSES
from registry.kernel.fields import CODE_LENGTH
from registry.kernel.text import N_
from registry.web.forms import PageForm
from registry.web.locale import say

LONGEST = 1000


class ReceiveForm(PageForm):
    """The file of another authority, and what of ours it belongs to."""

    file = FileField(N_("File of the other authority, XML or JSON"))
    schema = SelectField(N_("Schema of the file"))
    about = StringField(
        N_("Number of our permit or application"),
        [Length(max=CODE_LENGTH)],
        description=N_("Leave it empty: then the numbers in the file decide."),
    )

    def sent(self) -> tuple[str, bytes] | None:
        """Return name and bytes of what was sent; None, with an error on the field, when nothing was."""
        chosen = self.file.data
        if isinstance(chosen, FileStorage) and chosen.filename:
            return chosen.filename, chosen.read()
        self.file.errors = [*self.file.errors, say(N_("Choose the file."))]
        return None


class LetterForm(PageForm):
    """What a letter to the other authority is for."""

    purpose = SelectField(
        N_("What the letter is for"), choices=[SelectChoice(one.code, one.name) for one in PURPOSES.values()]
    )
    reason = TextAreaField(
        N_("Why it goes again"),
        [Length(max=LONGEST)],
        description=N_("Needed when a letter for this went out before. It stays in the history here and is not sent."),
    )
