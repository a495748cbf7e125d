"""The judge of all fault tests. It shares no code with the program: it reads the topic and the messages by itself.

What a writer wrote, what lies on the topic, what the program said and what lies in the target are compared:

    I1  nothing lost      the last version of every path is whole on the topic, and no later one is
    I2  no lie            Sent and Checked are said only of versions that are whole, and not before they are;
                          Delivered and the journal agree with the bytes in the target
    I3  nothing mixed     no message carries other bytes than those of the version whose hash it names
    I4  no harm           the source tree holds what the writer wrote, foreign files in the target are untouched

Also counted: what was sent more than once (I7). That work goes on in time (I6) is measured by the tests.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgpack
from confluent_kafka import Consumer, TopicPartition

Event = Mapping[str, Any]
_HEADER = re.compile(rb"1 ([0-9a-f]{32}) ([0-9]+)")
_CLOCK_S = 0.01
"""Stamps are cut to milliseconds."""


def hash_of(data: bytes) -> str:
    """SHA-512 as events write it."""
    return hashlib.sha512(data).hexdigest()


@dataclass(slots=True)
class Written:
    """The writer's log: every finished version of every file below ``root``, oldest first, with its bytes."""

    root: Path
    versions: dict[str, list[str]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)

    def add(self, path: str, content: bytes) -> None:
        """A version was finished."""
        digest = hash_of(content)
        self.versions.setdefault(path, []).append(digest)
        self.contents[digest] = content

    @property
    def last(self) -> dict[str, str]:
        """Hash of the last version of each path."""
        return {path: versions[-1] for path, versions in self.versions.items()}


@dataclass(frozen=True, slots=True)
class Part:
    """One message. at: when the broker stored it, seconds since 1970. ok: its bytes are those of a known version.

    data: kept only where no version of the writer's log has this hash.
    """

    path: str
    file_hash: str
    index: int
    total: int
    start: int
    size: int
    version: int
    at: float
    ok: bool
    data: bytes = b""
    partition: int = 0
    offset: int = 0


@dataclass(slots=True)
class Verdict:
    """What is wrong, one line for each thing; all lists empty: all is well. Sizes in bytes."""

    lost: list[str] = field(default_factory=list)
    lies: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    harmed: list[str] = field(default_factory=list)
    resent: list[int] = field(default_factory=list)
    """Bytes sent again after each of the moments that were given."""
    resent_at_all: int = 0

    @property
    def wrong(self) -> list[str]:
        """All of it."""
        return [*self.lost, *self.lies, *self.mixed, *self.harmed]

    def add(self, other: Verdict) -> None:
        """Count another verdict in."""
        for name in ("lost", "lies", "mixed", "harmed", "resent"):
            getattr(self, name).extend(getattr(other, name))
        self.resent_at_all += other.resent_at_all


# -- the topic


def read_topic(config: Mapping[str, Any], topic: str, written: Written) -> list[Part]:
    """Every message of a topic, in the order of each partition."""
    reader = Consumer({**config, "group.id": "oracle", "enable.auto.commit": False, "auto.offset.reset": "error"})
    parts: list[Part] = []
    try:
        for number in reader.list_topics(topic, 10).topics[topic].partitions:
            low, high = reader.get_watermark_offsets(TopicPartition(topic, number), 10)
            reader.assign([TopicPartition(topic, number, low)])
            while low < high:
                for message in reader.consume(500, 0.2):
                    assert message.error() is None, message.error()
                    low = (message.offset() or 0) + 1
                    headers: Any = message.headers() or ()
                    part = decoded(message.value() or b"", dict(headers), message.timestamp()[1] / 1000, written)
                    parts.append(replace(part, partition=number, offset=low - 1))
    finally:
        reader.close()
    return parts


def decoded(value: bytes, headers: Mapping[str, Any], at: float, written: Written) -> Part:
    """One message: ten msgpack fields and our header."""
    name, file_hash, chunk_hash, start, index, total, folder, append, data, _mtime = msgpack.unpackb(value)
    path = f"{folder}/{name}{append}" if folder else f"{name}{append}"
    found = _HEADER.fullmatch(headers.get("openmsi") or b"")
    assert found, f"{path!r}: a message without our header"
    digest = bytes(file_hash).hex()
    content = written.contents.get(digest)
    ok = hashlib.sha512(data).digest() == chunk_hash
    if content is not None:
        ok = ok and content[start : start + len(data)] == data
    kept = b"" if content is not None else data
    return Part(path, digest, index, total, start, len(data), int(found[2]), at, ok, kept)


@dataclass(slots=True)
class _Sending:
    """All messages of one version number of one path and one hash."""

    total: int
    parts: dict[int, list[Part]] = field(default_factory=lambda: defaultdict(list))

    def whole_at(self) -> float | None:
        """When the last missing chunk was stored; None while one is missing or is not what it should be."""
        if len(self.parts) != self.total or any(not p.ok for copies in self.parts.values() for p in copies):
            return None
        return max(min(p.at for p in copies) for copies in self.parts.values())


class _Topic:
    def __init__(self, parts: Iterable[Part]) -> None:
        self.sendings: dict[tuple[str, str, int], _Sending] = {}
        self._of_version: dict[tuple[str, str], list[_Sending]] = defaultdict(list)
        for part in parts:
            key = (part.path, part.file_hash, part.version)
            if key not in self.sendings:
                self.sendings[key] = _Sending(part.total)
                self._of_version[key[:2]].append(self.sendings[key])
            self.sendings[key].parts[part.index].append(part)

    def whole_since(self, path: str, digest: str) -> float | None:
        """When a version was whole on the topic for the first time, all of it under one version number."""
        times = [sending.whole_at() for sending in self._of_version.get((path, digest), ())]
        return min((t for t in times if t is not None), default=None)

    def latest(self) -> dict[str, tuple[int, str]]:
        """Version number and hash of the last whole version of each path."""
        out: dict[str, tuple[int, str]] = {}
        for (path, digest, version), sending in self.sendings.items():
            if sending.whole_at() is not None:
                out[path] = max(out.get(path, (0, "")), (version, digest))
        return out


# -- the verdict


def judge(
    written: Written,
    parts: Sequence[Part],
    *,
    said: Iterable[Event],
    journal: Iterable[Event] = (),
    target: Path | None = None,
    foreign: Mapping[str, bytes] | None = None,
    interruptions: Sequence[float] = (),
    prefix: str = "",
) -> Verdict:
    """Compare everything with everything.

    said: events of senders and readers, oldest first. journal: rows of ``files --json``. foreign: files that were in
    the target before, with their bytes. interruptions: moments (seconds since 1970) to count repetitions after.
    prefix: what stands before the writer's paths on the topic.
    """
    verdict, topic, events = Verdict(), _Topic(parts), list(said)
    last = {prefix + path: digest for path, digest in written.last.items()}
    _judge_loss(verdict, topic, last)
    _judge_mixing(verdict, topic, written)
    _judge_words(verdict, topic, events)
    for row in journal:
        if row.get("state") in ("sent", "checked", "arrived") and topic.whole_since(row["path"], row["sha512"]) is None:
            verdict.lies.append(f"{row['path']!r}: {row['state']} in the journal, but it is not whole on the topic")
    _judge_source(verdict, written)
    if target is not None:
        _judge_target(verdict, events, last, target, foreign or {})
    _count_repetitions(verdict, parts, interruptions)
    return verdict


def _judge_loss(verdict: Verdict, topic: _Topic, last: Mapping[str, str]) -> None:
    latest = topic.latest()
    for path, digest in last.items():
        if path not in latest:
            verdict.lost.append(f"{path!r}: no whole version on the topic")
        elif latest[path][1] != digest:
            verdict.lost.append(f"{path!r}: the last whole version on the topic is not the last one written")


def _judge_mixing(verdict: Verdict, topic: _Topic, written: Written) -> None:
    for (path, digest, version), sending in topic.sendings.items():
        wrong = sorted(i for i, copies in sending.parts.items() if any(not p.ok for p in copies))
        if wrong:
            verdict.mixed.append(f"{path!r} version {version}: other bytes in chunks {wrong[:5]}")
        elif digest not in written.contents:
            # a hash that the writer never made: the bytes themselves have to speak
            first = [copies[0] for _, copies in sorted(sending.parts.items())]
            is_whole = len(first) == sending.total and hash_of(b"".join(p.data for p in first)) == digest
            known = "a state that was never finished" if is_whole else "no state of the file"
            verdict.mixed.append(f"{path!r} version {version}: {known}")


def _judge_words(verdict: Verdict, topic: _Topic, events: Iterable[Event]) -> None:
    for event in events:
        if event.get("event") != "file" or event["state"] not in ("sent", "checked", "arrived"):
            continue
        since = topic.whole_since(event["path"], event["sha512"])
        at = datetime.fromisoformat(event["time"]).timestamp()
        if since is None:
            verdict.lies.append(f"{event['path']!r}: called {event['state']}, but it is not whole on the topic")
        elif since > at + _CLOCK_S:
            verdict.lies.append(f"{event['path']!r}: called {event['state']} {since - at:.2f} s before it was")


def _judge_source(verdict: Verdict, written: Written) -> None:
    there = {p.relative_to(written.root).as_posix(): p for p in written.root.rglob("*") if p.is_file()}
    for path, digest in written.last.items():
        if path not in there or hash_of(there[path].read_bytes()) != digest:
            verdict.harmed.append(f"{path!r}: the source is not what was written")
    verdict.harmed += [f"{path!r}: it appeared in the source" for path in there.keys() - written.versions.keys()]


def _judge_target(
    verdict: Verdict, events: Iterable[Event], last: Mapping[str, str], target: Path, foreign: Mapping[str, bytes]
) -> None:
    for path, content in foreign.items():
        if not (target / path).is_file() or (target / path).read_bytes() != content:
            verdict.harmed.append(f"{path!r}: a file of somebody else in the target was changed")
    delivered = {e["path"]: e for e in events if e.get("event") == "file" and e["state"] == "delivered"}
    explained: set[Path] = {target / path for path in foreign}
    for path, event in delivered.items():
        local = Path(event["local"])
        explained.add(local)
        # a later version may lie there already: the kill came between its delivery and its event
        if not local.is_file() or hash_of(local.read_bytes()) not in (event["sha512"], last.get(path)):
            verdict.lies.append(f"{path!r}: called delivered, but {local} holds something else")
    for path, digest in last.items():
        local = Path(delivered[path]["local"]) if path in delivered else target / path
        explained.add(local)
        if not local.is_file() or hash_of(local.read_bytes()) != digest:
            verdict.lost.append(f"{path!r}: {local} is not the last version")
    for file in target.rglob("*"):
        is_ours = file.relative_to(target).parts[0] == ".openmsi-parts"
        if file.is_file() and not is_ours and file not in explained:
            verdict.harmed.append(f"{file}: nobody asked for this file in the target")


def _count_repetitions(verdict: Verdict, parts: Iterable[Part], interruptions: Sequence[float]) -> None:
    verdict.resent = [0] * len(interruptions)
    seen: set[tuple[str, str, int]] = set()
    for part in sorted(parts, key=lambda p: p.at):
        key = (part.path, part.file_hash, part.index)
        if key in seen:
            verdict.resent_at_all += part.size
            before = bisect_right(interruptions, part.at) - 1
            if before >= 0:
                verdict.resent[before] += part.size
        seen.add(key)
