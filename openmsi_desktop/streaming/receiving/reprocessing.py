"""Hands files once more to sinks that had them, or that gave them up, because a person wants it.

What is not in the spool any more is read from the topic again. What is no longer there is said at once, and stays as it is.
"""

from __future__ import annotations

import logging
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.part import Part, Stage
from openmsi_desktop.core.reprocessing import Wanted, Wish, wanted
from openmsi_desktop.streaming.kafka.types import Partition
from openmsi_desktop.streaming.receiving.aside import Errand
from openmsi_desktop.streaming.receiving.enquiry import watermarks
from openmsi_desktop.streaming.sinks import FOLDER

if TYPE_CHECKING:
    from openmsi_desktop.streaming.receiving.reading import Reading

log = logging.getLogger(__name__)

AT_ONCE = 20_000
"""Files that are read from the topic again together: each time it is read from the first of them to the end."""
_SOON_AGAIN_S = 5.0
_LATER_S = 0.5


class Reprocessing:
    """The wishes of one :class:`~openmsi_desktop.streaming.receiving.reading.Reading`, on its thread."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._todo: deque[Wanted] = deque()
        self._errand: Errand[dict[Partition, tuple[int, int]]] | None = None
        self._ask_at = 0.0

    def ask(self, wish: Wish) -> None:
        """Do it as soon as possible."""
        reading = self._reading
        among = reading.delivery.sinks - {FOLDER} or reading.delivery.sinks
        everywhere = frozenset({wish.sink}) if wish.sink else among
        for item in wanted(reading.journal, reading.service.key, wish):
            sinks = (everywhere if item.sinks is None else item.sinks) & reading.delivery.sinks
            if sinks:
                self._todo.append(Wanted(item.number, sinks))

    def turn(self) -> None:
        """Once in each turn of the loop; mostly there is nothing to do."""
        reading = self._reading
        if not self._todo or (reading.group is not None and not reading.group.is_settled):
            return
        if self._errand is None:
            if not reading.replaying and reading.monotonic() >= self._ask_at:
                self._ask_at = reading.monotonic() + _SOON_AGAIN_S
                self._errand = reading.enquiry.ask(watermarks(list(reading.positions)))
            return
        if not self._errand.is_over:
            return
        errand, self._errand = self._errand, None
        try:
            marks = errand.result()
        except OpenMSIError as error:
            log.info("%s: what is on the topics is not known: %s", reading.service.name, error)
            return
        self._ask_at = 0.0
        some = list(islice(self._todo, AT_ONCE))
        for _ in some:
            self._todo.popleft()
        with reading.journal.transaction():
            later = [item for item in some if not self._begin(item, marks)]
        if later:  # a sink is at it just now
            self._todo.extend(later)
            self._ask_at = reading.monotonic() + _LATER_S
        reading.delivery.backlog.start(reading.deliveries)
        reading.delivery.look_now()

    def _begin(self, item: Wanted, marks: dict[Partition, tuple[int, int]]) -> bool:
        """False: not now."""
        reading, sinks = self._reading, item.sinks
        part = reading.files.part(item.number)
        if part is None or sinks is None:
            return True  # it was forgotten meanwhile
        if not reading.delivery.may_ask_again(item.number, sinks):
            return False
        if part.stage is Stage.DONE:
            if not part.has_all or self._tell_why_not(part, marks):
                return True
            reading.deliveries.ask_again(part, sinks, others=reading.delivery.sinks - sinks)
            reading.assembler.read_again(part.id)
        else:
            reading.deliveries.ask_again(part, sinks)
        return True

    def _tell_why_not(self, part: Part, marks: dict[Partition, tuple[int, int]]) -> bool:
        """Whether it cannot be read again."""
        reading = self._reading
        for number, (first, _) in part.reached.items():
            where = (part.topic, number)
            if where not in marks and reading.group is not None:
                error = OpenMSIError(
                    f"{part.path} cannot be handed over again here",
                    "Another computer of the group reads its part of the topic now: ask there, or read without a group.",
                )
            elif where not in marks or first < marks[where][0]:
                error = OpenMSIError(
                    f"{part.path} cannot be handed over again",
                    "Its messages are no longer on the topic, where they are kept only for a while. What was delivered of it "
                    "stays as it is. To have it handed over again, send the file again.",
                )
            else:
                continue
            reading.tell.problem(reading.journal, error, path=part.path)
            return True
        return False
