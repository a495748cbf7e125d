"""A program or a class is tried on one file: what it says and makes is seen, and nothing is sent."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from streaming.class_bench import ClassBench
from streaming.processing import python

from openmsi_desktop.core.errors import ChunkError, NeedsYou
from openmsi_desktop.settings import Processor
from openmsi_desktop.streaming.sinks.processor.trial import try_on

TRY = """
import os, sys
file, output, *told = sys.argv[1:]
print('{"bytes": %d}' % len(open(file, "rb").read()))
print(told, file=sys.stderr)
open(output + "/plot.png", "w").write("a plot")
"""


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "scan 1.xy"
    path.write_bytes(b"1 2\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


@pytest.fixture
def bench(tmp_path: Path) -> ClassBench:
    return ClassBench(tmp_path)


def test_a_program_is_tried(sample: Path) -> None:
    command = python(TRY, "{file}", "{output_dir}", "{relative_path}", "{topic}")
    trial = try_on(Processor(name="peaks", command=command), sample, relative_path="today/a.xy", topic="xrd")
    assert trial.error is None and not trial.is_stopped and trial.seconds > 0
    assert "['today/a.xy', 'xrd']" in trial.output
    assert [(result.key, result.value) for result in trial.results] == [
        (b"today_a.xy_chunk_processing_result", b'{"bytes": 4}')
    ]
    ((local, path, size),) = [(left.local, left.path, left.size) for left in trial.left]
    assert (path, size) == ("today/plot.png", 6) and Path(local).read_text() == "a plot"
    trial.close()
    trial.close()
    assert not os.path.exists(local) and sample.read_bytes() == b"1 2\n"


def test_a_class_is_tried(bench: ClassBench, sample: Path) -> None:
    bench.write("""
        class Peaks(StreamReproducer):
            def __init__(self, floor): self.floor = floor
            def reproduce(self, file):
                print("looking", file.relative_path, file.topic)
                (file.output_dir / "fit.csv").write_text("x")
                return Result({"floor": self.floor, "size": file.size})
        """)
    trial = try_on(bench.described("analysis:Peaks", options={"floor": 3}), sample)
    assert trial.error is None and trial.output == "looking scan 1.xy sample"
    assert [result.value for result in trial.results] == [b'{"floor": 3, "size": 4}']
    assert [left.path for left in trial.left] == ["fit.csv"]
    trial.close()


def test_why_it_fails_is_told(bench: ClassBench, sample: Path, tmp_path: Path) -> None:
    bench.write("class A(StreamProcessor):\n def process(self, file):\n  print('hm')\n  return 1 / 0\n")
    failed = try_on(bench.described("analysis:A"), sample)
    assert failed.error is not None and failed.error.title == "peaks failed: ZeroDivisionError: division by zero"
    assert failed.output.startswith("hm\nTraceback")
    failed.close()
    missing = try_on(bench.described("analysis:B"), sample)
    assert missing.error is not None and "there is no B in analysis" in missing.error.title
    missing.close()
    with pytest.raises(NeedsYou, match="The sample gone cannot be read"):
        try_on(bench.described("analysis:A"), tmp_path / "gone")
    with pytest.raises(ChunkError):
        try_on(bench.described("analysis:A"), sample, relative_path="../x")


@pytest.mark.parametrize("kind", ["class", "program"])
def test_it_can_be_stopped(bench: ClassBench, sample: Path, tmp_path: Path, kind: str) -> None:
    bench.write("class A(StreamProcessor):\n def process(self, file):\n  Path('on').touch()\n  time.sleep(600)\n")
    described = (
        bench.described("analysis:A")
        if kind == "class"
        else Processor(name="p", command=python("import time; open('on', 'w'); time.sleep(600)"), folder=str(tmp_path))
    )
    stop = threading.Event()

    def stop_it() -> None:
        while not (tmp_path / "on").exists():
            time.sleep(0.01)
        stop.set()

    thread = threading.Thread(target=stop_it)
    thread.start()
    began = time.monotonic()
    trial = try_on(described, sample, stop=stop)
    thread.join()
    assert trial.is_stopped and trial.error is not None and time.monotonic() - began < 60
    trial.close()
