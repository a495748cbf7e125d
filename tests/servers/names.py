"""Names of computers as single programs see them, and which may change while they run. Linux, as root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from servers.parts import require


class Names:
    """before: what has to start a program that knows these names, and no others but those of the network."""

    def __init__(self, folder: Path, names: Mapping[str, str]) -> None:
        """names: name -> address."""
        self._file = folder / "hosts"
        self.set(names)
        bind = 'mount --bind "$0" /etc/hosts && exec "$@"'
        self.before = ("unshare", "--mount", "--propagation", "private", "sh", "-c", bind, str(self._file))
        may = os.name == "posix" and subprocess.run([*self.before, "true"], check=False).returncode == 0
        require("the right to mount files", "no name of a computer can change; run the tests as root", found=may)

    def set(self, names: Mapping[str, str]) -> None:
        """From now on these are known. The file stays the same one, for it is mounted."""
        self._file.write_text("127.0.0.1 localhost\n" + "".join(f"{a} {name}\n" for name, a in names.items()))
