"""Files go to and fro between this program and OpenMSIStream, byte for byte, over a real Apache Kafka."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from servers.kafka import Kafka
from servers.openmsistream import OpenMSIStream, Run
from servers.parts import eventually
from servers.program import Program, Running
from servers.trees import count_chunks, differences, make_tree, read_tree, write

from openmsi_desktop.streaming.kafka.trial import NOTE, NOTE_NAME, note

CHUNK_SIZE = 16_384
FILES = 200
ITS_LOG = "DataFileDownloadDirectory.log"


@pytest.fixture
def topic(kafka: Kafka) -> str:
    """Four partitions: OpenMSIStream scatters the chunks of a file over them."""
    return kafka.create_topic(partitions=4)


@pytest.fixture
def config(kafka: Kafka, openmsistream: OpenMSIStream) -> Path:
    """OpenMSIStream's configuration file for the test broker."""
    return openmsistream.write_config({"bootstrap.servers": kafka.bootstrap()})


def it_uploads(openmsistream: OpenMSIStream, config: Path, topic: str, folder: Path) -> Run:
    """Start OpenMSIStream's folder upload; its own filter would skip names with "log" in them."""
    arguments: list[str | Path] = ["--config", config, "--topic_name", topic, "--chunk_size", str(CHUNK_SIZE)]
    return openmsistream.start(
        "DataFileUploadDirectory", folder, *arguments, "--upload_existing", "--upload_regex", "(?s).*"
    )


def it_downloads(
    openmsistream: OpenMSIStream, config: Path, topic: str, expected: dict[str, bytes], folder: Path
) -> None:
    """Let OpenMSIStream rebuild a topic until everything is there; fails naming what is missing."""
    run = openmsistream.start("DataFileDownloadDirectory", folder, "--config", config, "--topic_name", topic)

    def remaining() -> list[str]:
        return differences(expected, read_tree(folder, ignore=[ITS_LOG]) if folder.exists() else {})

    try:
        assert run.quit_when(lambda: not remaining(), timeout_s=90, what="OpenMSIStream rebuilt everything") == 0
    except AssertionError as error:
        raise AssertionError(f"{error}\n{remaining()[:10]}\n{run.output()[-2000:]}") from None
    assert remaining() == []


def we_download(program: Program, kafka: Kafka, topic: str, folder: Path, idle_s: int = 3) -> Running:
    """Rebuild a topic with our command."""
    run = program.run(
        *("download", topic, "--target", folder, "--bootstrap", kafka.bootstrap(), "--until-idle", str(idle_s)),
        data="reader",
    )
    assert run.process.returncode == 0, run.tell()
    return run


def what_we_wrote(folder: Path) -> dict[str, bytes]:
    return read_tree(folder, ignore=[".openmsi-parts"])


def messages(kafka: Kafka, topic: str) -> list[tuple[bytes | None, bytes | None]]:
    """Key and value of every message, sorted."""
    consumer = Consumer(kafka.client() | {"group.id": "unused", "enable.partition.eof": False})
    wanted = kafka.message_count(topic)
    consumer.assign([TopicPartition(topic, number, 0) for number in range(4)])
    found: list[tuple[bytes | None, bytes | None]] = []

    def read() -> bool:
        found.extend((message.key(), message.value()) for message in consumer.consume(500, 0.5) if not message.error())
        return len(found) >= wanted

    eventually(read, timeout_s=30, what="all messages")
    consumer.close()
    return sorted(found, key=repr)


def test_what_we_send_it_rebuilds(
    kafka: Kafka, topic: str, program: Program, openmsistream: OpenMSIStream, config: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "tree with space"
    contents = make_tree(folder, files=FILES, chunk_size=CHUNK_SIZE, empty=2)
    some = Producer(kafka.client())
    key, value = note()  # what `check` leaves on servers that are not Apache Kafka
    some.produce(topic, value, key)
    assert some.flush(20) == 0
    run = program.run(
        *("send", folder, "--topic", topic, "--bootstrap", kafka.bootstrap(), "--chunk-size", str(CHUNK_SIZE))
    )
    assert run.process.returncode == 0, run.tell()
    assert len(run.find(event="file", state="sent")) == FILES
    assert run.stray_lines == []
    expected = {f"{folder.name}/{path}": content for path, content in contents.items()} | {NOTE_NAME: NOTE}
    it_downloads(openmsistream, config, topic, expected, tmp_path / "theirs")


def test_what_appears_in_a_watched_folder_it_rebuilds(
    kafka: Kafka, topic: str, program: Program, openmsistream: OpenMSIStream, config: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "instrument"
    contents = make_tree(folder, files=FILES // 2, chunk_size=CHUNK_SIZE)
    run = program.start(
        *("watch", folder, "--topic", topic, "--bootstrap", kafka.bootstrap()),
        *("--chunk-size", str(CHUNK_SIZE), "--quiet", "1"),
    )
    run.wait_for(event="ready")
    for number in range(FILES // 2):
        path = f"new {number % 7}/scan;{number}.dat"
        contents[path] = os.urandom(CHUNK_SIZE - 50 + number)
        write(folder / path, contents[path])

    def all_sent() -> bool:
        return {event["path"] for event in run.find(event="file", state="sent")} == contents.keys()

    run.wait_until(all_sent, timeout_s=90, what="every file is sent")
    assert run.stop() == 143
    it_downloads(openmsistream, config, topic, contents, tmp_path / "theirs")


def test_what_it_uploads_we_rebuild(
    kafka: Kafka, topic: str, program: Program, openmsistream: OpenMSIStream, config: Path, tmp_path: Path
) -> None:
    folder, ours = tmp_path / "theirs", tmp_path / "ours"
    contents = make_tree(folder, files=FILES, chunk_size=CHUNK_SIZE)
    os.utime(folder / "plain.dat", (1_500_000_000, 1_500_000_000.25))
    write(folder / "nothing in it.dat", b"")  # it sends nothing for an empty file
    upload = it_uploads(openmsistream, config, topic, folder)
    wanted = count_chunks(contents, CHUNK_SIZE)
    upload.quit_when(lambda: kafka.message_count(topic) >= wanted, timeout_s=90, what="everything is on the topic")
    run = we_download(program, kafka, topic, ours)
    assert differences(contents, what_we_wrote(ours)) == []
    assert run.summary["problems"] == 0
    assert len(run.find(event="file", state="delivered")) == len(contents)
    assert (ours / "plain.dat").stat().st_mtime == 1_500_000_000.25


@pytest.mark.parametrize("size", [1, 524_287, 524_288, 524_289, 2 * 524_288], ids=str)
def test_single_file_of_its_usual_chunk_size(
    kafka: Kafka,
    topic: str,
    program: Program,
    openmsistream: OpenMSIStream,
    config: Path,
    tmp_path: Path,
    size: int,
) -> None:
    content = os.urandom(size)
    write(tmp_path / "größe.dat", content)
    run = openmsistream.start("UploadDataFile", tmp_path / "größe.dat", "--config", config, "--topic_name", topic)
    assert run.wait() == 0, run.output()
    we_download(program, kafka, topic, tmp_path / "ours", idle_s=1)
    assert what_we_wrote(tmp_path / "ours") == {"größe.dat": content}


def test_both_write_the_same_messages(
    kafka: Kafka, topic: str, program: Program, openmsistream: OpenMSIStream, config: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "parent" / "tree"
    contents = make_tree(folder, files=30, chunk_size=CHUNK_SIZE)
    run = program.run(
        *("send", folder, "--topic", topic, "--bootstrap", kafka.bootstrap(), "--chunk-size", str(CHUNK_SIZE))
    )
    assert run.process.returncode == 0, run.tell()
    its_topic = kafka.create_topic(partitions=4)
    upload = it_uploads(openmsistream, config, its_topic, folder.parent)  # send keeps the folder's own name
    wanted = count_chunks(contents, CHUNK_SIZE)
    upload.quit_when(lambda: kafka.message_count(its_topic) >= wanted, timeout_s=60, what="it sent everything")
    assert messages(kafka, topic) == messages(kafka, its_topic)


def test_file_it_sent_twice_ends_as_the_second_version(
    kafka: Kafka, topic: str, program: Program, openmsistream: OpenMSIStream, config: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "theirs"
    first, second = os.urandom(5 * CHUNK_SIZE + 9), os.urandom(2 * CHUNK_SIZE)
    write(folder / "scan.dat", first)
    upload = it_uploads(openmsistream, config, topic, folder)
    eventually(lambda: kafka.message_count(topic) >= 6, timeout_s=60, what="the first version is on the topic")
    write(folder / "scan.dat", second)
    upload.quit_when(lambda: kafka.message_count(topic) >= 8, timeout_s=60, what="the second version is there too")
    we_download(program, kafka, topic, tmp_path / "ours")
    assert what_we_wrote(tmp_path / "ours") == {"scan.dat": second}


def test_longer_second_version_replaces_the_first_at_its_reader(
    kafka: Kafka, topic: str, program: Program, openmsistream: OpenMSIStream, config: Path, tmp_path: Path
) -> None:
    file, theirs = tmp_path / "scan.dat", tmp_path / "theirs"
    send: list[str | Path] = [
        "send",
        file,
        "--topic",
        topic,
        "--bootstrap",
        kafka.bootstrap(),
        "--chunk-size",
        str(CHUNK_SIZE),
    ]
    for size in (3 * CHUNK_SIZE, 5 * CHUNK_SIZE + 1):
        write(file, os.urandom(size))
        run = program.run(*send)
        assert run.process.returncode == 0, run.tell()
    assert kafka.message_count(topic) == 3 + 6
    it_downloads(openmsistream, config, topic, {"scan.dat": file.read_bytes()}, theirs)
