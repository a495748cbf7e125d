"""Secrets: where they are looked for, what is said without a keyring, and that they stay out of files."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keyring.backends.fail
import keyring.backends.null
import keyring.errors
import pytest
from keyring.backend import KeyringBackend
from servers.parts import require

from openmsi_desktop.core.errors import NeedsYou, SettingsError
from openmsi_desktop.credentials import Credentials, environment_name

ROOT = Path(__file__).resolve().parents[2]


class MemoryKeyring(KeyringBackend):
    """Keeps secrets in a dictionary; ``broken`` is raised by every call."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}
        self.broken: Exception | None = None

    def _check(self) -> None:
        if self.broken is not None:
            raise self.broken

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        del self.entries[service, username]


class PlaintextKeyring(MemoryKeyring):
    """Named like the one of keyrings.alt, which writes secrets into a file."""


class Chain(MemoryKeyring):
    """Several keyrings one after the other, as keyring's own chainer offers them."""

    def __init__(self, backends: list[KeyringBackend]) -> None:
        super().__init__()
        self.backends = backends


@pytest.fixture
def memory() -> MemoryKeyring:
    return MemoryKeyring()


def credentials(
    data: Path, backend: KeyringBackend, environment: Mapping[str, str] | None = None, **more: Any
) -> Credentials:
    return Credentials(data, environment=environment or {}, backend=lambda: backend, **more)


def test_a_stored_secret_is_found_again(tmp_path: Path, memory: MemoryKeyring) -> None:
    credentials(tmp_path, memory).store("lab", "hunter2")
    assert credentials(tmp_path, memory).secret("lab") == "hunter2"
    assert memory.entries == {("openmsi-desktop", "lab"): "hunter2"}


def test_the_keyring_comes_before_systemd_and_the_environment(tmp_path: Path, memory: MemoryKeyring) -> None:
    (tmp_path / "lab").write_text("from systemd\n")
    environment = {"OPENMSI_SECRET_LAB": "from environment"}
    both = {"CREDENTIALS_DIRECTORY": str(tmp_path), **environment}
    assert credentials(tmp_path, memory, environment).secret("lab") == "from environment"
    assert credentials(tmp_path, memory, both).secret("lab") == "from systemd"
    credentials(tmp_path, memory).store("lab", "from keyring")
    assert credentials(tmp_path, memory, both).secret("lab") == "from keyring"


@pytest.mark.parametrize(
    ("name", "variable"),
    [("lab", "OPENMSI_SECRET_LAB"), ("lab-bucket", "OPENMSI_SECRET_LAB_BUCKET"), ("a.b c", "OPENMSI_SECRET_A_B_C")],
)
def test_the_variable_is_named_after_the_secret(name: str, variable: str) -> None:
    assert environment_name(name) == variable


def test_a_missing_secret_says_how_to_store_it(tmp_path: Path, memory: MemoryKeyring) -> None:
    with pytest.raises(NeedsYou) as caught:
        credentials(tmp_path, memory).secret("lab")
    assert caught.value.title == 'There is no secret called "lab"'
    assert "openmsi-desktop secret set lab" in caught.value.advice and "OPENMSI_SECRET_LAB" in caught.value.advice


@pytest.mark.parametrize("kind", [keyring.backends.fail.Keyring, keyring.backends.null.Keyring, PlaintextKeyring])
def test_without_an_encrypting_keyring_nothing_is_stored(tmp_path: Path, kind: type[KeyringBackend]) -> None:
    here = credentials(tmp_path, kind(), {"OPENMSI_SECRET_LAB": "from environment"})
    with pytest.raises(NeedsYou, match="no keyring"):
        here.store("lab", "hunter2")
    assert here.secret("lab") == "from environment"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NeedsYou, match=r"no keyring.*OPENMSI_SECRET_OTHER"):
        here.secret("other")


def test_a_plain_text_keyring_in_a_chain_is_passed_over(tmp_path: Path, memory: MemoryKeyring) -> None:
    plain = PlaintextKeyring()
    credentials(tmp_path, Chain([plain, memory])).store("lab", "hunter2")
    assert plain.entries == {} and list(memory.entries.values()) == ["hunter2"]


@pytest.mark.parametrize("error", [keyring.errors.KeyringLocked("x"), keyring.errors.InitError("x")])
def test_a_locked_keyring_needs_you_unless_the_environment_helps(
    tmp_path: Path, memory: MemoryKeyring, error: Exception
) -> None:
    memory.broken = error
    with pytest.raises(NeedsYou, match=r'Cannot read the secret "lab": the keyring is locked.*Unlock it'):
        credentials(tmp_path, memory).secret("lab")
    assert credentials(tmp_path, memory, {"OPENMSI_SECRET_LAB": "x"}).secret("lab") == "x"


def test_a_keyring_that_waits_for_a_password_does_not_block(tmp_path: Path, memory: MemoryKeyring) -> None:
    unlocked = threading.Event()

    def slow() -> KeyringBackend:
        unlocked.wait(20)
        return memory

    here = Credentials(tmp_path, environment={}, backend=slow, time_limit_s=0.05)
    for _ in range(2):
        with pytest.raises(NeedsYou, match="does not answer.*unlock"):
            here.secret("lab")
    assert sum(t.name == "keyring" for t in threading.enumerate()) == 1
    unlocked.set()
    next(t for t in threading.enumerate() if t.name == "keyring").join()


def test_a_failing_backend_never_shows_the_secret(tmp_path: Path, memory: MemoryKeyring) -> None:
    memory.broken = ValueError("cannot store hunter2")
    with pytest.raises(NeedsYou) as caught:
        credentials(tmp_path, memory).store("lab", "hunter2")
    assert "ValueError" in str(caught.value) and "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_names_are_listed_and_secrets_are_in_no_file(tmp_path: Path, memory: MemoryKeyring) -> None:
    here = credentials(tmp_path, memory)
    for name in ("lab", "bücket", "lab"):
        here.store(name, "hunter2")
    assert credentials(tmp_path, memory).names() == ["bücket", "lab"]
    assert all(b"hunter2" not in f.read_bytes() for f in tmp_path.rglob("*") if f.is_file())
    assert "hunter2" not in repr(here) + repr(vars(here))
    assert here.delete("lab") and not here.delete("lab")
    assert here.names() == ["bücket"] and memory.entries == {("openmsi-desktop", "bücket"): "hunter2"}


@pytest.mark.parametrize(("name", "secret"), [("lab", ""), ("", "x"), ("a\nb", "x")])
def test_names_and_secrets_that_cannot_be_are_refused(
    tmp_path: Path, memory: MemoryKeyring, name: str, secret: str
) -> None:
    with pytest.raises(SettingsError):
        credentials(tmp_path, memory).store(name, secret)
    assert memory.entries == {}


def test_a_name_cannot_leave_the_folder_of_systemd(tmp_path: Path, memory: MemoryKeyring) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "credentials").mkdir()
    with pytest.raises(NeedsYou, match="no secret"):
        credentials(tmp_path, memory, {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}).secret("../secret")


# -- the real thing: gnome-keyring on a private bus

ASK = """
import json, sys
from pathlib import Path
from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.credentials import Credentials
data, lock = Path(sys.argv[1]), sys.argv[2] == "lock"
here, said = Credentials(data), []
if lock:
    import secretstorage
    bus = secretstorage.dbus_init()
    secretstorage.get_default_collection(bus).lock()
    bus.close()
for what in (lambda: here.store("lab", "hunter2 \\u00fc"), lambda: here.secret("lab"), lambda: here.delete("lab"), lambda: here.secret("lab")):
    try:
        said.append(what())
    except NeedsYou as error:
        said.append(error.title)
print(json.dumps(said))
"""


def in_session(tmp_path: Path, *arguments: str, unlock: bool) -> list[Any]:
    """What the script answers in a private session with gnome-keyring; ``unlock`` opens the keyring as a login does."""
    reason = "secrets are not tested against a real keyring; install gnome-keyring and dbus"
    require("gnome-keyring-daemon", reason)
    require("dbus-run-session", reason)
    script, home, runtime = tmp_path / "ask.py", tmp_path / "home", tmp_path / "run"
    script.write_text(ASK)
    home.mkdir()
    runtime.mkdir(mode=0o700)
    start = "printf testpw | gnome-keyring-daemon --unlock --components=secrets >/dev/null &&" if unlock else ""
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", f'{start} exec "$@"', "sh", sys.executable, script, *arguments],
        env={
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "PATH": f"{Path(shutil.which('sh') or '/bin/sh').parent}:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout.splitlines()[-1]))


def test_gnome_keyring_keeps_a_secret(tmp_path: Path) -> None:
    said = in_session(tmp_path, str(tmp_path / "data"), "open", unlock=True)
    assert said == [None, "hunter2 ü", True, 'There is no secret called "lab"']


def test_a_locked_gnome_keyring_is_said_to_be_locked(tmp_path: Path) -> None:
    said = in_session(tmp_path, str(tmp_path / "data"), "lock", unlock=True)
    locked = "The keyring is locked"
    reading = 'Cannot read the secret "lab": the keyring is locked'
    assert said == [locked, reading, locked, reading]


def test_a_gnome_keyring_that_was_never_unlocked_is_said_to_be_locked(tmp_path: Path) -> None:
    said = in_session(tmp_path, str(tmp_path / "data"), "open", unlock=False)
    assert said[0] == "The keyring is locked"
