"""Paths that a person names -> the files that are meant, and those that are not, with the reason. Sends nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from openmsi_desktop.core import topic_path
from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.errors import ChunkError, NeedsYou, OpenMSIError, SettingsError
from openmsi_desktop.core.rules import Rules
from openmsi_desktop.core.windows_files import reachable
from openmsi_desktop.streaming.sending.planner import Job
from openmsi_desktop.streaming.watching.scan import walk
from openmsi_desktop.streaming.watching.sightings import Ignored, Unreadable


class NotThere(SettingsError):
    """A path given by a person does not exist: wrong usage."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not sent because of a rule. size in bytes, None if unknown."""

    path: str
    local: str
    rule: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that cannot be sent."""

    path: str
    local: str
    error: OpenMSIError


@dataclass(slots=True)
class Collected:
    """Everything found below some paths."""

    jobs: list[Job] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def collect(
    paths: Iterable[Path],
    *,
    subfolder: str,
    rules: Rules,
    out: Collected | None = None,
    taken: dict[str, str] | None = None,
) -> Collected:
    """Look into every folder; a file that is named itself is always taken.

    A file gets its own name on the topic, those of a folder the folder's name in front. out and taken (path on the topic
    -> file): of a collection that this one goes on with.

    Raises:
        NotThere: a path does not exist.
    """
    out = Collected() if out is None else out
    taken = {} if taken is None else taken
    for given in paths:
        if given.is_dir():
            _collect_folder(given, subfolder, rules, out, taken)
        else:
            _add(_named(given), topic_path.join(subfolder, given.name), out, taken)
    return out


def _collect_folder(folder: Path, subfolder: str, rules: Rules, out: Collected, taken: dict[str, str]) -> None:
    folder = Path(os.path.abspath(folder))  # the journal outlives the working directory
    above = topic_path.join(subfolder, folder.name)
    for item in walk(folder, rules):
        path = topic_path.join(above, item.relative)
        if isinstance(item, Ignored):
            out.left_out.append(LeftOut(path, item.local, item.rule, item.size))
        elif isinstance(item, Unreadable):
            error = NeedsYou(f"Cannot read {item.local}", f"{item.reason}. It was not sent.", path=item.local)
            out.refused.append(Refused(path, item.local, error))
        else:
            _add((item.local, item.fingerprint), path, out, taken)


def _add(file: tuple[str, Fingerprint], path: str, out: Collected, taken: dict[str, str]) -> None:
    local, fingerprint = file
    try:
        topic_path.check(path)
    except ChunkError as error:
        out.refused.append(Refused(path, local, error))
        return
    other = taken.setdefault(path, local)
    if other is not local:
        if other != local:
            title = f"Two files would be called {path} on the topic"
            advice = f"{other} is sent, {local} is not. Send it separately with --subfolder."
            out.refused.append(Refused(path, local, NeedsYou(title, advice, path=local)))
        return
    out.jobs.append(Job(path, local, fingerprint))


def _named(given: Path) -> tuple[str, Fingerprint]:
    local = os.path.abspath(given)
    try:
        return local, Fingerprint.of(os.stat(reachable(local)))
    except FileNotFoundError as error:
        raise NotThere(f"{given} does not exist", "Nothing was sent. Check the name.", path=given) from error
    except OSError as error:
        raise NotThere(f"Cannot look at {given}", f"{error.strerror}. Nothing was sent.", path=given) from error
