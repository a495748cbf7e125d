"""One sending task's files on their ladder, in any order of events: what is called Sent is on the topic, always.

The journal's side (core/outgoing) and the Sender run against a broker that is a list; hypothesis invents the history.
"""

from __future__ import annotations

import hashlib
import itertools
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from openmsi_desktop.core import chunker
from openmsi_desktop.core.arrivals import Arrivals
from openmsi_desktop.core.chunk import HEADER, decode, decode_header
from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.errors import FileChanged, OpenMSIError
from openmsi_desktop.core.events import Event, FileEvent, FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import DONE, Outgoing, OutgoingFiles, Sighting, unpack_offsets
from openmsi_desktop.core.receipt import Place, Receipt
from openmsi_desktop.settings import Limit
from openmsi_desktop.streaming.kafka.errors import NoContact, ProducerBroken
from openmsi_desktop.streaming.kafka.types import Message, Report, TopicInfo, Trouble
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending import readback
from openmsi_desktop.streaming.sending.checking import Checking
from openmsi_desktop.streaming.sending.planner import Job, Planned
from openmsi_desktop.streaming.sending.readback import CheckJob, CheckResult
from openmsi_desktop.streaming.sending.sender import Sender
from openmsi_desktop.streaming.sending.teller import Teller

TOPIC, KEY, CHUNK = "xrd", "watch:1", 4
PATHS = ("a.dat", "run/b.dat")
CONTENTS = (b"", b"A", b"AAAABBBBC", b"AAAABBBBD", b"a long one: over the limit up to which it is read once")
SMALL = 20
"""Instead of 16 MiB, so that the last of the contents is planned and sent as a big file is."""

OURS = "a" * 32
PLACE = Place("folder", "received", "", "hpc-1")

Version = tuple[str, int]


class Log:
    """The topic: messages in one list for each partition. A dead producer's messages may still arrive, or not."""

    def __init__(self) -> None:
        self.messages: dict[int, list[Message]] = {}

    def append(self, partition: int, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]]) -> int:
        log = self.messages.setdefault(partition, [])
        log.append(Message(TOPIC, partition, len(log), 0, key, value, tuple(headers)))
        return len(log) - 1


class ListProducer:
    """A Producer that decides nothing by itself: the history says what becomes of each message."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.queue: list[tuple[int, bytes, bytes, Sequence[tuple[str, bytes]], Any]] = []
        self.reports: list[Report] = []
        self.is_broken = self.is_closed = False

    def send(
        self, topic: str, partition: int, *, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]], token: Any
    ) -> bool:
        if self.is_broken:
            raise ProducerBroken("A fatal error")
        if len(self.queue) >= 6:
            return False
        self.queue.append((partition, key, value, headers, token))
        return True

    def decide(self, number: int, *, is_stored: bool, is_acknowledged: bool) -> None:
        partition, key, value, headers, token = self.queue.pop(number % len(self.queue))
        offset = self.log.append(partition, key, value, headers) if is_stored else -1
        error = None if is_acknowledged else NoContact("timed out")
        self.reports.append(Report(token, partition, offset if is_acknowledged else -1, error))

    def poll(self, timeout_s: float) -> list[Report]:
        if self.is_broken and not self.reports:
            raise ProducerBroken("A fatal error")
        out, self.reports = self.reports, []
        return out

    @property
    def in_flight(self) -> int:
        return len(self.queue)

    def trouble(self) -> Trouble | None:
        return None

    def warm_up(self, topic: str, timeout_s: float) -> None:
        pass

    def purge(self) -> list[Report]:
        return []

    def flush(self, timeout_s: float) -> list[Report]:
        out, self.reports = self.reports, []
        return out

    def close(self) -> None:
        self.is_closed = True


class ListBroker:
    """A Broker around a Log."""

    name = "list"

    def __init__(self) -> None:
        self.log = Log()
        self.current: ListProducer | None = None

    def producer(self, *, chunk_bytes: int = 0, is_single: bool = False) -> ListProducer:
        self.current = ListProducer(self.log)
        return self.current

    def consumer(self, *, group: str = "") -> Any:
        raise NotImplementedError

    def topic_info(self, topic: str, timeout_s: float, *, with_newest: bool = False) -> TopicInfo:
        return TopicInfo(topic, "cluster", "id", 2)


class DirectPlanner:
    """A Planner without threads."""

    def __init__(self, **_: Any) -> None:
        self.jobs: list[Job] = []

    @property
    def backlog(self) -> int:
        return len(self.jobs)

    def submit(self, jobs: Any) -> None:
        self.jobs += jobs

    def take(self) -> list[Planned]:
        out = []
        for job in self.jobs:
            try:
                plan = chunker.plan(job.local, job.path, chunk_size=CHUNK, prefix=job.prefix, expected=job.fingerprint)
                out.append(Planned(job, plan, None))
            except OpenMSIError as error:
                out.append(Planned(job, None, error))
        self.jobs = []
        return out

    def let_go(self, job: Job, plan: Any) -> None: ...

    def close(self) -> None: ...


class DirectReadBack:
    """A ReadBack without a thread: what waits is compared when the history says so."""

    def __init__(self, broker: ListBroker, *, name: str) -> None:
        self.log = broker.log
        self.jobs: list[CheckJob] = []
        self.done: list[CheckResult] = []

    @property
    def outstanding(self) -> int:
        return len(self.jobs) + len(self.done)

    def submit(self, job: CheckJob) -> None:
        self.jobs.append(job)

    def compare(self, *, is_read_wrongly: bool = False) -> None:
        job = self.jobs.pop(0)
        error = readback._compare(self, job)  # type: ignore[arg-type]
        if is_read_wrongly:
            error = readback.Mismatch("Reading back: damaged", "It is sent again.", path=job.path)
        self.done.append(CheckResult(job, error))

    def at(self, topic: str, partition: int, offset: int) -> Message | None:
        return self.log.messages[partition][offset]

    def results(self) -> list[CheckResult]:
        out, self.done = self.done, []
        return out

    def close(self) -> None: ...


class Ladder(RuleBasedStateMachine):
    """The files, the sender, and a service in small that gives the sender what changed."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="ladder-"))
        self.monotonic = 0.0
        self.ticks = itertools.count(1_700_000_000_000)
        self.broker = ListBroker()
        self.acknowledged: dict[Version, dict[int, bytes]] = {}
        self.versions: dict[str, int] = {}
        self.compared: set[tuple[int, int]] = set()
        self.receipts: list[Receipt] = []
        self.delivered: set[Version] = set()
        self.events: list[Event] = []
        self.told = 0

    @initialize()
    def begin(self) -> None:
        self.profile = Profile(self.place / "data")
        self.profile.prepare()
        (self.place / "source" / "run").mkdir(parents=True)
        for path in PATHS:
            self.write(path, CONTENTS[-1])
        self.start()

    def teardown(self) -> None:
        if hasattr(self, "journal"):
            self.finish()
            self.journal.close()
            self.profile.disown()
        shutil.rmtree(self.place)

    def start(self) -> None:
        """What a service does at its start."""
        self.journal = Journal(self.profile.journal_path, now=lambda: next(self.ticks) / 1000)
        self.files = OutgoingFiles(self.journal, KEY, TOPIC)
        self.make_sender()

    def make_sender(self) -> None:
        teller = Teller(self.journal, self.events.append, key=KEY, name="XRD", topic=TOPIC)
        self.sender = Sender(
            topic=self.broker.topic_info(TOPIC, 1),
            broker=self.broker,
            profile=self.profile,
            files=self.files,
            teller=teller,
            name="XRD",
            chunk_size=CHUNK,
            limit=Limit(),
            check=False,
            monotonic=lambda: self.monotonic,
        )
        self.sender._planner = DirectPlanner()  # type: ignore[assignment]
        self.check = DirectReadBack(self.broker, name="XRD")
        checking = Checking(self.check, self.files, teller, is_in_hand=self.sender.has)  # type: ignore[arg-type]
        self.sender._checking = checking
        self.sender.take_on([Job(r.path, r.local, r.fingerprint, row=r) for r in self.files.unfinished()])
        self.sender.check(self.files.in_states([FileState.SENT]))

    # -- what may happen

    @rule(path=st.sampled_from(PATHS), content=st.sampled_from(CONTENTS))
    def write(self, path: str, content: bytes) -> None:
        self.file(path).write_bytes(content)

    @rule(path=st.sampled_from(PATHS))
    def touch(self, path: str) -> None:
        if self.file(path).exists():
            self.file(path).touch()

    @rule()
    def settle(self) -> None:
        """Files that are there and not as they were Sent are finished, and go to the sender."""
        known = self.files.known(PATHS)
        jobs = []
        for path in PATHS:
            if not self.file(path).exists() or self.sender.has(path):
                continue
            fingerprint, row = Fingerprint.of(self.file(path).stat()), known.get(path)
            is_done = row is not None and row.state in DONE
            if is_done and row is not None and row.sent_fingerprint == fingerprint:
                continue
            if row is None or row.state is not FileState.SENDING:
                waiting = Sighting(path, str(self.file(path)), FileState.WAITING, "still being written", fingerprint)
                self.files.record([waiting])
            jobs.append(Job(path, str(self.file(path)), fingerprint, row=self.files.known([path])[path]))
        self.sender.take_on(jobs)

    @rule(seconds=st.sampled_from([0.0, 0.03, 1.1]))
    def work(self, seconds: float) -> None:
        self.monotonic += seconds
        self.step()

    @rule(messages=st.integers(0, 6))
    def go_on(self, messages: int) -> None:
        """What happens most of the time: finished files are sent, and the broker acknowledges."""
        self.settle()
        for _ in range(2 + messages):
            self.monotonic += 0.5
            self.step()
            if messages and self.broker.current is not None and self.broker.current.queue:
                messages -= 1
                self.acknowledge(0, many=False)

    @precondition(lambda self: self.broker.current and self.broker.current.queue)
    @rule(number=st.integers(0, 5), many=st.booleans())
    def acknowledge(self, number: int, many: bool) -> None:
        producer = self.broker.current
        assert producer is not None
        for _ in range(len(producer.queue) if many else 1):
            producer.decide(number, is_stored=True, is_acknowledged=True)
        self.see_topic()

    @precondition(lambda self: self.broker.current and self.broker.current.queue)
    @rule(number=st.integers(0, 5), is_stored=st.booleans())
    def fail(self, number: int, is_stored: bool) -> None:
        """A timeout: nobody knows whether the message was stored."""
        assert self.broker.current is not None
        self.broker.current.decide(number, is_stored=is_stored, is_acknowledged=False)

    @precondition(lambda self: self.broker.current and self.broker.current.queue)
    @rule()
    def break_producer(self) -> None:
        assert self.broker.current is not None
        self.broker.current.is_broken = True

    @rule(path=st.sampled_from(PATHS))
    def withdraw(self, path: str) -> None:
        self.sender.give_back(path)

    @precondition(lambda self: self.check.jobs)
    @rule(is_read_wrongly=st.booleans())
    def read_back(self, is_read_wrongly: bool) -> None:
        if not is_read_wrongly:
            self.compared.add((self.check.jobs[0].id, self.check.jobs[0].version))
        self.check.compare(is_read_wrongly=is_read_wrongly)

    @precondition(lambda self: self.acknowledged)
    @rule(number=st.integers(0, 5))
    def deliver(self, number: int) -> None:
        """A reader finds a version whole on the topic, and says so; perhaps before all of it was acknowledged to us."""
        version = sorted(self.acknowledged)[number % len(self.acknowledged)]
        pieces = self.acknowledged[version]
        content = b"".join(pieces[i] for i in sorted(pieces))
        sha512 = hashlib.sha512(content).digest()
        if self.holds(version, sha512):
            self.delivered.add(version)
            self.read_receipt(Receipt(TOPIC, version[0], sha512, len(content), version[1], OURS, 0.0, PLACE, OURS))

    @rule(
        path=st.sampled_from(PATHS),
        content=st.sampled_from(CONTENTS),
        size=st.sampled_from([0, 0, 1, -1]),
        version=st.sampled_from([None, 0, 0, 1, -1]),
        topic=st.sampled_from([TOPIC, TOPIC, "other"]),
        installation=st.sampled_from([OURS, "", "b" * 32]),
    )
    def forge(self, path: str, content: bytes, size: int, version: int | None, topic: str, installation: str) -> None:
        """Somebody writes what he likes: contents that the file never had, or had once, or has on another topic."""
        row = self.files.known([path]).get(path)
        number = 0 if version is None or row is None else row.version + version
        sha512 = hashlib.sha512(content).digest()
        size = max(0, len(content) + size)
        self.read_receipt(Receipt(topic, path, sha512, size, max(0, number), installation, 0.0, PLACE, "c" * 32))

    def read_receipt(self, receipt: Receipt) -> None:
        self.receipts.append(receipt)
        with self.journal.transaction():
            Arrivals(self.files, installation=OURS).take([receipt])

    @rule(path=st.sampled_from(PATHS), content=st.sampled_from((None, *CONTENTS)))
    def crash(self, path: str, content: bytes | None) -> None:
        """Everything in memory is gone; what was in flight may have been stored. A file may change meanwhile."""
        self.lose_flight()
        self.sender._outbox.close()  # the system closes the files of a process that is gone
        self.journal.close()
        self.profile.disown()
        if content is not None:
            self.write(path, content)
        self.start()

    @rule()
    def stop_and_start(self) -> None:
        self.sender.close(0)
        self.lose_flight()
        self.journal.close()
        self.start()

    # -- what must be true at any time

    @invariant()
    def sent_is_on_the_topic(self) -> None:
        for row in self.rows():
            if row.sent_version is not None:
                self.is_whole(row.path, row.sent_version, row.sent_sha512)
            if row.state in DONE:
                assert row.sent_version == row.version
                self.each_offset_holds_its_chunk(row)
            if row.state is FileState.CHECKED:
                assert (row.id, row.sent_version) in self.compared, "called Checked without reading back"

    @invariant()
    def arrived_is_what_somebody_has(self) -> None:
        """And the other way round: what somebody has is not called less."""
        for row in self.rows():
            if row.state is FileState.ARRIVED:
                fitting = [
                    r
                    for r in self.receipts
                    if (r.topic, r.path, r.sha512, r.size) == (TOPIC, row.path, row.sent_sha512, row.sent_size)
                    and r.version in (0, row.sent_version)
                    and r.installation in ("", OURS)
                ]
                assert fitting, f"{row.path} is called Arrived, but nobody said that he has it"
            elif row.state in DONE:
                assert (row.path, row.sent_version) not in self.delivered, (
                    f"{row.path} has arrived, but is not called so"
                )

    @invariant()
    def sent_is_said_of_what_is_on_the_topic(self) -> None:
        for event in self.events[self.told :]:
            if isinstance(event, FileEvent) and event.state in DONE:
                assert event.sha512 is not None
                found = [v for v in self.acknowledged if v[0] == event.path]
                assert any(self.holds(v, bytes.fromhex(event.sha512)) for v in found), event
        self.told = len(self.events)

    @invariant()
    def versions_grow_and_never_meet(self) -> None:
        for row in self.rows():
            assert row.version >= self.versions.get(row.path, 0)
            self.versions[row.path] = row.version
        if self.broker.current is not None and not self.broker.current.is_closed:
            flying: dict[str, set[int]] = {}
            for _, _, value, headers, _ in self.broker.current.queue:
                path, version = _whose(value, dict(headers))
                flying.setdefault(path, set()).add(version)
            assert all(len(versions) == 1 for versions in flying.values()), flying

    @invariant()
    def whatever_is_not_sent_has_a_state_and_a_reason(self) -> None:
        for row in self.rows():
            if row.state in (FileState.WAITING, FileState.PROBLEM):
                assert row.reason, row

    # -- the end

    def finish(self) -> None:
        """Nobody disturbs any more: everything comes to rest, and the last contents are Checked."""
        for _ in range(60):
            self.settle()
            self.monotonic += 1.1
            self.step()
            producer = self.broker.current
            while producer is not None and producer.queue:
                producer.decide(0, is_stored=True, is_acknowledged=True)
            self.see_topic()
            while self.check.jobs:
                self.read_back(is_read_wrongly=False)
            self.step()
        self.sent_is_on_the_topic()
        known = self.files.known(PATHS)
        for path in PATHS:
            if self.file(path).exists():
                row = known[path]
                assert row.state in (FileState.CHECKED, FileState.ARRIVED), row
                assert row.sent_version is not None
                newest = max(v for p, v in self.acknowledged if p == path)
                assert newest == row.sent_version, "a later version was begun and not ended"
                pieces = self.acknowledged[path, newest]
                assert b"".join(pieces[i] for i in sorted(pieces)) == self.file(path).read_bytes()

    # -- details

    def file(self, path: str) -> Path:
        return self.place / "source" / path

    def rows(self) -> list[Outgoing]:
        return list(self.files.known(PATHS).values()) if hasattr(self, "files") else []

    def step(self) -> None:
        self.sender.step(0)
        for returned in self.sender.take_returned():
            if isinstance(returned.error, FileChanged):
                row = self.files.known([returned.job.path]).get(returned.job.path)
                if row is not None:
                    self.files.set_state([row.id], FileState.WAITING, "it changed")

    def lose_flight(self) -> None:
        producer = self.broker.current
        assert producer is not None
        for number, (partition, key, value, headers, _) in enumerate(producer.queue):
            if number % 2:
                self.broker.log.append(partition, key, value, headers)
        producer.queue.clear()

    def see_topic(self) -> None:
        """What an honest reader finds on the topic."""
        for log in self.broker.log.messages.values():
            for message in log:
                chunk, header = decode(message.value), decode_header(message.header(HEADER))
                assert header is not None
                pieces = self.acknowledged.setdefault((chunk.path, header.version), {})
                assert pieces.setdefault(chunk.index, chunk.data) == chunk.data, "two contents under one version"

    def is_whole(self, path: str, version: int, sha512: bytes | None) -> None:
        self.see_topic()
        assert self.holds((path, version), sha512), f"{path} {version} is not whole on the topic"

    def each_offset_holds_its_chunk(self, row: Outgoing) -> None:
        """Only a report tells an offset, so every one of them was acknowledged."""
        for number, offset in enumerate(unpack_offsets(row.offsets), start=1):
            message = self.broker.log.messages[row.partition or 0][offset]
            assert _whose_message(message) == (row.path, row.sent_version)
            assert decode(message.value).index == number

    def holds(self, version: Version, sha512: bytes | None) -> bool:
        self.see_topic()
        chunks = [
            decode(m.value) for log in self.broker.log.messages.values() for m in log if _whose_message(m) == version
        ]
        right = {c.index for c in chunks if c.file_hash == sha512}
        return bool(chunks) and right == set(range(1, chunks[0].total + 1))


def _whose(value: bytes, headers: Mapping[str, bytes]) -> Version:
    header = decode_header(headers[HEADER])
    assert header is not None
    return decode(value).path, header.version


def _whose_message(message: Message) -> Version:
    header = message.header(HEADER)
    assert message.value is not None and header is not None
    return _whose(message.value, {HEADER: header})


_usual = chunker.SMALL


class TestLadder(Ladder.TestCase):  # type: ignore[misc,valid-type]
    settings = settings(max_examples=80, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))

    def setUp(self) -> None:
        chunker.SMALL = SMALL

    def tearDown(self) -> None:
        chunker.SMALL = _usual
