"""What people type on the pages of applications, cases and permits."""

from __future__ import annotations

from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import Length

from registry.kernel.text import N_
from registry.permits.domain.kinds import PERMIT_KINDS, PERMIT_STATE_NAMES, REFUSAL_GROUNDS, PermitState
from registry.permits.domain.transitions import STATE_NAMES, State
from registry.web.forms import PageForm
from registry.web.page_forms import QueryForm

_ANY = SelectChoice("", N_("all"))
_CHOOSE = SelectChoice("", N_("choose"))
LONGEST_NOTE = 2000


def number_in(text: object) -> int:
    """Return the whole number a hidden field holds, 0 for anything unreadable."""
    word = str(text or "")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else 0  # noqa: PLR2004 - an int column


class CaseFilter(QueryForm):
    """Which cases to list."""

    state = SelectField(
        N_("State"), choices=[_ANY, *(SelectChoice(state.value, name) for state, name in STATE_NAMES.items())]
    )
    kind = SelectField(N_("Kind"), choices=[_ANY, *(SelectChoice(k.code, k.name) for k in PERMIT_KINDS.values())])
    organisation = StringField(N_("Code of the organisation"))
    whose = SelectField(N_("Taken up by"), choices=[_ANY, SelectChoice("mine", N_("me"))])

    @property
    def chosen(self) -> State | None:
        """Return the state asked for, None for all."""
        word = self.word("state")
        return State(word) if word else None


class PermitFilter(QueryForm):
    """Which permits to list."""

    q = StringField(N_("Number"))
    organisation = StringField(N_("Code of the organisation"))
    state = SelectField(
        N_("State"), choices=[_ANY, *(SelectChoice(state.value, name) for state, name in PERMIT_STATE_NAMES.items())]
    )
    kind = SelectField(N_("Kind"), choices=[_ANY, *(SelectChoice(k.code, k.name) for k in PERMIT_KINDS.values())])

    @property
    def chosen(self) -> PermitState | None:
        """Return the state asked for, None for all."""
        word = self.word("state")
        return PermitState(word) if word else None


class SecondNumberForm(PageForm):
    """The number a permit bears in the EAEU."""

    eaeu_number = StringField(N_("Number in the EAEU"))


class HandOverForm(PageForm):
    """To whom a case goes."""

    version = HiddenField()
    colleague = SelectField(N_("Colleague"), choices=[], validate_choice=False)


class NoteForm(PageForm):
    """A note among officers."""

    note = TextAreaField(N_("Note"), [Length(max=LONGEST_NOTE)])


class StepForm(PageForm):
    """One step of a case: the version that was read, a text, and for a refusal its ground."""

    version = HiddenField()
    note = TextAreaField(N_("Text"), [Length(max=LONGEST_NOTE)])
    ground = SelectField(
        N_("Ground of refusal"),
        choices=[_CHOOSE, *(SelectChoice(ground.code, ground.name) for ground in REFUSAL_GROUNDS.values())],
        validate_choice=False,
    )
    appeal = TextAreaField(N_("How to appeal"), [Length(max=LONGEST_NOTE)])

    @property
    def read_version(self) -> int:
        """Return the version of the case the person has read, 0 for anything unreadable."""
        return number_in(self.version.data)
