"""What a running program prints: read as it comes, kept within bounds, never waited for. And when the program has ended."""

from __future__ import annotations

import os
import sys
import threading
import unicodedata
from contextlib import suppress

from openmsi_desktop.streaming.sinks.processor.groups import Group
from openmsi_desktop.streaming.sinks.processor.runner import OUTPUT_BYTES

_PIECE = 65_536
_LAST_PIECES = 64
"""After its end so much is read at most of what it left in the pipes: something may go on writing to them."""


class _Kept:
    """The beginning of standard output, and the ends of both streams."""

    def __init__(self, keep: int) -> None:
        self.beginning = bytearray()
        self.is_all = True
        self._keep = keep
        self._ends = (bytearray(), bytearray())

    def add(self, data: bytes, *, is_output: bool) -> None:
        if is_output and self._keep:
            room = self._keep - len(self.beginning)
            self.beginning += data[:room]
            self.is_all = self.is_all and len(data) <= room
        end = self._ends[not is_output]
        end += data
        if len(end) > 2 * OUTPUT_BYTES:
            del end[:-OUTPUT_BYTES]

    @property
    def end(self) -> str:
        """What it printed as errors comes last, though it may have come first: programs print the rest when they end."""
        output, errors = (for_people(bytes(end)) for end in self._ends)
        if not output or not errors:
            return output or errors
        errors = last_bytes(errors, max(OUTPUT_BYTES // 2, OUTPUT_BYTES - 1 - len(output.encode())))
        return f"{last_bytes(output, OUTPUT_BYTES - 1 - len(errors.encode()))}\n{errors}"


def for_people(printed: bytes) -> str:
    """The end of it as text, at most :data:`OUTPUT_BYTES` of UTF-8; no escape sequence of a terminal takes effect in it."""
    text = printed[-OUTPUT_BYTES:].decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in text if c in "\n\t" or not unicodedata.category(c).startswith("C")).strip()
    return last_bytes(text, OUTPUT_BYTES)


def last_bytes(text: str, most: int) -> str:
    """The end of a text, at most so many bytes of UTF-8."""
    return text.encode()[-most:].decode("utf-8", errors="ignore")


if sys.platform == "win32":

    class Printed:
        """Two threads read; pipes cannot be waited for there."""

        def __init__(self, group: Group, *, keep: int) -> None:
            self._group = group
            self._kept = _Kept(keep)
            self._guard = threading.Lock()  # protects _kept
            self._threads = [
                threading.Thread(target=self._read, args=[pipe, is_output], name="output of a program", daemon=True)
                for pipe, is_output in ((group.process.stdout, True), (group.process.stderr, False))
            ]
            for thread in self._threads:
                thread.start()

        def wait(self, timeout_s: float) -> bool:
            """Wait for the program's end, at most so many seconds; True if it has ended."""
            import subprocess

            try:
                self._group.process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                return False
            return True

        def close(self) -> None:
            """Take what it left in the pipes."""
            for thread in self._threads:
                thread.join(1.0)  # all that could write has ended

        def _read(self, pipe: object, is_output: bool) -> None:
            with pipe:  # type: ignore[attr-defined]
                while data := os.read(pipe.fileno(), _PIECE):  # type: ignore[attr-defined]
                    with self._guard:
                        self._kept.add(data, is_output=is_output)

        @property
        def beginning(self) -> bytes:
            with self._guard:
                return bytes(self._kept.beginning)

        @property
        def is_all(self) -> bool:
            return self._kept.is_all

        @property
        def end(self) -> str:
            with self._guard:
                return self._kept.end

else:
    import select

    class Printed:
        """One poll for both pipes and the end of the program; no thread."""

        def __init__(self, group: Group, *, keep: int) -> None:
            process = group.process
            assert process.stdout is not None and process.stderr is not None
            self._group = group
            self._kept = _Kept(keep)
            self._pipes = {process.stdout.fileno(): process.stdout, process.stderr.fileno(): process.stderr}
            self._output = process.stdout.fileno()
            self._poll = select.poll()
            for descriptor in self._pipes:
                os.set_blocking(descriptor, False)
                self._poll.register(descriptor, select.POLLIN)
            self._ending: int | None = None
            if hasattr(os, "pidfd_open"):
                with suppress(OSError):  # an old system, or too many open files: has_ended is asked instead
                    self._ending = os.pidfd_open(process.pid)
                    self._poll.register(self._ending, select.POLLIN)

        def wait(self, timeout_s: float) -> bool:
            """Take what is printed, at most so many seconds; True if the program has ended."""
            if not self._pipes and self._ending is None:
                timeout_s = min(timeout_s, 0.01)
            elif self._ending is None:
                timeout_s = min(timeout_s, 0.05)
            ready = [descriptor for descriptor, _ in self._poll.poll(timeout_s * 1000)]
            for descriptor in ready:
                if descriptor in self._pipes:
                    self._take(descriptor)
            return self._ending in ready if self._ending is not None else self._group.has_ended

        def close(self) -> None:
            """Take what it left in the pipes, and close them."""
            for descriptor in list(self._pipes):
                for _ in range(_LAST_PIECES):
                    if not self._take(descriptor):
                        break
            for pipe in self._pipes.values():
                pipe.close()
            if self._ending is not None:
                os.close(self._ending)

        def _take(self, descriptor: int) -> bool:
            """One piece, if there is any."""
            try:
                data = os.read(descriptor, _PIECE)
            except BlockingIOError:
                return False
            if data:
                self._kept.add(data, is_output=descriptor == self._output)
                return True
            self._poll.unregister(descriptor)
            self._pipes.pop(descriptor).close()
            return False

        @property
        def beginning(self) -> bytes:
            return bytes(self._kept.beginning)

        @property
        def is_all(self) -> bool:
            return self._kept.is_all

        @property
        def end(self) -> str:
            return self._kept.end
