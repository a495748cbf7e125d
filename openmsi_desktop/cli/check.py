"""``check``: the test of a connection, or of a bucket, in stages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from openmsi_desktop.cli import exits
from openmsi_desktop.cli.common import Common, reporting
from openmsi_desktop.cli.options import CHUNK_SIZE, Reach
from openmsi_desktop.cli.stages import closing_line
from openmsi_desktop.cli.tasks import notes_of
from openmsi_desktop.signals import SIGNALS

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from typing import TypeVar

    from openmsi_desktop.cli.output import Output
    from openmsi_desktop.streaming.connection_test.stages import Verdict
    from openmsi_desktop.streaming.sinks.bucket.trial import BucketVerdict

    AnyVerdict = TypeVar("AnyVerdict", Verdict, BucketVerdict)

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


@dataclass(frozen=True, slots=True)
class Stored:
    """Which bucket, if it is a bucket that is tested."""

    bucket: Annotated[
        str | None, typer.Option("--bucket", metavar="B", help="Test this bucket, or one of [[buckets]] by its name.")
    ] = None
    endpoint_url: Annotated[
        str | None, typer.Option("--endpoint-url", metavar="URL", help="Address of the S3 server. Without it: Amazon.")
    ] = None
    region: Annotated[str | None, typer.Option("--region", metavar="R", help="Region of the bucket.")] = None
    access_key_id: Annotated[
        str | None, typer.Option("--access-key-id", metavar="ID", help="Its secret is named by --credential.")
    ] = None
    addressing: Annotated[
        str | None,
        typer.Option("--addressing", metavar="auto|path|virtual", help="Where the bucket's name stands in addresses."),
    ] = None
    ca_file: Annotated[
        str | None, typer.Option("--ca-file", metavar="PEM", help="The authority that signed the server's certificate.")
    ] = None

    def without_bucket(self) -> str:
        """An option that only means something with --bucket."""
        given = (name for name in _OF_BUCKET if getattr(self, name) is not None)
        return next((f"--{name.replace('_', '-')}" for name in given), "")


_OF_BUCKET = ("endpoint_url", "region", "access_key_id", "addressing", "ca_file")


def check(
    common: Common,
    reach: Reach,
    stored: Stored,
    name: Name = None,
    topic: Topics = [],  # noqa: B006
    purpose: Purpose = "both",
    group: Group = "",
    chunk_size: ChunkSize = None,
) -> int:
    """Test a connection or a bucket step by step, and say what is wrong and what to do.

    The steps of a connection: name, port, TLS, sign-in, topics, write, read, clock. Nothing is stored on the topic, and no
    reader is disturbed. Those of a bucket: name, port, TLS, sign-in, bucket, put, get, checksum, delete, list, clock, with
    one small object below .openmsi-desktop/. Every step ends within 10 seconds.

    \b
    openmsi-desktop check lab
    openmsi-desktop check lab --topic xrd --for send
    openmsi-desktop check --bootstrap kafka.example.org:9092 --topic xrd
    openmsi-desktop check --bucket lab-data --endpoint-url https://s3.example.org --access-key-id lab --credential lab-bucket
    """
    if stored.bucket is not None:
        if name is not None or topic or group or reach.connection or reach.bootstrap or reach.kafka:
            raise typer.BadParameter("test either a connection or a bucket: --bucket goes with neither of the others")
        return _check_bucket(common, reach, stored, stored.bucket)
    if option := stored.without_bucket():
        raise typer.BadParameter(f"{option} belongs to a bucket: name it with --bucket")
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
        return _told(_run(test.run), output, "connection")


def _check_bucket(common: Common, reach: Reach, stored: Stored, bucket: str) -> int:
    from openmsi_desktop.cli.transfer import Storing

    with reporting(common.output(tests=True)) as output:
        given = {name: getattr(stored, name) for name in _OF_BUCKET}
        described = Storing(bucket=bucket, secret=reach.credential, **given).described(common, "")
        from openmsi_desktop.credentials import Credentials
        from openmsi_desktop.streaming.sinks.bucket.trial import BucketTest

        secret_of = Credentials(common.places.data).secret
        limit_s = _TIMEOUT_S if reach.timeout is None else reach.timeout
        return _told(_run(BucketTest(described, secret_of, emit=output, limit_s=limit_s).run), output, "bucket")


def _told(verdict: Verdict | BucketVerdict, output: Output, what: str) -> int:
    """The last line, and the exit status."""
    output.results(closing_line(verdict.stages, was_stopped=verdict.was_stopped, what=what))
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


def _run(run: Callable[[threading.Event], AnyVerdict]) -> AnyVerdict:
    """On a thread of its own: the main one takes Ctrl-C."""
    from openmsi_desktop.streaming.receiving.aside import Errand

    stop = SIGNALS.wait_for_stop()
    errand = Errand(lambda: run(stop), name="connection test")
    while not errand.wait(_LOOK_S):
        pass
    return errand.result()
