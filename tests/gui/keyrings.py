"""Keyrings in memory, for windows: one that works, one that is locked, none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked

from openmsi_desktop.credentials import Credentials
from openmsi_desktop.gui.desktop import Desktop


class Memory(KeyringBackend):
    """Keeps secrets for a test; ``is_locked`` like one whose owner has not logged in."""

    priority = 1
    name = "Test Keyring"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.secrets: dict[str, str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._look()
        return self.secrets.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._look()
        self.secrets[username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._look()
        del self.secrets[username]

    def _look(self) -> None:
        if self.is_locked:
            raise KeyringLocked("nobody is there to unlock it")


def with_keyring(desktop: Desktop, backend: KeyringBackend | None = None) -> Desktop:
    """The same with this keyring; with none at all if left away."""
    found = backend or NoKeyring()  # type: ignore[no-untyped-call]
    credentials = Credentials(desktop.places.data, environment={}, backend=lambda: found)
    return replace(desktop, credentials=credentials)


def files_below(folder: Path) -> dict[Path, bytes]:
    """Every file and its bytes."""
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
