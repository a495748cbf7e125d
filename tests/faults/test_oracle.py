"""The judge of the fault tests finds what is planted, and nothing where nothing is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgpack
import pytest
from faults.oracle import Event, Part, Verdict, Written, decoded, hash_of, judge
from faults.report import Line

A, B = b"first version" * 10, b"the second one" * 10
CHUNK = 50


class Case:
    """A topic with one file in two versions, sent and delivered as it should be."""

    def __init__(self, place: Path) -> None:
        self.written = Written(place / "source")
        self.target = place / "target"
        for folder in (self.written.root, self.target):
            folder.mkdir()
        (self.target / "notes.txt").write_bytes(b"mine")
        self.messages: list[tuple[bytes, int, float]] = []
        self.said: list[Event] = []
        self.journal: list[Event] = []
        for version, data in enumerate((A, B), start=1):
            self.written.add("run/a.dat", data)
            self.send("run/a.dat", data, version=version, at=version * 100)
            self.say("run/a.dat", "sent", data, at=version * 100 + 50)
            self.say("run/a.dat", "checked", data, at=version * 100 + 60)
            self.say("run/a.dat", "delivered", data, at=version * 100 + 70)
        self.journal.append({"path": "run/a.dat", "state": "checked", "sha512": hash_of(B)})
        for root in (self.written.root, self.target):
            (root / "run").mkdir()
            (root / "run" / "a.dat").write_bytes(B)

    def send(self, path: str, data: bytes, *, version: int, at: float, claimed: bytes | None = None) -> None:
        """One chunk a second. claimed: the contents whose hash the messages name, if they lie."""
        folder, _, name = path.rpartition("/")
        digest = hashlib.sha512(data if claimed is None else claimed).digest()
        starts = range(0, max(1, len(data)), CHUNK)
        for index, start in enumerate(starts, start=1):
            piece = data[start : start + CHUNK]
            fields = [name, digest, hashlib.sha512(piece).digest(), start, index, len(starts), folder, "", piece, 1.0]
            self.messages.append((msgpack.packb(fields), version, at + index))

    def say(self, path: str, state: str, data: bytes, *, at: float) -> None:
        moment = datetime.fromtimestamp(at, UTC).isoformat()
        local = str(self.target / path)
        event = {"event": "file", "time": moment, "path": path, "state": state, "sha512": hash_of(data), "local": local}
        self.said.append(event)

    def parts(self) -> list[Part]:
        header = b"1 " + b"a" * 32 + b" "
        return [
            decoded(value, {"openmsi": header + str(version).encode()}, at, self.written)
            for value, version, at in self.messages
        ]

    def judge(self, *, interruptions: tuple[float, ...] = ()) -> Verdict:
        return judge(
            self.written,
            self.parts(),
            said=self.said,
            journal=self.journal,
            target=self.target,
            foreign={"notes.txt": b"mine"},
            interruptions=interruptions,
        )


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def test_where_nothing_is_wrong_nothing_is_found(case: Case) -> None:
    verdict = case.judge()
    assert verdict.wrong == []
    assert verdict.resent_at_all == 0
    line = Line.of("F0", "nothing", 3, verdict, recovery_s=1.25, note="no more")
    assert str(line) == "F0 nothing: repeats=3 lost=0 lies=0 mixed=0 resent=0.0MB worst_recovery=1.2s (no more)"


def test_a_missing_chunk_of_the_last_version_is_a_loss_and_every_claim_about_it_a_lie(case: Case) -> None:
    del case.messages[-1]
    verdict = case.judge()
    assert len(verdict.lost) == 1
    assert len(verdict.lies) == 3  # sent, checked, the journal


def test_a_path_that_never_came_is_lost_on_the_topic_and_in_the_target(case: Case) -> None:
    case.written.add("b.dat", b"b")
    (case.written.root / "b.dat").write_bytes(b"b")
    assert len(case.judge().lost) == 2


def test_an_older_version_that_comes_last_is_a_loss(case: Case) -> None:
    case.send("run/a.dat", A, version=3, at=300)
    assert len(case.judge().lost) == 1


def test_chunks_of_two_version_numbers_do_not_make_one_whole(case: Case) -> None:
    case.messages[3:] = [(value, 2 + number, at) for number, (value, _, at) in enumerate(case.messages[3:])]
    assert len(case.judge().lost) == 1


def test_sent_said_too_early_is_a_lie(case: Case) -> None:
    case.said[4] = {**case.said[4], "time": datetime.fromtimestamp(202.5, UTC).isoformat()}
    assert len(case.judge().lies) == 1


def test_sent_of_a_version_that_was_never_there_is_a_lie(case: Case) -> None:
    case.say("run/a.dat", "sent", b"something else", at=500)
    assert len(case.judge().lies) == 1


def test_delivered_with_other_bytes_is_a_lie(case: Case) -> None:
    (case.target / "run" / "a.dat").write_bytes(B[:-1] + b"?")
    verdict = case.judge()
    assert len(verdict.lies) == 1 and len(verdict.lost) == 1


def test_an_old_version_left_in_the_target_is_a_loss(case: Case) -> None:
    (case.target / "run" / "a.dat").write_bytes(A)
    del case.said[-1]
    assert case.judge().lies == [] and len(case.judge().lost) == 1


@pytest.mark.parametrize(
    ("data", "claimed"),
    [
        pytest.param(B[:CHUNK] + A[CHUNK:], B, id="half of the other version"),
        pytest.param(A[:70] + B[70:], None, id="a state between two versions"),
        pytest.param(A[:CHUNK] + b"?" * 90, A[:CHUNK] + b"!" * 90, id="a hash of nothing"),
    ],
)
def test_bytes_of_two_versions_under_one_hash_are_mixed(case: Case, data: bytes, claimed: bytes | None) -> None:
    case.send("run/a.dat", data, version=1, at=50, claimed=claimed)
    assert case.judge().mixed != []


def test_a_damaged_chunk_is_mixed(case: Case) -> None:
    value, version, at = case.messages[0]
    fields = msgpack.unpackb(value)
    fields[8] = b"x" + fields[8][1:]
    case.messages[0] = (msgpack.packb(fields), version, at)
    assert case.judge().mixed != []


@pytest.mark.parametrize(
    "harm",
    [
        lambda case: (case.written.root / "run" / "a.dat").write_bytes(A),
        lambda case: (case.written.root / "run" / "a.dat").unlink(),
        lambda case: (case.written.root / "journal.db").write_bytes(b""),
        lambda case: (case.target / "notes.txt").write_bytes(b"yours"),
        lambda case: (case.target / "run" / "a.dat.part").write_bytes(B[:CHUNK]),
    ],
    ids=["source changed", "source deleted", "left in the source", "foreign file changed", "half a file"],
)
def test_harm_is_found(case: Case, harm: Callable[[Case], object]) -> None:
    harm(case)
    assert len(case.judge().harmed) == 1


def test_what_is_sent_twice_is_counted_from_the_kill_before_it(case: Case) -> None:
    case.send("run/a.dat", B, version=2, at=300)
    verdict = case.judge(interruptions=(150.0, 290.0, 400.0))
    assert verdict.wrong == []
    assert verdict.resent == [0, len(B), 0]
    assert verdict.resent_at_all == len(B)


def test_an_empty_file_is_one_message(case: Case) -> None:
    case.written.add("empty", b"")
    for root in (case.written.root, case.target):
        (root / "empty").write_bytes(b"")
    assert len(case.judge().lost) == 1
    case.send("empty", b"", version=1, at=10)
    assert case.judge().wrong == []
