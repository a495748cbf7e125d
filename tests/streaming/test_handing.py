"""Files that are handed over to whoever streams: sent at once, also after a restart, and taken back before their turn."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from servers.parts import eventually

from openmsi_desktop.core.events import Event, FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import Outgoing, OutgoingFiles
from openmsi_desktop.core.rules import Rules
from openmsi_desktop.settings import Connection, Settings
from openmsi_desktop.streaming import control
from openmsi_desktop.streaming.engine import Engine
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending.collect import collect
from openmsi_desktop.streaming.sending.handing import HandedOver, call_off, hand_over
from openmsi_desktop.streaming.sending.oneoff import Errand


class Bench:
    """A data folder, and who hands files over to it; nothing streams before :meth:`stream`."""

    def __init__(self, folder: Path, config: dict[str, Any], topic: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.profile = Profile(self.data)
        self.profile.prepare()
        self.errand = Errand(connection=Connection(name="lab", kafka=config), topic=topic, chunk_size=1000, check=False)
        self.events: list[Event] = []
        self.engine: Engine | None = None

    def file(self, name: str, content: bytes = b"measured") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def hand(self, *paths: Path, subfolder: str = "") -> HandedOver:
        with closing(self.profile.open_journal()) as journal:
            found = collect(paths, subfolder=subfolder, rules=Rules())
            return hand_over(journal, found, self.errand, is_alive=self.profile.is_alive)

    def stream(self) -> None:
        engine = Engine(Settings(), data=self.data, emit=self.events.append, secret_of=lambda name: None)
        engine.start()
        self.engine = engine

    def nudge(self) -> str | None:
        with closing(self.profile.open_journal()) as journal:
            return control.ask(journal, "send", timeout_s=10)

    def rows(self, key: str) -> dict[str, Outgoing]:
        with closing(self.profile.open_journal()) as journal:
            return {r.path: r for r in OutgoingFiles(journal, key, "").in_states(FileState)}

    def are_sent(self, key: str, *paths: str) -> bool:
        rows = self.rows(key)
        return all(path in rows and rows[path].state is FileState.SENT for path in paths)

    def engine_owner(self) -> str:
        assert self.engine is not None
        return self.engine.profile.owner()

    def journal(self) -> closing[Journal]:
        return closing(self.profile.open_journal())

    def end(self) -> None:
        if self.engine is not None:
            self.engine.stop()
        self.engine = None


@pytest.fixture
def bench(tmp_path: Path, _embedded: Any) -> Any:
    made = Bench(tmp_path, dict(_embedded.config), _embedded.create_topic())
    yield made
    made.end()


def test_they_are_sent_at_once_and_also_while_others_are_on_their_way(bench: Bench) -> None:
    bench.stream()
    bench.file("run_01/deep/b.dat")
    handed = bench.hand(bench.file("a.dat"), bench.folder / "run_01", subfolder="2026-05/anna")
    assert bench.nudge()
    paths = ("2026-05/anna/a.dat", "2026-05/anna/run_01/deep/b.dat")
    assert sorted(job.path for job in handed.taken) == sorted(paths)
    eventually(lambda: bench.are_sent(handed.key, *paths), timeout_s=20, what="both are sent")
    bench.hand(bench.file("c.dat"))
    bench.nudge()
    eventually(lambda: bench.are_sent(handed.key, "c.dat"), timeout_s=20, what="one more is sent")


def test_they_survive_a_restart(bench: Bench) -> None:
    handed = bench.hand(bench.file("a.dat"))
    assert bench.rows(handed.key)["a.dat"].state is FileState.FOUND
    bench.stream()  # nobody asks it to look
    eventually(lambda: bench.are_sent(handed.key, "a.dat"), timeout_s=30, what="it is sent")


def test_what_has_not_begun_can_be_taken_back(bench: Bench) -> None:
    handed = bench.hand(bench.file("a.dat"), bench.file("b.dat"))
    with bench.journal() as journal:
        assert call_off(journal, handed.key, ["a.dat"]) == 1
    bench.stream()
    bench.nudge()
    eventually(lambda: bench.are_sent(handed.key, "b.dat"), timeout_s=30, what="the other is sent")
    row = bench.rows(handed.key)["a.dat"]
    assert (row.state, row.reason) == (FileState.IGNORED, "taken back before it was sent")
    with bench.journal() as journal:
        assert call_off(journal, handed.key, ["b.dat"]) == 0, "too late"
    bench.hand(bench.folder / "a.dat")
    bench.nudge()
    eventually(lambda: bench.are_sent(handed.key, "a.dat"), timeout_s=30, what="it is sent when asked for again")


def test_a_file_taken_back_without_contact_is_not_sent_when_there_is_some(
    bench: Bench, _embedded: Any, tmp_path: Path
) -> None:
    """The process that streams has taken it up already, and waits for the topic."""
    later = f"{bench.errand.topic}-later"
    bench.errand = bench.errand.model_copy(update={"topic": later})
    handed = bench.hand(bench.file("a.dat"), bench.file("b.dat"))
    bench.stream()
    bench.nudge()
    eventually(lambda: bench.rows(handed.key)["a.dat"].owner == bench.engine_owner(), timeout_s=20, what="taken up")
    with bench.journal() as journal:
        assert call_off(journal, handed.key, ["a.dat"]) == 1
    _embedded.create_topic(later)
    bench.nudge()  # and it is tried again at once
    eventually(lambda: bench.are_sent(handed.key, "b.dat"), timeout_s=30, what="the other is sent")
    assert bench.rows(handed.key)["a.dat"].state is FileState.IGNORED


@pytest.mark.parametrize("is_sent", [True, False])
def test_another_file_of_the_same_name_is_refused_with_advice(bench: Bench, is_sent: bool) -> None:
    first = bench.hand(bench.file("one/report.pdf", b"1"))
    if is_sent:
        bench.stream()
        bench.nudge()
        eventually(lambda: bench.are_sent(first.key, "report.pdf"), timeout_s=20, what="the first is sent")
    second = bench.hand(bench.file("two/report.pdf", b"22"))
    assert second.taken == []
    refused = second.refused[0].error
    assert refused.title == "Another file is called report.pdf on the topic"
    assert str(bench.folder / "one/report.pdf") in refused.advice and "sub-folder" in refused.advice
    assert bench.hand(bench.folder / "two/report.pdf", subfolder="two").taken
    assert bench.hand(bench.folder / "one/report.pdf").taken, "the same file again"


def test_a_file_that_vanished_says_so(bench: Bench) -> None:
    handed = bench.hand(bench.file("a.dat"), bench.file("b.dat"))
    (bench.folder / "a.dat").unlink()
    bench.stream()
    eventually(lambda: bench.are_sent(handed.key, "b.dat"), timeout_s=30, what="the other is sent")
    eventually(lambda: bench.rows(handed.key)["a.dat"].state is FileState.PROBLEM, timeout_s=30, what="it is told")
    assert "vanished before it was sent" in bench.rows(handed.key)["a.dat"].reason
