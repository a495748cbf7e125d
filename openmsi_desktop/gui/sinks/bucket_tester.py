"""Tests a bucket as a person has filled it in, which need not be saved, and lists the buckets of a store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from openmsi_desktop.core.events import StageEvent
from openmsi_desktop.credentials import Credentials
from openmsi_desktop.gui.connecting.tester import Outcome
from openmsi_desktop.settings import Bucket


@dataclass(frozen=True, slots=True)
class BucketRequest:
    """What to test. secret: as typed; None: the one of the keyring."""

    bucket: Bucket
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class BucketNames:
    """note: why there are none."""

    names: tuple[str, ...]
    note: str = ""


class BucketTester(Protocol):
    """Both run on the thread that calls them."""

    def __call__(
        self, request: BucketRequest, tell: Callable[[StageEvent], None], stop: threading.Event
    ) -> Outcome: ...

    def names(self, request: BucketRequest) -> BucketNames:
        """Buckets to choose from.

        Raises:
            OpenMSIError: the store cannot be asked.
        """
        ...


class RealBucketTester:
    """See :class:`BucketTester`: the test of ``openmsi-desktop check --bucket``."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def __call__(self, request: BucketRequest, tell: Callable[[StageEvent], None], stop: threading.Event) -> Outcome:
        from openmsi_desktop.streaming.sinks.bucket.trial import BucketTest

        test = BucketTest(
            request.bucket,
            self._secret_of(request),
            emit=lambda event: tell(event) if isinstance(event, StageEvent) else None,
        )
        verdict = test.run(stop)
        return Outcome(verdict.stages, verdict.error is None, verdict.was_stopped)

    def names(self, request: BucketRequest) -> BucketNames:
        from openmsi_desktop.streaming.sinks.bucket.trial import list_buckets

        found = list_buckets(request.bucket, self._secret_of(request))
        return BucketNames(found.names, found.note)

    def _secret_of(self, request: BucketRequest) -> Callable[[str], str | None]:
        typed = request.secret
        return self._credentials.secret if typed is None else lambda name: typed
