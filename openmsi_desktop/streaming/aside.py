"""Calls that may take long, for a service that has to stop within half a second."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Stopped(Exception):
    """The service is to end: unwinds it."""


def aside(call: Callable[[], T], stop: threading.Event, *, name: str) -> T:
    """The result of ``call``, made on a thread of its own that is left behind if ``stop`` comes first.

    Raises:
        Stopped: it came first.
        Exception: whatever the call raised.
    """
    answers: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put((call(), None))
        except BaseException as error:  # noqa: BLE001 - handed to the caller
            answers.put((None, error))

    threading.Thread(target=run, name=name, daemon=True).start()
    while not stop.is_set():
        try:
            answer, error = answers.get(timeout=0.1)
        except queue.Empty:
            continue
        if error is not None:
            raise error
        return answer  # type: ignore[return-value]
    raise Stopped
