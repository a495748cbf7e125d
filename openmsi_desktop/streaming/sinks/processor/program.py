"""A program in any language works on files: its command for each, what it needs to be started, and what its end means."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
from typing import Any

from openmsi_desktop.core.chunk import result_key
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError, RetryableError
from openmsi_desktop.settings import Processor
from openmsi_desktop.streaming.sinks.processor import arguments
from openmsi_desktop.streaming.sinks.processor.children import Children, Ended, environment, native
from openmsi_desktop.streaming.sinks.processor.runner import RESULT_BYTES, Ran, Result, Work

_BUSY = {errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ETXTBSY}
_SHEBANG_BYTES = 256


class ProgramRunner:
    """A Runner."""

    def __init__(self, described: Processor) -> None:
        """described: with a ``command``."""
        self._described = described
        self._name = described.name
        self._children = Children()
        self._environment: dict[Any, Any] = {}
        self._program = ""
        self._wants_results = bool(described.result_topic)

    def prepare(self) -> None:
        variables = environment(self._described.environment)
        self._environment = native(variables)
        self._program = self._found(variables.get("PATH"))
        folder = self._described.folder
        if folder and not os.path.isdir(folder):
            raise NeedsYou(
                f"The working folder of {self._name} is missing",
                f"There is no folder {folder}. No file was lost; they wait until it is there, or the settings name another one.",
                path=folder,
            )

    def run(self, work: Work) -> Ran:
        filled = arguments.filled(self._described.command, arguments.values(work))
        try:
            ended = self._children.run(
                [self._program, *filled[1:]],
                folder=self._described.folder or str(work.output_dir),
                environment=self._environment | native(arguments.variables(work)),
                time_limit_s=work.time_limit_s,
                keep=RESULT_BYTES if self._wants_results else 0,
            )
        except OSError as error:
            raise self._cannot_start(error) from error
        if ended.is_late or ended.status != 0:
            return Ran(output=ended.output, error=self._failed(ended))
        return self._results(ended, work)

    def stop(self) -> None:
        self._children.stop()

    def close(self) -> None:
        """No process outlives its run()."""

    # -- results

    def _results(self, ended: Ended, work: Work) -> Ran:
        """What was printed is a result if it is JSON from its first to its last character."""
        if not self._wants_results or ended.printed.lstrip()[:1] not in (b"{", b"["):
            return Ran(output=ended.output)
        if not ended.is_all and _is_begun(ended.printed):
            return Ran(
                output=ended.output,
                error=OpenMSIError(
                    f"{self._name} printed too much for one message",
                    f"A result is at most {RESULT_BYTES:,} bytes of JSON. Let the program write it to a file in {{output_dir}}: "
                    "files may have any size.",
                ),
            )
        value = _json(ended.printed) if ended.is_all else None
        results = [Result(result_key(work.relative_path), value)] if value is not None else []
        return Ran(results, ended.output)

    # -- what its end means

    def _failed(self, ended: Ended) -> OpenMSIError:
        if ended.is_late:
            limit = self._described.time_limit_s
            return OpenMSIError(
                f"{self._name} took longer than {limit:g} s",
                "It was ended with everything it had started. Raise time_limit_s if it needs more time.",
            )
        said = next((line for line in reversed(ended.output.splitlines()) if line.strip()), "")
        said = f'Its last words: "{said.strip()[:300]}". ' if said else "It printed nothing. "
        if ended.status < 0:
            return OpenMSIError(f"{self._name} was ended by {_signal(-ended.status)}", said)
        return OpenMSIError(f"{self._name} failed with exit status {_status(ended.status)}", said)

    # -- what it needs to be started

    def _found(self, path: str | None) -> str:
        """The absolute path of the program.

        Raises:
            NeedsYou: it is not there, or cannot be a program.
        """
        wanted = os.path.expanduser(self._described.command[0])
        found = shutil.which(wanted, path=path)
        if found is None and os.path.exists(wanted):
            raise self._refused(
                f"{wanted} is not a program", "Make it executable (chmod +x), or name its interpreter first."
            )
        if found is None:
            raise self._refused(
                f"The program {wanted} is missing", "Install it, or name it with its whole path in the settings."
            )
        found = os.path.abspath(found)
        if sys.platform == "win32" and found.lower().endswith((".bat", ".cmd")):
            raise self._refused(
                f"{os.path.basename(found)} is a batch file",
                "Windows has its command shell run these, which would take parts of file names for commands. Use a program, or "
                "a PowerShell script: powershell -File script.ps1 {file}.",
            )
        if (missing := _missing_interpreter(found, path)) is not None:
            raise self._refused(
                f"The interpreter {missing} is missing", f"The first line of {found} says that it runs the script."
            )
        return found

    def _refused(self, title: str, advice: str) -> NeedsYou:
        return NeedsYou(
            title,
            f"{advice} {self._name} cannot be started; the files wait, and it goes on by itself.",
            path=self._described.command[0],
        )

    def _cannot_start(self, error: OSError) -> OpenMSIError:
        if error.errno in _BUSY:
            return RetryableError(
                f"{self._name} cannot be started now", f"{error.strerror}. The files wait; it is tried again by itself."
            )
        self.prepare()  # knows the usual causes
        advice = f"{error.strerror or error}."
        if error.errno == errno.ENOEXEC:
            advice = "The system cannot run this kind of file. A script needs a first line such as #!/bin/sh."
        return self._refused(f"{self._name} cannot be started", advice)


def _missing_interpreter(program: str, path: str | None) -> str | None:
    """What the first line of a script names, if that is not there."""
    try:
        with open(program, "rb") as file:
            first = file.readline(_SHEBANG_BYTES)
    except OSError:  # programs may be executable without being readable
        return None
    if not first.startswith(b"#!") or sys.platform == "win32":
        return None
    words = os.fsdecode(first[2:]).split()
    if not words:
        return None
    if not os.path.exists(words[0]):
        return words[0]
    named = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    if os.path.basename(words[0]) == "env" and named and shutil.which(named[0], path=path) is None:
        return named[0]
    return None


def _is_begun(printed: bytes) -> bool:
    """Whether it is JSON as far as it goes; ``[INFO] …`` is not."""
    text = printed.decode("utf-8", errors="replace").strip()
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.msg.startswith("Unterminated string") or error.pos >= len(text) - 8
    except (ValueError, RecursionError):
        return False
    return True


def _json(printed: bytes) -> bytes | None:
    """The text without what surrounds it, if it is one JSON object or array."""
    try:
        text = printed.decode("utf-8").strip()
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return text.encode("utf-8")


def _signal(number: int) -> str:
    try:
        return f"the signal {signal.Signals(number).name}"
    except ValueError:
        return f"signal {number}"


def _status(status: int) -> str:
    return str(status) if abs(status) < 0x10000 else f"0x{status & 0xFFFFFFFF:08X}"
