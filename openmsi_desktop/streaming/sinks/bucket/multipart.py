"""A big file becomes an object part by part: while it still arrives, several at once, and on from where it was cut off.

Completed only when the file's hash was compared: until then nothing shows in the bucket. See docs/decisions/0028.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from openmsi_desktop.core.errors import OpenMSIError, RetryableError
from openmsi_desktop.core.open_file import file_id
from openmsi_desktop.core.uploads import UploadRow
from openmsi_desktop.streaming.sinks import ReceivedFile, SpoolMissing
from openmsi_desktop.streaming.sinks.bucket.bodies import Bodies, Stopped, lost, opened
from openmsi_desktop.streaming.sinks.bucket.checksums import Algorithm, Digest, digest, of_whole
from openmsi_desktop.streaming.sinks.bucket.errors import NotSupported, RightDenied, StoreRefused, UploadGone
from openmsi_desktop.streaming.sinks.bucket.records import Records
from openmsi_desktop.streaming.sinks.bucket.store import Answer, PartThere, Store
from openmsi_desktop.streaming.sinks.bucket.workers import Workers

log = logging.getLogger(__name__)

PART_BYTES = 8 << 20
_MOST_PARTS = 10_000
_TRIES = 3
"""For a part, before the file as a whole waits for another attempt."""
_PAUSE_S = 10.0
"""So long nothing is sent ahead after something went wrong."""
_LOOK_S = 0.1

Sent = tuple[Answer, Digest]


def part_size(at_most: int) -> int:
    """Bytes of a part, so that no more than 10,000 are needed for a file that is no bigger than this."""
    needed = -(-at_most // _MOST_PARTS)
    return max(PART_BYTES, -(-needed // PART_BYTES) * PART_BYTES)


@dataclass(frozen=True, slots=True)
class Means:
    """What uploads work with. algorithm: of checksums, as things are now; None: MD5."""

    store: Callable[[], Store]
    algorithm: Callable[[], Algorithm | None]
    bodies: Bodies
    records: Records
    workers: Workers
    stop: threading.Event
    now: Callable[[], float]
    monotonic: Callable[[], float]


class Upload:
    """One upload. grow() and abandon() may be called on any thread and return at once; the rest belongs to one job."""

    def __init__(self, means: Means, path: Path, row: UploadRow, headers: Mapping[str, Any]) -> None:
        """row: what is to be journalled; with an upload_id it is one that was begun before. headers: of the object."""
        self.path = path
        self.row = row
        self.headers = headers
        self._means = means
        self._algorithm: Algorithm | None = means.algorithm()
        self._changed = threading.Condition()  # guards all below
        self._identity = ""
        self._size: int | None = None
        self._ready = 0
        self._sent: dict[int, Sent] = {}
        self._begun: set[int] = set()  # parts that are in hand
        self._next = 1  # those before are in hand, sent, or have failed
        self._is_opening = False
        self._is_over = False
        self._error: OpenMSIError | None = None
        self._pause_until = 0.0
        self.grew_at = means.monotonic()
        self.refused = 0
        """How often the store was asked to complete it and did not."""

    # -- any thread

    def grow(self, ready: int) -> None:
        """The first ``ready`` bytes are in the file."""
        with self._changed:
            self._ready = max(self._ready, ready)
            self.grew_at = self._means.monotonic()
            if self._is_over or self.grew_at < self._pause_until:
                return
            if self._error is not None:
                self._error, self._next = None, 1
            self._go_on()

    def abandon(self) -> None:
        """Nothing comes of it."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()
        self._means.workers.submit(self._end)

    # -- the job of the file

    def resume(self, file: ReceivedFile) -> bool:
        """Take over what an earlier process has sent; False if the store has nothing of it any more, or does not tell.

        Raises:
            NeedsYou, RetryableError: it cannot be asked now.
        """
        try:
            there = self._means.store().parts(self.row.key, self.row.upload_id)
        except UploadGone:
            self._means.records.end(self.row)
            return False
        except (RightDenied, NotSupported):
            return False  # all is sent anew
        if not there:
            return False
        self._algorithm = next((a for a in Algorithm if a.field in there[min(there)].checksums), None)
        with opened(file.path) as spool:
            self._identity = file_id(os.fstat(spool.fileno()))
        self._size = file.size
        for number, part in there.items():
            if (sent := self._compared(number, part)) is not None:
                self._sent[number] = sent
        return True

    def send(self, file: ReceivedFile) -> None:
        """Everything that is still missing; returns when the store has all parts.

        Raises:
            SpoolMissing: the file is not what was sent so far, or is gone. UploadGone. NeedsYou, RetryableError, Stopped.
        """
        with opened(file.path) as spool:
            found = os.fstat(spool.fileno())
        if found.st_size != file.size:
            raise lost(file.path)
        with self._changed:
            if self._identity not in ("", file_id(found)):
                raise _gone(self.row)  # another file lay there: what was sent is not this one
            self._identity = file_id(found)
            self._size = self._ready = file.size
            self._error = None
            self._pause_until = 0.0
            self._next = 1
            self._go_on()
            while len(self._sent) < self._count:
                if self._means.stop.is_set():
                    raise Stopped
                if self._error is not None and not self._begun:
                    raise self._error
                if self._is_over:
                    raise _gone(self.row)
                self._changed.wait(_LOOK_S)

    def complete(self, condition: Mapping[str, str]) -> tuple[Answer, str]:
        """Make the object; returns what the store says of it and the checksum it should have.

        Raises:
            PreconditionFailed: the condition does not hold. UploadGone. NeedsYou, RetryableError.
        """
        parts = [self._sent[number] for number in range(1, self._count + 1)]
        self.refused += 1
        answer = self._means.store().complete(self.row.key, self.row.upload_id, parts, condition=condition)
        with self._changed:
            self._is_over = True
        self._means.records.end(self.row)
        return answer, of_whole([part for _, part in parts])

    @property
    def is_over(self) -> bool:
        """Nothing more can come of it."""
        return self._is_over

    @property
    def algorithm(self) -> Algorithm | None:
        """Of the checksums of its parts."""
        return self._algorithm

    def give_up(self) -> None:
        """Abort it now.

        Raises:
            NeedsYou, RetryableError: the store cannot be asked; the journal still knows of it.
        """
        with self._changed:
            self._is_over = True
            while self._begun or self._is_opening:
                if self._means.stop.is_set():
                    raise Stopped
                self._changed.wait(_LOOK_S)
        abort(self._means, self.row)

    # -- inside

    @property
    def _count(self) -> int:
        return max(1, -(-(self._size or 0) // self.row.part_size))

    def _go_on(self) -> None:
        """Begin whatever can be begun. The lock is held."""
        if not self.row.upload_id:
            if not self._is_opening and self._ready >= min(self.row.part_size, self._size or self.row.part_size):
                self._is_opening = self._means.workers.submit(self._open)
            return
        whole = self._ready // self.row.part_size
        last = self._count if self._size is not None and self._ready >= self._size else whole
        todo = [n for n in range(self._next, last + 1) if n not in self._sent and n not in self._begun]
        self._next = max(self._next, last + 1)
        for number in todo:
            if self._means.workers.submit(partial(self._send, number)):
                self._begun.add(number)

    def _open(self) -> None:
        """Begin the upload; the journal knows before the store does."""
        error: OpenMSIError | None = None
        row = self.row
        try:
            if not row.id:
                row = replace(row, began_at=self._means.now())
                row = replace(row, id=self._means.records.begin(row))
                self.row = row
            upload = self._means.store().begin(row.key, self._algorithm, self.headers)
            row = replace(row, upload_id=upload)
            self._means.records.learn(row)
        except OpenMSIError as caught:
            error = caught
            row = self._not_begun(row, error)
        with self._changed:
            self.row = row
            self._is_opening = False
            if error is not None:
                self._failed(error)
            elif not self._is_over:
                self._go_on()
            self._changed.notify_all()

    def _not_begun(self, row: UploadRow, error: OpenMSIError) -> UploadRow:
        """What to try the next time with. Unless it was refused, it may have begun all the same: that is found out by whoever
        looks for orphans."""
        if row.id and isinstance(error, StoreRefused):
            with contextlib.suppress(OpenMSIError):
                self._means.records.end(row)
        return replace(row, id=0)

    def _send(self, number: int) -> None:
        """One part: a job."""
        error: OpenMSIError | None = None
        sent: Sent | None = None
        is_gone = False
        try:
            sent = self._try_part(number)
        except UploadGone:
            is_gone = True
        except OpenMSIError as caught:
            error = caught
        with self._changed:
            self._begun.discard(number)
            self._is_over = self._is_over or is_gone
            if sent is not None:
                self._sent[number] = sent
            elif error is not None:
                self._failed(error)
            self._changed.notify_all()

    def _try_part(self, number: int) -> Sent | None:
        for attempt in range(1, _TRIES + 1):
            if self._is_over or self._error is not None:
                return None
            try:
                return self._send_part(number)
            except RetryableError as error:
                if attempt == _TRIES or isinstance(error, UploadGone | Stopped | SpoolMissing):
                    raise
                log.info("part %d of %s is sent again: %s", number, self.row.key, error)
            if self._means.stop.wait(0.2 * 2**attempt * random.uniform(0.5, 1.5)):
                raise Stopped
        return None

    def _send_part(self, number: int) -> Sent:
        offset, length = self._span(number)
        with self._piece(offset, length) as body:
            own = digest(body, self._algorithm)
            answer = self._means.store().put_part(self.row.key, self.row.upload_id, number, body, own)
        if own.agrees(answer.etag, answer.checksums) is False:
            raise RetryableError(
                f"The store has something else than was sent of {self.row.path}",
                "Its checksum of a part is another one; that part is sent again.",
                path=self.row.path,
            )
        return answer, own

    def _compared(self, number: int, part: PartThere) -> Sent | None:
        """A part that the store has, if it is what the file has there."""
        offset, length = self._span(number)
        if part.size != length or length <= 0:
            return None
        with self._piece(offset, length) as body:
            own = digest(body, self._algorithm)
        return (part, own) if own.agrees(part.etag, part.checksums) else None

    def _span(self, number: int) -> tuple[int, int]:
        """Where a part begins, and how long it is."""
        offset = (number - 1) * self.row.part_size
        end = self._size if self._size is not None else self._ready
        return offset, min(self.row.part_size, end - offset)

    def _piece(self, offset: int, length: int) -> Any:
        if not self._identity:
            with opened(self.path) as spool:
                self._identity = file_id(os.fstat(spool.fileno()))
        return self._means.bodies.piece(self.path, offset, length, identity=self._identity)

    def _failed(self, error: OpenMSIError) -> None:
        """The lock is held. What a person has to know is told when the file is complete: until then nothing is lost by waiting."""
        self._error = self._error or error
        self._pause_until = self._means.monotonic() + _PAUSE_S

    def _end(self) -> None:
        """A job: after abandon()."""
        with contextlib.suppress(OpenMSIError):  # the journal knows of it; it is swept up later
            self.give_up()


def abort(means: Means, row: UploadRow) -> None:
    """End an upload of ours, whose id may never have been learned.

    The request may be under way still, though nobody waits for its answer: then the journal keeps the row for a while, and the
    upload is looked for again.

    Raises:
        NeedsYou, RetryableError: the store cannot be asked; the journal still knows of it.
    """
    if not row.id:
        return
    count = abort_at(means.store(), row, means.records.ids(row.key))
    if count or row.upload_id or means.now() - row.began_at > _OPENING_S:
        means.records.end(row)


def abort_at(store: Store, row: UploadRow, known: set[str]) -> int:
    """The same, without the journal; returns how many were aborted. known: ids of uploads of ours to this key.

    Raises:
        NeedsYou, RetryableError: the store cannot be asked.
    """
    found = [row.upload_id] if row.upload_id else _unheard(store, row, known)
    for upload in found:
        with contextlib.suppress(UploadGone):
            store.abort(row.key, upload)
    return len(found)


_SKEW_S = 900.0
"""A store refuses requests when its clock is further away from ours."""
_OPENING_S = 300.0
"""A request to begin an upload takes no longer."""


def _unheard(store: Store, row: UploadRow, known: set[str]) -> list[str]:
    """Uploads to the key that may be the one whose id was never learned: begun about then, and no other of ours."""
    since, until = row.began_at - _SKEW_S, row.began_at + _OPENING_S + _SKEW_S
    try:
        there = store.uploads(row.key)
    except (RightDenied, NotSupported) as error:
        log.warning("whether an upload to %s stays unfinished cannot be found out: %s", row.key, error)
        return []
    return [upload for upload, began in there if since <= began <= until and upload not in known]


def _gone(row: UploadRow) -> UploadGone:
    return UploadGone(
        "An upload in parts has to begin anew",
        "What was sent of it is no longer there, or is of another file. Nothing is lost.",
        path=row.path,
    )
