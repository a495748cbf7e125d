"""Calls that may take long, for a service that has to stop within half a second."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Stopped(Exception):
    """The service is to end: unwinds it."""


class Errand(Generic[T]):
    """A call on a thread of its own, whose result is fetched later."""

    def __init__(self, call: Callable[[], T], *, name: str) -> None:
        self._call = call
        self._answer: T | None = None
        self._error: BaseException | None = None
        self._over = threading.Event()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def wait(self, timeout_s: float) -> bool:
        """True if it is over."""
        return self._over.wait(timeout_s)

    def result(self) -> T:
        """What the call returned, once it is over. Raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._answer  # type: ignore[return-value]

    def _run(self) -> None:
        try:
            self._answer = self._call()
        except BaseException as error:  # noqa: BLE001 - handed to whoever fetches the result
            self._error = error
        self._over.set()


def aside(call: Callable[[], T], stop: threading.Event, *, name: str) -> T:
    """The result of ``call``, made on a thread of its own that is left behind if ``stop`` comes first.

    Raises:
        Stopped: it came first.
        Exception: whatever the call raised.
    """
    errand = Errand(call, name=name)
    while not errand.wait(0.05):
        if stop.is_set():
            raise Stopped
    return errand.result()
