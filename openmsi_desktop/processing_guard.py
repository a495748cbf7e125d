"""Ends a worker that nobody needs or that takes too much memory, and tells how much it takes. Python 3.9 and nothing else."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time

EVERY_S = 0.5
"""Seconds between two looks."""

TOO_MUCH_MEMORY = 83
"""Exit status of a worker that went beyond its limit."""

_MOST_WANTED = "800"
"""Of 1000: when memory runs out, the kernel shall end this process rather than the streams."""


def watch(memory_limit: int, printed: int, scratch: str) -> None:
    """From now on: end with the program that started this, and when more than ``memory_limit`` bytes are taken (0: never).

    scratch: a folder of this process, which nobody else removes when that program was killed.
    """
    if sys.platform.startswith("linux"):
        try:
            with open("/proc/self/oom_score_adj", "w") as score:
                score.write(_MOST_WANTED)
        except OSError:
            pass  # a container may not allow it
    parent = os.getppid()

    def look() -> None:
        while True:
            time.sleep(EVERY_S)
            if os.name == "posix" and os.getppid() != parent:
                shutil.rmtree(scratch, ignore_errors=True)
                end(1)
            if memory_limit and memory() > memory_limit:
                os.write(printed, b"\nToo much memory was taken; the process was ended.\n")
                end(TOO_MUCH_MEMORY)

    threading.Thread(target=look, name="guard", daemon=True).start()


def end_within(seconds: float) -> None:
    """End even if what follows hangs."""
    timer = threading.Timer(seconds, end, [1])
    timer.daemon = True
    timer.start()


def end(status: int) -> None:
    """End at once, and whatever the class started in this process group, too."""
    if os.name == "posix" and os.getpgid(0) == os.getpid() and status != TOO_MUCH_MEMORY:
        os.killpg(0, signal.SIGKILL)
    os._exit(status)


def memory() -> int:
    """Bytes of memory this process occupies now (where only the most so far is known, that); 0 if nothing is known."""
    if sys.platform.startswith("linux"):
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    if sys.platform == "win32":
        return _on_windows()
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _on_windows() -> int:
    """PROCESS_MEMORY_COUNTERS.WorkingSetSize of GetProcessMemoryInfo."""
    import ctypes

    class Counters(ctypes.Structure):
        _fields_ = [("cb", ctypes.c_uint32), ("PageFaultCount", ctypes.c_uint32)] + [
            (name, ctypes.c_size_t)
            for name in ("Peak", "WorkingSetSize", "a", "b", "c", "d", "PagefileUsage", "PeakPagefileUsage")
        ]

    counters = Counters(cb=ctypes.sizeof(Counters))
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    look = kernel.K32GetProcessMemoryInfo
    look.argtypes = [ctypes.c_void_p, ctypes.POINTER(Counters), ctypes.c_uint32]
    return int(counters.WorkingSetSize) if look(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.cb) else 0
