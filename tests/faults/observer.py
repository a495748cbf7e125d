"""Somebody who looks into the target all the time, as a person or a program there may: every file has to be whole."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faults.oracle import Written, hash_of

_SPOOL = ".openmsi-parts"


class Observer:
    """Lists a folder again and again on a thread of its own and reads what is new in it."""

    def __init__(self, target: Path, written: Written, foreign: tuple[str, ...] = ()) -> None:
        """foreign: names of files that somebody else has put there."""
        self.torn: list[str] = []
        self.looks = 0
        self.files = 0
        self._target = target
        self._written = written
        self._foreign = foreign
        self._seen: set[tuple[int, int, int]] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="observer")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.02):
            self.looks += 1
            for folder, folders, names in os.walk(self._target):
                folders[:] = [name for name in folders if name != _SPOOL]
                for name in names:
                    if name not in self._foreign:
                        self._look(Path(folder) / name)

    def _look(self, file: Path) -> None:
        try:
            with open(file, "rb") as opened:  # whatever is renamed over it: this one stays what it is
                found = os.fstat(opened.fileno())
                key = (found.st_ino, found.st_size, found.st_ctime_ns)
                if key in self._seen:
                    return
                self._seen.add(key)
                content = opened.read()
        except OSError:
            return
        self.files += 1
        if hash_of(content) not in self._written.contents:
            self.torn.append(f"{file.name}: {len(content)} bytes that are no version of anything")


@contextmanager
def observed(target: Path, written: Written, foreign: tuple[str, ...] = ()) -> Iterator[Observer]:
    """Look all the time while the block runs."""
    observer = Observer(target, written, foreign)
    observer.start()
    try:
        yield observer
    finally:
        observer.stop()
