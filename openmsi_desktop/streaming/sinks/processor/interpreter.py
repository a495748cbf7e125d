"""The Python interpreter that a class runs in."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.settings import Processor

_IN_ENVIRONMENT = ("bin/python", "python.exe", "Scripts/python.exe", "bin/python3")


def interpreter(described: Processor, variables: Mapping[str, str]) -> str:
    """Absolute path of what ``python`` names: a program, a name to be found in PATH, or the folder of an environment.

    Raises:
        NeedsYou: there is none.
    """
    wanted = os.path.expanduser(described.python)
    wait = f"{described.name} cannot be started; the files wait, and it goes on by itself."
    if not wanted:
        if getattr(sys, "frozen", False) or not sys.executable:
            raise NeedsYou(
                "This program has no Python for classes",
                f'Install Python 3.9 or newer, and name its interpreter as "python". {wait}',
            )
        return sys.executable
    if os.path.isdir(wanted):
        found = next((path for name in _IN_ENVIRONMENT if os.path.exists(path := os.path.join(wanted, name))), None)
        if found is None:
            raise NeedsYou(
                f"There is no Python in the folder {wanted}",
                f"Name the folder of an environment (made by venv or conda), or the interpreter itself. {wait}",
                path=wanted,
            )
        wanted = found
    elif (in_path := shutil.which(wanted, path=variables.get("PATH"))) is not None:
        wanted = in_path
    elif not os.path.exists(wanted):
        raise NeedsYou(
            f"The Python interpreter {described.python} is missing",
            f"Correct python in the settings, or install it. {wait}",
            path=wanted,
        )
    else:
        raise NeedsYou(
            f"{described.python} is not a program",
            f"Name a Python interpreter as python in the settings, for example …/bin/python. {wait}",
            path=wanted,
        )
    return os.path.abspath(wanted)
