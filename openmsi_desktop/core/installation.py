"""The identity of this installation: a random number that survives a lost journal.

It goes into the header of every message, so that readers can tell two computers apart that send
the same path. A data folder that was copied to another machine (a cloned disk) gets a new one.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import sys
import uuid
from pathlib import Path

from openmsi_desktop.core import durable
from openmsi_desktop.core.errors import DiskFull, NeedsYou, is_full

FILE_NAME = "installation"
_IDENTITY = re.compile("[0-9a-f]{32}")


def installation_id(data: Path, *, machine: str | None = None) -> str:
    """32 hex digits for the data folder ``data``; made and stored at the first call.

    machine: identity of the machine, found out if left away.

    Raises:
        NeedsYou: the data folder cannot be written.
    """
    machine = machine_id() if machine is None else machine
    file = data / FILE_NAME
    try:
        stored = _stored(file)
        if stored is not None and stored[1:] == [machine]:
            return stored[0]
        fresh = secrets.token_hex(16)
        data.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(f".{os.getpid()}.tmp")
        try:
            with temporary.open("w", encoding="ascii") as writer:
                writer.write(f"{fresh} {machine}\n")
                writer.flush()
                durable.sync_file(writer.fileno())
            if stored is None and (first := _put_first(temporary, file)) is not None:
                return first
            if stored is not None:
                os.replace(temporary, file)
        finally:
            temporary.unlink(missing_ok=True)
        durable.sync_folder(data)
    except OSError as error:
        raise _unusable(data, error) from error
    return fresh


def _stored(file: Path) -> list[str] | None:
    """The identity and the machine, or [] if the file holds something else (a power cut can leave it empty); None: no file."""
    try:
        words = file.read_bytes().decode("ascii").split()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return []
    return words if len(words) == 2 and _IDENTITY.fullmatch(words[0]) else []


def _put_first(temporary: Path, file: Path) -> str | None:
    """Put the file in its place; if another process was faster: its identity."""
    try:
        os.link(temporary, file)
    except FileExistsError:
        if words := _stored(file):
            return words[0]
        os.replace(temporary, file)
    except OSError:  # a file system without hard links
        os.replace(temporary, file)
    return None


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


def _unusable(data: Path, error: OSError) -> NeedsYou | DiskFull:
    if is_full(error):
        return DiskFull(
            f"The disk of the data folder {data} is full", "Free some space there; it goes on by itself.", path=data
        )
    return NeedsYou(f"Cannot use the data folder {data}", f"{error}. Choose another one with --data.", path=data)
