"""Calls somebody's class for a file, and turns what it returns into messages. Python 3.9 and nothing else."""

from __future__ import annotations

import datetime
import inspect
import json
import math
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import Any, Protocol

from openmsi_desktop.processing import File, MetadataReproducer, Result, StreamProcessor, StreamReproducer
from openmsi_desktop.processing_loading import Unusable

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)

Message = tuple[Any, bytes]
"""(key as bytes or None for the usual one, value)"""


class CannotBeMade(Exception):
    """The constructor of the class raised something, which is the cause of this."""


class Caller(Protocol):
    """Something that has the class work on files."""

    is_shared: bool
    """One instance works on several files at once, in threads; otherwise one thread calls it."""

    def make_ready(self, request: Mapping[str, Any]) -> bool:
        """Make what is needed for the file, if it is not there yet: true if that was so.

        Raises:
            Unusable, CannotBeMade: it cannot be made for any file.
        """
        ...

    def call(self, request: Mapping[str, Any]) -> list[Message]:
        """Work on the file that is described (see :func:`file_of`); anything raised means it failed."""
        ...

    def close(self) -> None:
        """After the last file."""
        ...


class OwnCaller:
    """Calls a class with one of the bases of :mod:`openmsi_desktop.processing`, or with the same methods."""

    is_shared = False

    def __init__(self, made_of: Any, options: Mapping[str, Any]) -> None:
        """Make the instance; anything may be raised."""
        self._name = getattr(made_of, "__name__", str(made_of))
        method = _method_of(made_of)
        if not method:
            raise Unusable(
                f"{self._name} is no class that works on files",
                "It needs StreamProcessor, StreamReproducer or MetadataReproducer of openmsi_desktop.processing as its base.",
            )
        if inspect.isabstract(made_of):
            lacking = ", ".join(sorted(made_of.__abstractmethods__))
            raise Unusable(f"{self._name} is not complete", f"It has to define: {lacking}.")
        self._instance = made_of(**options)
        self._call = getattr(self._instance, method)
        self._messages = {"extract": self._of_metadata, "reproduce": self._of_results, "process": self._of_nothing}[
            method
        ]
        self._hook("setup")

    def make_ready(self, request: Mapping[str, Any]) -> bool:
        return False

    def call(self, request: Mapping[str, Any]) -> list[Message]:
        file = file_of(request)
        try:
            return self._messages(self._call(file))
        except BaseException as error:
            try:
                self._hook("failed", file, error)
            except Exception:  # noqa: BLE001 - what failed first is what people should read
                traceback.print_exc()
            raise

    def close(self) -> None:
        self._hook("close")

    def _hook(self, name: str, *arguments: Any) -> None:
        hook = getattr(self._instance, name, None)
        if callable(hook):
            hook(*arguments)

    def _of_metadata(self, returned: Any) -> list[Message]:
        if not isinstance(returned, Mapping):
            raise TypeError(f"extract() returned {_kind(returned)}; it has to return a dict")
        return [message_of(Result(dict(returned)))]

    def _of_results(self, returned: Any) -> list[Message]:
        if returned is None:
            return []
        if isinstance(returned, Result):
            return [message_of(returned)]
        if isinstance(returned, Iterable) and not isinstance(returned, (str, bytes, Mapping)):
            return [message for one in returned for message in self._of_results(one)]
        raise TypeError(f"reproduce() returned {_kind(returned)}; it has to return a Result, several, or None")

    def _of_nothing(self, returned: Any) -> list[Message]:
        if returned is not None:
            raise TypeError(
                f"process() returned {_kind(returned)}, which would be lost; to send results use StreamReproducer as the base"
            )
        return []


def _method_of(made_of: Any) -> str:
    """What is to be called, empty if nothing is: the bases say it, and a class without them by what it has."""
    if not isinstance(made_of, type):
        return ""
    for base, method in (
        (MetadataReproducer, "extract"),
        (StreamReproducer, "reproduce"),
        (StreamProcessor, "process"),
    ):
        if issubclass(made_of, base):
            return method
    return next((name for name in ("extract", "reproduce", "process") if callable(getattr(made_of, name, None))), "")


def file_of(request: Mapping[str, Any]) -> File:
    """The file of a request: file, relative_path, topic, size, sha512, modified (seconds since 1970 or None), output_dir."""
    modified = None
    if request["modified"] is not None:
        try:
            modified = EPOCH + datetime.timedelta(seconds=request["modified"])
        except OverflowError:
            pass  # a year that datetime does not know is as good as none
    return File(
        Path(request["file"]),
        request["relative_path"],
        request["topic"],
        request["size"],
        request["sha512"],
        modified,
        Path(request["output_dir"]),
    )


def message_of(result: Result) -> Message:
    """Key and value as they are sent. Raises TypeError for anything that is neither bytes, text nor a dict."""
    key = result.key.encode() if isinstance(result.key, str) else result.key
    if key is not None and not isinstance(key, (bytes, bytearray)):
        raise TypeError(f"the key of a Result is {_kind(key)}; it has to be bytes or text")
    value: Any = result.value
    if isinstance(value, Mapping):
        value = to_json(dict(value))
    if isinstance(value, str):
        value = value.encode()
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"the value of a Result is {_kind(value)}; it has to be bytes, text or a dict")
    return None if key is None else bytes(key), bytes(value)


def to_json(value: Any) -> str:
    """JSON as OpenMSIStream writes it (ASCII). Numbers of numpy, dates, paths and sets are understood; NaN and infinity are null,
    for JSON does not know them."""
    return json.dumps(_plain(value), allow_nan=False)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(item) for item in value), key=str)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode(errors="backslashreplace")
    if callable(getattr(value, "tolist", None)):  # arrays and numbers of numpy, columns of pandas
        return _plain(value.tolist())
    raise TypeError(f"a {type(value).__name__} cannot be written as JSON: {value!r}"[:300])


def _kind(value: Any) -> str:
    return f"a {type(value).__name__}"
