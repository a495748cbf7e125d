"""The tutorials of docs/tutorials, run as a reader runs them: the commands on a page, with the files beside it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from servers.parts import CACHE, ROOT, require

_FOLDER = ROOT / "docs" / "tutorials"
_ANALYSIS = CACHE / "tutorials"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMPUTER = re.compile(r"# on the (.+) computer\n")


@dataclass(slots=True)
class Tutorial:
    """A page, and a folder of one's own with everything that lies beside it.

    replaced: what a reader puts in place of the examples (addresses, keys). environment: secrets.
    """

    page: str
    folder: Path
    replaced: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    """What the blocks have printed, in their order."""

    def __post_init__(self) -> None:
        require(
            "the environment of the tutorials", "no tutorial is run; tools/setup makes it", found=_ANALYSIS.exists()
        )
        self.folder.mkdir(parents=True)
        for file in _FOLDER.iterdir():
            if file.is_file() and file.suffix != ".md":
                copy = self.folder / file.name
                shutil.copy(file, copy)
                if file.suffix == ".toml":
                    copy.write_text(self._filled(file.read_text(encoding="utf-8")), encoding="utf-8")
        (self.folder / "analysis").symlink_to(_ANALYSIS)

    def commands(self) -> list[str]:
        """The blocks that a reader types in, as they are on the page."""
        return _BLOCK.findall((_FOLDER / f"{self.page}.md").read_text(encoding="utf-8"))

    def run(self) -> None:
        """All of them, in their order; AssertionError with what was said if one fails."""
        blocks = self.commands()
        assert blocks, f"{self.page}.md has no commands"
        for block in blocks:
            computer = _COMPUTER.search(block)
            self.outputs.append(self._run(block, computer[1] if computer else "one"))

    def _filled(self, text: str) -> str:
        for example, real in self.replaced.items():
            text = text.replace(example, real)
        return text

    def _run(self, block: str, computer: str) -> str:
        environment = {
            **os.environ,
            **self.environment,
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]]),
            "HOME": str(self.folder / "home"),
            "XDG_CONFIG_HOME": str(self.folder / "home" / "config"),
            "OPENMSI_DATA": str(self.folder / "data" / computer),
            "PYTHONPATH": str(ROOT),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        process = subprocess.Popen(
            ["sh", "-e", "-c", self._filled(block)],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said, _ = process.communicate(timeout=90)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
            raise AssertionError(f"still running:\n{block}\n{said}") from None
        assert process.returncode == 0, f"status {process.returncode}:\n{block}\n{said}"
        return said
