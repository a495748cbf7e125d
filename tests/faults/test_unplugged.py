"""The disk or share of a watched folder goes away and comes back, or another one comes (F25)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from faults.watched import Watched
from servers.kafka import Kafka
from servers.mounts import mount_point
from servers.program import Program

BACK_S = 60.0
"""At most so long after its return the folder is looked through."""


@pytest.mark.parametrize("where", ["the folder itself", "a folder above it"])
def test_a_disk_that_is_pulled_out_is_not_a_folder_that_was_emptied(
    kafka: Kafka,
    program: Program,
    tmp_path: Path,
    where: str,
    repeats: Callable[[int, int], int],
    seconds: Callable[[float, float], float],
    judged: Callable[..., None],
    request: pytest.FixtureRequest,
) -> None:
    if where != "the folder itself":
        request.getfixturevalue("only_on_request")
    chance = random.Random(25)
    stick, other = tmp_path / "stick", tmp_path / "other stick"
    point = tmp_path / "mounted"
    inside = "" if where == "the folder itself" else "lab/xrd"
    for disk in (stick, other):
        (disk / inside).mkdir(parents=True)
    (other / inside / "private.dat").write_bytes(b"of somebody else")
    with mount_point(point) as mounted:
        mounted.plug(stick)
        watched = Watched(kafka, program, tmp_path, name=f"mounted/{inside}")
        watched.save("first.dat", b"first")
        watched.start("--limit", "6000000")
        watched.wait_sent("first.dat")
        times, worst = repeats(1, 20), 0.0
        for number in range(times):
            # one file is on its way, others wait, when it is pulled out
            big = f"big {number}.raw"
            watched.save(big, chance.randbytes(17 * 1024 * 1024))
            watched.wait_part(big, 0.1)
            watched.save(f"late {number}.dat", chance.randbytes(1000))
            before = len(watched.run.events)
            mounted.pull()
            missing = "Another folder lies at" if not inside else "is not there"
            watched.wait_task(missing, since=before)
            # it is used elsewhere meanwhile
            new = stick / inside / f"new {number}.dat"
            new.write_bytes(b"written elsewhere")
            watched.written.add(new.name, b"written elsewhere")
            pause(seconds(1.0, min(3600.0, 5.0 * 2**number)))
            # another one comes to the same place
            mounted.plug(other)
            watched.wait_task("Another folder lies at", since=before)
            mounted.pull()
            mounted.plug(stick)
            back = time.monotonic()
            watched.wait_sent(timeout_s=BACK_S + 30)
            worst = max(worst, time.monotonic() - back)
        assert worst <= BACK_S
        assert not watched.run.find(event="problem")
        told = {e["path"] for e in watched.run.find(event="file")}
        assert "private.dat" not in told
        vanished = [e for e in watched.run.find(event="file") if "vanished" in (e.get("reason") or "")]
        assert vanished == []
        watched.stop()
        judged("F25", f"pulled out: {where}", times, watched.verdict(), recovery_s=worst)


def pause(seconds_: float) -> None:
    """As long as the disk is away: this is the fault, nothing is waited for."""
    time.sleep(seconds_)
