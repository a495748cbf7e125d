"""The engine: tasks of some settings run together, and do what they are told without getting in each other's way."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from servers.parts import eventually
from servers.systems import Needs, not_on_windows
from streaming.listening import Listener

from openmsi_desktop.core.errors import NeedsYou, RetryableError, SettingsError
from openmsi_desktop.core.events import Emit, FileEvent, FileState, ReadyEvent, TaskEvent, TaskState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.lock import Lock
from openmsi_desktop.core.task_health import TaskHealth
from openmsi_desktop.settings import Bucket, Connection, Download, Settings, Settle, WatchedFolder
from openmsi_desktop.settings_form import remade
from openmsi_desktop.streaming import control
from openmsi_desktop.streaming.crew import StreamingService, Work
from openmsi_desktop.streaming.engine import Engine
from openmsi_desktop.streaming.kafka.broker import EmbeddedBroker
from openmsi_desktop.streaming.keys import Task, task_key
from openmsi_desktop.streaming.profile import InUse

NOWHERE = "127.0.0.1:1"


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as running:
        yield running


class Scripted:
    """A service that does what a test wants instead of streaming."""

    def __init__(self, task: Task, key: str) -> None:
        self.name, self.key = task.title, key
        self.kind = "watch" if isinstance(task, WatchedFolder) else "download"
        self.asked: list[tuple[str, str, str]] = []
        self.hangs = threading.Event()  # as long as it is set, stopping takes for ever
        self.error: Exception | None = None
        self.runs = 0

    def ask(self, kind: str, path: str = "", argument: str = "") -> None:
        self.asked.append((kind, path, argument))

    def idle_for(self) -> float:
        return 100.0

    def no_contact_for(self) -> float:
        return 0.0

    def health(self) -> TaskHealth:
        return TaskHealth()

    def run(self, stop: threading.Event, ready: Callable[[], None]) -> None:
        self.runs += 1
        if self.error is not None:
            raise self.error
        ready()
        stop.wait()
        while self.hangs.is_set():
            time.sleep(0.01)


class ScriptedEngine(Engine):
    """Every task is a Scripted; ``errors`` are what tasks of that name fail with."""

    errors: dict[str, Exception]

    def _service(self, work: Work, key: str, emit: Emit) -> StreamingService:
        service = Scripted(work.task, key)
        service.error = getattr(self, "errors", {}).get(work.task.title)
        return service

    def scripted(self, name: str) -> Scripted:
        (found,) = [s for s in self.services if s.name == name]
        assert isinstance(found, Scripted)
        return found


class Lab:
    """A data folder, folders beside it, and the engines that run with them."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.data = place / "data"
        self.heard = Listener()
        self.engines: list[Engine] = []
        self.clock = [1_800_000_000.0]

    def folder(self, name: str) -> Path:
        (self.place / name).mkdir(exist_ok=True)
        return self.place / name

    def watched(self, name: str, **more: Any) -> WatchedFolder:
        options: dict[str, Any] = {"topic": "t", "connection": "lab", "settle": Settle(quiet_s=0.2)} | more
        return WatchedFolder(name=name, path=options.pop("path", None) or self.folder(name), **options)

    def settings(self, *tasks: Task, bootstrap: str = NOWHERE, **connection: Any) -> Settings:
        return Settings(
            connections=(Connection(name="lab", kafka={"bootstrap.servers": bootstrap}, **connection),),
            watched_folders=tuple(t for t in tasks if isinstance(t, WatchedFolder)),
            downloads=tuple(t for t in tasks if isinstance(t, Download)),
        )

    def start(self, settings: Settings, kind: type[Engine] = Engine, **more: Any) -> Any:
        self.heard = Listener()
        options: dict[str, Any] = {"secret_of": lambda name: None, "now": lambda: self.clock[0]} | more
        errors = options.pop("errors", {})
        engine = kind(settings, data=self.data, emit=self.heard, **options)
        engine.errors = errors  # type: ignore[attr-defined]
        self.engines.append(engine)
        engine.start()
        return engine

    def scripted(self, *names: str, **more: Any) -> ScriptedEngine:
        tasks = [self.watched(name) for name in names]
        engine: ScriptedEngine = self.start(self.settings(*tasks), ScriptedEngine, **more)
        return engine

    def ask(self, kind: str, *, task: str = "", path: str = "", argument: str = "") -> str:
        with closing(self.journal()) as journal:
            began = time.monotonic()
            answer = control.ask(journal, kind, task=task, path=path, argument=argument)
            assert answer is not None and time.monotonic() - began < 1.0, "a request is served within a second"
            return answer

    def journal(self) -> Journal:
        return Journal(self.data / "journal.db")

    def states(self) -> dict[str, str]:
        with closing(self.journal()) as journal:
            return {t.name: t.state.value for t in journal.tasks()}

    def wait_state(self, **wanted: str) -> None:
        def look() -> bool:
            found = self.states()
            return all(found.get(name) == state for name, state in wanted.items())

        eventually(look, timeout_s=15, what=f"{wanted}, but the journal says {self.states()}")

    def ready(self, name: str, *, since: int = 0) -> None:
        self.heard.wait(lambda e: isinstance(e, ReadyEvent) and e.task == name, since=since)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path)
    yield made
    for engine in made.engines:
        engine.stop()


def test_what_a_removed_task_has_left_on_the_disk_goes_without_another_that_sends(lab: Lab) -> None:
    copies = lab.data / "copies"
    copies.mkdir(parents=True)
    for name, age_s in (("of a removed task", 3600.0), ("fresh", 0.0)):
        (copies / name).write_bytes(b"a version")
        os.utime(copies / name, (time.time() - age_s, time.time() - age_s))
    lab.scripted("a")
    eventually(lambda: [file.name for file in copies.iterdir()] == ["fresh"], timeout_s=5, what="the old copy is gone")


# -- together


def test_two_folders_and_a_download_run_together(lab: Lab, broker: EmbeddedBroker) -> None:
    broker.create("xrd", 2)
    broker.create("sem", 2)
    target = lab.folder("received")
    tasks: list[Task] = [
        lab.watched("XRD", topic="xrd"),
        lab.watched("SEM", topic="sem", subfolder="sem"),
        Download(name="here", topics=("xrd", "sem"), connection="lab", target=target),
    ]
    (lab.folder("XRD") / "a.dat").write_bytes(b"a")
    (lab.folder("SEM") / "b.dat").write_bytes(b"b")
    engine = lab.start(lab.settings(*tasks, bootstrap=broker.bootstrap))
    lab.heard.wait_file("a.dat", FileState.DELIVERED)
    lab.heard.wait_file("sem/b.dat", FileState.DELIVERED)
    assert (target / "a.dat").read_bytes() + (target / "sem" / "b.dat").read_bytes() == b"ab"
    lab.wait_state(XRD="running", SEM="running", here="running")
    began = time.monotonic()
    engine.stop()
    assert time.monotonic() - began < 3.0
    assert set(lab.states().values()) == {"stopped"}
    threads = [t.name for t in threading.enumerate() if t.name in ("XRD", "SEM", "here", "requests")]
    assert threads == []


def test_the_journal_knows_the_tasks_for_those_who_look_from_outside(lab: Lab) -> None:
    lab.scripted("XRD")
    lab.wait_state(XRD="running")
    with closing(lab.journal()) as journal:
        (task,) = journal.tasks()
        assert remade(WatchedFolder, journal.details(task.key)).path == lab.folder("XRD")
        assert task.kind == "watch" and task.ready_at is not None


def test_a_second_engine_with_the_same_data_is_refused_and_told_who_has_it(lab: Lab) -> None:
    lab.scripted("XRD")
    began = time.monotonic()
    with pytest.raises(InUse, match="process"):
        lab.scripted("SEM")
    assert time.monotonic() - began < 1.0
    lab.engines[0].stop()
    lab.scripted("SEM")


def test_a_task_that_fails_leaves_the_others_alone(lab: Lab) -> None:
    engine = lab.scripted("XRD", "SEM", "TEM", errors={"XRD": ZeroDivisionError(), "SEM": RetryableError("Busy")})
    lab.wait_state(XRD="failed", SEM="waiting", TEM="running")
    assert [type(e) for e in engine.failures().values()] == [ZeroDivisionError]
    assert not engine.is_over and engine.idle_for() == 0.0
    engine.stop()
    assert lab.states() == {"XRD": "failed", "SEM": "stopped", "TEM": "stopped"}
    assert [type(e) for e in engine.failures().values()] == [ZeroDivisionError]


def test_it_is_over_when_every_task_has_failed(lab: Lab) -> None:
    engine = lab.scripted("XRD", "SEM", errors={"XRD": SettingsError("Wrong"), "SEM": SettingsError("Wrong too")})
    eventually(lambda: engine.is_over, timeout_s=5, what="it is over")
    assert len(engine.failures()) == 2


# -- pauses


def test_a_paused_task_stops_and_goes_on_when_it_is_resumed(lab: Lab) -> None:
    engine = lab.scripted("XRD", "SEM")
    lab.wait_state(XRD="running", SEM="running")
    assert lab.ask("pause", task="XRD") == "Paused: XRD."
    lab.wait_state(XRD="stopped", SEM="running")
    assert not engine.is_over
    assert lab.ask("resume") == "Resumed: XRD, SEM."
    lab.wait_state(XRD="running", SEM="running")
    assert engine.scripted("SEM").runs == 1, "what ran was left alone"


def test_a_pause_survives_a_restart(lab: Lab) -> None:
    lab.scripted("XRD", "SEM")
    lab.wait_state(XRD="running")
    lab.ask("pause", task="XRD")
    lab.engines[0].stop()
    again = lab.scripted("XRD", "SEM")
    lab.wait_state(SEM="running", XRD="idle")
    assert again.scripted("XRD").runs == 0
    lab.ask("resume", task="XRD")
    lab.wait_state(XRD="running")


def test_a_timed_pause_ends_by_itself_also_after_a_restart(lab: Lab) -> None:
    engine = lab.scripted("XRD")
    lab.wait_state(XRD="running")
    assert "until" in lab.ask("pause", argument=str(lab.clock[0] + 3600))
    lab.wait_state(XRD="stopped")
    lab.clock[0] += 3601
    lab.wait_state(XRD="running")
    lab.ask("pause", argument=str(lab.clock[0] + 3600))
    engine.stop()
    again = lab.scripted("XRD")
    lab.ask("rescan")
    assert again.scripted("XRD").runs == 0
    lab.clock[0] += 3601
    lab.wait_state(XRD="running")
    with closing(lab.journal()) as journal:
        assert journal.tasks()[0].paused_until is None


def test_a_task_that_the_settings_pause_runs_only_when_resumed(lab: Lab) -> None:
    engine = lab.start(lab.settings(lab.watched("XRD", paused=True), lab.watched("SEM")), ScriptedEngine)
    lab.wait_state(SEM="running", XRD="idle")
    lab.ask("pause", task="XRD", argument=str(lab.clock[0] + 60))
    lab.clock[0] += 61
    lab.ask("rescan")
    assert engine.scripted("XRD").runs == 0, "the end of a pause does not overrule the settings"
    lab.ask("resume", task="XRD")
    lab.wait_state(XRD="running")


def test_a_task_that_takes_long_to_stop_holds_up_nobody_and_goes_on_when_resumed(lab: Lab) -> None:
    engine = lab.scripted("XRD", "SEM")
    lab.wait_state(XRD="running", SEM="running")
    slow = engine.scripted("XRD")
    slow.hangs.set()
    lab.ask("pause", task="XRD")
    lab.wait_state(XRD="stopping")
    lab.ask("resume", task="XRD")
    lab.ask("pause", task="SEM")
    lab.wait_state(SEM="stopped", XRD="stopping")
    slow.hangs.clear()
    lab.wait_state(XRD="running")
    assert slow.runs == 2


# -- requests


def test_requests_reach_the_services(lab: Lab) -> None:
    engine = lab.scripted("XRD", "SEM")
    lab.wait_state(XRD="running", SEM="running")
    xrd, sem = engine.scripted("XRD"), engine.scripted("SEM")
    assert lab.ask("rescan", task="XRD") == "Looking through the folders of XRD."
    assert lab.ask("retry") == "Trying again: XRD, SEM."
    folder = str(lab.folder("SEM"))
    assert lab.ask("decide", path=folder, argument="send") == f"There is no question about {folder}."
    assert lab.ask("decide", path="a.dat", argument="send") == "There is no question about a.dat."
    assert xrd.asked == [("rescan", "", ""), ("retry", "", "")]
    assert sem.asked == [("retry", "", ""), ("decide", str(lab.folder("SEM")), "send")]
    assert lab.ask("pause", task="TEM") == "There is no task called TEM."
    assert "does not know how to dance" in lab.ask("dance")
    assert "did not work" in lab.ask("pause", argument="tomorrow")
    assert lab.ask("retry") == "Trying again: XRD, SEM."


@not_on_windows(Needs.NAMES)
def test_a_request_about_a_file_reaches_its_task_only(lab: Lab, broker: EmbeddedBroker) -> None:
    for name in ("A", "B"):
        (lab.folder(name) / f"{name}\\.dat").write_bytes(b"1")  # readers would refuse such a name
    broker.create("asked", 1)
    tasks = [lab.watched(n, topic="asked", subfolder=n.lower()) for n in ("A", "B")]
    lab.start(lab.settings(*tasks, bootstrap=broker.bootstrap))
    lab.heard.wait_file("a/A\\.dat", FileState.PROBLEM)
    lab.heard.wait_file("b/B\\.dat", FileState.PROBLEM)
    assert lab.ask("retry", path="a/A\\.dat") == "Passed on to A."
    assert lab.ask("ignore", path=str(lab.folder("B") / "B\\.dat")) == "Passed on to B."
    lab.heard.wait_file("b/B\\.dat", FileState.IGNORED)
    assert lab.ask("ignore", path="b/B\\.dat").startswith("There is no problem")
    assert lab.ask("retry", path="nonsense") == "No task knows nonsense yet."
    with closing(lab.journal()) as journal:
        assert [p.path for p in journal.problems()] == ["a/A\\.dat"]


@not_on_windows(Needs.NAMES)
def test_names_that_are_not_unicode_are_in_nobodys_way(lab: Lab, broker: EmbeddedBroker) -> None:
    broker.create("names", 1)
    folder = lab.folder("bad\udcff")
    (folder / "a.dat").write_bytes(b"1")
    (folder / "b\udcfe.dat").write_bytes(b"1")
    lab.start(lab.settings(lab.watched("", path=folder, topic="names"), bootstrap=broker.bootstrap))
    lab.heard.wait_file("a.dat", FileState.SENT)
    lab.heard.wait_file("b\udcfe.dat", FileState.PROBLEM)
    lab.wait_state(**{"bad\\udcff": "running"})
    assert lab.ask("rescan", task="bad\udcff").startswith("Looking")
    assert lab.ask("retry", path=str(folder / "b\udcfe.dat")).startswith("Passed on")
    assert lab.ask("retry", path="c\udcfe.dat") == "No task knows c\\udcfe.dat yet."
    with closing(lab.journal()) as journal:
        (task,) = journal.tasks()
        assert remade(WatchedFolder, journal.details(task.key)).path == folder


def test_a_request_that_was_left_while_nothing_ran_is_served(lab: Lab) -> None:
    lab.scripted("XRD").stop()
    with closing(lab.journal()) as journal:
        number = journal.ask("pause", task="XRD")
        lab.scripted("XRD")
        eventually(lambda: journal.answer_of(number) is not None, timeout_s=5, what="an answer")
    lab.wait_state(XRD="stopped")


def test_a_task_that_waits_or_has_failed_tries_again_at_once_when_told_to(lab: Lab) -> None:
    errors: dict[str, Exception] = {"XRD": RetryableError("Busy"), "SEM": SettingsError("Wrong")}
    engine = lab.scripted("XRD", "SEM", errors=errors)
    lab.wait_state(XRD="waiting", SEM="failed")
    for name in ("XRD", "SEM"):
        engine.scripted(name).error = None
    lab.ask("retry")
    lab.wait_state(XRD="running", SEM="running")


# -- reload


def test_a_reload_touches_only_what_changed(lab: Lab) -> None:
    before = [lab.watched(n) for n in ("kept", "changed", "gone")]
    engine = lab.start(lab.settings(*before), ScriptedEngine)
    lab.wait_state(kept="running", changed="running", gone="running")
    kept, changed = engine.scripted("kept"), engine.scripted("changed")
    after = [before[0], before[1].model_copy(update={"include": ("*.dat",)}), lab.watched("new")]
    assert engine.reload(lab.settings(*after)) == "1 started, 1 changed, 1 ended, 1 as before."
    lab.wait_state(kept="running", changed="running", gone="stopped", new="running")
    assert engine.scripted("kept") is kept and kept.runs == 1
    assert engine.scripted("changed") is not changed
    assert {s.name for s in engine.services} == {"kept", "changed", "new"}


def test_a_reload_with_another_connection_touches_its_own_tasks_only(lab: Lab) -> None:
    def settings(second: str) -> Settings:
        tasks = (lab.watched("A"), lab.watched("B", connection="other"))
        made = lab.settings(*tasks)
        other = Connection(name="other", kafka={"bootstrap.servers": second})
        return made.model_copy(update={"connections": (*made.connections, other)})

    engine = lab.start(settings("127.0.0.1:2"), ScriptedEngine)
    lab.wait_state(A="running", B="running")
    assert engine.reload(settings("127.0.0.1:3")) == "1 changed, 1 as before."
    assert engine.reload(settings("127.0.0.1:3")) == "2 as before."
    assert engine.scripted("A").runs == 1


def test_a_changed_task_waits_for_its_predecessor_to_end(lab: Lab) -> None:
    before = lab.watched("XRD")
    engine = lab.start(lab.settings(before), ScriptedEngine)
    lab.wait_state(XRD="running")
    old = engine.scripted("XRD")
    old.hangs.set()
    engine.reload(lab.settings(before.model_copy(update={"include": ("*.dat",)})))
    new = engine.scripted("XRD")
    lab.wait_state(XRD="stopping")
    lab.ask("rescan")
    assert new.runs == 0 and not engine.is_over
    old.hangs.clear()
    lab.wait_state(XRD="running")
    assert new.runs == 1


def test_wrong_settings_are_refused_and_the_old_ones_go_on(lab: Lab) -> None:
    answers: list[Settings | Exception] = [SettingsError("x.toml:3: unknown key")]

    def read() -> Settings:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    engine = lab.scripted("XRD", read_settings=read)
    lab.wait_state(XRD="running")
    said = lab.ask("reload")
    assert "not taken over" in said and "x.toml:3: unknown key" in said
    twins = [lab.watched("one", path=lab.folder("XRD")), lab.watched("two", path=lab.folder("XRD"))]
    answers.append(lab.settings(*twins))
    assert "the same work" in lab.ask("reload")
    assert engine.scripted("XRD").runs == 1 and lab.states() == {"XRD": "running"}
    answers.append(lab.settings(lab.watched("SEM")))
    assert lab.ask("reload") == "Settings read again: 1 started, 1 ended, 0 as before."
    lab.wait_state(XRD="stopped", SEM="running")


def test_files_that_wait_for_a_task_which_is_another_one_now_are_told_of(lab: Lab) -> None:
    """Its first bucket was taken out, or renamed: the next one does not know what the one before has received."""

    def settings(*sinks: str) -> Settings:
        task = Download(topics=("t",), connection="lab", sinks=sinks)
        buckets = tuple(Bucket(name=name, bucket=f"lab-{name}") for name in ("near", "far", "new"))
        return lab.settings(task).model_copy(update={"buckets": buckets})

    def problems() -> list[str]:
        with closing(lab.journal()) as journal:
            return [f"{problem.title}: {problem.advice}" for problem in journal.problems()]

    engine = lab.start(settings("near", "far"), ScriptedEngine, read_settings=lambda: settings("far"))
    assert problems() == []
    with closing(lab.journal()) as journal, journal.transaction() as db:
        db.execute("INSERT INTO sources (task, topic, stream) VALUES (?, 't', 's')", (engine.services[0].key,))
        db.execute(
            """INSERT INTO incoming (source, path, installation, version, repeat, sha512, chunks_total, chunk_size, stage, state,
            chunks_done, size, reached, spool, began_at, updated_at)
            SELECT id, 'a.xy', '', 0, 0, x'00', 1, 1, 2, 'received', 1, 5000, '', 's', 0, 0 FROM sources"""
        )
    lab.ask("reload")
    (told,) = problems()
    assert told.startswith("Received files wait for a task that is no longer in the settings: ")
    assert '"near" as its first destination (1, 5 kB)' in told
    engine.reload(settings("new", "far"))
    assert problems() == [told, told], "each of those that might be meant"
    engine.reload(settings("near", "far"))
    assert [text for text in problems() if text != told] == []
    with closing(lab.journal()) as journal:
        journal.execute("UPDATE incoming SET stage = 3")
    engine.reload(settings("far"))
    engine.reload(settings("new"))
    assert problems() == []


def test_tasks_from_options_have_nothing_to_read_again(lab: Lab) -> None:
    lab.scripted("XRD")
    assert "come from the command line" in lab.ask("reload")


def test_two_tasks_with_the_same_work_are_refused_before_anything_starts(lab: Lab) -> None:
    target = lab.folder("in")
    tasks = [Download(name=n, topics=(n,), connection="lab", target=target) for n in ("a", "b")]
    with pytest.raises(SettingsError, match='"a" and "b" have the same work'):
        lab.start(lab.settings(*tasks), ScriptedEngine)
    assert not lab.data.exists()
    sinks = [Download(name=n, topics=(n,), connection="lab", sinks=("bucket",)) for n in ("a", "b")]
    assert task_key(sinks[0]) != task_key(sinks[1])


def test_many_who_ask_at_once_never_block_each_other(lab: Lab) -> None:
    tasks = [lab.watched(n) for n in ("A", "B", "C")]
    engine = lab.start(lab.settings(*tasks), ScriptedEngine)
    lab.wait_state(A="running", B="running", C="running")
    failures: list[BaseException] = []
    end = time.monotonic() + 2.0

    def hammer(number: int) -> None:
        try:
            with closing(lab.journal()) as journal:
                while time.monotonic() < end:
                    if number == 0:
                        engine.reload(lab.settings(*tasks[: 2 + int(time.monotonic() * 10) % 2]))
                    elif number == 1:
                        journal.ask(("pause", "resume")[int(time.monotonic() * 10) % 2], task="A")
                    else:
                        assert engine.idle_for() >= 0 and len(engine.states) >= 2
                        assert engine.failures() == {} and not engine.is_over
                    time.sleep(0.01)
        except BaseException as error:  # noqa: BLE001 - for the test to look at
            failures.append(error)

    hammers = [threading.Thread(target=hammer, args=[number]) for number in range(4)]
    for thread in hammers:
        thread.start()
    for thread in hammers:
        thread.join(20)
    assert not failures and not any(t.is_alive() for t in hammers)
    engine.reload(lab.settings(*tasks))
    eventually(lambda: not open_requests(lab), timeout_s=10, what="everything is answered")
    lab.ask("resume")
    lab.wait_state(A="running", B="running", C="running")


def open_requests(lab: Lab) -> int:
    with closing(lab.journal()) as journal:
        return len(journal.open_requests())


# -- the end


def test_stop_does_not_wait_for_ever_and_keeps_the_data_folder_until_the_last_has_left(lab: Lab) -> None:
    engine = lab.scripted("XRD", "SEM")
    lab.wait_state(XRD="running", SEM="running")
    slow = engine.scripted("XRD")
    slow.hangs.set()
    began = time.monotonic()
    engine.stop(timeout_s=0.8)
    assert time.monotonic() - began < 1.2
    assert lab.states() == {"XRD": "stopping", "SEM": "stopped"}
    lock = Lock(lab.data / "profile.lock")
    assert not lock.is_free(), "something still works with it"
    slow.hangs.clear()
    eventually(lock.is_free, timeout_s=5, what="the data folder is free")


def test_stop_is_in_time_when_the_broker_is_dead(lab: Lab, broker: EmbeddedBroker) -> None:
    with EmbeddedBroker() as mortal:
        mortal.create("t", 2)
        for number in range(20):
            (lab.folder("XRD") / f"{number}.dat").write_bytes(bytes(100_000))
        down = Download(name="here", topics=("t",), connection="lab", target=lab.folder("in"))
        engine = lab.start(lab.settings(lab.watched("XRD"), down, bootstrap=mortal.bootstrap))
        lab.ready("here")
        lab.heard.wait(lambda e: isinstance(e, FileEvent) and e.state is FileState.SENT)
        mortal.down(1)
        (lab.folder("XRD") / "late.dat").write_bytes(bytes(3_000_000))
        lab.heard.wait_file("late.dat", FileState.SENDING)
        began = time.monotonic()
        engine.stop()
        assert time.monotonic() - began < 3.0
        assert set(lab.states().values()) == {"stopped"}


def test_stop_is_in_time_when_nobody_ever_answered(lab: Lab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes connections, and says nothing
        bootstrap = f"127.0.0.1:{mute.getsockname()[1]}"
        config: dict[str, Any] = {
            "bootstrap.servers": bootstrap,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "PLAIN",
            "sasl.username": "anna",
        }
        down = Download(name="here", topics=("t",), connection="lab", target=lab.folder("in"))
        settings = lab.settings(lab.watched("XRD"), down)
        connection = Connection(name="lab", kafka=config, credential="lab")
        engine = lab.start(settings.model_copy(update={"connections": (connection,)}), secret_of=lambda name: "x")
        lab.ready("XRD")
        lab.wait_state(here="starting")
        began = time.monotonic()
        engine.stop()
        assert time.monotonic() - began < 3.0
        assert set(lab.states().values()) == {"stopped"}


def test_a_journal_that_is_busy_does_not_hold_up_the_end(lab: Lab) -> None:
    engine = lab.scripted("XRD")
    lab.wait_state(XRD="running")
    with closing(lab.journal()) as other, other.transaction():
        other.set_meta("somebody", "writes for long")
        began = time.monotonic()
        assert engine.idle_for() >= 0 and not engine.is_over
        engine.stop(timeout_s=1.0)
        assert time.monotonic() - began < 1.5


def test_idle_counts_from_when_every_task_runs(lab: Lab) -> None:
    engine = lab.scripted("XRD")
    lab.wait_state(XRD="running")
    eventually(lambda: engine.idle_for() >= 100.0, timeout_s=5, what="it is idle")
    lab.ask("pause")
    eventually(lambda: engine.idle_for() == float("inf"), timeout_s=5, what="nothing runs")


# -- rules of the data folder


@pytest.mark.parametrize("how", ["inside", pytest.param("through a link", marks=not_on_windows(Needs.LINKS))])
def test_a_data_folder_inside_a_watched_folder_is_refused(lab: Lab, how: str) -> None:
    inside = lab.folder("XRD")
    lab.data = inside / "state"
    watched = inside
    if how != "inside":
        watched = lab.place / "link"
        watched.symlink_to(inside)
    engine = lab.start(lab.settings(lab.watched("XRD", path=watched)))
    failed = lab.heard.wait(lambda e: isinstance(e, TaskEvent) and e.state is TaskState.FAILED)
    assert isinstance(failed, TaskEvent) and "lies inside the watched folder" in failed.title
    eventually(lambda: engine.is_over, timeout_s=5, what="it is over")


def test_a_network_drive_is_refused_for_data(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    from openmsi_desktop.streaming import profile
    from openmsi_desktop.streaming.watching.mounts import Mount

    monkeypatch.setattr(profile, "mount_of", lambda path: Mount("/srv", "cifs", "//server/srv"))
    with pytest.raises(NeedsYou, match="network drive"):
        lab.scripted("XRD")


def test_an_engine_loads_only_what_its_tasks_need() -> None:
    """Loading all takes longer than many a download."""
    code = """
import sys
import openmsi_desktop.streaming.engine, openmsi_desktop.streaming.receiving.consumer
heavy = "sending.sender", "sending.oneoff", "watching.watcher", "pathspec", "watchdog"
print(*(name for name in sys.modules if name.endswith(heavy)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
