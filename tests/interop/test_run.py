"""``run`` as a service runs it: a process of its own on a real Kafka, passwords in a real keyring, other commands beside it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.kafka import PASSWORDS, Kafka
from servers.keyring_session import KeyringSession
from servers.parts import eventually
from servers.program import Program, Running

CONNECTION = """
[[connections]]
name = "{name}"
credential = "{credential}"
kafka = {{ {kafka} }}
"""
WATCHED = """
[[watched_folders]]
name = "{name}"
path = "{path}"
connection = "in"
topic = "{topic}"
subfolder = "{subfolder}"
settle = {{ quiet_s = 0.2 }}
"""
DOWNLOAD = """
[[downloads]]
name = "here"
topics = ["{topic}"]
connection = "out"
target = "{target}"
"""


@pytest.fixture
def keyring(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a private session with an unlocked gnome-keyring."""
    session = KeyringSession(tmp_path / "home", tmp_path / "run")
    try:
        session.start()
        yield session.environment
    finally:
        session.close()


def of_toml(config: dict[str, object]) -> str:
    return ", ".join(f'"{key}" = {json.dumps(value)}' for key, value in config.items())


def in_and_out(kafka: Kafka) -> str:
    """Two connections: alice may write, bob may read."""
    text = ""
    for name, user in (("in", "alice"), ("out", "bob")):
        config: dict[str, object] = dict(kafka.client("SASL", user))
        del config["sasl.password"]
        text += CONNECTION.format(name=name, credential=f"lab-{name}", kafka=of_toml(config))
    return text


def ask(program: Program, *arguments: str | Path) -> str:
    """What a request is answered with."""
    began = time.monotonic()
    asked = program.run(*arguments)
    assert asked.process.returncode == 0, asked.tell()
    assert time.monotonic() - began < 5
    return asked.errors()


def task(program: Program, name: str) -> dict[str, object]:
    tasks: list[dict[str, object]] = program.run("status").events[0]["tasks"]
    return next(t for t in tasks if t["name"] == name)


def test_everything_a_service_does(kafka: Kafka, program: Program, keyring: dict[str, str], tmp_path: Path) -> None:
    topic, xrd, target = kafka.create_topic(partitions=3), tmp_path / "xrd", tmp_path / "received"
    for folder in (xrd, target, tmp_path / "sem"):
        folder.mkdir()
    (xrd / "a.dat").write_bytes(b"first" * 300_000)
    settings = program.folder / "x.toml"
    text = "version = 1\n" + in_and_out(kafka)
    text += WATCHED.format(name="XRD", path=xrd, topic=topic, subfolder="xrd-pc")
    text += DOWNLOAD.format(topic=topic, target=target)
    settings.write_text(text)

    environment = keyring | {"OPENMSI_SECRET_LAB_OUT": PASSWORDS["bob"]}
    run = program.start("run", "--settings", settings, env=environment)
    waiting = run.wait_for(event="task", task="XRD", state="waiting")
    assert 'no secret called "lab-in"' in waiting["title"]
    stored = subprocess.run(
        [sys.executable, "-m", "openmsi_desktop", "secret", "set", "lab-in"],
        input=PASSWORDS["alice"] + "\n",
        text=True,
        env=program._environment("data") | keyring,
        cwd=program.folder,
        check=False,
        capture_output=True,
    )
    assert stored.returncode == 0, stored.stderr
    assert "Trying again: XRD, here." in ask(program, "retry")
    run.wait_for(event="ready", task="XRD")
    run.wait_for(event="ready", task="here")
    run.wait_for(event="file", path="xrd-pc/a.dat", state="delivered")
    assert (target / "xrd-pc" / "a.dat").read_bytes() == b"first" * 300_000

    run.wait_until(lambda: task(program, "XRD")["state"] == "running", timeout_s=10, what="status shows it")
    assert task(program, "here")["counts"] == {"delivered": 1}
    assert {(f["task"], f["state"]) for f in program.run("files").events} == {("XRD", "sent"), ("here", "delivered")}
    explained = program.run("explain", xrd / "a.dat")
    assert explained.process.returncode == 0 and "xrd-pc/a.dat" in json.dumps(explained.events)

    assert "Paused: XRD." in ask(program, "pause", "XRD")
    run.wait_for(event="task", task="XRD", state="stopped")
    assert task(program, "XRD")["paused"] and not task(program, "here")["paused"]
    (xrd / "b.dat").write_bytes(b"while it was paused")
    assert "Resumed: XRD." in ask(program, "resume", "XRD")
    run.wait_for(event="file", path="xrd-pc/b.dat", state="delivered")
    assert "Looking through the folders of XRD." in ask(program, "rescan", "XRD")

    (xrd / "bad\\name.dat").write_bytes(b"1")
    run.wait_for(event="file", path="xrd-pc/bad\\name.dat", state="problem")
    assert "Passed on to XRD." in ask(program, "retry", xrd / "bad\\name.dat")
    assert "Passed on to XRD." in ask(program, "ignore", "xrd-pc/bad\\name.dat")
    run.wait_for(event="file", path="xrd-pc/bad\\name.dat", state="ignored")
    assert task(program, "XRD")["problems"] == []
    assert "There is no question about xrd-pc/b.dat." in ask(program, "decide", "xrd-pc/b.dat", "--send")

    settings.write_text(text + WATCHED.format(name="SEM", path=tmp_path / "sem", topic=topic, subfolder="sem"))
    assert "1 started, 2 as before." in ask(program, "reload")
    run.wait_for(event="ready", task="SEM")
    settings.write_text(text + 'colour = "red"\n')
    refused = ask(program, "reload")
    assert "not taken over" in refused and "colour" in refused, refused
    assert task(program, "SEM")["state"] == "running"

    began = time.monotonic()
    assert run.stop() == 143
    assert time.monotonic() - began < 3
    assert run.stray_lines == [] and "Traceback" not in run.errors()
    assert task(program, "XRD")["state"] == "stopped"
    said = run.tell() + "".join(f.read_text(errors="replace") for f in program.folder.rglob("*.log"))
    assert not any(PASSWORDS[user] in said for user in ("alice", "bob"))


@pytest.fixture
def streaming(kafka: Kafka, program: Program, tmp_path: Path) -> Iterator[tuple[Running, list[str]]]:
    """``run`` with a watched folder, and the options with which ``send`` reaches the same topic."""
    topic = kafka.create_topic(partitions=3)
    (tmp_path / "xrd").mkdir()
    text = CONNECTION.format(name="in", credential="", kafka=of_toml(dict(kafka.client())))
    (program.folder / "settings.toml").write_text(
        text + WATCHED.format(name="XRD", path=tmp_path / "xrd", topic=topic, subfolder="")
    )
    run = program.start("run")
    run.wait_for(event="ready")
    yield run, ["--topic", topic, "--connection", "in", "--chunk-size", "10000"]
    run.stop()


def test_an_upload_beside_it_and_one_that_was_killed(
    program: Program, streaming: tuple[Running, list[str]], tmp_path: Path
) -> None:
    run, options = streaming
    (tmp_path / "small.dat").write_bytes(b"1")
    beside = program.run("send", tmp_path / "small.dat", *options)
    assert beside.process.returncode == 0, beside.tell()
    (tmp_path / "big.dat").write_bytes(bytes(1_500_000))
    killed = program.start("send", tmp_path / "big.dat", tmp_path / "small.dat", *options, "--limit", "300000")
    killed.wait_until(
        lambda: any((e.get("chunks_done") or 0) > 5 for e in killed.events), timeout_s=30, what="it is being sent"
    )
    killed.kill()
    run.wait_for(event="file", path="big.dat", state="sent", timeout_s=40)
    sent = next(f for f in program.run("files").events if f["path"] == "big.dat")
    assert sent["state"] == "sent" and sent["size"] == 1_500_000


def test_an_upload_that_was_stopped_is_left_to_the_same_command(
    program: Program, streaming: tuple[Running, list[str]], tmp_path: Path
) -> None:
    run, options = streaming
    (tmp_path / "big.dat").write_bytes(bytes(1_000_000))
    stopped = program.start("send", tmp_path / "big.dat", *options, "--limit", "200000")
    stopped.wait_until(
        lambda: any((e.get("chunks_done") or 0) > 5 for e in stopped.events), timeout_s=30, what="it is being sent"
    )
    assert stopped.stop() == 143
    looked = time.monotonic() + 6  # it looks for what was abandoned every 5 s
    eventually(lambda: time.monotonic() > looked, timeout_s=10, what="some time passes")
    assert run.find(event="file", path="big.dat") == []
    again = program.run("send", tmp_path / "big.dat", *options)
    assert again.process.returncode == 0 and again.summary["sent"] == 1, again.tell()
