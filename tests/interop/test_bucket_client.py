"""Our client of a bucket, against real S3 servers and a network that goes wrong."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from servers.certificates import Certificates
from servers.kafka import free_port
from servers.moto import Moto
from servers.parts import CACHE
from servers.s3 import ROOT, S3, Keys
from servers.s3_faults import S3Faults
from servers.strangers import Answer, closes_at_once, says_nothing, stranger, swallows_packets, web_server

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.sinks.bucket.client import BucketClient, connect
from openmsi_desktop.streaming.sinks.bucket.errors import (
    ChecksumRefused,
    KeyRefused,
    NotSupported,
    ObjectMissing,
    PreconditionFailed,
    RightDenied,
    StoreError,
    UploadGone,
    concerns_sink,
)

KEY = "xrd/run 1/Größe.dat"


class Meta:
    """Stands for the journal."""

    def __init__(self) -> None:
        self.notes: dict[str, str] = {}

    def get_meta(self, name: str) -> str | None:
        return self.notes.get(name)

    def set_meta(self, name: str, value: str) -> None:
        self.notes[name] = value


@pytest.fixture(scope="module")
def lab(s3: S3) -> str:
    """A bucket for reading and writing; no test looks at all of it."""
    return s3.create_bucket()


@pytest.fixture
def reach(lab: str, s3: S3) -> Iterator[Callable[..., BucketClient]]:
    """``reach(endpoint=, bucket=, keys=, **of_connect)``: clients that are closed at the end."""
    made: list[BucketClient] = []

    def make(
        endpoint: str | None = None,
        bucket: str = lab,
        keys: Keys = ROOT,
        region: str = "",
        ca: Path | None = None,
        **more: Any,
    ) -> BucketClient:
        described = Bucket(
            name="lab",
            bucket=bucket,
            endpoint_url=endpoint or s3.endpoint,
            region=region,
            access_key_id=keys.access_key_id,
            credential="lab",
            ca_file=str(ca or ""),
        )
        made.append(connect(described, keys.secret, **({"connect_s": 1.0, "read_s": 1.0, "attempts": 1} | more)))
        return made[-1]

    yield make
    for client in made:
        client.close()


Reach = Callable[..., BucketClient]


def refused(call: Callable[[], object]) -> StoreError:
    with pytest.raises(StoreError) as caught:
        call()
    return caught.value


def put(client: BucketClient, key: str = KEY, content: bytes = b"data", **more: Any) -> dict[str, Any]:
    return client.call("put_object", Key=key, Body=io.BytesIO(content), **more)


def test_an_object_goes_there_and_comes_back(reach: Reach) -> None:
    notes = Meta()
    client = reach(notes=notes)
    assert client.find_out()
    put(client, content=b"x" * 3_000_000)
    answer = client.call("get_object", Key=KEY)
    assert b"".join(client.read_body(answer)) == b"x" * 3_000_000
    assert abs(client.skew_s or 99) < 3 and not client.is_clock_corrected
    assert notes.notes == {f"bucket address {client.id}": "path us-east-1"}
    upload = client.call("create_multipart_upload", Key="big")["UploadId"]
    part = client.call("upload_part", Key="big", UploadId=upload, PartNumber=1, Body=b"1")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    client.call("complete_multipart_upload", Key="big", UploadId=upload, MultipartUpload=parts)


def test_wrong_keys_are_told_apart_also_by_requests_whose_answers_say_nothing(reach: Reach) -> None:
    for call in (lambda c: c.find_out(), put, lambda c: c.call("head_object", Key=KEY)):
        for keys, cause in (
            (Keys("nobody", "x"), "access-key-unknown"),
            (Keys(ROOT.access_key_id, "x"), "secret-wrong"),
        ):
            client = reach(keys=keys)
            error = refused(lambda client=client, call=call: call(client))  # type: ignore[misc]
            assert error.code == cause and concerns_sink(error), error


def test_missing_bucket_is_told(reach: Reach) -> None:
    client = reach(bucket="never-made")
    for call in (client.find_out, lambda: put(client)):
        error = refused(call)
        assert error.code == "bucket-missing" and concerns_sink(error) and '"never-made"' in error.title


def test_answers_about_one_object(reach: Reach) -> None:
    client = reach()
    put(client, "there")
    for call, kind in (
        (lambda: client.call("head_object", Key="never"), ObjectMissing),
        (lambda: client.call("get_object", Key="never"), ObjectMissing),
        (lambda: put(client, "there", IfNoneMatch="*"), PreconditionFailed),
        (lambda: put(client, "there/below"), KeyRefused),
        (lambda: put(client, "n" * 300), KeyRefused),
        (lambda: put(client, "there", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg=="), ChecksumRefused),
        (lambda: client.call("upload_part", Key="a", UploadId="none", PartNumber=1, Body=b""), UploadGone),
        (lambda: client.call("get_bucket_lifecycle_configuration"), NotSupported),
    ):
        error = refused(call)
        assert isinstance(error, kind) and not concerns_sink(error), error


def test_who_may_only_write_can_write(reach: Reach, s3: S3, lab: str) -> None:
    client = reach(keys=s3.user(lab, "s3:PutObject"))
    assert not client.find_out()
    put(client, "only/written")
    error = refused(lambda: client.call("get_object", Key="only/written"))
    assert isinstance(error, RightDenied) and "s3:GetObject" in error.advice
    error = refused(lambda: client.call("head_object", Key="only/written"))
    assert isinstance(error, RightDenied)


def test_what_may_not_be_looked_at_costs_one_request(reach: Reach, s3: S3, lab: str, s3_faults: S3Faults) -> None:
    client = reach(s3_faults.endpoint, keys=s3.user(lab, "s3:PutObject"))
    for number in range(5):
        assert isinstance(refused(lambda number=number: client.call("head_object", Key=f"{number}")), RightDenied)  # type: ignore[misc]
    assert (s3_faults.count("HEAD"), s3_faults.count("GET", "list-type")) == (5, 1)


def test_denied_and_granted_while_it_runs(reach: Reach, s3: S3, lab: str) -> None:
    keys = s3.user()
    client = reach(keys=keys)
    error = refused(lambda: put(client, "later"))
    assert isinstance(error, RightDenied) and concerns_sink(error)
    s3.allow(keys, lab, "s3:PutObject")
    put(client, "later")


@pytest.mark.parametrize("wrong_by", [-86_400.0, -3600.0, 3600.0, 86_400.0])
def test_a_wrong_clock_is_made_up_for(reach: Reach, wrong_by: float) -> None:
    client = reach(now=lambda: time.time() + wrong_by)
    put(client, content=b"whole")
    assert client.is_clock_corrected and client.skew_s == pytest.approx(-wrong_by, abs=3)
    assert b"".join(client.read_body(client.call("get_object", Key=KEY))) == b"whole"


def test_many_threads_make_up_for_a_wrong_clock(reach: Reach) -> None:
    client = reach(now=lambda: time.time() - 7200, jobs=8, attempts=1)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: put(client, f"clock/{n}"), range(40)))


def test_a_server_with_a_wrong_date_that_signs_right_does_no_harm(reach: Reach, s3_faults: S3Faults) -> None:
    s3_faults.add("*", "", times=None, clock=86_400)
    client = reach(s3_faults.endpoint)
    put(client)
    put(client)
    assert client.skew_s == pytest.approx(86_400, abs=3) and not client.is_clock_corrected


def test_a_clock_that_cannot_be_made_up_for_is_told(reach: Reach, s3_faults: S3Faults) -> None:
    s3_faults.add(
        "*", "", times=None, status=403, code="RequestTimeTooSkewed", headers={"Date": "Sat, 21 Nov 2020 10:00:00 GMT"}
    )
    error = refused(lambda: put(reach(s3_faults.endpoint)))
    assert error.code == "clock" and "hours ahead of the server's" in error.advice, error
    assert s3_faults.count() <= 3


def test_the_region_is_learnt_from_the_server(reach: Reach) -> None:
    notes = Meta()
    client = reach(region="eu-west-1", notes=notes)
    assert client.find_out() and client.region == "us-east-1"
    put(client)
    assert notes.notes[f"bucket address {client.id}"] == "path us-east-1"


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ({"status": 500, "code": "InternalError"}, "server-error"),
        ({"status": 503, "code": "SlowDown"}, "slow-down"),
        ({"status": 503}, "unavailable"),
        ({"status": 502, "body": b"<html>", "headers": {"Content-Type": "text/html"}}, "unavailable"),
        ({"status": 429, "code": "TooManyRequests"}, "slow-down"),
        ({"status": 507, "code": "InsufficientStorage"}, "store-full"),
        ({"status": 403, "code": "QuotaExceeded"}, "quota"),
        ({"status": 403, "body": b"<html>", "headers": {"Content-Type": "text/html"}}, "not-s3"),
        ({"status": 404, "body": b"<html>", "headers": {"Content-Type": "text/html"}}, "not-s3"),
        ({"status": 200, "body": b"<html>Sign in</html>", "headers": {"Content-Type": "text/html"}}, "not-s3"),
        ({"status": 200, "body": b"<html><br>", "headers": {"Content-Type": "text/html"}}, "not-s3"),
        ({"status": 301, "code": "PermanentRedirect"}, "wrong-region"),
        ({"close": "before"}, "cut-off"),
        ({"stall": 2.0}, "too-slow"),
    ],
)
def test_what_a_server_may_say_instead(reach: Reach, s3_faults: S3Faults, fault: dict[str, Any], cause: str) -> None:
    s3_faults.add("*", "", times=None, **fault)
    client = reach(s3_faults.endpoint)
    for call in (lambda: put(client), client.find_out):
        error = refused(call)
        assert error.code == cause and concerns_sink(error), error


def test_a_cut_and_a_body_in_the_middle(reach: Reach, s3_faults: S3Faults) -> None:
    client = reach(s3_faults.endpoint, attempts=2)
    body = io.BytesIO(b"head" + b"x" * 100_000)
    body.seek(4)
    s3_faults.add("PUT", "", cut_request=1000)
    client.call("put_object", Key="middle", Body=body)
    s3_faults.add("GET", "middle", cut=50_000)
    error = refused(lambda: list(client.read_body(client.call("get_object", Key="middle"))))
    assert error.code == "cut-off"
    assert b"".join(client.read_body(client.call("get_object", Key="middle"))) == b"x" * 100_000


def test_what_is_altered_on_the_way_is_refused(reach: Reach, s3_faults: S3Faults) -> None:
    client = reach(s3_faults.endpoint)
    for algorithm in ("SHA256", "CRC64NVME"):
        s3_faults.add("PUT", "", alter=lambda body: b"x" + body[1:])
        error = refused(lambda algorithm=algorithm: put(client, ChecksumAlgorithm=algorithm))  # type: ignore[misc]
        assert isinstance(error, ChecksumRefused)


@pytest.mark.parametrize(
    ("answer", "cause"), [(web_server, "not-s3"), (closes_at_once, "cut-off"), (says_nothing, "too-slow")]
)
def test_strangers(reach: Reach, answer: Answer, cause: str) -> None:
    with stranger(answer) as place, closing(reach(f"http://{place}")) as client:
        assert refused(client.find_out).code == cause


def test_nobody_there(reach: Reach) -> None:
    assert refused(reach(f"http://127.0.0.1:{free_port()}").find_out).code == "port-refused"
    assert refused(reach("https://no-such-host.invalid").find_out).code == "name-unknown"
    with swallows_packets() as place:
        assert refused(reach(f"http://{place}", connect_s=0.3).find_out).code == "no-answer"


def test_certificates(
    reach: Reach, secure_s3: Callable[[Path], S3], certificates: Certificates, s3: S3, tmp_path: Path
) -> None:
    good = secure_s3(certificates.server)
    bucket = good.create_bucket()
    put(reach(good.endpoint, bucket, ca=certificates.authority))
    for endpoint, authority, cause in (
        (good.endpoint, None, "authority-unknown"),
        (good.endpoint, certificates.other_authority, "authority-unknown"),
        (secure_s3(certificates.server_other_name).endpoint, certificates.authority, "certificate-of-another-name"),
        (secure_s3(certificates.server_expired).endpoint, certificates.authority, "certificate-expired"),
        (s3.endpoint.replace("http:", "https:"), None, "lacks-tls"),
        (good.endpoint.replace("https:", "http:"), None, "cut-off"),
    ):
        error = refused(reach(endpoint, bucket, ca=authority).find_out)
        assert error.code == cause, error
    (tmp_path / "empty.pem").write_text("nothing")
    assert refused(lambda: reach(good.endpoint, bucket, ca=tmp_path / "empty.pem").find_out()).code == "file-unusable"
    assert refused(lambda: reach(good.endpoint, bucket, ca=tmp_path / "none.pem")).code == "file-unusable"


def test_the_way_a_bucket_is_named_is_found_out(tmp_path: Path, reach: Reach, monkeypatch: pytest.MonkeyPatch) -> None:
    found = socket.getaddrinfo

    def known(host: Any, *more: Any, **named: Any) -> Any:
        return found("127.0.0.1" if str(host).endswith("s3.test") else host, *more, **named)

    door = free_port()
    server = S3(tmp_path, CACHE / "versitygw" / "versitygw", domain=f"s3.test:{door}")
    with server as virtual, S3Faults(virtual.port, port=door) as faults:
        (tmp_path / "data" / "lab").mkdir()
        faults.add("*", "^/lab", times=None, status=403, code="SecondLevelDomainForbidden")
        monkeypatch.setattr(socket, "getaddrinfo", known)
        notes = Meta()
        client = reach(f"http://s3.test:{door}", "lab", notes=notes)
        client.find_out()
        assert client.addressing == "virtual"
        put(client, "here")
        again = reach(f"http://s3.test:{door}", "lab", notes=notes)
        put(again, "there")
        assert faults.count("*", "^/lab") == 1
    assert {file.name for file in (tmp_path / "data" / "lab").glob("[!.]*")} == {"here", "there"}


def test_another_server(reach: Reach, moto: Moto) -> None:
    client = reach(moto.endpoint, moto.create_bucket())
    assert client.find_out()
    put(client, "a")
    put(client, "a/b")
    assert isinstance(refused(lambda: put(client, "a", IfNoneMatch="*")), PreconditionFailed)
    assert refused(reach(moto.endpoint, "never-made-either").find_out).code == "bucket-missing"


def test_no_thread_is_left(reach: Reach) -> None:
    before = threading.active_count()
    client = reach()
    put(client)
    client.close()
    assert threading.active_count() == before


def test_addresses_that_cannot_be(reach: Reach) -> None:
    for address in (
        "ftp://s3.example.org",
        "https://",
        "https://me:secret@s3.example.org",
        "https://s3.example.org:port",
    ):
        with pytest.raises(SettingsError, match="cannot be the address"):
            reach(address)


def test_what_other_programs_are_told_does_not_matter(
    s3: S3, lab: str, reach: Reach, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[default]\nregion = mars-north-1\ns3 =\n  addressing_style = virtual\n[broken\n")
    for name, value in {
        "AWS_PROFILE": "of-nobody",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_ENDPOINT_URL": "https://elsewhere.invalid",
        "AWS_ENDPOINT_URL_S3": "https://elsewhere.invalid",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SESSION_TOKEN": "of-somebody",
        "AWS_DEFAULT_REGION": "mars-north-1",
        "AWS_REQUEST_CHECKSUM_CALCULATION": "nonsense",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    client = reach()
    assert client.find_out()
    put(client)


def test_without_an_access_key_they_are_looked_for_where_other_programs_find_them(
    s3: S3, lab: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    described = Bucket(name="lab", bucket=lab, endpoint_url=s3.endpoint)
    with closing(connect(described, None)) as client:
        error = refused(client.find_out)
        assert error.code == "keys-missing" and concerns_sink(error)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ROOT.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", ROOT.secret)
    with closing(connect(described, None)) as client:
        assert client.find_out()
    monkeypatch.setenv("AWS_PROFILE", "of-nobody")
    assert refused(lambda: connect(described, None)).code == "keys-unreadable"
