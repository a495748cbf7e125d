"""Which files: only these, not these, temporary ones, sub-folders, age and size."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.core.rules import Rules
from openmsi_desktop.gui.forms import Field, Fold, Form, PatternsEdit, SizeEdit, heading
from openmsi_desktop.gui.language import tr
from openmsi_desktop.gui.look import Look
from openmsi_desktop.gui.preview.wishes import Patterns
from openmsi_desktop.settings import WatchedFolder
from openmsi_desktop.settings_values import check_age

_AGES = ("1 d", "7 d", "30 d", "1 y")


class PatternFields:
    """Two fields for patterns in a form; used for sending and for downloading."""

    def __init__(self, look: Look, form: Form, only: str, skip: str, everything: str) -> None:
        """only, skip: labels. everything: shown in the first one while it is empty."""
        self.include = PatternsEdit(look, everything)
        self.exclude = PatternsEdit(look)
        self.only = form.add(only, self.include, check=self._check_include, finding_below=True)
        self.skip = form.add(skip, self.exclude, check=self._check_exclude, finding_below=True)

    @property
    def patterns(self) -> Patterns:
        return Patterns(self.include.patterns, self.exclude.patterns)

    def show(self, patterns: Patterns) -> None:
        """Put them into the fields."""
        self.include.set_patterns(patterns.include)
        self.exclude.set_patterns(patterns.exclude)

    def _check_include(self) -> str:
        return self._mistake(Patterns(self.include.patterns, ()))

    def _check_exclude(self) -> str:
        return self._mistake(Patterns((), self.exclude.patterns))

    def _mistake(self, patterns: Patterns) -> str:
        try:
            Rules(*patterns)
        except SettingsError:
            wrong = next(p for p in (*patterns.include, *patterns.exclude) if not _is_pattern(p))
            text = tr("“%1” cannot match any file. Write a pattern such as *.tif or old/**.")
            return text.replace("%1", wrong)
        return ""


class WhichFiles(QWidget):
    """The block "Which files"."""

    changed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = Form(look, self)
        both = PatternFields(look, self.form, self.tr("Only"), self.tr("Skip"), self.tr("all files"))
        self.patterns = both
        self.skip_temporary = QCheckBox(self.tr("Skip temporary and system files"), self)
        self.subfolders = QCheckBox(self.tr("Include sub-folders"), self)
        self.form.add_widget(self.skip_temporary)
        self.form.add_widget(self.subfolders)
        self.details = Form(look)
        self.age = QComboBox(self)
        self.age.setEditable(True)
        self.age.addItems(list(_AGES))
        self.age.setEditText("")
        line = self.age.lineEdit()
        assert line is not None
        line.setPlaceholderText(self.tr("any age"))
        self.age_field = self.details.add(
            self.tr("Newer than"),
            self.age,
            width=180,
            check=self._check_age,
            help=self.tr("A date such as 2026-11-21, or an age such as 30 d."),
            finding_below=True,
        )
        self.least = SizeEdit(none=self.tr("any size"))
        self.most = SizeEdit(none=self.tr("any size"))
        self.details.add(self.tr("At least"), self.least, finding_below=True)
        self.most_field = self.details.add(
            self.tr("At most"), self.most, check=self._check_sizes, outlined=self.most.number, finding_below=True
        )
        self.fold = Fold(self.tr("Age and size"), self.details)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(heading(look, self.tr("Which files"), self))
        layout.addWidget(self.form)
        layout.addWidget(self.fold)
        for signal in (both.include.changed, both.exclude.changed, self.least.changed, self.most.changed):
            signal.connect(self.changed)
        self.age.currentTextChanged.connect(self.changed)
        self.skip_temporary.toggled.connect(self.changed)
        self.subfolders.toggled.connect(self.changed)

    @property
    def fields(self) -> list[Field]:
        return [*self.form, *self.details]

    def show_task(self, task: WatchedFolder) -> None:
        """Fill it in."""
        self.patterns.show(Patterns(task.include, task.exclude))
        self.skip_temporary.setChecked(not task.temporary)
        self.subfolders.setChecked(task.subfolders)
        self.age.setEditText(task.newer_than)
        self.least.set_value(task.min_size)
        self.most.set_value(task.max_size)
        self.fold.open(bool(task.newer_than or task.min_size or task.max_size))

    def values(self) -> dict[str, Any]:
        """Keys of the settings. An age that is none counts as empty, so that the preview goes on while somebody types."""
        return {
            "include": self.patterns.include.patterns,
            "exclude": self.patterns.exclude.patterns,
            "subfolders": self.subfolders.isChecked(),
            "temporary": not self.skip_temporary.isChecked(),
            "min_size": self.least.bytes,
            "max_size": self.most.bytes,
            "newer_than": "" if self._check_age() else self.age.currentText().strip(),
        }

    def _check_age(self) -> str:
        try:
            check_age(self.age.currentText().strip())
        except ValueError:
            return self.tr("Write a date such as 2026-11-21, or an age such as 30 d, or leave it empty.")
        return ""

    def _check_sizes(self) -> str:
        if self.most.bytes and self.most.bytes < self.least.bytes:
            return self.tr("This is less than “At least”, so no file would be sent. Make it bigger.")
        return ""


def _is_pattern(pattern: str) -> bool:
    try:
        Rules([pattern])
    except SettingsError:
        return False
    return True
