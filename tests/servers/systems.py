"""What a test needs of the operating system, and why it is left out where it is not had.

docs/windows.md lists the reasons; tests/windows/test_page.py holds both together.
"""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path

import pytest

ON_WINDOWS = sys.platform == "win32"


class Needs(StrEnum):
    """Why a test is left out on Windows, or under wine; shown as it is, also in docs/windows.md."""

    MODES = "needs rights as modes and user numbers; Windows has access lists"
    NAMES = "needs names that Windows cannot have"
    LINKS = "needs symbolic links; wine makes none, Windows only for administrators"
    SIGNALS = "needs signals; Windows ends programs in another way"
    TERMINALS = "needs pseudo-terminals or the way POSIX closes pipes"
    POSIX_CALLS = "tests a way of doing things that only POSIX systems have"
    LINUX = "needs Linux: mounts, /proc or inotify"
    EVENTS = "needs events about changes in subfolders, which wine does not announce"
    MADE_TIME = "needs the time a file was made, which wine does not keep"
    REMOVES_OPEN = "needs to remove or replace a file that this program holds open"
    OTHER_SERVERS = "needs programs that run beside wine: Apache Kafka, OpenMSIStream, a Linux keyring"
    CASE = "needs a disk on which a.xy and A.xy are two files"


def allocated_bytes(file: Path) -> int:
    """What a file takes on the disk, which is less than its size where it is sparse."""
    if sys.platform != "win32":
        return os.stat(file).st_blocks * 512
    import ctypes
    import msvcrt

    standard_info = (ctypes.c_int64 * 3)()  # FILE_STANDARD_INFO begins with AllocationSize
    with file.open("rb") as opened:
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(opened.fileno()))
        assert ctypes.WinDLL("kernel32").GetFileInformationByHandleEx(handle, 1, standard_info, 24)
    return standard_info[0]


def not_on_windows(needs: Needs) -> pytest.MarkDecorator:
    """Mark a test or module that cannot run on Windows."""
    return pytest.mark.skipif(ON_WINDOWS, reason=needs)
