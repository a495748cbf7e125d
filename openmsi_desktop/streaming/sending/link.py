"""The way from one task to its topic: finds the topic, keeps a Sender for it, and says what is in the way.

A broker that does not answer never stops the task: files go on being found and journalled, and the
link tries again. Belongs to the service's thread; looking the topic up happens on a thread of its own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from openmsi_desktop.core.errors import NeedsYou, OpenMSIError, RetryableError
from openmsi_desktop.streaming.kafka.types import TELL_AFTER_S, USUAL_CHUNK_BYTES, Broker, Producer, TopicInfo
from openmsi_desktop.streaming.sending.checking import Returned
from openmsi_desktop.streaming.sending.planner import Job
from openmsi_desktop.streaming.sending.sender import Sender

log = logging.getLogger(__name__)

DELAYS_S = (1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds between attempts to reach a broker; the last one repeats."""
NEEDS_YOU_S = 30.0
"""Seconds between attempts when a person has to act first."""
_ASK_S = 5.0
_WARM_UP_S = 0.5
LOOK_AGAIN_S = 50.0
"""Seconds between two looks at a topic that is being sent to: it may have been made anew, or have got more partitions, and
nothing else tells that an idle broker still answers."""
_SOON_AGAIN_S = 10.0


class Compacted(NeedsYou):
    """The topic throws away older messages with the same key."""


class Link:
    """Contact with a topic, and the Sender while there is contact."""

    def __init__(
        self,
        broker: Broker,
        topic: str,
        *,
        name: str,
        on_topic: Callable[[TopicInfo], None],
        make_sender: Callable[[TopicInfo, Producer], Sender],
        chunk_bytes: int = USUAL_CHUNK_BYTES,
        wake: Callable[[], None] = lambda: None,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """on_topic: looks at the topic before anything is sent; may raise NeedsYou. wake: called from another thread
        when the broker has answered, so that the service turns at once."""
        self._broker = broker
        self._topic = topic
        self._name = name
        self._on_topic = on_topic
        self._make_sender = make_sender
        self._chunk_bytes = chunk_bytes
        self._wake = wake
        self._now = now
        self._monotonic = monotonic
        self.contact_at: float | None = None
        """When the broker answered last, seconds since 1970; None: not yet. Any thread may read it."""
        self.sender: Sender | None = None
        self.error: OpenMSIError | None = None
        self.out_of_contact_since: float | None = monotonic()
        self._next_at = monotonic()
        self._is_urgent = False  # whatever a question brings that is under way now
        self._failures = 0
        self._asking: threading.Thread | None = None
        self._answer: TopicInfo | OpenMSIError | None = None
        self._ready: Producer | None = None  # for the next sender; made by the asking thread before it answers
        self._returned: list[Returned] = []  # both from a sender that had to end
        self._unsent: list[Job] = []
        self._is_answered = False  # set last by the asking thread, which writes nothing afterwards
        self._info: TopicInfo | None = None  # the topic that the sender sends to

    def step(self, timeout_s: float) -> bool:
        """One turn: look for the topic, or let the sender work. True if anything moved."""
        if self.sender is None:
            return self._look()
        try:
            moved = self.sender.step(timeout_s)
        except OpenMSIError as error:
            log.info("%s: sending stops: %s", self._name, error)
            self._drop(error)
            return True
        trouble = self.sender.trouble()
        if trouble is None:
            self.error, self.out_of_contact_since = None, None
        else:
            self.error = trouble.error
            if self.out_of_contact_since is None:
                self.out_of_contact_since = trouble.since
            if isinstance(trouble.error, NeedsYou):
                self._next_at = min(self._next_at, self._monotonic() + NEEDS_YOU_S)
        return self._look_again() or moved

    @property
    def to_tell(self) -> OpenMSIError | None:
        """What people should hear of: :attr:`error`, once it has lasted if it passes by itself and sending had begun."""
        since = self.out_of_contact_since
        if self.sender is None or since is None or self._monotonic() - since >= TELL_AFTER_S:
            return self.error
        return None if isinstance(self.error, RetryableError) else self.error

    @property
    def waits(self) -> bool:
        """There is no contact, so a turn of :meth:`step` has nothing to wait for."""
        return self.sender is None

    def try_now(self) -> None:
        """Do not wait for the next attempt."""
        self._next_at = self._monotonic()
        self._is_urgent = True

    def take_returned(self) -> list[Returned]:
        """Files that were not sent, with the reason."""
        out, self._returned = self._returned, []
        return out + self.sender.take_returned() if self.sender is not None else out

    def take_unsent(self) -> list[Job]:
        """What a sender that had to end had in hand: it is for the next one. Some of it may have been Sent since."""
        out, self._unsent = self._unsent, []
        return out

    def close(self) -> None:
        """End the sender; a question to the broker that is under way is left behind."""
        if self._asking is None and self._ready is not None:
            self._ready.close()
            self._ready = None
        if self.sender is None:
            return
        sender, self.sender = self.sender, None
        try:
            sender.close()
        finally:
            self._returned += sender.take_returned()
            self._unsent += sender.unsent()

    def _look(self) -> bool:
        answer = self._enquire()
        return answer is not None and self._take(answer)

    def _look_again(self) -> bool:
        """Whether the topic is still the one that the sender was made for, and the sender still fits the connection."""
        answer = self._enquire()
        if answer is None:
            return False
        has_answered = not isinstance(answer, RetryableError)
        self._next_at = self._monotonic() + (LOOK_AGAIN_S if has_answered else min(_SOON_AGAIN_S, LOOK_AGAIN_S))
        # what stands in a sender's way may be put right by now, for a client that is made now: files are read anew
        is_put_right = isinstance(self.error, NeedsYou)
        if isinstance(answer, TopicInfo) and (is_put_right or self._is_other(answer)):
            self.close()
            return self._take(answer)
        if isinstance(answer, NeedsYou):
            self._drop(answer)
            return True
        return False

    def _is_other(self, answer: TopicInfo) -> bool:
        before = self._info
        if before is None or _what_matters(answer) != _what_matters(before):
            return True
        is_same = "" in (answer.topic_id, before.topic_id) or answer.topic_id == before.topic_id
        return not is_same or answer.is_compacted is True

    def _enquire(self) -> TopicInfo | OpenMSIError | None:
        """Ask for the topic when it is time to; returns the answer once it is there."""
        if self._asking is not None:
            if not self._is_answered:
                return None
            self._asking = None
            answer, self._answer = self._answer, None
            if isinstance(answer, TopicInfo):
                self.contact_at = self._now()
            return answer
        if self._is_urgent or self._monotonic() >= self._next_at:
            self._is_urgent = self._is_answered = False
            self._asking = threading.Thread(target=self._ask, name=f"{self._name} contact", daemon=True)
            self._asking.start()
        return None

    def _ask(self) -> None:
        try:
            found = self._broker.topic_info(self._topic, _ASK_S, with_newest=self.sender is None)
            if self.sender is None:
                self._ready = self._make_producer()
                self._ready.warm_up(self._topic, _WARM_UP_S)
            self._answer = found
        except OpenMSIError as error:
            self._answer = error
        except Exception as error:
            # the top of this thread: the service reports it as its own failure
            log.exception("looking for topic %s failed", self._topic)
            self._answer = OpenMSIError("Looking for the topic failed", f"{type(error).__name__}: {error}")
        self._is_answered = True
        self._wake()

    def _make_producer(self) -> Producer:
        return self._broker.producer(chunk_bytes=self._chunk_bytes)

    def _take(self, answer: TopicInfo | OpenMSIError) -> bool:
        if isinstance(answer, TopicInfo):
            try:
                if answer.is_compacted:
                    raise compacted(answer.name)
                self._on_topic(answer)
                producer, self._ready = self._ready, None
                self.sender = self._make_sender(answer, producer or self._make_producer())
            except OpenMSIError as error:
                self._drop(error)
                return True
            self.error, self.out_of_contact_since, self._failures = None, None, 0
            self._info = answer
            self._next_at = self._monotonic() + LOOK_AGAIN_S
            return True
        self._drop(answer)
        return True

    def _drop(self, error: OpenMSIError) -> None:
        self.close()
        self.error = error
        now = self._monotonic()
        if self.out_of_contact_since is None and isinstance(error, RetryableError):
            self.out_of_contact_since = now
        if isinstance(error, RetryableError):
            delay = DELAYS_S[min(self._failures, len(DELAYS_S) - 1)]
            self._failures += 1
        else:
            delay = NEEDS_YOU_S
            self.out_of_contact_since = None  # somebody answered, even if it was a refusal
        self._next_at = now + delay


def _what_matters(topic: TopicInfo) -> tuple[object, ...]:
    """What a sender was made for."""
    return topic.cluster_id, topic.partitions, topic.max_message_bytes


def compacted(topic: str) -> Compacted:
    """Why a compacted topic is refused."""
    return Compacted(
        f"Topic {topic} is compacted",
        "Kafka would delete parts of files from it, because new versions of a file repeat the keys of old ones. "
        "Nothing was sent. Choose another topic, or have cleanup.policy=delete set for this one.",
        code="compacted",
    )
