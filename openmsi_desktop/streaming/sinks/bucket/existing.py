"""What becomes of a file when something has its key already: recognised, kept beside, made the next version, replaced or left.

Nothing is ever overwritten that is not kept elsewhere. The rules are those of docs/settings.md, ``if_exists``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace

from openmsi_desktop.core.errors import NeedsYou, RetryableError
from openmsi_desktop.streaming.sinks import Delivered, Outcome, ReceivedFile, Superseded
from openmsi_desktop.streaming.sinks.bucket.bodies import Bodies
from openmsi_desktop.streaming.sinks.bucket.checksums import (
    Algorithm,
    Digest,
    can_crc64,
    digest,
    is_md5,
    of_whole,
    parts_in,
)
from openmsi_desktop.streaming.sinks.bucket.claims import claimed
from openmsi_desktop.streaming.sinks.bucket.errors import PreconditionFailed, RightDenied
from openmsi_desktop.streaming.sinks.bucket.keys import beside, metadata, named, url
from openmsi_desktop.streaming.sinks.bucket.store import Found, Store
from openmsi_desktop.streaming.sinks.bucket.ways import IF_NEW, Ways
from openmsi_desktop.streaming.sinks.placing import IfExists

_MOST_NAMES = 1000
_MOST_COPY_BYTES = 5 * 1000**3
"""What one request can copy on the server."""
_SAME = "an identical object was there already; it is not sent again"

Write = Callable[[str, Mapping[str, str]], None]
"""Store the file under this key, if the condition holds, and compare it; raises PreconditionFailed."""


class Existing:
    """The rules of one bucket. Any thread."""

    def __init__(self, store: Store, bodies: Bodies, ways: Ways, *, if_exists: str, is_versioned: bool) -> None:
        self._store = store
        self._bodies = bodies
        self._ways = ways
        self._if_exists = IfExists(if_exists)
        self._is_versioned = is_versioned

    def deliver(self, file: ReceivedFile, key: str, write: Write, *, looks_first: bool) -> Outcome:
        """Bring a file to its key, or to one beside it.

        looks_first: ask what is there before anything is sent, because that is much or because the store heeds no conditions.

        Raises:
            NeedsYou, RetryableError: not now; nothing was overwritten.
        """
        with self._claimed(key):
            return self._deliver(file, key, write, looks_first=looks_first)

    def _deliver(self, file: ReceivedFile, key: str, write: Write, *, looks_first: bool) -> Outcome:
        found = self._bring(file, key, write, looks_first=looks_first)
        if not isinstance(found, Found):
            return found
        if (self._is_versioned or self._if_exists is IfExists.NEWEST) and _is_later(file, found):
            return Superseded("a later version of the file is there already")
        if self._is_versioned and self._store.is_versioned():  # somebody may have suspended that meanwhile
            write(key, {})
            return Delivered(
                self._url(key), "a different object had this key; the bucket keeps it as an earlier version"
            )
        if self._if_exists is IfExists.SKIP:
            return Superseded("a different object is there already, and existing objects are left as they are")
        if self._if_exists is IfExists.NEWEST and found.size <= _MOST_COPY_BYTES:
            return self._replace(file, key, found, write)
        moment = named(file).moment or 0.0
        for number in range(1, _MOST_NAMES):
            other = beside(key, topic=file.topic, moment=moment, number=number, path=file.relative_path)
            with self._claimed(other):
                came = self._bring(file, other, write, looks_first=looks_first)
            if isinstance(came, Delivered):
                note = f"a different object is there already; this one is kept beside it as {other}"
                return replace(came, note="; ".join(filter(None, [note, came.note])))
        raise NeedsYou(
            f"Too many objects have the name of {file.relative_path}",
            "What was received is safe and waits. Move some of the objects named after it away.",
            path=file.relative_path,
        )

    def is_same(self, file: ReceivedFile, there: Found, key: str, *, part_size: int = 0) -> bool:
        """Whether an object has exactly this content. Reads the file, and the object itself if nothing else tells.

        part_size: of the parts that the object was made of, if that is known.
        """
        if there.size != file.size or there.metadata.get("sha512", file.sha512.hex()) != file.sha512.hex():
            return False
        for algorithm in Algorithm:
            text = there.checksums.get(algorithm.field, "")
            if text and "-" not in text and (algorithm is not Algorithm.CRC64NVME or can_crc64()):
                return self._digest(file, algorithm).text == text
        has_md5 = not there.is_encrypted
        if has_md5 and is_md5(there.etag) and self._digest(file, None).checksum.hex() == there.etag:
            return True
        if has_md5 and parts_in(there.etag):
            part_size = part_size or self._store.first_part(key)
            if part_size and self._is_same_in_parts(file, there, part_size):
                return True
        return self.reads_back(file, key)

    def reads_back(self, file: ReceivedFile, key: str) -> bool:
        """Whether the object as it comes out of the bucket is the file."""
        found = hashlib.sha512()
        for data in self._store.read(key):
            self._bodies.check()
            found.update(data)
        return found.digest() == file.sha512

    def look(self, key: str) -> Found | None:
        """What has the key. None if we may not know, but nothing can be overwritten without a word.

        Raises:
            RightDenied: we may not know, and nothing keeps us from overwriting it.
        """
        try:
            return self._store.head(key)
        except RightDenied:
            # a store answers so for what is not there, too, if one may not list the bucket
            self._ways.prove(self._store)
            if self._ways.conditions:
                return None
            raise

    # -- inside

    def _bring(self, file: ReceivedFile, key: str, write: Write, *, looks_first: bool) -> Outcome | Found:
        """The outcome; or the different object that has the key."""
        there = self.look(key) if looks_first else None
        if there is None:
            try:
                write(key, IF_NEW)
                return Delivered(self._url(key))
            except PreconditionFailed:
                there = self._look(file, key)
        if not self.is_same(file, there, key):
            return there
        return Delivered(self._url(key), "" if _is_own(file, there) else _SAME)

    def _look(self, file: ReceivedFile, key: str) -> Found:
        try:
            there = self._store.head(key)
        except RightDenied as error:
            raise NeedsYou(
                f"An object has the name of {file.relative_path} already, and may not be read",
                "So it cannot be compared with the file, which is safe here and waits. Give the account the right to read in the "
                f"bucket (s3:GetObject), or move the object {key} away; it goes on by itself.",
                path=file.relative_path,
            ) from error
        if there is None:
            raise RetryableError(
                f"{key} is just being changed by somebody else",
                "What was received is safe and waits. It is tried again.",
                path=file.relative_path,
            )
        return there

    def _replace(self, file: ReceivedFile, key: str, there: Found, write: Write) -> Outcome:
        """The object that is there is copied aside first, on the server."""
        aside = self._copy_aside(file, key, there)
        try:
            write(key, {"IfMatch": there.etag})
        except PreconditionFailed as error:
            raise RetryableError(
                f"{key} was changed while it was copied aside",
                "What was received is safe and waits. It is tried again.",
                path=file.relative_path,
            ) from error
        return Delivered(self._url(key), f"the object that was there is now {aside}")

    def _copy_aside(self, file: ReceivedFile, key: str, there: Found) -> str:
        for number in range(1, _MOST_NAMES):
            aside = beside(key, topic=file.topic, moment=there.modified, number=number, path=file.relative_path)
            with self._claimed(aside):
                other = self._store.head(aside)
                if other is None:
                    self._store.copy(key, aside, etag=there.etag)
            if other is None:
                copied = self._look(file, aside)
                if copied.size == there.size:
                    return aside
                raise RetryableError(
                    f"The copy of {key} is not what it should be",
                    "Nothing was replaced. What was received is safe and waits; it is tried again.",
                    path=file.relative_path,
                )
            if other.size == there.size and _is_copy(other, there):
                return aside  # an interrupted attempt made it
        raise NeedsYou(
            f"Too many objects have the name of {file.relative_path}",
            "What was received is safe and waits. Move some of the objects named after it away.",
            path=file.relative_path,
        )

    def _claimed(self, key: str) -> AbstractContextManager[None]:
        return claimed(self._store.bucket, key, self._bodies.check)

    def _digest(self, file: ReceivedFile, algorithm: Algorithm | None, offset: int = 0, length: int = -1) -> Digest:
        with self._bodies.piece(file.path, offset, file.size if length < 0 else length) as body:
            return digest(body, algorithm)

    def _is_same_in_parts(self, file: ReceivedFile, there: Found, part_size: int) -> bool:
        """Whether the checksum of an object that was stored in parts is what such parts of the file would give."""
        algorithm = Algorithm.SHA256 if Algorithm.SHA256.field in there.checksums else None
        said = there.etag if algorithm is None else there.checksums[algorithm.field]
        parts = [
            self._digest(file, algorithm, offset, min(part_size, file.size - offset))
            for offset in range(0, file.size, part_size)
        ]
        return bool(parts) and of_whole(parts) == said

    def _url(self, key: str) -> str:
        return url(self._store.bucket, key)


def _is_copy(other: Found, there: Found) -> bool:
    """Of two objects of one size. The ETag of one that was stored in parts is another one than that of its copy."""
    return other.etag == there.etag or ("sha512" in there.metadata and other.metadata == there.metadata)


def _is_later(file: ReceivedFile, there: Found) -> bool:
    """A later version of the very same file is there: this one comes from a topic that is read again."""
    ours = metadata(file)
    is_same_file = all(
        name in ours and there.metadata.get(name) == ours[name] for name in ("topic", "path", "installation")
    )
    said = there.metadata.get("version", "")
    return is_same_file and file.version > 0 and said.isdecimal() and int(said) > file.version


def _is_own(file: ReceivedFile, there: Found) -> bool:
    """An earlier attempt with this very version stored it, and nobody heard the answer."""
    return bool(file.version) and (there.metadata.get("version"), there.metadata.get("installation")) == (
        str(file.version),
        file.installation,
    )
