"""What ``download``, ``transfer`` and ``process`` have in common: topics, where to begin, and how the task is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openmsi_desktop.cli.common import Common
from openmsi_desktop.cli.options import Picking, UntilIdle, built, check_topic
from openmsi_desktop.cli.output import Output

if TYPE_CHECKING:
    from openmsi_desktop.settings import Connection, Download, Settings

Topics = Annotated[list[str], typer.Argument(metavar="TOPIC", help="Topics to read.", show_default=False)]
SPOOL_LIMIT = 20_000_000_000  # that of settings.Download, without importing it for every --help


@dataclass(frozen=True, slots=True)
class Reading:
    """How topics are read."""

    from_: Annotated[
        str,
        typer.Option("--from", metavar="start|now|DATE", help="Where to begin at the first start; later it goes on."),
    ] = "start"
    group: Annotated[
        str,
        typer.Option(
            "--group", metavar="NAME", help="Share the work with other computers of this group.", show_default=False
        ),
    ] = ""
    receipts: Annotated[
        bool,
        typer.Option(
            "--receipts", help="Tell senders that files have arrived, on the topic TOPIC.receipts.", show_default=False
        ),
    ] = False
    until_idle: UntilIdle = None

    def task(self, topics: Sequence[str], connection: Connection, picking: Picking, **more: Any) -> Download:
        """These options as a task of the settings would have them.

        Raises:
            typer.BadParameter: a value cannot be.
        """
        from openmsi_desktop.settings import Download

        return built(
            Download,
            topics=tuple(topics),
            connection=connection.name,
            from_=self.from_,
            group=self.group,
            receipts=self.receipts,
            include=tuple(picking.include),
            exclude=tuple(picking.exclude),
            **more,
        )

    def run(
        self,
        common: Common,
        settings: Settings,
        output: Output,
        *,
        timeout: float | None,
        again: Sequence[str] = (),
    ) -> int:
        """Run the one task of these settings until it ends; returns the exit status."""
        from openmsi_desktop.cli.running import stream

        return stream(common, settings, output, until_idle=self.until_idle, timeout=timeout, again=again)


@dataclass(frozen=True, slots=True)
class ReadingForSink(Reading):
    """The same without a folder of one's own: files wait in the data folder until a bucket or a program has had them."""

    spool_limit: Annotated[
        int,
        typer.Option("--spool-limit", metavar="BYTES", min=0, help="Receiving pauses while more waits on this disk."),
    ] = SPOOL_LIMIT
    name: Annotated[
        str,
        typer.Option(
            "--name",
            metavar="NAME",
            help="Name of the task; under the same name it goes on where it was, also with other options.",
            show_default=False,
        ),
    ] = ""

    def task(self, topics: Sequence[str], connection: Connection, picking: Picking, **more: Any) -> Download:
        """See :meth:`Reading.task`."""
        beside = {"name": self.name, "spool_limit": self.spool_limit}
        return Reading.task(self, topics, connection, picking, **beside, **more)


def check_topics(topics: Sequence[str]) -> None:
    """Refuse names that no topic can have."""
    for topic in topics:
        check_topic(topic, hint="TOPIC")
