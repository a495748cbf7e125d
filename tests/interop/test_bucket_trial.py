"""The test of a bucket in stages, against real S3 servers and a network that goes wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from servers.certificates import Certificates
from servers.kafka import free_port
from servers.moto import Moto
from servers.parts import eventually
from servers.s3 import ROOT, S3, Keys
from servers.s3_faults import S3Faults
from servers.strangers import says_nothing, stranger

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.events import BUCKET_STAGES, Event, StageEvent
from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.sinks.bucket.errors import StoreError
from openmsi_desktop.streaming.sinks.bucket.trial import BucketTest, BucketVerdict, list_buckets

WRITES = ("s3:PutObject",)


def lab(endpoint: str, bucket: str, keys: Keys = ROOT, **more: Any) -> Bucket:
    given = {"name": "lab", "bucket": bucket, "endpoint_url": endpoint, "credential": "lab"}
    return Bucket.model_validate(given | {"access_key_id": keys.access_key_id} | more)


def try_out(described: Bucket, keys: Keys = ROOT, stop: threading.Event | None = None, **more: Any) -> BucketVerdict:
    told: list[Event] = []
    verdict = BucketTest(described, lambda name: keys.secret, emit=told.append, **more).run(stop or threading.Event())
    assert [stage.stage for stage in verdict.stages] == list(BUCKET_STAGES)
    assert told == list(verdict.stages)
    return verdict


def marks(verdict: BucketVerdict) -> str:
    """One letter a stage: + good, w with warnings, F failed, - not needed or not reached."""
    return "".join("w" if s.warnings else {True: "+", False: "F", None: "-"}[s.ok] for s in verdict.stages)


def failed(verdict: BucketVerdict) -> StageEvent:
    return next(stage for stage in verdict.stages if stage.ok is False)


def test_a_good_bucket(s3: S3) -> None:
    bucket = s3.create_bucket()
    verdict = try_out(lab(s3.endpoint, bucket))
    assert marks(verdict) == "++-++" + "+++++" + "+", verdict.stages
    assert verdict.error is None and not verdict.warnings
    assert verdict.abilities is not None and verdict.abilities.puts_if_absent and verdict.abilities.deletes
    assert verdict.skew_s is not None and abs(verdict.skew_s) < 3
    assert (verdict.region, verdict.addressing) == ("us-east-1", "path")
    assert s3.keys(bucket) == []


def test_the_right_to_write_is_enough(s3: S3) -> None:
    bucket = s3.create_bucket()
    keys = s3.user(bucket, *WRITES)
    verdict = try_out(lab(s3.endpoint, bucket, keys), keys)
    assert marks(verdict) == "++-++" + "+w+w-" + "+", verdict.stages
    assert verdict.error is None and verdict.abilities is not None
    left = s3.keys(bucket)
    assert len(left) == 1 and left[0] in verdict.stages[8].warnings[0].advice


def test_through_tls(secure_s3: Callable[[Path], S3], certificates: Certificates) -> None:
    server = secure_s3(certificates.server)
    bucket = server.create_bucket()
    good = try_out(lab(server.endpoint, bucket, ca_file=str(certificates.authority)))
    assert marks(good)[2:4] == "++" and good.error is None and "certificate valid until" in good.stages[2].title
    for endpoint, authority, code in (
        (server.endpoint, "", "authority-unknown"),
        (
            secure_s3(certificates.server_other_name).endpoint,
            str(certificates.authority),
            "certificate-of-another-name",
        ),
        (secure_s3(certificates.server_expired).endpoint, str(certificates.authority), "certificate-expired"),
        (server.endpoint, "/nowhere/ca.pem", "file-unusable"),
    ):
        verdict = try_out(lab(endpoint, bucket, ca_file=authority))
        assert marks(verdict) == "++F" + "-" * 8 and failed(verdict).code == code, failed(verdict)
    plain = try_out(lab(server.endpoint.replace("https", "http"), bucket))
    assert failed(plain).code == "wants-tls" and failed(plain).fix == {"endpoint_url": server.endpoint}


def test_what_is_wrong_is_told_where_it_shows(s3: S3, s3_faults: S3Faults) -> None:
    bucket = s3.create_bucket()
    nothing = s3.user()
    with stranger(says_nothing) as silent:
        for described, keys, stages, code in (
            (lab("https://no-such-host.invalid", bucket), ROOT, "F", "name-unknown"),
            (lab(f"http://127.0.0.1:{free_port()}", bucket), ROOT, "+F", "port-refused"),
            (lab(s3.endpoint.replace("http", "https"), bucket), ROOT, "++F", "lacks-tls"),
            (lab(f"http://{silent}", bucket), ROOT, "++-F", "too-slow"),
            (lab(s3.endpoint, bucket), Keys(ROOT.access_key_id, "x"), "++-F", "secret-wrong"),
            (lab(s3.endpoint, bucket, Keys("nobody", "x")), ROOT, "++-F", "access-key-unknown"),
            (lab(s3.endpoint, "never-made"), ROOT, "++-+F", "bucket-missing"),
            (lab(s3.endpoint, bucket, nothing), nothing, "++-++F", "denied"),
        ):
            verdict = try_out(described, keys, stage_s=1.0)
            assert marks(verdict) == stages.ljust(11, "-") and failed(verdict).code == code, verdict.stages
            assert verdict.error is not None and "by itself" not in failed(verdict).advice
    s3_faults.add("GET", r"/test-\w+$", raw=b"HTTP/1.1 200 OK\r\nETag: x\r\nContent-Length: 3\r\n\r\nbad")
    verdict = try_out(lab(s3_faults.endpoint, bucket))
    assert failed(verdict).code == "came-back-different" and marks(verdict).startswith("++-+++F")
    assert s3.keys(bucket) == [], "tidied up all the same"
    assert s3_faults.count("DELETE", r"/test-\w+$") == 1


def test_a_wrong_clock_is_a_warning(s3: S3) -> None:
    bucket = s3.create_bucket()
    verdict = try_out(lab(s3.endpoint, bucket), now=lambda: time.time() - 10_800)
    assert verdict.error is None and marks(verdict)[-1] == "w"
    assert verdict.stages[-1].title == "This computer's clock is wrong: it is about 3.0 hours behind the server's"


def test_another_region_and_a_server_that_compares_nothing(s3: S3, moto: Moto) -> None:
    bucket = s3.create_bucket()
    elsewhere = try_out(lab(s3.endpoint, bucket, region="eu-west-1"))
    assert marks(elsewhere)[4] == "w" and elsewhere.region == "us-east-1" and elsewhere.error is None
    careless = try_out(lab(moto.endpoint, moto.create_bucket()))
    assert marks(careless)[7] == "w" and careless.error is None, careless.stages
    assert "read back" in careless.stages[7].warnings[0].advice


def test_it_ends_when_it_is_told(s3: S3, s3_faults: S3Faults) -> None:
    bucket = s3.create_bucket()
    s3_faults.add("PUT", "", stall=60)
    stop = threading.Event()
    ended: list[BucketVerdict] = []
    thread = threading.Thread(target=lambda: ended.append(try_out(lab(s3_faults.endpoint, bucket), stop=stop)))
    thread.start()
    eventually(lambda: s3_faults.count("PUT") == 1, timeout_s=10, what="it puts")
    stop.set()
    thread.join(5)
    assert ended and ended[0].was_stopped and ended[0].stages[-1].code == "stopped"


def test_a_secret_that_is_missing(s3: S3) -> None:
    def nobody(name: str) -> str:
        raise NeedsYou(f'There is no secret "{name}"', code="secret-missing")

    verdict = BucketTest(lab(s3.endpoint, "any"), nobody, emit=lambda event: None).run(threading.Event())
    assert failed(verdict).code == "secret-missing" and marks(verdict).startswith("++-F")


def test_buckets_are_listed(s3: S3, s3_faults: S3Faults) -> None:
    bucket = s3.create_bucket()
    assert bucket in list_buckets(lab(s3.endpoint, "x"), lambda name: ROOT.secret).names
    somebody = s3.user()
    found = list_buckets(lab(s3.endpoint, "x", somebody), lambda name: somebody.secret)
    assert found.names == () and "no buckets" in found.note
    s3_faults.add("GET", "", status=403, code="AccessDenied")
    found = list_buckets(lab(s3_faults.endpoint, "x"), lambda name: ROOT.secret)
    assert found.names == () and "Type the name" in found.note
    with pytest.raises(StoreError, match="secret access key"):
        list_buckets(lab(s3.endpoint, "x"), lambda name: "wrong")
    s3_faults.add("GET", "", status=200, body=b"<html>", headers={"Content-Type": "text/html"})
    with pytest.raises(StoreError, match="is not an S3 server"):
        list_buckets(lab(s3_faults.endpoint, "x"), lambda name: ROOT.secret)


def test_through_a_proxy(s3: S3, s3_faults: S3Faults, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = s3.create_bucket()
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, s3_faults.endpoint)
    far = lab("http://s3.example.invalid", bucket, addressing="path")
    verdict = try_out(far)
    assert verdict.error is None and marks(verdict) == "--w++" + "+++++" + "+", verdict.stages
    assert verdict.stages[0].title == f"Through the proxy 127.0.0.1:{s3_faults.port}"
    assert s3_faults.count("PUT", "^http://s3.example.invalid/") > 1
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert failed(try_out(far)).code == "proxy"
