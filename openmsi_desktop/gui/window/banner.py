"""What stands above everything when the program as a whole is not as usual: nothing streams, or the settings are bad."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.host import Role
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.look import Look, Size
from openmsi_desktop.gui.opening import show_file
from openmsi_desktop.gui.snapshot import Snapshot
from openmsi_desktop.gui.window.notice import Message, Notice
from openmsi_desktop.gui.window.parts import Icon


class Banner(QWidget):
    """One message at most; invisible while there is none."""

    def __init__(self, desktop: Desktop, parent: QWidget) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self.setBackgroundRole(QPalette.ColorRole.Window)
        self.notice = Notice(desktop.look, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self.notice)
        self.notice.pressed.connect(self._do)
        desktop.store.is_bad.connect(self._look_again)
        desktop.store.changed.connect(self._look_again)
        self.hide()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Say what is wrong now."""
        message = message_of(snapshot, self._bad_settings())
        self.notice.show_message(message)
        self.setVisible(message is not None)

    def focus(self) -> None:
        """Let the first button have the focus: somebody came to see this."""
        for button in self.notice.buttons()[:1]:
            button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _bad_settings(self) -> tuple[str, str] | None:
        error = self._desktop.store.error
        return None if error is None else (error.title, error.advice)

    @Slot(object)
    def _look_again(self, what: object) -> None:
        self.show_snapshot(self._desktop.observer.now)

    @Slot(str)
    def _do(self, what: str) -> None:
        if what == "settings":
            show_file(self._desktop.store.path)
        elif what == "read":
            self._desktop.store.read()


class Strip(QWidget):
    """A quiet line over everything that stays: this is only practice."""

    def __init__(self, look: Look, parent: QWidget, text: str) -> None:
        super().__init__(parent)
        self._look = look
        label = QLabel(text, self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFont(look.font(Size.SMALL, is_bold=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(8)
        row.addWidget(Icon(look, self, "sign/information", "attention"))
        row.addWidget(label, 1)
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._look.colour("attention", "tint"))


def message_of(snapshot: Snapshot, bad_settings: tuple[str, str] | None) -> Message | None:
    """What the banner says; bad_settings: (title, advice) of what is wrong with the file."""
    if bad_settings is not None:
        title, advice = bad_settings
        if snapshot.role == Role.STOPPED:
            text = fill(tr("Nothing is sent or downloaded before the file is repaired. %1"), advice)
        else:
            text = fill(tr("Everything goes on with the settings of before. %1"), advice)
        buttons = (("settings", tr("Show the file")), ("read", tr("Read it again")))
        return Message("state/problem", "error", title, text, buttons)
    if snapshot.role == Role.STOPPED:
        title = fill(tr("Not running: %1"), snapshot.error_title) if snapshot.error_title else tr("Not running")
        text = fill(
            tr(
                "Nothing is sent or downloaded. Your files are safe where they are. It is tried again every few seconds. %1"
            ),
            snapshot.error_advice,
        )
        return Message("sign/failed", "error", title, text.strip())
    if snapshot.is_blind:
        title = fill(tr("What is going on cannot be seen now: %1"), snapshot.error_title)
        text = fill(
            tr("What is shown below is how it was before. Your files are safe where they are. %1"),
            snapshot.error_advice,
        )
        return Message("sign/warning", "attention", title, text.strip())
    if snapshot.role == Role.STARTING and snapshot.is_late:
        text = tr("Nothing is sent or downloaded yet. Your files are safe where they are. It goes on by itself.")
        return Message("sign/warning", "attention", tr("Starting takes longer than usual"), text)
    return None
