"""How a topic keeps messages, and what of that may cost files one day."""

from __future__ import annotations

from openmsi_desktop.core.amounts import size
from openmsi_desktop.core.events import Notice
from openmsi_desktop.streaming.kafka.types import TopicInfo

_WEEK_MS = 7 * 86_400_000


def how_it_is_kept(info: TopicInfo) -> tuple[Notice, ...]:
    """What may cost files one day."""
    notices = []
    if not info.settings:
        notices.append(
            Notice(
                code="settings-unseen",
                title="The account may not see the topic's settings",
                advice="So retention, compaction and the largest chunk were not tested. The right DescribeConfigs allows it.",
            )
        )
    if info.retention_ms is not None and 0 <= info.retention_ms < _WEEK_MS:
        notices.append(
            Notice(
                code="retention-short",
                title=f"Messages are deleted after {duration(info.retention_ms / 1000)}",
                advice="A reader that is away for longer misses files. Ask for a retention.ms of at least a week.",
            )
        )
    if info.retention_bytes is not None and info.retention_bytes >= 0:
        notices.append(
            Notice(
                code="retention-by-size",
                title=f"Only the newest {size(info.retention_bytes)} of each partition are kept",
                advice="A reader that is away while more than that is sent misses files. Ask for a retention.bytes of -1, or "
                "compare it with what your instruments send in a week.",
            )
        )
    if info.copies == 1:
        notices.append(
            Notice(
                code="one-copy",
                title="Only one broker has the messages",
                advice="If its disk fails, files that were sent are gone. Ask for a replication factor of 3.",
            )
        )
    elif info.min_insync_replicas == 1:
        notices.append(
            Notice(
                code="one-confirms",
                title="One broker alone may confirm a message (min.insync.replicas is 1)",
                advice="If it fails just then, files that were sent are gone. Ask for min.insync.replicas of 2.",
            )
        )
    return tuple(notices)


def duration(seconds: float) -> str:
    """Roughly, for a person: ``3 days``, ``2 hours``."""
    for unit_s, word in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= unit_s:
            count = int(seconds // unit_s)
            return f"{count} {word}{'' if count == 1 else 's'}"
    return f"{seconds:.0f} seconds"
