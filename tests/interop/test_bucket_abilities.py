"""What a bucket can do is found out by trying, and nothing is left behind where that is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from servers.moto import Moto
from servers.s3 import ROOT, S3, Keys
from servers.s3_faults import S3Faults

from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.sinks.bucket.abilities import abilities
from openmsi_desktop.streaming.sinks.bucket.client import BucketClient, connect
from openmsi_desktop.streaming.sinks.bucket.errors import StoreError

WRITES = ("s3:PutObject",)


@contextmanager
def client(endpoint: str, bucket: str, keys: Keys = ROOT) -> Iterator[BucketClient]:
    described = Bucket(
        name="lab", bucket=bucket, endpoint_url=endpoint, access_key_id=keys.access_key_id, credential="lab"
    )
    with closing(connect(described, keys.secret, connect_s=2, read_s=2)) as made:
        yield made


@pytest.mark.parametrize("versioned", [False, True])
def test_a_good_server(s3: S3, versioned: bool) -> None:
    bucket = s3.create_bucket(versioned=versioned)
    with client(s3.endpoint, bucket) as lab:
        found = abilities(lab)
    assert found.puts_if_absent and found.completes_if_absent and found.whole_crc64
    assert found.reads and found.lists and found.deletes and found.tells_missing
    assert found.checks == {"SHA256", "CRC64NVME", "CRC32", "MD5"}
    assert found.echoes == {"SHA256", "CRC64NVME"}
    assert found.is_versioned is versioned
    with closing(s3.client()) as root:
        left = root.list_object_versions(Bucket=bucket)
        assert not left.get("Versions") and not left.get("DeleteMarkers")
        assert not root.list_multipart_uploads(Bucket=bucket).get("Uploads")


def test_the_right_to_write_is_enough(s3: S3) -> None:
    bucket = s3.create_bucket()
    with client(s3.endpoint, bucket, s3.user(bucket, *WRITES)) as lab:
        found = abilities(lab)
    assert found.puts_if_absent and not (found.reads or found.lists or found.deletes or found.tells_missing)
    assert found.is_versioned is None and "SHA256" in found.checks
    assert [key.startswith(".openmsi-desktop/test-") for key in s3.keys(bucket)] == [True]


def test_a_server_that_checks_nothing(moto: Moto) -> None:
    bucket = moto.create_bucket()
    with client(moto.endpoint, bucket) as lab:
        found = abilities(lab)
    assert not found.checks and not found.echoes and not found.whole_crc64 and found.puts_if_absent
    with closing(moto.client()) as anyone:
        assert not anyone.list_objects_v2(Bucket=bucket).get("Contents")


def test_a_server_that_knows_no_conditions_and_no_new_checksums(s3: S3, s3_faults: S3Faults) -> None:
    bucket = s3.create_bucket()
    for header in ("if-none-match", "x-amz-checksum-crc64nvme"):
        s3_faults.add("*", "", times=None, with_header=header, status=501, code="NotImplemented")
    s3_faults.add("POST", "uploads", times=None, with_header="x-amz-checksum-type", status=400, code="InvalidRequest")
    with client(s3_faults.endpoint, bucket) as lab:
        found = abilities(lab)
    assert not found.puts_if_absent and not found.completes_if_absent and not found.whole_crc64
    assert found.checks == {"SHA256", "CRC32", "MD5"} and found.echoes == {"SHA256"}
    assert s3.keys(bucket) == []


def test_a_server_in_trouble_is_not_taken_for_one_that_can_do_little(s3: S3, s3_faults: S3Faults) -> None:
    bucket = s3.create_bucket()
    with client(s3_faults.endpoint, bucket) as lab:
        s3_faults.add("GET", "", times=None, status=503, code="SlowDown")
        with pytest.raises(StoreError) as caught:
            abilities(lab)
    assert caught.value.code == "slow-down"
    assert s3.keys(bucket) == [], "the object is deleted all the same"
