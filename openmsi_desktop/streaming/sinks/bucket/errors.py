"""What goes wrong with a bucket, as kinds of errors. Needs no S3 library; codes.py makes them, causes.py words them."""

from __future__ import annotations

from enum import Enum
from typing import Any

from openmsi_desktop.core import errors
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError, RetryableError


class Scope(Enum):
    """What an error is about."""

    SINK = "sink"
    """The server, the keys, the bucket: no other file would fare better."""
    FILE = "file"
    """This object only."""
    DOUBT = "doubt"
    """One or the other; what happens to the next files tells."""


class StoreError(OpenMSIError):
    """An error of a bucket. ``code`` is the cause as docs/buckets.md lists it.

    s3_code: what the server or the library calls it, empty if neither did; status: of the HTTP answer, 0 without one.
    concerns_sink: whether the bucket as a whole is in trouble, rather than one file.
    """

    def __init__(
        self,
        title: str,
        advice: str = "",
        *,
        scope: Scope = Scope.FILE,
        s3_code: str = "",
        status: int = 0,
        detail: str = "",
        **more: Any,
    ) -> None:
        super().__init__(title, advice, **more)
        self.scope = scope
        self.concerns_sink = scope is not Scope.FILE
        self.s3_code = s3_code
        self.status = status
        self.detail = detail


class StoreBusy(StoreError, RetryableError):
    """Passes by itself."""


class StoreRefused(StoreError, NeedsYou):
    """A person has to put something right."""


class NoContact(StoreBusy, errors.NoContact):
    """Nobody answers, or not in time."""


class ClockRefused(StoreRefused):
    """The server finds our time too wrong."""


class RightDenied(StoreRefused):
    """The account may not do this."""


class BucketMissing(StoreRefused):
    """There is no bucket of that name."""


class KeyRefused(StoreRefused):
    """An object cannot have this key there, or not this size: concerns the file."""


class ChecksumRefused(StoreBusy):
    """What arrived is not what was sent; nothing was stored."""


class UploadGone(StoreBusy):
    """A multipart upload or one of its parts is no longer there: begin anew."""


class ObjectMissing(StoreBusy):
    """There is no object with this key (or version)."""


class PreconditionFailed(StoreBusy):
    """Somebody else's object is there already, or is just being written."""


class NotSupported(StoreRefused):
    """This server does not do that: another way has to be taken."""


def concerns_sink(error: Exception) -> bool:
    """Whether the sink as a whole is in trouble, rather than one file."""
    return isinstance(error, StoreError) and error.concerns_sink
