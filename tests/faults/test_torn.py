"""A version is given up half-way: its followers reach OpenMSIStream's readers, which wait for its rest, and ours."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from faults.watched import Watched
from servers.kafka import Kafka
from servers.openmsistream import OpenMSIStream
from servers.parts import eventually
from servers.program import Program
from servers.trees import read_tree

MiB = 1024 * 1024
BIG = 17 * MiB
"""Above the size up to which a file is read only once: sent as 34 chunks and one small one."""
TINY = "tiny.raw"
SIZES = {"larger.raw": BIG + 3 * MiB, "equal.raw": BIG, "smaller.raw": 5 * MiB, "much smaller.raw": 50_000, TINY: 10}
"""Sizes of the versions that follow."""


def test_readers_of_openmsistream_get_what_follows_a_version_that_was_given_up(
    kafka: Kafka,
    program: Program,
    openmsistream: OpenMSIStream,
    tmp_path: Path,
    judged: Callable[..., None],
) -> None:
    watched, chance = Watched(kafka, program, tmp_path, partitions=1), random.Random(17)
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    config = openmsistream.write_config(kafka.client())
    reading = openmsistream.start(
        "DataFileDownloadDirectory", theirs, "--config", config, "--topic_name", watched.topic, "--n_threads", "1"
    )
    reader = program.start(
        *("download", watched.topic, "--target", ours, "--bootstrap", kafka.bootstrap()), data="reader"
    )
    watched.save("first.dat", b"both read")
    watched.start("--limit", "12000000")
    eventually(lambda: (theirs / "first.dat").is_file(), timeout_s=60, what="theirs reads")
    # changed while it is sent
    for name, size in SIZES.items():
        watched.save(name, chance.randbytes(BIG + 1))
        watched.wait_part(name, 0.3)
        watched.save(name, chance.randbytes(size))
        watched.wait_sent(name)
    # what was given up comes back: the rest of what they hold
    first = chance.randbytes(BIG + 2)
    watched.save("back.raw", first)
    watched.wait_part("back.raw", 0.3)
    watched.save("back.raw", first[:MiB])
    watched.wait("changed", "back.raw")
    watched.save("back.raw", first)
    watched.wait_sent("back.raw")
    # killed, and changed while nothing runs; twice. What was begun from a copy is finished first, and then whole: a shorter
    # version after that would leave the old end at 1.8.8
    size = BIG + 1
    for number in (1, 2):
        watched.save("killed.raw", chance.randbytes(size))
        since = len(watched.run.events)
        watched.wait_part("killed.raw", 0.3, since=since)
        watched.kill()
        size += 100_000 * number
        watched.save("killed.raw", chance.randbytes(size))
        watched.start("--limit", "12000000")
    watched.wait_sent("killed.raw")

    def theirs_is_equal() -> None:
        last = {p: watched.written.contents[digest] for p, digest in watched.written.last.items() if p != TINY}

        def has_all() -> bool:
            assert reading.process.poll() is None, reading.output()[-3000:]
            return all((theirs / p).is_file() and (theirs / p).read_bytes() == c for p, c in last.items())

        eventually(has_all, timeout_s=60, what="theirs has the last version of every file", every_s=0.2)

    theirs_is_equal()
    # and from now on everything is as usual (a shorter version after a whole one is not: it leaves the old end there)
    for name in ("smaller.raw", "much smaller.raw"):
        watched.save(name, chance.randbytes(SIZES[name] + 1000))
        watched.wait_sent(name)
    theirs_is_equal()
    reading.kill()
    problems = [e for e in [*watched.events, *watched.run.events] if e["event"] == "problem"]
    assert [(e["path"], e["title"]) for e in problems] == [(TINY, "OpenMSIStream readers may ignore this version")]
    watched.stop()

    last = {path: watched.written.contents[digest] for path, digest in watched.written.last.items()}
    delivered = set(watched.written.last.items())
    reader.wait_until(
        lambda: delivered <= {(e["path"], e["sha512"]) for e in reader.find(event="file", state="delivered")},
        timeout_s=60,
        what="our reader has the last version of every file",
    )
    assert reader.stop() == 143
    assert read_tree(ours, ignore=[".openmsi-parts"]) == last
    verdict = watched.verdict()
    judged("F32", "what follows a version that was given up, at 1.8.8", len(last), verdict)


def test_a_file_that_never_stays_as_it_is_comes_through(
    kafka: Kafka, program: Program, tmp_path: Path, judged: Callable[..., None]
) -> None:
    """It changes while it is being sent, again and again: what is sent the next time is a copy."""
    watched, chance = Watched(kafka, program, tmp_path), random.Random(18)
    ours, copies = tmp_path / "ours", program.folder / watched.data / "copies"
    reader = program.start(
        *("download", watched.topic, "--target", ours, "--bootstrap", kafka.bootstrap()), data="reader"
    )
    watched.save("big.raw", chance.randbytes(BIG + 1))
    watched.start("--limit", "12000000")
    watched.wait_part("big.raw", 0.3)
    watched.save("big.raw", chance.randbytes(BIG + 2))
    second = watched.written.last["big.raw"]
    watched.wait("changed", "big.raw")
    since = len(watched.run.events)
    watched.wait_part("big.raw", 0.3, since=since)
    assert [file.stat().st_size for file in copies.iterdir()] == [BIG + 2]
    # killed in the middle, and changed meanwhile and after: the copy is still there
    watched.kill()
    watched.start("--limit", "12000000")
    watched.wait_part("big.raw", 0.5)
    watched.save("big.raw", chance.randbytes(BIG + 3))
    watched.wait("sent", "big.raw", sha512=second)
    watched.wait_sent("big.raw")
    assert list(copies.iterdir()) == []
    watched.stop()
    last = watched.written.last["big.raw"]
    reader.wait_for(event="file", state="delivered", sha512=last)
    assert reader.stop() == 143
    assert read_tree(ours, ignore=[".openmsi-parts"]) == {"big.raw": watched.written.contents[last]}
    judged("F10", "again while its next version is sent", 2, watched.verdict())
