"""Receipts over a real Apache Kafka, with OpenMSIStream on both sides of us: it neither writes nor reads them, and misses nothing."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

import jsonschema
from confluent_kafka import Consumer, TopicPartition
from interop.test_openmsistream import config, it_downloads, it_uploads, what_we_wrote
from servers.kafka import Kafka
from servers.openmsistream import OpenMSIStream
from servers.parts import ROOT, eventually
from servers.program import Program
from servers.trees import differences, write

__all__ = ["config"]
SCHEMA = json.loads((ROOT / "docs" / "receipt.schema.json").read_text(encoding="utf-8"))


def receipts(kafka: Kafka, topic: str) -> dict[str, Any]:
    """Path -> receipt, as somebody else's program would read them."""
    consumer = Consumer(kafka.client() | {"group.id": "unused"})
    consumer.assign([TopicPartition(topic, number, 0) for number in range(2)])
    found: dict[str, Any] = {}
    wanted = kafka.message_count(topic)
    seen = 0

    def read() -> bool:
        nonlocal seen
        for message in consumer.consume(100, 0.2):
            assert message.error() is None
            seen += 1
            body = json.loads(message.value() or b"")
            jsonschema.validate(body, SCHEMA, format_checker=jsonschema.FormatChecker())
            assert (message.key() or b"").decode() == body["path"]
            found[body["path"]] = body
        return seen >= wanted

    eventually(read, timeout_s=30, what="all receipts")
    consumer.close()
    return found


def test_a_group_and_openmsistream_download_what_we_watch_and_receipts_come_back(
    kafka: Kafka, program: Program, openmsistream: OpenMSIStream, config: Path, tmp_path: Path
) -> None:
    topic = kafka.create_topic(partitions=2)
    kafka.create_topic(f"{topic}.receipts", partitions=2)
    folder = tmp_path / "xrd"
    contents = {f"run {n % 3}/scan {n}.xy": os.urandom(1000 + n) for n in range(20)}
    for path, content in contents.items():
        write(folder / path, content)
    broker = ("--bootstrap", kafka.bootstrap(), "--receipts")
    watch = program.start("watch", folder, "--topic", topic, "--quiet", "0.5", *broker)
    watch.wait_for(event="ready")
    members = [
        program.start("download", topic, "--target", tmp_path / name, *broker, "--group", topic, data=name)
        for name in ("one", "two")
    ]
    places = {event["reason"] for event in [watch.wait_for(event="file", state="arrived")]}
    watch.wait_until(
        lambda: {e["path"] for e in watch.find(event="file", state="arrived")} == contents.keys(),
        timeout_s=60,
        what="everything has arrived",
    )
    assert places == {f"on PC {platform.node()}"}
    assert watch.stop() == 143
    assert watch.summary["counts"] == {"arrived": 20}, watch.summary
    assert [member.stop() for member in members] == [143, 143]
    assert differences(contents, what_we_wrote(tmp_path / "one") | what_we_wrote(tmp_path / "two")) == []
    found = receipts(kafka, f"{topic}.receipts")
    assert found.keys() == contents.keys()
    assert all(body["version"] and body["installation"] for body in found.values())
    it_downloads(openmsistream, config, topic, contents, tmp_path / "theirs")


def test_what_it_uploads_gets_receipts_too(
    kafka: Kafka, program: Program, openmsistream: OpenMSIStream, config: Path, tmp_path: Path
) -> None:
    topic = kafka.create_topic(partitions=2)
    kafka.create_topic(f"{topic}.receipts", partitions=2)
    contents = {f"scan {n}.xy": os.urandom(2000) for n in range(3)}
    for path, content in contents.items():
        write(tmp_path / "theirs" / path, content)
    upload = it_uploads(openmsistream, config, topic, tmp_path / "theirs")
    upload.quit_when(lambda: kafka.message_count(topic) >= 3, timeout_s=90, what="everything is on the topic")
    run = program.run(
        *("download", topic, "--target", tmp_path / "ours", "--bootstrap", kafka.bootstrap(), "--receipts"),
        *("--until-idle", "1"),
        data="reader",
    )
    assert run.summary["problems"] == 0
    assert differences(contents, what_we_wrote(tmp_path / "ours")) == []
    found = receipts(kafka, f"{topic}.receipts")
    assert found.keys() == contents.keys()
    assert all(body["version"] is None and body["installation"] is None for body in found.values())
