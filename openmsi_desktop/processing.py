"""Base classes for your own analysis of every file: what to write, and what it gets.

A *processor* runs your code on each complete, verified file of a topic. Write a class with one of these bases, put it into a
module, and name it in the settings as ``class = "module:Class"`` (or ``openmsi-desktop process TOPIC --class module:Class``):

==========================  =============================================  ===============================================
base                        you write                                      what becomes of it
==========================  =============================================  ===============================================
:class:`StreamProcessor`    ``process(file)``                              whatever your code does with the file
:class:`StreamReproducer`   ``reproduce(file) -> Result``                  a message on the result topic
:class:`MetadataReproducer` ``extract(file) -> dict``                      a JSON message on the result topic
==========================  =============================================  ===============================================

A first one, that counts the lines of each file and sends the number on::

    from openmsi_desktop.processing import File, MetadataReproducer

    class LineCount(MetadataReproducer):
        def extract(self, file: File) -> dict:
            with file.open() as lines:
                return {"name": file.name, "lines": sum(1 for _ in lines)}

Your code runs in a process of its own, so that nothing it does can disturb the streams. The process stays, and works on one file
after another: what is expensive (a model, a table) is loaded once, in ``__init__`` or ``setup()``. With several files at once
there are several such processes, each with an instance of its own; they share nothing.

*Raise any exception to say that a file could not be done*: it is tried again some times, then shown as a problem, with the
traceback and what was printed. Everything that is in ``file.output_dir`` afterwards is sent to the result topic as files.

This module needs Python 3.9 or newer and nothing else, and can be imported in whatever environment your class runs in, without
anything of this program being installed there.
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO


@dataclass(frozen=True)
class File:
    """A complete file whose contents were verified.

    path: where it lies, absolute, under its own name; a private copy or link: read it, do not change it, it goes afterwards.
    relative_path: its path on the topic, with ``/`` between the parts. topic: where it came from. size: in bytes.
    sha512: of its contents, 128 hexadecimal digits. modified: when it was last changed on the instrument's computer (with time
    zone UTC), None if that is not known. output_dir: an empty folder of its own; what is left there is sent to the result topic.
    """

    path: Path
    relative_path: str
    topic: str
    size: int
    sha512: str
    modified: datetime | None
    output_dir: Path

    @property
    def name(self) -> str:
        """Name without folders, for example ``scan 12.xy``."""
        return self.relative_path.rpartition("/")[2]

    def read_bytes(self) -> bytes:
        """The whole contents. For a big file rather open it."""
        return self.path.read_bytes()

    def read_text(self, encoding: str = "utf-8") -> str:
        """The whole contents as text, with line ends as ``\\n``."""
        return self.path.read_text(encoding=encoding)

    def open(self) -> BinaryIO:
        """Open it for reading, as bytes. For text use ``open(file.path, encoding=…)``."""
        return open(self.path, "rb")

    def as_buffer(self) -> io.BytesIO:
        """The whole contents in memory as an open file: ``pandas.read_csv(file.as_buffer())``, ``numpy.load(file.as_buffer())``.

        ``numpy.frombuffer(file.as_buffer().getbuffer(), dtype="<f8")`` makes an array of it without a copy.
        """
        return io.BytesIO(self.read_bytes())


@dataclass(frozen=True)
class Result:
    """A message for the result topic.

    value: bytes as they are, text as UTF-8, a dict as JSON (numbers of numpy, dates and paths in it are understood).
    key: of the message, bytes or text. None: the key that OpenMSIStream gives the results of this file.
    """

    value: bytes | str | dict[str, Any]
    key: bytes | str | None = None


class _Processing:
    """What the bases have in common. Your ``__init__`` gets the ``options`` of the settings as keyword arguments."""

    def setup(self) -> None:
        """Called once, after ``__init__`` and before the first file."""

    def close(self) -> None:
        """Called once, after the last file, if the process ends in peace: it has a few seconds."""

    def failed(self, file: File, error: BaseException) -> None:
        """Called when a file raised ``error``, while the file is still there. It is tried again later, whatever this does."""


class StreamProcessor(_Processing, ABC):
    """Does something with each file.

    For example a plot beside every spectrum, sent to the result topic as a file::

        class Plot(StreamProcessor):
            def __init__(self, dpi: int = 100) -> None:   # options = { dpi = 150 }
                self.dpi = dpi

            def process(self, file: File) -> None:
                x, y = numpy.loadtxt(file.path, unpack=True)
                figure = matplotlib.figure.Figure()
                figure.subplots().plot(x, y)
                figure.savefig(file.output_dir / f"{file.path.stem}.png", dpi=self.dpi)
    """

    @abstractmethod
    def process(self, file: File) -> None:
        """Called for each file. Return nothing. Raise anything to say that it failed."""


class StreamReproducer(_Processing, ABC):
    """Makes messages for the result topic of each file.

    For example the highest point of a curve::

        class Peak(StreamReproducer):
            def reproduce(self, file: File) -> Result:
                x, y = numpy.loadtxt(file.path, unpack=True)
                return Result({"file": file.relative_path, "x": x[y.argmax()], "y": y.max()})
    """

    @abstractmethod
    def reproduce(self, file: File) -> Result | Iterable[Result] | None:
        """Called for each file. Return the result, several, or None for none. Raise anything to say that it failed."""


class MetadataReproducer(_Processing, ABC):
    """Takes metadata out of each file, and sends them to the result topic as JSON.

    For example the head of a CSV file::

        class Columns(MetadataReproducer):
            def extract(self, file: File) -> dict:
                return {"columns": list(pandas.read_csv(file.as_buffer(), nrows=0).columns)}
    """

    @abstractmethod
    def extract(self, file: File) -> dict[str, Any]:
        """Called for each file. Return what is to be sent. Raise anything to say that it failed."""
