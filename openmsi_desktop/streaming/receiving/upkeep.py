"""What a reader does now and then: requests of people, versions that nothing is heard of, new partitions."""

from __future__ import annotations

import contextlib
import logging
import queue
from typing import TYPE_CHECKING

from openmsi_desktop.core.errors import OpenMSIError, RetryableError
from openmsi_desktop.core.part import Part
from openmsi_desktop.core.reprocessing import Wish
from openmsi_desktop.streaming.kafka.types import TopicInfo
from openmsi_desktop.streaming.receiving.aside import Errand
from openmsi_desktop.streaming.receiving.enquiry import ASK_S, watermarks
from openmsi_desktop.streaming.receiving.reprocessing import Reprocessing
from openmsi_desktop.streaming.sinks.folder import FolderSink

if TYPE_CHECKING:
    from openmsi_desktop.streaming.receiving.reading import Reading

log = logging.getLogger(__name__)

INCOMPLETE_S = 600.0
"""Seconds without a chunk after which a version is called incomplete."""
EXPIRE_S = 30 * 86400.0
"""Seconds without a chunk after which its parts are removed."""
HISTORY_S = 90 * 86400.0
"""Seconds without news after which a version is forgotten that was replaced, given up or ignored."""
PARTITIONS_S = 50.0
"""Seconds between two looks for new partitions, which are also the proof that the broker still answers."""
_SOON_AGAIN_S = 10.0
_CARE_S = 10.0


class Upkeep:
    """The chores of one :class:`~openmsi_desktop.streaming.receiving.reading.Reading`, on its thread."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.reprocessing = Reprocessing(reading)
        self._care_at = 0.0
        self._partitions_at = reading.monotonic() + PARTITIONS_S
        self._errand: Errand[list[TopicInfo]] | None = None
        self._contact: Errand[object] | None = None  # a question to the broker, asked at _contact_at
        self._contact_at = 0.0
        self._is_proven = False  # it was answered

    def turn(self) -> None:
        """Once in each turn of the loop; mostly there is nothing to do."""
        reading = self._reading
        now = reading.monotonic()
        self.reprocessing.turn()
        if now >= self._care_at:
            self._care_at = now + _CARE_S
            self._care(now)
        if self._errand is None and now >= self._partitions_at:
            topics, broker = reading.download.topics, reading.service.broker
            self._errand = Errand(lambda: [broker.topic_info(t, ASK_S) for t in topics], name="look for partitions")
        elif self._errand is not None and self._errand.is_over:
            errand, self._errand = self._errand, None
            self._partitions_at = now + PARTITIONS_S
            self._look_at_topics(errand)

    def serve_requests(self) -> None:
        """Do what people asked for."""
        reading = self._reading
        for kind, path, argument in self._asked():
            if kind == "retry":
                reading.deliveries.make_due(path or None)
                reading.delivery.try_now()
                if path:
                    self.reprocessing.ask(Wish(path, failed=True))
            elif kind == "reprocess":
                self.reprocessing.ask(Wish.of(path, argument))
            elif kind == "ignore" and path:
                reading.assembler.ignore(path)
                reading.journal.ignore_problems(path)

    def accept_target(self, sink: FolderSink) -> None:
        """A person may have decided that the folder at the target's place is the right one."""
        for request in self._asked():
            if request[0] == "decide" and request[2] == "send":
                sink.accept_target()
            else:
                self._reading.service.asked.put(request)

    def ask_again(self) -> None:
        """Delivered files that a person wants once more are read from the topic again."""
        reading = self._reading
        wanted, target = reading.service.again, reading.download.target
        while wanted and target is not None:
            path = wanted[0]
            found = FolderSink(target, reading.journal, now=reading.now).again(path)
            parts = [reading.files.latest(item.topic, item.path, item.installation) for item in found]
            for part in parts:
                if part is not None:
                    reading.assembler.read_again(part.id)
            if not any(parts):
                reading.tell.problem(reading.journal, _never_delivered(path), path=path)
            wanted.pop(0)

    def _asked(self) -> list[tuple[str, str, str]]:
        """The requests that are there now."""
        found = []
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self._reading.service.asked.get_nowait())
        return found

    def _care(self, now: float) -> None:
        reading = self._reading
        reading.assembler.note_quiet(reading.now() - INCOMPLETE_S)
        reading.assembler.expire(reading.now() - EXPIRE_S)
        if not reading.assembler.has_news:
            with reading.journal.transaction():
                reading.assembler.forget_history(reading.now() - HISTORY_S)
        if reading.group is not None:
            for part in reading.group.quiet():
                reading.tell.problem(reading.journal, _given_up(part), path=part.path)
        self._end_replay(now)

    def _end_replay(self, now: float) -> None:
        """The last messages before a position may exist no more. Silence alone does not say so: the broker must have
        answered in the meantime, and reading must have brought nothing after that, either."""
        reading = self._reading
        if not reading.replaying or now - reading.read_at <= _CARE_S or reading.consumer.trouble() is not None:
            self._contact = None
        elif self._contact is None or reading.read_at >= self._contact_at:
            self._contact = reading.enquiry.ask(watermarks(list(reading.replaying)))
            self._contact_at, self._is_proven = now, False
        elif self._is_proven:
            self._contact = None
            for where in list(reading.replaying):
                reading.replayed(where)
        elif self._contact.is_over:
            try:
                self._contact.result()
                self._is_proven = True
            except OpenMSIError as error:
                log.info("%s: %s", reading.service.name, error)
                self._contact = None

    def _look_at_topics(self, errand: Errand[list[TopicInfo]]) -> None:
        """A topic may have got more partitions, or not be the same any more."""
        reading = self._reading
        try:
            infos = errand.result()
        except RetryableError as error:
            log.info("%s: %s", reading.service.name, error)
            self._partitions_at = reading.monotonic() + min(_SOON_AGAIN_S, PARTITIONS_S)
            reading.stall.contact_lost()
            return
        reading.service.standing.contact_at = reading.now()
        has_more = False
        for info in infos:
            reading.bearings.identify(info)
            if reading.group is None and (info.name, info.partitions - 1) not in reading.positions:
                reading.assembler.reads_from(info.name, reading.bearings.take(info.name, info.partitions))
                has_more = True
        if has_more:
            reading.assign()


def _never_delivered(path: str) -> OpenMSIError:
    return OpenMSIError(
        f"{path} cannot be written again",
        "It was not delivered by this task, as far as is known. Use its path on the topic.",
    )


def _given_up(part: Part) -> OpenMSIError:
    where = "; ".join(f"partition {p}, offsets {first} to {last}" for p, (first, last) in part.reached.items())
    return OpenMSIError(
        f"{part.path} is incomplete",
        f"Only {len(part.chunks)} of its {part.total} chunks have arrived ({where}), the last one more than a day ago. "
        "The group goes on without it. Send the file again.",
    )
