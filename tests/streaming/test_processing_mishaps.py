"""A class that crashes, hangs, leaks, floods or forks: one file fails and says why, and everything else goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from servers.parts import eventually
from servers.systems import Needs, not_on_windows
from streaming.class_bench import ClassBench, title_of, value_of

from openmsi_desktop.core.errors import RetryableError
from openmsi_desktop.streaming.sinks.processor import python_class, python_class_worker
from openmsi_desktop.streaming.sinks.processor.python_class import ClassRunner


@pytest.fixture
def bench(tmp_path: Path) -> ClassBench:
    made = ClassBench(tmp_path)
    made.write(ODD)
    return made


ODD = """
import multiprocessing, threading
from concurrent.futures import ProcessPoolExecutor

LEAK = []

def square(x):
    return x * x

class Odd(MetadataReproducer):
    def extract(self, file):
        what = file.name
        if what == "segfault":
            print("before the end")
            os.kill(os.getpid(), signal.SIGSEGV)
        if what == "exit":
            os._exit(3)
        if what == "hang":
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            (file.output_dir / "child").write_text(str(child.pid))
            time.sleep(600)
        if what == "leak":
            LEAK.append(bytearray(os.urandom(1)) * 300_000_000)
            time.sleep(1 if "wait" in file.topic else 0)
        if what == "flood":
            size = 0
            for _ in range(3000):
                os.write(1, b"x" * 9_999 + b"\\n")
                before, size = size, os.fstat(2).st_size
                if size < before:
                    return {"cut at": before}
                time.sleep(0.01)
        if what == "fork":
            if not os.fork():
                return {"from": "the child"}
        if what == "spawn":
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
                return {"square": pool.submit(square, 7).result()}
        if what == "linger":
            subprocess.Popen(["sleep", "600"], stdin=0, stdout=1, stderr=2)
        return {"pid": os.getpid(), "secrets": [n for n in os.environ if "SECRET" in n]}

    def close(self):
        Path("closed").write_text("in peace")
"""


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@not_on_windows(Needs.SIGNALS)
def test_a_crash_fails_one_file_and_names_the_signal(bench: ClassBench) -> None:
    with bench.runner("analysis:Odd") as runner:
        before = value_of(runner.run(bench.work()))["pid"]
        crashed, left = runner.run(bench.work("segfault")), runner.run(bench.work("exit"))
        after = value_of(runner.run(bench.work()))["pid"]
    assert title_of(crashed) == "peaks crashed: its process was ended by SIGSEGV"
    assert crashed.output.startswith("before the end\nFatal Python error: Segmentation fault")
    assert 'analysis.py", line ' in crashed.output
    assert title_of(left) == "peaks crashed: its process ended itself with exit status 3"
    assert before != after and is_gone(before)


def test_a_hang_is_ended_with_all_it_started_when_its_time_is_over(bench: ClassBench) -> None:
    with bench.runner("analysis:Odd", time_limit_s=1) as runner:
        runner.prepare()
        work = bench.work("hang", limit_s=1)
        hung = runner.run(work)
        child = int((work.output_dir / "child").read_text())
        assert title_of(hung) == "peaks took longer than 1 s"
        eventually(lambda: is_gone(child), timeout_s=10, what="what it started has ended")
        assert value_of(runner.run(bench.work()))


@not_on_windows(Needs.SIGNALS)
def test_files_at_once_have_a_process_each_and_a_crash_of_one_disturbs_no_other(bench: ClassBench) -> None:
    bench.write("""
        class Pair(MetadataReproducer):
            def extract(self, file):
                (Path("here-" + file.name)).touch()
                while len(list(Path(".").glob("here-*"))) < 2:
                    time.sleep(0.01)
                if file.name == "bad":
                    os.abort()
                time.sleep(0.3)
                return {"pid": os.getpid()}
        """)
    with bench.runner("analysis:Pair", jobs=2) as runner, ThreadPoolExecutor(2) as pool:
        good, bad = pool.map(runner.run, [bench.work("good"), bench.work("bad")])
    assert title_of(bad) == "peaks crashed: its process was ended by SIGABRT"
    assert value_of(good)["pid"]


def test_a_leak_ends_with_its_process(bench: ClassBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_class, "GROWTH_BYTES", 200_000_000)
    with bench.runner("analysis:Odd") as runner:
        first = value_of(runner.run(bench.work()))["pid"]
        assert value_of(runner.run(bench.work()))["pid"] == first
        assert value_of(runner.run(bench.work("leak")))["pid"] == first
        assert value_of(runner.run(bench.work()))["pid"] != first
        assert is_gone(first)
    with bench.runner("analysis:Odd", memory_limit=150_000_000) as runner:
        ran = runner.run(bench.work("leak", topic="wait"))
        assert title_of(ran) == "peaks took more than 150,000,000 bytes of memory"
        assert value_of(runner.run(bench.work()))


def test_a_flood_of_output_is_kept_in_bounds(bench: ClassBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_class_worker, "MOST_PRINTED", 200_000)
    monkeypatch.setattr(python_class_worker, "LOOK_S", 0.02)
    with bench.runner("analysis:Odd") as runner:
        ran = runner.run(bench.work("flood"))
        assert value_of(ran)["cut at"] > 100_000
        assert len(ran.output) <= 16_384
        assert runner.run(bench.work()).output == ""


@not_on_windows(Needs.POSIX_CALLS)
def test_a_class_may_fork_and_use_processes_of_its_own(bench: ClassBench) -> None:
    with bench.runner("analysis:Odd") as runner:
        assert value_of(runner.run(bench.work("fork")))["pid"]
        assert value_of(runner.run(bench.work("spawn"))) == {"square": 49}
        lingers = value_of(runner.run(bench.work("linger")))
        assert value_of(runner.run(bench.work()))["pid"] == lingers["pid"]
    eventually(lambda: group_is_gone(lingers["pid"]), timeout_s=10, what="what it left behind has ended")


def group_is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_class_gets_no_secret(bench: ClassBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENMSI_SECRET_LAB", "geheim")
    with bench.runner("analysis:Odd") as runner:
        assert value_of(runner.run(bench.work()))["secrets"] == []


def test_it_closes_in_peace_when_we_end(bench: ClassBench, tmp_path: Path) -> None:
    with bench.runner("analysis:Odd") as runner:
        value_of(runner.run(bench.work()))
        assert not (tmp_path / "closed").exists()
    assert (tmp_path / "closed").read_text() == "in peace"


def test_what_runs_is_interrupted_when_we_stop_and_loses_no_try(bench: ClassBench) -> None:
    runner = ClassRunner(bench.described("analysis:Odd"))
    work = bench.work("hang")
    caught: list[BaseException] = []

    def run() -> None:
        try:
            runner.run(work)
        except RetryableError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    eventually(lambda: (work.output_dir / "child").exists(), timeout_s=30, what="it hangs")
    runner.stop()
    thread.join(3)
    assert not thread.is_alive() and len(caught) == 1
    with pytest.raises(RetryableError):
        runner.run(bench.work())
    runner.close()
    runner.close()


PARENT = """
import sys
from pathlib import Path
from streaming.class_bench import ClassBench
bench = ClassBench(Path(sys.argv[1]))
with bench.runner("analysis:Odd", jobs=2) as runner:
    print(runner.run(bench.work()).results[0].value.decode(), flush=True)
    runner.run(bench.work("hang"))
"""


@not_on_windows(Needs.SIGNALS)
def test_its_process_ends_when_we_are_killed(bench: ClassBench, tmp_path: Path) -> None:
    folder = tmp_path / "parent"
    folder.mkdir()
    (folder / "analysis.py").write_text((tmp_path / "analysis.py").read_text())
    tests = Path(__file__).resolve().parents[1]
    path = os.pathsep.join([str(tests), str(tests.parent)])
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path, "TMPDIR": str(tmp_path / "parent")},
    )
    with parent:
        assert parent.stdout is not None
        worker = psutil.Process(parent.pid).children
        assert parent.stdout.readline()
        child = folder / "place 2" / "out" / "child"
        eventually(lambda: child.exists() and child.read_text() != "", timeout_s=30, what="a file hangs")
        pids = [process.pid for process in worker(recursive=True)]
        assert int(child.read_text()) in pids and len(pids) == 2
        parent.kill()
    eventually(lambda: all(map(is_gone, pids)), timeout_s=15, what="its processes ended by themselves")
    assert list(folder.glob("openmsi-class-*")) == []
