"""What became of the files of a demonstration: from the events, and independently of them from both folders."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from openmsi_desktop.cli.text import count, printable
from openmsi_desktop.core.amounts import size
from openmsi_desktop.core.events import Event, FileEvent, FileState, ReadyEvent
from openmsi_desktop.core.topic_path import SPOOL_NAME

_NARROWEST, _WIDEST = 80, 130
_READ_BYTES = 1 << 20
_SHOWN_DIGITS = 8


_HOW = "Both folders were read again for this table, and the SHA-512 of every file compared."


class Progress:
    """What the events say. Any thread may add; a lock protects all fields."""

    def __init__(self, *, sender: Collection[str], reader: str) -> None:
        """sender: names of the tasks that send; all but the last have to get ready. reader: of the one that receives."""
        self._senders, self._reader = tuple(sender), reader
        self._lock = threading.Lock()
        self._ready: set[str] = set()
        self._sent: dict[str, tuple[FileState, str | None]] = {}
        self._received: dict[str, tuple[FileState, str | None]] = {}
        self._deliveries: Counter[str] = Counter()
        self._sizes: dict[str, int] = {}
        self._expected: dict[str, str] = {}

    def add(self, event: Event) -> None:
        """Take an event into account."""
        with self._lock:
            if isinstance(event, ReadyEvent):
                self._ready.add(event.task)
            if not isinstance(event, FileEvent):
                return
            here = self._sent if event.task in self._senders else self._received
            here[event.path] = (event.state, event.sha512)
            self._sizes[event.path] = event.size or 0
            if event.task == self._reader and event.state is FileState.DELIVERED:
                self._deliveries[event.path] += 1

    def expect(self, files: Mapping[str, str]) -> None:
        """These files (path -> SHA-512) have to be checked and delivered for :meth:`is_complete`."""
        with self._lock:
            self._expected = dict(files)

    def is_ready(self) -> bool:
        """The watcher has scanned, and the reader has its position."""
        with self._lock:
            return {self._senders[0], self._reader} <= self._ready

    def is_complete(self) -> bool:
        """Everything expected is checked on the topic and delivered."""
        with self._lock:
            return all(
                self._sent.get(path) == (FileState.CHECKED, digest)
                and self._received.get(path) == (FileState.DELIVERED, digest)
                for path, digest in self._expected.items()
            )

    def deliveries(self, path: str) -> int:
        """How many versions of it were delivered."""
        with self._lock:
            return self._deliveries[path]

    def of(self, path: str) -> tuple[FileState | None, FileState | None, int, int]:
        """State at the sender and at the reader, number of versions delivered, size in bytes."""
        with self._lock:
            sent, received = self._sent.get(path), self._received.get(path)
            return (
                sent[0] if sent else None,
                received[0] if received else None,
                self._deliveries[path],
                self._sizes.get(path, 0),
            )


def hashes(folder: Path) -> dict[str, str]:
    """Relative path -> SHA-512 of every file below a folder, read here and now; the spool is not part of it."""
    found: dict[str, str] = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != SPOOL_NAME]
        for name in names:
            file = Path(place, name)
            digest = hashlib.sha512()
            with file.open("rb") as opened:
                while data := opened.read(_READ_BYTES):
                    digest.update(data)
            found[file.relative_to(folder).as_posix()] = digest.hexdigest()
    return found


def verdict(source: Mapping[str, str], target: Mapping[str, str], progress: Progress) -> tuple[bool, str]:
    """Whether everything arrived and is identical, and what to print about it.

    source, target: path -> SHA-512, both from the disks. A file counts only if it was Checked as well.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold underline")
    table.add_column("file", overflow="fold", ratio=1)
    for name in ("size", "sender", "reader", "times", "SHA-512", "copy"):
        table.add_column(name, justify="right" if name in ("size", "times") else "left", no_wrap=True)
    bad, total_bytes = 0, 0
    for path in sorted({*source, *target}):
        sent, received, versions, size_bytes = progress.of(path)
        is_same = source.get(path) == target.get(path) and sent is FileState.CHECKED
        bad += not is_same
        total_bytes += size_bytes
        table.add_row(
            Text(printable(path)),
            size(size_bytes),
            sent.value if sent else "-",
            received.value if received else "-",
            str(versions),
            source.get(path, "")[:_SHOWN_DIGITS],
            Text(_compared(source.get(path), target.get(path)), style="green" if is_same else "bold red"),
        )
    if source and not bad:
        words = f"Verified: all {count(len(source), 'file')}, {size(total_bytes)}, arrived and are identical."
    else:
        words = f"NOT verified: {bad} of {count(len({*source, *target}), 'file')} did not arrive as they are."
    return bool(source) and not bad, f"\n{_drawn(table)}\n\n{words} {_HOW}"


def _compared(source: str | None, target: str | None) -> str:
    if target is None:
        return "missing"
    if source is None:
        return "nobody sent this"
    return "identical" if source == target else "different"


def _drawn(table: Table) -> str:
    """As lines; with colours if standard output shows them."""
    width = min(max(shutil.get_terminal_size((_WIDEST, 24)).columns, _NARROWEST), _WIDEST)
    console = Console(file=io.StringIO(), width=width, force_terminal=sys.stdout.isatty(), highlight=False)
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip("\n")
