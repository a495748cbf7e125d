"""A watched folder: everything that appears is sent, or has a reason."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from servers.parts import eventually
from servers.systems import Needs, not_on_windows
from streaming.listening import Listener

from openmsi_desktop.core import chunker
from openmsi_desktop.core.errors import RetryableError
from openmsi_desktop.core.events import Event, FileEvent, FileState, ProblemEvent, TaskEvent, TaskState
from openmsi_desktop.core.outgoing import OutgoingFiles
from openmsi_desktop.settings import Limit, Settle, WatchedFolder
from openmsi_desktop.streaming.kafka.broker import KafkaBroker, TopicInfo
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending.planner import Job
from openmsi_desktop.streaming.sending.producer import FolderProducer
from openmsi_desktop.streaming.sending.sender import Sender
from openmsi_desktop.streaming.supervisor import ServiceThread


class Instrument:
    """A folder that fills, and the service that watches it."""

    def __init__(self, config: dict[str, Any], topic: str, place: Path) -> None:
        self.config, self.topic = config, topic
        self.folder = place / "xrd"
        self.folder.mkdir()
        self.profile = Profile(place / "data")
        self.profile.prepare()
        self.heard = Listener()
        self.running: ServiceThread | None = None
        self.lost: str | None = None
        self.lost_at: float | None = None

    def write(self, name: str, data: bytes = b"x", *, old: bool = False) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return file

    def let_time_pass(self, file: Path) -> None:
        """So much that the file is older than what comes now, for the coarse clock of file systems too."""
        eventually(lambda: time.time() > file.stat().st_ctime + 0.1, timeout_s=5, what="some time passes")

    def start(self, *, ready: bool = True, config: dict[str, Any] | None = None, **options: Any) -> FolderProducer:
        """Watch with a quiet time of a fifth of a second unless told otherwise."""
        self.heard = Listener()
        more: dict[str, Any] = {"settle": Settle(quiet_s=0.2), "connection": "lab", **options}
        service = FolderProducer(
            WatchedFolder(name="XRD", path=self.folder, topic=more.pop("topic", self.topic), **more),
            KafkaBroker(config or self.config),
            self.profile,
            self.heard,
            key="watch:1",
            journal_lost_at=self.lost_at,
            if_journal_lost=self.lost,
        )
        self.running = ServiceThread(service, self._record)
        self.running.start()
        if ready:
            self.heard.wait_ready()
        return service

    def _record(self, event: Event) -> None:
        """What the engine does: the journal knows the task and that it was ready."""
        journal = self.profile.open_journal()
        if isinstance(event, TaskEvent):
            journal.set_task("watch:1", kind="watch", name="XRD", state=event.state)
            if event.state is TaskState.RUNNING:
                journal.set_ready("watch:1")
        journal.close()
        self.heard(event)

    def stop(self) -> None:
        if self.running is not None:
            self.running.stop()
            assert self.running.join(10), "the service did not stop"
            assert self.running.error is None
            self.running = None

    def rows(self) -> dict[str, tuple[FileState, str]]:
        journal = self.profile.open_journal()
        files = OutgoingFiles(journal, "watch:1", self.topic).in_states(FileState)
        journal.close()
        return {r.path: (r.state, r.reason) for r in files}

    def versions(self, path: str) -> tuple[int, int]:
        """(number of the last Sent version, how many were replaced by later ones)"""
        journal = self.profile.open_journal()
        row = OutgoingFiles(journal, "watch:1", self.topic).known([path])[path]
        before = journal.query("SELECT count(*) FROM replaced WHERE outgoing_id = ?", row.id)[0][0]
        journal.close()
        return row.sent_version or 0, before


@pytest.fixture
def instrument(broker_config: dict[str, Any], create_topic: Callable[..., str], tmp_path: Path) -> Iterator[Instrument]:
    made = Instrument(broker_config, create_topic(partitions=2), tmp_path)
    yield made
    made.stop()
    made.profile.disown()


def test_files_that_are_there_and_files_that_come_are_sent(instrument: Instrument) -> None:
    instrument.write("old.dat")
    instrument.start(subfolder="pc7", check=True)
    instrument.heard.wait_file("pc7/old.dat", FileState.CHECKED)
    instrument.write("run 1/analog_ch1.csv", b"new")
    instrument.heard.wait_file("pc7/run 1/analog_ch1.csv", FileState.CHECKED)
    assert instrument.heard.states("pc7/run 1/analog_ch1.csv") == [
        FileState.FOUND, FileState.WAITING, FileState.SENDING, FileState.SENT, FileState.CHECKED,
    ]  # fmt: skip


def test_what_was_sent_without_a_check_is_checked_later(
    instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openmsi_desktop.streaming.sending.producer._CHECKS_AT_ONCE", 2)
    names = [f"{n}.dat" for n in range(5)]
    for name in names:
        instrument.write(name)
    instrument.start()
    for name in names:
        instrument.heard.wait_file(name, FileState.SENT)
    instrument.stop()
    instrument.start(check=True)
    for name in names:
        instrument.heard.wait_file(name, FileState.CHECKED)
    assert {state for state, _ in instrument.rows().values()} == {FileState.CHECKED}


def test_a_file_that_is_ignored_knows_its_rule(instrument: Instrument) -> None:
    instrument.write("a.tmp")
    instrument.write("b.dat")
    instrument.start(exclude=("b*",))
    instrument.write("c.dat")
    instrument.heard.wait_file("c.dat", FileState.SENT)
    rows = instrument.rows()
    assert rows["a.tmp"][0] is FileState.IGNORED and "*.tmp" in rows["a.tmp"][1]
    assert rows["b.dat"][0] is FileState.IGNORED and "b*" in rows["b.dat"][1]


def test_what_happened_while_it_was_off_is_found(instrument: Instrument) -> None:
    instrument.write("same.dat", b"1")
    instrument.write("changed.dat", b"1")
    instrument.start()
    for name in ("same.dat", "changed.dat"):
        instrument.heard.wait_file(name, FileState.SENT)
    instrument.stop()
    version, _ = instrument.versions("same.dat")
    instrument.write("changed.dat", b"two")
    instrument.write("new.dat")
    instrument.start()
    instrument.heard.wait_file("changed.dat", FileState.SENT)
    instrument.heard.wait_file("new.dat", FileState.SENT)
    assert instrument.heard.states("same.dat") == []
    assert instrument.versions("same.dat") == (version, 0)
    assert instrument.versions("changed.dat")[1] == 1
    (replaced,) = [e for e in instrument.heard.events if isinstance(e, FileEvent) and e.state is FileState.REPLACED]
    assert (replaced.path, replaced.size) == ("changed.dat", 1)


def test_only_new_files_when_a_person_wants_that(instrument: Instrument) -> None:
    instrument.let_time_pass(instrument.write("old.dat"))
    instrument.start(existing="skip")
    instrument.write("new.dat")
    instrument.heard.wait_file("new.dat", FileState.SENT)
    assert instrument.rows()["old.dat"] == (FileState.IGNORED, "it was there before the watching began")
    instrument.stop()
    instrument.write("while_off.dat")
    instrument.start(existing="skip")
    instrument.heard.wait_file("while_off.dat", FileState.SENT)
    instrument.write("old.dat", b"changed since")
    instrument.heard.wait_file("old.dat", FileState.SENT)


def test_an_edited_file_is_sent_again_and_a_touched_one_is_not(instrument: Instrument) -> None:
    file = instrument.write("a.dat", b"one")
    instrument.start()
    instrument.heard.wait_file("a.dat", FileState.SENT)
    first = instrument.versions("a.dat")
    said = len(instrument.heard.events)
    os.utime(file, (1_000_000_000, 1_000_000_000))
    instrument.heard.wait_file("a.dat", FileState.SENT, since=said)
    assert instrument.versions("a.dat") == first
    said = len(instrument.heard.events)
    file.write_bytes(b"two")
    changed = instrument.heard.wait_file("a.dat", FileState.CHANGED, since=said)
    assert changed.reason
    instrument.heard.wait_file("a.dat", FileState.SENT, since=said)
    assert instrument.versions("a.dat")[1] == 1


def test_a_growing_log_that_had_to_wait_is_sent_as_far_as_it_had_come(
    instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, topic_info = threading.Event(), KafkaBroker.topic_info

    def late(broker: KafkaBroker, topic: str, timeout_s: float, *, with_newest: bool = False) -> TopicInfo:
        assert answer.wait(30)
        return topic_info(broker, topic, timeout_s, with_newest=with_newest)

    taken, take_on = list[Job](), Sender.take_on

    def note(sender: Sender, jobs: Iterable[Job]) -> None:
        given = list(jobs)
        taken.extend(given)
        take_on(sender, given)

    monkeypatch.setattr(KafkaBroker, "topic_info", late)
    monkeypatch.setattr(Sender, "take_on", note)
    instrument.write("run.log", b"one line\n")
    instrument.start(settle=Settle(quiet_s=0.1, unit="growing", every_s=0.5))
    eventually(lambda: "turn" in instrument.rows().get("run.log", ("", ""))[1], timeout_s=30, what="it is put aside")
    answer.set()
    instrument.heard.wait_file("run.log", FileState.SENT)
    assert [(job.path, job.prefix) for job in taken] == [("run.log", 9)]


def test_a_growing_log_is_sent_as_snapshots_and_said_to_have_changed(instrument: Instrument) -> None:
    file = instrument.write("run.log", b"line 1\n")
    instrument.start(settle=Settle(quiet_s=0.1, unit="growing", every_s=0.5))
    first = instrument.heard.wait_file("run.log", FileState.SENT)
    assert first.size == 7
    with file.open("ab") as log:
        log.write(b"line 2\n")
    since = instrument.heard.events.index(first) + 1
    assert instrument.heard.wait_file("run.log", FileState.SENT, since=since).size == 14


def test_a_marker_lets_its_file_go_and_is_not_sent_itself(instrument: Instrument) -> None:
    instrument.write("scan.dat")
    instrument.start(settle=Settle(quiet_s=0.1, marker="{name}.done"))
    instrument.heard.wait(
        lambda e: isinstance(e, FileEvent) and e.state is FileState.WAITING and "scan.dat.done" in (e.reason or "")
    )
    instrument.write("scan.dat.done")
    instrument.heard.wait_file("scan.dat", FileState.SENT)
    assert FileState.SENT not in instrument.heard.states("scan.dat.done")


def test_a_folder_that_is_not_there_waits_and_forgets_nothing(instrument: Instrument) -> None:
    instrument.write("a.dat")
    instrument.start()
    instrument.heard.wait_file("a.dat", FileState.SENT)
    aside = instrument.folder.with_name("aside")
    instrument.folder.rename(aside)
    waiting = instrument.heard.wait_task("is not there")
    assert "No file counts as deleted" in waiting.advice
    said = len(instrument.heard.events)
    (aside / "b.dat").write_bytes(b"2")
    aside.rename(instrument.folder)
    instrument.heard.wait_file("b.dat", FileState.SENT, since=said)
    assert instrument.rows()["a.dat"][0] is FileState.SENT


def test_another_folder_at_the_same_place_is_a_question(instrument: Instrument) -> None:
    instrument.write("a.dat")
    instrument.start()
    instrument.heard.wait_file("a.dat", FileState.SENT)
    instrument.stop()
    shutil.move(instrument.folder, instrument.folder.with_name("aside"))
    instrument.folder.mkdir()
    instrument.write("stranger.dat")
    service = instrument.start(ready=False)
    instrument.heard.wait_task("Another folder lies at")
    assert "stranger.dat" not in instrument.rows()
    service.ask("decide", str(instrument.folder), "send")
    instrument.heard.wait_file("stranger.dat", FileState.SENT)


def test_without_a_broker_files_wait_in_the_journal_and_go_when_it_is_there(instrument: Instrument) -> None:
    instrument.write("a.dat")
    nobody = {"bootstrap.servers": "127.0.0.1:1"}
    instrument.start(config=nobody)
    instrument.write("b.dat")
    instrument.heard.wait_file("b.dat", FileState.WAITING)
    instrument.heard.wait(lambda e: isinstance(e, TaskEvent) and e.state is TaskState.WAITING)
    instrument.stop()
    assert {path: state for path, (state, _) in instrument.rows().items()} == {
        "a.dat": FileState.WAITING,
        "b.dat": FileState.WAITING,
    }
    instrument.start()
    instrument.heard.wait_file("a.dat", FileState.SENT)
    instrument.heard.wait_file("b.dat", FileState.SENT)


def test_a_missing_topic_is_named_and_the_watching_goes_on(instrument: Instrument) -> None:
    instrument.start(topic="nowhere")
    waiting = instrument.heard.wait_task("nowhere")
    assert waiting.state is TaskState.WAITING
    assert waiting.advice


@not_on_windows(Needs.POSIX_CALLS)
def test_a_file_that_may_not_be_read_is_a_problem_and_the_others_go_on(instrument: Instrument) -> None:
    os.mkfifo(instrument.folder / "pipe.dat")
    (instrument.folder / "loop.dat").symlink_to("loop.dat")
    instrument.write("b.dat")
    instrument.start()
    instrument.heard.wait_file("b.dat", FileState.SENT)
    rows = instrument.rows()
    assert rows["pipe.dat"][0] in (FileState.IGNORED, FileState.PROBLEM) and rows["pipe.dat"][1]


@not_on_windows(Needs.NAMES)
def test_a_name_that_readers_refuse_is_a_problem_at_the_sender(instrument: Instrument) -> None:
    instrument.write("back\\slash.dat")
    instrument.write("good.dat")
    instrument.start()
    instrument.heard.wait_file("good.dat", FileState.SENT)
    state, reason = instrument.rows()["back\\slash.dat"]
    assert state is FileState.PROBLEM and "backslash" in reason


def test_two_watchers_of_one_folder_and_topic_are_refused(instrument: Instrument, tmp_path: Path) -> None:
    instrument.start()
    other = Profile(tmp_path / "other data")
    other.prepare()
    heard = Listener()
    second = ServiceThread(
        FolderProducer(
            WatchedFolder(path=instrument.folder, topic=instrument.topic, connection="lab"),
            KafkaBroker(instrument.config),
            other,
            heard,
            key="watch:1",
        ),
        heard,
    )
    second.start()
    heard.wait_task("already sent")
    second.stop()
    assert second.join(5)


def test_a_lost_journal_is_a_question_and_trust_sends_only_what_is_new(instrument: Instrument) -> None:
    file = instrument.write("a.dat")
    instrument.let_time_pass(file)
    instrument.lost_at = time.time()
    instrument.write("since.dat")
    instrument.start(ready=False)
    asked = instrument.heard.wait_task("journal is lost")
    assert "--if-journal-lost" in asked.advice
    assert instrument.rows() == {}
    instrument.stop()
    instrument.lost = "trust-existing"
    instrument.start()
    instrument.write("b.dat")
    instrument.heard.wait_file("b.dat", FileState.SENT)
    instrument.heard.wait_file("since.dat", FileState.SENT)
    assert instrument.rows()["a.dat"][0] is FileState.IGNORED


def test_what_a_person_decides_not_to_send_stays_here_until_it_changes(instrument: Instrument) -> None:
    file = instrument.write("a.dat")
    service = instrument.start(settle=Settle(quiet_s=600, marker="{name}.never"))
    instrument.heard.wait_file("a.dat", FileState.WAITING)
    service.ask("ignore", str(file))
    instrument.heard.wait_file("a.dat", FileState.IGNORED)
    instrument.stop()
    instrument.start()
    instrument.write("b.dat")
    instrument.heard.wait_file("b.dat", FileState.SENT)
    assert instrument.rows()["a.dat"][0] is FileState.IGNORED
    said = len(instrument.heard.events)
    file.write_bytes(b"changed since")
    instrument.heard.wait_file("a.dat", FileState.SENT, since=said)


def test_many_more_files_than_may_be_in_hand_all_arrive(
    instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openmsi_desktop.streaming.sending.producer.IN_HAND", 20)
    for number in range(150):
        instrument.write(f"{number}.dat", b"%d" % number)
    instrument.start(settle=Settle(quiet_s=0))
    for number in range(150):
        instrument.heard.wait_file(f"{number}.dat", FileState.SENT)
    assert {state for state, _ in instrument.rows().values()} == {FileState.SENT}


@not_on_windows(Needs.REMOVES_OPEN)
def test_a_file_that_is_deleted_while_it_is_sent_is_never_called_sent(instrument: Instrument) -> None:
    file = instrument.write("big.dat", os.urandom(1024) * (20 * 1024))
    instrument.start(limit=Limit(bytes_per_s=2_000_000))
    instrument.heard.wait_file("big.dat", FileState.SENDING)
    file.unlink()
    instrument.heard.wait(lambda e: isinstance(e, ProblemEvent) and "vanished" in e.title)
    state, reason = instrument.rows()["big.dat"]
    assert state is FileState.PROBLEM and "vanished" in reason
    assert FileState.SENT not in instrument.heard.states("big.dat")


def test_a_temporary_name_that_vanishes_is_no_problem(instrument: Instrument) -> None:
    instrument.start(settle=Settle(quiet_s=1))
    draft = instrument.write("draft.dat", b"text")
    instrument.heard.wait_file("draft.dat", FileState.WAITING)
    draft.rename(instrument.folder / "final.dat")
    instrument.heard.wait_file("final.dat", FileState.SENT)
    assert instrument.heard.wait_file("draft.dat", FileState.IGNORED).reason == "it vanished before it was finished"
    assert not [e for e in instrument.heard.events if isinstance(e, ProblemEvent)]


def test_an_interrupted_file_goes_on_although_it_was_found_before_there_was_contact(instrument: Instrument) -> None:
    instrument.write("big.dat", os.urandom(1024) * (20 * 1024))
    instrument.start(limit=Limit(bytes_per_s=8_000_000))
    instrument.heard.wait(lambda e: isinstance(e, FileEvent) and bool(e.chunks_done))
    instrument.stop()
    assert instrument.rows()["big.dat"][0] is FileState.SENDING
    instrument.start(ready=False)
    begun = instrument.heard.wait_file("big.dat", FileState.SENDING)
    assert begun.chunks_done, "it began anew"
    instrument.heard.wait_file("big.dat", FileState.SENT)


def test_a_version_begun_from_a_copy_is_finished_first_although_its_file_changed_while_there_was_no_broker(
    instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunker, "SMALL", 1000)
    options: dict[str, Any] = {"limit": Limit(bytes_per_s=1_000_000), "chunk_size": 16_384}
    versions = [os.urandom(2_000_000 + number) for number in range(3)]

    def is_begun(event: Event, number: int) -> bool:
        return isinstance(event, FileEvent) and event.size == len(versions[number]) and bool(event.chunks_done)

    instrument.write("big.dat", versions[0])
    instrument.start(**options)
    for number in (0, 1):
        instrument.heard.wait(lambda e, number=number: is_begun(e, number))  # type: ignore[misc]
        if number == 0:
            instrument.write("big.dat", versions[1])
    assert [file.stat().st_size for file in instrument.profile.copies.iterdir()] == [len(versions[1])]
    instrument.stop()
    instrument.write("big.dat", versions[2])
    instrument.start(config={"bootstrap.servers": "127.0.0.1:1"}, **options)
    instrument.stop()
    assert instrument.rows()["big.dat"][0] is FileState.SENDING
    instrument.start(**options)
    sent = [hashlib.sha512(version).hexdigest() for version in versions[1:]]
    for sha512 in sent:
        instrument.heard.wait(lambda e, sha512=sha512: isinstance(e, FileEvent) and e.sha512 == sha512)  # type: ignore[misc]
    told = [e.sha512 for e in instrument.heard.events if isinstance(e, FileEvent) and e.state is FileState.SENT]
    assert told == sent
    assert list(instrument.profile.copies.iterdir()) == []


def test_files_that_were_being_planned_when_the_journal_failed_are_sent_by_the_next_sender(
    instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([RetryableError("Cannot write the journal")])
    begin = OutgoingFiles.begin

    def fail_once(self: OutgoingFiles, *args: Any, **more: Any) -> Any:
        for error in failures:
            raise error
        return begin(self, *args, **more)

    monkeypatch.setattr(OutgoingFiles, "begin", fail_once)
    for number in range(5):
        instrument.write(f"{number}.dat", b"%d" % number)
    instrument.start()
    for number in range(5):
        instrument.heard.wait_file(f"{number}.dat", FileState.SENT)


def test_a_file_that_outgrows_the_rules_while_it_is_sent_is_not_called_sent(instrument: Instrument) -> None:
    file = instrument.write("big.dat", b"x" * 800_000)
    instrument.start(max_size=1_000_000, chunk_size=50_000, limit=Limit(bytes_per_s=200_000))
    instrument.heard.wait_file("big.dat", FileState.SENDING)
    with file.open("ab") as more:
        more.write(b"y" * 500_000)
    instrument.heard.wait_file("big.dat", FileState.IGNORED)
    state, reason = instrument.rows()["big.dat"]
    assert state is FileState.IGNORED and "1" in reason
    assert FileState.SENT not in instrument.heard.states("big.dat")
