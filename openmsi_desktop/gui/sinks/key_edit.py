"""The template of object keys: a line, the names that may stand in it, and what comes out for a file."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.gui.forms import Finding, Note
from openmsi_desktop.gui.language import tr
from openmsi_desktop.gui.look import Look
from openmsi_desktop.gui.sinks.placeholders import Placeholders
from openmsi_desktop.settings_values import OBJECT_KEY_FIELDS, check_object_key
from openmsi_desktop.streaming.sinks.bucket import keys

_PATH = "run_01/scan_004.tif"


class KeyEdit(QWidget):
    """Its value is what the settings call ``object_key``."""

    changed = Signal()

    def __init__(self, look: Look, topic: Callable[[], str], parent: QWidget | None = None) -> None:
        """topic: of the example."""
        super().__init__(parent)
        self._topic = topic
        self.line = QLineEdit(self)
        self.line.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.line.textChanged.connect(self._typed)
        self.names = Placeholders(_names(), self)
        self.names.chosen.connect(self._put_in)
        self.example = Note(look, is_small=True, parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for part in (self.line, self.names, self.example):
            column.addWidget(part)
        self.setFocusProxy(self.line)

    @property
    def template(self) -> str:
        """What stands in the line."""
        return self.line.text().strip()

    def set_template(self, text: str) -> None:
        """Put this into the line."""
        self.line.setText(text)

    def check(self) -> str:
        """What is wrong with it, as a sentence that says what to do; empty: nothing."""
        try:
            check_object_key(self.template)
        except ValueError:
            return _mistake(self.template)
        return ""

    @Slot()
    def show_example(self) -> None:
        """For the topic of now."""
        if self.check():
            self.example.say(Finding.INFORMATION, "")
            return
        try:
            key = keys.example(self.template, topic=self._topic() or "xrd", path=_PATH)
        except NeedsYou as error:  # longer than a store takes
            self.example.say(Finding.WARNING, error.title)
            return
        text = tr("For example, %1 becomes %2").replace("%1", _PATH).replace("%2", key)
        self.example.say(Finding.INFORMATION, text)

    @Slot()
    def _typed(self) -> None:
        self.show_example()
        self.changed.emit()

    @Slot(str)
    def _put_in(self, text: str) -> None:
        self.line.insert(text)
        self.line.setFocus()


def _names() -> list[tuple[str, str]]:
    words = {
        "topic": tr("the topic that the file came by"),
        "path": tr("path and name of the file on the topic"),
        "subdir": tr("its folders without its name"),
        "name": tr("its name without its folders"),
        "sha512": tr("the fingerprint of its contents"),
        "date": tr("the day of its last change"),
    }
    return [(name, words[name]) for name in OBJECT_KEY_FIELDS]


def _mistake(template: str) -> str:
    if not template:
        return tr("Say what the objects are called, for example {topic}/{path}.")
    unknown = next((f for f in re.findall(r"\{([^{}]*)\}", template) if f not in OBJECT_KEY_FIELDS), None)
    if unknown is not None:
        return tr("There is no {%1}. Click one of the names below to put it in.").replace("%1", unknown)
    rest = re.sub(r"\{[^{}]*\}", "", template)
    if "{" in rest or "}" in rest:
        return tr("A brace stands alone. Put a name between { and }, or take the brace out.")
    return tr("All files would get the same key, and only one of them would stay. Put in {path}, {name} or {sha512}.")
