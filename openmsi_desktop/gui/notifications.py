"""What the desktop is told besides the icon: at most one message for each task in ten minutes, and hints only.

Nothing is said here that the icon and the window do not show as well: systems lose these messages.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from openmsi_desktop.core.events import TaskState
from openmsi_desktop.core.task_kinds import PROCESS, TRANSFER
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.snapshot import Snapshot, TaskNow
from openmsi_desktop.gui.status import Status
from openmsi_desktop.gui.task_words import files_in_need, is_reader, is_stuck, needs_you

SPAN_S = 600.0
TITLE, TEXT = 60, 120
"""Characters that every system shows."""

Say = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class _Before:
    """What a person could have heard of a task."""

    needs: int
    was_busy: bool


class Notifications(QObject):
    """GUI thread."""

    wants_window = Signal(str, str)
    """(key of a task, page): the reason of the last message."""

    def __init__(
        self, desktop: Desktop, say: Say, parent: QObject | None = None, *, now: Callable[[], float] = time.time
    ) -> None:
        """say: (title, text) shows a message."""
        super().__init__(parent)
        self._desktop = desktop
        self._say = say
        self._now = now
        self._before: dict[str, _Before] = {}
        self._said_at: dict[str, float] = {}
        self._reason = ("", "")
        self._snoozed_until = 0.0

    @property
    def snoozed_until(self) -> float | None:
        """Until when nothing is said (seconds since 1970); None: it is."""
        return self._snoozed_until if self._snoozed_until > self._now() else None

    def snooze(self, until: float) -> None:
        """Say nothing until that moment."""
        self._snoozed_until = until

    @Slot()
    def wake(self) -> None:
        """Speak again."""
        self._snoozed_until = 0.0

    @Slot()
    def clicked(self) -> None:
        """Somebody wants to know more of the last message."""
        self.wants_window.emit(*self._reason)

    def take(self, snapshot: Snapshot, status: Status) -> None:
        """Say what is worth it. At the first sight of a task only what is there already is noted."""
        wishes = self._desktop.store.settings.application.notifications
        for task in snapshot.tasks:
            before = self._before.get(task.key)
            now = _Before(needs_you(task), bool(task.pending))
            if before is None and not task.is_known:
                continue  # the journal has not been read yet; what it knows is no news
            if before is None:
                self._before[task.key] = now
                continue
            if now.needs > before.needs:
                if not wishes.problems:
                    self._before[task.key] = now
                elif self._may(task):
                    self._before[task.key] = now
                    self._tell(task, *_problem_words(task), "problems" if not is_stuck(task) else "overview")
                continue  # else it is said when the ten minutes are over, if it is still so
            self._before[task.key] = now
            is_done = before.was_busy and not task.pending and task.state is TaskState.RUNNING and not now.needs
            if is_done and wishes.finished and self._may(task):
                self._tell(task, *_finished_words(task), "overview")

    def _may(self, task: TaskNow) -> bool:
        if self.snoozed_until is not None:
            return False
        return self._now() - self._said_at.get(task.key, 0.0) >= SPAN_S

    def _tell(self, task: TaskNow, title: str, text: str, page: str) -> None:
        self._said_at[task.key] = self._now()
        self._reason = (task.key, page)
        self._say(_within(title, TITLE), _within(text, TEXT))


def _problem_words(task: TaskNow) -> tuple[str, str]:
    if is_stuck(task):
        return fill(tr("%1 needs your attention"), task.name), task.title
    files = files_in_need(task)
    if not files:
        title = task.problems[0].title if task.problems else ""
        return fill(tr("%1 needs your attention"), task.name), title
    title = fill(tr("%1: %n file(s) need your attention", "", files), task.name)
    if is_reader(task):
        return title, tr("Nothing is lost; what is on the topic stays there. The others go on.")
    return title, tr("Your files are safe on this computer. The others go on.")


def _finished_words(task: TaskNow) -> tuple[str, str]:
    if task.kind == TRANSFER:
        return fill(tr("%1: everything was stored"), task.name), ""
    if task.kind == PROCESS:
        return fill(tr("%1: everything was processed"), task.name), ""
    if is_reader(task):
        return fill(tr("%1: everything was received"), task.name), ""
    return fill(tr("%1: everything was sent"), task.name), ""


def _within(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
