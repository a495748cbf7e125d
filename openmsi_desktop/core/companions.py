"""Names of markers and partners: files beside another one that say it is finished. Touches no disk.

A pattern is a file name, or a path relative to the folder of the file, in which ``{name}`` stands for the name of
the file (``scan.dat``) and ``{stem}`` for the name without its last suffix (``scan``).
"""

from __future__ import annotations

import posixpath
import re

_PLACE = re.compile(r"\{(?:name|stem)\}")


def companion(pattern: str, relative: str) -> str:
    """The relative path of the companion that the file at ``relative`` has to have."""
    folder, name = posixpath.split(relative)
    return posixpath.normpath(posixpath.join(folder, _fill(pattern, name)))


def _fill(pattern: str, name: str) -> str:
    stem = posixpath.splitext(name)[0]
    return _PLACE.sub(lambda place: name if place[0] == "{name}" else stem, pattern)


def matcher(pattern: str) -> re.Pattern[str]:
    """Finds (``search``) the relative paths that can be a companion by that pattern, whatever file they belong to."""
    parts = posixpath.normpath(pattern).split("/")
    while parts and parts[0] == "..":
        del parts[0]
    tail = "/".join(parts)
    literals = [re.escape(text) for text in _PLACE.split(tail)]
    return re.compile(r"(?:\A|/)" + r"[^/]+".join(literals) + r"\Z")
