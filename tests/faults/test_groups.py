"""Computers share a topic; they join, leave and die all the time. Every file arrives, and nothing is committed too early (F40)."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgpack
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from faults.oracle import Part, Written, hash_of, judge, read_topic
from faults.report import Line
from servers.kafka import Kafka
from servers.openmsistream import OpenMSIStream
from servers.program import Program, Running

MiB = 1024 * 1024
PARTITIONS = 6
GROUP = "lab"
SESSION_MS = 6000
"""The least that brokers allow; 45 s are usual."""
UNTOLD_S = 30.0
"""Of messages that came so shortly before a kill nobody knows what the killed reader had of them."""
_SPOOL = ".openmsi-parts"


@dataclass(slots=True)
class Witness:
    """Somebody who notes, on a thread of his own, what the group has committed and which files have arrived where."""

    kafka: Kafka
    topic: str
    targets: list[Path] = field(default_factory=list)
    commits: list[tuple[float, dict[int, int]]] = field(default_factory=list)
    arrived: dict[str, list[tuple[float, Path]]] = field(default_factory=lambda: defaultdict(list))
    """Hash -> when it arrived, for each target. Times in seconds since 1970."""
    _known: set[tuple[Path, int, int]] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watching(self) -> Iterator[None]:
        thread = threading.Thread(target=self._run, name="witness")
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _run(self) -> None:
        asker = Consumer({**self.kafka.client(), "group.id": GROUP, "enable.auto.commit": False})
        try:
            while not self._stop.is_set():
                self._look()  # first what has arrived, then what is committed: never the other way round
                self._look_at_commits(asker)
                self._stop.wait(0.1)
            self._look()
        finally:
            asker.close()

    def _look_at_commits(self, asker: Consumer) -> None:
        asked = time.time()
        try:
            found = asker.committed([TopicPartition(self.topic, n) for n in range(PARTITIONS)], timeout=10)
        except KafkaException:  # the group's coordinator is being looked for
            return
        self.commits.append((asked, {where.partition: where.offset for where in found if where.offset >= 0}))

    def _look(self) -> None:
        for target in list(self.targets):
            for file in target.iterdir():
                if file.name == _SPOOL:
                    continue
                try:
                    with open(file, "rb") as opened:
                        found = os.fstat(opened.fileno())
                        if (target, found.st_ino, found.st_ctime_ns) in self._known:
                            continue
                        content = opened.read()
                except OSError:
                    continue
                self._known.add((target, found.st_ino, found.st_ctime_ns))
                # when it got its name: a look at thousands of files takes its time
                self.arrived[hash_of(content)].append((found.st_ctime, target))

    def committed_too_early(self, parts: list[Part], *, slack_s: float = 1.5) -> list[str]:
        """Versions below a committed offset that were not anywhere at that time, and that no later version replaces."""
        first: dict[tuple[str, str, int], Part] = {}
        whole: dict[tuple[str, str, int], set[int]] = defaultdict(set)
        for part in sorted(parts, key=lambda p: p.offset):
            key = (part.path, part.file_hash, part.version)
            first.setdefault(key, part)
            whole[key].add(part.index)
        latest: dict[str, int] = {}
        for (path, _, version), indexes in whole.items():
            if len(indexes) == first[path, _, version].total:
                latest[path] = max(latest.get(path, 0), version)
        early = []
        for (path, digest, version), part in first.items():
            if version != latest.get(path):
                continue  # a later version may be the reason
            seen = min((at for at, _ in self.arrived.get(digest, [])), default=float("inf"))
            passed = min((at for at, c in self.commits if c.get(part.partition, 0) > part.offset), default=float("inf"))
            if passed + slack_s < seen:
                early.append(f"{path}: committed past it, but it had not arrived")
        return early


@dataclass(slots=True)
class Members:
    """The readers of the group."""

    program: Program
    folder: Path
    witness: Witness
    command: tuple[str, ...]
    running: dict[str, Running] = field(default_factory=dict)
    lives: list[tuple[Running, float]] = field(default_factory=list)
    """Each with the time (seconds since 1970) at which it began."""
    deaths: list[tuple[str, float]] = field(default_factory=list)
    """Who was killed, and when."""

    def join(self, name: str) -> None:
        target = self.folder / f"target {name}"
        target.mkdir(exist_ok=True)
        if target not in self.witness.targets:
            self.witness.targets.append(target)
        began = time.time()
        run = self.program.start(*self.command, "--target", target, data=name)
        self.running[name] = run
        self.lives.append((run, began))

    def leave(self, name: str) -> None:
        run = self.running.pop(name)
        assert run.stop() == 143, run.tell()

    def die(self, name: str) -> None:
        run = self.running.pop(name)
        assert run.process.poll() is None, run.tell()
        run.kill()
        self.deaths.append((name, time.time()))

    def play(self, what: str, chance: random.Random) -> None:
        """One of them joins, leaves or dies; at least one stays."""
        away = [name for name in "abcd" if name not in self.running]
        if what == "join" and away:
            self.join(chance.choice(away))
        elif what != "join" and len(self.running) > 1:
            (self.leave if what == "leave" else self.die)(chance.choice(sorted(self.running)))


def test_readers_join_leave_and_die(
    kafka: Kafka,
    program: Program,
    judged: Callable[..., None],
    seconds: Callable[[float, float], float],
    chance: random.Random,
    tmp_path: Path,
) -> None:
    topic = kafka.create_topic(partitions=PARTITIONS, config={"message.timestamp.type": "LogAppendTime"})
    written = Written(tmp_path / "xrd")
    written.root.mkdir()
    witness = Witness(kafka, topic)
    there = ("--bootstrap", kafka.bootstrap())
    quick = ("--kafka", f"session.timeout.ms={SESSION_MS}")  # so long a killed member keeps its partitions
    members = Members(program, tmp_path, witness, ("download", topic, "--group", GROUP, *quick, *there))
    sending = ("watch", written.root, "--topic", topic, "--quiet", "0.2", "--max-wait", "3", *there)
    every_s = seconds(2.5, 10)
    plot = ["die", "join", "leave"]
    end = time.monotonic() + seconds(0, 1800)
    with witness.watching():
        for name in "abc":
            members.join(name)
        for run in members.running.values():
            run.wait_for(event="ready", timeout_s=60)
        sender = program.start(*sending, "--limit", "10000000", data="sender")
        number, next_at, changes = 0, time.monotonic() + every_s, 0
        while plot or time.monotonic() < end:
            number += 1
            size = 12 * MiB if number % 25 == 5 else chance.choice([1, 900, 600_000])
            path = f"{number % 40 if number % 3 else number}.dat"
            content = chance.randbytes(min(size, MiB)) * max(1, size // MiB) + b"%d" % number
            written.add(path, content)
            aside = written.root / ".next.tmp"
            aside.write_bytes(content)
            aside.replace(written.root / path)
            if time.monotonic() >= next_at:
                next_at += every_s
                changes += 1
                members.play(plot.pop(0) if plot else chance.choice(["join", "leave", "die"]), chance)
            time.sleep(0.1)  # so many files a second

        def all_arrived() -> bool:
            return all(digest in witness.arrived for digest in written.last.values())

        sender.wait_until(all_arrived, timeout_s=90, what="every file has arrived somewhere")
    assert sender.stop() == 143
    for name in list(members.running):
        members.leave(name)
    parts = read_topic(kafka.client(), topic, written)
    said = [e for run, _ in members.lives for e in run.events]
    assert not any("made a mistake" in run.errors() for run, _ in members.lives)
    verdict = judge(written, parts, said=[*sender.events, *said])
    verdict.lost += witness.committed_too_early(parts)
    last = set(written.last.values())  # the others may have been replaced before the witness came by
    verdict.lies += [f"called delivered, but not there: {e['path']}" for e in said if is_a_lie(e, witness, last)]
    verdict.mixed += [f"{h[:16]} is no version of anything" for h in witness.arrived if h not in written.contents]
    verdict.lies += duplicates_below_the_floor(members, witness, parts)
    twice = sum(count - 1 for count in Counter(h for h, places in witness.arrived.items() for _ in places).values())
    judged("F40", "readers join, leave and die", changes, verdict, note=f"{twice} of {number} files arrived twice")


def is_a_lie(event: dict[str, object], witness: Witness, last: set[str]) -> bool:
    if event.get("event") != "file" or event["state"] != "delivered":
        return False
    return event["sha512"] in last and str(event["sha512"]) not in witness.arrived


def duplicates_below_the_floor(members: Members, witness: Witness, parts: list[Part]) -> list[str]:
    """Versions that a reader delivered although the group had committed past them before its life began."""
    first = {(p.path, p.file_hash): p for p in sorted(parts, key=lambda p: -p.offset)}
    out = []
    for run, began in members.lives:
        before = [committed for at, committed in witness.commits if at < began]
        floor = before[-1] if before else {}
        # one that goes on with its own partition has what it had received before its last life ended
        earlier = [e for r, _ in members.lives if r is not run and r.data == run.data for e in r.find(event="file")]
        for event in run.find(event="file", state="delivered"):
            part = first.get((event["path"], event["sha512"]))
            had = {e["sha512"] for e in earlier if e["state"] == "received"}
            # a kill may come between what is journalled and what is told of it
            if part is not None and any(
                n == run.data.name and 0 <= at - part.at <= UNTOLD_S for n, at in members.deaths
            ):
                continue
            if part is not None and part.offset < floor.get(part.partition, 0) and event["sha512"] not in had:
                out.append(f"{event['path']}: delivered again, though the group had committed past it")
    return out


def test_a_topic_of_a_writer_that_scatters_is_refused(
    kafka: Kafka, program: Program, fault: Callable[[Line], None], tmp_path: Path
) -> None:
    topic = kafka.create_topic(partitions=4)
    put_scattered(kafka, topic, "first.dat")
    there = ("--group", GROUP, "--target", tmp_path / "target", "--bootstrap", kafka.bootstrap())
    refused = program.run("download", topic, *there)
    assert refused.process.returncode == 3, refused.tell()
    assert "cannot be shared by a group" in refused.find(event="task", state="failed")[0]["title"]

    later = kafka.create_topic(partitions=4)
    run = program.start("download", later, *there, data="later")
    run.wait_for(event="ready")
    put_scattered(kafka, later, "second.dat")
    waiting = run.wait_for(event="task", state="waiting")
    assert "cannot be shared by a group" in waiting["title"]
    assert run.stop() == 143
    asker = Consumer({**kafka.client(), "group.id": GROUP})
    found = asker.committed([TopicPartition(later, n) for n in range(4)], timeout=10)
    asker.close()
    assert all(where.offset <= 0 for where in found), f"committed past scattered chunks: {found}"
    fault(Line("F40", "scattered chunks", 2))


def put_scattered(kafka: Kafka, topic: str, name: str) -> None:
    """Chunks as OpenMSIStream's programs write them: the hash of each one's own key chooses its partition."""
    data = os.urandom(40_000)
    digest = bytes.fromhex(hash_of(data))
    producer = Producer(kafka.client())
    for index in range(1, 41):
        piece = data[(index - 1) * 1000 : index * 1000]
        chunk_digest = bytes.fromhex(hash_of(piece))
        fields = [name, digest, chunk_digest, (index - 1) * 1000, index, 40, "", "", piece, 1.0]
        producer.produce(topic, msgpack.packb(fields), key=f"{name}_{index}_of_40".encode())
    assert producer.flush(30) == 0


def test_a_topic_that_openmsistream_has_written_is_refused(
    kafka: Kafka, program: Program, openmsistream: OpenMSIStream, fault: Callable[[Line], None], tmp_path: Path
) -> None:
    topic, folder = kafka.create_topic(partitions=4), tmp_path / "theirs"
    folder.mkdir()
    (folder / "scan.dat").write_bytes(os.urandom(200_000))
    config = openmsistream.write_config({"bootstrap.servers": kafka.bootstrap()})
    upload = openmsistream.start(
        *("DataFileUploadDirectory", folder, "--config", config, "--topic_name", topic),
        *("--chunk_size", "4096", "--upload_existing"),
    )
    upload.quit_when(lambda: kafka.message_count(topic) >= 40, timeout_s=60, what="it is on the topic")
    there = ("--group", GROUP, "--target", tmp_path / "target", "--bootstrap", kafka.bootstrap())
    refused = program.run("download", topic, *there)
    assert refused.process.returncode == 3, refused.tell()
    assert "as OpenMSIStream's programs do" in refused.find(event="task", state="failed")[0]["advice"]
    fault(Line("F40", "written by OpenMSIStream", 1))
