"""Buckets that OpenMSIStream fills and buckets that we fill are the same, and several computers may fill one together."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from pathlib import Path

import pytest
from servers.clock import WrongClock
from servers.kafka import Kafka
from servers.openmsistream import OpenMSIStream
from servers.parts import eventually
from servers.program import Program, Running
from servers.s3 import REGION, ROOT, S3
from servers.s3_faults import S3Faults

KEYS = {"AWS_ACCESS_KEY_ID": ROOT.access_key_id, "AWS_SECRET_ACCESS_KEY": ROOT.secret}
CHUNK_SIZE = 50_000
FILES = {
    "one.dat": os.urandom(1234),
    "run_01/several chunks.bin": os.urandom(7 * CHUNK_SIZE + 1),
    "run_01/deep/er/größe µm.csv": "Größe;µm\n".encode() * 500,
    "run_02/a+b &c=%41.txt": b"odd name",
    "run_02/100 % [x] (1).dat": os.urandom(99),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "measured"
    for name, content in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


@pytest.fixture(autouse=True)
def no_settings(program: Program) -> None:
    """The settings are there, for a bucket may be one of theirs, but there is nothing in them."""
    (program.folder / "settings.toml").write_text("version = 1\n")


def send(program: Program, kafka: Kafka, topic: str, folder: Path) -> None:
    run = program.run(
        *("send", folder, "--topic", topic, "--bootstrap", kafka.bootstrap(), "--chunk-size", str(CHUNK_SIZE)),
        data="sender",
    )
    assert run.process.returncode == 0, run.tell()


def it_transfers(openmsistream: OpenMSIStream, kafka: Kafka, s3: S3, topic: str, bucket: str, keys: set[str]) -> None:
    """Let OpenMSIStream fill a bucket until these objects are there."""
    config = openmsistream.write_config({"bootstrap.servers": kafka.bootstrap()}, name="to-bucket")
    section = {"access_key_id": ROOT.access_key_id, "secret_key_id": ROOT.secret, "endpoint_url": s3.endpoint}
    with config.open("a", encoding="utf-8") as text:
        text.write("[s3]\n" + "".join(f"{k} = {v}\n" for k, v in {**section, "region": REGION}.items()))
    run = openmsistream.start("S3TransferStreamProcessor", bucket, "--config", config, "--topic_name", topic)
    ended = run.quit_when(lambda: set(s3.keys(bucket)) >= keys, timeout_s=60, what="OpenMSIStream has stored all")
    assert ended == 0, run.output()[-2000:]


def we_transfer(program: Program, kafka: Kafka, s3: S3, topic: str, bucket: str, *, data: str) -> Running:
    run = program.run(
        *("transfer", topic, "--bucket", bucket, "--endpoint-url", s3.endpoint, "--region", REGION),
        *("--bootstrap", kafka.bootstrap(), "--until-idle", "2"),
        data=data,
        env=KEYS,
    )
    assert run.process.returncode == 0, run.tell()
    return run


def versions(s3: S3, bucket: str) -> list[tuple[str, str]]:
    """Every version of every object, as key and id."""
    with closing(s3.client()) as root:
        listed = root.list_object_versions(Bucket=bucket)
    return sorted((v["Key"], v["VersionId"]) for v in listed["Versions"])


def test_a_bucket_that_openmsistream_filled_carries_on(
    kafka: Kafka, s3: S3, openmsistream: OpenMSIStream, program: Program, folder: Path
) -> None:
    topic, theirs, ours = kafka.create_topic(partitions=3), s3.create_bucket(versioned=True), s3.create_bucket()
    send(program, kafka, topic, folder)
    expected = {f"{topic}/measured/{name}": content for name, content in FILES.items()}
    it_transfers(openmsistream, kafka, s3, topic, theirs, set(expected))

    stored = we_transfer(program, kafka, s3, topic, ours, data="ours")
    assert stored.summary["delivered"] == len(FILES), stored.tell()
    assert {e["local"] for e in stored.find(event="file", state="delivered")} == {f"s3://{ours}/{k}" for k in expected}
    for bucket in (theirs, ours):
        assert {key: s3.content(bucket, key) for key in s3.keys(bucket)} == expected

    before = versions(s3, theirs)
    again = we_transfer(program, kafka, s3, topic, theirs, data="theirs")
    assert again.summary["delivered"] == len(FILES) and again.summary["problems"] == 0, again.tell()
    assert versions(s3, theirs) == before, "what is identical is not sent again"

    (folder / "one.dat").write_bytes(b"a new version")
    send(program, kafka, topic, folder)
    carried_on = we_transfer(program, kafka, s3, topic, theirs, data="theirs")
    notes = {e["path"]: e["reason"] for e in carried_on.find(event="file", state="delivered")}
    assert notes.pop("measured/one.dat").startswith("a different object had this key"), carried_on.tell()
    assert set(notes.values()) == {"the same content was stored before"}
    assert s3.content(theirs, f"{topic}/measured/one.dat") == b"a new version"
    assert len(versions(s3, theirs)) == len(before) + 1, "and theirs is kept as the version before"


def test_two_readers_of_one_group_fill_a_bucket_and_one_is_killed(
    kafka: Kafka, s3: S3, s3_faults: S3Faults, program: Program, tmp_path: Path
) -> None:
    topic, bucket = kafka.create_topic(partitions=4), s3.create_bucket()
    contents = {f"run/{number:03}.dat": os.urandom(3000 + number) for number in range(60)}
    for name, content in contents.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
    arguments = [
        *("transfer", topic, "--bucket", bucket, "--region", REGION, "--group", f"{topic}-group"),
        *(
            "--bootstrap",
            kafka.bootstrap(),
            "--kafka",
            "session.timeout.ms=6000",
            "--kafka",
            "heartbeat.interval.ms=500",
        ),
    ]
    # the one that is killed gets stuck with files in hand: some have been stored, of some nobody knows
    for number in ("5", "6", "7"):
        s3_faults.add("PUT", rf"run/\d\d{number}\.dat", times=None, stall=30, close="before")
    victim = program.start(*arguments, "--endpoint-url", s3_faults.endpoint, data="victim", env=KEYS)
    victim.wait_for(event="ready")
    other = program.start(*arguments, "--endpoint-url", s3.endpoint, data="other", env=KEYS)
    other.wait_for(event="ready")
    send(program, kafka, topic, tmp_path / "run")
    victim.wait_until(
        lambda: bool(victim.find(event="file", state="delivered")) and s3_faults.count("PUT", r"run/\d\d[567]") > 0,
        timeout_s=30,
        what="it has stored some, and has others in hand",
    )
    victim.kill()
    expected = {f"{topic}/{name}": content for name, content in contents.items()}
    eventually(lambda: set(s3.keys(bucket)) >= set(expected), timeout_s=60, what="everything is in the bucket")
    other.wait_until(lambda: not other.find(event="problem"), timeout_s=1, what="nothing went wrong")
    assert other.stop() == 143
    assert {key: s3.content(bucket, key) for key in s3.keys(bucket)} == expected
    first, second = ({e["path"] for e in run.find(event="file", state="delivered")} for run in (victim, other))
    assert first and len(first) < len(contents) and first | second == set(contents)


def test_one_reader_fills_a_folder_a_bucket_and_a_topic(
    kafka: Kafka, s3: S3, program: Program, folder: Path, tmp_path: Path
) -> None:
    """As a settings file has it: all sinks of a table share its reader; a wrong secret holds up only the one it belongs to."""
    topic, results, bucket = kafka.create_topic(), kafka.create_topic(), s3.create_bucket()
    send(program, kafka, topic, folder)
    script = tmp_path / "lines.py"
    script.write_text(
        "import json, sys; print(json.dumps({'path': sys.argv[2], 'bytes': len(open(sys.argv[1], 'rb').read())}))"
    )
    target = tmp_path / "received"
    target.mkdir()
    (program.folder / "settings.toml").write_text(
        f"""
        version = 1
        connections = [{{ name = "lab", kafka = {{ "bootstrap.servers" = "{kafka.bootstrap()}" }} }}]
        [[buckets]]
        name = "store"
        bucket = "{bucket}"
        endpoint_url = "{s3.endpoint}"
        region = "{REGION}"
        access_key_id = "{ROOT.access_key_id}"
        credential = "keys"
        [[processors]]
        name = "lines"
        command = ["{sys.executable}", "{script}", "{{file}}", "{{relative_path}}"]
        result_topic = "{results}"
        [[downloads]]
        name = "all"
        topics = ["{topic}"]
        connection = "lab"
        target = "{target}"
        sinks = ["store", "lines"]
        """
    )
    first = program.run("run", "--until-idle", "2", env={"OPENMSI_SECRET_KEYS": "wrong"})
    assert first.process.returncode == 1, first.tell()
    assert "does not accept the secret" in json.dumps(first.find(event="problem")), first.tell()
    assert kafka.message_count(results) == len(FILES), "the program had every file"
    for name, content in FILES.items():
        assert (target / "measured" / name).read_bytes() == content
    assert s3.keys(bucket) == []

    second = program.run("run", "--until-idle", "2", env={"OPENMSI_SECRET_KEYS": ROOT.secret})
    assert second.process.returncode == 0 and second.summary["delivered"] == len(FILES), second.tell()
    assert {key: s3.content(bucket, key) for key in s3.keys(bucket)} == {
        f"{topic}/measured/{name}": content for name, content in FILES.items()
    }
    assert kafka.message_count(results) == len(FILES), "and is not run again"


def test_a_clock_that_is_wrong_keeps_nothing_back(
    program: Program, kafka: Kafka, s3: S3, folder: Path, tmp_path: Path
) -> None:
    big = os.urandom(18 * 1024 * 1024)
    (folder / "big.bin").write_bytes(big)
    topic, bucket = kafka.create_topic(partitions=1), s3.create_bucket()
    send(program, kafka, topic, folder)
    clock = WrongClock(tmp_path)
    clock.set(-86_400.0)
    run = program.run(
        *("transfer", topic, "--bucket", bucket, "--endpoint-url", s3.endpoint),
        *("--bootstrap", kafka.bootstrap(), "--until-idle", "2"),
        env=KEYS | clock.env,
    )
    assert run.process.returncode == 0, run.tell()
    stored = {f"{topic}/{folder.name}/{name}": content for name, content in {**FILES, "big.bin": big}.items()}
    assert {key: s3.content(bucket, key) for key in s3.keys(bucket)} == stored
    assert not run.find(event="problem"), run.tell()
