"""What somebody wants of a file -> patterns that make it so. Knows no files and no widgets."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable
from typing import NamedTuple


class Patterns(NamedTuple):
    """Of a task: only these, and not these."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]


Takes = Callable[[Patterns], bool]
"""Whether the file would be sent with these patterns."""


def only_this(relative: str) -> str:
    """The pattern that matches one file (or, ending with a slash, one folder) and nothing else."""
    if os.name == "nt":  # a backslash is a slash there; names have no * and no ?, and a bracket is any one character
        escaped = relative.replace("[", "?")
        escaped = escaped[:-1] + "?" if escaped.endswith(" ") else escaped
    else:
        escaped = re.sub(r"[\\*?\[]| \Z", lambda found: "\\" + found[0], relative)
    return "/" + escaped


def like_this(relative: str) -> str:
    """The pattern for all files with the same suffix; empty if it has none."""
    suffix = posixpath.splitext(posixpath.basename(relative))[1]
    return "" if len(suffix) < 2 else "*" + only_this(suffix)[1:]


def folder_of(relative: str) -> str:
    """The pattern for everything in its folder; empty for a file that lies in none."""
    folder = posixpath.dirname(relative)
    return only_this(folder) + "/" if folder else ""


def always(now: Patterns, pattern: str, takes: Takes) -> Patterns | None:
    """Patterns with which what matches ``pattern`` is sent; None if no pattern can do that."""
    include, exclude = now
    without = tuple(p for p in exclude if p != pattern)
    back = (*(p for p in without if p != f"!{pattern}"), f"!{pattern}")
    wider = (*include, pattern) if include and pattern not in include else include
    ways = [Patterns(include, without), Patterns(wider, without), Patterns(include, back), Patterns(wider, back)]
    return next((way for way in ways if way != now and takes(way)), None)


def never(now: Patterns, pattern: str, takes: Takes) -> Patterns | None:
    """Patterns with which what matches ``pattern`` is not sent; None if no pattern can do that."""
    include, exclude = now
    kept = tuple(p for p in exclude if p != f"!{pattern}")
    narrower = tuple(p for p in include if p != pattern)
    rest = tuple(p for p in kept if p != pattern)
    ways = [Patterns(narrower, kept)] if narrower and narrower != include else []
    ways += [Patterns(include, kept), Patterns(include, (*rest, pattern))]
    return next((way for way in ways if way != now and not takes(way)), None)
