"""Which of the files that we sent have arrived, and where. Table arrivals, and the positions of the topic of receipts.

A receipt counts for a version only if path, hash and size are those of it, and the numbers where the receipt has them.
Belongs to the thread that owns the Journal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openmsi_desktop.core.journal import Journal, for_people, text_of
from openmsi_desktop.core.outgoing import Outgoing, OutgoingFiles
from openmsi_desktop.core.receipt import Receipt

_PLACES = 20
"""Places remembered of one version: whoever knows path and hash could invent any number."""
_KEPT = 200
"""Places remembered of one path, before those of versions are forgotten that nobody remembers."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A place where a version of a file is.

    place: for people, as part of a sentence (``at bucket lab-bucket``, ``on PC hpc-1``); detail: what else is known of it.
    at: seconds since 1970. is_current: it is the version that was Sent last.
    """

    place: str
    detail: str
    at: float
    version: int
    sha512: bytes
    is_current: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of some receipts. arrived: files that are Arrived now, or at one more place; late: receipts for versions
    that were replaced since, or are still being sent; ignored: those that fit no file of ours."""

    arrived: tuple[Outgoing, ...]
    late: int
    ignored: int


def arrivals_of(journal: Journal, task: str, path: str) -> list[Arrival]:
    """Where a file of a sending task (key) has arrived, the first one first; versions that were replaced since are listed too."""
    rows = journal.query(
        """SELECT place, detail, at, a.version, a.sha512, a.version = o.sent_version AS is_current FROM arrivals AS a
        LEFT JOIN outgoing AS o ON o.task = a.task AND o.path = a.path
        WHERE a.task = ? AND a.path = ? ORDER BY at, place, detail""",
        task,
        text_of(path),
    )
    return [Arrival(r[0], r[1], r[2], r[3], r[4], bool(r[5])) for r in rows]


class Arrivals:
    """The receipts for the files of one sending task."""

    def __init__(self, files: OutgoingFiles, *, installation: str) -> None:
        """installation: ours; a receipt that names another one is for somebody else's file."""
        self._files = files
        self.journal = files.journal
        self._installation = installation

    def take(self, receipts: Sequence[Receipt]) -> Taken:
        """Note what they say, and call the files Arrived that they fit. Inside a transaction."""
        files = self._files
        known = files.known({r.path for r in receipts})
        fitting: dict[int, Outgoing] = {}
        late = ignored = 0
        for receipt in receipts:
            row = known.get(receipt.path)
            version = self._version(receipt, row) if row is not None else None
            if row is None or version is None:
                ignored += 1
                continue
            is_new = self._note(receipt, row, version)
            if version != row.sent_version:
                late += 1
            elif is_new:
                fitting[row.id] = row
        arrived = files.arrive(fitting)
        return Taken(tuple(row for number, row in fitting.items() if number in arrived), late, ignored)

    def _version(self, receipt: Receipt, row: Outgoing) -> int | None:
        """The version that the receipt is for; None: it fits none of ours."""
        if receipt.topic != self._files.topic or receipt.installation not in ("", self._installation):
            return None
        if row.sent_version is not None and _fits(receipt, row.sent_version, row.sent_sha512, row.sent_size):
            return row.sent_version
        if row.sha512 is not None and _fits(receipt, row.version, row.sha512, row.fingerprint.size):
            return row.version  # it was there before all that we sent was acknowledged
        for before in self.journal.query(
            "SELECT version, sha512, size FROM replaced WHERE outgoing_id = ? ORDER BY version DESC", row.id
        ):
            if _fits(receipt, *before):
                return int(before[0])
        return None

    def _note(self, receipt: Receipt, row: Outgoing, version: int) -> bool:
        """Remember it; False if that place was known, or if there are too many."""
        db, path = self.journal, text_of(row.path)
        count, of_version = db.query(
            "SELECT count(*), count(*) FILTER (WHERE version = ?) FROM arrivals WHERE task = ? AND path = ?",
            *(version, row.task, path),
        )[0]
        if of_version >= _PLACES:
            return False
        if count >= _KEPT:
            db.execute(
                """DELETE FROM arrivals WHERE task = ? AND path = ? AND version NOT IN (?, ?)
                AND version NOT IN (SELECT version FROM replaced WHERE outgoing_id = ?)""",
                *(row.task, path, row.version, row.sent_version or 0, row.id),
            )
        place, detail = for_people(receipt.place.words), for_people(receipt.place.detail)
        return bool(
            db.execute(
                "INSERT OR IGNORE INTO arrivals (task, path, version, sha512, place, detail, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                *(row.task, path, version, receipt.sha512, place, detail, min(receipt.at, db.now())),
            )
        )


class ReceiptPositions:
    """How far a sending task has read the topic of its receipts."""

    def __init__(self, journal: Journal, task: str, topic: str) -> None:
        """topic: that of the receipts."""
        self._journal = journal
        self._task = task
        self._topic = topic

    def of(self, cluster_id: str, topic_id: str, partitions: Mapping[int, int]) -> dict[int, int]:
        """The next offset of each partition; a new one, or all of a topic that was made anew, begin where ``partitions`` says."""
        known = self._journal.topic_identity(self._task, self._topic)
        with self._journal.transaction() as db:
            if known is not None and known != (cluster_id, topic_id):
                db.execute("DELETE FROM positions WHERE task = ? AND topic = ?", (self._task, self._topic))
            if known != (cluster_id, topic_id):
                self._journal.set_topic_identity(self._task, self._topic, cluster_id, topic_id)
            db.executemany(
                "INSERT OR IGNORE INTO positions (task, topic, partition, position, start) VALUES (?, ?, ?, ?, ?)",
                [(self._task, self._topic, number, first, first) for number, first in partitions.items()],
            )
        rows = self._journal.query(
            "SELECT partition, position FROM positions WHERE task = ? AND topic = ?", self._task, self._topic
        )
        return {row[0]: row[1] for row in rows if row[0] in partitions}

    def move_to(self, positions: Mapping[int, int]) -> None:
        """Everything before these offsets was taken. Inside a transaction."""
        with self._journal.transaction() as db:
            db.executemany(
                "UPDATE positions SET position = ? WHERE task = ? AND topic = ? AND partition = ?",
                [(position, self._task, self._topic, number) for number, position in positions.items()],
            )


def _fits(receipt: Receipt, version: int, sha512: bytes | None, size: int | None) -> bool:
    return receipt.sha512 == sha512 and receipt.size == size and receipt.version in (0, version)
