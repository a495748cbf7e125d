"""Programs that outlived us: when we are killed, those that we had started go on. They are known by their environment.

Linux only. On Windows they end with us (see :mod:`groups`); on macOS they go on to their end.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

_VARIABLE = b"OPENMSI_OUTPUT_DIR="


def end_those_in(places: Sequence[str]) -> None:
    """End every process of ours, and of this user, that works in one of these working places."""
    if sys.platform != "linux":
        return
    wanted = tuple(_VARIABLE + os.fsencode(place) + b"/" for place in places)
    own = os.getuid()
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        with suppress(OSError):  # gone meanwhile, or somebody else's
            if os.stat(f"/proc/{name}").st_uid != own:
                continue
            with open(f"/proc/{name}/environ", "rb") as file:
                variables = file.read().split(b"\0")
            if any(variable.startswith(wanted) for variable in variables):
                os.kill(int(name), signal.SIGKILL)
