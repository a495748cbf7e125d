"""The test bench for buckets itself: the servers have the rights they are given, and the network goes wrong as it is told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from servers.certificates import Certificates
from servers.moto import Moto
from servers.s3 import S3, client
from servers.s3_faults import S3Faults


def test_somebody_may_do_what_they_were_given(s3: S3) -> None:
    bucket = s3.create_bucket()
    keys = s3.user(bucket, "s3:PutObject")
    with closing(s3.client(keys)) as writer:
        writer.put_object(Bucket=bucket, Key="a/b", Body=b"1")
        with pytest.raises(ClientError, match="AccessDenied"):
            writer.get_object(Bucket=bucket, Key="a/b")
        s3.allow(keys, bucket, "s3:GetObject")
        assert writer.get_object(Bucket=bucket, Key="a/b")["Body"].read() == b"1"
        s3.forbid(keys, bucket)
        with pytest.raises(ClientError, match="AccessDenied"):
            writer.put_object(Bucket=bucket, Key="c", Body=b"2")
    assert s3.keys(bucket) == ["a/b"]
    renewed = s3.change_secret(keys, "another-secret")
    with closing(s3.client(keys)) as writer, pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        writer.list_buckets()
    with closing(s3.client(renewed)) as writer:
        writer.list_buckets()
    s3.delete_bucket(bucket)


def test_versions_are_kept_where_they_are_asked_for(s3: S3) -> None:
    bucket = s3.create_bucket(versioned=True)
    with closing(s3.client()) as root:
        first = root.put_object(Bucket=bucket, Key="a", Body=b"1")["VersionId"]
        root.put_object(Bucket=bucket, Key="a", Body=b"2")
        assert root.get_object(Bucket=bucket, Key="a", VersionId=first)["Body"].read() == b"1"


def test_a_server_comes_back_with_its_objects(private_s3: S3) -> None:
    bucket = private_s3.create_bucket()
    with closing(private_s3.client()) as root:
        root.put_object(Bucket=bucket, Key="a", Body=b"1")
        private_s3.restart(readonly=True)
        with pytest.raises(ClientError, match="AccessDenied"):
            root.put_object(Bucket=bucket, Key="b", Body=b"1")
        private_s3.pause()
        with closing(private_s3.client(read_timeout=0.2)) as impatient, pytest.raises(BotoCoreError):
            impatient.list_buckets()
        private_s3.resume()
        private_s3.stop()
        private_s3.start()
    assert private_s3.content(bucket, "a") == b"1"


def test_a_server_speaks_tls(secure_s3: Callable[[Path], S3], certificates: Certificates) -> None:
    server = secure_s3(certificates.server)
    assert server.create_bucket()
    with closing(client(server.endpoint)) as trusting, pytest.raises(BotoCoreError, match="certificate"):
        trusting.list_buckets()


def test_faults_come_where_they_are_told(s3: S3, s3_faults: S3Faults) -> None:
    bucket = s3.create_bucket()
    with closing(client(s3_faults.endpoint, read_timeout=0.5)) as root:
        s3_faults.add("PUT", "/b$", times=2, status=503, code="SlowDown")
        for _ in range(2):
            with pytest.raises(ClientError, match="SlowDown"):
                root.put_object(Bucket=bucket, Key="b", Body=b"1")
        root.put_object(Bucket=bucket, Key="b", Body=b"1" * 1000)
        assert s3_faults.count("PUT", "/b$") == 3
        s3_faults.add("PUT", "/never$", close="before")
        s3_faults.add("PUT", "/lost$", close="after")
        s3_faults.add("PUT", "/torn$", cut_request=10)
        s3_faults.add("GET", "/b$", stall=1.5)
        for key in ("never", "lost", "torn"):
            with pytest.raises(BotoCoreError):
                root.put_object(Bucket=bucket, Key=key, Body=b"1" * 1000)
        with pytest.raises(BotoCoreError):
            root.get_object(Bucket=bucket, Key="b")
        s3_faults.add("GET", "/b$", cut=10)
        with pytest.raises(BotoCoreError):
            root.get_object(Bucket=bucket, Key="b")["Body"].read()
        s3_faults.add("PUT", "/altered$", alter=lambda body: b"x" + body[1:])
        with pytest.raises(ClientError, match="XAmzContentSHA256Mismatch"):
            root.put_object(Bucket=bucket, Key="altered", Body=b"123")
        s3_faults.add("PUT", "/altered$", alter=lambda body: b"x" + body[1:], unnoticed=True)
        root.put_object(Bucket=bucket, Key="altered", Body=b"123")
        s3_faults.add("GET", "/b$", clock=3600)
        date = root.get_object(Bucket=bucket, Key="b")["ResponseMetadata"]["HTTPHeaders"]["date"]
        assert date and s3.content(bucket, "altered") == b"x23"
    assert s3.keys(bucket) == ["altered", "b", "lost"]


def test_moto_takes_keys_that_files_cannot_have(moto: Moto) -> None:
    bucket = moto.create_bucket()
    with closing(moto.client()) as anyone:
        anyone.put_object(Bucket=bucket, Key="a", Body=b"1")
        anyone.put_object(Bucket=bucket, Key="a/b", Body=b"2")
        assert anyone.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"
