"""Hands that cannot see: they find controls of a running program by role and name, and press them (AT-SPI)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from servers.parts import eventually, require

_DEBIAN_PYTHON = "/usr/bin/python3"
_LAUNCHER = Path("/usr/libexec/at-spi-bus-launcher")
_DRIVER = Path(__file__).with_name("accessibility_driver.py")
_PATIENCE_S = 60.0

BUTTON = ("push button", "button")
FIELD = ("text", "entry", "password text", "editable text", "spin button")
BOX = ("check box", "radio button")
CELL = ("table cell", "list item", "tree item")
COMBO = ("combo box",)
"""Its name is what is chosen in it (so Qt says on X11)."""
LABEL = ("label", "static")
TAB = ("page tab",)


@dataclass(slots=True)
class Hands:
    """Use start() and close(). environment: that of the screen, with its session bus."""

    environment: Mapping[str, str]
    program: str = "openmsi-desktop"
    window: str = ""
    """Only in windows with this in their title; empty: in all."""
    _bus: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _driver: subprocess.Popen[str] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start what carries the messages between programs and screen readers."""
        has_library = subprocess.run([_DEBIAN_PYTHON, "-c", "import pyatspi"], capture_output=True, check=False)
        is_there = _LAUNCHER.exists() and has_library.returncode == 0
        reason = "no program is driven by its accessible names; tools/setup installs at-spi2-core and python3-pyatspi"
        require("at-spi", reason, found=is_there)
        self._bus = subprocess.Popen([str(_LAUNCHER), "--launch-immediately"], env=dict(self.environment))
        self._driver = subprocess.Popen(
            [_DEBIAN_PYTHON, str(_DRIVER)],
            env=dict(self.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """Stop it."""
        for process in (self._driver, self._bus):
            if process is not None:
                process.terminate()
                process.wait(10)
                for pipe in (process.stdin, process.stdout):
                    if pipe is not None:
                        pipe.close()

    # -- what they do

    def press(self, name: str, role: tuple[str, ...] = BUTTON, *, timeout_s: float = _PATIENCE_S) -> None:
        """Press a button, tick a box, open a tab: the first that is shown with that name and can be used."""
        self.wait_for(name, role, is_enabled=True, timeout_s=timeout_s)
        self._ask("press", role, name)

    def type(self, name: str, text: str, *, timeout_s: float = _PATIENCE_S) -> None:
        """Put a text into a field."""
        self.wait_for(name, FIELD, timeout_s=timeout_s)
        self._ask("type", FIELD, name, text=text)

    def place_of(self, name: str, role: tuple[str, ...], *, timeout_s: float = _PATIENCE_S) -> tuple[int, int]:
        """The middle of it on the screen, in pixels, for the mouse."""
        x, y = self.wait_for(name, role, timeout_s=timeout_s)["middle"]
        return x, y

    def choose(self, name: str, role: tuple[str, ...] = CELL, *, timeout_s: float = _PATIENCE_S) -> None:
        """Select an entry of a list."""
        self.wait_for(name, role, timeout_s=timeout_s)
        self._ask("choose", role, name)

    def wait_for(
        self, name: str, role: tuple[str, ...], *, is_enabled: bool = False, timeout_s: float = _PATIENCE_S
    ) -> dict[str, Any]:
        """Wait until something with that role and name is shown; stars stand for anything. What it is like."""
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            found[:] = [f for f in self.find(name, role) if f["enabled"] or not is_enabled]
            return bool(found)

        eventually(is_there, timeout_s=timeout_s, what=f"{role[0]} {name!r} in:\n{self.tree()}")
        return found[0]

    def find(self, name: str | None, role: tuple[str, ...]) -> list[dict[str, Any]]:
        """Everything shown with that role and name: role, name, text, enabled, checked, focused."""
        return self._ask("find", role, name) or []

    def tree(self) -> str:
        """What is shown, for whoever looks for a mistake."""
        lines = self._ask("tree", (), None) or []
        return "\n".join(f"{'  ' * depth}{role} {name!r}" for depth, role, name in lines)

    def _ask(self, do: str, role: tuple[str, ...], name: str | None, **more: str) -> Any:
        assert self._driver is not None and self._driver.stdin is not None and self._driver.stdout is not None
        command = {"do": do, "program": self.program, "window": self.window, "role": role, "name": name, **more}
        self._driver.stdin.write(json.dumps(command) + "\n")
        self._driver.stdin.flush()
        answer = json.loads(self._driver.stdout.readline())
        if "error" in answer:  # a window that closes while it is read; the next look sees how it is
            return None
        return answer["answer"]
