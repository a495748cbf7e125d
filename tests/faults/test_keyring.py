"""The keyring is absent, locked, changed, or waits for a person: the program says so, waits, and goes on by itself (F45)."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from faults.oracle import Event, Written, judge, read_topic
from servers.kafka import PASSWORDS, Kafka
from servers.keyring_session import KeyringSession
from servers.program import Program, Running

NO_SESSION = {"DBUS_SESSION_BUS_ADDRESS": "", "XDG_RUNTIME_DIR": "", "DISPLAY": ""}
SECRET = PASSWORDS["alice"]
Judged = Callable[..., None]

_BLOCKING = '''
import threading
from keyring.backend import KeyringBackend

class Keyring(KeyringBackend):
    """Shows a window and waits for somebody to type a password into it."""
    priority = 1
    def get_password(self, service, username):
        threading.Event().wait()
    set_password = delete_password = get_password
'''


@dataclass(slots=True)
class Bench:
    kafka: Kafka
    program: Program
    written: Written
    topic: str

    def watch(self, env: dict[str, str]) -> Running:
        """A watcher that needs the password of alice."""
        config = {k: v for k, v in self.kafka.client("SASL", "alice").items() if k != "sasl.password"}
        bootstrap = str(config.pop("bootstrap.servers"))
        properties = [word for key, value in config.items() for word in ("--kafka", f"{key}={value}")]
        there = ("--topic", self.topic, "--bootstrap", bootstrap, *properties, "--credential", "lab")
        return self.program.start("watch", self.written.root, "--quiet", "0.2", *there, env=env)

    def write(self, path: str) -> None:
        content = f"content of {path}".encode()
        self.written.add(path, content)
        (self.written.root / path).write_bytes(content)

    def store(self, secret: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "openmsi_desktop", "secret", "set", "lab"],
            input=secret + "\n",
            text=True,
            env=self.program._environment("data") | env,
            cwd=self.program.folder,
            check=False,
            capture_output=True,
        )

    def all_sent(self, *runs: Running) -> None:
        """It sends, and nothing of the password was written anywhere."""
        last = runs[-1]
        last.wait_until(
            lambda: {e["path"] for r in runs for e in r.find(event="file", state="sent")} == self.written.last.keys(),
            timeout_s=60,
            what="everything is sent",
        )
        began = time.monotonic()
        assert last.stop() == 143
        assert time.monotonic() - began < 5
        self.no_plain_text()

    def no_plain_text(self) -> None:
        for file in self.program.folder.rglob("*"):
            if file.is_file() and file.suffix != ".keyring":  # what the system's keyring writes is encrypted
                assert SECRET.encode() not in file.read_bytes(), f"{file} holds the password"

    def judged(self, judged: Judged, what: str, said_s: float, *runs: Running) -> None:
        events: list[Event] = [event for run in runs for event in run.events]
        verdict = judge(self.written, read_topic(self.kafka.client(), self.topic, self.written), said=events)
        judged("F45", what, 1, verdict, note=f"said within {said_s:.1f} s, start of the program included")


@pytest.fixture
def bench(kafka: Kafka, program: Program, tmp_path: Path) -> Bench:
    (tmp_path / "xrd").mkdir()
    topic = kafka.create_topic(partitions=1, config={"message.timestamp.type": "LogAppendTime"})
    made = Bench(kafka, program, Written(tmp_path / "xrd"), topic)
    made.write("first.dat")
    return made


@pytest.fixture
def session(program: Program, tmp_path: Path) -> Iterator[KeyringSession]:
    """A person is logged in."""
    made = KeyringSession(program.folder, tmp_path / "run")
    try:
        made.start()
        yield made
    finally:
        made.close()


def told(run: Running, what: str) -> float:
    """Wait until it says that it waits for this; returns the seconds since it was asked (5 is the figure to reach)."""
    began = time.monotonic()
    run.wait_until(
        lambda: any(what in e["title"] for e in run.find(event="task", state="waiting")),
        timeout_s=30,
        what=f"it says: {what}",
    )
    took = time.monotonic() - began
    assert run.process.poll() is None and "Traceback" not in run.errors()
    return took


@pytest.mark.parametrize(
    ("backend", "what"),
    [
        ("", "no keyring"),
        ("keyring.backends.fail.Keyring", "no keyring"),
        ("keyring.backends.null.Keyring", "no keyring"),
    ],
    ids=["no session", "fail", "null"],
)
def test_without_a_keyring_it_waits_and_stores_nothing(bench: Bench, judged: Judged, backend: str, what: str) -> None:
    env = NO_SESSION | ({"PYTHON_KEYRING_BACKEND": backend} if backend else {})
    run = bench.watch(env)
    took = told(run, what)
    starts = len(run.find(event="task", state="starting"))
    stored = bench.store(SECRET, env)
    assert stored.returncode == 3 and "no keyring" in stored.stderr, stored.stderr
    assert len(run.find(event="task", state="starting")) <= starts + 1, "it starts again and again"
    assert run.stop() == 143
    bench.no_plain_text()
    again = bench.watch(env | {"OPENMSI_SECRET_LAB": SECRET})
    bench.all_sent(run, again)
    bench.judged(judged, f"no keyring ({backend or 'no session'})", took, run, again)


def test_a_service_gets_its_secret_from_systemd(bench: Bench, judged: Judged, tmp_path: Path) -> None:
    (tmp_path / "credentials").mkdir(mode=0o700)
    (tmp_path / "credentials" / "lab").write_text(SECRET + "\n")
    run = bench.watch(NO_SESSION | {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")})
    bench.all_sent(run)
    bench.judged(judged, "a service without a session", 0.0, run)


def test_a_keyring_that_waits_for_a_person_is_named_and_stops_nothing(
    bench: Bench, judged: Judged, tmp_path: Path
) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "asks_a_person.py").write_text(_BLOCKING)
    path = f"{tmp_path / 'modules'}:{bench.program._environment('data')['PYTHONPATH']}"
    env = {"PYTHONPATH": path, "PYTHON_KEYRING_BACKEND": "asks_a_person.Keyring"}
    run = bench.watch(env)
    took = told(run, "does not answer")
    bench.write("second.dat")
    run.wait_for(event="file", path="second.dat", state="waiting")
    began = time.monotonic()
    assert run.stop() == 143
    assert time.monotonic() - began < 5
    early = bench.watch(env)
    early.wait_for(event="ready")
    began = time.monotonic()
    assert early.stop() == 143
    assert time.monotonic() - began < 5
    again = bench.watch(env | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "OPENMSI_SECRET_LAB": SECRET})
    bench.all_sent(run, early, again)
    bench.judged(judged, "a keyring that waits for a person", took, run, early, again)


def test_a_keyring_is_locked_and_opened_again(bench: Bench, session: KeyringSession, judged: Judged) -> None:
    stored = bench.store(SECRET, session.environment)
    assert stored.returncode == 0, stored.stderr
    session.lock()
    run = bench.watch(session.environment)
    took = told(run, "is locked")
    refused = bench.store("another one", session.environment)
    assert refused.returncode == 3 and "locked" in refused.stderr, refused.stderr
    session.unlock()
    bench.program.run("retry")  # instead of waiting for half a minute
    bench.all_sent(run)
    bench.judged(judged, "keyring locked", took, run)


def test_a_password_that_was_changed_in_the_keyring_is_taken(
    bench: Bench, session: KeyringSession, judged: Judged
) -> None:
    assert bench.store("no longer the right one", session.environment).returncode == 0
    run = bench.watch(session.environment)
    took = told(run, "password is wrong")
    assert bench.store(SECRET, session.environment).returncode == 0
    bench.all_sent(run)
    bench.judged(judged, "password changed in the keyring", took, run)
