"""Start at login: XDG autostart, the Run key of Windows, or a LaunchAgent of macOS. Knows no Qt.

Sources: Desktop Entry Specification 1.5 ("The Exec key") and Desktop Application Autostart Specification 0.5;
Microsoft, "Run and RunOnce Registry Keys"; launchd.plist(5).
"""

from __future__ import annotations

import configparser
import os
import plistlib
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.places import Places

_ID = "openmsi-desktop"
_LABEL = "org.openmsi.desktop"
_NAME = "OpenMSI Desktop"
_RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
_APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"


class Autostart(Protocol):
    """Where one system keeps what starts at login. May touch the disk: not for the GUI thread."""

    def is_on(self) -> bool:
        """Whether the program is started at login, as far as the system will do what is written there."""

    def turn_on(self, command: Sequence[str]) -> None:
        """Start this program with these arguments from the next login on. Raises OSError."""

    def turn_off(self) -> None:
        """Do not start it. Raises OSError."""


def is_on() -> bool:
    """Whether the program starts at login."""
    return _here().is_on()


def set_on(is_on: bool, *, places: Places, is_hidden: bool) -> None:
    """Start at login, or do not. is_hidden: show only the icon then.

    Raises:
        NeedsYou: the entry cannot be written.
    """
    here = _here()
    try:
        if is_on:
            here.turn_on(command(places, is_hidden=is_hidden))
        else:
            here.turn_off()
    except OSError as error:
        raise NeedsYou(
            "Starting at login could not be changed",
            f"{error}. It stays as it was; what is sent now is not touched. Check the rights of that place and try again.",
        ) from error


def command(places: Places, *, is_hidden: bool) -> list[str]:
    """How to start this program again, as a program and its arguments."""
    start = program()
    start += ["--hidden"] if is_hidden else []
    start += ["--settings", str(places.settings)] if places.settings_chosen else []
    start += ["--data", str(places.data)] if places.data_chosen else []
    return start


def program(environment: Mapping[str, str] = os.environ) -> list[str]:
    """This program: frozen, as an AppImage (which lies elsewhere at each start), or in an environment of Python."""
    if "APPIMAGE" in environment:
        return [environment["APPIMAGE"]]
    if getattr(sys, "frozen", False):
        return [sys.executable]
    silent = Path(sys.executable).with_name("pythonw.exe")  # Windows: without a black window
    return [str(silent) if silent.exists() else sys.executable, "-m", "openmsi_desktop"]


class XdgAutostart:
    """A desktop entry in the autostart folder of the user; it also overrides one that came with a package."""

    def __init__(self, folder: Path, packaged: Sequence[Path] = ()) -> None:
        """folder: the user's. packaged: those of the system."""
        self.file = folder / f"{_ID}.desktop"
        self._packaged = [place / self.file.name for place in packaged]

    def is_on(self) -> bool:
        file = next((f for f in (self.file, *self._packaged) if f.exists()), None)
        if file is None:
            return False
        entry = configparser.RawConfigParser(strict=False, comment_prefixes=("#",), delimiters=("=",))
        try:
            entry.read(file, encoding="utf-8")
        except (OSError, configparser.Error, UnicodeDecodeError):
            return False
        section = "Desktop Entry"
        is_hidden = entry.get(section, "Hidden", fallback="false").lower() == "true"
        is_disabled = entry.get(section, "X-GNOME-Autostart-enabled", fallback="true").lower() == "false"
        return entry.has_option(section, "Exec") and not is_hidden and not is_disabled

    def turn_on(self, command: Sequence[str]) -> None:
        self._write(f"Exec={exec_line(command)}\nX-GNOME-Autostart-enabled=true\n")

    def turn_off(self) -> None:
        if any(file.exists() for file in self._packaged):
            self._write("Hidden=true\n")
        else:
            self.file.unlink(missing_ok=True)

    def _write(self, what: str) -> None:
        head = f"[Desktop Entry]\nType=Application\nName={_NAME}\nIcon={_ID}\nTerminal=false\n"
        _write(self.file, (head + what).encode("utf-8", "surrogateescape"))


def exec_line(command: Sequence[str]) -> str:
    """A program and its arguments as the value of Exec: quoted, then escaped as every value of a desktop entry."""
    return " ".join(_quoted(argument) for argument in command).replace("\\", "\\\\")


def _quoted(argument: str) -> str:
    for special in ("\\", '"', "`", "$"):
        argument = argument.replace(special, f"\\{special}")
    return '"' + argument.replace("%", "%%") + '"'


class Registry(Protocol):
    """Values below HKEY_CURRENT_USER. They raise OSError, but for a value that is not there."""

    def read(self, key: str, name: str) -> str | bytes | None: ...

    def write(self, key: str, name: str, value: str | bytes) -> None: ...

    def delete(self, key: str, name: str) -> None: ...


class RunKey:
    """A value below Run. What a person switched off in the Task Manager lies in a key of its own and counts."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def is_on(self) -> bool:
        try:
            approved = self._registry.read(_APPROVED, _NAME)
            is_disabled = isinstance(approved, bytes) and bool(approved[:1]) and approved[0] % 2 == 1
            return self._registry.read(_RUN, _NAME) is not None and not is_disabled
        except OSError:
            return False

    def turn_on(self, command: Sequence[str]) -> None:
        self._registry.write(_RUN, _NAME, subprocess.list2cmdline(command))
        self._registry.delete(_APPROVED, _NAME)  # a person wants it now, whatever was said before

    def turn_off(self) -> None:
        self._registry.delete(_RUN, _NAME)


class LaunchAgent:
    """A property list in the user's LaunchAgents; launchd reads it at the next login."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / f"{_LABEL}.plist"

    def is_on(self) -> bool:
        try:
            found = plistlib.loads(self.file.read_bytes())
        except (OSError, plistlib.InvalidFileException, ValueError):
            return False
        return bool(found.get("RunAtLoad")) and not found.get("Disabled")

    def turn_on(self, command: Sequence[str]) -> None:
        entry = {
            "Label": _LABEL,
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            "ProcessType": "Interactive",
            "LimitLoadToSessionType": "Aqua",
        }
        _write(self.file, plistlib.dumps(entry))

    def turn_off(self) -> None:
        self.file.unlink(missing_ok=True)


def _write(file: Path, content: bytes) -> None:
    """Whole, or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        fresh.write_bytes(content)
        os.replace(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)


def _here() -> Autostart:
    return _SYSTEMS.get(sys.platform, _xdg)()


def _xdg(environment: Mapping[str, str] = os.environ) -> Autostart:
    config = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    packaged = (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
    return XdgAutostart(config / "autostart", [Path(place) / "autostart" for place in packaged if place])


def _run_key() -> Autostart:
    from openmsi_desktop.gui.windows_registry import WindowsRegistry

    return RunKey(WindowsRegistry())


def _launch_agent() -> Autostart:
    return LaunchAgent(Path.home() / "Library" / "LaunchAgents")


_SYSTEMS: dict[str, Callable[[], Autostart]] = {"win32": _run_key, "darwin": _launch_agent}
