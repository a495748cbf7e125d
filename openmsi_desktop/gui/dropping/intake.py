"""Paths that were dropped -> what would be sent where -> the journal. Any thread but the GUI's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from openmsi_desktop.core import topic_path
from openmsi_desktop.core.journal import Journal, legible
from openmsi_desktop.core.rules import Rules
from openmsi_desktop.settings import Connection, Download, Settings, WatchedFolder
from openmsi_desktop.streaming.keys import ONE_OFF, task_key, tasks_of
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending.collect import Collected, NotThere, collect
from openmsi_desktop.streaming.sending.handing import HandedOver, call_off, hand_over
from openmsi_desktop.streaming.sending.oneoff import Errand


@dataclass(frozen=True, slots=True)
class Destination:
    """Where dropped files go. root: a watched folder whose files keep their places below it."""

    connection: str
    topic: str
    subfolder: str = ""
    check: bool = False
    root: Path | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What was found below the paths. missing: paths that do not exist any more. size in bytes."""

    found: Collected
    missing: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.found.jobs)

    @property
    def size(self) -> int:
        return sum(job.size for job in self.found.jobs)


def look(paths: Sequence[Path], subfolder: str, root: Path | None = None) -> Load:
    """Look into every folder; what is sent by the rules of ``send``: no temporary and hidden files."""
    out, missing = Collected(), []
    taken: dict[str, str] = {}
    for path in paths:
        try:
            collect([path], subfolder=_below(path, subfolder, root), rules=Rules(), out=out, taken=taken)
        except NotThere:
            missing.append(str(path))
    return Load(out, tuple(missing))


def _below(path: Path, subfolder: str, root: Path | None) -> str:
    if root is None or not path.is_relative_to(root) or path == root:
        return subfolder
    above = path.relative_to(root).parent.as_posix()
    return subfolder if above == "." else topic_path.join(subfolder, above)


def destination_of(settings: Settings, profile: Profile, key: str) -> Destination | None:
    """Connection and topic of a task: of the settings, or one-off uploads before."""
    for task in tasks_of(settings):
        if task_key(task) != key:
            continue
        if isinstance(task, WatchedFolder):
            return Destination(task.connection, task.topic, task.subfolder, task.check, task.path)
        assert isinstance(task, Download)
        return Destination(task.connection, task.topics[0])
    if not profile.journal_path.exists():
        return None
    with closing(profile.open_journal()) as journal:
        errand = _errand(journal, key)
    if errand is None or errand.connection.name not in {c.name for c in settings.connections}:
        return None
    return Destination(errand.connection.name, errand.topic, "", errand.check)


def _errand(journal: Journal, key: str) -> Errand | None:
    row = journal.task(key)
    if row is None or row.kind != ONE_OFF:
        return None
    details = journal.details(key)
    return legible(Errand.model_validate_json)(details) if legible(json.loads)(details) else None


def hand(profile: Profile, load: Load, connection: Connection, destination: Destination, chunk_size: int) -> HandedOver:
    """Journal it, for whoever streams.

    Raises:
        NeedsYou, RetryableError: the journal cannot be written; nothing was handed over.
    """
    profile.prepare()
    errand = Errand(connection=connection, topic=destination.topic, chunk_size=chunk_size, check=destination.check)
    with closing(profile.open_journal()) as journal:
        return hand_over(journal, load.found, errand, is_alive=profile.is_alive)


def take_back(profile: Profile, files: Sequence[tuple[str, str]]) -> int:
    """Files (key of the task, path on the topic) that have not begun; returns how many were taken back."""
    with closing(profile.open_journal()) as journal:
        return sum(call_off(journal, key, [path]) for key, path in files)
