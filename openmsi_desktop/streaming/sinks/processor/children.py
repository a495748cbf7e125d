"""Runs somebody's programs: starts them, keeps the end of what they print, and ends them and all they started in time.

Never waits for a pipe: whatever a program leaves behind may hold it open for ever.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from openmsi_desktop.core.errors import RetryableError
from openmsi_desktop.streaming.sinks.processor.groups import Group
from openmsi_desktop.streaming.sinks.processor.printed import Printed

GRACE_S = 5.0
"""Seconds between the request to end and the end by force, when the time limit is over."""
STOP_GRACE_S = 1.0
"""The same when we stop ourselves: that has to be over within three seconds."""
_LOOK_S = 0.2
"""Seconds between two looks whether it is time to end."""
_DEAD_S = 10.0
"""A process that was killed and does not end within these seconds hangs in the system, and is left to it."""

SECRETS = "OPENMSI_SECRET_"
"""How the environment variables with our secrets begin; no program that we start gets them."""


@dataclass(frozen=True, slots=True)
class Ended:
    """status: what it exited with; negative: the signal that ended it. is_late: its time was over. printed: the beginning of
    its standard output. is_all: that is all of it. output: the end of everything it printed, for people."""

    status: int
    is_late: bool
    printed: bytes
    is_all: bool
    output: str


class Children:
    """All programs of one sink. run() may be called by many threads at once."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._stop = threading.Event()
        self._monotonic = monotonic

    def stop(self) -> None:
        """End them all, soon. Any thread."""
        self._stop.set()

    @property
    def is_stopping(self) -> bool:
        return self._stop.is_set()

    def run(
        self,
        arguments: Sequence[str],
        *,
        folder: str,
        environment: Mapping[Any, Any],
        time_limit_s: float,
        keep: int,
    ) -> Ended:
        """Run a program to its end. keep: so many bytes of the beginning of its standard output are wanted. environment: see
        :func:`native`.

        Raises:
            OSError: it cannot be started.
            RetryableError: stop() was called.
        """
        if self.is_stopping:
            raise stopped()
        group = Group(
            arguments,
            folder=folder,
            environment=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        with ExitStack() as ending:
            ending.callback(group.close)
            ending.callback(group.kill)
            printed = Printed(group, keep=keep)
            ending.callback(printed.close)
            ending.callback(group.kill)  # what is left of the others, before the pipes: their working place goes
            is_late = self._wait(group, printed, self._monotonic() + time_limit_s)
        status = group.process.returncode
        if self.is_stopping and (is_late or status != 0):
            raise stopped()
        return Ended(
            -9 if status is None else status, is_late or status is None, printed.beginning, printed.is_all, printed.end
        )

    def _wait(self, group: Group, printed: Printed, end: float) -> bool:
        """True if it had to be ended: asked first, then by force, and left alone in the end."""
        at, done = end, 0
        while not printed.wait(min(_LOOK_S, max(0.0, at - self._monotonic()))):
            now = self._monotonic()
            if self.is_stopping and not done:
                at = now
            if now < at:
                continue
            if done == 2:
                return True
            (group.terminate, group.kill)[done]()
            at = now + (_DEAD_S if done else STOP_GRACE_S if self.is_stopping else GRACE_S)
            done += 1
        return done > 0


def stopped() -> RetryableError:
    """Why a program was ended, or not started."""
    return RetryableError("The work on a file was interrupted", "It begins anew when the task goes on.")


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """What a program gets: our own variables without our secrets, and ``extra``."""
    ours: dict[str, str] = {name: value for name, value in os.environ.items() if not name.upper().startswith(SECRETS)}
    if getattr(sys, "frozen", False):  # the packed application has set these for itself, and kept what was there
        for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
            ours.pop(name, None)
            if (before := ours.pop(f"{name}_ORIG", None)) is not None:
                ours[name] = before
    return {**ours, **extra}


def native(variables: Mapping[str, str]) -> dict[Any, Any]:
    """As the system wants them. ``subprocess`` would do that with all of them at every start."""
    if sys.platform == "win32":
        return dict(variables)
    return {os.fsencode(name): os.fsencode(value) for name, value in variables.items()}
