"""Files are handed over once more because a person wants it: to whom, from where, and what is said if that cannot be."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from servers.chunks import chunks_of, content
from servers.memory_broker import MemoryBroker
from streaming.press import Press
from streaming.reading import KEY, Reader, until

from openmsi_desktop.core.errors import OpenMSIError, RetryableError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.handled import Handled
from openmsi_desktop.core.received import sinks_of
from openmsi_desktop.core.reprocessing import Wish
from openmsi_desktop.settings import Download
from openmsi_desktop.streaming import control
from openmsi_desktop.streaming.clerk import Clerk
from openmsi_desktop.streaming.receiving import delivery, patience
from openmsi_desktop.streaming.receiving.consumer import TopicConsumer
from openmsi_desktop.streaming.sinks import Delivered, Failed, Outcome, ReceivedFile


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "DELAYS_S", (0.01, 0.05))
    monkeypatch.setattr(delivery, "_LOOK_S", 0.05)


def _reader(tmp_path: Path, broker: MemoryBroker, *sinks: Press, **more: Any) -> Reader:
    return Reader(tmp_path, broker, sinks=list(sinks), **{"target": None, **more})


def _ask(service: TopicConsumer, **wish: Any) -> None:
    made = Wish(**wish)
    service.ask("reprocess", made.path, made.argument())


def _give_up(file: ReceivedFile) -> Outcome:
    return Failed(OpenMSIError("exit status 1"), is_final=True)


def test_one_sink_gets_a_delivered_file_again_and_the_others_do_not(tmp_path: Path, broker: MemoryBroker) -> None:
    one, other = Press("one"), Press("other")
    reader = _reader(tmp_path, broker, one, other, target=tmp_path / "target")
    for path in ("a", "b"):
        broker.put_chunks("t", chunks_of(path, content(500)))
    reader.read_all()
    with reader.journal() as journal:
        for sink in ("one", "other"):
            Handled(journal, KEY, sink).note("t", "a", sha512=b"x" * 64, number=1)
    with reader.running() as service:
        _ask(service, path="a", sink="one")
        until(lambda: [f.relative_path for f in one.seen].count("a") == 2)
        until(lambda: {row.state for row in reader.rows()} == {FileState.DELIVERED})
    assert [f.relative_path for f in other.seen].count("a") == 1
    assert [f.relative_path for f in one.seen].count("b") == 1
    assert reader.files == {"a": content(500), "b": content(500)}
    with reader.journal() as journal:
        assert Handled(journal, KEY, "one").last("t", "a") is None, "or it would pass it over as known"
        assert Handled(journal, KEY, "other").last("t", "a") is not None
        number = next(row.id for row in reader.rows(path="a"))
        assert {s.sink: s.state.value for s in sinks_of(journal, number)} == {
            "folder": "delivered",
            "one": "delivered",
            "other": "delivered",
        }


def test_everything_since_a_moment_goes_to_every_sink_but_the_folder(tmp_path: Path, broker: MemoryBroker) -> None:
    press = Press()
    clock = [1_700_000_000.0]
    reader = _reader(tmp_path, broker, press, target=tmp_path / "target", now=lambda: clock[0])
    broker.put_chunks("t", chunks_of("old", b"1"))
    reader.read_all()
    clock[0] += 100
    for path in ("new", "newer"):
        broker.put_chunks("t", chunks_of(path, b"2"))
    reader.read_all()
    (reader.target / "new").unlink()
    with reader.running() as service:
        _ask(service, since=1_700_000_050.0)
        until(lambda: len(press.seen) == 5)
        until(lambda: {row.state for row in reader.rows()} == {FileState.DELIVERED})
    assert sorted(f.relative_path for f in press.seen) == ["new", "new", "newer", "newer", "old"]
    assert "new" not in reader.files, "the folder was not asked"


@pytest.mark.parametrize("kind", ["reprocess", "retry"])
def test_what_was_given_up_is_tried_again_from_the_beginning(tmp_path: Path, broker: MemoryBroker, kind: str) -> None:
    press, other = Press(), Press("other")
    press.work = lambda file: _give_up(file) if file.relative_path == "bad" else Delivered()
    reader = _reader(tmp_path, broker, press, other)
    for path in ("bad", "good"):
        broker.put_chunks("t", chunks_of(path, b"x"))
    with reader.running() as service:
        until(lambda: len(reader.rows(state=FileState.PROBLEM)) == 1)
        until(lambda: len(reader.rows(state=FileState.DELIVERED)) == 1)
        until(lambda: not list(reader.profile.spool.iterdir()))
        press.work = lambda file: Delivered()
        if kind == "retry":
            service.ask("retry", "bad")
        else:
            _ask(service, failed=True)
        until(lambda: len(reader.rows(state=FileState.DELIVERED)) == 2)
        until(lambda: not reader.problems())
    assert press.tries_of("bad") == [0, 0]
    assert press.tries_of("good") == [0]
    assert other.tries_of("bad") == [0]
    assert service.left_over() == []


def test_what_still_lies_in_the_spool_is_not_read_again(tmp_path: Path, broker: MemoryBroker) -> None:
    press, away = Press(), Press("away")
    press.work = _give_up
    is_away = threading.Event()
    is_away.set()
    away.work = lambda file: Failed(RetryableError("away"), concerns_sink=True) if is_away.is_set() else Delivered()
    reader = _reader(tmp_path, broker, press, away)
    broker.put_chunks("t", chunks_of("f", b"x"))
    with reader.running() as service:
        until(lambda: {p.title for p in reader.problems()} == {"exit status 1", "away"})
        broker.remove_before("t", 0, 1)
        press.work = lambda file: Delivered()
        _ask(service, failed=True)
        until(lambda: press.files)
        until(lambda: "exit status 1" not in {p.title for p in reader.problems()})
        is_away.clear()
        until(lambda: reader.rows(state=FileState.DELIVERED))
    assert len(press.seen) == 2


def test_what_is_no_longer_on_the_topic_is_said_and_stays_as_it_is(tmp_path: Path, broker: MemoryBroker) -> None:
    press = Press()
    reader = _reader(tmp_path, broker, press)
    for path in ("gone", "there"):
        broker.put_chunks("t", chunks_of(path, b"x"))
    reader.read_all()
    broker.remove_before("t", 0, 1)
    with reader.running() as service:
        _ask(service, since=0.0)
        until(lambda: len(press.seen) == 3)
        until(lambda: reader.problems())
    assert [f.relative_path for f in press.seen][2:] == ["there"]
    assert [(p.path, p.title) for p in reader.problems()] == [("gone", "gone cannot be handed over again")]
    assert {row.path: row.state for row in reader.rows()} == {
        "gone": FileState.DELIVERED,
        "there": FileState.DELIVERED,
    }


def test_a_file_that_a_sink_is_at_just_now_is_handed_over_again_afterwards(
    tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openmsi_desktop.streaming.receiving.reprocessing._LATER_S", 0.05)
    quick, slow = Press("quick"), Press("slow")
    go_on = threading.Event()

    def wait(file: ReceivedFile) -> Outcome:
        go_on.wait(20)
        return Delivered()

    slow.work = wait
    quick.work = _give_up
    reader = _reader(tmp_path, broker, quick, slow)
    broker.put_chunks("t", chunks_of("f", b"x"))
    with reader.running() as service:
        until(lambda: quick.seen and slow.in_hand and reader.problems())
        quick.work = lambda file: Delivered()
        _ask(service, path="f", sink="quick")
        until(lambda: service.asked.empty())
        go_on.set()
        until(lambda: reader.rows(state=FileState.DELIVERED))
    assert (len(quick.seen), len(slow.seen)) == (2, 1)


class _Post:
    is_wanted = True

    def __init__(self, service: object, task: Download) -> None:
        self.service = service
        self.task = task


class _Crew:
    """One task, as the clerk sees it."""

    def __init__(self, task: Download) -> None:
        self.asked: list[tuple[str, str, str]] = []
        service = SimpleNamespace(key=KEY, name="XRD", ask=lambda *what: self.asked.append(what))
        self.posts = [_Post(service, task)]

    def find(self, name: str) -> list[_Post]:
        return self.posts if name in ("", "XRD") else []


@pytest.mark.parametrize(
    ("wish", "answer", "is_asked"),
    [
        ({"path": "a"}, "1 file is handed over again to press.", True),
        ({"since": 0.0}, "2 files are handed over again to press.", True),
        ({"failed": True}, "no file was given up by XRD", False),
        ({"path": "a", "failed": True}, "a was not given up by XRD", False),
        ({"path": "zzz"}, "XRD did not receive a whole file called zzz", False),
        ({"since": 2e10}, "XRD received no whole file since then", False),
        ({"since": 0.0, "sink": "else"}, "none of these tasks has a destination called else: XRD", False),
    ],
)
def test_whoever_asks_is_told_what_happens(
    tmp_path: Path, broker: MemoryBroker, wish: dict[str, Any], answer: str, is_asked: bool
) -> None:
    reader = _reader(tmp_path, broker, Press())
    for path in ("a", "b"):
        broker.put_chunks("t", chunks_of(path, b"x"))
    reader.read_all()
    crew = _Crew(Download(name="XRD", topics=("t",), connection="c", sinks=("press",)))
    with reader.journal() as journal:
        control.reprocess(journal, task="XRD", timeout_s=0, **wish)
        Clerk(crew, journal, reload=str).serve()  # type: ignore[arg-type]
        said = journal.query("SELECT answer FROM requests")[0][0]
    assert answer in said
    assert bool(crew.asked) is is_asked
