"""One file on its way into the bucket: in one request, or in parts. On the threads of the sink."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import mimetypes
from collections.abc import Callable, Mapping
from typing import Any

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.handled import HandledVersion
from openmsi_desktop.core.uploads import UploadRow
from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.sinks import ArrivingFile, Delivered, Outcome, ReceivedFile
from openmsi_desktop.streaming.sinks.bucket import codes
from openmsi_desktop.streaming.sinks.bucket.arriving import Arriving
from openmsi_desktop.streaming.sinks.bucket.bodies import IN_MEMORY, Piece, lost
from openmsi_desktop.streaming.sinks.bucket.checksums import Digest, digest
from openmsi_desktop.streaming.sinks.bucket.errors import NotSupported, PreconditionFailed, StoreBusy, UploadGone
from openmsi_desktop.streaming.sinks.bucket.existing import Existing
from openmsi_desktop.streaming.sinks.bucket.keys import key_in, metadata, named, object_key
from openmsi_desktop.streaming.sinks.bucket.multipart import Means, Upload, abort, part_size
from openmsi_desktop.streaming.sinks.bucket.store import Answer
from openmsi_desktop.streaming.sinks.bucket.ways import IF_NEW, Ways

log = logging.getLogger(__name__)

SINGLE_BYTES = IN_MEMORY
"""Files up to this size are stored with one request."""
_PROOF_BYTES = 1 << 20
_BEGINNINGS = 3
_PATIENCE = 3
"""Times that a store may fail to complete an upload, before everything is sent anew."""


class Carrier:
    """Carries files into one bucket. deliver() may run on several threads, with different files."""

    def __init__(
        self, described: Bucket, task: str, means: Means, ways: Ways, existing: Callable[[], Existing]
    ) -> None:
        self._described = described
        self._task = task
        self._means = means
        self._ways = ways
        self._existing = existing
        self.arriving = Arriving(means, self._ahead, worth_bytes=SINGLE_BYTES)

    def deliver(self, file: ReceivedFile, last: HandledVersion | None) -> Outcome:
        """Bring a file into the bucket. last: what the journal knows of the version before.

        Raises:
            NeedsYou, RetryableError: not now. SpoolMissing: it has to be read again.
        """
        existing = self._existing()
        if last is not None and last.sha512 == file.sha512 and (key := key_in(last.local, self._described.bucket)):
            there = self._means.store().head(key)
            if there is not None and existing.is_same(file, there, key):
                return Delivered(last.local, "" if last.number == file.number else "the same content was stored before")
        key = object_key(self._described.object_key, named(file))
        if file.size <= SINGLE_BYTES:
            looks_first = self._ways.conditions is not True
            return existing.deliver(file, key, lambda k, c: self._put(file, k, c), looks_first=looks_first)
        outcome = existing.deliver(file, key, lambda k, c: self._put_in_parts(file, k, c), looks_first=True)
        self._tidy(file)
        return outcome

    # -- in one request

    def _put(self, file: ReceivedFile, key: str, condition: Mapping[str, str]) -> None:
        with self._means.bodies.piece(file.path, 0, file.size) as body:
            if isinstance(body, bytes) and hashlib.sha512(body).digest() != file.sha512:
                raise lost(file.path)
            answer, own = self._try_put(key, body, headers_of(file), condition)
            self._compare(file, key, answer, own.agrees(answer.etag, answer.checksums), own)
            if condition == IF_NEW and file.size <= _PROOF_BYTES:
                store, headers = self._means.store(), headers_of(file)
                self._ways.learn(lambda: store.put(key, body, own, headers, condition=IF_NEW))

    def _try_put(
        self, key: str, body: bytes | Piece, headers: Mapping[str, Any], condition: Mapping[str, str]
    ) -> tuple[Answer, Digest]:
        """With what the store can do; it says so by refusing."""
        while True:
            own = digest(body, self._ways.algorithm)
            heeded = condition if self._ways.conditions is not False else {}
            try:
                return self._means.store().put(key, body, own, headers, condition=heeded), own
            except NotSupported:
                if self._ways.step(own.algorithm):
                    continue
                if not heeded or self._ways.conditions:
                    raise
                self._ways.conditions = False  # nothing was there: as long as this is not known, one looks first

    # -- in parts

    def _put_in_parts(self, file: ReceivedFile, key: str, condition: Mapping[str, str]) -> None:
        for _ in range(_BEGINNINGS):
            upload = self._upload(file, key)
            try:
                upload.send(file)
                answer, expected = upload.complete(condition if self._ways.conditions is not False else {})
            except UploadGone:
                self._drop(upload)
                if self._is_there(file, key, upload):
                    return
                continue
            except PreconditionFailed:
                self._drop(upload)
                raise
            except BaseException as error:
                if isinstance(error, StoreBusy) and error.code == "server-error" and upload.refused >= _PATIENCE:
                    self._drop(upload)  # the store cannot make an object of it; the next attempt begins anew
                else:
                    self.arriving.keep(file.path, upload)
                raise
            self.arriving.forget(upload)
            said = answer.etag if upload.algorithm is None else answer.checksums.get(upload.algorithm.field, "")
            agrees = (said == expected) if said and (upload.algorithm is not None or said == expected) else None
            return self._compare(file, key, answer, agrees, None, upload.row.part_size)
        raise codes.caused("upload-gone", self._described, key=key)

    def _upload(self, file: ReceivedFile, key: str) -> Upload:
        """The one that was begun, as far as it fits; others of this file are given up."""
        headers = headers_of(file)
        found = self.arriving.take(file.path)
        if found is not None:
            if found.row.key == key and found.headers == headers and not found.is_over:
                return found
            self._drop(found)
        for row in self._means.records.of(file.topic, file.relative_path):
            fits = (row.key, row.sha512, row.bucket, row.endpoint) == (key, file.sha512, *self._place)
            if fits and row.upload_id:
                earlier = Upload(self._means, file.path, row, headers)
                self.arriving.remember(earlier)
                if earlier.resume(file):
                    return earlier
                self.arriving.forget(earlier)
            abort(self._means, row)
        upload = Upload(self._means, file.path, self._row(file, key, file.size), headers)
        self.arriving.remember(upload)
        return upload

    def _drop(self, upload: Upload) -> None:
        try:
            upload.give_up()
        except OpenMSIError as error:
            log.warning("an upload to %s is aborted later: %s", upload.row.key, error)
        finally:
            self.arriving.forget(upload)

    def _tidy(self, file: ReceivedFile) -> None:
        """The file needs none of its uploads any more: it may have been recognised after some parts were sent."""
        if (upload := self.arriving.take(file.path)) is not None:
            self._drop(upload)
        for row in self._means.records.of(file.topic, file.relative_path):
            if row.sha512 == file.sha512:
                try:
                    abort(self._means, row)
                except OpenMSIError as error:
                    log.warning("an upload to %s is aborted later: %s", row.key, error)

    def _is_there(self, file: ReceivedFile, key: str, upload: Upload) -> bool:
        """Whether an upload that is gone was completed: nobody heard the answer then."""
        there = self._means.store().head(key)
        return there is not None and self._existing().is_same(file, there, key, part_size=upload.row.part_size)

    def _ahead(self, file: ArrivingFile) -> Upload | None:
        """The upload of a file that still arrives; None if something has its key already."""
        if file.modified is None and "{date}" in self._described.object_key:
            return None  # the date may come from its messages
        whole = ReceivedFile(
            file.path,
            file.relative_path,
            file.topic,
            file.at_most,
            file.sha512,
            file.modified,
            file.installation,
            version=file.version,
        )
        key = object_key(self._described.object_key, named(whole))
        if self._existing().look(key) is not None:
            return None
        for row in self._means.records.of(file.topic, file.relative_path):
            if row.sha512 == file.sha512:
                return None  # it goes on where an earlier process was cut off, once it is complete
        return Upload(self._means, file.path, self._row(whole, key, file.at_most), headers_of(whole))

    def _row(self, file: ReceivedFile, key: str, at_most: int) -> UploadRow:
        bucket, endpoint = self._place
        return UploadRow(
            self._task,
            self._described.name,
            endpoint,
            bucket,
            key,
            file.topic,
            file.relative_path,
            file.sha512,
            part_size(at_most),
        )

    @property
    def _place(self) -> tuple[str, str]:
        return self._described.bucket, self._described.endpoint_url

    # -- afterwards

    def _compare(
        self, file: ReceivedFile, key: str, answer: Answer, agrees: bool | None, own: Digest | None, part_size: int = 0
    ) -> None:
        """Is the object what the file is? agrees: what the answer to the upload tells, None if nothing."""
        existing = self._existing()
        if self._described.checksum == "read-back":
            agrees = existing.reads_back(file, key)
        elif agrees is None:
            if own is not None:
                self._ways.step(own.algorithm)
            there = self._means.store().head(key)
            agrees = there is not None and existing.is_same(file, there, key, part_size=part_size)
        if not agrees:
            self._undo(file, key, answer)
            raise codes.caused("damaged-on-the-way", self._described, key=key)

    def _undo(self, file: ReceivedFile, key: str, answer: Answer) -> None:
        """Take away what is wrong, if it is certainly what we have just stored; else the next attempt finds a different object."""
        with contextlib.suppress(OpenMSIError):
            there = self._means.store().head(key)
            if there is None or there.etag != answer.etag or there.version != answer.version:
                return
            if there.metadata.get("sha512") == file.sha512.hex():
                self._means.store().delete(key, there.version)


def headers_of(file: ReceivedFile) -> dict[str, Any]:
    """What is written on the object: boto3's names."""
    kind, encoding = mimetypes.guess_type(file.relative_path.rpartition("/")[2], strict=False)
    return {
        "ContentType": kind if kind is not None and encoding is None else "application/octet-stream",
        "Metadata": metadata(file),
    }
