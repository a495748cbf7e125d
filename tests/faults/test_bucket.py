"""Buckets that are out of reach, refuse us, or store something else; and kills in the middle (F37, F38, F39)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from faults.report import Line
from servers.chunks import chunks_of
from servers.memory_broker import MemoryBroker
from servers.parts import eventually
from servers.s3 import ROOT, S3
from servers.s3_faults import S3Faults
from streaming.bucket_bench import Bench
from streaming.reading import Reader, until

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.uploads import Uploads
from openmsi_desktop.streaming.receiving import patience
from openmsi_desktop.streaming.sinks.bucket import arriving as bucket_arriving
from openmsi_desktop.streaming.sinks.bucket import multipart
from openmsi_desktop.streaming.sinks.bucket import sink as bucket_sink
from openmsi_desktop.streaming.sinks.bucket.client import connect
from openmsi_desktop.streaming.sinks.making import SinkTools

MB = 1 << 20
_LONG_S = 60.0
_READ_S = 6.0
_SHORT_S = 1.0
_OPENING_S = 3.0


class Transfer:
    """A topic in memory, a reader of it, and a bucket behind a network that may fail."""

    def __init__(self, folder: Path, s3: S3, faults: S3Faults, **settings: Any) -> None:
        self.bench = Bench(folder / "bench", faults.endpoint, s3.create_bucket(), **settings)
        self.broker = MemoryBroker()
        self.broker.create("t")
        self.s3 = s3
        self.faults = faults
        self.wrote: dict[str, bytes] = {}
        self.reader = Reader(folder / "reader", self.broker, target=None, sinks=[self._sink])
        self.read_s = _READ_S
        self.sink: bucket_sink.BucketSink | None = None

    def _sink(self, journal: Any) -> bucket_sink.BucketSink:
        tools = SinkTools("download:1", self.broker, self.reader.profile, self.bench.secret_of)

        def connecting(described: Any, secret: str | None, notes: Any, jobs: int) -> Any:
            return connect(described, secret, notes=notes, jobs=jobs, read_s=self.read_s, connect_s=2.0, attempts=1)

        self.sink = bucket_sink.BucketSink(self.bench.described, journal, tools, connecting=connecting)
        return self.sink

    def sweep(self) -> None:
        """What the sink does every ten minutes, when nothing can be underway any more."""
        end = time.monotonic() + _OPENING_S
        until(lambda: time.monotonic() > end)
        assert self.sink is not None
        self.sink._carrier.arriving.sweep(before=0)

    def write(self, path: str, data: bytes) -> None:
        """A file that somebody sent."""
        self.wrote[path] = data
        self.broker.put_chunks("t", chunks_of(path, data, MB))

    def wait_delivered(self, number: int) -> None:
        """So many files are."""
        until(lambda: self.delivered() == number, patience_s=_LONG_S)

    def wait_seen(self, method: str, path: str, number: int) -> None:
        """So many such requests came."""
        until(lambda: self.faults.count(method, path) >= number, patience_s=_LONG_S)

    def wait_problem(self, words: str) -> None:
        """The task has one whose title has these words."""
        until(lambda: any(words in problem.title for problem in self.reader.problems()), patience_s=_LONG_S)

    def wait_well(self) -> None:
        """All problems are over."""
        until(lambda: self.reader.problems() == [], patience_s=_LONG_S)

    def delivered(self) -> int:
        return sum(row.state is FileState.DELIVERED for row in self.reader.rows())

    def line(
        self, number: str, what: str, times: int, *, resent: int = 0, recovery_s: float | None = None, note: str = ""
    ) -> Line:
        """What came of it: lost are files that are not in the bucket, lies those that are called delivered and are not there, mixed
        are objects that are something else."""
        bucket = self.bench.described.bucket
        found = {key: self.s3.content(bucket, key) for key in self.s3.keys(bucket) if not key.startswith(".openmsi")}
        wanted = {f"t/{path}": data for path, data in self.wrote.items()}
        said = {f"t/{row.path}" for row in self.reader.rows() if row.state is FileState.DELIVERED}
        return Line(
            number,
            what,
            times,
            lost=len(wanted.keys() - found.keys()),
            lies=sum(found.get(key) != wanted[key] for key in said),
            mixed=sum(data != wanted.get(key) for key, data in found.items()),
            resent_bytes=resent,
            recovery_s=recovery_s,
            note=note,
        )

    def unfinished(self) -> list[str]:
        """Uploads that the store or the journal knows of."""
        client = self.s3.client()
        there = client.list_multipart_uploads(Bucket=self.bench.described.bucket).get("Uploads", [])
        client.close()
        with self.reader.journal() as journal:
            known = [f"known: {row.key} {row.upload_id}" for row in Uploads(journal).all()]
        return known + [f"there: {upload['Key']} {upload['UploadId']}" for upload in there]


@pytest.fixture
def transfer(
    tmp_path: Path, s3: S3, s3_faults: S3Faults, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Transfer]]:
    """transfer(**settings of the bucket); it does not wait as long as usual between two attempts."""
    monkeypatch.setattr(patience, "DELAYS_S", (0.1, 0.2, 0.3, 0.5))
    monkeypatch.setattr(patience, "NEEDS_YOU_S", 0.3)
    monkeypatch.setattr(multipart, "_OPENING_S", _OPENING_S)
    monkeypatch.setattr(bucket_arriving, "_YOUNG_S", 0.0)
    made: list[Transfer] = []

    def make(**settings: Any) -> Transfer:
        made.append(Transfer(tmp_path / str(len(made)), s3, s3_faults, **settings))
        return made[-1]

    yield make
    for one in made:
        one.bench.close()


def some(size: int) -> bytes:
    return os.urandom(MB) * (size // MB) + os.urandom(size % MB)


TROUBLES: dict[str, dict[str, Any]] = {
    "500": {"status": 500, "code": "InternalError"},
    "503": {"status": 503, "code": "SlowDown"},
    "connection cut in the middle of a body": {"cut_request": 100_000},
    "no answer in time": {"stall": _SHORT_S + 0.5},
    "answer lost": {"close": "after"},
}


@pytest.mark.parametrize("trouble", ["503", "answer lost"])
def test_troubles_that_pass_are_waited_for_and_an_upload_goes_on(
    transfer: Callable[..., Transfer],
    trouble: str,
    repeats: Callable[[int, int], int],
    fault: Callable[[Line], None],
    chance: random.Random,
) -> None:
    outlast(transfer(), trouble, repeats(1, 20), fault, chance)


@pytest.mark.usefixtures("only_on_request")
@pytest.mark.parametrize("trouble", sorted(TROUBLES.keys() - {"503", "answer lost"}))
def test_other_troubles_that_pass(
    transfer: Callable[..., Transfer], trouble: str, fault: Callable[[Line], None], chance: random.Random
) -> None:
    outlast(transfer(), trouble, 20, fault, chance)


def outlast(here: Transfer, trouble: str, times: int, fault: Callable[[Line], None], chance: random.Random) -> None:
    """A part and a small file meet it several times; the other parts are not sent again."""
    worst, resent = 0.0, 0
    here.read_s = _SHORT_S if "time" in trouble else _READ_S
    with here.reader.running():
        for turn in range(times):
            here.faults.clear()
            part = chance.randint(1, 3)
            here.faults.add("PUT", rf"partNumber={part}\b", times=4, **TROUBLES[trouble])
            here.faults.add("PUT", r"small", times=2, **TROUBLES[trouble])
            here.write(f"{turn}/big.raw", some(20 * MB))
            here.write(f"{turn}/small.txt", some(chance.randint(0, 5000)))
            here.wait_seen("PUT", rf"partNumber={part}\b", 4)
            ended = time.monotonic()
            here.wait_delivered(2 * turn + 2)
            worst = max(worst, time.monotonic() - ended)
            others = sum("partNumber=" in seen.path for seen in here.faults.seen) - here.faults.count(
                "PUT", rf"partNumber={part}\b"
            )
            resent += max(0, others - 2) * 8 * MB
        if "time" in trouble:
            here.sweep()
    assert here.unfinished() == []
    assert resent <= times * MB or "time" in trouble  # any request may come too late
    fault(here.line("F37", trouble, times, resent=resent, recovery_s=worst))


def test_a_bucket_that_is_out_of_reach_for_long(
    transfer: Callable[..., Transfer], seconds: Callable[[float, float], float], fault: Callable[[Line], None], s3: S3
) -> None:
    """Refused connections: nothing is given up, attempts become rarer, and one problem is shown."""
    here = transfer()
    down = here.faults.add("*", "", times=None, close="before")
    lasts = seconds(2.0, 60.0)
    with here.reader.running():
        for number in range(20):
            here.write(f"{number}.dat", some(20_000))
        here.write("big.raw", some(20 * MB))
        until(lambda: here.faults.count() > 3, patience_s=_LONG_S)
        end = time.monotonic() + lasts
        until(lambda: time.monotonic() > end, patience_s=lasts + 10)
        tried = here.faults.count()
        assert here.delivered() == 0
        assert len(here.reader.problems()) == 1
        down.times = 0
        ended = time.monotonic()
        here.wait_delivered(21)
        recovery = time.monotonic() - ended
        here.wait_well()
    assert tried < 30 + 12 * lasts
    assert here.unfinished() == []
    fault(here.line("F37", "out of reach for long", 1, recovery_s=recovery, note=f"{tried} attempts"))


@pytest.mark.parametrize("what", ["secret rotated", "bucket missing", "writing denied"])
def test_what_a_person_puts_right_goes_on_without_a_restart(
    transfer: Callable[..., Transfer],
    what: str,
    s3: S3,
    repeats: Callable[[int, int], int],
    fault: Callable[[Line], None],
) -> None:
    here = transfer()
    bucket = here.bench.described.bucket
    allowed = ("s3:PutObject", "s3:GetObject", "s3:ListBucket", "s3:AbortMultipartUpload")
    keys = s3.user(bucket, *allowed)
    here.bench.described = here.bench.described.model_copy(update={"access_key_id": keys.access_key_id})
    here.bench.secret = keys.secret
    sentences = {
        "secret rotated": "secret",
        "bucket missing": "no bucket",
        "writing denied": "may not write",
    }
    times, worst, number = repeats(1, 20), 0.0, 0
    with here.reader.running():
        for turn in range(times):
            here.write(f"{turn}/before.dat", some(1000))
            number += 1
            here.wait_delivered(number)
            if what == "secret rotated":
                s3.change_secret(keys, f"new-{turn}")
            elif what == "bucket missing":
                os.rename(s3.data / bucket, s3.data / "aside")
            else:
                s3.forbid(keys, bucket)
                s3.allow(keys, bucket, "s3:ListBucket", "s3:GetObject")
            here.write(f"{turn}/small.dat", some(1000))
            here.write(f"{turn}/big.dat", some(20 * MB))
            number += 2
            here.wait_problem(sentences[what])
            if what == "secret rotated":
                here.bench.secret = f"new-{turn}"
            elif what == "bucket missing":
                os.rename(s3.data / "aside", s3.data / bucket)
            else:
                s3.allow(keys, bucket, *allowed)
            ended = time.monotonic()
            here.wait_delivered(number)
            worst = max(worst, time.monotonic() - ended)
            here.wait_well()
    assert here.unfinished() == []
    fault(here.line("F38", what, times, recovery_s=worst))


def test_bytes_that_are_altered_on_the_way(
    transfer: Callable[..., Transfer],
    repeats: Callable[[int, int], int],
    fault: Callable[[Line], None],
    chance: random.Random,
) -> None:
    """Every other time not even the server can know: the request is signed anew, without checksums, and what is stored is wrong."""

    def alter(body: bytes) -> bytes:
        at = chance.randrange(len(body))
        return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]

    times = repeats(2, 100)
    here = transfer()
    with here.reader.running():
        for turn in range(times):
            size = chance.choice([1, 5000, 2 * MB, 20 * MB])
            here.faults.clear()
            altered = here.faults.add("PUT", rf"/{turn}\.dat", times=1, alter=alter, unnoticed=turn % 2 == 0)
            here.write(f"{turn}.dat", some(size))
            here.wait_delivered(turn + 1)
            assert altered.times == 0
    assert here.unfinished() == []
    fault(here.line("F39", "bytes altered on the way to the bucket", times))


CHILD = """
import sys
from pathlib import Path
from streaming.bucket_bench import Bench
bench = Bench(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
data = Path(sys.argv[4]).read_bytes()
file = bench.file(data, "big.raw", number=1)
bench.expect(file)
with bench.opened() as sink:
    print("ready", flush=True)
    bench.delivered(sink, file)
"""


def test_kills_during_an_upload(
    tmp_path: Path,
    s3: S3,
    s3_faults: S3Faults,
    repeats: Callable[[int, int], int],
    fault: Callable[[Line], None],
    chance: random.Random,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One file is uploaded, and killed again and again, until it is there; then the next."""
    monkeypatch.setattr(multipart, "_OPENING_S", 2.0)
    kills, done, mixed, lost, left = repeats(2, 200), 0, 0, 0, 0
    root = Path(__file__).parents[2]
    paths = os.pathsep.join([str(root), str(root / "tests")])
    s3_faults.add("PUT", "partNumber=", times=None, stall=0.05)
    while done < kills:
        bucket = s3.create_bucket()
        data = some(30 * MB)
        folder = tmp_path / bucket
        (tmp_path / "data").write_bytes(data)
        killed_now = 0
        while killed_now < 3 and done < kills:
            arguments = [str(folder), s3_faults.endpoint, bucket, str(tmp_path / "data")]
            with subprocess.Popen(
                [sys.executable, "-c", CHILD, *arguments],
                stdout=subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": paths},
            ) as child:
                assert child.stdout is not None
                child.stdout.readline()
                time.sleep(chance.uniform(0, 0.4))
                child.send_signal(signal.SIGKILL)
            done += 1
            killed_now += 1
            if s3.keys(bucket):
                mixed += s3.content(bucket, "t/big.raw") != data
        bench = Bench(folder, s3_faults.endpoint, bucket)
        file = bench.file(data, "big.raw", number=1)
        with bench.opened() as sink:
            bench.delivered(sink, file)
            eventually(partial(bench.is_swept, sink), timeout_s=30, what="orphans are aborted", every_s=0.3)
        lost += s3.content(bucket, "t/big.raw") != data
        client = s3.client()
        left += len(client.list_multipart_uploads(Bucket=bucket).get("Uploads", []))
        client.close()
        bench.close()
        s3.delete_bucket(bucket)
    assert left == 0
    fault(Line("F39", "killed during an upload in parts", done, lost=lost, mixed=mixed, note="no upload left behind"))


def test_a_file_that_is_refused_keeps_no_other_from_the_bucket(transfer: Callable[..., Transfer]) -> None:
    """Not even the first one, when nobody knows yet that others fare better."""
    here = transfer()
    here.faults.add("PUT", "bad", times=None, status=403, code="AccessDenied")
    here.write("bad", b"1")
    with here.reader.running():
        here.wait_problem("may not write")
        for number in range(6):
            here.write(f"good/{number}", b"2")
        here.wait_delivered(6)
        here.wait_problem("may not write")
        here.faults.heal()
        here.wait_delivered(7)
        here.wait_well()


def test_the_secret_is_asked_for_again_only_after_a_refusal(transfer: Callable[..., Transfer]) -> None:
    here = transfer()
    assert here.bench.secret == ROOT.secret
    with here.reader.running():
        here.write("a", b"1")
        here.wait_delivered(1)
        here.faults.add("PUT", "b", times=6, status=503, code="SlowDown")
        here.write("b", b"2")
        here.wait_delivered(2)
    assert here.bench.asked == 1
