"""One bucket on an S3 server, through boto3: whose errors are ours, whose address, region and clock are found out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.sinks.bucket.address import Address, address_of
from openmsi_desktop.streaming.sinks.bucket.codes import caused, translated
from openmsi_desktop.streaming.sinks.bucket.doubts import Doubts
from openmsi_desktop.streaming.sinks.bucket.errors import ClockRefused, RightDenied, Scope, StoreError
from openmsi_desktop.streaming.sinks.bucket.library import check_library, make_client

_PIECE = 1024 * 1024
_TRUSTED_S = 60.0


class Notes(Protocol):
    """Where what was found out is remembered; the journal is one."""

    def get_meta(self, name: str) -> str | None: ...

    def set_meta(self, name: str, value: str) -> None: ...


class BucketClient:
    """One bucket. Thread-safe, except find_out() and close()."""

    def __init__(
        self,
        described: Bucket,
        secret: str | None,
        address: Address,
        make: Callable[[str, str], Any],
        clock: Any,
        *,
        notes: Notes | None,
    ) -> None:
        """See :func:`connect`. make: addressing and region -> boto3's client."""
        self._described = described
        self._address = address
        self._make = make
        self._clock = clock
        self._notes = notes
        self._doubts = Doubts()
        self._keys_seen_at = -_TRUSTED_S
        self._guard = threading.Lock()  # protects boto, addressing, region and _old while one replaces the other
        self._old: list[Any] = []
        self.bucket = described.bucket
        self.id = f"{address.endpoint_url or 'amazon'} {described.bucket}"
        """Which bucket of which server, for what is remembered of it."""
        remembered = (notes.get_meta(f"bucket address {self.id}") if notes else None) or ""
        addressing, _, region = remembered.partition(" ")
        self.addressing = addressing if addressing in address.addressings else address.addressings[0]
        self.region = described.region or region
        self.boto = make(self.addressing, self.region)
        """boto3's client, for what call() cannot do. Errors of it: codes.translated()."""

    @property
    def endpoint(self) -> str:
        """The address of the server."""
        return str(self.boto.meta.endpoint_url)

    @property
    def skew_s(self) -> float | None:
        """How far the server's clock is ahead of ours, in seconds; None as long as it has not answered."""
        skew: float | None = self._clock.skew_s
        return skew

    @property
    def is_clock_corrected(self) -> bool:
        """Whether requests are signed with the server's time, because it refuses ours."""
        return self._clock.corrected_by is not None

    def find_out(self) -> bool:
        """Ask for the bucket, in whatever way works; whether it may be listed.

        Raises:
            StoreError: it cannot be used; all of them concern the sink.
        """
        first: StoreError | None = None
        for addressing in dict.fromkeys((self.addressing, *self._address.addressings)):
            self._use(addressing, self.region)
            try:
                may_list = self._may_list()
            except StoreError as error:
                first = first or error
                if error.code not in _ANOTHER_WAY:
                    break
                continue
            self.region = self._clock.region or self.region
            self._remember()
            return may_list
        assert first is not None
        first.concerns_sink = True
        raise first

    def call(self, operation: str, /, **parameters: Any) -> dict[str, Any]:
        """A method of boto3's client by its name; the bucket is filled in. A body is sent from where it stands.

        "list_buckets" is about no bucket.

        Raises:
            StoreError: always ours. Tried again is nothing but what the clock or the region kept from working.
        """
        key = str(parameters.get("Key", ""))
        if operation != "list_buckets":
            parameters["Bucket"] = self.bucket
        body = parameters.get("Body")
        if hasattr(body, "seek"):
            parameters["Body"] = body = FromHere(body)
        error = None
        for _ in range(3):
            if error is not None and isinstance(body, FromHere):
                body.seek(0)
            boto, corrected_by = self.boto, self._clock.corrected_by
            try:
                answer: dict[str, Any] = getattr(boto, operation)(**parameters)
                if not _is_proven(operation, answer):
                    raise caused("not-s3", self._described)
            except Exception as caught:  # noqa: BLE001 - boto3 and what is below it raise many things; each is translated
                error = self._explained(caught, operation, key)
            else:
                self._doubts.is_well(operation)
                return answer
            if not self._may_help(error, boto, corrected_by):
                break
        assert error is not None
        if error.concerns_sink and error.scope is Scope.DOUBT:
            error.concerns_sink = self._doubts.concern_sink(operation, key)
        raise error

    def worked(self, operation: str) -> None:
        """A request like this one went well another way: so it is with other files."""
        self._doubts.is_well(operation)

    def read_body(self, answer: dict[str, Any]) -> Iterator[bytes]:
        """The content of an object that get_object answered with, piece by piece.

        Raises:
            StoreError: it does not come to its end.
        """
        body = answer["Body"]
        try:
            yield from body.iter_chunks(_PIECE)
        except Exception as error:
            raise translated(error, self._described, operation="get_object") from error
        finally:
            body.close()

    def close(self) -> None:
        """Closes connections; nothing may be under way."""
        for boto in (*self._old, self.boto):
            boto.close()

    def _may_list(self) -> bool:
        try:
            self.call("list_objects_v2", MaxKeys=1)
        except RightDenied:
            return False  # the server, the keys and the bucket are right, and nobody has to list it
        return True

    def _explained(self, caught: Exception, operation: str, key: str) -> StoreError:
        error = translated(caught, self._described, operation=operation, key=key)
        if operation.startswith("head_") and error.status in (400, 403):
            error = self._closer(error, operation, key)
        error.__cause__ = caught
        if isinstance(error, ClockRefused) and self.skew_s is not None:
            error = caused("clock", self._described, detail=in_words(self.skew_s))
            error.__cause__ = caught
        return error

    def _closer(self, error: StoreError, operation: str, key: str) -> StoreError:
        """What a refused HEAD means: its answer has no body that could tell the cause.

        Asked once a minute at most: where the bucket may not be listed, a server answers so for all that is not there.
        """
        if error.status == 403 and time.monotonic() - self._keys_seen_at < _TRUSTED_S:
            return error
        try:
            self.boto.list_objects_v2(Bucket=self.bucket, MaxKeys=1)
        except Exception as told:  # noqa: BLE001 - as in call()
            closer = translated(told, self._described, operation=operation, key=key)
            if not isinstance(closer, RightDenied):
                return closer
        self._keys_seen_at = time.monotonic()
        return error

    def _may_help(self, error: StoreError, boto: Any, corrected_by: float | None) -> bool:
        """Whether something was put right, so that the same request may work now."""
        if isinstance(error, ClockRefused):
            return bool(self._clock.correct(corrected_by))
        if error.code == "wrong-region" and _is_region(error.detail) and error.detail != self.region:
            with self._guard:
                if self.boto is boto:
                    self._replace(self.addressing, error.detail)
            return True
        return False

    def _use(self, addressing: str, region: str) -> None:
        with self._guard:
            if (addressing, region) != (self.addressing, self.region):
                self._replace(addressing, region)

    def _replace(self, addressing: str, region: str) -> None:
        self._old.append(self.boto)  # others may be in the middle of a call
        self.addressing, self.region = addressing, region
        self.boto = self._make(addressing, region)

    def _remember(self) -> None:
        if self._notes is not None:
            name, value = f"bucket address {self.id}", f"{self.addressing} {self.region}"
            if self._notes.get_meta(name) != value:
                self._notes.set_meta(name, value)


class FromHere:
    """A file from where it stands: botocore begins at 0 when it sends a body once more."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._begin: int = file.tell()

    def read(self, size: int = -1) -> bytes:
        content: bytes = self._file.read(size)
        return content

    def tell(self) -> int:
        position: int = self._file.tell()
        return position - self._begin

    def seek(self, offset: int, whence: int = 0) -> int:
        self._file.seek(offset + (0 if whence else self._begin), whence)
        return self.tell()


_PROOFS = {
    "put_object": ("ETag",),
    "upload_part": ("ETag",),
    "copy_object": ("CopyObjectResult",),
    "head_object": ("ETag",),
    "get_object": ("ETag",),
    "create_multipart_upload": ("UploadId",),
    "complete_multipart_upload": ("ETag", "Key", "Location"),
    "list_objects_v2": ("Name", "KeyCount", "MaxKeys", "IsTruncated"),
    "list_multipart_uploads": ("Bucket", "MaxUploads", "IsTruncated"),
    "list_buckets": ("Buckets", "Owner"),
    "list_parts": ("UploadId", "Key", "IsTruncated"),
}
"""Parts of an answer that only an S3 server gives: a sign-in page of a network answers 200 to everything."""


def _is_proven(operation: str, answer: dict[str, Any]) -> bool:
    proofs = _PROOFS.get(operation)
    return proofs is None or any(proof in answer for proof in proofs)


_ANOTHER_WAY = (
    "other-addressing",
    "bucket-missing",
    "not-s3",
    "not-understood",
    "not-supported",
    "name-unknown",
    "unknown",
    "bucket-name",
)
"""Causes that may be due to the way the bucket is named in the address."""


def connect(
    described: Bucket,
    secret: str | None,
    *,
    notes: Notes | None = None,
    jobs: int = 10,
    connect_s: float = 10.0,
    read_s: float = 60.0,
    attempts: int = 2,
    now: Callable[[], float] = time.time,
) -> BucketClient:
    """A client for the bucket. Contacts nobody. secret: the secret access key, None if boto3 is to find keys itself.

    jobs: requests at once. connect_s, read_s: for a connection to come about, and for each silence of the server.
    attempts: of each request, so that a connection that was closed while idle is nobody's trouble.

    Raises:
        SettingsError: boto3 is not installed, or the address cannot be one.
        StoreRefused: the file with the authority's certificate is not there, or no keys can be found.
    """
    address = address_of(described)
    check_library()
    from openmsi_desktop.streaming.sinks.bucket.clock import Clock

    clock = Clock(now)

    def make(addressing: str, region: str) -> Any:
        return make_client(
            described,
            secret,
            connections=jobs,
            connect_s=connect_s,
            read_s=read_s,
            attempts=attempts,
            clock=clock,
            addressing=addressing,
            region=region,
        )

    return BucketClient(described, secret, address, make, clock, notes=notes)


def in_words(skew_s: float) -> str:
    """A difference of clocks, for people."""
    minutes = abs(skew_s) / 60
    amount = f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.1f} hours"
    return f"It is about {amount} {'behind' if skew_s > 0 else 'ahead of'} the server's."


def _is_region(text: str) -> bool:
    return bool(text) and text.replace("-", "").isalnum() and text == text.lower()
