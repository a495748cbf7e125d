"""What is left to be sent of the versions on their way."""

from __future__ import annotations

from array import array
from pathlib import Path

from openmsi_desktop.core import chunker
from openmsi_desktop.core.outgoing import NOT_SENT
from openmsi_desktop.streaming.sending.outbox import Attempt, Outbox
from openmsi_desktop.streaming.sending.planner import Job


def test_nothing_is_sent_of_a_version_that_is_complete(tmp_path: Path) -> None:
    """Its first chunk is to go twice, and fails once: the repetition waits for room while the others are acknowledged."""
    file = tmp_path / "a.dat"
    file.write_bytes(b"x" * 2500)
    plan = chunker.plan(file, "a.dat", chunk_size=1000)
    offsets = array("q", [NOT_SENT] * plan.total)
    job = Job("a.dat", str(file), plan.fingerprint)
    attempt = Attempt(1, job, plan, version=1, partition=0, offsets=offsets, header=b"", left=plan.total, torn=2)
    now = [0.0]
    outbox = Outbox(failed=lambda attempt, error: None, monotonic=lambda: now[0])
    outbox.add(attempt)
    sent = [found[1].index for _ in range(4) if (found := outbox.next_chunk()) is not None]
    assert sent == [1, 1, 2, 3] and outbox.next_chunk() is None
    outbox.again(attempt, [1])
    now[0] += 10
    again = outbox.next_chunk()
    assert again is not None and again[1].index == 1
    outbox.hold(*again)
    assert outbox.finish_reading(attempt) is None
    assert outbox.next_chunk() is None
