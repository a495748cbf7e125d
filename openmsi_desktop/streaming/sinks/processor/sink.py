"""The sink that the engine drives."""

from __future__ import annotations

from concurrent.futures import Future

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.settings import Processor
from openmsi_desktop.streaming.sinks import Outcome, ReceivedFile
from openmsi_desktop.streaming.sinks.making import SinkTools


class ProcessorSink:
    """A PooledSink."""

    def __init__(self, described: Processor, journal: Journal, tools: SinkTools) -> None:
        self.name = described.name
        self.jobs = 1

    def prepare(self) -> None:
        raise SettingsError("This release cannot do that yet")

    def submit(self, file: ReceivedFile) -> Future[Outcome]:
        raise SettingsError("This release cannot do that yet")

    def close(self) -> None:
        """Nothing is open."""
