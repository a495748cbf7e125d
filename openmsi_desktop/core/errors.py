"""The exception tree. Every error carries text for a person; none knows where it will be shown.

OpenMSIError
├── RetryableError   it passes by itself: the network, a busy file
│   └── DiskFull     no space left
├── NeedsYou         somebody has to act, then it goes on by itself
├── SettingsError    a mistake in the settings or on the command line
└── ChunkError       a message that is malformed or unsafe: quarantined, the stream goes on
"""

from __future__ import annotations

import errno
from pathlib import Path

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_WINDOWS_FULL = {39, 112}  # ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL

FULL_DELAY_S = 10.0
"""Seconds, at most, between two attempts while a disk is full."""


class OpenMSIError(Exception):
    """Something went wrong that can be explained.

    title: what happened, one short sentence without a full stop.
    advice: what it means for the data, what happens next, what the reader can do.
    path: the file or folder concerned, if there is one.
    code: which cause it is, for programs that have to tell causes apart; empty where nobody does.
    """

    def __init__(self, title: str, advice: str = "", *, path: Path | str | None = None, code: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.advice = advice
        self.path = path
        self.code = code

    def __str__(self) -> str:
        return f"{self.title}. {self.advice}" if self.advice else self.title


class RetryableError(OpenMSIError):
    """Passes by itself; the supervisor tries again."""


class NoContact(RetryableError):
    """Nobody answers, or not in time. A command may give up when that lasts too long."""


class DiskFull(RetryableError):
    """A disk has no space left. Tried again every few seconds: space comes back at any moment."""


class NeedsYou(OpenMSIError):
    """A person has to act; tried again at most every 30 s, so that it goes on once they have."""


class SettingsError(OpenMSIError):
    """A mistake in settings, options or credentials."""


class ChunkError(OpenMSIError):
    """A message that cannot be part of a file, or must not be. It is quarantined."""


class FileChanged(RetryableError):
    """A file is no longer what was planned: the attempt to send it is withdrawn."""


def is_full(error: OSError) -> bool:
    """Whether a disk, or somebody's share of it, is full."""
    return error.errno in _FULL or getattr(error, "winerror", None) in _WINDOWS_FULL
