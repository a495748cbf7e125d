"""All that is known about one path."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.listing import counts_below, looked_up
from openmsi_desktop.settings import WatchedFolder
from openmsi_desktop.streaming.explaining.known import KnownFile, known_file
from openmsi_desktop.streaming.explaining.verdicts import Verdict, verdicts


@dataclass(frozen=True, slots=True)
class Explanation:
    """path as it was asked for; local: absolute, on this computer."""

    path: str
    local: Path
    exists: bool
    files: tuple[KnownFile, ...] = ()
    """The latest news first among those that are sent, then those that are received."""
    below: Mapping[FileState, int] = field(default_factory=dict)
    """It is a folder: states of the files in it."""
    verdicts: tuple[Verdict, ...] = ()
    streaming: str | None = None
    """Who streams with the data folder; None: nobody."""

    @property
    def is_known(self) -> bool:
        """Something can be said about it."""
        return bool(self.files or self.below or self.verdicts)


def explained(
    journal: Journal | None, watched: Iterable[WatchedFolder], path: str, *, streaming: str | None
) -> Explanation:
    """Look a path up: one on this computer, or one on a topic. watched: folders of the settings. Reads the disk.

    Raises:
        RetryableError, NeedsYou: the journal cannot be read.
    """
    local = Path(os.path.abspath(path))
    names = {path, path.replace(os.sep, "/"), str(local), os.path.realpath(local)}
    files: list[KnownFile] = []
    below: dict[FileState, int] = {}
    if journal is not None:
        tasks = {t.key: t for t in journal.tasks()}
        for file in looked_up(journal, names):
            task = tasks.get(file.task)
            name, kind = (task.name, task.kind) if task is not None else (file.task, "")
            files.append(known_file(journal, file, task=name, kind=kind))
        if not files:
            below = counts_below(journal, path) or counts_below(journal, str(local))
    return Explanation(
        path=path,
        local=local,
        exists=os.path.exists(local),
        files=tuple(files),
        below=below,
        verdicts=verdicts(journal, watched, local, known_by={f.task for f in files}),
        streaming=streaming,
    )
