"""The program. Without arguments it is the tray app, otherwise the command line."""

from __future__ import annotations

import gc
import importlib
import sys
import threading
from collections.abc import Collection, Sequence

from openmsi_desktop.arguments import WindowStart, window_start

_COLLECT_EVERY = 50_000
"""New objects after which Python looks for garbage: what loading makes stays, and a thousand files make no cycles."""

_TURN_S = 0.0005
"""A thread that reads and hashes needs Python's lock between two pieces, for moments; one that loads modules, or asks the
journal, would keep it for ten times as long and leave a core idle."""

_BLOCK = 2 * 1024 * 1024
"""The largest block that glibc is to keep for the next one. It learns that when the first one of this size is let go; before,
it gives the memory of each chunk back to the system, and asks for the next one page by page."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and end the process with its exit status."""
    gc.set_threshold(_COLLECT_EVERY)
    sys.setswitchinterval(_TURN_S)
    bytes(_BLOCK)
    from openmsi_desktop.signals import SIGNALS, leave_now

    SIGNALS.install()
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    _accept_any_name()
    start = window_start(arguments, _commands)
    status = _command(arguments) if start is None else _window(start)
    if any(t is not threading.main_thread() for t in threading.enumerate()):
        leave_now(status)  # a thread that waits for the network must not hold the process
    sys.exit(status)


def _command(arguments: Sequence[str]) -> int:
    from openmsi_desktop.cli.app import main

    return main(arguments)


def _commands() -> Collection[str]:
    from openmsi_desktop.cli.app import commands

    return commands()


def _window(start: WindowStart) -> int:
    try:
        begin = importlib.import_module("openmsi_desktop.gui.begin")
    except ImportError as error:
        print(f"The window cannot be opened here ({error}). These are the commands:\n", file=sys.stderr)
        _command(["--help"])
        return 2
    return int(begin.main(start))


def _accept_any_name() -> None:
    """File names may hold bytes that the terminal's encoding does not have; printing must not fail for that."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    main()
