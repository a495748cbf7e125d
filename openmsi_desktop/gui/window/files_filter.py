"""The filter over the list of files: one button for each group of states, with the number of files in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.task_kinds import READERS
from openmsi_desktop.gui import words
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.look import Look
from openmsi_desktop.gui.window.flow import FlowLayout

_SENDER = (
    (FileState.WAITING, FileState.FOUND),
    (FileState.SENDING,),
    (FileState.SENT,),
    (FileState.CHECKED,),
    (FileState.ARRIVED,),
    (FileState.CHANGED,),
    (FileState.HELD,),
    (FileState.PROBLEM,),
    (FileState.IGNORED,),
)
_READER = (
    (FileState.RECEIVING,),
    (FileState.RECEIVED,),
    (FileState.DELIVERED,),
    (FileState.INCOMPLETE,),
    (FileState.PROBLEM,),
    (FileState.SUPERSEDED,),
    (FileState.IGNORED,),
)
_ALWAYS = frozenset({FileState.WAITING, FileState.SENDING, FileState.SENT, FileState.RECEIVING, FileState.DELIVERED})


class FilesFilter(QWidget):
    """Buttons in as many lines as they need. The first one is for all files."""

    chosen = Signal(object)
    """frozenset of FileState; empty: all"""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._is_reader = False
        self._states: frozenset[FileState] = frozenset()
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons: dict[frozenset[FileState], QPushButton] = {}
        self._flow = FlowLayout(self, gap=8)
        self._fill(is_reader=False)
        look.changed.connect(self._dress)

    @property
    def states(self) -> frozenset[FileState]:
        """What is chosen."""
        return self._states

    def show_counts(self, counts: Mapping[FileState, int], *, kind: str) -> None:
        """Numbers of files by their states. Groups without any are not shown, unless they are chosen or what one expects."""
        is_reader = kind in READERS
        if is_reader != self._is_reader:
            self._fill(is_reader=is_reader)
        for states, button in self._buttons.items():
            number = sum(counts.get(s, 0) for s in states) if states else sum(counts.values())
            first = next((s[0] for s in (*_SENDER, *_READER) if states == frozenset(s)), None)
            word = words.word(first, kind) if first is not None else None
            text = fill(self.tr("%1 %2"), word or self.tr("All"), words.number(number))
            if text != button.text():
                button.setText(text)
                button.setAccessibleName(self._accessible(word, number))
            button.setVisible(not states or number > 0 or states == self._states or bool(states & _ALWAYS))

    def choose(self, states: Collection[FileState]) -> None:
        """Choose a group as if its button had been pressed; other states than those of a group: exactly these."""
        self._states = frozenset(states)
        found = self._buttons.get(self._states)
        self._group.setExclusive(False)
        for button in self._buttons.values():
            button.setChecked(button is found)
        self._group.setExclusive(found is not None)
        if found is not None:
            found.setVisible(True)

    def _accessible(self, word: str | None, number: int) -> str:
        if word is None:
            return self.tr("All files: %n", "", number)
        return fill(self.tr("Only %1: %n file(s)", "", number), word)

    def _fill(self, *, is_reader: bool) -> None:
        self._is_reader = is_reader
        for old in self._buttons.values():
            self._group.removeButton(old)
            self._flow.removeWidget(old)
            old.deleteLater()
        self._buttons.clear()
        for states in ((), *(_READER if is_reader else _SENDER)):
            button = QPushButton(self)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setProperty("dense", True)
            button.clicked.connect(self._choose)
            self._group.addButton(button)
            self._flow.addWidget(button)
            self._buttons[frozenset(states)] = button
        self.choose(self._states if self._states in self._buttons else ())
        self._dress()

    @Slot()
    def _choose(self) -> None:
        for states, button in self._buttons.items():
            if button is self.sender():
                self._group.setExclusive(True)
                self._states = states
                self.chosen.emit(states)

    @Slot()
    def _dress(self) -> None:
        look = self._look
        for states, button in self._buttons.items():
            first = next((s for group in (*_SENDER, *_READER) for s in group if frozenset(group) == states), None)
            if first is not None:
                button.setIcon(look.icon(*words.icon(first)))
            button.setIconSize(QSize(20, 20) if look.is_touch else QSize(16, 16))
            button.setMinimumHeight(look.row_height(28))
