"""A reader that runs programs is killed at any moment: every file is worked on, every result arrives, nothing is left behind."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from faults.report import Line
from servers.chunks import chunks_of
from servers.parts import eventually
from servers.systems import Needs
from streaming.processing import lines, read_topic

from openmsi_desktop.core.chunk import HEADER, Sender, encode, message_key
from openmsi_desktop.streaming.kafka.broker import EmbeddedBroker, KafkaBroker

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason=Needs.LINUX)
FILES, JOBS, KILLS = 12, 2, 2

OURS = """
import sys
from pathlib import Path
from streaming.processing import KEY, python
from streaming.reading import Reader
from openmsi_desktop.settings import Processor
from openmsi_desktop.streaming.kafka.broker import KafkaBroker
from openmsi_desktop.streaming.sinks.making import SinkTools, sink_factory
place, bootstrap, script, jobs = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
broker = KafkaBroker({"bootstrap.servers": bootstrap})
reader = Reader(place, broker, topics=("files",), target=None)
command = python(script, str(place / "ran"), "{relative_path}")
described = Processor(name="peaks", command=command, result_topic="peaks", jobs=jobs)
tools = SinkTools(KEY, broker, reader.profile, lambda name: None, is_alone=True)
reader.read_all(sinks=[sink_factory(described, tools)], idle_s=0.3)
"""
PROGRAM = """
import json, os, sys, time
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()} {sys.argv[2]}\\n")
time.sleep(0.1)
data = open(os.environ["OPENMSI_FILE"], "rb").read()
with open(os.path.join(os.environ["OPENMSI_OUTPUT_DIR"], os.path.basename(sys.argv[2]) + ".csv"), "wb") as file:
    file.write(data[::-1])
print(json.dumps({"bytes": len(data)}))
"""


def test_a_kill_loses_no_work_and_doubles_what_was_in_hand_at_most(
    tmp_path: Path, repeats: Callable[[int, int], int], chance: random.Random, fault: Callable[[Line], None]
) -> None:
    rounds = repeats(1, 40)
    doubles = 0
    for number in range(rounds):
        (tmp_path / str(number)).mkdir()
        doubles += _round(tmp_path / str(number), chance)
    note = f"{doubles} of {rounds * FILES} files worked on twice"
    fault(Line("F1", "a reader that runs programs is killed", rounds * KILLS, note=note))


def _round(place: Path, chance: random.Random) -> int:
    """How many runs there were too many."""
    contents = {f"run/{n}.xy": f"{n}\n".encode() * (n + 1) for n in range(FILES)}
    with EmbeddedBroker() as broker:
        for topic in ("files", "peaks"):
            broker.create(topic)
        config = {"bootstrap.servers": broker.bootstrap}
        _send(KafkaBroker(config), contents)
        for _ in range(KILLS):
            wanted = len(lines(place / "ran")) + chance.randrange(1, FILES // KILLS - JOBS)
            with _start(place, broker) as ours:
                eventually(partial(_has_run, place, wanted), timeout_s=60, what="it works", every_s=0.01)
                ours.kill()
        with _start(place, broker) as ours:
            assert ours.wait(120) == 0
        messages = read_topic(config, "peaks", 2 * FILES)
    ran = [line.split(" ", 1) for line in lines(place / "ran")]
    assert {path for _, path in ran} == set(contents)
    assert len(ran) - FILES <= KILLS * JOBS * 8  # in hand, or finished and not noted yet
    answers = {m.key: json.loads(m.value or b"") for m in messages if not m.header(HEADER)}
    assert answers == {
        f"{path.replace('/', '_')}_chunk_processing_result".encode(): {"bytes": len(data)}
        for path, data in contents.items()
    }
    files = {m.key: m.value or b"" for m in messages if m.header(HEADER)}
    assert len(files) == FILES
    assert all(contents[f"run/{n}.xy"][::-1] in files[f"run_{n}.xy.csv_chunk_1_of_1".encode()] for n in range(FILES))
    assert not [number for number, _ in ran if Path("/proc", number).exists()]
    assert not [left for left in (place / "data" / "working").glob("*/*") if any(left.glob("*/*"))]
    return len(ran) - FILES


def _has_run(place: Path, times: int) -> bool:
    return len(lines(place / "ran")) >= times


def _start(place: Path, broker: EmbeddedBroker) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-c", OURS, str(place), broker.bootstrap, PROGRAM, str(JOBS)], env=environment
    )


def _send(broker: KafkaBroker, contents: dict[str, bytes]) -> None:
    producer = broker.producer()
    for number, (path, data) in enumerate(contents.items()):
        for chunk in chunks_of(path, data, size=1000):
            key = message_key(chunk.subdir, chunk.filename, index=chunk.index, total=chunk.total)
            header = Sender("a" * 32, number + 1).encode()
            assert producer.send(
                "files", number % 4, key=key, value=encode(chunk), headers=[(HEADER, header)], token=path
            )
    assert all(report.error is None for report in producer.flush(20))
    producer.close()
