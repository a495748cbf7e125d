"""What a bucket can do, found out by trying with one small object, which is deleted again if that is allowed."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Self

from openmsi_desktop.streaming.sinks.bucket.client import BucketClient
from openmsi_desktop.streaming.sinks.bucket.errors import (
    ChecksumRefused,
    NotSupported,
    ObjectMissing,
    PreconditionFailed,
    RightDenied,
    StoreError,
    StoreRefused,
)

FOLDER = ".openmsi-desktop"
"""What begins with this in a bucket is ours, and no file."""

CONTENT = b"OpenMSI Desktop made this object to find out what the bucket can do. It may be deleted.\n"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What was found out.

    puts_if_absent, completes_if_absent: whether a put, and the end of a multipart upload, with If-None-Match: * is refused
    where an object is. is_versioned: overwritten objects are kept; None: it does not tell. reads, lists, deletes: rights of
    the account. tells_missing: an object that is not there is told from one that may not be read.
    checks: checksums of which a wrong one is refused ("SHA256", "CRC64NVME", "CRC32", "MD5"). echoes: those that the server
    tells of an object later. whole_crc64: also of all parts of a multipart upload together.
    """

    puts_if_absent: bool = False
    completes_if_absent: bool = False
    is_versioned: bool | None = None
    reads: bool = False
    lists: bool = False
    deletes: bool = False
    tells_missing: bool = False
    checks: frozenset[str] = frozenset()
    echoes: frozenset[str] = frozenset()
    whole_crc64: bool = False


def abilities(client: BucketClient) -> Abilities:
    """Try it out, with about a dozen requests.

    Raises:
        StoreError: the bucket cannot be written to, or not at the moment.
    """
    with Probe(client) as probe:
        probe.put()
        probe.may_read()
        probe.look_around()
        probe.try_checksums()
        probe.try_conditions()
        with contextlib.suppress(RightDenied):  # nobody has to delete anything
            probe.delete()
        return probe.abilities()


class Probe:
    """One small object in a bucket, and what is learnt with it. What stands open is taken back when it is left."""

    def __init__(self, client: BucketClient) -> None:
        self._client = client
        self.key = f"{FOLDER}/test-{secrets.token_hex(8)}"
        self._found: dict[str, Any] = {"checks": set(), "echoes": set()}
        self._versions: list[str] = []
        self._is_there = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_there:
            with contextlib.suppress(StoreError):  # it is small, and says what it is
                self.delete()

    def abilities(self) -> Abilities:
        """What was found out so far."""
        checks, echoes = (frozenset(self._found[name]) for name in ("checks", "echoes"))
        whole_crc64 = self._found.get("whole_crc64", False) and "CRC64NVME" in checks
        return Abilities(**(self._found | {"checks": checks, "echoes": echoes, "whole_crc64": whole_crc64}))

    def put(self) -> None:
        """Raises StoreError: the bucket cannot be written to."""
        try:
            self._put(ChecksumSHA256=_sha256(CONTENT))
        except (NotSupported, StoreRefused) as error:
            if error.code not in ("not-supported", "not-understood"):
                raise
            self._put()

    def get(self) -> bytes:
        """The content, read back. Raises StoreError."""
        content = b"".join(self._client.read_body(self._client.call("get_object", Key=self.key)))
        self._found["reads"] = True
        return content

    def may_read(self) -> bool:
        """Whether objects may be read."""
        self._found["reads"] = self._may("get_object", Key=self.key, Range="bytes=0-0")
        return bool(self._found["reads"])

    def look_around(self) -> None:
        """Whether the bucket may be listed, has versions, and tells what is missing."""
        self._found["lists"] = self._may("list_objects_v2", MaxKeys=1)
        try:
            self._client.call("head_object", Key=f"{self.key}-never")
        except ObjectMissing:
            self._found["tells_missing"] = True
        except StoreError as error:
            _unless_refused(error)
        if self._real_versions():
            self._found["is_versioned"] = True
        else:
            self._ask_for_versions()

    def try_checksums(self) -> None:
        """Which wrong ones are refused, and which are told of an object later."""
        wrong = {
            "SHA256": {"ChecksumSHA256": _sha256(b"")},
            "CRC32": {"ChecksumCRC32": base64.b64encode(bytes(4)).decode()},
            "CRC64NVME": {"ChecksumCRC64NVME": base64.b64encode(bytes(8)).decode()},
            "MD5": {"ContentMD5": base64.b64encode(hashlib.md5(b"", usedforsecurity=False).digest()).decode()},
        }
        for name, checksum in wrong.items():
            try:
                self._put(**checksum)
            except ChecksumRefused:
                self._found["checks"].add(name)
            except StoreError as error:
                _unless_refused(error)
        if self._found["checks"] != set(wrong):  # one of them was stored: as it should be again
            self.put()
        for name in ("SHA256", "CRC64NVME"):
            if name in self._found["checks"]:
                self._listen_for(name)

    def try_conditions(self) -> None:
        """Whether an object that is there is safe from If-None-Match: *, and what multipart uploads can do."""
        try:
            self._put(IfNoneMatch="*")
        except PreconditionFailed:
            self._found["puts_if_absent"] = True
        except StoreError as error:
            _unless_refused(error)
        kinds: tuple[dict[str, str], ...] = ({"ChecksumAlgorithm": "CRC64NVME", "ChecksumType": "FULL_OBJECT"}, {})
        for kind in kinds:
            try:
                is_whole = self._try_multipart(**kind)
            except StoreError as error:
                _unless_refused(error)
                continue
            self._found["whole_crc64"] = is_whole
            return

    def delete(self) -> None:
        """The object, in all versions that it has by us. Raises StoreError: that may not be done."""
        self._is_there = False
        versions = self._real_versions()
        if not versions or not all(self._may("delete_object", Key=self.key, VersionId=one) for one in versions):
            self._client.call("delete_object", Key=self.key)
        self._found["deletes"] = True

    def _real_versions(self) -> set[str]:
        return set(self._versions) - {"", "null"}

    def _put(self, **more: Any) -> None:
        answer = self._client.call("put_object", Key=self.key, Body=CONTENT, ContentType="text/plain", **more)
        self._is_there = True
        self._versions.append(str(answer.get("VersionId", "")))

    def _may(self, operation: str, **parameters: Any) -> bool:
        try:
            answer = self._client.call(operation, **parameters)
        except StoreError as error:
            _unless_refused(error)
            return False
        if "Body" in answer:
            for _ in self._client.read_body(answer):
                pass
        return True

    def _ask_for_versions(self) -> None:
        try:
            status = self._client.call("get_bucket_versioning").get("Status", "")
        except StoreError as error:
            _unless_refused(error)
            self._found["is_versioned"] = None
        else:
            self._found["is_versioned"] = status == "Enabled"

    def _listen_for(self, name: str) -> None:
        """Whether the server tells this checksum of an object that was put with it."""
        try:
            self._put(ChecksumAlgorithm=name)
            answer = self._client.call("head_object", Key=self.key, ChecksumMode="ENABLED")
        except StoreError as error:
            _unless_refused(error)
        else:
            if answer.get(f"Checksum{name}"):
                self._found["echoes"].add(name)

    def _try_multipart(self, **kind: str) -> bool:
        """A multipart upload to where the object is; whether its answer had a checksum of the whole."""
        upload = self._client.call("create_multipart_upload", Key=self.key, **kind)["UploadId"]
        here: dict[str, Any] = {"Key": self.key, "UploadId": upload}
        algorithm = {"ChecksumAlgorithm": kind["ChecksumAlgorithm"]} if kind else {}
        try:
            part = self._client.call("upload_part", **here, PartNumber=1, Body=CONTENT, **algorithm)
            listed = {"PartNumber": 1, "ETag": part["ETag"]}
            listed |= {name: value for name, value in part.items() if name == "ChecksumCRC64NVME"}
            whole = {"ChecksumType": kind["ChecksumType"]} if kind else {}
            done = {"MultipartUpload": {"Parts": [listed]}, "IfNoneMatch": "*"} | whole
            answer = self._client.call("complete_multipart_upload", **here, **done)
            self._versions.append(str(answer.get("VersionId", "")))
        except PreconditionFailed:
            self._found["completes_if_absent"] = True
        finally:
            with contextlib.suppress(StoreError):  # it is complete, or the store ends it by its own rules
                self._client.call("abort_multipart_upload", **here)
        return "ChecksumCRC64NVME" in listed


def _unless_refused(error: StoreError) -> None:
    """Go on if the server said no to this one thing; raise if it is in trouble."""
    if error.concerns_sink and error.code not in _SAID_NO:
        raise error


_SAID_NO = ("denied", "not-supported", "not-understood", "library-part-missing", "library")


def _sha256(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()
