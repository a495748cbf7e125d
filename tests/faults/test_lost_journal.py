"""The journal is gone, cut, flipped, older or newer: the program says so or goes on; it neither guesses nor lies (F43)."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from faults.oracle import Part, Verdict, Written, hash_of, judge, read_topic
from servers.kafka import Kafka
from servers.parts import eventually
from servers.program import Program, Running

MiB = 1024 * 1024
JOURNAL = ("journal.db", "journal.db-wal", "journal.db-shm")
MISTAKE = "made a mistake"
Judged = Callable[..., None]


@dataclass(slots=True)
class Bench:
    """A sender and a reader, a topic between them, and copies of their data folders as a kill had left them."""

    kafka: Kafka
    program: Program
    folder: Path
    target: Path
    topic: str
    chance: random.Random
    written: Written
    kept_until: float = 0.0
    kept: dict[str, Path] = field(default_factory=dict)

    @property
    def sending(self) -> tuple[str | Path, ...]:
        there = ("--topic", self.topic, "--bootstrap", self.kafka.bootstrap())
        return ("watch", self.folder, "--quiet", "0.2", "--max-wait", "3", *there)

    @property
    def receiving(self) -> tuple[str | Path, ...]:
        return ("download", self.topic, "--target", self.target, "--bootstrap", self.kafka.bootstrap())

    def write(self, path: str, content: bytes) -> None:
        self.written.add(path, content)
        (self.folder / path).write_bytes(content)

    def keep(self, name: str) -> None:
        """Remember this folder (below the program's, or the target) as it is now."""
        self.kept[name] = self.folder.parent / f"kept {name}"
        shutil.copytree(self._of(name), self.kept[name], symlinks=True)

    def restore(self, *names: str) -> None:
        """Put them back, all if none is named."""
        for name in names or self.kept:
            shutil.rmtree(self._of(name))
            shutil.copytree(self.kept[name], self._of(name), symlinks=True)

    def _of(self, name: str) -> Path:
        return self.target if name == "target" else self.program.folder / name

    def parts(self, *, since: float = 0.0) -> list[Part]:
        """What lies on the topic from before the folders were kept, and from ``since`` on: not of the trials in between."""
        parts = read_topic(self.kafka.client(), self.topic, self.written)
        return [part for part in parts if part.at <= self.kept_until or part.at >= since]


@pytest.fixture
def bench(played: Bench) -> Bench:
    """As the kills had left it."""
    played.restore()
    return played


@pytest.fixture(scope="module")
def played(kafka: Kafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Ten files were sent and received, one in several versions; a big one only partly."""
    tmp_path = tmp_path_factory.mktemp("journals")
    program = Program(tmp_path / "home")
    try:
        yield _play(kafka, program, tmp_path)
    finally:
        program.close()


def _play(kafka: Kafka, program: Program, tmp_path: Path) -> Bench:
    topic = kafka.create_topic(partitions=2, config={"message.timestamp.type": "LogAppendTime"})
    folder, target = tmp_path / "xrd", tmp_path / "received"
    folder.mkdir()
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    made = Bench(kafka, program, folder, target, topic, random.Random(seed), Written(folder))
    sender, reader = program.start(*made.sending, data="sender"), program.start(*made.receiving, data="reader")
    for number in range(10):
        made.write(f"scan {number}.dat", made.chance.randbytes(made.chance.choice([1, 5000, 600_000])))
    for size in (2000, 1000, 3000):
        made.write("latest.csv", made.chance.randbytes(size))
        reader.wait_for(event="file", path="latest.csv", state="delivered", sha512=made.written.last["latest.csv"])
    for path in made.written.last:
        reader.wait_for(event="file", path=path, state="delivered")
    sender.kill()
    made.write("big.raw", made.chance.randbytes(MiB) * 17 + b"!")
    sender = program.start(*made.sending, "--limit", "4000000", data="sender")
    for run, state in ((sender, "sending"), (reader, "receiving")):
        run.wait_until(
            lambda run=run, state=state: any(  # type: ignore[misc]
                (e.get("chunks_done") or 0) > 5 for e in run.find(path="big.raw", state=state)
            ),
            timeout_s=30,
            what="the big file is on its way",
        )
    sender.kill()
    reader.kill()
    made.kept_until = time.time()
    for name in ("sender", "reader", "target"):
        made.keep(name)
    return made


def damage(data: Path, chance: random.Random) -> str:
    """Do something bad to the journal; returns what."""
    if is_merged := chance.random() < 0.6:  # all of it in journal.db, as an orderly end leaves it
        sqlite3.connect(data / JOURNAL[0]).execute("PRAGMA wal_checkpoint(TRUNCATE)").connection.close()
    file = data / (JOURNAL[0] if is_merged else chance.choice(JOURNAL))
    content = bytearray(file.read_bytes()) if file.exists() else bytearray()
    how = chance.choice(["cut", "cut", "flip", "flip", "flip", "zeros", "noise"])
    at = chance.randrange(len(content)) if content else 0
    if how == "cut":
        del content[at:]
    elif how == "flip" and content:
        content[at] ^= 1 << chance.randrange(8)
    elif how in ("zeros", "noise"):
        piece = content[at : at + 4096]
        content[at : at + 4096] = bytes(len(piece)) if how == "zeros" else chance.randbytes(len(piece))
    file.write_bytes(content)
    return f"{how} at {at} of {file.name}"


def says_why(run: Running) -> bool:
    """It did not go on, and told a person that the journal is the reason."""
    titles = [str(e.get("title", "")) for e in run.events if e.get("event") in ("task", "error", "problem", "summary")]
    return any("journal" in title.lower() for title in [*titles, run.errors()])


def outcome(run: Running, what: str) -> str:
    """``done`` or ``asks``; anything else fails the test."""
    eventually(lambda: run.process.poll() is not None or says_why(run), timeout_s=60, what=f"an outcome of {what}")
    status = run.stop()
    assert MISTAKE not in run.errors() and "Traceback" not in run.tell(), f"{what}\n{run.tell()}"
    if says_why(run):
        return "asks"
    assert status == 0, f"{what}: it ended with {status}\n{run.tell()}"
    return "done"


def test_a_sender_with_a_damaged_journal_asks_or_goes_on(
    bench: Bench, judged: Judged, repeats: Callable[[int, int], int]
) -> None:
    times, counts, verdict = repeats(2, 100), {"done": 0, "asks": 0, "all": 0}, Verdict()
    for number in range(times):
        bench.restore("sender")
        bench.write("latest.csv", bench.chance.randbytes(1000 + number))
        what = damage(bench.program.folder / "sender", bench.chance)
        since = time.time()
        run = bench.program.start(*bench.sending, "--until-idle", "0.5", "--timeout", "20", data="sender")
        came = outcome(run, what)
        counts[came] += 1
        parts = bench.parts(since=since)
        one = judge(bench.written, parts, said=run.events)
        if came == "asks":
            one.lost.clear()  # nothing is lost that somebody is asked about
        one.lost = [f"{what}: {line}" for line in one.lost]
        one.lies = [f"{what}: {line}" for line in one.lies]
        one.resent_at_all = sum(p.size for p in parts if p.at >= since)
        again = {p.path for p in parts if p.at >= since}
        if bench.written.last.keys() <= again:
            assert ".db-wal" in what, f"{what}: everything was sent again, and nobody was asked"
            counts["all"] += 1
        verdict.add(one)
    judged(
        "F43",
        "a sender's journal is damaged",
        times,
        verdict,
        note=f"{counts['done']} went on, {counts['asks']} asked; "
        f"{counts['all']} with only the -wal file lost sent everything again",
    )


def test_a_reader_with_a_damaged_journal_asks_or_goes_on(
    bench: Bench, judged: Judged, repeats: Callable[[int, int], int]
) -> None:
    times, counts, verdict = repeats(2, 100), {"done": 0, "asks": 0}, Verdict()
    bench.write("later.dat", bench.chance.randbytes(2 * MiB))
    sent = bench.program.run(*bench.sending, "--until-idle", "0.5", data="sender")
    assert sent.process.returncode == 0, sent.tell()
    parts = read_topic(bench.kafka.client(), bench.topic, bench.written)
    for _ in range(times):
        bench.restore("reader", "target")
        what = damage(bench.program.folder / "reader", bench.chance)
        run = bench.program.start(*bench.receiving, "--until-idle", "0.5", "--timeout", "20", data="reader")
        came = outcome(run, what)
        counts[came] += 1
        there = {file: hash_of(file.read_bytes()) for file in bench.target.iterdir() if file.is_file()}
        if came == "done":
            verdict.lost += [f"{what}: {p}" for p, digest in bench.written.last.items() if digest not in there.values()]
        verdict.mixed += [f"{what}: {f.name}" for f, digest in there.items() if digest not in bench.written.contents]
    verdict.add(judge(bench.written, parts, said=sent.events))
    judged(
        "F43", "a reader's journal is damaged", times, verdict, note=f"{counts['done']} went on, {counts['asks']} asked"
    )


def test_a_lost_journal_is_a_question_and_the_answer_is_obeyed(bench: Bench, judged: Judged) -> None:
    lives: list[Running] = []

    def begin(*more: str) -> Running:
        for name in JOURNAL:
            (bench.program.folder / "sender" / name).unlink(missing_ok=True)
        lives.append(bench.program.start(*bench.sending, *more, data="sender"))
        return lives[-1]

    before = bench.kafka.message_count(bench.topic)
    run = begin()
    waiting = run.wait_for(event="task", state="waiting")
    assert waiting["title"] == "The journal is lost" and "--if-journal-lost" in waiting["advice"]
    bench.write("new.dat", b"written while the question was open")
    assert "Decided" in bench.program.run("decide", bench.folder, "--skip", data="sender").errors()
    run.wait_for(event="file", path="new.dat", state="sent")
    assert run.stop() == 143
    assert bench.kafka.message_count(bench.topic) == before + 1, "more was sent than the new file"

    before += 1
    run = begin("--if-journal-lost", "trust-existing", "--until-idle", "0.5")
    assert run.wait() == 0, run.tell()
    assert bench.kafka.message_count(bench.topic) == before
    run = begin("--if-journal-lost", "resend", "--until-idle", "0.5")
    assert run.wait() == 0, run.tell()
    assert {e["path"] for e in run.find(event="file", state="sent")} == bench.written.last.keys()
    parts = read_topic(bench.kafka.client(), bench.topic, bench.written)
    judged(
        "F43", "a sender's journal deleted", 3, judge(bench.written, parts, said=[e for r in lives for e in r.events])
    )


def test_an_older_journal_goes_on_and_a_newer_one_is_refused(bench: Bench, judged: Judged) -> None:
    ending = (*bench.sending, "--until-idle", "0.5")
    first = bench.program.run(*ending, data="sender")
    bench.write("latest.csv", b"later than the copy")
    second = bench.program.run(*ending, data="sender")
    bench.restore("sender")  # a backup, older than two runs
    bench.write("latest.csv", b"later than all")
    third = bench.program.run(*ending, data="sender")
    for run in (first, second, third):
        assert run.process.returncode == 0, run.tell()

    journal = bench.program.folder / "sender" / JOURNAL[0]
    with sqlite3.connect(journal) as connection:
        connection.execute("PRAGMA user_version = 99000")
    connection.close()
    (journal.parent / "journal-format-1000.db").write_bytes(b"the copy that the update had made")
    content = journal.read_bytes()
    refused = bench.program.run(*ending, data="sender")
    assert refused.process.returncode == 3, refused.tell()
    assert "newer release" in refused.errors() and "journal-format-1000.db" in refused.errors(), refused.errors()
    assert journal.read_bytes() == content
    parts = read_topic(bench.kafka.client(), bench.topic, bench.written)
    said = [*first.events, *second.events, *third.events]
    judged("F43", "older and newer journal", 2, judge(bench.written, parts, said=said))


def test_a_reader_without_its_journal_begins_anew_and_harms_nothing(bench: Bench, judged: Judged) -> None:
    for name in JOURNAL:
        (bench.program.folder / "reader" / name).unlink(missing_ok=True)
    sent = bench.program.run(*bench.sending, "--until-idle", "0.5", data="sender")
    before = {file.name: file.read_bytes() for file in bench.target.iterdir() if file.is_file()}
    assert before, "nothing had been received"
    run = bench.program.run(*bench.receiving, "--until-idle", "0.5", data="reader")
    assert run.process.returncode == 0, run.tell()
    after = {file.name: file.read_bytes() for file in bench.target.iterdir() if file.is_file()}
    assert before.items() <= after.items()
    verdict = judge(bench.written, read_topic(bench.kafka.client(), bench.topic, bench.written), said=sent.events)
    digests = {hash_of(content) for content in after.values()}
    verdict.lost += [path for path, digest in bench.written.last.items() if digest not in digests]
    verdict.mixed += [digest for digest in digests if digest not in bench.written.contents]
    beside = len(after.keys() - bench.written.last.keys())
    judged("F43", "a reader's journal deleted", 1, verdict, note=f"{beside} versions put beside others")
