"""The form of a processor: a program with its arguments, or a Python class; what is rarely changed apart."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QPlainTextEdit, QRadioButton, QSpinBox, QWidget

from openmsi_desktop.gui.forms import DurationEdit, Field, Form, PathEdit, SizeEdit
from openmsi_desktop.gui.look import Look
from openmsi_desktop.gui.sinks import lines
from openmsi_desktop.gui.sinks.arguments import ArgumentsEdit
from openmsi_desktop.gui.sinks.there import Lookup, There
from openmsi_desktop.gui.sinks.words import program_name
from openmsi_desktop.gui.threads import Background
from openmsi_desktop.settings import Processor

EMPTY = Processor(name="?", command=("?",))
_LINES = 76
"""Height of a field for three lines."""


class ProcessorForm(QWidget):
    """Two forms that a dialog puts where it wants them. Knows no settings. GUI thread."""

    changed = Signal()
    """Something that trying it would notice."""

    def __init__(self, look: Look, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._base = EMPTY
        self._lookup = Lookup(background, self)
        self._lookup.found.connect(self._found)
        self.form = Form(look, self)
        self.details = Form(look, self)
        self._build()
        self._build_details()
        self.hide()  # only its forms are seen

    def _build(self) -> None:
        form = self.form
        self.is_program = QRadioButton(self.tr("A program"))
        self.is_class = QRadioButton(self.tr("A Python class"))
        self._which = QButtonGroup(self)
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(16)
        for button in (self.is_program, self.is_class):
            button.setAccessibleName(button.text())  # else the first one is called as the row is
            self._which.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        box.setFocusProxy(self.is_program)
        form.add(self.tr("Run"), box, finding_below=True)
        self.program = PathEdit(self._look, self.tr("Choose the program"), is_file=True)
        self.program_field = form.add(
            self.tr("Program"),
            self.program,
            check=self._check_program,
            outlined=self.program.line,
            finding_below=True,
            help=self.tr("A file, or the name of a command that this computer knows."),
        )
        self.arguments = ArgumentsEdit()
        self.arguments_field = form.add(
            self.tr("Arguments"),
            self.arguments,
            check=self.arguments.check,
            outlined=self.arguments.text,
            finding_below=True,
            help=self.tr("One in each line. Nothing is read by a shell: a * or a $ is only what it is."),
        )
        self.module = PathEdit(
            self._look, self.tr("Choose the Python file"), is_file=True, filters=self.tr("Python files (*.py)")
        )
        self.module_field = form.add(
            self.tr("Python file"),
            self.module,
            check=self._check_module,
            outlined=self.module.line,
            finding_below=True,
            help=self.tr("Or the name of a module that is installed, such as mylab.analysis."),
        )
        self.class_name = QLineEdit()
        self.class_field = form.add(
            self.tr("Class in it"), self.class_name, check=self._check_class, width=220, finding_below=True
        )
        self.python = PathEdit(self._look, self.tr("Choose the Python that runs it"), is_file=True)
        self.python.line.setPlaceholderText(self.tr("the one of this program"))
        self.python_field = form.add(
            self.tr("Python"), self.python, check=self._check_python, outlined=self.python.line, finding_below=True
        )
        self.options = _lines("peak_width = 0.2")
        self.options_field = form.add(
            self.tr("Options"),
            self.options,
            check=lambda: lines.mistake(self.options.toPlainText()),
            finding_below=True,
            help=self.tr("Given to the class when it is made. One in each line: name = value."),
        )
        self.is_class.toggled.connect(self._show_fitting)
        for edit in (self.program, self.module, self.python):
            edit.changed.connect(self.changed)
        for text in (self.arguments.text, self.options):
            text.textChanged.connect(self.changed)
        self.class_name.textChanged.connect(self.changed)

    def _build_details(self) -> None:
        form = self.details
        self.folder = PathEdit(self._look, self.tr("Choose the folder that it works in"))
        self.folder.line.setPlaceholderText(self.tr("an empty one for each file"))
        self.folder_field = form.add(
            self.tr("Working folder"),
            self.folder,
            check=self._check_folder,
            outlined=self.folder.line,
            finding_below=True,
        )
        self.time_limit = DurationEdit(at_least=1)
        form.add(self.tr("Time for a file"), self.time_limit, finding_below=True)
        self.memory = SizeEdit(none=self.tr("no limit"))
        self.memory_field = form.add(self.tr("Memory at most"), self.memory, finding_below=True)
        self.tries = QSpinBox()
        self.tries.setRange(1, 100)
        form.add(
            self.tr("Tries"),
            self.tries,
            width=120,
            help=self.tr("After so many failures a file is listed under Problems."),
        )
        self.jobs = QSpinBox()
        self.jobs.setRange(0, 256)
        self.jobs.setSpecialValueText(self.tr("as cores"))
        form.add(self.tr("Files at once"), self.jobs, width=120)
        self.environment = _lines("LAB = hall-3")
        self.environment_field = form.add(
            self.tr("Environment"),
            self.environment,
            check=lambda: lines.mistake(self.environment.toPlainText()),
            finding_below=True,
            help=self.tr("Variables for it, one in each line: NAME = value. No passwords: they would be readable."),
        )
        for edit, _ in self._paths():
            edit.changed.connect(self._look_up)
        self.folder.changed.connect(self.changed)
        self.time_limit.changed.connect(self.changed)
        self.environment.textChanged.connect(self.changed)

    # -- what is in it

    def values(self) -> dict[str, Any]:
        """Keys of the settings, but for its name and its topic for results."""
        is_class = self.is_class.isChecked()
        options = lines.parse(self.options.toPlainText())
        return {
            **self._base.model_dump(exclude={"name", "result_topic"}),
            "command": () if is_class else (self.program.text, *self.arguments.arguments),
            "class_": self._class() if is_class else "",
            "python": self.python.text if is_class else "",
            "options": {name: lines.value_of(text) for name, text in options.items()} if is_class else {},
            "folder": str(self.folder.path or ""),
            "environment": lines.parse(self.environment.toPlainText()),
            "time_limit_s": self.time_limit.seconds,
            "memory_limit": self.memory.bytes if is_class else 0,
            "tries": self.tries.value(),
            "jobs": self.jobs.value(),
        }

    def show_processor(self, processor: Processor | None) -> None:
        """Fill it in; None: empty, for a new one."""
        base = self._base = processor or EMPTY
        program, *arguments = base.command or ("",)
        module, _, name = base.class_.rpartition(":") if ":" in base.class_ else (base.class_, "", "")
        self.program.set_path(program if processor is not None else "")
        self.arguments.set_arguments(arguments if processor is not None else ["{file}"])
        self.module.set_path(module)
        self.class_name.setText(name)
        self.python.set_path(base.python)
        self.options.setPlainText(lines.as_lines(base.options))
        self.folder.set_path(base.folder)
        self.time_limit.set_value(base.time_limit_s)
        self.memory.set_value(base.memory_limit)
        self.tries.setValue(base.tries)
        self.jobs.setValue(base.jobs)
        self.environment.setPlainText(lines.as_lines(base.environment))
        (self.is_class if base.class_ else self.is_program).setChecked(True)
        for field in (*self.form, *self.details):
            field.fail("")
        self._show_fitting()

    @property
    def has_rare(self) -> bool:
        """Something is not as usual in what is folded away."""
        base = self._base
        usual = (EMPTY.time_limit_s, EMPTY.tries, EMPTY.jobs)
        return (
            bool(base.folder or base.environment or base.memory_limit)
            or (base.time_limit_s, base.tries, base.jobs) != usual
        )

    def usual_name(self) -> str:
        """What it may be called."""
        if self.is_class.isChecked():
            return self.class_name.text().strip() or self.module.text
        return program_name((self.program.text, *self.arguments.arguments))

    def _class(self) -> str:
        module, name = self.module.text, self.class_name.text().strip()
        return f"{module}:{name}" if name else module

    # -- checks

    def fields_by_key(self) -> dict[str, Field]:
        """By the names of the keys in the settings."""
        return {
            "command": self.program_field,
            "class": self.module_field,
            "python": self.python_field,
            "options": self.options_field,
            "folder": self.folder_field,
            "environment": self.environment_field,
        }

    def check(self) -> list[Field]:
        """What trying it needs and is wrong."""
        return [field for field in (*self.form, *self.details) if not field.check()]

    def _check_program(self) -> str:
        if self.is_class.isChecked():
            return ""
        text = self.program.text
        if not text:
            return self.tr("Choose the program that is run on every file.")
        there = self._lookup.ask(text)
        if there in (None, There.PROGRAM):
            return ""
        if there is not There.NOTHING:
            return self.tr("This file cannot be run. Make it executable, or name the program that runs it.")
        return self.tr("There is no such program on this computer. Check its name, or choose its file.")

    def _check_module(self) -> str:
        if self.is_program.isChecked():
            return ""
        text = self.module.text
        if not text:
            return self.tr("Choose the Python file that the class is in.")
        if text.endswith(".py") and self._lookup.ask(text) in (There.NOTHING, There.FOLDER):
            return self.tr("There is no such file.")
        return ""

    def _check_class(self) -> str:
        if self.is_program.isChecked() or self.class_name.text().strip().replace(".", "").isidentifier():
            return ""
        if not self.class_name.text().strip() and self.module.text and not self.module.text.endswith(".py"):
            return ""  # it may be the name of an installed plug-in
        return self.tr("Type the name of the class, such as PeakFinder.")

    def _check_python(self) -> str:
        text = self.python.text
        if self.is_program.isChecked() or not text:
            return ""
        if self._lookup.ask(text) in (None, There.PROGRAM, There.FOLDER):
            return ""
        return self.tr("There is no such Python. Choose its file, or type the folder of an environment.")

    def _check_folder(self) -> str:
        text = self.folder.text
        return "" if not text or self._lookup.ask(text) in (None, There.FOLDER) else self.tr("There is no such folder.")

    def _paths(self) -> tuple[tuple[PathEdit, Field], ...]:
        return (
            (self.program, self.program_field),
            (self.module, self.module_field),
            (self.python, self.python_field),
            (self.folder, self.folder_field),
        )

    @Slot()
    def _look_up(self) -> None:
        for edit, _ in self._paths():
            self._lookup.ask(edit.text)

    @Slot(str)
    def _found(self, text: str) -> None:
        """A field that was wrong may be right, and one that was left may be wrong."""
        for edit, field in self._paths():
            if edit.text == text and not field.isHidden() and not edit.line.hasFocus():
                field.check()

    @Slot()
    def _show_fitting(self) -> None:
        is_class = self.is_class.isChecked()
        for field in (self.program_field, self.arguments_field):
            field.set_shown(not is_class)
        for field in (self.module_field, self.class_field, self.python_field, self.options_field, self.memory_field):
            field.set_shown(is_class)
        for field in self.form:
            field.fail("")
        self.changed.emit()


def _lines(example: str) -> QPlainTextEdit:
    edit = QPlainTextEdit()
    edit.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    edit.setFixedHeight(_LINES)
    edit.setTabChangesFocus(True)
    edit.setPlaceholderText(example)
    return edit
