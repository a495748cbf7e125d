"""What a processor's sink asks of whatever does the work on a file: a program, or a Python class. Plain types, no processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from openmsi_desktop.core.errors import OpenMSIError

OUTPUT_BYTES = 16_384
"""Of what somebody's program prints, this much of the end is kept for people."""

RESULT_BYTES = 1_000_000
"""A result that is a message of its own has at most this many bytes, whatever the topic would take."""


@dataclass(frozen=True, slots=True)
class Work:
    """One file to be worked on.

    file: a private view of it, absolute, with the file's own name, not to be written to; it goes when the work is done.
    relative_path, topic: where it comes from. sha512: 128 hexadecimal digits. size: in bytes. modified: mtime in seconds since
    1970, None if unknown. output_dir: an empty folder, absolute; whatever lies in it afterwards is sent to the result topic.
    time_limit_s: how long the work may take.
    """

    file: Path
    relative_path: str
    topic: str
    sha512: str
    size: int
    modified: float | None
    output_dir: Path
    time_limit_s: float


@dataclass(frozen=True, slots=True)
class Result:
    """A message for the result topic. key: :func:`openmsi_desktop.core.chunk.result_key` makes the usual one."""

    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of the work.

    results: to be sent if a result topic is set. output: the end of what was printed, at most :data:`OUTPUT_BYTES` of UTF-8.
    error: why it failed: this attempt counts, and the results are dropped; None: it worked.
    """

    results: Sequence[Result] = ()
    output: str = ""
    error: OpenMSIError | None = None


class Runner(Protocol):
    """Does the work. Its processes end with it; what a killed program of ours leaves behind is ended by :mod:`orphans`."""

    def prepare(self) -> None:
        """Look whether it could work now. Called before the first file, and again after run() raised.

        Raises:
            NeedsYou, RetryableError: it cannot, with any file: the program is missing, the class cannot be imported.
        """
        ...

    def run(self, work: Work) -> Ran:
        """Work on a file and wait for the end. Called by several threads at once.

        Raises:
            NeedsYou, RetryableError: nothing is wrong with this file, but no file can be worked on now; no attempt is counted.
                After stop() that is always so.
        """
        ...

    def stop(self) -> None:
        """End what runs, soon: its run() raises RetryableError. Called once, from another thread."""
        ...

    def close(self) -> None:
        """Let go of everything; nothing runs. May be called twice, and without stop()."""
        ...
