"""The files that a program left in its output folder, as what is sent of them. Sends nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from openmsi_desktop.core import topic_path
from openmsi_desktop.core.chunker import FilePlan, plan
from openmsi_desktop.core.errors import ChunkError, OpenMSIError
from openmsi_desktop.core.local_name import topic_name
from openmsi_desktop.core.windows_files import reachable
from openmsi_desktop.streaming.sinks import ReceivedFile

FORMAT = 1
"""Of :func:`about`."""

_BYTES_AT_ONCE = 16 << 20
_FILES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Left:
    """A file to be sent. path: on the result topic."""

    local: str
    path: str
    size: int


def about(file: ReceivedFile, processor: str) -> bytes:
    """Which version of which file a result was made of, and by what: compact JSON. See docs/protocol.md."""
    known = {
        "format": FORMAT,
        "path": file.relative_path,
        "topic": file.topic,
        "sha512": file.sha512.hex(),
        "version": file.version,
        "installation": file.installation,
        "processor": processor,
    }
    return json.dumps(known, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def left_in(folder: Path, beside: str) -> list[Left]:
    """What the usual rules of senders take (no hidden and temporary files), sorted by path.

    beside: path of the source; its folder comes before every name.

    Raises:
        OpenMSIError: a file has a name that readers would refuse, or cannot be read.
    """
    with os.scandir(reachable(str(folder))) as entries:
        if next(entries, None) is None:
            return []
    from openmsi_desktop.core.rules import Rules  # a program that leaves nothing is started sooner
    from openmsi_desktop.streaming.watching.scan import walk
    from openmsi_desktop.streaming.watching.sightings import Seen, Unreadable

    above = topic_path.split(beside)[0]
    found = []
    for item in walk(folder, Rules()):
        if isinstance(item, Unreadable):
            raise OpenMSIError(f"Its output {item.relative} cannot be read", f"{item.reason}.")
        if not isinstance(item, Seen):
            continue
        path = topic_path.join(above, topic_name(item.relative))
        try:
            found.append(Left(item.local, topic_path.check(path), item.size))
        except ChunkError as error:
            raise OpenMSIError(
                f"Its output {item.relative!r} cannot be sent", f"{error.title}. Let it choose another name."
            ) from error
    return sorted(found, key=lambda left: left.path)


def in_groups(left: list[Left], *, chunk_size: int) -> Iterator[list[FilePlan]]:
    """Read and hash the files, so many at once as may be kept in memory.

    Raises:
        RetryableError, NeedsYou: one of them cannot be read, or changes.
    """
    group: list[FilePlan] = []
    size = 0
    for file in left:
        if group and (size + file.size > _BYTES_AT_ONCE or len(group) >= _FILES_AT_ONCE):
            yield group
            group, size = [], 0
        group.append(plan(file.local, file.path, chunk_size=chunk_size))
        size += file.size
    if group:
        yield group
