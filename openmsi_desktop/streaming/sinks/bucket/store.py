"""One bucket as the sink sees it: the few requests it makes, with what they answer in our own words. Any thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Protocol

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.sinks.bucket.bodies import Piece
from openmsi_desktop.streaming.sinks.bucket.checksums import Algorithm, Digest
from openmsi_desktop.streaming.sinks.bucket.errors import (
    NotSupported,
    ObjectMissing,
    PreconditionFailed,
    RightDenied,
    StoreError,
    StoreRefused,
)


class Client(Protocol):
    """What a :class:`~openmsi_desktop.streaming.sinks.bucket.client.BucketClient` has to offer here."""

    bucket: str

    def call(self, operation: str, /, **parameters: Any) -> dict[str, Any]: ...

    def read_body(self, answer: dict[str, Any]) -> Iterator[bytes]: ...


from openmsi_desktop.streaming.sinks.bucket.quick import Quick, as_headers


@dataclass(frozen=True, slots=True)
class Answer:
    """What a store says of an object, or a part. etag: without quotes. checksums: name in answers -> text."""

    etag: str = ""
    checksums: Mapping[str, str] = field(default_factory=dict)
    is_encrypted: bool = False
    """With keys of its own, so that its ETag is no MD5."""
    version: str = ""
    """In a bucket with versions."""


@dataclass(frozen=True, slots=True)
class Found(Answer):
    """An object. modified: when it was stored, in seconds since 1970. metadata: names in small letters."""

    size: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict)
    modified: float = 0.0


@dataclass(frozen=True, slots=True)
class PartThere(Answer):
    """A part of an upload that the store has."""

    size: int = 0


class Store:
    """Requests to one bucket. Raises StoreError."""

    def __init__(self, client: Client, quick: Quick | None = None) -> None:
        """quick: for small objects."""
        self._client = client
        self._quick = quick
        self.bucket = client.bucket

    def is_versioned(self) -> bool:
        """Whether it keeps what is overwritten. False if we may not know, or the server knows no versions."""
        try:
            answer = self._call("get_bucket_versioning")
        except (RightDenied, NotSupported):
            return False
        return bool(answer.get("Status") == "Enabled")

    def put(
        self,
        key: str,
        body: bytes | Piece,
        digest: Digest,
        headers: Mapping[str, Any],
        *,
        condition: Mapping[str, str],
    ) -> Answer:
        """Store an object with one request. condition: ``IfNoneMatch`` or ``IfMatch``, or nothing.

        Raises:
            PreconditionFailed: the condition does not hold.
        """
        values = {**headers, **digest.header, **condition}
        done = self._quick.put(key, body, as_headers(values)) if self._quick is not None else None
        if done is None:
            return _answer(self._call("put_object", Key=key, Body=body, **values))
        was_stored, told = done
        if not was_stored:
            raise PreconditionFailed("Something has the key already", path=key)
        return _answer_in(told)

    def head(self, key: str) -> Found | None:
        """What has the key; None if nothing has."""
        try:
            answer = self._call("head_object", Key=key, ChecksumMode="ENABLED")
        except ObjectMissing:
            return None
        about = _answer(answer)
        modified = answer.get("LastModified")
        return Found(
            about.etag,
            about.checksums,
            about.is_encrypted,
            about.version,
            int(answer.get("ContentLength", 0)),
            {name.lower(): value for name, value in answer.get("Metadata", {}).items()},
            modified.timestamp() if modified is not None else 0.0,
        )

    def first_part(self, key: str) -> int:
        """Bytes of the first part of an object that was stored in parts; 0 if the store does not say."""
        try:
            answer = self._call("head_object", Key=key, PartNumber=1)
        except StoreRefused:
            return 0
        return int(answer.get("ContentLength", 0)) if answer.get("PartsCount", 0) else 0

    def read(self, key: str) -> Iterator[bytes]:
        """The content of an object, a little at a time."""
        return self._client.read_body(self._call("get_object", Key=key))

    def delete(self, key: str, version: str = "") -> None:
        """Take an object away, or one version of it."""
        self._call("delete_object", Key=key, **({"VersionId": version} if version else {}))

    def copy(self, source: str, target: str, *, etag: str) -> None:
        """On the server, with all that is written on the object. At most 5 GB."""
        where = {"Bucket": self.bucket, "Key": source}
        self._call("copy_object", Key=target, CopySource=where, CopySourceIfMatch=etag, MetadataDirective="COPY")

    # -- in parts

    def begin(self, key: str, algorithm: Algorithm | None, headers: Mapping[str, Any]) -> str:
        """Begin an upload in parts; returns its id."""
        sums: dict[str, str] = {}
        if algorithm is not None:
            kind = "COMPOSITE" if algorithm is Algorithm.SHA256 else "FULL_OBJECT"
            sums = {"ChecksumAlgorithm": algorithm.value, "ChecksumType": kind}
        return str(self._call("create_multipart_upload", Key=key, **headers, **sums)["UploadId"])

    def put_part(self, key: str, upload: str, number: int, body: bytes | Piece, digest: Digest) -> Answer:
        """Store one part; the one that had the number gives way.

        Raises:
            UploadGone: it was aborted or completed.
        """
        return _answer(
            self._call("upload_part", Key=key, UploadId=upload, PartNumber=number, Body=body, **digest.header)
        )

    def parts(self, key: str, upload: str) -> dict[int, PartThere]:
        """What the store has of an upload, by number from 1.

        Raises:
            UploadGone: it was aborted or completed.
        """
        found: dict[int, PartThere] = {}
        marker = 0
        while True:
            answer = self._call("list_parts", Key=key, UploadId=upload, PartNumberMarker=marker)
            for part in answer.get("Parts", []):
                about = _answer(part)
                found[int(part["PartNumber"])] = PartThere(about.etag, about.checksums, size=int(part["Size"]))
            following = int(answer.get("NextPartNumberMarker") or 0)
            if not answer.get("IsTruncated") or following <= marker:
                return found
            marker = following

    def complete(
        self, key: str, upload: str, parts: Sequence[tuple[Answer, Digest]], *, condition: Mapping[str, str]
    ) -> Answer:
        """Make the object of all parts, in their order.

        Raises:
            PreconditionFailed: the condition does not hold; the upload is still there. UploadGone.
        """
        named = [
            {"PartNumber": number, "ETag": answer.etag} | (digest.header if digest.algorithm is not None else {})
            for number, (answer, digest) in enumerate(parts, 1)
        ]
        made = self._call(
            "complete_multipart_upload", Key=key, UploadId=upload, MultipartUpload={"Parts": named}, **condition
        )
        return _answer(made)

    def abort(self, key: str, upload: str) -> None:
        """Give an upload up, and all its parts.

        Raises:
            UploadGone: there was none.
        """
        self._call("abort_multipart_upload", Key=key, UploadId=upload)

    def uploads(self, key: str) -> list[tuple[str, float]]:
        """Uploads under way to a key: ids, and when they were begun in seconds since 1970."""
        found: list[tuple[str, float]] = []
        markers: dict[str, str] = {}
        while True:
            answer = self._call("list_multipart_uploads", Prefix=key, **markers)
            found += [
                (item["UploadId"], item["Initiated"].timestamp())
                for item in answer.get("Uploads", [])
                if item["Key"] == key
            ]
            following = {
                "KeyMarker": answer.get("NextKeyMarker", ""),
                "UploadIdMarker": answer.get("NextUploadIdMarker", ""),
            }
            if not answer.get("IsTruncated") or following == markers or following["KeyMarker"] > key:
                return found
            markers = following

    # -- inside

    def _call(self, what: str, **values: Any) -> dict[str, Any]:
        try:
            return self._client.call(what, **values)
        except StoreError as error:
            # what comes up while a body is read is wrapped by boto3
            inner = getattr(error.__cause__, "kwargs", {}).get("error")
            if isinstance(inner, OpenMSIError):
                raise inner from error
            raise


def _answer(found: Mapping[str, Any]) -> Answer:
    return Answer(
        str(found.get("ETag", "")).strip('"'),
        {name: str(value) for name, value in found.items() if name in _FIELDS},
        found.get("ServerSideEncryption") in _KEY_SERVICES,
        str(found.get("VersionId", "")),
    )


def _answer_in(headers: Message) -> Answer:
    """The same, of the headers themselves."""
    return Answer(
        headers.get("etag", "").strip('"'),
        {field: text for field in _FIELDS if (text := headers.get(_CHECKSUM + field.removeprefix("Checksum")))},
        headers.get("x-amz-server-side-encryption") in _KEY_SERVICES,
        headers.get("x-amz-version-id", ""),
    )


_CHECKSUM = "x-amz-checksum-"
_KEY_SERVICES = ("aws:kms", "aws:kms:dsse")
_FIELDS = {algorithm.field for algorithm in Algorithm}
