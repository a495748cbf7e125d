"""When was this computer started, and was it shut down in order before? Asks the operating system, keeps nothing.

Linux: random(4) boot_id, proc(5) btime in /proc/stat, utmp(5) records in wtmp. macOS: sysctl kern.bootsessionuuid.
Windows: GetTickCount64, and the registry value ShutdownTime, which only an orderly shutdown writes.
"""

from __future__ import annotations

import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_STAT = Path("/proc/stat")
WTMP = Path("/var/log/wtmp")

_RECORD = struct.Struct("<h2xi32s4s32s256shhiii4i20x")
_RUN_LEVEL, _BOOT = 1, 2
_SAME_S = 120.0
"""Two boot times that are computed from clock and uptime differ by less than this if they are of the same start."""


@dataclass(frozen=True, slots=True)
class Boot:
    """A start of this computer. id: of this start alone, empty where the system has none; at: seconds since 1970."""

    id: str
    at: float

    def is_same(self, other: Boot) -> bool:
        """Whether both mean the same start."""
        if self.id and other.id:
            return self.id == other.id
        return abs(self.at - other.at) < _SAME_S


def this_boot() -> Boot:
    """The start that this process runs in."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.GetTickCount64.restype = ctypes.c_uint64
        return Boot("", time.time() - ctypes.windll.kernel32.GetTickCount64() / 1000)
    if sys.platform == "darwin":
        return Boot(_mac_session(), time.time() - time.clock_gettime(time.CLOCK_MONOTONIC))
    try:
        lines = _STAT.read_text(encoding="ascii").splitlines()
        at = next(float(line.split()[1]) for line in lines if line.startswith("btime "))
    except (OSError, StopIteration):
        at = time.time() - time.monotonic()
    try:
        return Boot(_BOOT_ID.read_text(encoding="ascii").strip(), at)
    except OSError:
        return Boot("", at)


def was_shut_down_in_order(since: float) -> bool | None:
    """Whether every shutdown after ``since`` (seconds since 1970) was an orderly one; None: the system does not tell."""
    if sys.platform == "win32":
        return _windows_was_shut_down(since)
    try:
        return judge_wtmp(WTMP.read_bytes(), since)
    except OSError:
        return None


def judge_wtmp(records: bytes, since: float) -> bool | None:
    """The same from the bytes of a wtmp file: before every start of the computer there has to be a shutdown."""
    verdict: bool | None = None
    is_down = False
    for start in range(0, len(records) - _RECORD.size + 1, _RECORD.size):
        kind, _, _, _, user, _, _, _, _, seconds, _, *_ = _RECORD.unpack_from(records, start)
        if seconds < since:
            continue
        if kind == _RUN_LEVEL and user.rstrip(b"\0") == b"shutdown":
            is_down = True
        elif kind == _BOOT:
            verdict = is_down and verdict is not False
            is_down = False
    return verdict


def _mac_session() -> str:
    import ctypes

    size = ctypes.c_size_t(64)
    buffer = ctypes.create_string_buffer(size.value)
    found = ctypes.CDLL(None).sysctlbyname(b"kern.bootsessionuuid", buffer, ctypes.byref(size), None, 0)
    return buffer.value.decode("ascii", "replace") if found == 0 else ""


def _windows_was_shut_down(since: float) -> bool | None:
    if sys.platform != "win32":
        return None
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\Windows") as key:
            value = bytes(winreg.QueryValueEx(key, "ShutdownTime")[0])
    except OSError:
        return None
    if len(value) != 8:
        return None
    # a FILETIME: tenths of microseconds since 1601
    return int.from_bytes(value, "little") / 1e7 - 11_644_473_600 >= since
