"""Files become objects: in one request and in parts, on a real S3 server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.chunks import chunks_of, content
from servers.memory_broker import MemoryBroker
from servers.s3 import S3
from streaming.bucket_bench import KEY, MODIFIED, Bench
from streaming.reading import Reader

from openmsi_desktop.core.events import FileState
from openmsi_desktop.streaming.sinks import Delivered
from openmsi_desktop.streaming.sinks.making import SinkTools, sink_factory


@pytest.fixture
def bench(tmp_path: Path, s3: S3) -> Iterator[Bench]:
    bucket = s3.create_bucket()
    made = Bench(tmp_path, s3.endpoint, bucket)
    yield made
    made.close()
    s3.delete_bucket(bucket)


def test_a_file_becomes_an_object(bench: Bench, s3: S3) -> None:
    file = bench.file(b"2theta I\n10 200\n", "run 1/scan.csv", installation="a1", version=3)
    with bench.opened() as sink:
        outcome = bench.one(sink, file)
    name = bench.described.bucket
    assert outcome == Delivered(f"s3://{name}/t/run 1/scan.csv")
    assert s3.content(name, "t/run 1/scan.csv") == b"2theta I\n10 200\n"
    client = s3.client()
    about = client.head_object(Bucket=name, Key="t/run 1/scan.csv")
    client.close()
    assert about["ContentType"] == "text/csv"
    assert about["Metadata"] == {
        "sha512": file.sha512.hex(),
        "topic": "t",
        "path": "run%201/scan.csv",
        "mtime": f"{MODIFIED}",
        "installation": "a1",
        "version": "3",
    }


def test_a_big_file_goes_in_parts(bench: Bench, s3: S3) -> None:
    content = os.urandom(1 << 20) * 21 + b"end"
    with bench.opened() as sink:
        bench.delivered(sink, bench.file(content, "big.raw"))
    assert s3.content(bench.described.bucket, "t/big.raw") == content
    assert bench.uploads == 0
    client = s3.client()
    assert client.head_object(Bucket=bench.described.bucket, Key="t/big.raw")["ETag"].strip('"').endswith("-3")
    client.close()


def test_many_small_files(bench: Bench, s3: S3) -> None:
    files = [bench.file(f"{n}".encode() * n, f"{n % 7}/{n}.txt") for n in range(60)]
    with bench.opened() as sink:
        assert all(isinstance(outcome, Delivered) for outcome in bench.deliver(sink, *files))
    assert len(s3.keys(bench.described.bucket)) == 60
    assert s3.content(bench.described.bucket, "t/0/0.txt") == b""


def test_files_of_a_topic_become_objects(tmp_path: Path, bench: Bench, s3: S3, broker: MemoryBroker) -> None:
    files = {f"run {n}/ß{n}.dat": content(2500 + n, n) for n in range(20)}
    for path, data in files.items():
        broker.put_chunks("t", chunks_of(path, data, 1000))
    tools = SinkTools(KEY, broker, bench.profile, bench.secret_of)
    reader = Reader(tmp_path / "reader", broker, target=None, sinks=[sink_factory(bench.described, tools)])
    reader.read_all()
    found = {key: s3.content(bench.described.bucket, key) for key in s3.keys(bench.described.bucket)}
    assert found == {f"t/{path}": data for path, data in files.items()}
    row = next(row for row in reader.rows() if row.path == "run 3/ß3.dat")
    assert (row.state, row.local) == (FileState.DELIVERED, f"s3://{bench.described.bucket}/t/run 3/ß3.dat")
    assert reader.problem_titles == []
