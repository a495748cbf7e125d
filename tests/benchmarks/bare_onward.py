"""What a single-threaded loop needs to hand on the files of a topic: no journal, no second try, nothing that outlives a kill.

It reads the topic, checks every hash, and gives each complete file to boto3 or to a program, one after the other. It shares no
code with the program, so that it can be measured beside it::

    python bare_onward.py bucket BOOTSTRAP TOPIC FILES ENDPOINT BUCKET
    python bare_onward.py program BOOTSTRAP TOPIC FILES PROGRAM

Keys of the S3 server: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import Any

import msgpack
from confluent_kafka import Consumer, TopicPartition

_MESSAGES_AT_ONCE = 100

Hand = Callable[[str, Path | bytes], None]
"""Name on the topic, and where the file lies, or what is in it if it came in one piece."""


def main() -> None:
    what, bootstrap, topic, files, *more = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        hand = _to_bucket(topic, *more) if what == "bucket" else _to_program(Path(folder), *more)
        for name, contents in _complete(bootstrap, topic, int(files), Path(folder)):
            hand(name, contents)


def _to_bucket(topic: str, endpoint: str, bucket: str) -> Hand:
    import boto3

    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")

    def hand(name: str, contents: Path | bytes) -> None:
        key = f"{topic}/{name}"
        if isinstance(contents, bytes):
            client.put_object(Bucket=bucket, Key=key, Body=contents)
        else:
            client.upload_file(str(contents), bucket, key)

    return hand


def _to_program(folder: Path, program: str) -> Hand:
    def hand(name: str, contents: Path | bytes) -> None:
        path = folder / os.path.basename(name)
        if isinstance(contents, bytes):
            path.write_bytes(contents)
        subprocess.run([program, str(path)], check=True)
        path.unlink()

    return hand


def _complete(bootstrap: str, topic: str, files: int, folder: Path) -> Iterator[tuple[str, Path | bytes]]:
    """So many files of a topic, each with its hash checked."""
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
    begun: dict[tuple[str, bytes], tuple[FileIO, set[int]]] = {}
    last = time.monotonic()
    while files:
        for message in consumer.consume(_MESSAGES_AT_ONCE, 0.5):
            if message.error():
                sys.exit(str(message.error()))
            last = time.monotonic()
            found = _take(msgpack.unpackb(message.value(), raw=True), folder, begun)
            if found is not None:
                files -= 1
                yield found
        if time.monotonic() - last > 60:
            sys.exit(f"{files} files are missing, and nothing comes any more")
    consumer.close()


def _take(
    fields: list[Any], folder: Path, begun: dict[tuple[str, bytes], tuple[FileIO, set[int]]]
) -> tuple[str, Path | bytes] | None:
    """One chunk; the file if it completed one."""
    filename, digest, chunk_digest, start, index, total, subdir, _, data, _ = fields
    if hashlib.sha512(data).digest() != chunk_digest:
        sys.exit(f"chunk {index} of {filename!r} is damaged")
    name = os.path.join(subdir.decode(), filename.decode())
    if total == 1:
        if hashlib.sha512(data).digest() != digest:
            sys.exit(f"{name} is damaged")
        return name, data
    path = folder / filename.decode()
    if (name, digest) not in begun:
        begun[name, digest] = FileIO(path, "w+"), set()
    file, have = begun[name, digest]
    os.pwrite(file.fileno(), data, start)
    have.add(index)
    if len(have) < total:
        return None
    file.seek(0)
    whole = hashlib.file_digest(file, "sha512")
    if whole.digest() != digest:
        sys.exit(f"{name} is damaged")
    file.close()
    del begun[name, digest]
    return name, path


if __name__ == "__main__":
    main()
