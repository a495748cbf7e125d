"""A real screen without a monitor: Xvfb, a window manager, a place for tray icons, a session bus; mouse and keys by xdotool.

Nothing of it belongs to whoever runs the tests: display, bus, runtime folder and home are the screen's own.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from servers.parts import eventually, require

WIDTH, HEIGHT = 1280, 800
_PROGRAMS = ("Xvfb", "openbox", "trayer", "xdotool", "wmctrl", "import", "dbus-daemon")
_PATIENCE_S = 30.0


@dataclass(slots=True)
class Screen:
    """Use start() and close(). ``environment`` is for programs that are to be seen on it."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _tray: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Switch it on: an empty desktop without a place for tray icons."""
        for name in _PROGRAMS:
            require(name, "no window is seen on a real screen; tools/setup installs what that takes")
        runtime, home = self.folder / "runtime", self.folder / "home"
        runtime.mkdir(mode=0o700, parents=True)
        home.mkdir()
        display = self._first_line(
            ["Xvfb", "-displayfd", "1", "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"], {}
        )
        bus = self._first_line(
            ["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address=unix:path={runtime}/bus"], {}
        )
        self.environment = {
            "DISPLAY": f":{display}",
            "DBUS_SESSION_BUS_ADDRESS": bus,
            "XDG_RUNTIME_DIR": str(runtime),
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
            "QT_QPA_PLATFORM": "xcb",
            "LC_ALL": "C.UTF-8",
        }
        self._processes.append(self._run(["openbox"]))
        eventually(lambda: "Openbox" in self.ask("wmctrl", "-m"), timeout_s=_PATIENCE_S, what="the window manager")

    def close(self) -> None:
        """Switch it off."""
        self.stop_tray()
        for process in reversed(self._processes):
            process.terminate()
            process.wait(10)

    # -- the place for tray icons

    def start_tray(self) -> None:
        """Put it into the upper right corner."""
        if self._tray is None:
            self._tray = self._run(
                ["trayer", "--edge", "top", "--align", "right", "--widthtype", "request", "--height", "28"]
            )
            eventually(lambda: bool(self.find("panel")), timeout_s=_PATIENCE_S, what="the place for icons")

    def stop_tray(self) -> None:
        """It is gone, as after a crash of the desktop's panel."""
        tray, self._tray = self._tray, None
        if tray is not None:
            tray.kill()
            tray.wait(10)

    def icons(self) -> int:
        """Width of the icons that are shown there, in pixels; 0 or 1: none."""
        found = self.find("panel")
        if self._tray is None or not found:
            return 0
        size = re.search(r"Geometry: (\d+)x(\d+)", self.ask("xdotool", "getwindowgeometry", found[0]))
        width = int(size[1]) if size else 0
        return width if width > 8 else 0

    def click_icon(self, button: int = 1) -> None:
        """Click the only tray icon. button: 1 left, 3 right."""
        eventually(lambda: self.icons() > 0, timeout_s=_PATIENCE_S, what="a tray icon")
        self.click(WIDTH - self.icons() // 2, 14, button)

    # -- windows, mouse and keys

    def find(self, name: str) -> list[str]:
        """Numbers of the visible windows whose name, or class, contains a word."""
        found = [self.ask("xdotool", "search", "--onlyvisible", how, name).split() for how in ("--name", "--class")]
        return list(dict.fromkeys(number for numbers in found for number in numbers))

    def titles(self) -> list[str]:
        """Titles of the windows that the window manager shows (or has minimised)."""
        lines = self.ask("wmctrl", "-l").splitlines()
        return [line.split(None, 3)[3] for line in lines if len(line.split(None, 3)) == 4]

    def is_shown(self, title: str) -> bool:
        """A window of exactly that title (without the name of the program behind it) is on the screen."""
        return bool(self.ask("xdotool", "search", "--onlyvisible", "--name", f"^{re.escape(title)}$").split())

    def wait_for(self, title: str, *, timeout_s: float = _PATIENCE_S) -> None:
        """Wait until a window of exactly that title is on the screen."""
        eventually(lambda: self.is_shown(title), timeout_s=timeout_s, what=f"the window {title}; {self.titles()}")

    def close_window(self, title: str) -> None:
        """Press its close button."""
        self.ask("wmctrl", "-F", "-c", self._in_full(title))

    def activate(self, title: str) -> None:
        """Bring it to the front and give it the keyboard."""
        self.ask("wmctrl", "-F", "-a", self._in_full(title))

    def _in_full(self, title: str) -> str:
        """Qt puts the name of the program behind the titles of its windows."""
        return next((t for t in self.titles() if t.startswith(f"{title} — ")), title)

    def place(self, title: str, x: int, y: int, width: int, height: int) -> None:
        """Move a window and give it a size."""
        self.ask("wmctrl", "-F", "-r", self._in_full(title), "-e", f"0,{x},{y},{width},{height}")

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Go there and click."""
        self.ask("xdotool", "mousemove", str(x), str(y), "click", str(button))

    def press(self, *keys: str) -> None:
        """Press keys by their X names, such as ``Return`` or ``ctrl+q``."""
        self.ask("xdotool", "key", "--delay", "60", *keys)

    def type(self, text: str) -> None:
        """Type a text into what has the focus."""
        self.ask("xdotool", "type", "--delay", "20", text)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag with the left button, as slowly as drag and drop between programs needs it."""
        (x, y), (to_x, to_y) = start, end
        moves = [f"mousemove {x} {y} mousedown 1 sleep 0.15"]
        for step in range(1, 13):
            moves.append(f"mousemove {x + (to_x - x) * step // 12} {y + (to_y - y) * step // 12} sleep 0.06")
        self.ask("xdotool", *" ".join([*moves, "sleep 0.3 mouseup 1"]).split())

    def picture(self, file: Path) -> Path:
        """The whole screen as it is now, to be looked at."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self.ask("import", "-window", "root", str(file))
        return file

    # -- programs

    def run(self, command: Sequence[str | Path], **more: str) -> subprocess.Popen[bytes]:
        """Start a program on it; whoever starts it ends it. more: further variables of its environment."""
        return self._run([str(part) for part in command], more)

    def ask(self, *command: str) -> str:
        """What a tool says; empty where it finds nothing."""
        done = subprocess.run(command, env=os.environ | self.environment, capture_output=True, timeout=30, check=False)
        return done.stdout.decode(errors="replace")

    def _run(self, command: Sequence[str], more: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            env=os.environ | self.environment | (more or {}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _first_line(self, command: Sequence[str], environment: dict[str, str]) -> str:
        process = subprocess.Popen(
            command, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._processes.append(process)
        assert process.stdout
        line = process.stdout.readline().decode().strip()
        process.stdout.close()
        assert line, f"{command[0]} does not start"
        return line


@dataclass(slots=True)
class Application:
    """Our program with its window, started as people start it."""

    screen: Screen
    settings: Path
    data: Path
    _runs: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        """Start it; a second time: beside the first one."""
        command = [sys.executable, "-m", "openmsi_desktop", "--settings", self.settings, "--data", self.data]
        with (self.data.parent / "standard-error.txt").open("ab") as errors:
            run = subprocess.Popen(
                [*map(str, command), *map(str, arguments)],
                env=os.environ | self.screen.environment,
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
            )
        self._runs.append(run)
        return run

    def said(self) -> str:
        """What it wrote to standard error, and into its log."""
        files = [self.data.parent / "standard-error.txt", *sorted(self.data.rglob("*.log"))]
        return "\n".join(f.read_text(errors="replace") for f in files if f.exists())

    def close(self) -> None:
        """End all that run."""
        for run in self._runs:
            if run.poll() is None:
                run.send_signal(signal.SIGTERM)
            try:
                run.wait(10)
            except subprocess.TimeoutExpired:
                run.kill()
                run.wait(10)
