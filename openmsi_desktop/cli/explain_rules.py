"""What the rules of watched folders say about a file, also about one that nobody has seen yet."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openmsi_desktop.cli.common import Common
from openmsi_desktop.cli.options import rules_of
from openmsi_desktop.core.errors import ChunkError, OpenMSIError
from openmsi_desktop.core.journal import Journal

if TYPE_CHECKING:
    from openmsi_desktop.settings import WatchedFolder


def for_path(common: Common, journal: Journal | None, local: Path, known_by: set[str]) -> list[dict[str, Any]]:
    """One entry for each watched folder that holds the path: ``task``, ``taken`` and ``text``, a sentence.

    known_by: names of tasks that have the file in the journal.
    """
    out = []
    for watched in _watched_folders(common, journal):
        for place in {local, Path(os.path.realpath(local))}:
            relative = _relative(place, watched.path)
            if relative:
                taken, text = _verdict(watched, place, relative, is_known=watched.title in known_by)
                out.append({"task": watched.title, "taken": taken, "text": text})
                break
    return out


def _watched_folders(common: Common, journal: Journal | None) -> list[WatchedFolder]:
    """Those that ran with this data folder, and those of the settings."""
    from openmsi_desktop.settings import WatchedFolder
    from openmsi_desktop.settings_form import Unfit, remade

    found: dict[tuple[str, str], WatchedFolder] = {}
    for task in journal.tasks() if journal is not None else []:
        if journal is not None and task.kind == "watch":
            try:
                watched = remade(WatchedFolder, journal.details(task.key))
            except Unfit:  # written by another release
                continue
            found[str(watched.path), watched.topic] = watched
    try:
        for watched in common.read_settings().watched_folders:
            found[str(watched.path), watched.topic] = watched
    except OpenMSIError:
        pass  # run tells what is wrong with the settings; what was run is in the journal
    return list(found.values())


def _relative(local: Path, folder: Path) -> str:
    """The path below a folder as the topic has it; empty if it is not below it."""
    try:
        return local.relative_to(os.path.abspath(folder)).as_posix().removeprefix(".")
    except ValueError:
        try:
            return local.relative_to(os.path.realpath(folder)).as_posix().removeprefix(".")
        except ValueError:
            return ""


def _verdict(watched: WatchedFolder, local: Path, relative: str, *, is_known: bool) -> tuple[bool, str]:
    from openmsi_desktop.core import topic_path

    path = topic_path.join(watched.subfolder, relative)
    try:
        stat = os.stat(local)
    except OSError:
        stat = None
    if local.is_dir():
        return True, "a folder that is watched"
    decision = rules_of(watched, now=time.time()).decide(
        relative, size=stat.st_size if stat else 1 << 40, mtime=stat.st_mtime if stat else time.time()
    )
    if not decision.taken:
        return False, f"left out: {decision.rule}"
    try:
        topic_path.check(path)
    except ChunkError as error:
        return False, f"cannot be sent: {error.title}"
    if stat is None:
        return True, f"the rules take it ({decision.rule}), but there is no such file"
    if is_known:
        return True, f"the rules take it ({decision.rule})"
    wait = f"{watched.settle.quiet_s:g} s without change"
    return True, f"the rules take it ({decision.rule}) as {path}; it has not been noticed yet. It is sent after {wait}"
