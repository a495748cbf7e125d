"""A reader says what it has delivered: once for each file and place, in time or later, and never at the expense of a delivery."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from servers.chunks import chunks_of
from servers.memory_broker import MemoryBroker
from streaming.reading import KEY, Reader, until

from openmsi_desktop.core.chunk import Sender
from openmsi_desktop.core.deliveries import Deliveries
from openmsi_desktop.core.events import ProblemEvent
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.receipt import Receipt, parse
from openmsi_desktop.core.receipts_due import ReceiptsDue
from openmsi_desktop.streaming.kafka.errors import NoContact
from openmsi_desktop.streaming.receipts.writing import ReceiptWriter
from openmsi_desktop.streaming.receiving.telling import Teller
from openmsi_desktop.streaming.sinks import Delivered, ReceivedFile

ALICE = "a" * 32


@pytest.fixture
def receipts(broker: MemoryBroker) -> None:
    broker.create("t.receipts", 2)


def written(broker: MemoryBroker, topic: str = "t") -> list[Receipt]:
    logs = broker.topics[f"{topic}.receipts"].log
    messages = [m for number in sorted(logs) for m in logs[number] if m is not None]
    assert all(m.key == json.loads(m.value or b"")["path"].encode() for m in messages)
    return sorted((parse(m.value) for m in messages), key=lambda r: (r.path, r.version, r.place.name))


def waiting(reader: Reader, topic: str = "t") -> list[str]:
    with reader.journal() as journal:
        return [json.loads(due.body)["path"] for due in ReceiptsDue(journal, KEY).first(topic, 1000)]


class Bucket:
    """Where files go besides the folder."""

    name = "lab-bucket"

    def deliver(self, file: ReceivedFile) -> Delivered:
        return Delivered(f"s3://raw/{file.topic}/{file.relative_path}")


@pytest.mark.usefixtures("receipts")
def test_each_place_of_each_file_is_said(tmp_path: Path, broker: MemoryBroker) -> None:
    reader = Reader(tmp_path, broker, receipts=True, sinks=[lambda journal: Bucket()])
    broker.put_chunks("t", chunks_of("run/ä.xy", b"abc"), sender=Sender(ALICE, 5))
    broker.put_chunks("t", chunks_of("stranger.xy", b""))
    reader.read_all()
    assert [
        (r.path, r.size, r.version, r.installation, r.place.kind, r.place.name, r.place.where) for r in written(broker)
    ] == [
        ("run/ä.xy", 3, 5, ALICE, "bucket", "lab-bucket", "s3://raw/t/run/ä.xy"),
        ("run/ä.xy", 3, 5, ALICE, "folder", "target", ""),
        ("stranger.xy", 0, 0, "", "bucket", "lab-bucket", "s3://raw/t/stranger.xy"),
        ("stranger.xy", 0, 0, "", "folder", "target", ""),
    ]
    assert {r.reader for r in written(broker)} == {reader.profile.installation_id()}
    assert waiting(reader) == []
    assert str(tmp_path) not in str([r.place for r in written(broker)])  # what others need not know
    reader.read_all()
    assert len(written(broker)) == 4


@pytest.mark.usefixtures("receipts")
def test_only_what_is_really_there_is_said(tmp_path: Path, broker: MemoryBroker) -> None:
    reader = Reader(tmp_path, broker, receipts=True, if_exists="skip")
    (reader.target / "same.xy").write_bytes(b"same")
    (reader.target / "theirs.xy").write_bytes(b"other contents")
    for path, data in {"same.xy": b"same", "theirs.xy": b"ours", "new.xy": b"new"}.items():
        broker.put_chunks("t", chunks_of(path, data))
    broker.put_chunks("t", chunks_of("part.xy", b"x" * 300, 100)[:2])
    reader.read_all()
    assert [r.path for r in written(broker)] == ["new.xy", "same.xy"]


@pytest.mark.usefixtures("receipts")
def test_without_the_setting_nothing_is_said(reader: Reader, broker: MemoryBroker) -> None:
    broker.put_chunks("t", chunks_of("a", b"a"))
    reader.read_all()
    assert reader.files == {"a": b"a"}
    assert written(broker) == []
    assert waiting(reader) == []


@pytest.mark.usefixtures("receipts")
def test_delivery_and_receipt_are_journalled_together(
    tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal that cannot be written in between leaves neither behind; the next run has both."""
    reader = Reader(tmp_path, broker, receipts=True)
    broker.put_chunks("t", chunks_of("a", b"a"))
    with monkeypatch.context() as patched:

        def fails(self: Deliveries, over: Iterable[object]) -> None:
            if list(over):  # the file is in its folder, and that is about to be journalled
                raise RuntimeError("the journal is gone")

        patched.setattr(Deliveries, "finish_all", fails)
        with reader.running():
            until(lambda: reader.error is not None)
    assert reader.files == {"a": b"a"}
    assert written(broker) == []
    assert waiting(reader) == []
    reader.read_all()
    assert [r.path for r in written(broker)] == ["a"]


@pytest.mark.usefixtures("receipts")
def test_denied_writing_is_told_once_and_costs_no_delivery(tmp_path: Path, broker: MemoryBroker) -> None:
    broker.denied.add("t.receipts")
    reader = Reader(tmp_path, broker, receipts=True)
    broker.put_chunks("t", chunks_of("a", b"a"))
    with reader.running():
        until(lambda: reader.problem_titles)
        broker.put_chunks("t", chunks_of("b", b"b"))
        until(lambda: reader.files == {"a": b"a", "b": b"b"})
    assert len(reader.problem_titles) == 1
    (problem,) = reader.problems()
    assert "not allowed" in problem.title
    assert waiting(reader) == ["a", "b"]
    broker.denied.clear()
    reader.read_all()
    assert [r.path for r in written(broker)] == ["a", "b"]
    assert reader.problems() == []


def test_switched_off_what_waits_and_what_was_told_is_over(tmp_path: Path, broker: MemoryBroker) -> None:
    reader = Reader(tmp_path, broker, receipts=True)
    broker.put_chunks("t", chunks_of("a", b"a"))
    with reader.running():
        until(lambda: reader.problems())
    reader.settings["receipts"] = False
    reader.read_all()
    assert waiting(reader) == []
    assert reader.problems() == []


@pytest.mark.usefixtures("receipts")
def test_one_topic_without_receipts_does_not_hold_up_another(tmp_path: Path, broker: MemoryBroker) -> None:
    broker.create("u")
    reader = Reader(tmp_path, broker, topics=("u", "t"), receipts=True)
    broker.put_chunks("u", chunks_of("lonely", b"1"))
    broker.put_chunks("t", chunks_of("a", b"2"))
    reader.read_all()
    assert [r.path for r in written(broker)] == ["a"]
    assert waiting(reader, "u") == ["lonely"]


# -- the writer alone


@contextmanager
def writer(reader: Reader, broker: MemoryBroker, **more: Any) -> Iterator[list[str]]:
    """Runs in the block, with what it told."""
    told: list[str] = []
    tell = Teller("down", KEY, lambda event: told.append(event.title) if isinstance(event, ProblemEvent) else None)
    made = ReceiptWriter(["t"], broker, tell=tell, open_journal=reader.profile.open_journal, **more)
    made.start()
    try:
        yield told
    finally:
        made.close()


def queue(journal: Journal, count: int) -> None:
    due = ReceiptsDue(journal, KEY)
    with journal.transaction():
        for number in range(count):
            due.add("t", json.dumps({"path": f"f{number:04}"}))


def test_the_oldest_go_when_there_are_too_many(reader: Reader, broker: MemoryBroker) -> None:
    with reader.journal() as journal:
        queue(journal, 10)
    with writer(reader, broker, most=4) as told:
        until(lambda: len(waiting(reader)) == 4)
        until(lambda: len(told) == 2)
    assert waiting(reader) == ["f0006", "f0007", "f0008", "f0009"]
    assert sorted(told) == [
        'Receipts cannot be sent: there is no topic "t.receipts"',
        "The oldest receipts were dropped",
    ]
    (dropped,) = [p for p in reader.problems() if "dropped" in p.title]
    assert "6 of them" in dropped.advice


def test_a_topic_that_is_made_later_gets_all_of_them_in_order(reader: Reader, broker: MemoryBroker) -> None:
    with reader.journal() as journal:
        queue(journal, 1200)
    with writer(reader, broker, needs_you_s=0.05) as told:
        until(lambda: bool(told))
        broker.create("t.receipts", 1)
        until(lambda: waiting(reader) == [])
    found = [json.loads(m.value or b"")["path"] for m in broker.topics["t.receipts"].log[0] if m is not None]
    assert found == [f"f{n:04}" for n in range(1200)]
    assert reader.problems() == []


@pytest.mark.usefixtures("receipts")
def test_without_contact_they_wait_and_nothing_is_told(
    reader: Reader, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader itself says that there is no contact."""
    monkeypatch.setattr("openmsi_desktop.streaming.receipts.writing._DELAYS_S", (0.01,))
    with reader.journal() as journal:
        queue(journal, 3)
    asked = threading.Event()
    look_up = broker.topic_info

    def topic_info(*args: Any, **more: Any) -> Any:
        asked.set()
        return look_up(*args, **more)

    broker.topic_info = topic_info  # type: ignore[method-assign]
    broker.fault = NoContact("Nobody answers")
    with writer(reader, broker) as told:
        assert asked.wait(20)
        assert waiting(reader) == ["f0000", "f0001", "f0002"]
        broker.fault = None
        until(lambda: waiting(reader) == [])
    assert told == []
