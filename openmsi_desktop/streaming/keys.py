"""What identifies tasks in the journal: what they work on, not what people call them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from openmsi_desktop.core.task_kinds import DOWNLOAD, ONE_OFF, PROCESS, TRANSFER, WATCH
from openmsi_desktop.settings import Bucket, Download, Settings, WatchedFolder

__all__ = ["ONE_OFF", "Task", "kind_of", "send_key", "task_key", "tasks_of"]

Task = WatchedFolder | Download


def tasks_of(settings: Settings) -> list[Task]:
    """All tasks, in the order in which they are started."""
    return [*settings.watched_folders, *settings.downloads]


def kind_of(task: Task, settings: Settings) -> str:
    """What the journal calls this kind of task. A reader without a folder is what its first sink is."""
    if isinstance(task, WatchedFolder):
        return WATCH
    if task.target is not None or not task.sinks:
        return DOWNLOAD
    return TRANSFER if isinstance(settings.sink(task.sinks[0]), Bucket) else PROCESS


def task_key(task: Task) -> str:
    """Where the files of a task are, and which topic they belong to."""
    if isinstance(task, WatchedFolder):
        return f"watch:{_digest([_place(task.path), task.topic, task.subfolder])}"
    if task.target is not None:  # topics may be added to a folder without beginning anew
        return f"download:{_digest([_place(task.target), task.group, *(task.topics if task.group else ())])}"
    # and sinks to a reader without one, behind the first
    return f"download:{_digest([*task.sinks[:1], task.group, *(task.topics if task.group else task.topics[:1])])}"


def send_key(connection: str, topic: str) -> str:
    """The same for one-off uploads: connection is its bootstrap servers."""
    return f"send:{_digest([connection, topic])}"


def _place(path: Path) -> str:
    return os.path.normcase(os.path.abspath(path))


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
