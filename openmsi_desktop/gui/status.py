"""Which of nine states the icon shows, and what it says. The worst state wins; green only when it is true.

Pure functions of a :class:`~openmsi_desktop.gui.snapshot.Snapshot`: knows no widgets.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.gui.host import Role
from openmsi_desktop.gui.language import tr
from openmsi_desktop.gui.snapshot import Snapshot


class Overall(StrEnum):
    """From worst to best; the value is the name of the icon."""

    NEEDS_YOU = "needs-you"
    STOPPED = "stopped"
    OFFLINE = "offline"
    WARNING = "warning"
    PAUSED = "paused"
    SENDING = "sending"
    CHECKING = "checking"
    UP_TO_DATE = "up-to-date"
    STARTING = "starting"


TOKENS = {
    Overall.NEEDS_YOU: ("state/problem", "error"),
    Overall.STOPPED: ("sign/failed", "error"),
    Overall.OFFLINE: ("sign/not-yet", "offline"),
    Overall.WARNING: ("sign/warning", "attention"),
    Overall.PAUSED: ("action/pause", "paused"),
    Overall.SENDING: ("state/sending", "working"),
    Overall.CHECKING: ("action/search", "working"),
    Overall.UP_TO_DATE: ("state/sent", "ok"),
    Overall.STARTING: ("state/waiting", "waiting"),
}
"""Icon and colour of each in the window (the tray has drawings of its own)."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the icon shows. task: key of the task that is the reason; page: the tab of the window that shows it."""

    overall: Overall
    line: str
    details: str = ""
    task: str = ""
    page: str = "overview"


def status_of(snapshot: Snapshot) -> Status:
    """The state of everything."""
    if snapshot.role == Role.STARTING:
        return Status(Overall.STARTING, tr("Starting…"))
    if snapshot.role == Role.STOPPED:
        return Status(Overall.STOPPED, tr("Not running – nothing is being sent"))
    for task in snapshot.tasks:
        if task.problems or task.state is TaskState.FAILED or task.counts.get(FileState.HELD):
            return Status(Overall.NEEDS_YOU, tr("Files need your attention"), task=task.key, page="problems")
    if any(t.pending for t in snapshot.tasks):
        return Status(Overall.SENDING, tr("Sending"))
    return Status(Overall.UP_TO_DATE, tr("Everything sent"))
