"""Files far bigger than the memory: sent and received whole, with little memory, each byte read twice at most (F47)."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from faults.oracle import Verdict
from faults.report import Line
from servers.kafka import Kafka
from servers.program import Program, Running
from servers.systems import Needs, not_on_windows

pytestmark = not_on_windows(Needs.LINUX)

MB = 1_000_000
MIB = 1 << 20
PIECE = 8 * MIB
SENDER_MOST = 130 * MB
READER_MOST = 150 * MB


@dataclass(slots=True)
class Meter:
    """Follows one process: the most memory it ever had, and the bytes it has read by system calls."""

    run: Running
    peak: int = 0
    read: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._look_often, name="meter")
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        assert self._thread is not None
        self._thread.join()

    def look(self) -> None:
        folder = Path(f"/proc/{self.run.process.pid}")
        try:
            status, counts = (folder / "status").read_text(), (folder / "io").read_text()
        except OSError:
            return  # it has ended
        if "VmHWM:" in status:
            self.peak = max(self.peak, int(status.split("VmHWM:")[1].split()[0]) * 1024)
        self.read = max(self.read, int(counts.split("rchar:")[1].split()[0]))

    def _look_often(self) -> None:
        while not self._stop.wait(0.1):
            self.look()


def make(file: Path, size: int, *, sparse: bool) -> str:
    """A file of so many bytes; returns its SHA-512. sparse: holes, with something here and there."""
    digest = hashlib.sha512()
    piece = os.urandom(PIECE)
    with open(file, "wb") as out:
        for start in range(0, size, PIECE):
            count = min(PIECE, size - start)
            number = (start // PIECE).to_bytes(8, "big")
            if sparse:
                content = number + bytes(count - 8)
                out.seek(start)
                out.write(number)
            else:
                content = number + piece[8:count]
                out.write(content)
            digest.update(content)
        out.truncate(size)
    return digest.hexdigest()


def digest_of(file: Path) -> str:
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha512").hexdigest()


@pytest.mark.parametrize("sparse", [True, False], ids=["sparse", "random"])
def test_a_file_bigger_than_memory(
    kafka: Kafka,
    program: Program,
    fault: Callable[[Line], None],
    seconds: Callable[[float, float], float],
    tmp_path: Path,
    sparse: bool,
) -> None:
    size = int(seconds(300, 10_000)) * MB
    source, target = tmp_path / "source", tmp_path / "received"
    source.mkdir()
    digest = make(source / "big.raw", size, sparse=sparse)
    topic = kafka.create_topic(partitions=1)
    there = ("--bootstrap", kafka.bootstrap())
    began = time.monotonic()
    sending = ("send", source / "big.raw", "--topic", topic, *there)

    # the first life is killed in the middle
    first = program.start(*sending, data="sender")
    before = Meter(first)
    before.start()
    first.wait_until(lambda: chunks_done(first) > size / 524_288 / 3, timeout_s=600, what="a third is sent")
    before.look()
    first.kill()
    before.stop()
    acknowledged = max(chunks_done(first) - 20, 0) * 524_288
    second = program.start(*sending, data="sender")
    after = Meter(second)
    after.start()
    reader = program.start("download", topic, "--target", target, *there, data="reader")
    receiving = Meter(reader)
    receiving.start()
    assert second.wait(timeout_s=1200) == 0, second.tell()
    after.stop()
    reader.wait_for(event="file", path="big.raw", state="delivered", sha512=digest, timeout_s=1200)
    receiving.stop()
    assert reader.stop() == 143
    took = time.monotonic() - began

    verdict = Verdict()
    if digest_of(target / "big.raw") != digest:
        verdict.mixed.append("what was received is another file")
    sent = [e["sha512"] for e in second.find(event="file", state="sent")]
    if sent != [digest]:
        verdict.lies.append(f"called sent: {sent}")
    resent = max(0, kafka.message_count(topic) * 524_288 - size)
    peak = max(before.peak, after.peak)
    fault(
        Line(
            *("F47", f"{size // MB} MB, {'sparse' if sparse else 'random'}", 1),
            *(len(verdict.lost), len(verdict.lies), len(verdict.mixed), resent),
            note=f"memory {peak // MB} MB sending, {receiving.peak // MB} MB receiving; "
            f"read {(before.read + after.read) / size:.2f} times in {took:.0f} s",
        )
    )
    assert peak <= SENDER_MOST and receiving.peak <= READER_MOST
    # the part that was sent before the kill is on its way again only as far as nobody had acknowledged it
    assert before.read <= 2 * size + 150 * MB, "the source was read more than twice"
    assert after.read <= size - acknowledged + 150 * MB, "it was hashed again after the kill"
    (source / "big.raw").unlink()
    (target / "big.raw").unlink()


def chunks_done(run: Running) -> int:
    return max((int(e.get("chunks_done") or 0) for e in run.find(event="file", state="sending")), default=0)
