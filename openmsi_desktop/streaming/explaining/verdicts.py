"""What the rules of watched folders say about a file, also about one that nobody has seen yet."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from openmsi_desktop.core import topic_path
from openmsi_desktop.core.errors import ChunkError
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.windows_files import reachable
from openmsi_desktop.settings import WatchedFolder
from openmsi_desktop.settings_form import Unfit, remade
from openmsi_desktop.streaming.rules import rules_of


class Outcome(StrEnum):
    """What the rules of one watched folder make of a path."""

    FOLDER = "folder"
    LEFT_OUT = "left out"
    UNSENDABLE = "unsendable"
    ABSENT = "absent"
    KNOWN = "known"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Verdict:
    """About one path by one watched folder. rule: a fragment of a sentence; path: on the topic; quiet_s in seconds."""

    task: str
    outcome: Outcome
    rule: str = ""
    path: str = ""
    quiet_s: float = 0.0

    @property
    def taken(self) -> bool:
        """The rules let it be sent."""
        return self.outcome not in (Outcome.LEFT_OUT, Outcome.UNSENDABLE)

    @property
    def text(self) -> str:
        """The same as a sentence without a full stop."""
        match self.outcome:
            case Outcome.FOLDER:
                return "a folder that is watched"
            case Outcome.LEFT_OUT:
                return f"left out: {self.rule}"
            case Outcome.UNSENDABLE:
                return f"cannot be sent: {self.rule}"
            case Outcome.ABSENT:
                return f"the rules take it ({self.rule}), but there is no such file"
            case Outcome.KNOWN:
                return f"the rules take it ({self.rule})"
            case Outcome.NEW:
                wait = f"{self.quiet_s:g} s without change"
                return f"the rules take it ({self.rule}) as {self.path}; it has not been noticed yet. It is sent after {wait}"


def verdicts(
    journal: Journal | None, of_settings: Iterable[WatchedFolder], local: Path, *, known_by: Collection[str]
) -> tuple[Verdict, ...]:
    """One for each watched folder that holds the path.

    of_settings: those of the settings; those that ran with this data folder are in the journal. known_by: names of tasks
    that have the file in the journal.
    """
    out = []
    for watched in _watched_folders(journal, of_settings):
        for place in {local, Path(os.path.realpath(local))}:
            relative = _relative(place, watched.path)
            if relative:
                out.append(_verdict(watched, place, relative, is_known=watched.title in known_by))
                break
    return tuple(out)


def _watched_folders(journal: Journal | None, of_settings: Iterable[WatchedFolder]) -> list[WatchedFolder]:
    found: dict[tuple[str, str], WatchedFolder] = {}
    for task in journal.tasks() if journal is not None else []:
        if journal is not None and task.kind == "watch":
            try:
                watched = remade(WatchedFolder, journal.details(task.key))
            except Unfit:  # written by another release
                continue
            found[str(watched.path), watched.topic] = watched
    for watched in of_settings:
        found[str(watched.path), watched.topic] = watched
    return list(found.values())


def _relative(local: Path, folder: Path) -> str:
    """The path below a folder as the topic has it; empty if it is not below it."""
    for place in (os.path.abspath(folder), os.path.realpath(folder)):
        try:
            relative = local.relative_to(place).as_posix()
        except ValueError:
            continue
        return "" if relative == "." else relative
    return ""


def _verdict(watched: WatchedFolder, local: Path, relative: str, *, is_known: bool) -> Verdict:
    path = topic_path.join(watched.subfolder, relative)
    if os.path.isdir(local):
        return Verdict(watched.title, Outcome.FOLDER, path=path)
    try:
        stat = os.stat(reachable(os.fspath(local)))
    except OSError:
        stat = None
    decision = rules_of(watched, now=time.time()).decide(
        relative, size=stat.st_size if stat else 1 << 40, mtime=stat.st_mtime if stat else time.time()
    )
    if not decision.taken:
        return Verdict(watched.title, Outcome.LEFT_OUT, decision.rule, path)
    try:
        topic_path.check(path)
    except ChunkError as error:
        return Verdict(watched.title, Outcome.UNSENDABLE, error.title, path)
    outcome = Outcome.ABSENT if stat is None else Outcome.KNOWN if is_known else Outcome.NEW
    return Verdict(watched.title, outcome, decision.rule, path, watched.settle.quiet_s)
