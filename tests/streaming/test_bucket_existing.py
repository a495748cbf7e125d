"""An object has the key already: recognised, kept beside, made a version, moved aside or left. Never overwritten."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from servers.s3 import S3
from servers.s3_faults import S3Faults
from streaming.bucket_bench import MODIFIED, Bench

from openmsi_desktop.core.local_name import beside as name_beside
from openmsi_desktop.streaming.sinks import Delivered, Superseded
from openmsi_desktop.streaming.sinks.bucket import sink as sink_module
from openmsi_desktop.streaming.sinks.bucket.client import BucketClient
from openmsi_desktop.streaming.sinks.bucket.sink import usual_client

Make = Callable[..., Bench]
BESIDE = "t/run/a (t 2026-09-21 14-13-20).xy"
BIG = 17 << 20


@pytest.fixture
def bench(tmp_path: Path, s3: S3) -> Iterator[Make]:
    """bench(versioned=…, endpoint=…, if_exists=…): with a bucket of its own."""
    made: list[Bench] = []

    def make(*, versioned: bool = False, endpoint: str = s3.endpoint, **settings: Any) -> Bench:
        bucket = s3.create_bucket(versioned=versioned)
        made.append(Bench(tmp_path / str(len(made)), endpoint, bucket, **settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


def contents(s3: S3, bench: Bench) -> dict[str, bytes]:
    bucket = bench.described.bucket
    return {key: s3.content(bucket, key) for key in s3.keys(bucket)}


def put(s3: S3, bench: Bench, key: str, content: bytes) -> None:
    """Somebody else did."""
    client = s3.client()
    client.put_object(Bucket=bench.described.bucket, Key=key, Body=content)
    client.close()


@pytest.mark.parametrize("size", [5000, BIG], ids=["small", "big"])
def test_a_different_object_is_kept_and_ours_is_named_apart(bench: Make, s3: S3, size: int) -> None:
    here = bench()
    put(s3, here, "t/run/a.xy", b"theirs")
    ours = os.urandom(size)
    with here.opened() as sink:
        outcome = here.delivered(sink, here.file(ours))
        assert outcome.local == f"s3://{here.described.bucket}/{BESIDE}"
        assert outcome.note == f"a different object is there already; this one is kept beside it as {BESIDE}"
        again = here.delivered(sink, here.file(ours))
    assert (again.local, again.note) == (outcome.local, "the same content was stored before")
    assert contents(s3, here) == {"t/run/a.xy": b"theirs", BESIDE: ours}


@pytest.mark.parametrize("size", [5000, BIG], ids=["small", "big"])
def test_an_identical_object_is_recognised_and_not_sent_again(
    bench: Make, s3: S3, s3_faults: S3Faults, size: int
) -> None:
    here = bench(endpoint=s3_faults.endpoint)
    ours = os.urandom(size)
    put(s3, here, "t/run/a.xy", ours)
    with here.opened() as sink:
        outcome = here.delivered(sink, here.file(ours))
    assert outcome.note == "an identical object was there already; it is not sent again"
    assert contents(s3, here) == {"t/run/a.xy": ours}
    assert s3_faults.count("PUT") == s3_faults.count("POST") == 0


def test_one_of_the_same_size_that_says_it_is_ours_but_is_not_is_kept_beside(bench: Make, s3: S3) -> None:
    """A store that took altered bytes, and a program that ended before it could take them away."""
    here = bench()
    ours = here.file(b"1234567890")
    client = s3.client()
    client.put_object(
        Bucket=here.described.bucket, Key="t/run/a.xy", Body=b"123456789!", Metadata={"sha512": ours.sha512.hex()}
    )
    client.close()
    with here.opened() as sink:
        here.delivered(sink, ours)
    assert contents(s3, here) == {"t/run/a.xy": b"123456789!", BESIDE: b"1234567890"}


def test_in_a_bucket_with_versions_ours_becomes_the_next_one(bench: Make, s3: S3) -> None:
    here = bench(versioned=True)
    with here.opened() as sink:
        here.delivered(sink, here.file(b"first"))
        outcome = here.delivered(sink, here.file(b"second"))
        here.delivered(sink, here.file(b"second"))
    assert outcome.note == "a different object had this key; the bucket keeps it as an earlier version"
    assert contents(s3, here) == {"t/run/a.xy": b"second"}
    client = s3.client()
    versions = client.list_object_versions(Bucket=here.described.bucket)["Versions"]
    first = next(v for v in versions if not v["IsLatest"])
    stored = client.get_object(Bucket=here.described.bucket, Key="t/run/a.xy", VersionId=first["VersionId"])
    assert stored["Body"].read() == b"first"
    client.close()


@pytest.mark.parametrize("size", [5000, BIG], ids=["small", "big"])
def test_newest_moves_the_older_one_aside_first(bench: Make, s3: S3, size: int) -> None:
    here = bench(if_exists="newest")
    put(s3, here, "t/run/a.xy", b"theirs")
    ours = os.urandom(size)
    with here.opened() as sink:
        outcome = here.delivered(sink, here.file(ours))
    found = contents(s3, here)
    assert found.pop("t/run/a.xy") == ours
    assert list(found.values()) == [b"theirs"]
    (aside,) = found
    assert outcome == Delivered(f"s3://{here.described.bucket}/t/run/a.xy", f"the object that was there is now {aside}")
    assert aside.startswith("t/run/a (t 20")


def test_newest_replaces_nothing_that_was_changed_while_it_was_copied(bench: Make, s3: S3, s3_faults: S3Faults) -> None:
    here = bench(if_exists="newest", endpoint=s3_faults.endpoint)
    put(s3, here, "t/run/a.xy", b"theirs")
    s3_faults.add("PUT", r"a\.xy$", status=412, code="PreconditionFailed", times=3)
    with here.opened() as sink:
        failed = here.failed(sink, here.file(b"ours"))
        assert "was changed while it was copied aside" in str(failed.error)
        assert not failed.concerns_sink
        s3_faults.heal()
        here.delivered(sink, here.file(b"ours"))
    assert sorted(contents(s3, here).values()) == [b"ours", b"theirs"]


def test_skip_leaves_it_alone(bench: Make, s3: S3) -> None:
    here = bench(if_exists="skip")
    put(s3, here, "t/run/a.xy", b"theirs")
    with here.opened() as sink:
        outcome = here.one(sink, here.file(b"ours"))
    assert outcome == Superseded("a different object is there already, and existing objects are left as they are")
    assert contents(s3, here) == {"t/run/a.xy": b"theirs"}


def test_a_new_file_costs_one_request(bench: Make, s3: S3, s3_faults: S3Faults) -> None:
    here = bench(endpoint=s3_faults.endpoint)
    with here.opened() as sink:
        here.delivered(sink, here.file(b"first of all", "first.txt"))
        s3_faults.clear()
        for number in range(5):
            here.delivered(sink, here.file(b"x" * number, f"{number}.txt"))
    assert [seen.method for seen in s3_faults.seen] == ["PUT"] * 5


def test_a_store_that_heeds_no_conditions_is_asked_first(
    bench: Make, s3: S3, s3_faults: S3Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = bench(endpoint=s3_faults.endpoint)
    monkeypatch.setattr(sink_module, "quick_way", lambda *_: None)

    def connecting(*given: Any) -> BucketClient:
        client = usual_client(*given)
        call = client.call

        def heedless(operation: str, /, **parameters: Any) -> dict[str, Any]:
            parameters.pop("IfNoneMatch", None)
            return call(operation, **parameters)

        monkeypatch.setattr(client, "call", heedless)
        return client

    for name in ("b.txt", "c.raw"):
        put(s3, here, f"t/{name}", b"theirs")
    with here.opened(connecting=connecting) as sink:
        here.delivered(sink, here.file(b"ours", "a.txt"))
        s3_faults.clear()
        for name, data in (("b.txt", b"ours"), ("c.raw", os.urandom(BIG)), ("d.txt", b"ours")):
            here.delivered(sink, here.file(data, name))
    found = contents(s3, here)
    assert found["t/b.txt"] == found["t/c.raw"] == b"theirs"
    assert len(found) == 6
    assert s3_faults.count("HEAD", "d.txt") == 1


def test_an_account_that_may_only_write_stores_big_files_too_and_begins_anew_after_a_cut(
    bench: Make, s3: S3, s3_faults: S3Faults
) -> None:
    here = bench(endpoint=s3_faults.endpoint)
    writer = s3.user(here.described.bucket, "s3:PutObject", "s3:AbortMultipartUpload")
    here.described = here.described.model_copy(update={"access_key_id": writer.access_key_id})
    here.secret = writer.secret
    data = os.urandom(BIG)
    file = here.file(data)
    here.expect(file)
    s3_faults.add("PUT", "partNumber=2", status=503, code="SlowDown", times=9)
    with here.opened() as sink:
        here.failed(sink, file)
    s3_faults.clear()
    with here.opened() as sink:
        here.delivered(sink, file)
    assert s3_faults.count("PUT", "partNumber") == 3
    assert contents(s3, here)["t/run/a.xy"] == data
    assert here.uploads == 0


def test_an_account_that_may_only_write_overwrites_nothing(bench: Make, s3: S3) -> None:
    here = bench()
    writer = s3.user(here.described.bucket, "s3:PutObject")
    here.described = here.described.model_copy(update={"access_key_id": writer.access_key_id})
    here.secret = writer.secret
    put(s3, here, "t/b.txt", b"theirs")
    with here.opened() as sink:
        here.delivered(sink, here.file(b"ours", "a.txt"))
        failed = here.failed(sink, here.file(b"ours", "b.txt"))
        here.delivered(sink, here.file(b"more", "c.txt"))
    assert "may not be read" in str(failed.error)
    assert not failed.concerns_sink
    found = contents(s3, here)
    assert found.pop(".openmsi-desktop/probe", b"")
    assert found == {"t/a.txt": b"ours", "t/b.txt": b"theirs", "t/c.txt": b"more"}


@pytest.mark.parametrize("size", [5000, BIG], ids=["small", "big"])
def test_two_files_for_one_key_are_both_kept_where_no_conditions_are_heeded(
    bench: Make, s3: S3, s3_faults: S3Faults, size: int
) -> None:
    """Two folders, two instruments, the same name: {name} makes one key of both."""
    here = bench(endpoint=s3_faults.endpoint, object_key="{name}")
    s3_faults.add("*", "", unheeded=("if-none-match", "if-match"), times=None)
    with here.opened() as sink:
        here.delivered(sink, here.file(b"first of all", "first.txt"))
        files = [here.file(os.urandom(size), f"{number}/a.xy") for number in range(4)]
        outcomes = here.deliver(sink, *files)
    assert all(isinstance(outcome, Delivered) for outcome in outcomes), outcomes
    found = contents(s3, here)
    assert {hashlib.sha512(content).digest() for content in found.values()} >= {file.sha512 for file in files}


@pytest.mark.parametrize("settings", [{"versioned": True}, {"if_exists": "newest"}], ids=["versions", "newest"])
def test_an_earlier_version_never_comes_before_a_later_one(bench: Make, s3: S3, settings: dict[str, Any]) -> None:
    """A topic that is read again, for example by another computer, begins with the oldest version."""
    here = bench(**settings)
    ours = {"installation": "a" * 32}
    first, second = here.file(b"first", version=1, **ours), here.file(b"second", version=2, **ours)
    with here.opened() as sink:
        here.delivered(sink, first)
        here.delivered(sink, second)
    before = contents(s3, here)
    anew = bench(**settings)
    anew.described = here.described
    with anew.opened() as sink:
        outcome = anew.one(sink, replace(first, number=1))
        assert outcome == Superseded("a later version of the file is there already")
        anew.delivered(sink, replace(second, number=2))
        other = anew.file(b"other", version=1, installation="b" * 32)
        anew.delivered(sink, other)
    found = contents(s3, here)
    assert found.pop("t/run/a.xy") == b"other"
    assert found.items() >= {key: data for key, data in before.items() if key != "t/run/a.xy"}.items()


def test_a_bucket_that_keeps_versions_no_longer_overwrites_nothing(bench: Make, s3: S3) -> None:
    here = bench(versioned=True)
    client = s3.client()
    with here.opened() as sink:
        here.delivered(sink, here.file(b"first"))
        client.put_bucket_versioning(Bucket=here.described.bucket, VersioningConfiguration={"Status": "Suspended"})
        here.delivered(sink, here.file(b"second"))
        here.delivered(sink, here.file(b"third"))
    client.close()
    assert sorted(contents(s3, here).values()) == [b"first", b"second", b"third"]


def test_a_copy_that_an_interrupted_attempt_made_is_not_made_again(bench: Make, s3: S3, s3_faults: S3Faults) -> None:
    """Of an object that was stored in parts the copy has another ETag."""
    here = bench(if_exists="newest", endpoint=s3_faults.endpoint)
    with here.opened() as sink:
        here.delivered(sink, here.file(os.urandom(BIG)))
        s3_faults.add("PUT", r"a\.xy$", status=503, code="SlowDown", times=None)
        for _ in range(2):
            here.failed(sink, here.file(b"ours"))
        s3_faults.heal()
        here.delivered(sink, here.file(b"ours"))
    assert len(contents(s3, here)) == 2


def test_a_key_that_becomes_itself_when_it_is_named_apart_is_not_waited_for(bench: Make, s3: S3) -> None:
    """The name is as long as names may be, and what tells it apart takes the place of just that."""
    here = bench()
    here.described = here.described.model_copy(update={"object_key": "{name}"})
    shown = name_beside("y" * 300, topic="t", moment=MODIFIED, number=1)
    assert name_beside(shown, topic="t", moment=MODIFIED, number=1) == shown
    put(s3, here, shown, b"theirs")
    with here.opened() as sink:
        here.delivered(sink, here.file(b"ours", shown))
    assert sorted(contents(s3, here).values()) == [b"ours", b"theirs"]
