"""What people type on the pages of daily sheets; how each cell is read is declared in `domain.sheets.COLUMNS`."""

from __future__ import annotations

from wtforms import HiddenField, StringField, TextAreaField

from registry.kernel.text import N_
from registry.web.forms import PageForm


class SheetForm(PageForm):
    """One daily sheet; the names of the fields are those of the columns of a file."""

    site = HiddenField(N_("Site"))
    product = HiddenField(N_("Product"))
    sheet_on = HiddenField(N_("Day"))
    corrects = HiddenField(N_("Version"))
    concentrate = StringField(N_("Product that was diluted"))
    concentrate_batch = StringField(N_("Batch that was diluted"))
    concentrate_quantity = StringField(N_("How much was taken"))
    obtained = StringField(N_("How much was obtained"))
    prepared_batch = StringField(N_("Batch of what was obtained"))
    prepared_expires_on = StringField(N_("Last day of what was obtained"))
    observed_doses = StringField(N_("Doses taken at the site: how many"))
    observed_quantity = StringField(N_("Doses taken at the site: how much"))
    home_handouts = StringField(N_("Given to take home: how many times"))
    home_doses = StringField(N_("Given to take home: days in all"))
    home_longest = StringField(N_("Given to take home: most days at once"))
    home_quantity = StringField(N_("Given to take home: how much"))
    largest_dose = StringField(N_("Largest single dose"))
    batch = StringField(N_("Batch the doses were given from"))
    spill = StringField(N_("Spilt or broken"))
    closing = StringField(N_("Left at the close of the day, in all"))
    residue = StringField(N_("Of this in the pump or in an opened bottle"))
    note = TextAreaField(N_("Note"))
    reason = TextAreaField(N_("Why the sheet is corrected"))
