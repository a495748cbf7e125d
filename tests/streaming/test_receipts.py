"""Receipts from end to end: a folder is watched, a reader delivers and says so, and the file is Arrived."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from servers.parts import eventually
from streaming.listening import Listener
from streaming.reading import Reader

from openmsi_desktop.core import receipt as receipts
from openmsi_desktop.core.arrivals import arrivals_of
from openmsi_desktop.core.events import FileEvent, FileState
from openmsi_desktop.core.outgoing import Outgoing, OutgoingFiles
from openmsi_desktop.core.receipts_due import ReceiptsDue
from openmsi_desktop.settings import Settle, WatchedFolder
from openmsi_desktop.streaming.kafka.broker import KafkaBroker
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending.producer import FolderProducer
from openmsi_desktop.streaming.supervisor import ServiceThread

KEY = "watch:1"


@pytest.fixture
def test_broker(request: pytest.FixtureRequest) -> Any:
    """What these tests look at does not depend on the kind of broker; tests/interop has a real one."""
    return request.getfixturevalue("_embedded")


class Instrument:
    """A folder that is watched with receipts."""

    def __init__(self, place: Path, config: dict[str, Any], topic: str) -> None:
        self.folder = place / "xrd"
        self.folder.mkdir(parents=True)
        self.topic = topic
        self.config = config
        self.profile = Profile(place / "data")
        self.profile.prepare()
        self.heard = Listener()
        self.running: ServiceThread | None = None
        self.service: FolderProducer | None = None

    def start(self, **more: Any) -> None:
        options: dict[str, Any] = {"settle": Settle(quiet_s=0.2), "connection": "lab", "receipts": True, **more}
        watched = WatchedFolder(name="XRD", path=self.folder, topic=self.topic, **options)
        self.service = FolderProducer(watched, KafkaBroker(self.config), self.profile, self.heard, key=KEY)
        self.running = ServiceThread(self.service, self.heard)
        self.running.start()
        self.heard.wait_ready()

    def stop(self) -> None:
        if self.running is not None:
            self.running.stop()
            assert self.running.join(10)
            assert self.running.error is None
            self.running = None

    def row(self, path: str) -> Outgoing:
        with closing(self.profile.open_journal()) as journal:
            return OutgoingFiles(journal, KEY, self.topic).known([path])[path]

    def places(self, path: str) -> list[tuple[str, bool]]:
        with closing(self.profile.open_journal()) as journal:
            return [(a.place, a.is_current) for a in arrivals_of(journal, KEY, path)]

    def sent_versions(self, path: str) -> int:
        return sum(isinstance(e, FileEvent) and e.path == path and e.state is FileState.SENT for e in self.heard.events)


@pytest.fixture
def topic(create_topic: Callable[..., str]) -> str:
    name = create_topic(partitions=2)
    create_topic(receipts.topic_of(name), partitions=2)
    return name


@pytest.fixture
def instrument(tmp_path: Path, broker_config: dict[str, Any], topic: str) -> Iterator[Instrument]:
    made = Instrument(tmp_path / "instrument", broker_config, topic)
    yield made
    made.stop()
    made.profile.disown()


def reader_at(place: Path, config: dict[str, Any], topic: str, **more: Any) -> Reader:
    return Reader(place, KafkaBroker(config), topics=(topic,), receipts=True, **more)


def test_a_file_that_was_delivered_is_arrived(
    instrument: Instrument, tmp_path: Path, broker_config: dict[str, Any]
) -> None:
    instrument.start(check=True)
    (instrument.folder / "run 1").mkdir()
    (instrument.folder / "run 1" / "µ.xy").write_bytes(b"1 2 3")
    instrument.heard.wait_file("run 1/µ.xy", FileState.CHECKED)
    with reader_at(tmp_path / "hpc", broker_config, instrument.topic).running():
        told = instrument.heard.wait_file("run 1/µ.xy", FileState.ARRIVED)
    assert told.reason == f"on PC {platform.node()}"
    row = instrument.row("run 1/µ.xy")
    assert (row.state, row.reason) == (FileState.ARRIVED, told.reason)
    assert row.checked_at is not None
    assert instrument.places("run 1/µ.xy") == [(f"on PC {platform.node()}", True)]


def test_a_file_that_arrived_is_not_sent_again_until_it_changes(
    instrument: Instrument, tmp_path: Path, broker_config: dict[str, Any]
) -> None:
    file = instrument.folder / "a.xy"
    file.write_bytes(b"first")
    with reader_at(tmp_path / "hpc", broker_config, instrument.topic).running():
        instrument.start()
        instrument.heard.wait_file("a.xy", FileState.ARRIVED)
        version = instrument.row("a.xy").sent_version
        instrument.stop()

        instrument.heard = Listener()
        instrument.start()  # a restart looks at everything anew, and finds that there is nothing to do
        (instrument.folder / "other.xy").write_bytes(b"other")
        instrument.heard.wait_file("other.xy", FileState.SENT)
        assert instrument.heard.states("a.xy") == []
        os.utime(file, ns=(1, 1))  # times alone are looked at, and found to change nothing
        instrument.heard.wait_file("a.xy", FileState.ARRIVED)
        assert instrument.sent_versions("a.xy") == 0
        assert instrument.row("a.xy").sent_version == version

        before = len(instrument.heard.events)
        file.write_bytes(b"second")
        instrument.heard.wait_file("a.xy", FileState.CHANGED, since=before)
        instrument.heard.wait_file("a.xy", FileState.ARRIVED, since=before)
    row = instrument.row("a.xy")
    assert row.state is FileState.ARRIVED
    assert row.sent_version != version
    here = f"on PC {platform.node()}"
    assert sorted(instrument.places("a.xy")) == [(here, False), (here, True)]  # the earlier version is not forgotten


def test_receipts_that_come_while_nobody_watches_are_read_later(
    instrument: Instrument, tmp_path: Path, broker_config: dict[str, Any]
) -> None:
    (instrument.folder / "a.xy").write_bytes(b"x" * 1000)
    instrument.start(receipts=False)
    instrument.heard.wait_file("a.xy", FileState.SENT)
    instrument.stop()
    reader_at(tmp_path / "hpc", broker_config, instrument.topic).read_all()
    assert instrument.row("a.xy").state is FileState.SENT
    instrument.heard = Listener()
    instrument.start()
    instrument.heard.wait_file("a.xy", FileState.ARRIVED)
    assert instrument.row("a.xy").state is FileState.ARRIVED


def test_without_a_topic_for_receipts_files_are_sent_and_delivered(
    tmp_path: Path, broker_config: dict[str, Any], create_topic: Callable[..., str]
) -> None:
    topic = create_topic(partitions=1)
    instrument = Instrument(tmp_path / "instrument", broker_config, topic)
    (instrument.folder / "a.xy").write_bytes(b"data")
    hpc = reader_at(tmp_path / "hpc", broker_config, topic)
    try:
        instrument.start()
        instrument.heard.wait_file("a.xy", FileState.SENT)
        with hpc.running():
            eventually(lambda: bool(hpc.problems()), timeout_s=20, what="the reader says what is missing")
            eventually(lambda: hpc.files == {"a.xy": b"data"}, timeout_s=20, what="the file is delivered")
        (problem,) = hpc.problems()
        assert f"{topic}.receipts" in problem.title
        assert "--create" in problem.advice
        with hpc.journal() as journal:
            (waiting,) = ReceiptsDue(journal, "download:1").first(topic, 10)
        assert json.loads(waiting.body)["path"] == "a.xy"
        with closing(instrument.profile.open_journal()) as journal:
            assert journal.problems() == []  # a sender is not told off for what nobody writes
        assert instrument.service is not None
        health = instrument.service.health()
        assert health.receipts == "absent"
        assert f"{topic}.receipts" in health.receipts_note
        instrument.stop()

        create_topic(f"{topic}.receipts", partitions=1)
        instrument.heard = Listener()
        instrument.start()
        with hpc.running():  # nothing is delivered, but what waited is sent
            instrument.heard.wait_file("a.xy", FileState.ARRIVED)
        assert hpc.problems() == []
        with hpc.journal() as journal:
            assert ReceiptsDue(journal, "download:1").first(topic, 10) == []
    finally:
        instrument.stop()
        instrument.profile.disown()
