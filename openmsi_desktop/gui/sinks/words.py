"""What buckets and processors are called in the window. No widgets."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from openmsi_desktop.settings import Bucket, Download, Processor, Settings
from openmsi_desktop.streaming.sinks.bucket.codes import place

Sink = Bucket | Processor
_INTERPRETER = re.compile(
    r"(python|pypy|perl|ruby|Rscript|node|bash|sh|dash|zsh|pwsh|powershell|julia|octave)[\d.]*(\.exe)?", re.IGNORECASE
)


def place_of(sink: Sink) -> str:
    """What people know it by: the bucket, the program's file, or the class."""
    if isinstance(sink, Bucket):
        return sink.bucket
    if sink.class_:
        return sink.class_.rpartition(":")[2] or sink.class_
    return program_name(sink.command) or sink.name


def is_about(title: str, sink: Sink) -> bool:
    """A sentence about what went wrong names it, or the server it is on."""
    if isinstance(sink, Bucket) and place(sink)[1] in title:
        return True
    return sink.name in title or place_of(sink) in title


def program_name(command: Sequence[str]) -> str:
    """What a command is known by: its file, or that of the script that an interpreter runs."""
    name = os.path.basename(command[0].replace("\\", "/")) if command else ""
    if _INTERPRETER.fullmatch(name):
        scripts = (argument for argument in command[1:] if not argument.startswith("-") and "{" not in argument)
        return os.path.basename(next(scripts, "").replace("\\", "/")) or name
    return name


def all_sinks(settings: Settings) -> tuple[Sink, ...]:
    """Buckets, then processors."""
    return (*settings.buckets, *settings.processors)


def places_of(settings: Settings, task: Download) -> list[str]:
    """Everything its files go to: the folder, then its sinks."""
    known = {sink.name: sink for sink in all_sinks(settings)}
    places = [str(task.target)] if task.target is not None else []
    return places + [_with_results(known[name]) if name in known else name for name in task.sinks]


def _with_results(sink: Sink) -> str:
    topic = sink.result_topic if isinstance(sink, Processor) else ""
    return f"{place_of(sink)} → {topic}" if topic else place_of(sink)


def users_of(settings: Settings, sink: str) -> list[Download]:
    """The readers that hand files to it."""
    return [task for task in settings.downloads if sink in task.sinks]


def sinks_of(settings: Settings, task: Download) -> list[Sink]:
    """What a reader hands its files to, besides its folder."""
    return [sink for name in task.sinks for sink in all_sinks(settings) if sink.name == name]


def has_own_secret(settings: Settings, task: Download) -> bool:
    """Removing the reader takes a secret out of the keyring."""
    return any(
        isinstance(sink, Bucket) and sink.credential and len(users_of(settings, sink.name)) == 1
        for sink in sinks_of(settings, task)
    )
