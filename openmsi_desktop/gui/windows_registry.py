"""Values of the user's part of the Windows registry."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import winreg

    class WindowsRegistry:
        """See :class:`~openmsi_desktop.gui.autostart.Registry`."""

        def read(self, key: str, name: str) -> str | bytes | None:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                    value, _ = winreg.QueryValueEx(opened, name)
            except FileNotFoundError:
                return None
            return value if isinstance(value, (str, bytes)) else None

        def write(self, key: str, name: str, value: str | bytes) -> None:
            kind = winreg.REG_SZ if isinstance(value, str) else winreg.REG_BINARY
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                winreg.SetValueEx(opened, name, 0, kind, value)

        def delete(self, key: str, name: str) -> None:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_SET_VALUE) as opened:
                    winreg.DeleteValue(opened, name)
            except FileNotFoundError:
                pass

else:

    class WindowsRegistry:
        """There is none here."""

        def read(self, key: str, name: str) -> str | bytes | None:
            raise OSError("this system has no registry")

        def write(self, key: str, name: str, value: str | bytes) -> None:
            raise OSError("this system has no registry")

        def delete(self, key: str, name: str) -> None:
            raise OSError("this system has no registry")
