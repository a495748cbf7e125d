"""secret set|list|delete: hidden, from standard input, never shown."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from servers.command_line import CommandLine


class MemoryKeyring(KeyringBackend):
    """Keeps secrets in a dictionary."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    mine = MemoryKeyring()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_secret_comes_from_standard_input(
    command: CommandLine, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("hunter2 \n"))
    ended = command("secret", "set", "lab")
    assert ended.status == 0 and "hunter2" not in ended.out + ended.err
    assert memory.entries == {("openmsi-desktop", "lab"): "hunter2 "}


def test_a_secret_is_asked_for_without_being_shown(
    command: CommandLine, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda prompt: "hunter2")
    assert command("secret", "set", "lab").status == 0
    assert list(memory.entries.values()) == ["hunter2"]


def test_no_secrets_are_said_to_be_none(command: CommandLine, memory: MemoryKeyring) -> None:
    ended = command("secret", "list")
    assert ended.out == "" and ended.err == "No secrets are stored with this data folder.\n"


def test_names_are_listed_and_deleted(
    command: CommandLine, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("lab", "bucket"):
        monkeypatch.setattr(sys, "stdin", io.StringIO("hunter2"))
        command("secret", "set", name)
    assert command("secret", "list").out == "bucket\nlab\n"
    assert command("secret", "delete", "lab").status == 0
    assert command("secret", "list").out == "bucket\n"
    ended = command("secret", "delete", "lab")
    assert ended.status == 1 and 'no secret called "lab"' in ended.err


def test_an_empty_secret_is_refused(
    command: CommandLine, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    ended = command("secret", "set", "lab")
    assert ended.status == 3 and "The secret is empty" in ended.err and memory.entries == {}


def test_a_secret_is_never_an_argument(command: CommandLine, memory: MemoryKeyring) -> None:
    assert command("secret", "set", "lab", "hunter2").status == 2
