"""Tests a connection as a person has filled it in, which need not be saved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from openmsi_desktop.core.events import StageEvent
from openmsi_desktop.credentials import Credentials
from openmsi_desktop.settings import Connection
from openmsi_desktop.streaming.connection_test.topics import TopicUse
from openmsi_desktop.streaming.profile import Profile


@dataclass(frozen=True, slots=True)
class Request:
    """What to test. secret: as typed; None: the one of the keyring. uses: topics, and what for."""

    connection: Connection
    secret: str | None = None
    uses: Sequence[TopicUse] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a test ended. is_good: nothing that was tested keeps the connection from working."""

    stages: tuple[StageEvent, ...]
    is_good: bool
    was_stopped: bool = False


class Tester(Protocol):
    """Runs a test on the thread that calls it, and tells of each step on that thread."""

    def __call__(self, request: Request, tell: Callable[[StageEvent], None], stop: threading.Event) -> Outcome: ...


class RealTester:
    """See :class:`Tester`: the test of ``openmsi-desktop check``."""

    def __init__(self, credentials: Credentials, profile: Profile) -> None:
        self._credentials = credentials
        self._profile = profile

    def __call__(self, request: Request, tell: Callable[[StageEvent], None], stop: threading.Event) -> Outcome:
        from openmsi_desktop.streaming.connection_test.stages import ConnectionTest
        from openmsi_desktop.streaming.connections import ConnectionBroker

        typed = request.secret
        connection = request.connection
        if typed is not None:  # the name is not asked for, and the broker must ask somebody
            connection = connection.model_copy(update={"credential": connection.credential or "typed"})
        secret_of = self._credentials.secret if typed is None else lambda name: typed
        test = ConnectionTest(
            connection,
            # a password that was typed anew is not the one that was refused before
            ConnectionBroker(connection, secret_of, notes=self._profile.refusals if typed is None else None),
            uses=request.uses,
            emit=lambda event: tell(event) if isinstance(event, StageEvent) else None,
        )
        verdict = test.run(stop)
        return Outcome(verdict.stages, verdict.error is None, verdict.was_stopped)
