"""Windows: opens files so that others may go on writing, renaming and deleting them, and names them at any length.

https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createfilew
"""

from __future__ import annotations

import os
import sys

_LONG_PATH = 248
"""From here on Windows may want the literal form: MAX_PATH (260) less an 8.3 name, the limit for folders."""


def literal(path: str) -> str:
    """The form of an absolute path that Windows takes as it is: at any length, with any name. Unchanged elsewhere."""
    if sys.platform != "win32" or path.startswith("\\\\?\\"):
        return path
    return f"\\\\?\\UNC\\{path[2:]}" if path.startswith("\\\\") else f"\\\\?\\{path}"


def plain(path: str) -> str:
    """What :func:`literal` or :func:`reachable` was given, as people know it."""
    if sys.platform != "win32" or not path.startswith("\\\\?\\"):
        return path
    return f"\\\\{path[8:]}" if path.startswith("\\\\?\\UNC\\") else path[4:]


def reachable(path: str) -> str:
    """``path``, in its literal form only where Windows would refuse it as too long. Unchanged elsewhere.

    Programs reach long paths without it only where an administrator has allowed that for the computer.
    """
    if sys.platform != "win32" or len(path) < _LONG_PATH:
        return path
    return literal(os.path.abspath(path))


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    READ, APPEND = 0x80000000, 0x4 | 0x100000  # GENERIC_READ; FILE_APPEND_DATA | SYNCHRONIZE
    OPEN_EXISTING, OPEN_ALWAYS = 3, 4
    SEQUENTIAL_SCAN = 0x08000000
    _SHARE_ALL = 0x1 | 0x2 | 0x4  # FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE
    _READ_ATTRIBUTES = 0x80  # FILE_READ_ATTRIBUTES: no share mode of others stands against it
    _NOT_FOLLOWED = 0x00200000  # FILE_FLAG_OPEN_REPARSE_POINT
    _TYPE_DISK = 1
    _BASIC_INFO = 0  # FileBasicInfo
    _UNIX_EPOCH = 116_444_736_000_000_000
    """1970 in steps of 100 ns since 1601."""
    _INVALID = ctypes.c_void_p(-1).value

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.CreateFileW.argtypes = [
        *(wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, wintypes.LPVOID),
        *(wintypes.DWORD, wintypes.DWORD, wintypes.HANDLE),
    ]
    _kernel.CreateFileW.restype = wintypes.HANDLE
    _kernel.GetFileType.argtypes = [wintypes.HANDLE]
    _kernel.GetFileType.restype = wintypes.DWORD
    _kernel.GetFileInformationByHandleEx.argtypes = [wintypes.HANDLE, ctypes.c_int, wintypes.LPVOID, wintypes.DWORD]
    _kernel.GetFileInformationByHandleEx.restype = wintypes.BOOL
    _kernel.CloseHandle.argtypes = [wintypes.HANDLE]

    class _BasicInfo(ctypes.Structure):
        """https://learn.microsoft.com/windows/win32/api/winbase/ns-winbase-file_basic_info"""

        _fields_ = [
            *((name, ctypes.c_int64) for name in ("created", "accessed", "written", "changed")),
            ("attributes", wintypes.DWORD),
        ]

    def open_shared(path: str, access: int, how: int, *, flags: int = 0) -> int:
        """A handle that hinders nobody, not inherited by programs we start. The caller closes it.

        Raises:
            OSError: with ``winerror``.
        """
        handle = _kernel.CreateFileW(reachable(path), access, _SHARE_ALL, None, how, flags, None)
        if handle is None or handle == _INVALID:
            raise ctypes.WinError(ctypes.get_last_error())
        return int(handle)

    def is_on_disk(handle: int) -> bool:
        """It is no device, pipe or console."""
        return bool(_kernel.GetFileType(handle) == _TYPE_DISK)

    def close(handle: int) -> None:
        """Let go of it."""
        _kernel.CloseHandle(handle)

    def changed_ns(path: str) -> int | None:
        """When anything of a file last changed, in nanoseconds since 1970; programs hardly ever put it back.

        ``os.stat`` tells when the file was made instead. Opens the file for a moment, which is too slow for each
        file of a scan. Links are not followed. None if the disk keeps no such time, as FAT does not.

        Raises:
            OSError: with ``winerror``.
        """
        handle = open_shared(path, _READ_ATTRIBUTES, OPEN_EXISTING, flags=_NOT_FOLLOWED)
        try:
            info = _BasicInfo()
            if not _kernel.GetFileInformationByHandleEx(handle, _BASIC_INFO, ctypes.byref(info), ctypes.sizeof(info)):
                raise ctypes.WinError(ctypes.get_last_error())
        finally:
            close(handle)
        return (info.changed - _UNIX_EPOCH) * 100 if info.changed else None
