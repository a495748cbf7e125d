"""Python classes without a reader: a module is written, and files are handed to its classes."""

from __future__ import annotations

import hashlib
import json
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openmsi_desktop.settings import Processor
from openmsi_desktop.streaming.sinks.processor.python_class import ClassRunner
from openmsi_desktop.streaming.sinks.processor.runner import Ran, Work

PRELUDE = """
import json, os, signal, subprocess, sys, time
from pathlib import Path
from openmsi_desktop.processing import File, MetadataReproducer, Result, StreamProcessor, StreamReproducer
"""


class ClassBench:
    """A folder with a module ``analysis`` in it, and files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0

    def write(self, source: str, *, name: str = "analysis.py", prelude: str = PRELUDE) -> None:
        """Write the module, after the usual imports."""
        (self.folder / name).write_text(prelude + textwrap.dedent(source), encoding="utf-8")

    def described(self, class_: str, **settings: Any) -> Processor:
        """Its processor, called "peaks"."""
        return Processor.model_validate(
            {"name": "peaks", "class": class_, "folder": str(self.folder), "jobs": 1} | settings
        )

    @contextmanager
    def runner(self, class_: str, **settings: Any) -> Iterator[ClassRunner]:
        """One that works, ended afterwards as the engine ends it."""
        made = ClassRunner(self.described(class_, **settings))
        try:
            yield made
        finally:
            made.stop()
            made.close()

    def work(self, path: str = "a/b c.xy", data: bytes = b"1 2\n", *, limit_s: float = 60, **more: Any) -> Work:
        """A file to be worked on."""
        self._count += 1
        place = self.folder / f"place {self._count}"
        file = place / "in" / path.rpartition("/")[2]
        (place / "out").mkdir(parents=True)
        file.parent.mkdir()
        file.write_bytes(data)
        fields: dict[str, Any] = {
            "file": file,
            "relative_path": path,
            "topic": "t",
            "sha512": hashlib.sha512(data).hexdigest(),
            "size": len(data),
            "modified": 1_700_000_000.5,
            "output_dir": place / "out",
            "time_limit_s": limit_s,
        }
        return Work(**(fields | more))


def value_of(ran: Ran) -> Any:
    """The only result, which is JSON."""
    assert ran.error is None, f"{ran.error}\n{ran.output}"
    (result,) = ran.results
    return json.loads(result.value)


def title_of(ran: Ran) -> str:
    """Why it failed."""
    assert ran.error is not None
    return ran.error.title
