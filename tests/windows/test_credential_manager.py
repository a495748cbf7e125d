"""Secrets in Windows' own store, the Credential Manager."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import secrets
from pathlib import Path

import keyring
import pytest
from keyring.backends.Windows import WinVaultKeyring

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.credentials import Credentials


@pytest.mark.parametrize("secret", ["hunter2", "geheim-ü-€-пароль", "x" * 1200, " spaces "])
def test_a_secret_is_kept_found_and_removed(tmp_path: Path, secret: str) -> None:
    assert isinstance(keyring.get_keyring(), WinVaultKeyring)
    name = f"test-{secrets.token_hex(8)}"
    Credentials(tmp_path, environment={}).store(name, secret)
    try:
        assert Credentials(tmp_path, environment={}).secret(name) == secret
        assert Credentials(tmp_path, environment={}).names() == [name]
        assert secret.encode() not in b"".join(f.read_bytes() for f in tmp_path.rglob("*") if f.is_file())
    finally:
        assert Credentials(tmp_path, environment={}).delete(name)
    with pytest.raises(NeedsYou, match="no secret called"):
        Credentials(tmp_path, environment={}).secret(name)
