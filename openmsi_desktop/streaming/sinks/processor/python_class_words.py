"""What went wrong with somebody's class, in words for people."""

from __future__ import annotations

import signal
from collections.abc import Mapping

from openmsi_desktop import processing_guard
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.settings import Processor
from openmsi_desktop.streaming.sinks.processor.printed import for_people
from openmsi_desktop.streaming.sinks.processor.python_class_worker import Answer, Lost
from openmsi_desktop.streaming.sinks.processor.runner import RESULT_BYTES

_TEXT_CHARACTERS = 200
_LAST_LINES = 12

_SIGNALS = {
    "SIGSEGV": "A library that it uses went wrong in memory.",
    "SIGBUS": "A library that it uses went wrong in memory, or a file that it read became shorter.",
    "SIGILL": "A library that it uses was made for another processor.",
    "SIGFPE": "A library that it uses divided by zero.",
    "SIGABRT": "A library that it uses gave up.",
    "SIGKILL": "Somebody has ended it, or the system because memory ran out.",
    "SIGTERM": "Somebody has ended it.",
}


def failed(described: Processor, error: Mapping[str, str]) -> OpenMSIError:
    """The class raised something for a file."""
    advice = f"In {error['where']}. " if error["where"] else ""
    return OpenMSIError(
        f"{described.name} failed: {_said(error)}", f"{advice}The end of its output has the whole traceback."
    )


def output(answer: Answer) -> str:
    """What it printed, and the traceback below."""
    if answer.error is None:
        return for_people(answer.output.encode()) if answer.output else ""
    return for_people(f"{answer.output.rstrip()}\n{answer.error['traceback']}".encode())


def too_big(described: Processor) -> OpenMSIError:
    return OpenMSIError(
        f"{described.name} made a result too big for one message",
        f"A result is at most {RESULT_BYTES:,} bytes. Let the class write it to a file in file.output_dir: files may have any size.",
    )


def lost(described: Processor, lost: Lost) -> OpenMSIError:
    """Its process ended while it worked on a file."""
    again = "Its process was started anew; other files were not disturbed."
    if lost.is_late:
        return OpenMSIError(
            f"{described.name} took longer than {described.time_limit_s:g} s",
            f"Its process was ended with everything it had started. Raise time_limit_s if it needs more time. {again}",
        )
    if lost.status == processing_guard.TOO_MUCH_MEMORY:
        return OpenMSIError(
            f"{described.name} took more than {described.memory_limit:,} bytes of memory",
            f"Its process was ended. Raise memory_limit if it needs more. {again}",
        )
    how, why = _end(lost.status)
    return OpenMSIError(f"{described.name} crashed: {how}", f"{why}{again} The end of its output may say more.")


def trouble(described: Processor, told: Mapping[str, str]) -> NeedsYou:
    """The class cannot be used at all. told: as processing_loop describes it."""
    waits = "The files wait; it goes on by itself once that is corrected."
    if told["title"]:
        return NeedsYou(f"{described.class_} cannot be used: {told['title']}", f"{told['advice']} {waits}")
    hint = ""
    if told["type"] in ("ModuleNotFoundError", "ImportError"):
        python = described.python or "the Python of this program"
        folder = described.folder or "the folder where this program was started"
        hint = f"Looked for in {python} and in {folder}. "
    lines = "\n".join(told["traceback"].rstrip().splitlines()[-_LAST_LINES:])
    return NeedsYou(f"{described.class_} cannot be loaded: {_said(told)}", f"{hint}{waits}\n{lines}")


def cannot_start(described: Processor, python: str, error: OSError) -> NeedsYou:
    return NeedsYou(
        f"{python} cannot be started",
        f"{error.strerror or error}. Is it a Python interpreter? {described.name} needs one; the files wait, and it goes on by "
        "itself once that is corrected.",
        path=python,
    )


def not_ready(described: Processor, python: str, lost: Lost, limit_s: float) -> NeedsYou:
    """The process ended before the class was loaded."""
    said = next((line.strip(" .") for line in reversed(lost.output.splitlines()) if line.strip(" .")), "")
    waits = "The files wait, and it is tried again by itself."
    if lost.is_late:
        return NeedsYou(
            f"{described.class_} was not loaded within {limit_s:g} s",
            f"Look at what happens when its module is imported and when it is made. {waits}",
        )
    how, why = _end(lost.status)
    return NeedsYou(
        f"{described.class_} cannot be loaded: {said[:_TEXT_CHARACTERS] if said and (lost.status or 0) >= 0 else how}",
        f"The interpreter {python} ended before the class was ready. {why}{waits}",
        path=python,
    )


def folder_missing(described: Processor) -> NeedsYou:
    return NeedsYou(
        f"The working folder of {described.name} is missing",
        f"There is no folder {described.folder}. The files wait until it is there, or the settings name another one.",
        path=described.folder,
    )


def _said(error: Mapping[str, str]) -> str:
    text = next((line.strip() for line in error["text"].splitlines() if line.strip()), "")
    kind = {"SystemExit": "it called sys.exit", "KeyboardInterrupt": "it was interrupted"}.get(
        error["type"], error["type"]
    )
    return f"{kind}: {text[:_TEXT_CHARACTERS].rstrip(' .')}" if text else kind


def _end(status: int | None) -> tuple[str, str]:
    """(how the process ended, a sentence on why or nothing)"""
    if status is None:
        return "its process does not answer", ""
    if status < 0:
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = f"signal {-status}"
        return f"its process was ended by {name}", _SIGNALS.get(name, "") + " " if name in _SIGNALS else ""
    if status > 0xFFFF:
        return f"its process ended with 0x{status & 0xFFFFFFFF:08X}", ""
    return f"its process ended itself with exit status {status}", ""
