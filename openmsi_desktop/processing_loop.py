"""What runs in a worker: takes requests, has the class work on them, answers. Python 3.9 and nothing else.

Each request and each answer is a line of JSON (ASCII; text that is no Unicode as lone surrogates). They come over what was
standard input and go over what was standard output: both are put aside before anything of the class is loaded, so whatever that
prints goes to standard error, a file whose end belongs to the answer.

To the worker::

    {"class": "module:Class", "options": {…}, "threads": 2, "result_topic": "…", "memory_limit": bytes or 0, "scratch": folder,
     "trial": folder or ""}
    {"id": 1, "file": "…", "relative_path": "…", "topic": "…", "sha512": hex, "size": bytes, "modified": s or null, "output_dir": "…"}

From the worker::

    {"ready": true, "is_shared": false}
    {"id": 1, "begun": true}                           an instance had to be made first; the time of the file begins now
    {"trouble": {"title": …, "advice": …, "traceback": …}}                     it ends
    {"id": 1, "results": [[key or null, value], …] in base64, "output": "…", "error": null or {"type", "text", "where",
     "traceback"}, "trouble": null or as above, "memory": bytes}
"""

from __future__ import annotations

import base64
import faulthandler
import json
import os
import shutil
import sys
import threading
import traceback
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

from openmsi_desktop import processing_guard
from openmsi_desktop.processing_calling import Caller, CannotBeMade, OwnCaller
from openmsi_desktop.processing_loading import Unusable, load

OUTPUT_BYTES = 16_384
"""Of what is printed, this much of the end belongs to the answer."""

TRACEBACK_BYTES = 8_000

CLOSING_S = 10
"""Seconds that close() may take once there is nobody to wait for it."""

_PRINTED, _PACKAGE = 2, os.path.dirname(os.path.abspath(__file__))


def main() -> None:
    """Work until the requests end."""
    channel = _Channel()
    faulthandler.enable(_PRINTED)  # a crash says where, in Python
    start = channel.receive()
    if start is None:
        return
    processing_guard.watch(start["memory_limit"], _PRINTED, start["scratch"])
    try:
        caller = _make(start)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it has to be told
        channel.send({"trouble": _trouble(error)})
        return
    channel.send({"ready": True, "is_shared": caller.is_shared})
    if caller.is_shared:
        with ThreadPoolExecutor(start["threads"], "work") as pool:
            while (request := channel.receive()) is not None:
                pool.submit(_Work(caller, channel).answer, request)
    else:
        while (request := channel.receive()) is not None:
            _Work(caller, channel).answer(request)
    processing_guard.end_within(CLOSING_S)
    caller.close()
    shutil.rmtree(start["scratch"], ignore_errors=True)


class _Channel:
    """The line to the program: private, so neither the class nor a process that it starts can write into it."""

    def __init__(self) -> None:
        requests, self._answers = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(_PRINTED, 1)
        if fcntl is not None:  # several write to it, and it is cut between two files
            fcntl.fcntl(_PRINTED, fcntl.F_SETFL, fcntl.fcntl(_PRINTED, fcntl.F_GETFL) | os.O_APPEND)
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
        self._requests: BinaryIO = os.fdopen(requests, "rb", closefd=False)
        self._lock = threading.Lock()  # one answer at a time
        self._owner = os.getpid()
        if hasattr(os, "register_at_fork"):
            # a forked child that lives on must not keep the line open
            os.register_at_fork(after_in_child=self._let_go)

    def _let_go(self) -> None:
        os.close(self._requests.fileno())
        os.close(self._answers)

    def receive(self) -> dict[str, Any] | None:
        """The next request; None: there is none any more."""
        if os.getpid() != self._owner:
            os._exit(0)  # the class forked, and its child came back here
        line = self._requests.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    def send(self, answer: Mapping[str, Any]) -> None:
        if os.getpid() != self._owner:
            os._exit(0)
        rest = memoryview(json.dumps(answer).encode() + b"\n")
        with self._lock:
            while rest:
                try:
                    rest = rest[os.write(self._answers, rest) :]
                except OSError:  # nobody listens any more: there is nobody to work for
                    processing_guard.end(1)


class _Work:
    """One file."""

    in_hand = 0
    _counting = threading.Lock()  # in_hand, of all threads

    def __init__(self, caller: Caller, channel: _Channel) -> None:
        self._caller = caller
        self._channel = channel

    def answer(self, request: Mapping[str, Any]) -> None:
        with _Work._counting:
            if not _Work.in_hand:
                _forget_printed()
            _Work.in_hand += 1
            began = os.fstat(_PRINTED).st_size
        answer: dict[str, Any] = {"id": request["id"], "results": [], "error": None, "trouble": None}
        try:
            if self._caller.make_ready(request):
                self._channel.send({"id": request["id"], "begun": True})
            answer["results"] = [
                [None if key is None else base64.b64encode(key).decode(), base64.b64encode(value).decode()]
                for key, value in self._caller.call(request)
            ]
        except Unusable as error:
            answer["trouble"] = _trouble(error)
        except CannotBeMade as error:
            answer["trouble"] = _trouble(error.__cause__ or error)
        except BaseException as error:  # noqa: BLE001 - somebody's code may raise anything; the next file goes on
            answer["error"] = _described(error)
        with _Work._counting:
            answer["output"] = _printed_since(began)
            _Work.in_hand -= 1
        answer["memory"] = processing_guard.memory()
        self._channel.send(answer)


def _make(start: Mapping[str, Any]) -> Caller:
    found = load(start["class"])
    sys.stdout.flush()
    if "openmsistream" in sys.modules:  # only then can it be one of its classes
        from openmsi_desktop import processing_openmsistream

        if processing_openmsistream.is_one(found):
            return processing_openmsistream.make(found, start)
    return OwnCaller(found, start["options"])


def _forget_printed() -> None:
    """Begin the file of what is printed anew: it grows with one file of the stream, not with all."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.fstat(_PRINTED).st_size:
        os.ftruncate(_PRINTED, 0)
        os.lseek(_PRINTED, 0, os.SEEK_SET)


def _printed_since(began: int) -> str:
    sys.stdout.flush()
    sys.stderr.flush()
    size = os.fstat(_PRINTED).st_size
    if size < began:  # it became too long, and was cut
        began = 0
    if size == began:
        return ""
    begin = max(began, size - OUTPUT_BYTES)
    if hasattr(os, "pread"):
        tail = os.pread(_PRINTED, OUTPUT_BYTES, begin)
    else:
        os.lseek(_PRINTED, begin, os.SEEK_SET)
        tail = os.read(_PRINTED, OUTPUT_BYTES)
        os.lseek(_PRINTED, 0, os.SEEK_END)
    return tail.decode("utf-8", "replace")


def _described(error: BaseException) -> dict[str, str]:
    """What people can use of an exception: without our own part of the traceback."""
    trace = error.__traceback__
    while trace is not None and _is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    try:
        text = str(error)
    except Exception as other:  # noqa: BLE001 - an exception of somebody's own, whose text cannot be had
        text = f"(its text cannot be shown: {type(other).__name__})"
    frames = traceback.extract_tb(trace)
    last = next(
        (frame for frame in reversed(frames) if not _is_installed(frame.filename)), frames[-1] if frames else None
    )
    return {
        "type": type(error).__name__,
        "text": text[:500],
        "where": f"{os.path.basename(last.filename)}, line {last.lineno}" if last else "",
        "traceback": _end_of("".join(_lines(error, trace))),
    }


def _lines(error: BaseException, trace: Any) -> list[str]:
    try:
        return traceback.format_exception(type(error), error, trace)
    except Exception as other:  # noqa: BLE001 - as above
        return [*traceback.format_tb(trace), f"{type(error).__name__} (its text cannot be shown: {other!r})\n"]


def _end_of(text: str) -> str:
    return text if len(text) <= TRACEBACK_BYTES else "…" + text[-TRACEBACK_BYTES:]


def _trouble(error: BaseException) -> dict[str, str]:
    if isinstance(error, Unusable):
        return {"title": str(error), "advice": error.advice, "traceback": ""}
    return {"title": "", "advice": "", **_described(error)}


def _is_ours(path: str) -> bool:
    return (
        os.path.dirname(os.path.abspath(path)) == _PACKAGE
        or path.startswith("<frozen importlib")
        or _is_importlib(path)
    )


def _is_importlib(path: str) -> bool:
    return os.path.dirname(path) == os.path.dirname(_IMPORTLIB)


def _is_installed(path: str) -> bool:
    return "site-packages" in path or path.startswith(("<", _STANDARD_LIBRARY))


_IMPORTLIB = str(sys.modules["importlib"].__file__)
_STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep
