"""The tasks of the journal, as commands name and show them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openmsi_desktop.cli.common import Common, unknown
from openmsi_desktop.core.events import TaskState
from openmsi_desktop.core.journal import Journal, TaskRow

_ALIVE = (TaskState.STARTING, TaskState.RUNNING, TaskState.WAITING, TaskState.STOPPING)


def streamer(common: Common) -> str | None:
    """Who streams with the data folder right now; None if nobody does."""
    from openmsi_desktop.core.lock import Lock

    lock = Lock(common.places.data / "profile.lock")
    return None if lock.is_free() else lock.holder() or "another process"


def notes_of(common: Common) -> Path | None:
    """Where a command that signs in heeds and leaves notes of refused sign-ins: only beside a process that streams.

    Where nobody streams, a person who gives the command again has corrected something and wants it to be tried.
    """
    from openmsi_desktop.streaming.profile import Profile

    return None if streamer(common) is None else Profile(common.places.data).refusals


def state_of(task: TaskRow, *, is_streaming: bool) -> TaskState:
    """The state of a task; one that a killed process left behind is stopped, whatever it wrote."""
    if not is_streaming and task.state in _ALIVE and task.kind != "one-off":
        return TaskState.STOPPED
    return task.state


def chosen(journal: Journal, name: str | None) -> list[TaskRow]:
    """The tasks that a person means: those of this name, or all.

    Raises:
        SettingsError: none has it.
    """
    tasks = journal.tasks()
    found = [t for t in tasks if name is None or name in (t.name, t.key)]
    if name is not None and not found:
        raise unknown("task", name, _names(tasks))
    return found


def _names(tasks: Sequence[TaskRow]) -> list[str]:
    return sorted({t.name for t in tasks})
