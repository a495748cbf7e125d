"""Topics of a connection for the dialogs: their names, and what is to be said of the one somebody chose. No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui.forms import Finding
from openmsi_desktop.gui.language import tr
from openmsi_desktop.settings import DEFAULT_CHUNK_SIZE, Connection, Settings
from openmsi_desktop.streaming.connections import Connections
from openmsi_desktop.streaming.kafka.errors import NoContact, RightDenied, TopicMissing
from openmsi_desktop.streaming.kafka.types import TopicInfo

if TYPE_CHECKING:
    from openmsi_desktop.gui.desktop import Desktop

LIST_S = 10.0
LOOK_S = 8.0
_WEEK_MS = 7 * 86_400_000
_AROUND_CHUNK = 4096
_SYSTEM_ENDS = (".keys", ".reqs", ".subs")


class Topics(Protocol):
    """Where names and facts come from. Not on the GUI thread: both calls wait for the network."""

    def names(self, connection: Connection) -> Sequence[str]:
        """The topics that the account may see. Raises OpenMSIError."""

    def look_up(self, connection: Connection, topic: str) -> TopicInfo:
        """One topic, with the account's rights to it. Raises OpenMSIError."""


class BrokerTopics:
    """From the brokers themselves; refused sign-ins count together with those of the engine."""

    def __init__(self, desktop: Desktop) -> None:
        self._connections = Connections(desktop.credentials.secret, notes=desktop.host.profile.refusals)

    def names(self, connection: Connection) -> Sequence[str]:
        return self._connections.broker(connection).kafka().cluster(LIST_S).topics

    def look_up(self, connection: Connection, topic: str) -> TopicInfo:
        return self._connections.broker(connection).kafka().topic_and_rights(topic, LOOK_S)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said beside the topic. is_refused: it cannot be used at all."""

    kind: Finding
    text: str
    is_refused: bool = False


def is_system(topic: str) -> bool:
    """Kafka's own topics, and those that KafkaCrypto keeps its keys in."""
    return topic.startswith("__") or topic.endswith(_SYSTEM_ENDS)


def used(settings: Settings, connection: str) -> list[str]:
    """Topics that tasks of this connection use."""
    found = {t.topic for t in settings.watched_folders if t.connection == connection}
    return sorted(found.union(*(t.topics for t in settings.downloads if t.connection == connection)))


def verdict(info: TopicInfo, *, sends: bool, chunk_size: int = DEFAULT_CHUNK_SIZE) -> Verdict:
    """What speaks for and against a topic that is there."""
    if sends and info.is_compacted:
        text = tr(
            "This topic keeps only the newest message of each name, so parts of files would be lost. Choose another."
        )
        return Verdict(Finding.FAILED, text, is_refused=True)
    if info.rights is not None and ("WRITE" if sends else "READ") not in info.rights and "ALL" not in info.rights:
        text = tr("The topic exists, but you may not write to it. Ask the broker’s administrators for the right.")
        if not sends:
            text = tr("The topic exists, but you may not read it. Ask the broker’s administrators for the right.")
        return Verdict(Finding.WARNING, text)
    most = info.max_message_bytes
    if sends and most is not None and most < chunk_size + _AROUND_CHUNK:
        text = tr("The topic takes no messages as big as the part size. Make the part size smaller, under “More”.")
        return Verdict(Finding.WARNING, text)
    if info.retention_ms is not None and 0 <= info.retention_ms < _WEEK_MS:
        hours = max(1, info.retention_ms // 3_600_000)
        if hours < 48:
            return Verdict(Finding.WARNING, tr("The topic exists, but keeps files for %n hour(s) only.", "", hours))
        return Verdict(Finding.WARNING, tr("The topic exists, but keeps files for %n day(s) only.", "", hours // 24))
    if info.rights is None:
        return Verdict(Finding.OK, tr("topic exists"))
    return Verdict(Finding.OK, tr("topic exists, you may write") if sends else tr("topic exists, you may read"))


def trouble(error: OpenMSIError) -> Verdict:
    """Why a topic could not be looked up."""
    if isinstance(error, TopicMissing):
        return Verdict(
            Finding.WARNING,
            tr("There is no such topic. Check the name, or ask the broker’s administrators to create it."),
        )
    if isinstance(error, RightDenied):
        return Verdict(Finding.WARNING, tr("You may not look at this topic. Check its name with the administrators."))
    if isinstance(error, NoContact):
        return Verdict(Finding.WARNING, tr("Not checked: the broker cannot be reached just now."))
    return Verdict(Finding.WARNING, tr("Not checked: %1").replace("%1", error.title))
