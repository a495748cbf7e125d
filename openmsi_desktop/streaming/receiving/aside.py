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


def aside(
    call: Callable[[], T], stop: threading.Event, *, name: str, too_late: Callable[[T], object] = lambda result: None
) -> T:
    """The result of ``call``, made on a thread of its own that is left behind if ``stop`` comes first.

    too_late: gets a result that comes after that.

    Raises:
        Stopped: it came first.
        Exception: whatever the call raised.
    """
    guard = threading.Lock()  # protects is_left and is_done
    is_left = is_done = False

    def call_and_look() -> T:
        nonlocal is_done
        result = call()
        with guard:
            is_done = not is_left
        if not is_done:
            too_late(result)
        return result

    errand = Errand(call_and_look, name=name)
    while not errand.wait(0.05):
        if stop.is_set():
            with guard:
                is_left = not is_done
            if is_left:
                raise Stopped
    return errand.result()
