"""A session of its own with a real gnome-keyring: unlocked, locked, gone."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from servers.parts import eventually, require

_PASSWORD = b"the login password"
_LOCK = """
import secretstorage
collection = secretstorage.get_default_collection(secretstorage.dbus_init())
collection.lock()
assert collection.is_locked()
"""
_UNLOCK = f"""
import secretstorage
from jeepney import DBusAddress, new_method_call
from secretstorage.util import format_secret, open_session
bus = secretstorage.dbus_init()
collection = secretstorage.get_default_collection(bus)
session = open_session(bus)
name = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"  # what its own tools unlock it with
there = DBusAddress("/org/freedesktop/secrets", "org.freedesktop.secrets", name)
password = format_secret(session, {_PASSWORD!r}, "text/plain")
values = (collection.collection_path, password)
bus.send_and_get_reply(new_method_call(there, "UnlockWithMasterPassword", "o(oayays)", values))
assert not secretstorage.get_default_collection(bus).is_locked()
"""


@dataclass(slots=True)
class KeyringSession:
    """Bus and keyring. ``environment`` is for programs that belong to the session."""

    home: Path
    runtime: Path
    environment: dict[str, str] = field(default_factory=dict)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Begin, with the keyring unlocked as a log-in does."""
        reason = "passwords are not fetched from a real keyring; install gnome-keyring and dbus"
        for name in ("gnome-keyring-daemon", "dbus-daemon"):
            require(name, reason)
        self.runtime.mkdir(mode=0o700)
        bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address=unix:path={self.runtime}/bus"],
            stdout=subprocess.PIPE,
        )
        self._processes.append(bus)
        assert bus.stdout
        address = bus.stdout.readline().decode().strip()
        bus.stdout.close()
        self.environment = {"DBUS_SESSION_BUS_ADDRESS": address, "XDG_RUNTIME_DIR": str(self.runtime)}
        self._processes.append(self._daemon("--foreground", "--unlock", "--components=secrets"))
        eventually((self.runtime / "keyring" / "control").exists, timeout_s=15, what="the keyring answers")

    def lock(self) -> None:
        """As after some idle time, or by hand. Nobody can be asked for the password here."""
        self._ask(_LOCK)

    def unlock(self) -> None:
        """The right password is given."""
        self._ask(_UNLOCK)

    def close(self) -> None:
        """The session ends."""
        for process in reversed(self._processes):
            process.terminate()
            process.wait(10)

    def _ask(self, script: str) -> None:
        subprocess.run([sys.executable, "-c", script], env=os.environ | self.environment, check=True)

    def _daemon(self, *options: str) -> subprocess.Popen[bytes]:
        daemon = subprocess.Popen(
            ["gnome-keyring-daemon", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | self.environment | {"HOME": str(self.home)},
        )
        assert daemon.stdin
        daemon.stdin.write(_PASSWORD)
        daemon.stdin.close()
        return daemon
