"""Opens files as programs on Windows do: with every kind of access, and letting others do what they choose."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import wintypes
from pathlib import Path

READ, WRITE, APPEND, DELETE = 0x80000000, 0x40000000, 0x4, 0x10000
"""GENERIC_READ, GENERIC_WRITE, FILE_APPEND_DATA, DELETE: https://learn.microsoft.com/windows/win32/fileio/file-access-rights-constants"""
SHARE_READ, SHARE_WRITE, SHARE_DELETE = 1, 2, 4
OPEN_EXISTING, OPEN_ALWAYS = 3, 4
SHARING_VIOLATION = 32

_kernel = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel.CreateFileW.argtypes = [
    *(wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, wintypes.LPVOID),
    *(wintypes.DWORD, wintypes.DWORD, wintypes.HANDLE),
]
_kernel.CreateFileW.restype = wintypes.HANDLE
_kernel.WriteFile.argtypes = [
    *(wintypes.HANDLE, wintypes.LPCVOID, wintypes.DWORD),
    *(wintypes.LPDWORD, wintypes.LPVOID),
]
_kernel.CloseHandle.argtypes = [wintypes.HANDLE]


@contextmanager
def opened(path: Path, access: int, share: int, *, how: int = OPEN_EXISTING) -> Iterator[int]:
    """A handle. access: what we want to do; share: what others may do meanwhile.

    Raises:
        OSError: with ``winerror``.
    """
    handle = _kernel.CreateFileW(str(path), access, share, None, how, 0x80, None)
    if handle in (None, ctypes.c_void_p(-1).value):
        raise ctypes.WinError(ctypes.get_last_error())
    try:
        yield handle
    finally:
        _kernel.CloseHandle(handle)


def write(handle: int, data: bytes) -> None:
    """Write at the handle's position. Raises OSError."""
    done = wintypes.DWORD()
    if not _kernel.WriteFile(handle, data, len(data), ctypes.byref(done), None):
        raise ctypes.WinError(ctypes.get_last_error())
    assert done.value == len(data)
