"""One bit of a message is wrong: nothing of it is accepted, and somebody is told which file and which chunk (F30)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgpack
import pytest
from faults.messages import Sent, judge_received, messages
from faults.oracle import Verdict, hash_of
from servers.memory_broker import MemoryBroker
from streaming.reading import Reader

from openmsi_desktop.core.events import FileEvent, FileState

FIELDS = {"name": 0, "file hash": 1, "chunk hash": 2, "place": 3, "number": 4, "count": 5, "folder": 6, "data": 8}
"""Each with its place in the message."""
AT_ONCE = 250

pytestmark = pytest.mark.usefixtures("saves_often")


def flipped(value: bytes, field: str, chance: random.Random) -> bytes:
    """The message with one other bit in this field."""
    fields: list[Any] = msgpack.unpackb(value)
    packed: list[bytes] = [msgpack.packb(item) for item in fields]
    number, here = FIELDS[field], fields[FIELDS[field]]
    if isinstance(here, int):
        packed[number] = msgpack.packb(here ^ (1 << chance.randrange(40)))
    else:  # written as the writer does: text is text, even where it is not any more
        size = len(here.encode()) if isinstance(here, str) else len(here)
        raw = bytearray(packed[number])
        raw[len(raw) - size + chance.randrange(size)] ^= 1 << chance.randrange(8)
        packed[number] = bytes(raw)
    return bytes([0x90 + len(packed)]) + b"".join(packed)


def is_named(path: str, sent: Sent, offset: int, reader: Reader, left: list[FileEvent]) -> bool:
    """Whether the rejected message, or what is left over, says which file and which chunk is concerned."""
    if any(event.offset == offset for event in reader.quarantined):
        return True
    mine = [event for event in left if event.path == path]
    return any(sent.index in (event.missing or ()) or event.state is FileState.PROBLEM for event in mine)


@pytest.mark.parametrize("version", [1, None], ids=["header", "no header"])
def test_a_message_with_one_wrong_bit_is_never_accepted(
    tmp_path: Path, repeats: Callable[[int, int], int], judged: Callable[..., None], version: int | None
) -> None:
    chance, times = random.Random(30), repeats(AT_ONCE, 10_000 if version else 2_000)
    verdict, rejected = Verdict(), 0
    for batch in range(0, times, AT_ONCE):
        broker = MemoryBroker()
        broker.create("t")
        good: dict[str, list[bytes]] = {}
        wrong: dict[str, tuple[Sent, int]] = {}
        for number in range(min(AT_ONCE, times - batch)):
            path = f"folder/sub/file {number:04}.dat"
            old, new = chance.randbytes(250), chance.randbytes(chance.choice([90, 250, 390]))
            if version is None and len(new) < 100:
                new = chance.randbytes(120)  # without our header nothing says the name of a small file twice
            good[path] = [old]
            now = messages(path, new, 100, version=version and 2)
            hit = chance.choice(now)
            value = flipped(hit.value, list(FIELDS)[number % len(FIELDS)], chance)
            for sent in (*messages(path, old, 100, version=version), *now):
                is_hit = sent is hit
                this = replace(sent, value=value) if is_hit else sent
                offset = broker.put("t", this.value, key=this.key, headers=this.headers)
                if is_hit:
                    wrong[path] = (hit, offset)
        reader = Reader(tmp_path / str(batch), broker)
        left = reader.read_all().left_over()
        said = [(e.path, e.sha512 or "") for e in reader.told(FileEvent) if e.state is FileState.DELIVERED]
        found = judge_received(reader.target, good, said=said)
        found.lies += [
            f"{path!r}: nobody says that chunk {hit.index} is damaged"
            for path, (hit, offset) in wrong.items()
            if not is_named(path, hit, offset, reader, left)
        ]
        verdict.add(found)
        rejected += len(reader.quarantined)
        assert all(
            hash_of(data[0]) in {row.sha512.hex() for row in reader.rows(state=FileState.DELIVERED)}
            for data in list(good.values())[:3]
        )
    what = "one wrong bit in a message" + ("" if version else ", without header")
    judged("F30", what, times, verdict, note=f"{rejected} rejected at once, the others never become a file")
