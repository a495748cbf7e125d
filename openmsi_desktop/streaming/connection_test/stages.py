"""The test of a connection: its stages, and what each of them is about. How stages are taken: staging.py."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import CONNECTION_STAGES, Emit, Notice, Stage, StageEvent
from openmsi_desktop.settings import Connection
from openmsi_desktop.streaming.connection_test.found import fix_for
from openmsi_desktop.streaming.connection_test.staging import STAGE_S, Staging
from openmsi_desktop.streaming.connection_test.steps import Steps, no_token
from openmsi_desktop.streaming.connection_test.topics import TopicTest, TopicUse
from openmsi_desktop.streaming.connections import ConnectionBroker

__all__ = ["STAGE_S", "ConnectionTest", "Verdict"]

_PER_TOPIC = CONNECTION_STAGES[4:]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the test ended. error: the first thing that keeps the connection from working; None if nothing does."""

    stages: tuple[StageEvent, ...]
    error: OpenMSIError | None
    was_stopped: bool = False

    @property
    def warnings(self) -> tuple[Notice, ...]:
        return tuple(notice for stage in self.stages for notice in stage.warnings)


class ConnectionTest(Staging):
    """Tests one connection. To be run once."""

    whom = "The broker"

    def __init__(
        self,
        connection: Connection,
        broker: ConnectionBroker,
        *,
        uses: Sequence[TopicUse] = (),
        emit: Emit,
        limit_s: float = 60.0,
        stage_s: float = STAGE_S,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """broker: the one that streams over this connection too, if there is one: refused sign-ins count together.

        uses: the topics to test, and what for. limit_s: for all stages together; stage_s: for each.
        """
        super().__init__(emit=emit, limit_s=limit_s, stage_s=stage_s, monotonic=monotonic)
        self._connection = connection
        self._broker = broker
        self._uses = tuple(uses)
        self._now = now
        self._steps: Steps

    def run(self, stop: threading.Event) -> Verdict:
        """Test until the end, or until ``stop``. Every stage gets its event, also one that is not reached."""
        self.begin(stop)
        self._steps = steps = Steps(self._connection, self._broker, stage_s=self._stage_s, now=self._now)
        goes_on = True
        for stage, step in (
            (Stage.NAME, steps.find),
            (Stage.PORT, steps.open),
            (Stage.TLS, steps.secure),
            (Stage.SIGN_IN, steps.enter),
        ):
            goes_on = self.stage(stage, step) if goes_on else self.skip(stage)
        for use in self._uses or (None,):
            self._topic(use, goes_on=goes_on)
        return Verdict(tuple(self._done), self._error, self._stop.is_set())

    def too_long(self, stage: Stage, limit_s: float) -> OpenMSIError:
        if stage is Stage.SIGN_IN and self._steps.waits_for_token():
            return no_token()
        return super().too_long(stage, limit_s)

    def fix_of(self, error: OpenMSIError) -> dict[str, str]:
        return super().fix_of(error) or fix_for(error.code, self._steps.properties, offered=self._steps.offered)

    def _topic(self, use: TopicUse | None, *, goes_on: bool) -> None:
        kafka, cluster = self._steps.kafka, self._steps.cluster
        topic = use.topic if use else None
        if not goes_on or kafka is None or cluster is None:
            for stage in _PER_TOPIC:
                self.skip(stage, topic)
            return
        test = TopicTest(kafka, cluster, use, reached=self._steps.addresses, limit_s=self._steps.ask_s, now=self._now)
        is_there = self.stage(Stage.TOPICS, test.see, topic)
        for stage, step in ((Stage.WRITE, test.write), (Stage.READ, test.read), (Stage.CLOCK, test.clock)):
            if is_there:
                self.stage(stage, step, topic)
            else:
                self.skip(stage, topic)
