"""Options that recur, in groups. A command takes a group as a parameter; see common.py."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from openmsi_desktop.cli.common import Common, unknown
from openmsi_desktop.cli.text import printable
from openmsi_desktop.core.errors import SettingsError

if TYPE_CHECKING:
    from openmsi_desktop.settings import Connection, Model, Settle, WatchedFolder

M = TypeVar("M", bound="Model")

CHUNK_SIZE = 524_288  # settings.DEFAULT_CHUNK_SIZE, without importing it for every --help


UntilIdle = Annotated[
    float | None,
    typer.Option("--until-idle", metavar="S", min=0, help="End when there was nothing left to do for S seconds."),
]


@dataclass(frozen=True, slots=True)
class Reach:
    """Which broker, and how to sign in."""

    connection: Annotated[
        str | None, typer.Option("--connection", metavar="NAME", help="A connection of the settings.")
    ] = None
    bootstrap: Annotated[
        str | None, typer.Option("--bootstrap", metavar="HOST:PORT[,…]", help="A broker, without any settings.")
    ] = None
    kafka: Annotated[
        list[str],
        typer.Option(
            "--kafka", metavar="KEY=VALUE", help="A librdkafka property; may be repeated.", show_default=False
        ),
    ] = field(default_factory=list)
    credential: Annotated[
        str | None,
        typer.Option(
            "--credential",
            "--kafka-credential",
            metavar="NAME",
            help="The password: a secret of the keyring (see: secret set).",
        ),
    ] = None
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", metavar="S", min=0, help="Give up after this many seconds without any contact."),
    ] = None

    def choose(self, common: Common) -> Connection:
        """The connection that is meant.

        Raises:
            SettingsError: the settings have no such connection, or a property is a secret.
        """
        from openmsi_desktop.settings import Connection

        if self.connection is not None and self.bootstrap is not None:
            raise typer.BadParameter("choose one of --connection and --bootstrap")
        properties = dict(map(_property, self.kafka))
        if self.bootstrap is not None:
            _check_ports(self.bootstrap)
            base = Connection(name=self.bootstrap, kafka={"bootstrap.servers": self.bootstrap})
        else:
            base = self._of_settings(common)
        return built(
            Connection,
            name=base.name,
            kafka={**base.kafka, **properties},
            credential=self.credential if self.credential is not None else base.credential,
        )

    def _of_settings(self, common: Common) -> Connection:
        known = {c.name: c for c in common.read_settings().connections}
        if self.connection is not None:
            if self.connection not in known:
                if not known:
                    raise SettingsError(
                        f'There is no connection "{self.connection}": the settings have no connections',
                        f"Use --bootstrap, or describe one in {common.places.settings}.",
                    )
                raise unknown("connection", self.connection, known)
            return known[self.connection]
        if len(known) == 1:
            return next(iter(known.values()))
        names = f" ({', '.join(map(printable, known))})" if known else ""
        raise typer.BadParameter(
            f"name the broker with --bootstrap HOST:PORT, or a connection of the settings with --connection NAME{names}"
        )


@dataclass(frozen=True, slots=True)
class ReachBesideBucket(Reach):
    """The same for a command whose ``--credential`` is that of a bucket."""

    credential: Annotated[
        str | None,
        typer.Option(
            "--kafka-credential", metavar="NAME", help="The broker's password: a secret of the keyring, by its name."
        ),
    ] = None


def _check_ports(bootstrap: str) -> None:
    for address in bootstrap.split(","):
        host, colon, port = address.strip().rpartition(":")
        if not (host and colon and port.isascii() and port.isdigit()):
            named = address.strip().rstrip(":").rpartition("://")[2] or "localhost"
            raise typer.BadParameter(f"name the port: {named}:9092", param_hint="--bootstrap")


_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")


def check_topic(name: str, *, hint: str) -> None:
    """Refuse a name that no topic can have."""
    if not _TOPIC.fullmatch(name) or name in (".", ".."):
        raise typer.BadParameter(
            f'"{printable(name)}" cannot be a topic: names of topics have letters, digits, ".", "_" and "-", '
            "and at most 249 of them",
            param_hint=hint,
        )


def pair(text: str, *, hint: str) -> tuple[str, str]:
    """``KEY=VALUE``, taken apart at the first equals sign."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise typer.BadParameter(f'"{text}" is not of the form KEY=VALUE', param_hint=hint)
    return name, value


def _property(text: str) -> tuple[str, str]:
    from openmsi_desktop.settings_values import secret_advice

    name, value = pair(text, hint="--kafka")
    if secret_advice(name.strip()):
        raise SettingsError(
            f"{name.strip()} is a secret",
            "Secrets are never given as arguments: other users of this computer could see them. Store it with "
            "openmsi-desktop secret set NAME, and use --credential NAME.",
        )
    return name.strip(), value


@dataclass(frozen=True, slots=True)
class Picking:
    """Which files."""

    include: Annotated[
        list[str],
        typer.Option(
            "--include",
            metavar="GLOB",
            help="Only files like this (patterns as in .gitignore); may be repeated.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    exclude: Annotated[
        list[str],
        typer.Option("--exclude", metavar="GLOB", help="No files like this; may be repeated.", show_default=False),
    ] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sending:
    """How files are sent, and which limits they have to keep."""

    topic: Annotated[str, typer.Option("--topic", metavar="T", help="The topic to send to.")]
    subfolder: Annotated[
        str, typer.Option("--subfolder", metavar="A/B", help="Folder name put before every path.", show_default=False)
    ] = ""
    chunk_size: Annotated[
        int, typer.Option("--chunk-size", metavar="BYTES", min=1, help="Bytes of file data in one message.")
    ] = CHUNK_SIZE
    limit: Annotated[
        int, typer.Option("--limit", metavar="BYTES_PER_S", min=0, help="Send no faster than this.", show_default=False)
    ] = 0
    min_size: Annotated[
        int, typer.Option("--min-size", metavar="BYTES", min=0, help="No smaller files.", show_default=False)
    ] = 0
    max_size: Annotated[
        int, typer.Option("--max-size", metavar="BYTES", min=0, help="No bigger files.", show_default=False)
    ] = 0
    newer_than: Annotated[
        str,
        typer.Option(
            "--newer-than",
            metavar="DATE",
            help='Only files changed since: 2026-11-21, or an age such as "30 d".',
            show_default=False,
        ),
    ] = ""
    check: Annotated[
        bool, typer.Option("--check", help="Read every file back from the topic and compare it.", show_default=False)
    ] = False
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="List what would be sent, and what not and why; send nothing.", show_default=False
        ),
    ] = False

    def task(
        self, path: Path, connection: Connection | None, picking: Picking, finishing: Finishing | None = None
    ) -> WatchedFolder:
        """These options as a watched folder of the settings would have them; one-off uploads use its checks too.

        connection: None if nothing is going to be sent.

        Raises:
            typer.BadParameter: a value cannot be.
        """
        from openmsi_desktop.settings import Limit, Settle, WatchedFolder

        check_topic(self.topic, hint="--topic")
        return built(
            WatchedFolder,
            path=path.absolute(),
            connection=connection.name if connection else "none",
            topic=self.topic,
            subfolder=self.subfolder,
            include=tuple(picking.include),
            exclude=tuple(picking.exclude),
            min_size=self.min_size,
            max_size=self.max_size,
            newer_than=self.newer_than,
            subfolders=not (finishing and finishing.no_subfolders),
            temporary=bool(finishing and finishing.temporary),
            settle=finishing.settle() if finishing else Settle(),
            existing="skip" if finishing and finishing.new_only else "send",
            check=self.check,
            receipts=bool(finishing and finishing.receipts),
            chunk_size=self.chunk_size,
            limit=Limit(bytes_per_s=self.limit),
        )


@dataclass(frozen=True, slots=True)
class Finishing:
    """When a watched file counts as finished, and what only a watched folder can be told."""

    quiet: Annotated[
        float, typer.Option("--quiet", metavar="S", min=0, help="Seconds without change until a file is finished.")
    ] = 10
    marker: Annotated[
        str,
        typer.Option(
            "--marker", metavar='"{name}.done"', help="A file that says another one is finished.", show_default=False
        ),
    ] = ""
    partner: Annotated[
        str,
        typer.Option("--partner", metavar='"{name}.xml"', help="A file that has to be there too.", show_default=False),
    ] = ""
    unit: Annotated[
        str,
        typer.Option(
            "--unit", metavar="file|folder|growing", help="What is finished together; growing: snapshots every S."
        ),
    ] = "file"
    every: Annotated[
        float, typer.Option("--every", metavar="S", help="With --unit growing: seconds between snapshots.")
    ] = 600
    max_wait: Annotated[
        float,
        typer.Option(
            "--max-wait",
            metavar="S",
            min=0,
            help="Send after this many seconds even if it changes.",
            show_default=False,
        ),
    ] = 0

    new_only: Annotated[
        bool, typer.Option("--new-only", help="Do not send what is already there.", show_default=False)
    ] = False
    no_subfolders: Annotated[
        bool, typer.Option("--no-subfolders", help="Only what lies in the folder itself.", show_default=False)
    ] = False
    temporary: Annotated[
        bool,
        typer.Option("--temporary", help="Temporary, hidden and system files, too.", show_default=False),
    ] = False
    receipts: Annotated[
        bool,
        typer.Option(
            "--receipts", help="Hear from whoever downloads the files that they have arrived.", show_default=False
        ),
    ] = False

    def settle(self) -> Settle:
        """As the settings have it."""
        from openmsi_desktop.settings import Settle

        return built(
            Settle,
            quiet_s=float(self.quiet),
            marker=self.marker,
            partner=self.partner,
            unit=self.unit,
            every_s=float(self.every),
            max_wait_s=float(self.max_wait),
        )


_OPTION_OF = {
    "quiet_s": "--quiet",
    "every_s": "--every",
    "max_wait_s": "--max-wait",
    "name": "--bootstrap",
    "from_": "--from",
    "class_": "--class",
    "command": "PROGRAM",
    "options": "--option",
    "environment": "--env",
    "result_topic": "--to",
    "time_limit_s": "--time-limit",
}


def built(model: type[M], **values: Any) -> M:
    """A model made from options.

    Raises:
        typer.BadParameter: a value cannot be.
    """
    from openmsi_desktop.settings_form import Unfit, make

    try:
        return make(model, **values)
    except Unfit as error:
        option = _OPTION_OF.get(error.key, "--" + error.key.replace("_", "-"))
        raise typer.BadParameter(str(error), param_hint=option if error.key else None) from None
