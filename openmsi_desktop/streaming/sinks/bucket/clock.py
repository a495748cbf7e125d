"""What time it is for a server, and requests that are signed with that time.

Every request carries the time it was signed at, and a server refuses those that are more than a quarter of an hour off. The
time of a server stands in each of its answers (Date). Ours is used until the server has refused it once: then the
difference is taken into account. botocore itself does not do that (github.com/boto/boto3/issues/1252).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.auth import AUTH_TYPE_MAPS, SIGV4_TIMESTAMP, S3SigV4Auth

SIGNED_BY = "openmsi-s3v4"
"""Our kind of signature in botocore's table; the signature itself is s3v4."""

_CLOCK, _REGION = "openmsi-clock", "openmsi-region"
_NOTEWORTHY_S = 30.0


class Clock:
    """The time of one server. Thread-safe."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """now: seconds since 1970, as this computer believes."""
        self._now = now
        self._guard = threading.Lock()  # protects _skew_s and _corrected_by
        self.region = ""
        """That the last request was signed for which the server accepted."""
        self._skew_s: float | None = None
        self._corrected_by: float | None = None

    @property
    def skew_s(self) -> float | None:
        """How far the server's clock is ahead of ours, in seconds, plus or minus one; None: it has not said."""
        with self._guard:
            return self._skew_s

    @property
    def corrected_by(self) -> float | None:
        """Seconds that are added to our time in signatures; None: it is used as it is."""
        with self._guard:
            return self._corrected_by

    def read(self, date: str) -> None:
        """Take the time from an answer."""
        try:
            theirs = parsedate_to_datetime(date).timestamp()
        except (TypeError, ValueError):
            return  # it does not say
        with self._guard:
            self._skew_s = theirs - self._now()

    def correct(self, used: float | None) -> bool:
        """The server has refused our time: use its own from now on. Whether that makes a difference.

        used: corrected_by at the time of the request that it refused.
        """
        with self._guard:
            if self._skew_s is None or abs(self._skew_s - (used or 0.0)) < _NOTEWORTHY_S:
                return False
            self._corrected_by = self._skew_s
            return True

    def moment(self) -> datetime:
        """Now, for a signature."""
        with self._guard:
            return datetime.fromtimestamp(self._now() + (self._corrected_by or 0.0), UTC)


class _Signature(S3SigV4Auth):  # type: ignore[misc]
    """As botocore's own, at the time of the clock in the request's context."""

    def _modify_request_before_signing(self, request: Any) -> None:
        # what is signed, and the signature, take the time from here
        request.context["timestamp"] = request.context[_CLOCK].moment().strftime(SIGV4_TIMESTAMP)
        super()._modify_request_before_signing(request)


AUTH_TYPE_MAPS[SIGNED_BY] = _Signature


def keep_time(client: Any, clock: Clock) -> None:
    """Let a boto3 client sign with this clock, and read the server's time from every answer."""

    def choose(signature_version: Any, region_name: str, context: dict[str, Any], **_: Any) -> str | None:
        if signature_version not in ("s3v4", "v4"):
            return None
        context[_CLOCK], context[_REGION] = clock, region_name
        return SIGNED_BY

    def read(response_dict: dict[str, Any] | None, context: dict[str, Any], **_: Any) -> None:
        answer = response_dict or {}
        if date := answer.get("headers", {}).get("date"):
            clock.read(date)
        if 200 <= answer.get("status_code", 0) < 300:
            clock.region = context.get(_REGION) or clock.region

    client.meta.events.register("choose-signer.s3", choose)
    client.meta.events.register("response-received.s3", read)
