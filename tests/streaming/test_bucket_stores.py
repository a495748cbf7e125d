"""Stores that can do less, or say less, and what is told of files that one cannot take."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from servers.moto import Moto
from servers.s3 import S3
from servers.s3_faults import S3Faults
from streaming.bucket_bench import Bench

from openmsi_desktop.core.errors import NeedsYou, SettingsError
from openmsi_desktop.streaming.sinks import Delivered, Failed
from openmsi_desktop.streaming.sinks.bucket import checksums
from openmsi_desktop.streaming.sinks.bucket import sink as sink_module
from openmsi_desktop.streaming.sinks.bucket.checksums import Algorithm, digest, ladder, of_whole
from openmsi_desktop.streaming.sinks.bucket.client import BucketClient
from openmsi_desktop.streaming.sinks.bucket.sink import usual_client

Make = Callable[..., Bench]
MB = 1 << 20


@pytest.fixture
def bench(tmp_path: Path, s3: S3, s3_faults: S3Faults) -> Iterator[Make]:
    made: list[Bench] = []

    def make(**settings: Any) -> Bench:
        made.append(Bench(tmp_path / str(len(made)), s3_faults.endpoint, s3.create_bucket(), **settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


def stored(s3: S3, bench: Bench, key: str) -> Any:
    client = s3.client()
    found = client.head_object(Bucket=bench.described.bucket, Key=key, ChecksumMode="ENABLED")
    client.close()
    return found


@pytest.mark.parametrize("size", [5000, 17 * MB], ids=["small", "big"])
@pytest.mark.parametrize(
    ("setting", "field"), [("auto", "ChecksumCRC64NVME"), ("sha256", "ChecksumSHA256"), ("read-back", "ChecksumSHA256")]
)
def test_the_store_checks_what_it_gets(
    bench: Make, s3: S3, s3_faults: S3Faults, setting: str, field: str, size: int
) -> None:
    here = bench(checksum=setting)
    with here.opened() as sink:
        here.delivered(sink, here.file(os.urandom(size)))
    assert field in stored(s3, here, "t/run/a.xy")
    assert s3_faults.count("GET", r"a\.xy") == (1 if setting == "read-back" else 0)


def test_without_awscrt_sha256_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "can_crc64", lambda: False)
    assert ladder("auto") == (Algorithm.SHA256,)
    with pytest.raises(SettingsError, match="crc64nvme"):
        ladder("crc64nvme")


def test_checksums_of_parts_together_are_those_of_the_whole() -> None:
    data = os.urandom(3 * MB + 5)
    parts = [data[start : start + MB] for start in range(0, len(data), MB)]
    whole = of_whole([digest(part, Algorithm.CRC64NVME) for part in parts])
    assert whole == digest(data, Algorithm.CRC64NVME).text
    assert of_whole([digest(part, None) for part in parts]).endswith("-4")


@pytest.mark.parametrize(
    ("size", "is_md5"),
    [(5000, True), (5000, False), (17 * MB, True)],
    ids=["small", "small, ETags are anything", "big"],
)
def test_a_store_that_tells_no_checksums_is_compared_by_its_etag_or_read_back(
    bench: Make, s3: S3, s3_faults: S3Faults, monkeypatch: pytest.MonkeyPatch, size: int, is_md5: bool
) -> None:
    here = bench()
    monkeypatch.setattr(sink_module, "quick_way", lambda *_: None)

    def connecting(*given: Any) -> BucketClient:
        client = usual_client(*given)
        call = client.call

        def silent(operation: str, /, **parameters: Any) -> dict[str, Any]:
            answer = {name: value for name, value in call(operation, **parameters).items() if "Checksum" not in name}
            return answer if is_md5 or "ETag" not in answer else answer | {"ETag": '"no-md5"'}

        monkeypatch.setattr(client, "call", silent)
        return client

    data = os.urandom(size)
    with here.opened(connecting=connecting) as sink:
        for number in range(3):
            here.delivered(sink, here.file(data, f"{number}"))
        s3_faults.add("PUT", "wrong", times=1, alter=lambda body: b"?" + body[1:], unnoticed=True)
        file = here.file(data, "wrong")
        if size < MB:  # a part is sent again at once
            failed = here.failed(sink, file)
            assert "was damaged on its way" in str(failed.error)
            assert not failed.concerns_sink
        here.delivered(sink, file)
        assert s3.content(here.described.bucket, "t/wrong") == data


def test_a_store_that_refuses_checksums_gets_md5(bench: Make, s3: S3, s3_faults: S3Faults) -> None:
    here = bench()
    s3_faults.add("PUT", "", times=4, status=501, code="NotImplemented")
    with here.opened() as sink:
        here.delivered(sink, here.file(b"1234"))
    assert s3.content(here.described.bucket, "t/run/a.xy") == b"1234"
    last = [seen for seen in s3_faults.seen if seen.method == "PUT"][-1]
    assert "content-md5" in last.headers


def test_a_file_that_this_store_cannot_take_holds_up_no_other(bench: Make, s3: S3) -> None:
    """An object cannot be a folder, too, where objects are files."""
    here = bench()
    with here.opened() as sink:
        here.delivered(sink, here.file(b"1", "a"))
        failed = here.failed(sink, here.file(b"2", "a/b"))
        here.delivered(sink, here.file(b"3", "c"))
    assert isinstance(failed.error, NeedsYou)
    assert not failed.concerns_sink
    assert s3.keys(here.described.bucket) == ["t/a", "t/c"]


def test_a_key_that_is_too_long_is_told_without_asking(bench: Make, s3_faults: S3Faults) -> None:
    here = bench()
    with here.opened() as sink:
        s3_faults.clear()
        failed = here.failed(sink, here.file(b"1", "/".join(["ü" * 100] * 6)))
    assert "too long for a bucket" in str(failed.error)
    assert not failed.concerns_sink
    assert s3_faults.count() == 0


def test_another_store_takes_what_ours_cannot(tmp_path: Path, moto: Moto) -> None:
    client = moto.client()
    client.create_bucket(Bucket="lab-1")
    here = Bench(tmp_path, moto.endpoint, "lab-1")
    big = os.urandom(17 * MB)
    with here.opened() as sink:
        for path, data in (("a", b"1"), ("a/b", b"2"), ("x" * 300, b"3"), ("big", big)):
            here.delivered(sink, here.file(data, path))
        again = here.delivered(sink, here.file(b"other", "a"))
    assert again.note.startswith("a different object is there already")
    assert client.get_object(Bucket="lab-1", Key="t/a")["Body"].read() == b"1"
    assert client.get_object(Bucket="lab-1", Key="t/a/b")["Body"].read() == b"2"
    assert client.get_object(Bucket="lab-1", Key="t/big")["Body"].read() == big
    client.close()
    here.close()


def test_what_waits_behind_a_server_that_is_gone_does_not_try_it_one_by_one(bench: Make, s3_faults: S3Faults) -> None:
    here = bench(jobs=1)
    files = [here.file(b"1", f"{number}") for number in range(8)]
    with here.opened() as sink:
        here.delivered(sink, here.file(b"0", "first"))
        s3_faults.clear()
        s3_faults.add("*", "", times=None, status=503, code="SlowDown")
        outcomes = here.deliver(sink, *files)
        assert all(isinstance(outcome, Failed) and outcome.concerns_sink for outcome in outcomes)
        assert s3_faults.count() <= 2
        s3_faults.heal()
        assert all(isinstance(outcome, Delivered) for outcome in here.deliver(sink, *files))
