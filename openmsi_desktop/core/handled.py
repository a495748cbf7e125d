"""Which version of a file a bucket or a processor has had last. Table handled.

Belongs to the thread that owns the Journal.
"""

from __future__ import annotations

from dataclasses import dataclass

from openmsi_desktop.core.journal import Journal, name_of, text_of


@dataclass(frozen=True, slots=True)
class HandledVersion:
    """sha512: of the contents, 64 bytes. number: of the version in the journal. local: where the sink put it, or empty. at:
    seconds since 1970."""

    sha512: bytes
    number: int
    local: str
    at: float


class Handled:
    """The versions that one sink of one task has had."""

    def __init__(self, journal: Journal, task: str, sink: str) -> None:
        self._journal = journal
        self._task = task
        self._sink = sink

    def last(self, topic: str, path: str) -> HandledVersion | None:
        """The last version of this path; None if there was none, or it is to be handled once more."""
        found = self._journal.query(
            "SELECT sha512, number, local, at FROM handled WHERE task = ? AND sink = ? AND topic = ? AND path = ?",
            self._task,
            self._sink,
            topic,
            text_of(path),
        )
        return next((HandledVersion(r["sha512"], r["number"], name_of(r["local"]), r["at"]) for r in found), None)

    def note(self, topic: str, path: str, *, sha512: bytes, number: int, local: str = "") -> None:
        """This version is the last one now."""
        self._journal.execute(
            """INSERT INTO handled (task, sink, topic, path, sha512, number, local, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (task, sink, topic, path) DO UPDATE SET sha512 = excluded.sha512, number = excluded.number,
            local = excluded.local, at = excluded.at""",
            self._task,
            self._sink,
            topic,
            text_of(path),
            sha512,
            number,
            text_of(local),
            self._journal.now(),
        )

    def forget(self, topic: str, path: str) -> None:
        """The next version is handled whatever it holds."""
        self._journal.execute(
            "DELETE FROM handled WHERE task = ? AND sink = ? AND topic = ? AND path = ?",
            self._task,
            self._sink,
            topic,
            text_of(path),
        )
