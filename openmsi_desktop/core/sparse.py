"""Files with holes: on Windows a file has none unless one asks, and the bytes before a far chunk would be written as zeros.

https://learn.microsoft.com/windows/win32/api/winioctl/ni-winioctl-fsctl_set_sparse
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    _FSCTL_SET_SPARSE = 0x900C4
    _kernel = ctypes.WinDLL("kernel32")
    _kernel.DeviceIoControl.argtypes = [
        *(wintypes.HANDLE, wintypes.DWORD),
        *(wintypes.LPVOID, wintypes.DWORD, wintypes.LPVOID, wintypes.DWORD),
        *(wintypes.LPDWORD, wintypes.LPVOID),
    ]

    def make_sparse(descriptor: int) -> None:
        """Let an open file have holes. A disk without them (FAT) goes on as it is: that costs time and space only."""
        done = wintypes.DWORD()
        handle = msvcrt.get_osfhandle(descriptor)
        _kernel.DeviceIoControl(handle, _FSCTL_SET_SPARSE, None, 0, None, 0, ctypes.byref(done), None)

else:

    def make_sparse(descriptor: int) -> None:
        """Every file may have holes here."""
