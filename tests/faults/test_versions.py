"""Contents of a file that come back without a version number: in parts, twice, in each other, with crashes in between (F32)."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from core.tape import Tape
from faults.oracle import Verdict
from servers.chunks import chunks_of, content

from openmsi_desktop.core.chunk import Chunk, Sender

A, B, C = content(400, 1), content(400, 2), content(400, 3)
CHUNKS = {data: chunks_of("f", data) for data in (A, B, C)}


def last_sent(log: Sequence[tuple[Chunk, Sender | None]]) -> bytes:
    """The content whose last sending began last; it begins with the first message that all its other chunks follow."""
    begins: dict[bytes, int] = {}
    for data, chunks in CHUNKS.items():
        at = {chunk.index: i for i, (chunk, _) in enumerate(log) if chunk.file_hash == chunks[0].file_hash}
        if len(at) == len(chunks):
            begins[data] = min(at.values())
    return max(begins, key=lambda data: begins[data], default=b"")


def history(tape: Tape, chance: random.Random) -> None:
    """Three to seven sendings, whole or in part, and anything in between."""
    for _ in range(chance.randint(3, 7)):
        sent = list(CHUNKS[chance.choice((A, B, A, C))])
        if chance.random() < 0.4:
            sent = chance.sample(sent, chance.randint(1, 4))
        if chance.random() < 0.2:
            sent += [chance.choice(CHUNKS[chance.choice((A, B))]) for _ in range(3)]
        if chance.random() < 0.3:
            chance.shuffle(sent)
        for chunk in sent:
            tape.put([chunk])
            tape.anything(chance)


def test_whatever_is_sent_and_happens_the_version_sent_last_is_published(
    tmp_path: Path, repeats: Callable[[int, int], int], judged: Callable[..., None]
) -> None:
    times, verdict = repeats(50, 2000), Verdict()
    for number in range(times):
        tape = Tape(tmp_path / str(number))
        history(tape, random.Random(number))
        found = tape.finish()
        if found != last_sent(tape.log):
            verdict.lost.append(f"history {number}: another version than the last one was published")
        verdict.mixed += [f"history {number}: no version of the file" for data in tape.published if data not in CHUNKS]
        tape.bench.close()
    judged("F32", "three contents of a file that come back, with crashes", times, verdict)
