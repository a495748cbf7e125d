"""Big files in parts: while they arrive, on from where they were cut off, and with nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from servers.parts import eventually
from servers.s3 import S3
from servers.s3_faults import S3Faults
from streaming.bucket_bench import KEY, Bench, arriving

from openmsi_desktop.core.uploads import UploadRow, Uploads
from openmsi_desktop.settings import Settings
from openmsi_desktop.streaming.engine import Engine
from openmsi_desktop.streaming.sinks import Delivered, Failed, SpoolMissing
from openmsi_desktop.streaming.sinks.bucket import arriving as arriving_module
from openmsi_desktop.streaming.sinks.bucket import multipart
from openmsi_desktop.streaming.sinks.bucket.multipart import PART_BYTES, part_size

Make = Callable[..., Bench]
MB = 1 << 20
PARTS = r"partNumber="


@pytest.fixture
def bench(tmp_path: Path, s3_faults: S3Faults, s3: S3, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """A part that fails is not sent again within the same attempt."""
    monkeypatch.setattr(multipart, "_TRIES", 1)
    made: list[Bench] = []

    def make(**settings: Any) -> Bench:
        made.append(Bench(tmp_path / str(len(made)), s3_faults.endpoint, s3.create_bucket(), **settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


def under_way(s3: S3, bench: Bench) -> list[str]:
    """Ids of uploads that were begun and not ended."""
    client = s3.client()
    found = client.list_multipart_uploads(Bucket=bench.described.bucket).get("Uploads", [])
    client.close()
    return [upload["UploadId"] for upload in found]


def stored(client: Any, bench: Bench) -> list[Any]:
    """Parts of the one upload there is."""
    found = client.list_multipart_uploads(Bucket=bench.described.bucket).get("Uploads", [])
    where = {"Bucket": bench.described.bucket, "Key": "t/big.raw"}
    return [
        part for upload in found for part in client.list_parts(**where, UploadId=upload["UploadId"]).get("Parts", [])
    ]


def random_bytes(size: int) -> bytes:
    return os.urandom(MB) * (size // MB) + os.urandom(size % MB)


def test_parts_are_few_enough() -> None:
    assert part_size(17 * MB) == PART_BYTES
    for size in (80 << 30, 1 << 40, 5 << 40):
        assert -(-size // part_size(size)) <= 10_000
        assert part_size(size) % PART_BYTES == 0


def test_a_big_file_is_uploaded_while_it_arrives_and_shows_only_when_it_was_verified(
    bench: Make, s3: S3, s3_faults: S3Faults
) -> None:
    here = bench()
    data = random_bytes(26 * MB)
    file = here.file(data, "big.raw", version=4, installation="i")
    file.path.write_bytes(data[: 17 * MB])
    with here.opened() as sink:
        coming = replace(arriving(file), installation="i", version=4)
        for ready in (5 * MB, 9 * MB, 17 * MB):
            sink.arriving(coming, ready)
        eventually(lambda: s3_faults.count("PUT", PARTS) == 2, timeout_s=20, what="two parts are sent ahead")
        assert s3.keys(here.described.bucket) == []
        file.path.write_bytes(data)
        here.delivered(sink, file)
    assert s3.content(here.described.bucket, "t/big.raw") == data
    assert s3_faults.count("PUT", PARTS) == 4
    assert s3_faults.count("POST", "uploads") == 1
    assert here.uploads == 0


def test_what_is_abandoned_leaves_nothing_behind(bench: Make, s3: S3, s3_faults: S3Faults) -> None:
    here = bench()
    file = here.file(random_bytes(26 * MB), "big.raw")
    with here.opened() as sink:
        sink.arriving(arriving(file), 17 * MB)
        eventually(lambda: s3_faults.count("PUT", PARTS) == 2, timeout_s=20, what="two parts are sent ahead")
        assert here.uploads == 1
        sink.abandoned(file.path)
        eventually(lambda: here.uploads == 0, timeout_s=20, what="the upload is aborted")
    assert under_way(s3, here) == []
    assert s3.keys(here.described.bucket) == []


def test_what_was_sent_of_another_spool_file_does_not_count(bench: Make, s3: S3, s3_faults: S3Faults) -> None:
    """The beginning was lost and read again: the spool file has its name, but is another."""
    here = bench()
    data = random_bytes(26 * MB)
    file = here.file(data, "big.raw")
    kept = open(file.path, "rb")  # noqa: SIM115 - so that its number is not given away again
    file.path.unlink()
    file.path.write_bytes(b"wrong" * 4 * MB)
    with kept, here.opened() as sink:
        sink.arriving(arriving(file), 17 * MB)
        eventually(lambda: s3_faults.count("PUT", PARTS) == 2, timeout_s=20, what="two parts are sent ahead")
        other = file.path.with_name("other")
        other.write_bytes(data)
        other.replace(file.path)
        here.delivered(sink, file)
    assert s3.content(here.described.bucket, "t/big.raw") == data
    assert under_way(s3, here) == []


def test_an_upload_that_was_cut_off_goes_on_with_the_parts_that_are_missing(
    bench: Make, s3: S3, s3_faults: S3Faults
) -> None:
    here = bench()
    data = random_bytes(40 * MB)
    file = here.file(data, "big.raw")
    s3_faults.add("PUT", "partNumber=5\\b", status=503, code="SlowDown", times=None)
    with here.opened() as sink:
        failed = here.failed(sink, file)
    assert failed.concerns_sink
    assert "is lost" in str(failed.error)
    assert len(under_way(s3, here)) == here.uploads == 1
    s3_faults.clear()
    here.expect(file)
    with here.opened() as sink:  # another process, which knows only what the journal does
        here.delivered(sink, file)
    assert s3_faults.count("PUT", PARTS) == s3_faults.count("PUT", "partNumber=5\\b") == 1
    assert s3.content(here.described.bucket, "t/big.raw") == data
    assert (under_way(s3, here), here.uploads) == ([], 0)


def test_the_next_attempt_of_the_same_run_asks_for_no_list(bench: Make, s3: S3, s3_faults: S3Faults) -> None:
    here = bench()
    file = here.file(random_bytes(26 * MB), "big.raw")
    with here.opened() as sink:
        fault = s3_faults.add("PUT", "partNumber=4\\b", status=500, code="InternalError", times=None)
        here.failed(sink, file)
        fault.times = 0
        s3_faults.clear()
        here.delivered(sink, file)
    assert [seen.path.partition("partNumber=")[2][:1] for seen in s3_faults.seen if seen.method == "PUT"] == ["4"]


def test_parts_that_are_not_what_the_file_has_are_sent_again(bench: Make, s3: S3, s3_faults: S3Faults) -> None:
    here = bench()
    data = random_bytes(26 * MB)
    file = here.file(data, "big.raw")
    s3_faults.add("PUT", "partNumber=4\\b", status=503, code="SlowDown", times=None)
    with here.opened() as sink:
        here.failed(sink, file)
    s3_faults.clear()
    changed = bytearray(data)
    changed[10 * MB] ^= 1
    file.path.write_bytes(bytes(changed))
    other = here.file(bytes(changed), "big.raw")
    row = here.journal.execute("UPDATE uploads SET sha512 = ?", other.sha512)
    assert row == 1
    here.expect(other)
    with here.opened() as sink:
        here.delivered(sink, other)
    assert sorted(seen.path.partition("partNumber=")[2][:1] for seen in s3_faults.seen if seen.method == "PUT") == [
        "2",
        "4",
    ]
    assert s3.content(here.described.bucket, "t/big.raw") == bytes(changed)


@pytest.mark.parametrize("close", ["before", "after"])
def test_an_answer_to_the_last_request_that_nobody_heard(bench: Make, s3: S3, s3_faults: S3Faults, close: str) -> None:
    here = bench()
    data = random_bytes(17 * MB)
    s3_faults.add("POST", "uploadId=", close=close)
    file = here.file(data, "big.raw")
    with here.opened() as sink:
        outcome = here.one(sink, file)
        if isinstance(outcome, Failed):
            outcome = here.delivered(sink, file)
    assert isinstance(outcome, Delivered)
    assert outcome.local == f"s3://{here.described.bucket}/t/big.raw"
    assert s3.keys(here.described.bucket) == ["t/big.raw"]
    assert s3.content(here.described.bucket, "t/big.raw") == data
    assert (under_way(s3, here), here.uploads) == ([], 0)


def test_an_upload_that_was_begun_without_an_answer_is_found_and_aborted(
    bench: Make, s3: S3, s3_faults: S3Faults
) -> None:
    here = bench()
    s3_faults.add("POST", "uploads", close="after")
    file = here.file(random_bytes(17 * MB), "big.raw")
    with here.opened() as sink:
        here.failed(sink, file)
        assert len(under_way(s3, here)) == here.uploads == 1
        here.delivered(sink, file)
    assert (under_way(s3, here), here.uploads) == ([], 0)


def test_an_upload_that_the_store_has_thrown_away_begins_anew(bench: Make, s3: S3, s3_faults: S3Faults) -> None:
    here = bench()
    data = random_bytes(26 * MB)
    file = here.file(data, "big.raw")
    client = s3.client()
    with here.opened() as sink:
        sink.arriving(arriving(file), 17 * MB)
        eventually(lambda: len(stored(client, here)) == 2, timeout_s=20, what="two parts are sent ahead")
        (upload,) = under_way(s3, here)
        client.abort_multipart_upload(Bucket=here.described.bucket, Key="t/big.raw", UploadId=upload)
        client.close()
        here.delivered(sink, file)
    assert s3.content(here.described.bucket, "t/big.raw") == data
    assert (under_way(s3, here), here.uploads) == ([], 0)


def test_uploads_that_nobody_will_complete_are_aborted(bench: Make, s3: S3) -> None:
    """One whose file is no longer on its way, and one whose id was never learned. Those of others stay."""
    here = bench()
    bucket = here.described.bucket
    client = s3.client()

    def begun(key: str) -> str:
        return str(client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"])

    rows = Uploads(here.journal)
    row = UploadRow(KEY, "lab", here.described.endpoint_url, bucket, "t/old", "t", "old", b"1" * 64, PART_BYTES)
    number = rows.begin(replace(row, began_at=here.journal.now()))
    rows.learn(number, begun("t/old"))
    rows.begin(replace(row, key="t/unheard", path="unheard", began_at=here.journal.now()))
    begun("t/unheard")
    other = begun("t/unheard of others")
    with here.opened():
        eventually(lambda: here.uploads == 0, timeout_s=20, what="both are aborted")
    assert under_way(s3, here) == [other]
    client.close()


def test_an_orphan_that_cannot_be_aborted_now_is_aborted_later(
    bench: Make, s3: S3, s3_faults: S3Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = bench()
    monkeypatch.setattr(arriving_module, "_YOUNG_S", 0.0)
    s3_faults.add("DELETE", "uploadId", status=503, code="SlowDown", times=None)
    file = here.file(random_bytes(26 * MB), "big.raw")
    with here.opened() as sink:
        sink.arriving(arriving(file), 17 * MB)
        eventually(lambda: s3_faults.count("PUT", PARTS) == 2, timeout_s=20, what="two parts are sent ahead")
        sink.abandoned(file.path)
        eventually(lambda: s3_faults.count("DELETE") >= 1, timeout_s=20, what="it tries to abort")
        assert here.uploads == 1
        s3_faults.heal()
        sink._carrier.arriving.sweep(before=0)
        assert (under_way(s3, here), here.uploads) == ([], 0)


def test_uploads_of_a_task_that_was_removed_are_aborted_by_the_engine(bench: Make, s3: S3) -> None:
    here = bench()
    bucket = here.described.bucket
    client = s3.client()
    upload = client.create_multipart_upload(Bucket=bucket, Key="t/old")["UploadId"]
    client.close()
    rows = Uploads(here.journal)
    row = UploadRow("gone", "lab", here.described.endpoint_url, bucket, "t/old", "t", "old", b"1" * 64, PART_BYTES)
    rows.learn(rows.begin(replace(row, began_at=here.journal.now())), upload)
    rows.begin(replace(row, bucket="a bucket that is in no settings", began_at=here.journal.now()))
    engine = Engine(
        Settings(buckets=(here.described,)), data=here.profile.data, emit=lambda e: None, secret_of=here.secret_of
    )
    engine.start()
    eventually(lambda: here.uploads == 0, timeout_s=20, what="they are aborted, or forgotten")
    engine.stop()
    assert under_way(s3, here) == []


def test_a_spool_file_that_vanished_is_asked_for_again(bench: Make) -> None:
    here = bench()
    small, big = here.file(b"1", "a"), here.file(random_bytes(17 * MB), "b")
    damaged = here.file(b"1234", "c")
    small.path.unlink()
    big.path.unlink()
    damaged.path.write_bytes(b"1235")
    with here.opened() as sink:
        for outcome in here.deliver(sink, small, big, damaged):
            assert isinstance(outcome, Failed)
            assert isinstance(outcome.error, SpoolMissing)


def test_it_stops_at_once_in_the_middle_of_a_part(bench: Make, s3_faults: S3Faults) -> None:
    here = bench()
    s3_faults.add("PUT", "", stall=2.0, times=None)
    with here.opened() as sink:
        futures = [sink.submit(here.file(random_bytes(26 * MB), "big")), sink.submit(here.file(b"1", "small"))]
        eventually(lambda: s3_faults.count("PUT") >= 2, timeout_s=20, what="both are under way")
        stopping = threading.Thread(target=sink.stop)
        stopping.start()
        outcomes = [future.result(1.5) for future in futures]
        stopping.join()
    assert all(isinstance(outcome, Failed) and "Stopped" in outcome.error.title for outcome in outcomes)  # type: ignore[attr-defined]


UPLOADER = """
import sys, os
from pathlib import Path
from streaming.bucket_bench import Bench, arriving
bench = Bench(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
file = bench.file(Path(sys.argv[4]).read_bytes(), "big.raw")
with bench.opened() as sink:
    print("begun", flush=True)
    bench.delivered(sink, file)
    print("delivered", flush=True)
"""


@pytest.mark.parametrize("after", [0, 3])
def test_a_kill_during_an_upload_leaves_the_whole_object_or_none(
    bench: Make, s3: S3, s3_faults: S3Faults, tmp_path: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(multipart, "_OPENING_S", 2.0)
    here = bench()
    data = random_bytes(40 * MB)
    (tmp_path / "data").write_bytes(data)
    folder = str(here.folder)
    s3_faults.add("PUT", PARTS, stall=0.2, times=None)
    arguments = [folder, s3_faults.endpoint, here.described.bucket, str(tmp_path / "data")]
    with subprocess.Popen(
        [sys.executable, "-c", UPLOADER, *arguments], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": _PATH}
    ) as process:
        eventually(
            lambda: s3_faults.count("POST", "uploads") >= 1 and s3_faults.count("PUT", PARTS) >= after,
            timeout_s=30,
            what="it is in the middle",
        )
        process.send_signal(signal.SIGKILL)
    assert s3.keys(here.described.bucket) == []
    s3_faults.heal()
    file = here.file(data, "big.raw")
    here.expect(file)
    with here.opened() as sink:
        here.delivered(sink, file)
        eventually(lambda: here.is_swept(sink), timeout_s=20, what="nothing is left over", every_s=0.3)
    assert s3.content(here.described.bucket, "t/big.raw") == data
    assert under_way(s3, here) == []


_PATH = os.pathsep.join([str(Path(__file__).parents[2]), str(Path(__file__).parents[1])])


@pytest.mark.parametrize("reason", ["overtaken", "spool file gone"])
def test_an_upload_that_failed_and_is_not_wanted_any_more_is_aborted_in_the_same_run(
    bench: Make, s3: S3, s3_faults: S3Faults, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    """Nobody tells the sink that a later version has overtaken a file which it has tried before. A run may last for months."""
    here = bench()
    monkeypatch.setattr(arriving_module, "_YOUNG_S", 0.0)
    file = here.file(random_bytes(26 * MB), "big.raw")
    here.expect(file)
    with here.opened() as sink:
        if reason == "overtaken":
            s3_faults.add("PUT", "partNumber=3", status=503, code="SlowDown", times=None)
        else:
            s3_faults.add("PUT", "partNumber=3", stall=1.0)
            threading.Timer(0.5, file.path.unlink).start()
            s3_faults.add("PUT", "partNumber=4", status=503, code="SlowDown", times=None)
        here.failed(sink, file)
        sink._carrier.arriving.sweep(before=0)
        assert here.uploads == 1, "as long as it is wanted it goes on with what was sent"
        s3_faults.heal()
        here.journal.execute("UPDATE incoming SET stage = 3")
        sink._carrier.arriving.sweep(before=0)
        assert (under_way(s3, here), here.uploads) == ([], 0)
