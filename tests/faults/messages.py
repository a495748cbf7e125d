"""Messages as a sender makes them, and what became of them at a reader. Shares no code with the program, as the judge does.

The form is docs/protocol.md's: ten msgpack fields, a key that names the chunk, a header with installation and version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack
from confluent_kafka import Producer
from faults.oracle import Verdict, hash_of

INSTALLATION = "a" * 32
MTIME = 1_700_000_000.0


@dataclass(frozen=True, slots=True)
class Sent:
    """A message. index: number of the chunk, from 1."""

    path: str
    index: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def messages(path: str, data: bytes, size: int, *, version: int | None = 1, mtime: float = MTIME) -> list[Sent]:
    """All messages of a file, in order. size: bytes of a chunk. version: None: without a header, as OpenMSIStream writes."""
    folder, _, name = path.rpartition("/")
    pieces = [data[at : at + size] for at in range(0, len(data), size)] or [b""]
    whole = hashlib.sha512(data).digest()
    header = ((("openmsi", f"1 {INSTALLATION} {version}".encode()),)) if version is not None else ()
    out = []
    for number, piece in enumerate(pieces, 1):
        fields = [
            name,
            whole,
            hashlib.sha512(piece).digest(),
            (number - 1) * size,
            number,
            len(pieces),
            folder,
            "",
            piece,
        ]
        key = f"{folder.replace('/', '_')}_{name}_chunk_{number}_of_{len(pieces)}".encode("utf-8", "surrogatepass")
        out.append(Sent(path, number, key, msgpack.packb([*fields, mtime]), header))
    return out


def send(config: Mapping[str, Any], topic: str, sent: Iterable[Sent], *, partition: Callable[[Sent], int]) -> int:
    """Put them on a real topic, in this order; returns how many there were."""
    producer = Producer({**config, "enable.idempotence": True, "linger.ms": 5})
    failed: list[str] = []
    count = 0
    for message in sent:
        while True:
            try:
                producer.produce(
                    topic,
                    message.value,
                    message.key,
                    partition(message),
                    on_delivery=lambda error, _: failed.append(str(error)) if error else None,
                    headers=list(message.headers),
                )
                break
            except BufferError:
                producer.poll(0.1)
        count += 1
    assert producer.flush(60) == 0
    assert not failed, failed[:3]
    return count


def judge_received(
    target: Path, versions: Mapping[str, Sequence[bytes]], *, said: Iterable[tuple[str, str]] = ()
) -> Verdict:
    """What lies in a target, compared with what was sent: of each path all versions, the one that has to be there last.

    said: (path, SHA-512) of every delivery that was told of, or stands in the journal.
    """
    verdict = Verdict()
    spool = target / ".openmsi-parts"
    there = {p.relative_to(target).as_posix(): p for p in target.rglob("*") if p.is_file() and spool not in p.parents}
    for path, contents in versions.items():
        if path not in there:
            verdict.lost.append(f"{path!r} did not arrive")
            continue
        found = there[path].read_bytes()
        if found not in contents:
            verdict.mixed.append(f"{path!r} holds {len(found)} bytes that are no version of it")
        elif found != contents[-1]:
            verdict.lost.append(f"{path!r}: an older version lies there")
    verdict.harmed += [f"{path!r}: nobody sent this file" for path in sorted(there.keys() - versions.keys())]
    known = {(path, hash_of(data)) for path, contents in versions.items() for data in contents}
    verdict.lies += [f"{path!r}: delivered, it was said, but never sent" for path, digest in {*said} - known]
    return verdict
