"""A ProcessorSink without a reader: files are handed to it, and what it says and sends is looked at."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from openmsi_desktop.core.journal import Journal
from openmsi_desktop.settings import Processor
from openmsi_desktop.streaming.kafka.broker import KafkaBroker
from openmsi_desktop.streaming.kafka.types import Broker, Message
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sinks import Delivered, Failed, Outcome, ReceivedFile
from openmsi_desktop.streaming.sinks.making import SinkTools
from openmsi_desktop.streaming.sinks.processor.sink import ProcessorSink

KEY = "download:1"
PATIENCE_S = 30.0


def python(script: str, *arguments: str) -> tuple[str, ...]:
    """A command that runs a few lines of Python."""
    return (sys.executable, "-I", "-S", "-c", script, *arguments)


def received(folder: Path, path: str, data: bytes = b"1 2 3\n", *, number: int = 1, **more: Any) -> ReceivedFile:
    """A complete file as a reader hands it over."""
    spool = folder / "spool" / hashlib.sha256(f"{path} {number}".encode()).hexdigest()[:32]
    spool.parent.mkdir(exist_ok=True)
    spool.write_bytes(data)
    options: dict[str, Any] = {"modified": 1_700_000_000.5} | more
    return ReceivedFile(spool, path, "t", len(data), hashlib.sha512(data).digest(), number=number, **options)


class Bench:
    """One data folder and one processor; the sink can be made anew."""

    def __init__(self, place: Path, broker: Broker | None = None, **settings: Any) -> None:
        self.place = place
        self.profile = Profile(place / "data")
        self.profile.prepare()
        self.journal: Journal = self.profile.open_journal()
        self.broker = broker if broker is not None else KafkaBroker({"bootstrap.servers": "127.0.0.1:1"})
        self.is_alone = settings.pop("is_alone", False)
        self.now: Callable[[], float] = time.time
        self.settings: dict[str, Any] = {"name": "peaks", "jobs": 2} | settings
        self.sink = self.made()

    def made(self, **more: Any) -> ProcessorSink:
        tools = SinkTools(
            KEY, self.broker, self.profile, lambda name: None, now=lambda: self.now(), is_alone=self.is_alone
        )
        self.sink = ProcessorSink(Processor(**(self.settings | more)), self.journal, tools)
        return self.sink

    def submit(self, file: ReceivedFile) -> Future[Outcome]:
        return self.sink.submit(file)

    def handle(self, *files: ReceivedFile) -> list[Outcome]:
        """Hand them over as a lane does: prepare, submit, note what is delivered."""
        self.sink.prepare()
        futures = [self.sink.submit(file) for file in files]
        outcomes = [future.result(PATIENCE_S) for future in futures]
        for file, outcome in zip(files, outcomes, strict=True):
            if isinstance(outcome, Delivered):
                with self.journal.transaction():
                    self.sink.settled(file, outcome)
        return outcomes

    def one(self, path: str, data: bytes = b"1 2 3\n", **more: Any) -> Outcome:
        """The same for one file."""
        return self.handle(received(self.place, path, data, **more))[0]

    @property
    def places(self) -> list[Path]:
        """Working places with anything in them."""
        return [place for place in (self.profile.data / "working").glob("*/*") if any(place.glob("*/*"))]

    def close(self) -> None:
        self.sink.close()
        self.journal.close()


def failed(outcome: Outcome) -> Failed:
    assert isinstance(outcome, Failed), outcome
    return outcome


def delivered(outcome: Outcome) -> Delivered:
    assert isinstance(outcome, Delivered), outcome
    return outcome


def read_topic(config: Mapping[str, Any], topic: str, count: int, *, partitions: int = 4) -> list[Message]:
    """The first so many messages of a topic, and what comes in the next moment."""
    consumer = KafkaBroker(dict(config)).consumer()
    try:
        consumer.assign({(topic, number): 0 for number in range(partitions)})
        found: list[Message] = []
        for _ in range(100):
            found += consumer.read(100, 0.3 if len(found) < count else 0.05)
            if len(found) >= count:
                break
        return found + consumer.read(100, 0.05)
    finally:
        consumer.close()


def about(message: Message) -> dict[str, Any]:
    """What the header of a result says."""
    value = message.header("openmsi-result")
    assert value is not None
    found: dict[str, Any] = json.loads(value)
    return found


def lines(file: Path) -> Sequence[str]:
    """What a program wrote down."""
    return file.read_text("utf-8").splitlines() if file.exists() else []
