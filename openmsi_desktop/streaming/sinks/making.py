"""Names in the settings -> sinks: buckets, programs and Python classes. Loads only what is needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from openmsi_desktop.core.journal import Journal
from openmsi_desktop.settings import Bucket, Processor
from openmsi_desktop.streaming.kafka.types import Broker
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sinks import PooledSink


@dataclass(frozen=True, slots=True)
class SinkTools:
    """What the sinks of one reader work with.

    key: of the task, in the journal. broker: for results. secret_of: see
    :data:`~openmsi_desktop.streaming.connections.SecretOf`; may take seconds. now: seconds since 1970. is_alone: the reader has no
    other sink, so that nobody else uses its spool files.
    """

    key: str
    broker: Broker
    profile: Profile
    secret_of: Callable[[str], str | None]
    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    stop: threading.Event = field(default_factory=threading.Event)
    is_alone: bool = False


def sink_factory(described: Bucket | Processor, tools: SinkTools) -> Callable[[Journal], PooledSink]:
    """What makes the sink that is described; nothing is contacted or started before its prepare()."""

    def make(journal: Journal) -> PooledSink:
        if isinstance(described, Bucket):
            from openmsi_desktop.streaming.sinks.bucket.sink import BucketSink

            return BucketSink(described, journal, tools)
        from openmsi_desktop.streaming.sinks.processor.sink import ProcessorSink

        return ProcessorSink(described, journal, tools)

    return make
