"""Stages of a connection test as lines for a person: a mark, what was found, and under it what to do. Prints nothing."""

from __future__ import annotations

import textwrap

from openmsi_desktop.cli.text import count, printable
from openmsi_desktop.core.events import Stage, StageEvent

_WIDTH = 100
_NAMES = {Stage.TLS: "TLS"}
_MARKS = {True: "ok", False: "FAILED", None: "-"}
_COLUMN = 8
_LEFT_OUT = ("not-reached", "no-time", "stopped")  # told together in the last line
_INDENT = " " * (_COLUMN + 10)


def stage_lines(event: StageEvent, *, quiet: bool = False) -> list[str]:
    """One stage; nothing of one that was not reached. quiet: only of those that have something to complain of."""
    if event.code in _LEFT_OUT or (quiet and event.ok is not False and not event.warnings):
        return []
    mark = "warning" if event.ok and event.warnings else _MARKS[event.ok]
    took = f"  ({_seconds(event.seconds)})" if event.ok is not None else ""
    name = _NAMES.get(event.stage, event.stage.value)
    lines = [f"{mark:<{_COLUMN}}{name:<10}{printable(event.title)}{took}"]
    if event.advice:
        lines += _wrapped(event.advice)
    for notice in event.warnings:
        if notice.title != event.title:
            lines += _wrapped(f"Warning: {notice.title}. {notice.advice}")
        else:
            lines += _wrapped(notice.advice)
    return lines


def closing_line(stages: tuple[StageEvent, ...], *, was_stopped: bool, what: str = "connection") -> str:
    """The last line, in words. what: was tested."""
    warnings = sum(len(stage.warnings) for stage in stages)
    also = f", with {count(warnings, 'warning')}" if warnings else ""
    missed = _listed([stage for stage in stages if stage.code in _LEFT_OUT])
    rest = f" Not reached: {missed}." if missed else ""
    if was_stopped:
        return f"Stopped.{rest}"
    if any(stage.code == "no-time" for stage in stages):
        rest = f" The time is over. Not reached: {missed}."
    if failed := _listed([stage for stage in stages if stage.ok is False]):
        return f"The {what} does not work yet: {failed} failed{also}.{rest}"
    if not rest and any(stage.code == "no-topic" for stage in stages):
        rest = " Writing and reading were not tested: name a topic with --topic."
    return f"What was tested works{also}.{rest}" if missed else f"The {what} works{also}.{rest}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        printable(text), _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT, break_long_words=False
    )


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _listed(stages: list[StageEvent]) -> str:
    topics = {stage.topic for stage in stages if stage.topic}
    names = list(dict.fromkeys(_named(stage, with_topic=len(topics) > 1) for stage in stages))
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _named(stage: StageEvent, *, with_topic: bool) -> str:
    name = _NAMES.get(stage.stage, stage.stage.value)
    return f"{name} ({printable(stage.topic)})" if stage.topic and with_topic else name
