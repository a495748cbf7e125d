"""After a loss of power: which files are damage, and which are work."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from openmsi_desktop.core import chunker
from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.machine import Boot
from openmsi_desktop.core.outgoing import OutgoingFiles, Sighting
from openmsi_desktop.streaming import power
from openmsi_desktop.streaming.sending.power_loss import TAIL, Doubtful, Suspicion

MiB = 1024 * 1024
GOOD = b"measured " * 20_000


@dataclass
class Bench:
    """A journal of a computer that lost its power, and a file that was there before."""

    journal: Journal
    file: Path
    files: OutgoingFiles

    def suspicion(self) -> Suspicion:
        return Suspicion(self.journal, "watch:1", how_to_send="decide {local}")

    def was_sent(self, content: bytes) -> Fingerprint:
        """A version of the file, as far as the journal knows."""
        self.file.write_bytes(content)
        plan = chunker.plan(self.file, "a.dat", chunk_size=65536)
        attempt = self.files.begin(plan, partition=0, owner="")
        self.files.sent([(attempt.id, range(plan.total), False)])
        return plan.fingerprint

    def was_seen(self, content: bytes) -> Fingerprint:
        """It was found, and had to wait."""
        self.file.write_bytes(content)
        fingerprint = Fingerprint.of(os.stat(self.file))
        self.files.record([Sighting("a.dat", str(self.file), FileState.WAITING, "it waits", fingerprint)])
        return fingerprint

    def becomes(self, content: bytes, *, mtime_ns: int | None = None) -> None:
        """What lies there after the power came back. mtime_ns: None: a time since."""
        self.file.write_bytes(content)
        if mtime_ns is not None:
            os.utime(self.file, ns=(mtime_ns, mtime_ns))

    def lose_power(self, *, before_s: float = 1000.0, back_s: float = 10.0) -> None:
        """The computer was started before_s before the file was written last, and again back_s after."""
        at = os.stat(self.file).st_ctime
        power.begin(self.journal, boot=Boot("one", at - before_s), shut_down=lambda since: None)
        power.begin(self.journal, boot=Boot("two", at + back_s), shut_down=lambda since: None)

    def judge(self) -> str:
        doubt = self.doubt()
        return doubt.title if doubt else ""

    def doubt(self) -> Doubtful | None:
        plan = chunker.plan(self.file, "a.dat", chunk_size=65536)
        return self.suspicion().judge(plan, self.files.known(["a.dat"]).get("a.dat"))

    def at_sight(self) -> str:
        row = self.files.known(["a.dat"]).get("a.dat")
        doubt = self.suspicion().at_sight(str(self.file), Fingerprint.of(os.stat(self.file)), row)
        return doubt.title if doubt else ""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    journal = Journal(tmp_path / "journal.db")
    yield Bench(journal, tmp_path / "a.dat", OutgoingFiles(journal, "watch:1", "t"))
    journal.close()


ZEROS = "It holds only zeros since this computer lost its power"


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (bytes(len(GOOD)), "It holds only zeros"),
        (GOOD[: -5 * 4096] + bytes(5 * 4096), "It holds other bytes"),
        (GOOD[:4096] + bytes(4096) + GOOD[8192:], "It holds other bytes"),
        (GOOD[:1000], "It is shorter"),
        (b"", "It is empty"),
    ],
)
def test_a_file_that_was_sent_and_differs_under_its_old_time_is_damage(
    bench: Bench, content: bytes, title: str
) -> None:
    sent = bench.was_sent(GOOD)
    bench.becomes(content, mtime_ns=sent.mtime_ns)
    bench.lose_power()
    assert bench.judge() == f"{title} since this computer lost its power"
    assert bench.at_sight() == (bench.judge() if len(content) < len(GOOD) else "")
    doubt = bench.doubt()
    assert doubt and "is safe on the topic" in doubt.advice and f"decide {bench.file}" in doubt.advice


@pytest.mark.parametrize("content", [bytes(len(GOOD)), GOOD[:1000], b"", GOOD[::-1]])
def test_without_a_loss_of_power_files_may_become_what_they_like(bench: Bench, content: bytes) -> None:
    sent = bench.was_sent(GOOD)
    bench.becomes(content, mtime_ns=sent.mtime_ns)
    assert bench.judge() == bench.at_sight() == ""


@pytest.mark.parametrize("content", [bytes(len(GOOD)), GOOD[:1000], b""])
def test_what_is_done_since_the_computer_is_back_is_work(bench: Bench, content: bytes) -> None:
    """The time of change tells, even where a program puts the other one back."""
    sent = bench.was_sent(GOOD)
    bench.becomes(content, mtime_ns=sent.mtime_ns)
    bench.lose_power(back_s=-0.5)
    assert bench.judge() == bench.at_sight() == ""


def test_a_new_version_of_before_is_sent(bench: Bench) -> None:
    sent = bench.was_sent(GOOD)
    bench.becomes(b"a shorter version", mtime_ns=sent.mtime_ns + 5_000_000_000)
    bench.lose_power()
    assert bench.judge() == bench.at_sight() == ""


def test_only_new_times_of_the_same_bytes_are_no_damage(bench: Bench) -> None:
    zeros = bytes(50_000)
    sent = bench.was_sent(zeros)  # zeros from the beginning
    bench.becomes(zeros, mtime_ns=sent.mtime_ns)
    bench.lose_power()
    assert bench.judge() == ""


def test_a_rewritten_file_that_lost_its_contents_on_the_way_is_damage(bench: Bench) -> None:
    """Truncated and written anew just before: the new time has reached the disk, the new bytes have not."""
    sent = bench.was_sent(GOOD)
    bench.becomes(b"", mtime_ns=sent.mtime_ns + 1)
    bench.lose_power()
    assert bench.judge() == "It is empty since this computer lost its power"


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (bytes(5000), "It holds only zeros"),
        (GOOD[:5000] + bytes(8192 - 5000 + TAIL), "Its end holds only zeros"),
        (GOOD[:5000] + bytes(8192 - 5000 + TAIL - 1), ""),  # as much as formats pad
        (GOOD, ""),
        (GOOD[: 17 * 1024] * 1024 + bytes(2 * MiB), "Its end holds only zeros"),  # not held in memory
        (b"", ""),
    ],
)
def test_a_file_that_nobody_knew_yet_is_judged_by_its_zeros(bench: Bench, content: bytes, title: str) -> None:
    bench.becomes(content)
    bench.lose_power()
    assert bench.judge() == (f"{title} since this computer lost its power" if title else "")


def test_zeros_of_long_before_are_no_damage(bench: Bench) -> None:
    """What was written in an earlier life of the computer had reached the disk."""
    bench.becomes(bytes(5000))
    bench.lose_power(before_s=-1.0)
    assert bench.judge() == ""


def test_a_file_that_waited_and_is_shorter_is_damage(bench: Bench) -> None:
    seen = bench.was_seen(GOOD)
    bench.becomes(GOOD[:1000], mtime_ns=seen.mtime_ns)
    bench.lose_power()
    assert bench.at_sight() == bench.judge() == "It is shorter since this computer lost its power"


def test_a_big_file_of_zeros_that_was_being_sent_is_damage(bench: Bench) -> None:
    bench.file.write_bytes(os.urandom(MiB) * 17)
    plan = chunker.plan(bench.file, "a.dat", chunk_size=524_288)
    bench.files.begin(plan, partition=0, owner="")
    assert bench.files.known(["a.dat"])["a.dat"].state is FileState.SENDING
    bench.becomes(bytes(17 * MiB), mtime_ns=plan.fingerprint.mtime_ns)
    bench.lose_power()
    assert bench.judge() == ZEROS


def test_what_a_person_wants_is_sent_also_after_another_start(bench: Bench) -> None:
    bench.becomes(bytes(5000))
    bench.lose_power()
    assert bench.judge() == ZEROS
    bench.suspicion().accept("a.dat", Fingerprint.of(os.stat(bench.file)))
    assert bench.judge() == ""
    bench.becomes(bytes(6000))  # another version is another question
    assert bench.judge() == ZEROS


def test_a_hash_in_the_journal_is_the_one_of_the_version(bench: Bench) -> None:
    bench.was_sent(GOOD)
    assert bench.files.known(["a.dat"])["a.dat"].sent_sha512 == hashlib.sha512(GOOD).digest()


# -- the marks


@pytest.mark.parametrize(
    ("ends", "told", "is_loss"),
    [
        (False, None, True),
        (True, None, False),
        (False, True, False),  # we were killed, the computer was not
        (True, False, True),  # we had ended long before the power failed
    ],
)
def test_an_orderly_end_is_told_by_the_computer_else_by_ourselves(
    bench: Bench, ends: bool, told: bool | None, is_loss: bool
) -> None:
    one, two = Boot("one", 1000.0), Boot("two", 5000.0)
    power.begin(bench.journal, boot=one)
    if ends:
        power.end(bench.journal, boot=one)
    power.begin(bench.journal, boot=two, shut_down=lambda since: told)
    assert power.last_loss(bench.journal) == (power.PowerLoss(1000.0, 5000.0) if is_loss else None)


def test_a_kill_is_no_loss_of_power(bench: Bench) -> None:
    for _ in range(3):
        power.begin(bench.journal, boot=Boot("one", 1000.0), shut_down=lambda since: False)
    assert power.last_loss(bench.journal) is None


def test_a_loss_is_remembered_through_orderly_starts(bench: Bench) -> None:
    """Its files may still be waiting, for a broker or for a person."""
    for number in range(4):
        boot = Boot(str(number), 1000.0 * number)
        power.begin(bench.journal, boot=boot, shut_down=lambda since: None)
        if number:
            power.end(bench.journal, boot=boot)
    assert power.last_loss(bench.journal) == power.PowerLoss(0.0, 1000.0)
