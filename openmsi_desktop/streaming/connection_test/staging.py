"""A test in stages: one after the other, each with a time limit, an event when it is over, and a plain cause.

Runs on the caller's thread, which must not be one that draws windows; a stage that cannot be interrupted goes on on a
thread of its own that is left behind.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from openmsi_desktop.core.advice import of_a_test
from openmsi_desktop.core.errors import OpenMSIError, RetryableError
from openmsi_desktop.core.events import Emit, Notice, Stage, StageEvent
from openmsi_desktop.streaming.connection_test.found import Found
from openmsi_desktop.streaming.receiving.aside import Errand, Stopped

STAGE_S = 9.5
"""No stage takes longer."""
_LOOK_S = 0.02


class TookTooLong(RetryableError):
    """No answer in time, and no other cause is known."""


class _TooLong(Exception):
    pass


class Staging:
    """What tests in stages share. To be run once."""

    whom = "The server"
    """Who may be slow."""

    def __init__(
        self, *, emit: Emit, limit_s: float, stage_s: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """limit_s: for all stages together; stage_s: for each."""
        self._emit = emit
        self._monotonic = monotonic
        self._limit_s = limit_s
        self._end = 0.0
        self._stage_s = stage_s
        self._stop = threading.Event()
        self._done: list[StageEvent] = []
        self._error: OpenMSIError | None = None

    def begin(self, stop: threading.Event) -> None:
        """The time runs from now on, until ``stop``."""
        self._stop = stop
        self._end = self._monotonic() + self._limit_s

    def stage(self, stage: Stage, step: Callable[[], Found], topic: str | None = None) -> bool:
        """Take a step and tell of it; whether the next one may be taken."""
        begun = self._monotonic()
        limit_s = min(self._stage_s, self._end - begun)
        if self._stop.is_set() or limit_s <= 0:
            return self.skip(stage, topic)
        try:
            found = self._within(limit_s, step, name=f"test: {stage.value}")
        except Stopped:
            return self.skip(stage, topic)
        except _TooLong:
            error = self.too_long(stage, limit_s)
        except OpenMSIError as caught:
            error = caught
        else:
            what = found.title, found.advice
            fix = dict(found.fix)
            self._tell(stage, topic, found.ok, begun, *what, code=found.code, warnings=found.warnings, fix=fix)
            return found.ok is not False
        self._error = self._error or error
        advice = of_a_test(error.advice)
        self._tell(stage, topic, False, begun, error.title, advice, code=error.code, fix=self.fix_of(error))
        return False

    def skip(self, stage: Stage, topic: str | None = None) -> bool:
        """Tell of a step that is not taken; always False."""
        if self._stop.is_set():
            title, code = "Not reached: the test was stopped", "stopped"
        elif self._monotonic() >= self._end:
            title, code = "Not reached: the time was over", "no-time"
            self._error = self._error or TookTooLong("The time for the test is over", "Allow more time.", code=code)
        else:
            title, code = "Not reached", "not-reached"
        self._tell(stage, topic, None, self._monotonic(), title, "", code=code)
        return False

    def too_long(self, stage: Stage, limit_s: float) -> OpenMSIError:
        """What is wrong if a step does not come to its end."""
        return TookTooLong(
            f"No answer within {limit_s:.0f} s" if limit_s >= 1 else "No answer in time",
            f"{self.whom} may be overloaded, or the network very slow. Check the network, and test again.",
            code="took-too-long",
        )

    def fix_of(self, error: OpenMSIError) -> dict[str, str]:
        """Settings that would put it right, if that is certain."""
        return getattr(error, "fix", None) or {}

    def _within(self, limit_s: float, step: Callable[[], Found], *, name: str) -> Found:
        end = self._monotonic() + limit_s
        errand = Errand(step, name=name)
        while not errand.wait(_LOOK_S):
            if self._stop.is_set():
                raise Stopped
            if self._monotonic() > end:
                raise _TooLong
        return errand.result()

    def _tell(
        self,
        stage: Stage,
        topic: str | None,
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
            topic=topic,
            warnings=warnings,
            fix=fix or {},
        )
        self._done.append(event)
        self._emit(event)
