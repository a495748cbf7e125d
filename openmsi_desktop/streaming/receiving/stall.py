"""Does the reader still get what lies on its topics? After an outage a client of the library may read no more.

It happens where a broker goes down again just as it has come up: everything seems to be well, no error is ever told, and
nothing comes. So, once contact was lost, the broker is asked twice, on a connection of its own, how far the topics go.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from openmsi_desktop.core.errors import OpenMSIError, RetryableError
from openmsi_desktop.streaming.kafka.types import Partition
from openmsi_desktop.streaming.receiving.aside import Errand
from openmsi_desktop.streaming.receiving.enquiry import Enquiry, watermarks

log = logging.getLogger(__name__)

FIRST_S = 15.0
"""Seconds until the first question, and until it is asked again if nobody answers."""
SECOND_S = 65.0
"""Seconds between the two: longer than the largest answer takes on the slowest line, see socket.timeout.ms."""

Ends = dict[Partition, tuple[int, int]]


class Stalled(RetryableError):
    """The client reads no more, although there is more."""


class StallGuard:
    """Used by the reader's thread, once in each turn. It costs nothing as long as contact is not lost."""

    def __init__(
        self,
        enquiry: Enquiry,
        positions: Mapping[Partition, int],
        *,
        name: str,
        monotonic: Callable[[], float],
    ) -> None:
        self._enquiry = enquiry
        self._positions = positions
        self._name = name
        self._monotonic = monotonic
        self._is_armed = False
        self._ask_at = 0.0
        self._question: Errand[Ends] | None = None
        self._behind: dict[Partition, int] = {}
        """Partitions where there was more at the first question, with the position then."""

    def contact_lost(self) -> None:
        """From now on it has to be shown that messages come again."""
        self._is_armed = True
        self._behind = {}
        self._ask_at = self._monotonic() + FIRST_S

    def turn(self, *, is_reading: bool) -> None:
        """is_reading: whatever comes is read, and nothing keeps it from coming.

        Raises:
            Stalled: there is more, but it does not come. A new client is needed.
        """
        if not self._is_armed:
            return
        now = self._monotonic()
        if not is_reading:
            self._behind = {}
            self._ask_at = now + FIRST_S
        if self._question is None:
            if now >= self._ask_at:
                self._question = self._enquiry.ask(watermarks(self._positions), is_rare=True)
            return
        if not self._question.is_over:
            return
        question, self._question = self._question, None
        self._ask_at = now + FIRST_S
        try:
            ends = question.result()
        except OpenMSIError as error:
            log.info("%s: %s", self._name, error)
            self._behind = {}
            return
        if is_reading:
            self._judge(ends)

    def _judge(self, ends: Ends) -> None:
        there = {
            where: position for where, position in self._positions.items() if position < ends.get(where, (0, 0))[1]
        }
        stalled = [where for where, position in there.items() if self._behind.get(where) == position]
        if stalled:
            # once: if a new client gets nothing, either, they are marks of transactions, which are never handed out
            topic, partition = stalled[0]
            raise Stalled(
                "Messages do not come although the broker has them",
                f"It was asked about partition {partition} of {topic}. The connection is made anew; nothing is lost.",
            )
        self._behind = there
        self._is_armed = bool(there)
        self._ask_at = self._monotonic() + SECOND_S
