"""The commands that stream, as people run them: processes of their own against a real Kafka."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from servers.kafka import Kafka
from servers.parts import ROOT
from servers.program import Program, Running
from servers.systems import Needs, not_on_windows

SCHEMA = json.loads((ROOT / "docs" / "events.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def topic(kafka: Kafka) -> str:
    return kafka.create_topic(partitions=3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "xrd"
    (folder / "sub").mkdir(parents=True)
    for number in range(5):
        (folder / "sub" / f"{number}.dat").write_bytes(bytes([number]) * 1000 * number)
    return folder


def keeps_the_contract(run: Running) -> None:
    assert run.stray_lines == [] and "Traceback" not in run.errors()
    for event in run.events:
        jsonschema.validate(event, SCHEMA)
    assert [e["event"] for e in run.events].count("summary") == 1


def test_what_is_sent_is_rebuilt(kafka: Kafka, topic: str, program: Program, folder: Path, tmp_path: Path) -> None:
    there = ("--bootstrap", kafka.bootstrap())
    sent = program.run("send", folder, "--topic", topic, "--check", *there)
    assert sent.process.returncode == 0, sent.tell()
    assert sent.summary["checked"] == 5 and sent.summary["problems"] == 0 and sent.summary["bytes"] == 10_000
    target = tmp_path / "received"
    got = program.run("download", topic, "--target", target, "--until-idle", "1", *there, data="other")
    assert got.process.returncode == 0, got.tell()
    assert got.summary["delivered"] == 5
    for file in (folder / "sub").iterdir():
        assert (target / "xrd" / "sub" / file.name).read_bytes() == file.read_bytes()
    keeps_the_contract(sent)
    keeps_the_contract(got)
    listed = program.run("files", "--state", "checked")
    assert len(listed.events) == 5


@pytest.mark.parametrize(("how", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_watcher_ends_in_order_within_three_seconds(
    kafka: Kafka, topic: str, program: Program, folder: Path, how: signal.Signals, status: int
) -> None:
    run = program.start("watch", folder, "--topic", topic, "--quiet", "0.2", "--bootstrap", kafka.bootstrap())
    run.wait_for(event="ready")
    run.wait_until(lambda: len(run.find(event="file", state="sent")) >= 4, timeout_s=30, what="the files are sent")
    began = time.monotonic()
    assert run.stop(how=how) == status
    assert time.monotonic() - began < 3
    keeps_the_contract(run)
    assert run.summary["sent"] >= 4
    (task,) = program.run("status").events[0]["tasks"]
    assert (task["name"], task["kind"], task["state"]) == ("xrd", "watch", "stopped")


def test_a_second_process_with_the_same_data_folder_is_told_who_has_it(
    kafka: Kafka, topic: str, program: Program, folder: Path, tmp_path: Path
) -> None:
    there = ("--bootstrap", kafka.bootstrap())
    first = program.start("watch", folder, "--topic", topic, *there)
    first.wait_for(event="ready")
    second = program.run("download", topic, "--target", tmp_path / "in", *there)
    assert second.process.returncode == 3, second.tell()
    assert f"process {first.process.pid} of" in second.find(event="problem")[0]["title"]
    same = program.run("watch", folder, "--topic", topic, *there, data="other")
    assert same.process.returncode == 3 and f"process {first.process.pid}" in json.dumps(same.events), same.tell()
    assert program.run("send", folder, "--topic", topic, *there).process.returncode == 0
    first.stop()


def test_a_missing_topic_ends_an_upload_at_once(kafka: Kafka, program: Program, folder: Path) -> None:
    run = program.run("send", folder, "--topic", "no-such-topic", "--bootstrap", kafka.bootstrap())
    assert run.process.returncode == 3 and run.summary["seconds"] < 30, run.tell()
    keeps_the_contract(run)
    failed = run.find(event="task", state="failed")[0]
    assert "no-such-topic" in failed["title"] and failed["advice"]


def test_without_contact_a_command_gives_up_after_its_timeout(program: Program, folder: Path, tmp_path: Path) -> None:
    nowhere = ("--bootstrap", "localhost:1", "--timeout", "2")
    commands = [
        ["send", str(folder), "--topic", "t"],
        ["watch", str(folder), "--topic", "t"],
        ["download", "t", "--target", str(tmp_path / "d")],
    ]
    for number, arguments in enumerate(commands):
        run = program.run(*arguments, *nowhere, data=f"data-{number}")
        assert run.process.returncode == 4, run.tell()
        assert run.summary["seconds"] < 15
        keeps_the_contract(run)


def test_a_password_comes_from_the_environment(kafka: Kafka, topic: str, program: Program, folder: Path) -> None:
    config = kafka.client("SASL", "alice", mechanism="PLAIN")
    password = str(config.pop("sasl.password"))
    options: list[str] = ["--bootstrap", str(config.pop("bootstrap.servers")), "--credential", "lab-1"]
    for name, value in config.items():
        options += ["--kafka", f"{name}={value}"]
    good = program.run("send", folder, "--topic", topic, *options, env={"OPENMSI_SECRET_LAB_1": password})
    assert good.process.returncode == 0, good.tell()
    bad = program.run("send", folder, "--topic", topic, *options, env={"OPENMSI_SECRET_LAB_1": "hunter2"}, data="b")
    assert bad.process.returncode == 3, bad.tell()
    none = program.run("send", folder, "--topic", topic, *options, data="c")
    assert none.process.returncode == 3 and "OPENMSI_SECRET_LAB_1" in json.dumps(none.events), none.tell()
    assert password not in "".join(f.read_text() for f in program.folder.rglob("*.log"))


def test_tasks_of_the_settings_obey_requests(
    kafka: Kafka, topic: str, program: Program, folder: Path, tmp_path: Path
) -> None:
    settings = program.folder / "settings.toml"
    watched = '[[watched_folders]]\nname = "{name}"\npath = "{path}"\nconnection = "lab"\ntopic = "{topic}"\n'
    text = f'[[connections]]\nname = "lab"\nkafka = {{ bootstrap.servers = "{kafka.bootstrap()}" }}\n'
    text += watched.format(name="XRD", path=folder.as_posix(), topic=topic) + "settle = { quiet_s = 0.2 }\n"
    settings.write_text(text)
    run = program.start("run")
    run.wait_for(event="ready", task="XRD")

    def ask(*arguments: str) -> str:
        asked = program.run(*arguments)
        assert asked.process.returncode == 0, asked.tell()
        return asked.errors()

    assert "Paused" in ask("pause", "XRD")
    run.wait_for(event="task", task="XRD", state="stopped")
    assert task_of(program, "XRD")["paused"]
    assert "Resumed" in ask("resume")
    run.wait_until(lambda: len(run.find(event="task", state="running")) == 2, timeout_s=30, what="it runs again")
    (tmp_path / "sem").mkdir()
    settings.write_text(text + watched.format(name="SEM", path=(tmp_path / "sem").as_posix(), topic=topic))
    assert "Settings read again" in ask("reload")
    run.wait_for(event="ready", task="SEM")
    settings.write_text("colour = 1")
    assert "not taken over" in ask("reload")
    assert task_of(program, "SEM")["state"] == "running"
    assert run.stop() == 143
    keeps_the_contract(run)


def task_of(program: Program, name: str) -> dict[str, Any]:
    tasks: list[dict[str, Any]] = program.run("status").events[0]["tasks"]
    return next(t for t in tasks if t["name"] == name)


def test_a_file_that_cannot_be_written_again_is_not_all_done(
    kafka: Kafka, topic: str, program: Program, tmp_path: Path
) -> None:
    options = ("--target", tmp_path / "in", "--until-idle", "0.5", "--bootstrap", kafka.bootstrap())
    run = program.run("download", topic, "--again", "nono.dat", *options)
    assert run.process.returncode == 1, run.tell()
    assert [p["path"] for p in run.find(event="problem")] == ["nono.dat"]


@not_on_windows(Needs.SIGNALS)
def test_an_interrupted_upload_says_how_to_go_on(program: Program, folder: Path) -> None:
    run = program.start("send", folder, "--topic", "t", "--bootstrap", "localhost:1")
    run.wait_for(event="ready")
    assert run.stop(how=signal.SIGINT) == 130
    assert "Stopped. The same command goes on where it was." in run.errors()
