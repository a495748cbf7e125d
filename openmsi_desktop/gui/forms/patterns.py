"""A list of patterns in one line: ``*.NMD  *.tif  "Grid 7x3*"``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from openmsi_desktop.gui.look import Look

_WORD = re.compile(r'"([^"]*)"?|([^\s;,"]+)')


def split(text: str) -> tuple[str, ...]:
    """The patterns in a text: between blanks, commas or semicolons; with blanks in them, in double quotes. Each once."""
    found = (quoted or plain for quoted, plain in _WORD.findall(text))
    return tuple(dict.fromkeys(word for word in found if word))


def join(patterns: Iterable[str]) -> str:
    """The text for patterns; :func:`split` gives them back."""
    return "  ".join(f'"{p}"' if re.search(r"[\s;,]", p) else p for p in patterns)


class PatternsEdit(QLineEdit):
    """A field for patterns, with a "+" at its end that offers some to add."""

    changed = Signal()
    """The patterns are others now (not only their spelling)."""

    def __init__(self, look: Look, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._patterns: tuple[str, ...] = ()
        self._offers: Callable[[], Sequence[tuple[str, str]]] = lambda: ()
        self.setPlaceholderText(placeholder)
        self._plus = QAction(look.icon("action/add", "neutral"), self.tr("Add a pattern"), self)
        self._plus.triggered.connect(self._offer)
        self.addAction(self._plus, QLineEdit.ActionPosition.TrailingPosition)
        look.changed.connect(self._look_changed)
        self.textChanged.connect(self._read)
        self.editingFinished.connect(self._tidy)

    @property
    def patterns(self) -> tuple[str, ...]:
        """What the field says."""
        return self._patterns

    def set_patterns(self, patterns: Iterable[str]) -> None:
        """Put these into the field."""
        self.setText(join(patterns))

    def add_pattern(self, pattern: str) -> None:
        """Add one at the end, unless it is there."""
        if pattern not in self._patterns:
            self.set_patterns((*self._patterns, pattern))

    def set_offers(self, offers: Callable[[], Sequence[tuple[str, str]]]) -> None:
        """offers: (pattern, words about it) for the menu of "+", asked when it is opened."""
        self._offers = offers

    @Slot()
    def _read(self) -> None:
        patterns = split(self.text())
        if patterns != self._patterns:
            self._patterns = patterns
            self.changed.emit()

    @Slot()
    def _tidy(self) -> None:
        if self.text() != join(self._patterns):
            self.setText(join(self._patterns))

    @Slot()
    def _look_changed(self) -> None:
        self._plus.setIcon(self._look.icon("action/add", "neutral"))

    @Slot()
    def _offer(self) -> None:
        offers = [(pattern, words) for pattern, words in self._offers() if pattern not in self._patterns]
        if not offers:
            self.setText(self.text().rstrip() + "  " if self.text().strip() else "*.")
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.end(False)
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for pattern, words in offers:
            action = menu.addAction(f"{pattern}\t{words}".replace("&", "&&"))
            action.setData(pattern)
        menu.triggered.connect(self._chosen)
        menu.popup(self.mapToGlobal(QPoint(self.width() - menu.sizeHint().width(), self.height())))

    @Slot(QAction)
    def _chosen(self, action: QAction) -> None:
        self.add_pattern(str(action.data()))
        self.setFocus(Qt.FocusReason.OtherFocusReason)
