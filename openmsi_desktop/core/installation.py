"""The identity of this installation: a random number that survives a lost journal.

It goes into the header of every message, so that readers can tell two computers apart that send
the same path. A data folder that was copied to another machine (a cloned disk) gets a new one.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
import uuid
from pathlib import Path

from openmsi_desktop.core.errors import NeedsYou

FILE_NAME = "installation"


def installation_id(data: Path, *, machine: str | None = None) -> str:
    """32 hex digits for the data folder ``data``; made and stored at the first call.

    machine: identity of the machine, found out if left away.

    Raises:
        NeedsYou: the data folder cannot be written.
    """
    machine = machine_id() if machine is None else machine
    file = data / FILE_NAME
    try:
        stored = file.read_text(encoding="ascii").split()
    except (FileNotFoundError, UnicodeDecodeError):
        stored = []
    except OSError as error:
        raise _unusable(data, error) from error
    if len(stored) == 2 and len(stored[0]) == 32 and stored[1] == machine:
        return stored[0]
    fresh = secrets.token_hex(16)
    try:
        data.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(f"{fresh} {machine}\n", encoding="ascii")
        if stored:
            os.replace(temporary, file)
            return fresh
        try:
            os.link(temporary, file)  # the first of two processes wins
        except FileExistsError:
            return file.read_text(encoding="ascii").split()[0]
        except OSError:
            os.replace(temporary, file)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise _unusable(data, error) from error
    return fresh


def exists(data: Path) -> bool:
    """Whether this data folder has been used before."""
    return (data / FILE_NAME).exists()


def machine_id() -> str:
    """A digest that is the same on every start of this machine and differs on others."""
    return hashlib.sha256(_raw_machine_id().encode()).hexdigest()[:16]


def _raw_machine_id() -> str:
    if sys.platform == "win32":
        import winreg

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
    for name in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            text = Path(name).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if text:
            return text
    return f"{uuid.getnode():x}"


def _unusable(data: Path, error: OSError) -> NeedsYou:
    return NeedsYou(f"Cannot use the data folder {data}", f"{error}. Choose another one with --data.", path=data)
