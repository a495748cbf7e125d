"""Programs see every complete file: under its name, with nothing read by a shell, and ended with all they started."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from servers.chunks import chunks_of
from servers.memory_broker import MemoryBroker
from servers.systems import ON_WINDOWS, Needs
from streaming.processing import KEY, Bench, delivered, lines, python, received
from streaming.reading import Reader, until

from openmsi_desktop.core.chunk import Sender as HeaderOf
from openmsi_desktop.core.events import FileState
from openmsi_desktop.settings import Processor
from openmsi_desktop.streaming.receiving import patience
from openmsi_desktop.streaming.sinks.making import SinkTools, sink_factory

Make = Callable[..., Bench]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Make]:
    """bench(command=…, …): makes one; it is closed in the end."""
    made: list[Bench] = []

    def make(**settings: Any) -> Bench:
        made.append(Bench(tmp_path, **settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


TELL = """
import json, os, sys
with open(sys.argv[1], "a", encoding="utf-8") as file:
    said = {"arguments": sys.argv[2:], "environment": {k: v for k, v in os.environ.items() if k.startswith("OPENMSI")}}
    said["content"] = open(os.environ["OPENMSI_FILE"], "rb").read().decode()
    said["mtime"] = os.stat(os.environ["OPENMSI_FILE"]).st_mtime
    said["here"] = os.getcwd()
    file.write(json.dumps(said) + "\\n")
"""


def told(tmp_path: Path) -> list[Any]:
    return [json.loads(line) for line in lines(tmp_path / "told")]


def test_a_program_gets_the_file_under_its_name_and_all_that_is_known_of_it(bench: Make, tmp_path: Path) -> None:
    fields = (
        "{file}",
        "at={relative_path}",
        "{name}",
        "{topic}:{size}",
        "{sha512}",
        "{output_dir}/x",
        "{{file}} ${file}",
    )
    made = bench(command=python(TELL, str(tmp_path / "told"), *fields), environment={"OPENMSI_MINE": "1"})
    assert delivered(made.one("a/b c.xy", b"1 2\n"))
    (said,) = told(tmp_path)
    file, path, name, topic, sha512, output, literal = said["arguments"]
    assert os.path.isabs(file) and os.path.basename(file) == "b c.xy"
    assert (path, name, topic, literal) == ("at=a/b c.xy", "b c.xy", "t:4", "{file} ${file}")
    known = received(tmp_path, "a/b c.xy", b"1 2\n")
    assert sha512 == known.sha512.hex()
    assert said["content"] == "1 2\n" and said["mtime"] == 1_700_000_000.5
    assert said["here"] == os.path.dirname(output)
    assert said["environment"] == {
        "OPENMSI_FILE": file, "OPENMSI_RELATIVE_PATH": "a/b c.xy", "OPENMSI_TOPIC": "t", "OPENMSI_SHA512": sha512,
        "OPENMSI_SIZE": "4", "OPENMSI_MODIFIED": "1700000000.5", "OPENMSI_OUTPUT_DIR": said["here"], "OPENMSI_MINE": "1",
    }  # fmt: skip
    assert made.places == []


def test_identical_content_is_not_handled_again_and_a_new_version_is(bench: Make, tmp_path: Path) -> None:
    made = bench(command=python(TELL, str(tmp_path / "told")))
    assert delivered(made.one("a.xy", b"1")).note == ""
    assert delivered(made.one("a.xy", b"1", number=2)).note == "identical to the version handled before"
    delivered(made.one("a.xy", b"2", number=3))
    delivered(made.one("a.xy", b"1", number=4))
    delivered(made.one("b.xy", b"1", number=5))
    assert [said["content"] for said in told(tmp_path)] == ["1", "2", "1", "1"]


def test_a_reader_runs_a_program_on_every_file_that_it_receives(tmp_path: Path, broker: MemoryBroker) -> None:
    reader = Reader(tmp_path, broker, target=None)
    for name, data in (("run/1.xy", b"one"), ("run/2.xy", b"two"), ("run/1.xy", b"new")):
        broker.put_chunks("t", chunks_of(name, data), sender=HeaderOf("a" * 32, 1 + (data == b"new")))
    described = Processor(name="peaks", command=python(TELL, str(tmp_path / "told")))
    tools = SinkTools(KEY, broker, reader.profile, lambda name: None, is_alone=True)
    for _ in range(2):
        reader.read_all(sinks=[sink_factory(described, tools)])
    contents = [said["content"] for said in told(tmp_path)]
    assert contents.count("two") == 1 and contents.count("new") == 1 and len(contents) in (2, 3)
    assert {(row.path, row.state) for row in reader.rows()} >= {
        ("run/1.xy", FileState.DELIVERED), ("run/2.xy", FileState.DELIVERED)
    }  # fmt: skip


HOSTILE = (
    "; rm -rf ~ $(touch pwned) `id`.xy", "a\nb\tc.xy", "-rf", "--help", "$HOME %PATH% !x.xy", "'\"quotes\" & | > < *.xy", "{file} {topic}.xy",
    "\u202eyx.exe", "ünï\u0308 日本.xy", " leading and trailing ", "x" * 255,
)  # fmt: skip


@pytest.mark.skipif(ON_WINDOWS, reason=Needs.NAMES)
@pytest.mark.parametrize("is_alone", [True, False])
def test_hostile_names_arrive_as_they_are(bench: Make, tmp_path: Path, is_alone: bool) -> None:
    made = bench(
        command=python(TELL, str(tmp_path / "told"), "{relative_path}", "<{name}>", "{file}"), is_alone=is_alone, jobs=1
    )
    for number, name in enumerate(HOSTILE):
        delivered(made.one(f"-d/{name}", name.encode(), number=number))
    for name, said in zip(HOSTILE, told(tmp_path), strict=True):
        path, in_brackets, file = said["arguments"]
        assert (path, in_brackets, os.path.basename(file)) == (f"-d/{name}", f"<{name}>", name)
        assert said["content"] == name and said["environment"]["OPENMSI_RELATIVE_PATH"] == f"-d/{name}"
    assert not list(tmp_path.rglob("pwned"))


@pytest.mark.skipif(ON_WINDOWS, reason=Needs.POSIX_CALLS)
def test_a_shell_gets_names_as_arguments_only(bench: Make, tmp_path: Path) -> None:
    script = 'cat "$1" > "$2" && printf "%s" "$OPENMSI_RELATIVE_PATH" >> "$2"'
    made = bench(command=("sh", "-c", script, "sh", "{file}", str(tmp_path / "told")))
    delivered(made.one("$(touch pwned); x.xy", b"data "))
    assert lines(tmp_path / "told") == ["data $(touch pwned); x.xy"]
    assert not list(tmp_path.rglob("pwned"))


def test_a_file_that_a_program_cannot_take_becomes_a_problem_and_the_others_go_on(
    tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "DELAYS_S", (0.1,))
    reader = Reader(tmp_path, broker, target=None)
    for name in ("bad.xy", "good.xy"):
        broker.put_chunks("t", chunks_of(name, name.encode()))
    script = (
        "import os, sys; open(sys.argv[1], 'a').write('ran\\n'); sys.exit('no peak' if 'bad' in sys.argv[2] else 0)"
    )
    described = Processor(name="peaks", command=python(script, str(tmp_path / "ran"), "{name}"), tries=2)
    tools = SinkTools(KEY, broker, reader.profile, lambda name: None, is_alone=True)
    with reader.running(sinks=[sink_factory(described, tools)]):
        until(lambda: len(reader.rows(state=FileState.DELIVERED)) == 1)
        until(lambda: len(lines(tmp_path / "ran")) == 3)
        until(lambda: any("it is not tried again by itself" in p.advice for p in reader.problems()))
    (row,) = reader.rows(state=FileState.PROBLEM)
    assert (row.path, row.reason) == ("bad.xy", "peaks failed with exit status 1")
    with reader.journal() as journal:
        stored = journal.query("SELECT sink, done, output FROM deliveries")
    assert [tuple(row) for row in stored] == [("peaks", 2, "no peak")]
    reader.read_all(sinks=[sink_factory(described, tools)])
    assert len(lines(tmp_path / "ran")) == 3


def test_stopping_the_task_ends_the_program_and_is_no_problem(tmp_path: Path, broker: MemoryBroker) -> None:
    reader = Reader(tmp_path, broker, target=None)
    broker.put_chunks("t", chunks_of("a.xy", b"1"))
    script = "import sys, time; open(sys.argv[1], 'a').write('ran\\n'); time.sleep(600 if len(open(sys.argv[1]).readlines()) == 1 else 0)"
    described = Processor(name="peaks", command=python(script, str(tmp_path / "ran")))
    tools = SinkTools(KEY, broker, reader.profile, lambda name: None, is_alone=True)
    with reader.running(sinks=[sink_factory(described, tools)]):
        until(lambda: lines(tmp_path / "ran"))
        began = time.monotonic()
    assert time.monotonic() - began < 15 and reader.error is None
    assert reader.problems() == [] and reader.problem_titles == []
    reader.read_all(sinks=[sink_factory(described, tools)])
    assert len(lines(tmp_path / "ran")) == 2
    assert [row.state for row in reader.rows()] == [FileState.DELIVERED]
