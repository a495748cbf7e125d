"""``check``: the staged connection test."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from openmsi_desktop.cli import exits
from openmsi_desktop.cli.common import Common, reporting
from openmsi_desktop.cli.options import CHUNK_SIZE, Reach
from openmsi_desktop.cli.stages import closing_line
from openmsi_desktop.cli.tasks import notes_of
from openmsi_desktop.signals import SIGNALS

if TYPE_CHECKING:
    from openmsi_desktop.streaming.connection_test.stages import ConnectionTest, Verdict

_TIMEOUT_S = 60.0
_LOOK_S = 0.1

Name = Annotated[
    str | None, typer.Argument(metavar="CONNECTION", help="A connection of the settings.", show_default=False)
]
Topics = Annotated[
    list[str],
    typer.Option(
        "--topic",
        metavar="T",
        help="Test this topic; may be repeated. Without it those of the connection's tasks.",
        show_default=False,
    ),
]
Purpose = Annotated[
    str,
    typer.Option("--for", metavar="send|download|both", help="With --topic: what the topic is to be used for."),
]
Group = Annotated[
    str, typer.Option("--group", metavar="NAME", help="Also test the right to this group.", show_default=False)
]
ChunkSize = Annotated[
    int | None,
    typer.Option("--chunk-size", metavar="BYTES", min=1, help="Test whether chunks of this size fit."),
]


def check(
    common: Common,
    reach: Reach,
    name: Name = None,
    topic: Topics = [],  # noqa: B006
    purpose: Purpose = "both",
    group: Group = "",
    chunk_size: ChunkSize = None,
) -> int:
    """Test a connection step by step, and say what is wrong and what to do.

    The steps: name, port, TLS, sign-in, topics, write, read, clock. Nothing is stored on the topic, and no reader
    is disturbed. Every step ends within 10 seconds.

    \b
    openmsi-desktop check lab
    openmsi-desktop check lab --topic xrd --for send
    openmsi-desktop check --bootstrap kafka.example.org:9092 --topic xrd
    """
    if purpose not in ("send", "download", "both"):
        raise typer.BadParameter(f'"{purpose}" is none of send, download and both', param_hint="--for")
    with reporting(common.output(tests=True)) as output:
        connection = _meant(reach, name).choose(common)
        sends, reads = purpose != "download", purpose != "send"
        from openmsi_desktop.credentials import Credentials
        from openmsi_desktop.streaming.connection_test.stages import ConnectionTest
        from openmsi_desktop.streaming.connection_test.topics import TopicUse
        from openmsi_desktop.streaming.connection_test.uses import uses_in
        from openmsi_desktop.streaming.connections import ConnectionBroker

        uses = [TopicUse(t, sends, reads, chunk_size or CHUNK_SIZE, group) for t in dict.fromkeys(topic)]
        if not topic and reach.bootstrap is None:
            uses = [
                replace(use, chunk_size=chunk_size or use.chunk_size, group=group or use.group)
                for use in uses_in(common.read_settings(), connection.name)
            ]
        test = ConnectionTest(
            connection,
            ConnectionBroker(connection, Credentials(common.places.data).secret, notes=notes_of(common)),
            uses=uses,
            emit=output,
            limit_s=_TIMEOUT_S if reach.timeout is None else reach.timeout,
        )
        verdict = _run(test)
        output.results(closing_line(verdict.stages, was_stopped=verdict.was_stopped))
        if SIGNALS.status is not None:
            return SIGNALS.status
        return exits.DONE if verdict.error is None else exits.exit_status(verdict.error)


def _meant(reach: Reach, name: str | None) -> Reach:
    """The connection may be named with or without --connection."""
    if name is None:
        return reach
    if reach.connection is not None or reach.bootstrap is not None:
        raise typer.BadParameter("name the connection once: as CONNECTION, with --connection, or with --bootstrap")
    if ":" in name:
        raise typer.BadParameter(f'"{name}" looks like an address: use --bootstrap {name}', param_hint="CONNECTION")
    return replace(reach, connection=name)


def _run(test: ConnectionTest) -> Verdict:
    """On a thread of its own: the main one takes Ctrl-C."""
    from openmsi_desktop.streaming.receiving.aside import Errand

    stop = SIGNALS.wait_for_stop()
    errand = Errand(lambda: test.run(stop), name="connection test")
    while not errand.wait(_LOOK_S):
        pass
    return errand.result()
