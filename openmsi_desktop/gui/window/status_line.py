"""The line at the bottom: the worst state first, the rest of today, and the connection. It says what the icon's tooltip says."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from openmsi_desktop.core.events import TaskState
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.health import CONTACT_S
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.look import Size, dress
from openmsi_desktop.gui.snapshot import Snapshot, TaskNow
from openmsi_desktop.gui.status import TOKENS, Overall, Status, status_of
from openmsi_desktop.gui.window.parts import Bar, Elided, Icon, small


class StatusLine(QWidget):
    """Tells when a person wants to see the reason."""

    wants_page = Signal(str, str)
    """(key of a task or empty, page)"""

    def __init__(self, desktop: Desktop, parent: QWidget) -> None:
        super().__init__(parent)
        self._desktop = desktop
        look = desktop.look
        self._status: Status | None = None
        self._is_narrow = False
        self._button = QToolButton(self)
        self._button.setAutoRaise(True)
        self._button.setFont(look.font(Size.SMALL, is_bold=True))
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.clicked.connect(self._open_reason)
        self._button.setAccessibleDescription(self.tr("Shows the reason"))
        self._details = Elided(self, is_wide=True, least=0)
        dress(self._details, look.font(Size.SMALL), QPalette.ColorRole.PlaceholderText)
        self._bar = Bar(look, self, height=4)
        self._bar.setFixedWidth(72)
        self._activity = small(look, self)
        dress(self._activity, look.font(Size.SMALL, is_bold=True))
        self._no_icon = Elided(self, self.tr("No place for an icon"), least=0)
        self._no_icon.setToolTip(
            self.tr(
                "This desktop shows no icons of programs. While the window is closed nothing can be seen of this program."
            )
        )
        self._show_icon_word(desktop.tray_host.is_there)
        desktop.tray_host.changed.connect(self._show_icon_word)
        self._sign = Icon(look, self, size=14)
        self._connection = Elided(self, least=40)
        for label in (self._no_icon, self._connection):
            dress(label, look.font(Size.SMALL), QPalette.ColorRole.PlaceholderText)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 14, 0)
        row.setSpacing(8)
        row.addWidget(self._button)
        row.addWidget(self._activity)
        row.addWidget(self._bar)
        row.addWidget(self._details, 1)
        row.addWidget(self._no_icon)
        row.addWidget(self._sign)
        row.addWidget(self._connection)
        self.setFixedHeight(34)
        look.changed.connect(self._dress)

    def text(self) -> str:
        """What it says first."""
        return self._button.text()

    @Slot(object)
    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Say what is so now, also to those who hear it."""
        status = status_of(snapshot)
        before, self._status = self._status, status
        self._button.setText(status.line)
        self._button.setAccessibleName(status.line)
        self._activity.setText(status.activity)
        is_worse = bool(status.activity)
        self._activity.setVisible(is_worse and not self._is_narrow)
        self._bar.setVisible(status.share is not None and not (is_worse and self._is_narrow))
        self._bar.show_share(status.share or 0.0)
        self._details.setText(status.details if is_worse and self._is_narrow else status.rest or status.details)
        self._details.setToolTip(status.details)
        self._show_connection(snapshot)
        if before is None or before.overall is not status.overall:
            self._dress()
            if before is not None and self.isVisible():
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, status.line))

    def _show_connection(self, snapshot: Snapshot) -> None:
        names = sorted({t.connection for t in snapshot.tasks if t.connection})
        offline = sorted({t.connection for t in snapshot.tasks if t.is_offline})
        if not names:
            sign, text = "", self.tr("No connection yet")
        elif offline:
            sign, text = "sign/not-yet", fill(self.tr("%1 offline"), ", ".join(offline))
        else:
            is_online = all(_is_online(t, snapshot.at) for t in snapshot.tasks if t.connection and not t.is_paused)
            online = ", ".join(names)
            sign = "sign/ok" if is_online else ""
            text = fill(self.tr("%1 online"), online) if is_online else online
        self._sign.show_icon(sign, "offline" if offline else "ok")
        self._connection.setText(text)

    def set_narrow(self, is_narrow: bool) -> None:
        """Only what is worst, and the connection: nothing of that may be cut."""
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self._show_icon_word(self._desktop.tray_host.is_there)
            self.show_snapshot(self._desktop.observer.now)

    @Slot(bool)
    def _show_icon_word(self, is_there: bool) -> None:
        self._no_icon.setVisible(not is_there and not self._is_narrow)

    @Slot()
    def _dress(self) -> None:
        status = self._status
        if status is None:
            return
        icon, token = TOKENS[status.overall]
        self._button.setIcon(self._desktop.look.icon(icon, token))
        palette = self.palette()
        if status.overall in (Overall.NEEDS_YOU, Overall.STOPPED):
            palette.setColor(palette.ColorRole.ButtonText, self._desktop.look.colour("error"))
        self._button.setPalette(palette)

    @Slot()
    def _open_reason(self) -> None:
        if self._status is not None:
            self.wants_page.emit(self._status.task, self._status.page)


def _is_online(task: TaskNow, now: float) -> bool:
    is_fresh = task.contact_at is not None and now - task.contact_at <= CONTACT_S
    return is_fresh and task.state is TaskState.RUNNING
