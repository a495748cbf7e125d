"""Hand files once more to buckets and programs: some of them, those that failed, or everything since a date."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QTime, Slot
from PySide6.QtWidgets import QDateTimeEdit, QMenu, QVBoxLayout, QWidget

from openmsi_desktop.core.reprocessing import Wish
from openmsi_desktop.core.task_kinds import PROCESS, TRANSFER
from openmsi_desktop.gui.forms import Finding, Form, FormDialog, Note
from openmsi_desktop.gui.language import tr
from openmsi_desktop.streaming.keys import task_key

if TYPE_CHECKING:
    from openmsi_desktop.gui.desktop import Desktop
    from openmsi_desktop.gui.snapshot import TaskNow


def verb(kind: str) -> str:
    """What it is called for a kind of task."""
    return {TRANSFER: tr("Store again"), PROCESS: tr("Run again")}.get(kind, tr("Hand on again"))


def has_sinks(desktop: Desktop, key: str) -> bool:
    """The task with that key hands its files to somebody."""
    return any(task.sinks and task_key(task) == key for task in desktop.store.settings.downloads)


def files(desktop: Desktop, task: str, paths: Sequence[str]) -> None:
    """These files of a task (key), by their paths on the topic."""
    desktop.host.ask_each(
        "reprocess", list(paths), task=task, argument=Wish().argument(), then=lambda answer: desktop.observer.look_now()
    )


def given_up(desktop: Desktop, task: str) -> None:
    """Every file of a task (key) that somebody could not take after all its tries."""
    argument = Wish(failed=True).argument()
    desktop.host.ask("reprocess", task=task, argument=argument, then=lambda answer: desktop.observer.look_now())


class AgainMenu(QMenu):
    """For a whole task."""

    def __init__(self, desktop: Desktop, task: TaskNow, parent: QMenu, over: QWidget) -> None:
        """over: the window that a dialog belongs to, for the menu goes."""
        super().__init__(parent)
        self._desktop = desktop
        self._task = task
        self._widget = over
        self.setTitle(verb(task.kind))
        self.setIcon(desktop.look.icon("action/rescan"))
        self.addAction(self.tr("Files that were given up")).triggered.connect(self._failed)
        self.addAction(self.tr("Everything since…")).triggered.connect(self._since)

    @Slot()
    def _failed(self) -> None:
        given_up(self._desktop, self._task.key)

    @Slot()
    def _since(self) -> None:
        SinceDialog(self._desktop, self._widget, self._task).open()


class SinceDialog(FormDialog):
    """Asks from when on."""

    def __init__(self, desktop: Desktop, parent: QWidget | None, task: TaskNow) -> None:
        super().__init__(desktop.look, verb(task.kind), verb(task.kind), parent=parent)
        self._desktop = desktop
        self._task = task
        self.width_wanted = 520
        form = Form(self.look, self.body)
        self.moment = QDateTimeEdit()
        self.moment.setCalendarPopup(True)
        self.moment.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.moment.setDateTime(QDateTime(QDateTime.currentDateTime().date(), QTime(0, 0)))
        self.moment_field = form.add(
            self.tr("Files since"), self.moment, width=220, check=self._check, finding_below=True
        )
        note = Note(self.look, parent=self.body)
        note.say(
            Finding.INFORMATION,
            self.tr(
                "Every file that began to arrive since then is handed on once more, also those that were done. Files that "
                "are not kept here any more are read from the topic, as long as it has them."
            ),
        )
        column = QVBoxLayout(self.body)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(form)
        column.addWidget(note)
        column.addStretch(1)
        self.watch(form)

    def _check(self) -> str:
        return self.tr("Choose a moment in the past.") if self._since() > time.time() else ""

    def _since(self) -> float:
        return self.moment.dateTime().toMSecsSinceEpoch() / 1000

    def save(self) -> None:
        desktop, argument = self._desktop, Wish(since=self._since()).argument()
        desktop.host.ask(
            "reprocess", task=self._task.key, argument=argument, then=lambda answer: desktop.observer.look_now()
        )
        self.accept()
