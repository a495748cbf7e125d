"""A sender reads receipts from a topic on which anybody may have written anything, which may come late, go, and be made anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from servers.memory_broker import MemoryBroker
from streaming.reading import until

from openmsi_desktop.core import chunker
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.outgoing import OutgoingFiles
from openmsi_desktop.core.receipt import Place, Receipt, encode
from openmsi_desktop.streaming.kafka.errors import NoContact, RightDenied
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.receipts.reading import ReceiptReader

KEY, OURS = "watch:1", "a" * 32
CONTENT = b"1 2 3"


class Sent:
    """The journal of a watching task with some files that were sent."""

    def __init__(self, place: Path, broker: MemoryBroker) -> None:
        self.profile = Profile(place / "data")
        self.profile.prepare()
        self.broker = broker
        self.woken = 0
        self.versions: dict[str, int] = {}
        with closing(self.profile.open_journal()) as journal:
            files = OutgoingFiles(journal, KEY, "xrd")
            (place / "file").write_bytes(CONTENT)
            for path in ("a.xy", "b.xy", "c.xy"):
                attempt = files.begin(chunker.plan(place / "file", path, chunk_size=100), partition=0, owner="me")
                files.sent([(attempt.id, [0], False)])
                self.versions[path] = attempt.version

    def states(self) -> str:
        """The first letters of the states of a, b and c."""
        with closing(self.profile.open_journal()) as journal:
            known = OutgoingFiles(journal, KEY, "xrd").known(self.versions)
        return "".join("A" if known[path].state is FileState.ARRIVED else "s" for path in sorted(known))

    def put(self, path: str, *, partition: int = 0) -> None:
        place = Place("folder", "received", "", "hpc-1")
        sha512 = hashlib.sha512(CONTENT).digest()
        said = Receipt("xrd", path, sha512, len(CONTENT), self.versions[path], OURS, 1e9, place, "b" * 32)
        self.broker.put("xrd.receipts", encode(said), partition=partition, key=path.encode())

    @contextmanager
    def reading(self, **more: Any) -> Iterator[ReceiptReader]:
        def wake() -> None:
            self.woken += 1

        options: dict[str, Any] = {"look_again_s": 0.05} | more
        made = ReceiptReader(
            "xrd", self.broker, key=KEY, name="XRD", installation=OURS, open_journal=self.profile.open_journal,
            wake=wake, **options,
        )  # fmt: skip
        made.start()
        try:
            yield made
        finally:
            made.close()
            assert not made._thread.is_alive()


@pytest.fixture
def sent(tmp_path: Path) -> Sent:
    return Sent(tmp_path, MemoryBroker())


def test_what_is_there_and_what_comes_is_read_once(sent: Sent) -> None:
    sent.broker.create("xrd.receipts", 2)
    sent.put("a.xy")
    with sent.reading() as reader:
        until(lambda: sent.states() == "Ass")
        sent.put("c.xy", partition=1)
        until(lambda: sent.states() == "AsA")
        until(lambda: sent.woken == 2)
        assert reader.take() == ["a.xy", "c.xy"]
        assert reader.take() == []
    with sent.reading() as reader:
        sent.put("b.xy")
        until(lambda: reader.take() == ["b.xy"])
        until(lambda: reader.standing.taken == 1)  # the two others were not read again


def test_a_topic_that_comes_late_is_found(sent: Sent) -> None:
    with sent.reading() as reader:
        until(lambda: reader.standing.word == "absent")
        assert reader.standing.note == 'there is no topic "xrd.receipts"'
        sent.broker.create("xrd.receipts")
        sent.put("a.xy")
        until(lambda: sent.states() == "Ass")
        until(lambda: reader.standing.word == "reading")


def test_a_topic_that_was_made_anew_and_one_that_grew(sent: Sent) -> None:
    sent.broker.create("xrd.receipts")
    for _ in range(3):
        sent.put("a.xy")
    with sent.reading():
        until(lambda: sent.states() == "Ass")
        sent.broker.create("xrd.receipts", topic_id="id-2")
        sent.put("b.xy")
        until(lambda: sent.states() == "AAs")
        sent.broker.topics["xrd.receipts"].partitions = 2
        sent.put("c.xy", partition=1)
        until(lambda: sent.states() == "AAA")


def test_retention_may_be_faster(sent: Sent) -> None:
    sent.broker.create("xrd.receipts")
    for path in ("a.xy", "b.xy"):
        sent.put(path)
    with sent.reading():
        until(lambda: sent.states() == "AAs")
    sent.put("c.xy")
    sent.broker.remove_before("xrd.receipts", 0, 3)
    sent.put("c.xy")
    with sent.reading():
        until(lambda: sent.states() == "AAA")


def test_rubbish_and_forgeries_are_counted_and_passed_over(sent: Sent) -> None:
    sent.broker.create("xrd.receipts")
    for value in (None, b"", b"{}", b"\xff" * 100, b"[" * 40_000, b"x" * 1_000_000):
        sent.broker.put("xrd.receipts", value)
    place = Place("bucket", "b", "", "pc")
    for path, content in (("a.xy", b"other"), ("nobody's.xy", CONTENT)):
        said = Receipt("xrd", path, hashlib.sha512(content).digest(), len(content), 0, "", 1e9, place, "b" * 32)
        sent.broker.put("xrd.receipts", encode(said))
    sent.put("b.xy")
    with sent.reading() as reader:
        until(lambda: sent.states() == "sAs")
        until(lambda: (reader.standing.malformed, reader.standing.foreign, reader.standing.taken) == (6, 2, 1))
        assert reader.standing.word == "reading"
        assert "8 " in reader.standing.note


@pytest.mark.parametrize("error", [NoContact("Nobody answers"), RightDenied("Reading is not allowed")])
def test_while_it_cannot_be_read_that_is_said_and_it_goes_on_afterwards(
    sent: Sent, error: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openmsi_desktop.streaming.receipts.reading._DELAYS_S", (0.01,))
    sent.broker.create("xrd.receipts")
    sent.put("a.xy")
    sent.broker.fault = error
    with sent.reading() as reader:
        until(lambda: reader.standing.word == "trouble")
        assert reader.standing.note == error.title
        sent.broker.fault = None
        until(lambda: sent.states() == "Ass")
        until(lambda: reader.standing.word == "reading")


def test_a_mistake_of_this_program_ends_neither_the_thread_nor_the_task(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sent.broker.create("xrd.receipts")
    sent.put("a.xy")
    with monkeypatch.context() as patched:
        patched.setattr("openmsi_desktop.streaming.receipts.reading.parse", lambda value: 1 / 0)
        with sent.reading() as reader:
            until(lambda: "mistake" in reader.standing.note)
            patched.undo()
            until(lambda: sent.states() == "Ass")
    assert "ZeroDivisionError" in caplog.text
