"""``transfer``, ``process`` and ``reprocess`` as people run them: processes of their own, with the embedded broker."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.kafka import free_port
from servers.parts import eventually
from servers.program import Program

from openmsi_desktop.streaming.kafka.broker import EmbeddedBroker

SCRIPT = """
import os, sys
with open({done!r}, "a") as done:
    print(sys.argv[1], file=done)
if os.path.exists({broken!r}):
    sys.exit("the calibration is missing")
"""


@pytest.fixture
def embedded() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as broker:
        broker.create("xrd", 2)
        yield broker


@pytest.fixture
def sent(program: Program, embedded: EmbeddedBroker, tmp_path: Path) -> list[str]:
    """Options that reach the broker, with two files on the topic xrd."""
    (program.folder / "settings.toml").write_text("version = 1\n")
    for name in ("a.xy", "b.xy"):
        (tmp_path / name).write_text(name)
    there = ["--bootstrap", embedded.bootstrap]
    run = program.run("send", tmp_path / "a.xy", tmp_path / "b.xy", "--topic", "xrd", *there, data="sender")
    assert run.process.returncode == 0, run.tell()
    return there


def test_files_that_failed_are_reprocessed_once_the_program_is_put_right(
    program: Program, sent: list[str], tmp_path: Path
) -> None:
    script, done, broken = tmp_path / "plot.py", tmp_path / "done", tmp_path / "broken"
    script.write_text(SCRIPT.format(done=str(done), broken=str(broken)))
    broken.touch()
    command: list[str | Path] = [
        "process",
        "xrd",
        *sent,
        "--tries",
        "1",
        "--jobs",
        "1",
        "--",
        sys.executable,
        script,
        "{relative_path}",
    ]

    failed = program.run(*command[:-4], "--until-idle", "1", *command[-4:])
    assert failed.process.returncode == 1, failed.tell()
    assert {e["path"] for e in failed.find(event="file", state="problem")} == {"a.xy", "b.xy"}
    told = json.dumps(failed.find(event="problem"))
    assert "exit status 1" in told and "the calibration is missing" in told
    assert sorted(done.read_text().split()) == ["a.xy", "b.xy"]

    asked = program.run("reprocess", "--failed")
    assert asked.process.returncode == 1 and "nobody to reprocess" in asked.errors()

    broken.unlink()
    run = program.start(*command)
    run.wait_for(event="ready")
    asked = program.run("reprocess", "--failed")
    assert asked.process.returncode == 0, asked.tell()
    for name in ("a.xy", "b.xy"):
        run.wait_for(event="file", path=name, state="delivered")
    assert sorted(done.read_text().split()) == ["a.xy", "a.xy", "b.xy", "b.xy"]

    assert program.run("reprocess", "b.xy", "--task", "xrd").process.returncode == 0
    eventually(lambda: done.read_text().split().count("b.xy") == 3, timeout_s=20, what="one file is processed again")
    later = program.run("reprocess", "--since", "2099-01-01")
    assert "xrd received no whole file since then" in later.errors(), later.tell()
    before = program.run("reprocess", "--since", "2020-01-01")
    assert "2 files are handed over again to plot.py [" in before.errors(), before.tell()
    eventually(lambda: len(done.read_text().split()) == 7, timeout_s=20, what="all of them are")
    unknown = program.run("reprocess", "c.xy")
    assert unknown.process.returncode == 1 and "Nothing is known about c.xy" in unknown.errors()
    assert run.stop() == 143


def test_a_bucket_that_does_not_answer_is_given_up_after_the_timeout(program: Program, sent: list[str]) -> None:
    nowhere = ["--endpoint-url", f"http://127.0.0.1:{free_port()}", "--region", "us-east-1"]
    keys = {"AWS_ACCESS_KEY_ID": "me", "AWS_SECRET_ACCESS_KEY": "secret"}
    run = program.run("transfer", "xrd", "--bucket", "lab-data", *nowhere, *sent, "--timeout", "2", env=keys)
    assert run.process.returncode == 4, run.tell()
    said = [e["title"] for e in run.find(event="problem")]
    assert any("127.0.0.1" in title for title in said) and any(title.startswith("No contact for") for title in said)
    assert run.find(event="file", state="delivered") == [] and run.stray_lines == []
