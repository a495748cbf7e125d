"""Questions to a broker about a topic's offsets, beside the reading.

On a connection of their own: a broker answers the requests of one connection in their order, and a reader's
connection is nearly always busy waiting for messages.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.kafka.types import Broker, Consumer, Partition
from openmsi_desktop.streaming.receiving.aside import Errand, Stopped

T = TypeVar("T")

ASK_S = 10.0
"""Seconds that a broker may take for an answer before that counts as no contact."""


class Enquiry:
    """Asks on threads of its own, one question at a time. Used by the reader's thread."""

    def __init__(self, broker: Broker, stop: threading.Event, *, name: str) -> None:
        self._broker = broker
        self._stop = stop
        self._name = name
        self._guard = threading.Lock()  # held while _consumer is used
        self._consumer: Consumer | None = None
        self._is_closed = False

    def ask(self, question: Callable[[Consumer], T], *, is_rare: bool = False) -> Errand[T]:
        """Ask without waiting. is_rare: the connection is not kept for the next question."""
        return Errand(lambda: self._answer(question, is_rare=is_rare), name=f"{self._name} enquiry")

    def answer(self, question: Callable[[Consumer], T]) -> T:
        """Ask, and wait for the answer.

        Raises:
            Stopped: the service is to end before it came.
            OpenMSIError: the broker cannot be asked.
        """
        errand = self.ask(question)
        while not errand.wait(0.05):
            if self._stop.is_set():
                raise Stopped
        return errand.result()

    def close(self) -> None:
        """Let go; a question that is still open lets go by itself."""
        self._is_closed = True
        if self._guard.acquire(blocking=False):
            try:
                self._let_go()
            finally:
                self._guard.release()

    def _answer(self, question: Callable[[Consumer], T], *, is_rare: bool) -> T:
        with self._guard:
            if self._is_closed:
                raise Stopped
            if self._consumer is None:
                self._consumer = self._broker.consumer()
            try:
                return question(self._consumer)
            except BaseException:
                self._let_go()  # a client that failed once is not trusted with the next question
                raise
            finally:
                if self._is_closed or is_rare:
                    self._let_go()

    def _let_go(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with contextlib.suppress(OpenMSIError):
                consumer.close()


def watermarks(partitions: Iterable[Partition]) -> Callable[[Consumer], dict[Partition, tuple[int, int]]]:
    """The question for first and next offset of each partition."""
    wanted = list(partitions)
    return lambda consumer: {where: consumer.watermarks(*where, ASK_S) for where in wanted}
