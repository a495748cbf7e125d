"""A TopicConsumer on a broker, running on a thread, with all it said."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openmsi_desktop.core.events import Event, FileEvent, FileState, ProblemEvent, QuarantinedEvent, TaskEvent
from openmsi_desktop.core.journal import Journal, ProblemRow
from openmsi_desktop.core.received import IncomingRow, rows
from openmsi_desktop.settings import Download
from openmsi_desktop.streaming.kafka.types import Broker
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.receiving.consumer import TopicConsumer

KEY = "download:1"
PATIENCE_S = 20.0


class Reader:
    """One data folder and one target below ``folder``; it can be started any number of times."""

    def __init__(self, folder: Path, broker: Broker, *, topics: tuple[str, ...] = ("t",), **more: Any) -> None:
        self.target = folder / "target"
        self.profile = Profile(folder / "data")
        self.profile.prepare()
        self.broker = broker
        self.topics = topics
        self.settings = {k: more.pop(k) for k in list(more) if k in Download.model_fields and k != "sinks"}
        self.more = more
        self.events: list[Event] = []
        self.error: BaseException | None = None
        self.ready = threading.Event()
        if self.settings.get("target", self.target) is not None:
            self.target.mkdir(exist_ok=True, parents=True)

    def service(self, **more: Any) -> TopicConsumer:
        settings: dict[str, Any] = {
            "name": "down",
            "topics": self.topics,
            "connection": "c",
            "target": self.target,
            "keep_free": 0,
        } | self.settings
        options: dict[str, Any] = {"key": KEY} | self.more | more
        return TopicConsumer(Download(**settings), self.broker, self.profile, self.events.append, **options)

    @contextmanager
    def running(self, **more: Any) -> Iterator[TopicConsumer]:
        """It reads inside the block; an error of its own is kept in ``error``."""
        service = self.service(**more)
        stop = threading.Event()
        self.error = None
        self.ready.clear()

        def run() -> None:
            try:
                service.run(stop, self.ready.set)
            except Exception as error:  # noqa: BLE001 - for the test to look at
                self.error = error

        thread = threading.Thread(target=run, name="reader")
        thread.start()
        try:
            yield service
        finally:
            stop.set()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

    def read_all(self, *, idle_s: float = 0.05, **more: Any) -> TopicConsumer:
        """Read until there is nothing left to do."""
        with self.running(**more) as service:
            until(lambda: self.error is not None or service.idle_for() > idle_s)
        if self.error is not None:
            raise self.error
        return service

    @property
    def files(self) -> dict[str, bytes]:
        """What lies in the target."""
        return {
            file.relative_to(self.target).as_posix(): file.read_bytes()
            for file in self.target.rglob("*")
            if file.is_file() and ".openmsi-parts" not in file.parts
        }

    @property
    def spooled(self) -> list[str]:
        return [f.name for f in (self.target / ".openmsi-parts").iterdir() if len(f.name) == 32]

    def rows(self, **filters: Any) -> list[IncomingRow]:
        journal = self.profile.open_journal()
        found = list(rows(journal, **filters))
        journal.close()
        return found

    def problems(self) -> list[ProblemRow]:
        with self.journal() as journal:
            return journal.problems()

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        journal = self.profile.open_journal()
        try:
            yield journal
        finally:
            journal.close()

    def states(self, path: str) -> list[FileState]:
        """The states of a file in the order in which they were told, repeats left out."""
        out: list[FileState] = []
        for event in self.events:
            if isinstance(event, FileEvent) and event.path == path and out[-1:] != [event.state]:
                out.append(event.state)
        return out

    def told(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def quarantined(self) -> list[QuarantinedEvent]:
        return self.told(QuarantinedEvent)

    @property
    def problem_titles(self) -> list[str]:
        return [event.title for event in self.told(ProblemEvent)]

    @property
    def task_states(self) -> list[str]:
        return [f"{event.state.value} {event.title}".strip() for event in self.told(TaskEvent)]


def until(condition: Callable[[], object], *, patience_s: float = PATIENCE_S) -> None:
    """Look again and again, for other threads need their time."""
    end = time.monotonic() + patience_s
    look = threading.Event()
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        look.wait(0.01)
