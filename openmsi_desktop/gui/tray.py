"""The tray icon and its menu, which is built when it is opened.

The icon changes at most twice a second; while something is on its way its arrow has two frames, unless it is to be calm.
"""

from __future__ import annotations

import time
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.listing import ListedFile, newest
from openmsi_desktop.gui import actions, words
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs import drop, explain, settings
from openmsi_desktop.gui.file_words import is_url
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.notifications import Notifications
from openmsi_desktop.gui.observer import open_journal_of
from openmsi_desktop.gui.snapshot import Snapshot, TaskNow
from openmsi_desktop.gui.status import TOKENS, Overall, Status, status_of
from openmsi_desktop.gui.task_words import face_of, needs_you

_BEAT_MS = 500
_RECENT = 10
_NEWS = tuple(s.value for s in FileState if s not in (FileState.IGNORED, FileState.FOUND, FileState.WAITING))


class Tray(QObject):
    """The icon. Tells what a person wants; app.py does it."""

    wants_window = Signal(str, str)
    """(key of a task or empty, page)"""
    wants_toggle = Signal()
    """The icon itself was clicked: bring the window to the front, or hide it."""
    wants_quit = Signal()

    def __init__(self, desktop: Desktop, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._status = status_of(desktop.observer.now)
        self._shown: tuple[str, str, bool] | None = None
        self._recent: list[ListedFile] = []
        self._frame = False
        self._beat = QTimer(self)
        self._beat.setInterval(_BEAT_MS)
        self._beat.timeout.connect(self._step)
        self.menu = QMenu()
        self.menu.aboutToShow.connect(self.build)
        self.icon = QSystemTrayIcon(self)
        self.notifications = Notifications(desktop, self._say, self)
        self.notifications.wants_window.connect(self.wants_window)
        self._paint()
        self._dress_icon()
        desktop.observer.changed.connect(self._take)
        desktop.look.changed.connect(self._renew_look)
        desktop.store.changed.connect(self._renew_look)
        self._take(desktop.observer.now)

    @property
    def status(self) -> Status:
        """What it shows now."""
        return self._status

    @property
    def drawing(self) -> str:
        """Name of the drawing it shows now."""
        return self._shown[0] if self._shown is not None else ""

    @property
    def is_beating(self) -> bool:
        """Whether it may be painted anew by the clock."""
        return self._beat.isActive()

    def renew(self) -> None:
        """Make the icon anew, for a tray that has come late or came back."""
        self.icon.hide()
        self.icon.deleteLater()
        self.icon = QSystemTrayIcon(self)
        self._shown = None
        self._paint()
        self._dress_icon()

    # -- the icon

    def _dress_icon(self) -> None:
        self.icon.setContextMenu(self.menu)
        self.icon.setToolTip(self._status.tooltip)
        self.icon.activated.connect(self._activated)
        self.icon.messageClicked.connect(self.notifications.clicked)
        if QSystemTrayIcon.isSystemTrayAvailable():  # else whoever sees it come calls renew()
            self.icon.show()

    @Slot(object)
    def _take(self, snapshot: Snapshot) -> None:
        self._status = status_of(snapshot)
        if self.icon.toolTip() != self._status.tooltip:
            self.icon.setToolTip(self._status.tooltip)
        if not self._beat.isActive():  # else it is painted with the next beat
            self._paint()
            self._beat.start()
        self.notifications.take(snapshot, self._status)

    @Slot()
    def _step(self) -> None:
        self._frame = not self._frame and self._moves()
        before = self._shown
        self._paint()
        if self._shown == before and not self._moves():
            self._beat.stop()  # nothing wakes this thread until there is news

    def _moves(self) -> bool:
        is_calm = self._desktop.store.settings.application.calm_icon or self._desktop.look.is_calm
        return self._status.overall is Overall.SENDING and self._status.is_moving and not is_calm

    def _paint(self) -> None:
        name = self._status.overall.value
        if self._frame and self._moves():
            name = "sending-2"
        ground = self._desktop.store.settings.application.tray_ground
        wanted = (name, ground, self._desktop.look.is_dark)
        if wanted != self._shown:
            self._shown = wanted
            self.icon.setIcon(self._desktop.look.tray_icon(name, ground))

    @Slot()
    @Slot(object)
    def _renew_look(self, settings: object = None) -> None:
        self._shown = None
        self._paint()

    @Slot(QSystemTrayIcon.ActivationReason)
    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.wants_toggle.emit()

    def _say(self, title: str, text: str) -> None:
        self.icon.showMessage(title, text, self._desktop.look.mark())

    # -- the menu

    @Slot()
    def build(self) -> None:
        """Fill the menu with what is so now."""
        menu, look, snapshot = self.menu, self._desktop.look, self._desktop.observer.now
        self._clear(menu)
        icon, token = TOKENS[self._status.overall]
        head = menu.addAction(look.icon(icon, token), self._status.line)
        head.triggered.connect(self._open_reason)
        if self._status.activity:
            menu.addAction(self._status.activity).triggered.connect(self._open_window)
        menu.addSeparator()
        menu.addAction(self.tr("Open OpenMSI Desktop")).triggered.connect(self._open_window)
        menu.addAction(look.icon("action/drop"), self.tr("Drop files…")).triggered.connect(self._drop)
        problems = sum(needs_you(t) for t in snapshot.tasks)
        if problems:
            text = fill(self.tr("Problems (%1)…"), words.number(problems))
            menu.addAction(text).triggered.connect(self._open_problems)
        menu.addSeparator()
        self._add_pause(snapshot)
        if snapshot.tasks:
            self._add_tasks(snapshot)
            self._add_recent(snapshot)
        self._add_snooze()
        menu.addSeparator()
        menu.addAction(look.icon("action/settings"), self.tr("Settings…")).triggered.connect(self._open_settings)
        menu.addAction(look.icon("action/help"), self.tr("Help…")).triggered.connect(self._open_help)
        menu.addSeparator()
        menu.addAction(self.tr("Quit")).triggered.connect(self.wants_quit)

    def _clear(self, menu: QMenu) -> None:
        for action in menu.actions():
            if action.menu() is not None:
                action.menu().deleteLater()
        menu.clear()

    def _add_pause(self, snapshot: Snapshot) -> None:
        tasks = [t for t in snapshot.tasks if t.kind != "one-off"]
        paused = [t for t in tasks if t.is_paused]
        if paused:
            untils = {t.paused_until for t in paused}
            action = self.menu.addAction(self._desktop.look.icon("action/resume"), self._resume_words(untils))
            action.triggered.connect(self._resume)
        if len(paused) < len(tasks):
            self.menu.addMenu(actions.PauseMenu(self._desktop, self.menu))

    def _resume_words(self, untils: set[float | None]) -> str:
        until = next(iter(untils)) if len(untils) == 1 else None
        if until is None:
            return self.tr("Resume")
        return fill(self.tr("Resume (paused until %1)"), words.clock(until))

    def _add_tasks(self, snapshot: Snapshot) -> None:
        menu = self.menu.addMenu(self.tr("Tasks"))
        kind = snapshot.tasks[0].kind
        for task in snapshot.tasks:
            if task.kind != kind:
                kind = task.kind
                menu.addSeparator()
            face = face_of(task, now=snapshot.at)
            below = actions.TaskMenu(self._desktop, task, menu, is_short=True)
            below.setIcon(self._desktop.look.icon(face.icon, face.token))
            below.setTitle(fill(self.tr("%1 – %2"), task.name, face.chip))
            show = below.addAction(self.tr("Show"))
            show.triggered.connect(partial(self._open_task, task.key))
            menu.addMenu(below)

    def _open_task(self, key: str) -> None:
        self.wants_window.emit(key, "overview")

    def _add_recent(self, snapshot: Snapshot) -> None:
        menu = self.menu.addMenu(self.tr("Recent files"))
        self._fill_recent(menu, self._recent)
        names = {t.key for t in snapshot.tasks}

        def read() -> list[ListedFile]:
            with open_journal_of(self._desktop.host) as journal:
                found = [f for key in names for f in newest(journal, key, _RECENT, states=_NEWS)]
            return sorted(found, key=lambda f: f.updated_at, reverse=True)[:_RECENT]

        if self._desktop.host.profile.journal_path.exists():
            self._desktop.background.run(menu, read, partial(self._take_recent, menu), self._no_recent)

    def _take_recent(self, menu: QMenu, files: list[ListedFile]) -> None:
        self._recent = files
        self._fill_recent(menu, files)

    def _no_recent(self, error: Exception) -> None:
        self._recent = []

    def _fill_recent(self, menu: QMenu, files: list[ListedFile]) -> None:
        menu.clear()
        kinds = {task.key: task.kind for task in self._desktop.observer.now.tasks}
        for file in files:
            icon, token = words.icon(file.state)
            text = fill(
                self.tr("%1 – %2 %3"),
                _short(file.path),
                words.word(file.state, kinds.get(file.task, "")),
                words.clock(file.updated_at),
            )
            action = menu.addAction(self._desktop.look.icon(icon, token), text)
            action.setToolTip(file.path)
            action.triggered.connect(
                partial(self._explain, file.path if is_url(file.local) else file.local or file.path)
            )
        if not files:
            menu.addAction(self.tr("No files yet")).setEnabled(False)

    def _explain(self, path: str) -> None:
        explain.open_dialog(self._desktop, None, path)

    def _add_snooze(self) -> None:
        notifications = self.notifications
        if notifications.snoozed_until is not None:
            text = fill(self.tr("Wake notifications (quiet until %1)"), words.clock(notifications.snoozed_until))
            self.menu.addAction(text).triggered.connect(notifications.wake)
            return
        menu = self.menu.addMenu(self.tr("Snooze notifications"))
        for minutes, text in ((30, self.tr("30 minutes")), (60, self.tr("1 hour")), (480, self.tr("8 hours"))):
            menu.addAction(text).triggered.connect(partial(self._snooze, minutes))

    def _snooze(self, minutes: int) -> None:
        self.notifications.snooze(time.time() + 60 * minutes)

    @Slot()
    def _open_reason(self) -> None:
        self.wants_window.emit(self._status.task, self._status.page)

    @Slot()
    def _open_window(self) -> None:
        self.wants_window.emit("", "")

    @Slot()
    def _open_problems(self) -> None:
        task: TaskNow | None = next((t for t in self._desktop.observer.now.tasks if needs_you(t)), None)
        self.wants_window.emit(task.key if task is not None else "", "problems")

    @Slot()
    def _drop(self) -> None:
        drop.open_window(self._desktop, None)

    @Slot()
    def _resume(self) -> None:
        actions.resume(self._desktop, "")

    @Slot()
    def _open_settings(self) -> None:
        settings.open_window(self._desktop, None)

    @Slot()
    def _open_help(self) -> None:
        settings.open_window(self._desktop, None, "help")


def _short(path: str) -> str:
    """A path for a menu: its name, and one folder above it."""
    parts = path.replace("\\", "/").split("/")
    text = "/".join(parts[-2:])
    return text if len(text) <= 48 else "…" + text[-47:]
