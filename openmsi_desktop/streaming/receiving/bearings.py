"""Where a reader is on its topics: which topic it is, where to begin, where to go on, what retention has taken away.

Positions belong to (cluster id, topic id): they are never used on another topic of the same name.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from time import monotonic

from openmsi_desktop.core import moments
from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.incoming import IncomingFiles
from openmsi_desktop.core.part import Beginning
from openmsi_desktop.streaming.kafka.errors import OffsetGone
from openmsi_desktop.streaming.kafka.types import Broker, Consumer, Message, Partition, TopicInfo
from openmsi_desktop.streaming.questions import Question
from openmsi_desktop.streaming.receiving.aside import aside
from openmsi_desktop.streaming.receiving.enquiry import ASK_S, Enquiry, watermarks

_FIRST_S = 3.0
"""Seconds to wait for the first message that is left."""


class Bearings:
    """Positions of one reader without a shared group. Belongs to its thread."""

    def __init__(
        self,
        files: IncomingFiles,
        broker: Broker,
        enquiry: Enquiry,
        *,
        begin: str,
        place: str,
        stop: threading.Event,
    ) -> None:
        """begin: ``start``, ``now``, or an ISO 8601 date or time, for topics that were never read. place: what a person
        names when deciding something about this reader."""
        self.positions: dict[Partition, int] = {}
        """The next offset of each partition."""
        self._files = files
        self._broker = broker
        self._enquiry = enquiry
        self._begin = begin
        self._place = place
        self._stop = stop

    def find(self, topic: str) -> TopicInfo:
        """Look a topic up and make sure that it is the one that was read before.

        Raises:
            Question: it is another one, and nobody has decided yet.
            Stopped: the service is to end.
            OpenMSIError: there is no contact, no such topic, no right to read it.
        """
        info = aside(lambda: self._broker.topic_info(topic, ASK_S), self._stop, name=f"look for {topic}")
        self.identify(info)
        return info

    def identify(self, info: TopicInfo) -> None:
        """Make sure that a topic is still the one that was read before; at the first time, remember which it is.

        Raises:
            Question: as for :meth:`find`.
        """
        journal, task = self._files.journal, self._files.task
        identity = (info.cluster_id, info.topic_id)
        before = journal.topic_identity(task, info.name)
        is_same = before is None or before == identity or (before[0] == identity[0] and "" in (before[1], identity[1]))
        if not is_same or journal.get_meta(_anew(task, info.name)) == "wanted":
            self._ask_anew(info.name)
        if before is None or not is_same:
            before = identity
        with journal.transaction():
            times = journal.get_meta(_times(task, info.name)) or ""
            # an id that a broker tells only later, or no longer, does not make another stream of it
            stream = (is_same and journal.get_meta(_stream(task, info.name))) or f"{before[0]}/{before[1]}{times}"
            if stream != journal.get_meta(_stream(task, info.name)):
                journal.set_meta(_stream(task, info.name), stream)
            found = identity if info.topic_id else before
            if found != journal.topic_identity(task, info.name):
                journal.set_topic_identity(task, info.name, *found)
            self._files.open_source(info.name, stream)

    def take(self, topic: str, partitions: int) -> dict[int, Beginning]:
        """Positions for all partitions, new ones included; returns where reading began in each.

        Raises:
            Stopped, OpenMSIError: as for :meth:`find`.
        """
        known = self._files.positions(topic)
        new = [number for number in range(partitions) if number not in known]
        if new:
            # a partition that appeared later is read from its beginning, whatever the first start was
            starts = self.first_start(topic, new) if not known else self.low(topic, new)
            self._files.begin_at(topic, starts)
            known = self._files.positions(topic)
        for number, place in known.items():
            self.positions.setdefault((topic, number), place.position)
        return {number: place.beginning for number, place in known.items()}

    def past_gap(self, gone: OffsetGone) -> tuple[int, int, int | None]:
        """Where to go on after messages that do not exist any more, how many are lost, and the time of the first that is left
        (milliseconds since 1970; None if there is none, or it has no time).

        Raises:
            Question: the topic is shorter than it was: it has been made anew.
        """
        where = (gone.topic, gone.partition)
        position = gone.position if gone.position >= 0 else self.positions[where]
        low, high = self._enquiry.answer(watermarks([where]))[where]
        if position > high:
            self._ask_anew(gone.topic)
        left_ms = self._enquiry.answer(_time_at(where, low)) if position < low < high else None
        return max(low, position), max(0, low - position), left_ms

    # -- inside

    def _ask_anew(self, topic: str) -> None:
        """Ask whether to begin anew; come back when a person said yes. Then nothing of the old positions is left."""
        journal, task = self._files.journal, self._files.task
        question = f"question topic {task}"
        if journal.get_meta(question) == "send":
            with journal.transaction():
                self._files.forget_positions(topic)
                times = int((journal.get_meta(_times(task, topic)) or "#0")[1:]) + 1
                journal.set_meta(_times(task, topic), f"#{times}")
                journal.set_meta(_anew(task, topic), "done")
                journal.set_meta(_stream(task, topic), "")
                journal.set_meta(question, "answered")
            for where in [where for where in self.positions if where[0] == topic]:
                del self.positions[where]
            return
        journal.set_meta(_anew(task, topic), "wanted")
        journal.set_meta(question, "open")
        raise Question(
            f"Topic {topic} is not the one it was",
            "It was deleted and made again, or the connection leads to another cluster. Nothing is read until you "
            f"decide: openmsi-desktop decide {self._place} --send reads the new topic from its beginning. What was "
            "delivered stays. "
            "If you do not want that, pause the task or remove it.",
        )

    def first_start(self, topic: str, partitions: Sequence[int]) -> dict[int, Beginning]:
        """Where to begin in partitions of a topic that was never read.

        Raises:
            Stopped, OpenMSIError: as for :meth:`find`.
        """
        if self._begin == "start":
            return self.low(topic, partitions)
        if self._begin == "now":
            ends = self._enquiry.answer(watermarks((topic, number) for number in partitions))
            return {number: Beginning(ends[topic, number][1]) for number in partitions}
        moment = round(moment_of(self._begin).timestamp() * 1000)
        found = self._enquiry.answer(lambda consumer: consumer.offsets_at(topic, moment, ASK_S))
        ends = self._enquiry.answer(watermarks((topic, number) for number in partitions))
        return {number: Beginning(found.get(number, 0), ends[topic, number][1]) for number in partitions}

    def low(self, topic: str, partitions: Sequence[int]) -> dict[int, Beginning]:
        """The first offsets that exist. Raises as :meth:`first_start` does."""
        ends = self._enquiry.answer(watermarks((topic, number) for number in partitions))
        return {number: Beginning(*ends[topic, number]) for number in partitions}


def moment_of(text: str) -> datetime:
    """An ISO 8601 date or time; local time if it has no offset."""
    found = (
        datetime.fromisoformat(text)
        if "T" in text or " " in text
        else datetime.combine(date.fromisoformat(text), time())
    )
    return found.astimezone()


def _time_at(where: Partition, offset: int) -> Callable[[Consumer], int | None]:
    """The question for the time of the first message from this offset on; None if it does not come soon."""

    def look(consumer: Consumer) -> int | None:
        consumer.assign({where: offset})
        end = monotonic() + _FIRST_S
        found: list[Message] = []
        with contextlib.suppress(OffsetGone):  # it is gone by now, too
            while not found and monotonic() < end:
                found = consumer.read(1, 0.2)
        consumer.assign({})
        return found[0].timestamp_ms if found else None

    return look


def lost_messages(gone: OffsetGone, lost: int, *, seen_ms: int | None, left_ms: int | None) -> OpenMSIError:
    """The problem that retention was faster than we. seen_ms: time of the last message that was read before; left_ms: of the
    first one that is left."""
    last = "" if seen_ms is None else f"; the last message read before was of {_shown(seen_ms)}"
    last += "" if left_ms is None else f"; the first one that is left is of {_shown(left_ms)}"
    return OpenMSIError(
        f"{lost} {'message' if lost == 1 else 'messages'} of {gone.topic} were removed before they were read",
        f"The topic keeps messages only for a while, and partition {gone.partition} had been read up to offset "
        f"{gone.position}{last}. Files that were in them will not arrive. Reading goes on with the oldest messages "
        "that are left; send those files again if you need them.",
    )


def _shown(ms: int) -> str:
    return f"{moments.local(ms / 1000):%Y-%m-%d %H:%M}"


def _times(task: str, topic: str) -> str:
    return f"begun anew {task} {topic}"


def _stream(task: str, topic: str) -> str:
    return f"stream {task} {topic}"


def _anew(task: str, topic: str) -> str:
    return f"ask anew {task} {topic}"
