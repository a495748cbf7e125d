"""The engine on a real Kafka: passwords that are corrected, topics that are made anew, brokers that freeze."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from servers.kafka import Kafka
from servers.parts import eventually
from streaming.listening import Listener

from openmsi_desktop.core.events import Event, FileEvent, FileState, TaskEvent, TaskState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import OutgoingFiles
from openmsi_desktop.settings import Connection, Download, Limit, Settings, Settle, WatchedFolder
from openmsi_desktop.streaming import control
from openmsi_desktop.streaming.engine import Engine
from openmsi_desktop.streaming.keys import task_key
from openmsi_desktop.streaming.sending import link

CHUNK = 10_000


class Lab:
    """A watched folder, and the engines that send it."""

    def __init__(self, place: Path, kafka: Kafka) -> None:
        self.place, self.kafka = place, kafka
        self.folder = place / "xrd"
        self.folder.mkdir()
        self.topic = kafka.create_topic(partitions=2)
        self.config = kafka.client()
        self.secret = ""
        self.heard = Listener()
        self.engine: Engine | None = None

    def write(self, name: str, size: int = 100) -> None:
        (self.folder / name).write_bytes(bytes(size))

    def watched(self, **more: Any) -> WatchedFolder:
        options: dict[str, Any] = {"settle": Settle(quiet_s=0.2), "chunk_size": CHUNK} | more
        return WatchedFolder(name="XRD", path=self.folder, topic=self.topic, connection="lab", **options)

    def start(self, *tasks: WatchedFolder | Download, **options: Any) -> Engine:
        self.heard = Listener()
        credential = "lab" if self.secret else ""
        self.engine = Engine(
            Settings(
                connections=(Connection(name="lab", kafka=self.config, credential=credential),),
                watched_folders=tuple(t for t in tasks if isinstance(t, WatchedFolder)),
                downloads=tuple(t for t in tasks if isinstance(t, Download)),
            ),
            data=self.place / "data",
            emit=self.heard,
            secret_of=lambda name: self.secret,
            **options,
        )
        self.engine.start()
        return self.engine

    def stop(self) -> float:
        """Seconds that it took."""
        began = time.monotonic()
        if self.engine is not None:
            self.engine.stop()
        return time.monotonic() - began

    def decide(self, how: str) -> None:
        with closing(self.journal()) as journal:
            assert control.ask(journal, "decide", path=str(self.folder), argument=how) == "Decided: XRD."

    def journal(self) -> Journal:
        return Journal(self.place / "data" / "journal.db")

    def states(self) -> dict[str, FileState]:
        with closing(self.journal()) as journal:
            rows = OutgoingFiles(journal, task_key(self.watched()), self.topic).in_states(FileState)
            return {r.path: r.state for r in rows}

    def make_topic_anew(self) -> None:
        self.kafka.delete_topic(self.topic)
        self.kafka.create_topic(self.topic, partitions=2)

    def wait(self, state: TaskState, title: str = "") -> None:
        self.heard.wait(lambda e: isinstance(e, TaskEvent) and e.state is state and title in e.title)


@pytest.fixture
def lab(tmp_path: Path, kafka: Kafka) -> Iterator[Lab]:
    made = Lab(tmp_path, kafka)
    yield made
    made.stop()


def test_a_topic_made_anew_while_it_is_sent_to_is_a_question_and_everything_can_be_sent_again(
    lab: Lab, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "LOOK_AGAIN_S", 0.3)
    lab.write("a.dat")
    lab.write("gone.dat")
    lab.start(lab.watched())
    lab.heard.wait_file("a.dat", FileState.SENT)
    lab.heard.wait_file("gone.dat", FileState.SENT)
    (lab.folder / "gone.dat").unlink()
    lab.make_topic_anew()
    lab.heard.wait_task("is not the one it was")
    said = len(lab.heard.events)
    lab.write("b.dat")
    lab.heard.wait_file("b.dat", FileState.WAITING, since=said)
    assert kafka.message_count(lab.topic) == 0, "nothing is sent until somebody decides"
    lab.decide("send")
    lab.heard.wait_file("a.dat", FileState.SENT, since=said)
    lab.heard.wait_file("b.dat", FileState.SENT, since=said)
    eventually(lambda: kafka.message_count(lab.topic) == 2, timeout_s=10, what="both are on the new topic")
    assert lab.states() == {"a.dat": FileState.SENT, "b.dat": FileState.SENT, "gone.dat": FileState.SENT}


def test_what_was_half_sent_to_a_topic_that_is_gone_is_sent_as_a_whole(lab: Lab, kafka: Kafka) -> None:
    lab.write("a.dat")
    lab.start(lab.watched())
    lab.heard.wait_file("a.dat", FileState.SENT)
    lab.stop()
    lab.write("big.dat", 60 * CHUNK)
    lab.start(lab.watched(limit=Limit(bytes_per_s=10 * CHUNK)))

    def has_begun(event: Event) -> bool:
        return isinstance(event, FileEvent) and event.path == "big.dat" and (event.chunks_done or 0) > 5

    lab.heard.wait(has_begun)
    lab.stop()
    assert lab.states()["big.dat"] is FileState.SENDING
    lab.make_topic_anew()
    lab.start(lab.watched())
    lab.heard.wait_task("is not the one it was")
    lab.decide("skip")
    lab.heard.wait_file("big.dat", FileState.SENT)
    eventually(lambda: kafka.message_count(lab.topic) == 60, timeout_s=10, what="every part is on the new topic")
    assert lab.states() == {"a.dat": FileState.SENT, "big.dat": FileState.SENT}


def test_a_topic_that_gets_more_partitions_is_used_as_it_is(
    lab: Lab, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    from confluent_kafka.admin import NewPartitions

    monkeypatch.setattr(link, "LOOK_AGAIN_S", 0.3)
    lab.write("before.dat")
    lab.start(lab.watched())
    lab.heard.wait_file("before.dat", FileState.SENT)
    kafka.admin().create_partitions([NewPartitions(lab.topic, 8)])[lab.topic].result(30)
    time.sleep(1.0)  # a look, and another one
    for number in range(20):
        lab.write(f"{number}.dat")
    for number in range(20):
        lab.heard.wait_file(f"{number}.dat", FileState.SENT)
    with closing(lab.journal()) as journal:
        used = {r[0] for r in journal.query("SELECT DISTINCT partition FROM outgoing")}
    assert max(used) > 1


def test_a_password_corrected_in_the_keyring_is_taken_by_all_tasks_without_a_restart(lab: Lab, kafka: Kafka) -> None:
    lab.config = kafka.client("SASL", "admin", mechanism="PLAIN")
    lab.secret, right = "wrong", str(lab.config.pop("sasl.password"))
    target = lab.place / "in"
    target.mkdir()
    download = Download(name="here", topics=(lab.topic,), connection="lab", target=target)
    lab.write("a.dat")
    lab.start(lab.watched(), download)
    for name in ("XRD", "here"):

        def is_refused(event: Event, name: str = name) -> bool:
            return isinstance(event, TaskEvent) and event.task == name and "password is wrong" in event.title

        lab.heard.wait(is_refused)
    lab.secret = right
    with closing(lab.journal()) as journal:
        control.ask(journal, "retry")  # by itself it tries every 30 s
    lab.heard.wait_file("a.dat", FileState.SENT)
    lab.heard.wait_file("a.dat", FileState.DELIVERED)


def test_a_lost_journal_is_answered_by_trust(lab: Lab, kafka: Kafka) -> None:
    lab.write("a.dat")
    lab.start(lab.watched())
    lab.heard.wait_file("a.dat", FileState.SENT)
    lab.stop()
    for file in (lab.place / "data").glob("journal.db*"):
        file.unlink()
    lab.start(lab.watched())
    lab.heard.wait_task("journal is lost")
    lab.write("b.dat")  # nobody can have sent it before
    lab.decide("skip")
    lab.heard.wait_file("b.dat", FileState.SENT)
    assert kafka.message_count(lab.topic) == 2
    assert lab.states() == {"a.dat": FileState.IGNORED, "b.dat": FileState.SENT}


def test_overlapping_folders_never_have_two_versions_of_a_path_in_flight(lab: Lab) -> None:
    below = lab.folder / "sub"
    below.mkdir()
    (below / "a.dat").write_bytes(bytes(40 * CHUNK))
    slow = Limit(bytes_per_s=20 * CHUNK)
    inner = WatchedFolder(
        name="inner", path=below, topic=lab.topic, connection="lab", subfolder="sub", chunk_size=CHUNK, limit=slow,
        settle=Settle(quiet_s=0.2),
    )  # fmt: skip
    lab.start(lab.watched(limit=slow), inner)
    for name in ("XRD", "inner"):

        def is_sent(event: Event, name: str = name) -> bool:
            return isinstance(event, FileEvent) and event.task == name and event.state is FileState.SENT

        lab.heard.wait(is_sent)
    moments = [(e.task, e.state) for e in lab.heard.events if isinstance(e, FileEvent) and e.path == "sub/a.dat"]
    first = next(task for task, state in moments if state is FileState.SENDING)
    until_sent = moments[: moments.index((first, FileState.SENT))]
    assert {task for task, state in until_sent if state is FileState.SENDING} == {first}


def test_stop_is_in_time_when_the_broker_is_frozen(tmp_path: Path, private_kafka: Kafka) -> None:
    lab = Lab(tmp_path, private_kafka)
    target = tmp_path / "in"
    target.mkdir()
    lab.write("a.dat")
    lab.start(lab.watched(), Download(name="here", topics=(lab.topic,), connection="lab", target=target))
    lab.heard.wait_file("a.dat", FileState.DELIVERED)
    private_kafka.freeze()
    lab.write("late.dat", 300 * CHUNK)
    lab.heard.wait_file("late.dat", FileState.SENDING)
    try:
        assert lab.stop() < 3.0
        with closing(lab.journal()) as journal:
            assert {t.state.value for t in journal.tasks()} == {"stopped"}
        lab.start(lab.watched(), Download(name="here", topics=(lab.topic,), connection="lab", target=target))
        lab.heard.wait(lambda e: isinstance(e, TaskEvent) and e.state is TaskState.RUNNING)
        assert lab.stop() < 3.0, "also when there never was contact"
    finally:
        private_kafka.thaw()
