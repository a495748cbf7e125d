"""The connection test: one stage after the other, each with a time limit, an event when it is over, and a plain cause.

Runs on the caller's thread, which must not be one that draws windows; a stage that cannot be interrupted goes on on a
thread of its own that is left behind.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openmsi_desktop.core.advice import of_a_test
from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import Emit, Notice, Stage, StageEvent
from openmsi_desktop.settings import Connection
from openmsi_desktop.streaming.connection_test.found import Found, fix_for
from openmsi_desktop.streaming.connection_test.steps import Steps, no_token
from openmsi_desktop.streaming.connection_test.topics import TopicTest, TopicUse
from openmsi_desktop.streaming.connections import ConnectionBroker
from openmsi_desktop.streaming.kafka.errors import NoContact
from openmsi_desktop.streaming.receiving.aside import Errand, Stopped

STAGE_S = 9.5
"""No stage takes longer."""
_LOOK_S = 0.02
_PER_TOPIC = (Stage.TOPICS, Stage.WRITE, Stage.READ, Stage.CLOCK)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the test ended. error: the first thing that keeps the connection from working; None if nothing does."""

    stages: tuple[StageEvent, ...]
    error: OpenMSIError | None
    was_stopped: bool = False

    @property
    def warnings(self) -> tuple[Notice, ...]:
        return tuple(notice for stage in self.stages for notice in stage.warnings)


class _TooLong(Exception):
    pass


class ConnectionTest:
    """Tests one connection. To be run once."""

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
        self._connection = connection
        self._broker = broker
        self._uses = tuple(uses)
        self._emit = emit
        self._now = now
        self._monotonic = monotonic
        self._limit_s = limit_s
        self._end = 0.0
        self._stage_s = stage_s
        self._stop = threading.Event()
        self._steps: Steps
        self._done: list[StageEvent] = []
        self._error: OpenMSIError | None = None

    def run(self, stop: threading.Event) -> Verdict:
        """Test until the end, or until ``stop``. Every stage gets its event, also one that is not reached."""
        self._stop = stop
        self._end = self._monotonic() + self._limit_s
        self._steps = steps = Steps(self._connection, self._broker, stage_s=self._stage_s, now=self._now)
        goes_on = True
        for stage, step in (
            (Stage.NAME, steps.find),
            (Stage.PORT, steps.open),
            (Stage.TLS, steps.secure),
            (Stage.SIGN_IN, steps.enter),
        ):
            goes_on = self._stage(stage, step) if goes_on else self._skip(stage)
        for use in self._uses or (None,):
            self._topic(use, goes_on=goes_on)
        return Verdict(tuple(self._done), self._error, self._stop.is_set())

    def _topic(self, use: TopicUse | None, *, goes_on: bool) -> None:
        kafka, cluster = self._steps.kafka, self._steps.cluster
        if not goes_on or kafka is None or cluster is None:
            for stage in _PER_TOPIC:
                self._skip(stage, use)
            return
        test = TopicTest(kafka, cluster, use, reached=self._steps.addresses, limit_s=self._steps.ask_s, now=self._now)
        is_there = self._stage(Stage.TOPICS, test.see, use)
        for stage, step in ((Stage.WRITE, test.write), (Stage.READ, test.read), (Stage.CLOCK, test.clock)):
            if is_there:
                self._stage(stage, step, use)
            else:
                self._skip(stage, use)

    def _stage(self, stage: Stage, step: Callable[[], Found], use: TopicUse | None = None) -> bool:
        """Take a step and tell of it; whether the next one may be taken."""
        begun = self._monotonic()
        limit_s = min(self._stage_s, self._end - begun)
        if self._stop.is_set() or limit_s <= 0:
            return self._skip(stage, use)
        try:
            found = self._within(limit_s, step, name=f"test: {stage.value}")
        except Stopped:
            return self._skip(stage, use)
        except _TooLong:
            error: OpenMSIError = self._too_long(stage, limit_s)
        except OpenMSIError as caught:
            error = caught
        else:
            self._tell(stage, use, found.ok, begun, found.title, found.advice, code=found.code, warnings=found.warnings)
            return found.ok is not False
        self._error = self._error or error
        fix = getattr(error, "fix", None) or fix_for(error.code, self._steps.properties, offered=self._steps.offered)
        self._tell(stage, use, False, begun, error.title, of_a_test(error.advice), code=error.code, fix=fix)
        return False

    def _within(self, limit_s: float, step: Callable[[], Found], *, name: str) -> Found:
        end = self._monotonic() + limit_s
        errand = Errand(step, name=name)
        while not errand.wait(_LOOK_S):
            if self._stop.is_set():
                raise Stopped
            if self._monotonic() > end:
                raise _TooLong
        return errand.result()

    def _too_long(self, stage: Stage, limit_s: float) -> OpenMSIError:
        if stage is Stage.SIGN_IN and self._steps.waits_for_token():
            return no_token()
        return NoContact(
            f"No answer within {limit_s:.0f} s" if limit_s >= 1 else "No answer in time",
            "The broker may be overloaded, or the network very slow. Check the network, and test again.",
            code="took-too-long",
        )

    def _skip(self, stage: Stage, use: TopicUse | None = None) -> bool:
        if self._stop.is_set():
            title, code = "Not reached: the test was stopped", "stopped"
        elif self._monotonic() >= self._end:
            title, code = "Not reached: the time was over", "no-time"
            self._error = self._error or NoContact("The time for the test is over", "Allow more time.", code=code)
        else:
            title, code = "Not reached", "not-reached"
        self._tell(stage, use, None, self._monotonic(), title, "", code=code)
        return False

    def _tell(
        self,
        stage: Stage,
        use: TopicUse | None,
        ok: bool | None,
        begun: float,
        title: str,
        advice: str,
        *,
        code: str,
        warnings: tuple[Notice, ...] = (),
        fix: dict[str, str] | None = None,
    ) -> None:
        event = StageEvent(
            stage=stage,
            ok=ok,
            seconds=round(self._monotonic() - begun, 3),
            title=title,
            advice=advice,
            code=code,
            topic=use.topic if use else None,
            warnings=warnings,
            fix=fix or {},
        )
        self._done.append(event)
        self._emit(event)
