"""The servers of a connection: one line for each, host and port."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from openmsi_desktop.gui.connecting.fields import USUAL_PORT, split_address
from openmsi_desktop.gui.forms.height import CONTROL
from openmsi_desktop.gui.look import Look

_PORT_WIDTH = 76


class ServersEdit(QWidget):
    """Lines of host and port. A list of addresses that is pasted into a host becomes lines of its own."""

    changed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self._lines: list[_Line] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        look.changed.connect(self._show_buttons)
        self.set_servers([("", str(USUAL_PORT))])

    @property
    def servers(self) -> tuple[tuple[str, str], ...]:
        """Host and port of every line that has one of them; at least one line."""
        filled = [line.value for line in self._lines if line.value[0]]
        return tuple(filled or [self._lines[0].value])

    def set_servers(self, servers: Sequence[tuple[str, str]]) -> None:
        """Show these."""
        for line in self._lines:
            self._drop(line)
        self._lines = [_Line(self, host, port) for host, port in servers or [("", str(USUAL_PORT))]]
        for line in self._lines:
            self._column.addWidget(line)
        self.setFocusProxy(self._lines[0].host)
        self._show_buttons()
        self.changed.emit()

    @Slot()
    def add(self) -> None:
        """One more line."""
        line = _Line(self, "", self._lines[-1].value[1])
        self._lines.append(line)
        self._column.addWidget(line)
        self._show_buttons()
        line.host.setFocus()
        self.changed.emit()

    def remove(self, line: _Line) -> None:
        """One line less; the last one stays."""
        if len(self._lines) > 1:
            self._lines.remove(line)
            self._drop(line)
            self._lines[-1].host.setFocus()
            self.setFocusProxy(self._lines[0].host)
            self._show_buttons()
            self.changed.emit()

    def spread(self, line: _Line) -> None:
        """Somebody has left this line: an address with a port, or several, go where they belong."""
        parts = [part for part in line.host.text().replace(",", " ").split() if part]
        if not parts or (len(parts) == 1 and split_address(parts[0])[0] == parts[0]):
            return
        place = self._lines.index(line)
        before = [other.value for other in self._lines]
        found = [split_address(part) if ":" in part else (part, line.value[1]) for part in parts]
        self.set_servers([*before[:place], *found, *before[place + 1 :]])

    def _drop(self, line: _Line) -> None:
        self._column.removeWidget(line)
        line.hide()
        line.deleteLater()

    @Slot()
    def _show_buttons(self) -> None:
        for line in self._lines:
            line.show_buttons(self.look, is_last=line is self._lines[-1], is_only=len(self._lines) == 1)


class _Line(QWidget):
    def __init__(self, owner: ServersEdit, host: str, port: str) -> None:
        super().__init__(owner)
        self._owner = owner
        self.host = QLineEdit(host, self)
        self.host.setPlaceholderText("kafka.example.org")
        self.host.setAccessibleName(self.tr("Server"))
        self.host.setInputMethodHints(Qt.InputMethodHint.ImhNoAutoUppercase | Qt.InputMethodHint.ImhUrlCharactersOnly)
        self.port = QLineEdit(port, self)
        self.port.setFixedWidth(_PORT_WIDTH)
        self.port.setAccessibleName(self.tr("Port"))
        self.port.setMaxLength(5)
        self.host.textChanged.connect(owner.changed)
        self.port.textChanged.connect(owner.changed)
        self.host.editingFinished.connect(self._left)
        self.less, self.more = QToolButton(self), QToolButton(self)
        side = owner.look.row_height(CONTROL)
        for button, name, slot in (
            (self.less, self.tr("Remove this server"), self._remove),
            (self.more, self.tr("Add another server"), owner.add),
        ):
            button.setAccessibleName(name)
            button.setToolTip(name)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setFixedSize(side, side)
            button.clicked.connect(slot)
        keeps_room = self.more.sizePolicy()
        keeps_room.setRetainSizeWhenHidden(True)  # the ports stand below each other
        self.more.setSizePolicy(keeps_room)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.host, 1)
        row.addWidget(QLabel(":", self))
        for widget in (self.port, self.less, self.more):
            row.addWidget(widget)

    @property
    def value(self) -> tuple[str, str]:
        return self.host.text().strip(), self.port.text().strip()

    def show_buttons(self, look: Look, *, is_last: bool, is_only: bool) -> None:
        self.less.setIcon(look.icon("action/remove"))
        self.more.setIcon(look.icon("action/add"))
        self.more.setVisible(is_last)
        self.less.setVisible(not is_only)

    @Slot()
    def _left(self) -> None:
        self._owner.spread(self)

    @Slot()
    def _remove(self) -> None:
        self._owner.remove(self)
