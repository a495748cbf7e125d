"""What the tasks of a connection need of their topics."""

from __future__ import annotations

from dataclasses import replace

from openmsi_desktop.settings import Settings
from openmsi_desktop.streaming.connection_test.topics import TopicUse


def uses_in(settings: Settings, connection: str) -> list[TopicUse]:
    """The topics of a connection's tasks: each once, or once for every group that reads it."""
    uses = [
        TopicUse(task.topic, sends=True, reads=task.check, chunk_size=task.chunk_size)
        for task in settings.watched_folders
        if task.connection == connection
    ]
    uses += [
        TopicUse(topic, sends=False, reads=True, group=task.group)
        for task in settings.downloads
        if task.connection == connection
        for topic in task.topics
    ]
    together: list[TopicUse] = []
    for use in uses:
        place = next((n for n, known in enumerate(together) if _fit(known, use)), None)
        if place is None:
            together.append(use)
        else:
            together[place] = _both(together[place], use)
    return together


def _fit(one: TopicUse, other: TopicUse) -> bool:
    return one.topic == other.topic and (not one.group or not other.group or one.group == other.group)


def _both(one: TopicUse, other: TopicUse) -> TopicUse:
    sizes = [use.chunk_size for use in (one, other) if use.sends]
    return replace(
        one,
        sends=one.sends or other.sends,
        reads=one.reads or other.reads,
        chunk_size=max(sizes, default=one.chunk_size),
        group=one.group or other.group,
    )
