"""What buckets and processors are called in the window. No widgets."""

from __future__ import annotations

import os

from openmsi_desktop.settings import Bucket, Download, Processor, Settings

Sink = Bucket | Processor


def place_of(sink: Sink) -> str:
    """What people know it by: the bucket, the program's file, or the class."""
    if isinstance(sink, Bucket):
        return sink.bucket
    if sink.class_:
        return sink.class_.rpartition(":")[2] or sink.class_
    return os.path.basename(sink.command[0].replace("\\", "/")) or sink.name


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
