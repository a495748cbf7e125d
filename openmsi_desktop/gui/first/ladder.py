"""Found, Sent, Checked: the ladder of the proof, filled in live."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from openmsi_desktop.core.events import FileState
from openmsi_desktop.gui import words
from openmsi_desktop.gui.first.proof import RUNGS, Rung
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.look import Look
from openmsi_desktop.gui.window.parts import Icon, Rule

_ICON, _LINE = 20, 44


class ProofLadder(QWidget):
    """GUI thread."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(2, 1)
        self._rungs: dict[FileState, tuple[Icon, QLabel, QLabel, QLabel]] = {}
        grid.addWidget(Rule(self), 0, 0, 1, 4)
        for number, state in enumerate(RUNGS):
            icon, name, text, time = Icon(look, self, size=_ICON), QLabel(self), QLabel(self), QLabel(self)
            name.setText(words.word(state))
            name.setFont(look.font(is_bold=True))
            text.setWordWrap(True)
            for label in (text, time):
                label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            line = 2 * number + 1
            for column, widget in enumerate((icon, name, text, time)):
                grid.addWidget(widget, line, column)
            grid.setRowMinimumHeight(line, look.row_height(_LINE, 52))
            grid.addWidget(Rule(self), line + 1, 0, 1, 4)
            self._rungs[state] = (icon, name, text, time)
        self.clear()

    @Slot()
    def clear(self) -> None:
        """Nothing is reached yet."""
        for icon, name, text, time in self._rungs.values():
            icon.show_icon("sign/not-yet", "neutral")
            name.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            text.setText(self.tr("not yet"))
            time.setText("")

    def reach(self, rung: Rung, connection: str) -> None:
        """This step is done."""
        icon, name, text, time = self._rungs[rung.state]
        icon.show_icon("state/checked" if rung.state is FileState.CHECKED else "sign/ok", "ok")
        name.setForegroundRole(QPalette.ColorRole.WindowText)
        text.setText(
            {
                FileState.FOUND: rung.name,
                FileState.SENT: fill(self.tr("confirmed by %1"), connection),
                FileState.CHECKED: self.tr("read back from the topic, contents equal"),
            }[rung.state]
        )
        time.setText(fill(self.tr("%1 s"), QLocale().toString(rung.seconds, "f", 1)))

    def texts(self) -> list[str]:
        """What each rung says."""
        return [text.text() for _, _, text, _ in self._rungs.values()]
