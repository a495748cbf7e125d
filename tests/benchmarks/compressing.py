"""Which compression is worth its time: `send` of one file of each kind that instruments write, on real Kafka."""

from __future__ import annotations

import os
import random
from array import array
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.bench import MB, Bench, clear
from benchmarks.measure import Sample
from benchmarks.report import Section
from openmsi_desktop.sample_diffraction import pattern, rings

_SIZE = 64 * MB
_CODECS = ("none", "lz4", "zstd")


def _repeated(make: Callable[[random.Random], bytes]) -> Callable[[], bytes]:
    """Several different ones, again and again: making as many as that takes too long, and no codec looks back so far."""

    def whole() -> bytes:
        rng = random.Random(1)
        some = b"".join(make(rng) for _ in range(8))
        return (some * (_SIZE // len(some) + 1))[:_SIZE]

    return whole


def _table(rng: random.Random) -> bytes:
    lines = (
        f"{n * 0.01:.2f};{rng.gauss(20, 0.05):.3f};{rng.gauss(1013, 0.4):.2f};{rng.random():.6f};OK"
        for n in range(20_000)
    )
    return ("time;temperature;pressure;signal;state\n" + "\n".join(lines)).encode()


KINDS: dict[str, Callable[[], bytes]] = {
    "diffraction pattern as text (xy)": _repeated(lambda rng: pattern(rng, step=0.002)),
    "log of a measurement (csv)": _repeated(_table),
    "detector image (TIFF, 16 bit)": _repeated(lambda rng: rings(rng, pixels=768)),
    "32-bit numbers with noise": _repeated(
        lambda rng: array("f", (rng.gauss(100, 1) for _ in range(300_000))).tobytes()
    ),
    "random bytes, or compressed already": lambda: os.urandom(_SIZE),
}


def compression(bench: Bench) -> Section:
    """`send` of 64 MB of each kind with lz4, with zstd and without."""
    lines = ["| 64 MB of | compression | on the broker | time | CPU |", "|---|---|---|---|---|"]
    folder = bench.folder_for("kinds")
    for kind, make in KINDS.items():
        path = folder / "kind.dat"
        path.write_bytes(make())
        lines += _lines(bench, kind, path)
    clear(folder)
    return Section("Compression (`--kafka compression.type=…`)", "\n".join(lines))


def _lines(bench: Bench, kind: str, path: Path) -> list[str]:
    sizes: dict[str, int] = {}
    data = bench.folder_for("data")
    candidates = {codec: partial(_send, bench, path, codec, data, sizes) for codec in _CODECS}
    series = bench.alternate(candidates, rounds=min(3, bench.options.rounds))
    clear(data)
    return [
        f"| {kind} | {codec} | {sizes[codec] / _SIZE:.0%} | {runs.wall_s:.2f} s | {runs.cpu_s:.2f} s |"
        for codec, runs in series.items()
    ]


def _send(bench: Bench, path: Path, codec: str, data: Path, sizes: dict[str, int]) -> Sample:
    topic = bench.topic(partitions=1)
    place = ("--topic", topic, "--bootstrap", bench.kafka.bootstrap(), "--kafka", f"compression.type={codec}")
    sample = bench.ours("send", path, *place, data=data).ended()
    logs = (bench.folder / "kafka").glob(f"data1/{topic}-*/*.log")
    sizes[codec] = sum(log.stat().st_size for log in logs)
    bench.drop(topic)
    return sample
