"""The arguments of a program: one in each line, with names in braces that stand for something of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable

from PySide6.QtCore import Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.sinks.placeholders import Placeholders

_HEIGHT = 96
_FIELD = re.compile(r"\{([a-z0-9_]+)\}")


class ArgumentsEdit(QWidget):
    """Its value is what the settings call ``command``, without the program."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QPlainTextEdit(self)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setFixedHeight(_HEIGHT)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(tr("Arguments"))
        self.names = Placeholders(_names(), self)
        self.names.chosen.connect(self._put_in)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.text)
        column.addWidget(self.names)
        self.setFocusProxy(self.text)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The lines; an empty one counts only between others."""
        return tuple(self.text.toPlainText().rstrip("\n").split("\n")) if self.text.toPlainText().strip() else ()

    def set_arguments(self, arguments: Iterable[str]) -> None:
        """Show these."""
        self.text.setPlainText("\n".join(arguments))

    def check(self) -> str:
        """What is wrong, as a sentence that says what to do; empty: nothing."""
        known = {name for name, _ in _names()}
        for number, argument in enumerate(self.arguments, start=1):
            wrong = next((name for name in _FIELD.findall(argument.replace("{{", "")) if name not in known), None)
            if wrong is not None:
                text = tr(
                    "Line %1: there is no {%2}. Click one of the names below, or write {{%2}} to mean it as it is."
                )
                return fill(text, str(number), wrong)
        return ""

    @Slot(str)
    def _put_in(self, text: str) -> None:
        self.text.insertPlainText(text)
        self.text.setFocus()


def _names() -> list[tuple[str, str]]:
    return [
        ("file", tr("the file on this computer, with its whole path")),
        ("relative_path", tr("its path on the topic")),
        ("name", tr("its name without folders")),
        ("topic", tr("the topic that it came by")),
        ("sha512", tr("the fingerprint of its contents")),
        ("size", tr("its size in bytes")),
        ("output_dir", tr("an empty folder: what is left there goes to the topic for results")),
    ]
