"""What a single-threaded loop over librdkafka needs for the same work: no journal, no watching, no waiting for files.

It reads, hashes file and chunks, packs and produces with the same safety (acks=all, idempotence), or reads the topic, checks
every hash and writes each file durably. It shares no code with the program, so that it can be measured beside it::

    python bare.py send BOOTSTRAP TOPIC PATH [CHUNK_SIZE]
    python bare.py download BOOTSTRAP TOPIC FOLDER FILES
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgpack
from confluent_kafka import Consumer, Producer, TopicPartition

CHUNK_SIZE = 524_288
_SMALL = 16 * 1024 * 1024
_BLOCK = 1024 * 1024
_MESSAGES_AT_ONCE = 100


def main() -> None:
    what, bootstrap, topic, path, *more = sys.argv[1:]
    if what == "send":
        send(bootstrap, topic, path, int(more[0]) if more else CHUNK_SIZE)
    else:
        download(bootstrap, topic, path, int(more[0]))


def send(bootstrap: str, topic: str, path: str, chunk_size: int) -> None:
    """Send a file, or every file below a folder. Fails unless every message is acknowledged."""
    failed: list[str] = []
    left = 0

    def decided(error: object, message: object) -> None:
        nonlocal left
        left -= 1
        if error is not None:
            failed.append(str(error))

    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 5,
            "batch.size": chunk_size,
            "message.max.bytes": 100_000_000,
            "queue.buffering.max.kbytes": 65_536,
        }
    )
    partitions = len(producer.list_topics(topic, timeout=30).topics[topic].partitions)
    for local, name in _files(path):
        partition = zlib.crc32(name.encode()) % partitions
        for key, value in _messages(local, name, chunk_size):
            while True:
                try:
                    producer.produce(topic, value, key, partition, decided)
                except BufferError:
                    producer.poll(0.01)
                    continue
                left += 1
                break
            producer.poll(0)
    producer.flush()
    if failed or left:
        sys.exit(f"{left} messages without an answer, {len(failed)} failed: {failed[:1]}")


def _files(path: str) -> Iterator[tuple[str, str]]:
    if os.path.isfile(path):
        yield path, os.path.basename(path)
        return
    for folder, _, names in os.walk(path):
        for name in names:
            local = os.path.join(folder, name)
            yield local, os.path.relpath(local, path)


def _messages(local: str, name: str, chunk_size: int) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of each message of a file. It is read once if it is small, else twice, as the format demands."""
    subdir, _, filename = name.rpartition("/")
    with open(local, "rb", buffering=0) as file:
        stat = os.fstat(file.fileno())
        whole = hashlib.sha512()
        kept = file.read() if stat.st_size <= _SMALL else None
        if kept is not None:
            whole.update(kept)
        else:
            while block := file.read(_BLOCK):
                whole.update(block)
            file.seek(0)
        digest = whole.digest()
        total = max(1, -(-stat.st_size // chunk_size))
        for index in range(1, total + 1):
            start = (index - 1) * chunk_size
            data = kept[start : start + chunk_size] if kept is not None else file.read(chunk_size)
            fields = [
                filename,
                digest,
                hashlib.sha512(data).digest(),
                start,
                index,
                total,
                subdir,
                "",
                data,
                stat.st_mtime,
            ]
            key = f"{'_'.join(subdir.split('/'))}_{filename}_chunk_{index}_of_{total}"
            yield key.encode(), msgpack.packb(fields, use_bin_type=True)


def download(bootstrap: str, topic: str, folder: str, files: int) -> None:
    """Rebuild so many files of a topic; each is synchronised to disk before it gets its name."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"bare-{os.getpid()}",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "fetch.queue.backoff.ms": 10,
        }
    )
    partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
    begun: dict[tuple[str, bytes], tuple[BinaryIO, set[int]]] = {}
    last = time.monotonic()
    while files:
        for message in consumer.consume(_MESSAGES_AT_ONCE, 0.5):
            if message.error():
                sys.exit(str(message.error()))
            files -= _take(msgpack.unpackb(message.value(), raw=True), folder, begun)
            last = time.monotonic()
        if time.monotonic() - last > 60:
            sys.exit(f"{files} files are missing, and nothing comes any more")
    consumer.close()


def _take(fields: list[Any], folder: str, begun: dict[tuple[str, bytes], tuple[BinaryIO, set[int]]]) -> int:
    """One chunk; 1 if it completed its file."""
    filename, digest, chunk_digest, start, index, total, subdir, _, data, mtime = fields
    if hashlib.sha512(data).digest() != chunk_digest:
        sys.exit(f"chunk {index} of {filename!r} is damaged")
    final = os.path.join(folder, subdir.decode(), filename.decode())
    part = final + ".part"
    if (final, digest) not in begun:
        os.makedirs(os.path.dirname(final), exist_ok=True)
        begun[final, digest] = open(part, "w+b", buffering=0), set()  # noqa: SIM115  closed when it is complete
    file, have = begun[final, digest]
    os.pwrite(file.fileno(), data, start)
    have.add(index)
    if len(have) < total:
        return 0
    whole = hashlib.sha512()
    if total == 1:
        whole.update(data)
    else:
        file.seek(0)
        while block := file.read(_BLOCK):
            whole.update(block)
    if whole.digest() != digest:
        sys.exit(f"{filename!r} is damaged")
    os.fsync(file.fileno())
    file.close()
    os.utime(part, (mtime, mtime))
    os.replace(part, final)
    del begun[final, digest]
    return 1


if __name__ == "__main__":
    main()
