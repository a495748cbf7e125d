"""What people do with tasks, from the list, the detail pane and the icon alike: pause, rescan, open its folder, remove."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from openmsi_desktop.core.task_kinds import DOWNLOAD, PROCESS, TRANSFER, WATCH
from openmsi_desktop.gui import again
from openmsi_desktop.gui.kinds import Kind, kinds
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.opening import open_folder
from openmsi_desktop.gui.sinks.words import has_own_secret
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.gui.task_words import is_reader
from openmsi_desktop.settings import Download

if TYPE_CHECKING:
    from openmsi_desktop.gui.desktop import Desktop
    from openmsi_desktop.settings_file import Item

HOUR_S = 3600


def find(desktop: Desktop, key: str) -> tuple[Kind, Item] | None:
    """The kind of a task and what the settings say of it; None for tasks that are not in the settings."""
    for kind in kinds():
        for known, item in kind.items(desktop.store.settings):
            if known == key:
                return kind, item
    return None


def tomorrow(now: float) -> float:
    """Seconds since 1970 of the next morning at seven, local time: when people come back to the instrument."""
    day = datetime.fromtimestamp(now)
    morning = day.replace(hour=7, minute=0, second=0, microsecond=0)
    return (morning if morning > day else morning + timedelta(days=1)).timestamp()


class PauseMenu(QMenu):
    """For how long: everything, or one task. Built by whoever shows it."""

    def __init__(self, desktop: Desktop, parent: QWidget | None, *, task: str = "") -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._task = task
        self.setTitle(self.tr("Pause"))
        self.setIcon(desktop.look.icon("action/pause"))
        self.addAction(self.tr("For 1 hour")).triggered.connect(self._hour)
        self.addAction(self.tr("Until tomorrow, 7:00")).triggered.connect(self._tomorrow)
        self.addAction(self.tr("Until I resume")).triggered.connect(self._forever)

    @Slot()
    def _hour(self) -> None:
        pause(self._desktop, self._task, time.time() + HOUR_S)

    @Slot()
    def _tomorrow(self) -> None:
        pause(self._desktop, self._task, tomorrow(time.time()))

    @Slot()
    def _forever(self) -> None:
        pause(self._desktop, self._task, None)


def pause(desktop: Desktop, task: str, until: float | None) -> None:
    """Pause a task (empty: all) until a moment, or until somebody resumes. What is on its way is finished."""
    _ask(desktop, "pause", task, "" if until is None else str(until))


def resume(desktop: Desktop, task: str) -> None:
    """Go on with a task (empty: all)."""
    _ask(desktop, "resume", task)


def rescan(desktop: Desktop, task: str) -> None:
    """Look through the folder now."""
    _ask(desktop, "rescan", task)


def try_now(desktop: Desktop, task: str) -> None:
    """Do not wait for the next attempt."""
    _ask(desktop, "retry", task)


def _ask(desktop: Desktop, kind: str, task: str, argument: str = "") -> None:
    desktop.host.ask(kind, task=task, argument=argument, then=lambda answer: desktop.observer.look_now())


class TaskMenu(QMenu):
    """Everything that can be done with one task."""

    def __init__(self, desktop: Desktop, task: TaskNow, parent: QWidget, *, is_short: bool = False) -> None:
        """is_short: only what one wants from the icon."""
        super().__init__(parent)
        self._desktop = desktop
        self._task = task
        self._widget = parent
        self.setTitle(task.name)
        self._found = find(desktop, task.key)
        look = desktop.look
        if self._found is not None or not is_short:
            self._add_running()
        if self._found is not None and not is_short and again.has_sinks(desktop, task.key):
            self.addMenu(again.AgainMenu(desktop, task, self, parent.window()))
        folder = self._folder()
        if folder is not None:
            action = self._add(self.tr("Open folder"), "action/open-folder")
            action.triggered.connect(self._open_folder)
        if self._found is None or is_short:
            return
        self.addSeparator()
        self._add(self.tr("Edit…"), "action/edit").triggered.connect(self._edit)
        self._add(self.tr("Duplicate…"), "action/copy").triggered.connect(self._duplicate)
        self.addSeparator()
        remove = self.addAction(look.icon("action/remove"), self.tr("Remove…"))
        remove.triggered.connect(self._remove)

    def _add(self, text: str, icon: str) -> QAction:
        return self.addAction(self._desktop.look.icon(icon), text)

    def _add_running(self) -> None:
        if self._task.is_paused:
            self._add(self.tr("Resume"), "action/resume").triggered.connect(self._resume)
        elif self._found is not None:
            self.addMenu(PauseMenu(self._desktop, self, task=self._task.key))
        if self._task.kind == WATCH:
            self._add(self.tr("Rescan now"), "action/rescan").triggered.connect(self._rescan)

    def _folder(self) -> Path | None:
        return folder_of(self._task)

    @Slot()
    def _resume(self) -> None:
        resume(self._desktop, self._task.key)

    @Slot()
    def _rescan(self) -> None:
        rescan(self._desktop, self._task.key)

    @Slot()
    def _open_folder(self) -> None:
        folder = self._folder()
        if folder is not None:
            open_folder(folder)

    @Slot()
    def _edit(self) -> None:
        edit(self._desktop, self._task.key, self._widget)

    @Slot()
    def _duplicate(self) -> None:
        if self._found is not None:
            kind, item = self._found
            kind.duplicate(self._desktop, self._widget, item)

    @Slot()
    def _remove(self) -> None:
        remove(self._desktop, self._task, self._widget)


def folder_of(task: TaskNow) -> Path | None:
    """The folder a task works with on this computer."""
    place = {WATCH: task.route[0], DOWNLOAD: task.route[1]}.get(task.kind, "")
    return Path(place) if place else None


def edit(desktop: Desktop, key: str, parent: QWidget) -> None:
    """Open what changes the task."""
    found = find(desktop, key)
    if found is not None:
        found[0].edit(desktop, parent, found[1])


def remove(desktop: Desktop, task: TaskNow, parent: QWidget) -> None:
    """Ask, and take it out of the settings. Files stay where they are."""
    found = find(desktop, task.key)
    if found is None:
        return
    kind, item = found
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(tr("Remove task"))
    box.setText(fill(tr("Remove “%1”?"), task.name))
    box.setInformativeText(_consequence(desktop, task, item))
    yes = box.addButton(tr("Remove"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    yes.clicked.connect(lambda: kind.remove(desktop, item))
    box.open()


def _consequence(desktop: Desktop, task: TaskNow, item: Item) -> str:
    if is_reader(task):
        text = {
            TRANSFER: tr(
                "No file is deleted: what was stored stays in the bucket, and what is on the topic stays there. "
                "Nothing more is stored. If you add the task again, objects that are identical already are not sent again."
            ),
            PROCESS: tr(
                "No file is deleted: results stay where they are, and what is on the topic stays there. Nothing more is "
                "processed. If you add the task again, files that were processed may be processed again."
            ),
        }.get(
            task.kind,
            tr(
                "No file is deleted: what was downloaded stays in its folder, and what is on the topic stays there. "
                "Nothing more is downloaded. If you add the task again, it goes on where it was."
            ),
        )
        if isinstance(item, Download) and has_own_secret(desktop.store.settings, item):
            return fill(tr("%1 %2"), text, tr("The secret key of the bucket is taken out of the keyring."))
        return text
    text = tr(
        "No file is deleted: your files stay in their folder, and what was sent stays on the topic. Nothing more is "
        "sent from there. If you add the task again, it goes on where it was."
    )
    if task.pending:
        waiting = tr("%n file(s) have not been sent yet.", "", task.pending)
        return fill(tr("%1 %2"), waiting, text)
    return text
