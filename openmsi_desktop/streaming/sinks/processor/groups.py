"""A program and everything it starts, as one thing that can be ended. POSIX: a session of its own. Windows: a job object.

https://learn.microsoft.com/windows/win32/procthread/job-objects
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any


class Group:
    """A started process and its descendants. Belongs to one thread; close() is always called in the end."""

    def __init__(
        self, arguments: Sequence[str], *, folder: str, environment: Mapping[Any, Any], **streams: Any
    ) -> None:
        """Start it without any shell, with no more open files than its three. streams: as for ``subprocess.Popen``.

        arguments: the first one is the absolute path of the program. folder: where it works.

        Raises:
            OSError: it cannot be started.
        """
        self.process: subprocess.Popen[bytes] = _start(arguments, folder, environment, streams)
        self._job = _job_of(self.process)

    def terminate(self) -> None:
        """Ask all of them to end. On Windows nobody can be asked: they end."""
        if sys.platform == "win32":
            self.kill()
        else:
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End all of them at once. May be called again, also after the first process ended."""
        if sys.platform == "win32":
            _kernel.TerminateJobObject(self._job, 1)
        else:
            self._signal(signal.SIGKILL)

    def close(self) -> None:
        """The first process has ended, or is given up; the others were killed."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=_LAST_WAIT_S)
        if sys.platform == "win32" and self._job is not None:
            _kernel.CloseHandle(self._job)
            self._job = None

    @property
    def has_ended(self) -> bool:
        """Whether the first process has. It stays known to the system until close(), so that its number is nobody else's."""
        return _has_ended(self.process)

    if sys.platform != "win32":

        def _signal(self, number: int) -> None:
            # ESRCH: all are gone. EPERM: only the first is left and has ended (macOS), or they have become somebody else
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


_LAST_WAIT_S = 1.0
"""Seconds for the system to tell how a process ended. It does not tell of one that hangs in a dead network drive."""

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _SUSPENDED, _EXTENDED_LIMITS, _KILL_ON_CLOSE = 0x4, 9, 0x2000

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.CreateJobObjectW.argtypes = [wintypes.LPVOID, wintypes.LPCWSTR]
    _kernel.CreateJobObjectW.restype = wintypes.HANDLE
    _kernel.SetInformationJobObject.argtypes = [wintypes.HANDLE, ctypes.c_int, wintypes.LPVOID, wintypes.DWORD]
    _kernel.AssignProcessToJobObject.argtypes = [wintypes.HANDLE, wintypes.HANDLE]
    _kernel.TerminateJobObject.argtypes = [wintypes.HANDLE, wintypes.UINT]
    _kernel.CloseHandle.argtypes = [wintypes.HANDLE]
    _native = ctypes.WinDLL("ntdll")
    _native.NtResumeProcess.argtypes = [wintypes.HANDLE]

    class _Limits(ctypes.Structure):
        """JOBOBJECT_EXTENDED_LIMIT_INFORMATION, of which only the flags matter here."""

        _fields_ = [
            ("times", ctypes.c_int64 * 2),
            ("flags", wintypes.DWORD),
            ("sizes", ctypes.c_size_t * 2),
            ("processes", wintypes.DWORD),
            ("affinity", ctypes.c_size_t),
            ("classes", wintypes.DWORD * 2),
            ("counters", ctypes.c_uint64 * 6),
            ("memory", ctypes.c_size_t * 4),
        ]

    def _start(
        arguments: Sequence[str], folder: str, environment: Mapping[Any, Any], streams: dict[str, Any]
    ) -> subprocess.Popen[bytes]:
        # suspended, so that it starts nothing before it is in the job
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP | _SUSPENDED
        return subprocess.Popen(arguments, cwd=folder, env=environment, creationflags=flags, **streams)

    def _job_of(process: subprocess.Popen[bytes]) -> int | None:
        """Its processes end with this one, too: whoever is killed closes all handles."""
        job = _kernel.CreateJobObjectW(None, None)
        limits = _Limits(flags=_KILL_ON_CLOSE)
        handle = int(process._handle)  # type: ignore[attr-defined]  # there is no other way to it
        done = (
            job
            and _kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
            and _kernel.AssignProcessToJobObject(job, handle)
        )
        if not done:
            error = ctypes.WinError(ctypes.get_last_error())
            process.kill()
            process.wait()
            if job:
                _kernel.CloseHandle(job)
            raise error
        _native.NtResumeProcess(handle)
        return int(job)

    def _has_ended(process: subprocess.Popen[bytes]) -> bool:
        return process.poll() is not None

else:

    def _start(
        arguments: Sequence[str], folder: str, environment: Mapping[Any, Any], streams: dict[str, Any]
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(arguments, cwd=folder, env=environment, start_new_session=True, **streams)

    def _job_of(process: subprocess.Popen[bytes]) -> int | None:
        return None  # a session needs no handle

    def _has_ended(process: subprocess.Popen[bytes]) -> bool:
        if not hasattr(os, "waitid"):  # macOS before Python 3.13
            return process.poll() is not None
        try:
            return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:  # somebody else has asked for its status
            return process.poll() is not None
