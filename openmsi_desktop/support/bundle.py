"""Gathers the bundle: settings, versions, what the journal knows of tasks, and the logs. Names of files are in it, contents are not."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from openmsi_desktop import __version__
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.core.journal import FILE_NAME, Journal
from openmsi_desktop.core.listing import counts_of
from openmsi_desktop.credentials import Credentials
from openmsi_desktop.places import Places
from openmsi_desktop.support.redact import Redactor

MOST_BYTES = 20_000_000
"""The bundle is never bigger; of logs the newest lines stay."""
_LOG_BYTES = 5_000_000
_PROBLEMS = 500
_LIBRARIES = (
    "confluent-kafka", "PySide6-Essentials", "keyring", "watchdog", "boto3", "kafkacrypto", "pydantic", "msgpack",
    "xxhash", "pathspec", "platformdirs", "tomlkit", "typer", "rich",
)  # fmt: skip


@dataclass(slots=True)
class Written:
    """What became of it. left_out: what could not be had, and why. unread: names of secrets that could not be looked up."""

    file: Path
    size: int = 0
    left_out: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def file_name(now: float) -> str:
    """A name that says which computer and when."""
    host = "".join(c if c.isalnum() or c in "-_" else "-" for c in platform.node()) or "computer"
    return f"openmsi-desktop-support-{host}-{datetime.fromtimestamp(now):%Y%m%d-%H%M%S}.zip"


def write_bundle(
    target: Path,
    places: Places,
    *,
    credentials: Credentials | None = None,
    environment: Mapping[str, str] = os.environ,
    now: Callable[[], float] = time.time,
) -> Written:
    """Write the zip file ``target``. Takes seconds and asks the keyring: not for a GUI thread.

    Raises:
        NeedsYou: it cannot be written there.
    """
    written = Written(target)
    hide = Redactor(_secrets(places, credentials or Credentials(places.data), environment, written))
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as bundle:
            room = MOST_BYTES
            for name, text in _texts(places, environment, written, now()):
                content = hide(text).encode("utf-8", "backslashreplace")[-max(0, room) :]
                room -= len(content)
                bundle.writestr(name, content)
            bundle.writestr("left-out.txt", hide("\n".join(written.left_out)) + "\n")
        os.replace(temporary, target)
    except OSError as error:
        raise NeedsYou(
            f"Cannot write {target}", f"{error.strerror}. Choose another folder; nothing else has changed.", path=target
        ) from error
    finally:
        if temporary.exists():
            temporary.unlink()
    written.size = target.stat().st_size
    return written


def _secrets(
    places: Places, credentials: Credentials, environment: Mapping[str, str], written: Written
) -> Iterator[str]:
    """Everything that must not be in it, as far as it can be looked up: the patterns of redact.py catch the rest."""
    for name in credentials.names():
        try:
            yield credentials.secret(name)
        except OpenMSIError as error:
            written.unread.append(name)
            written.left_out.append(f"the secret {name} could not be looked up to take it out: {error.title}")
    yield from (value for name, value in environment.items() if name.startswith("OPENMSI_SECRET_") and value)


def _texts(places: Places, environment: Mapping[str, str], written: Written, now: float) -> Iterator[tuple[str, str]]:
    yield "about.json", json.dumps(_about(places, environment, now), indent=1)
    parts: list[tuple[str, Callable[[], str]]] = [
        ("settings.toml", lambda: _tail(places.settings)),
        ("tasks.json", lambda: _tasks(places)),
    ]
    logs = sorted(places.logs.glob("*.log*"), key=lambda file: file.stat().st_mtime, reverse=True)
    parts += [(f"logs/{file.name}", lambda file=file: _tail(file)) for file in logs]  # type: ignore[misc]
    for name, read in parts:
        try:
            yield name, read()
        except (OSError, OpenMSIError) as error:
            written.left_out.append(f"{name}: {error}")


def _tail(file: Path) -> str:
    with open(file, "rb") as opened:
        opened.seek(max(0, file.stat().st_size - _LOG_BYTES))
        return opened.read().decode("utf-8", "backslashreplace")


def _about(places: Places, environment: Mapping[str, str], now: float) -> dict[str, object]:
    """The program, the computer, and where everything lies."""
    return {
        "program": __version__,
        "python": sys.version,
        "frozen": bool(getattr(sys, "frozen", False)),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "time": datetime.fromtimestamp(now, UTC).isoformat(),
        "zone": time.strftime("%z %Z"),
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "settings": str(places.settings),
        "data": str(places.data),
        "logs": str(places.logs),
        "data_files": _sizes(places.data),
        "free_bytes": free_bytes(places.data),
        "variables": sorted(
            name for name in environment if name.startswith(("OPENMSI_", "QT_", "XDG_", "LANG", "LC_"))
        ),
    }


def _sizes(folder: Path) -> dict[str, int]:
    """Of the files of a folder; some may go meanwhile."""
    out = {}
    for file in sorted(folder.glob("*")):
        with contextlib.suppress(OSError):
            if file.is_file():
                out[file.name] = file.stat().st_size
    return out


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def free_bytes(folder: Path) -> int | None:
    """Room on the disk of a folder, which need not exist yet; None where nothing of it does."""
    there = next((p for p in (folder, *folder.parents) if p.exists()), None)
    return None if there is None else shutil.disk_usage(there).free


def _tasks(places: Places) -> str:
    """What the journal says of tasks: states, counts and problems."""
    path = places.data / FILE_NAME
    if not path.exists():
        return "[]"
    journal = Journal(path)
    try:
        out = [
            {
                "key": task.key,
                "kind": task.kind,
                "name": task.name,
                "state": task.state.value,
                "title": task.title,
                "advice": task.advice,
                "paused_until": task.paused_until,
                "counts": {state.value: number for state, number in counts_of(journal, task.key).items()},
                "problems": [
                    {"path": p.path, "title": p.title, "advice": p.advice, "count": p.count, "first": p.first_at}
                    for p in journal.problems(task.key)[:_PROBLEMS]
                ],
            }
            for task in journal.tasks()
        ]
    finally:
        journal.close()
    return json.dumps(out, indent=1, ensure_ascii=False)
