"""The parts that all our dialogs are made of: fields with a label, a finding and an error; folds; a dialog that scrolls.

::

    form = Form(look)
    name = form.add(self.tr("Name"), QLineEdit(), check=self._check_name, width=FIELD_WIDTH)
    folder = form.add(self.tr("Folder"), PathEdit(look, self.tr("Choose a folder")))
    folder.tell(Finding.OK, self.tr("local disk"))

A field is checked when it loses the focus, and all of them when the dialog's verb is pressed. Values come out of the
editors themselves. Everything here lives on the GUI thread and knows no tasks.
"""

from openmsi_desktop.gui.forms.dialog import FormDialog, PrimaryButton, side_by_side
from openmsi_desktop.gui.forms.field import FIELD_WIDTH, Field
from openmsi_desktop.gui.forms.fold import Fold
from openmsi_desktop.gui.forms.form import Form, heading
from openmsi_desktop.gui.forms.height import make_tall
from openmsi_desktop.gui.forms.path import PathEdit
from openmsi_desktop.gui.forms.patterns import PatternsEdit
from openmsi_desktop.gui.forms.sign import Finding, Note, Sign
from openmsi_desktop.gui.forms.timetable import LimitEdit
from openmsi_desktop.gui.forms.units import DurationEdit, SizeEdit, SpeedEdit

__all__ = [
    "FIELD_WIDTH",
    "DurationEdit",
    "Field",
    "Finding",
    "Fold",
    "Form",
    "FormDialog",
    "LimitEdit",
    "Note",
    "PathEdit",
    "PatternsEdit",
    "PrimaryButton",
    "Sign",
    "SizeEdit",
    "SpeedEdit",
    "heading",
    "make_tall",
    "side_by_side",
]
