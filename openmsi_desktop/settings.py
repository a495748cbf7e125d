"""What a person can set: connections, tasks and sinks, as frozen models. Reading and writing the file: settings_file.py.

The command line builds the same models from its options. Names of fields are the keys of settings.toml;
``from`` and ``class`` are Python words, so their fields are called ``from_`` and ``class_``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from openmsi_desktop.settings_values import (
    check_age,
    check_command,
    check_object_key,
    check_start,
    check_subfolder,
    parse_age,
    secret_advice,
)

DEFAULT_CHUNK_SIZE = 524_288
"""Bytes of file data in a chunk: OpenMSIStream's own default."""

KafkaValue = str | int | float | bool


def _moment_text(value: object) -> object:
    """TOML may write a date without quotes; the models keep text."""
    return value.isoformat() if isinstance(value, (datetime, date)) else value


def _path(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str) or not value:
        return value
    text = os.path.expanduser(value)
    return text if info.mode == "json" else Path(text)


def _tuple(value: object) -> object:
    """TOML has arrays, the models have tuples."""
    return tuple(value) if isinstance(value, list) else value


Array = BeforeValidator(_tuple)
Text = Annotated[str, Field(min_length=1)]
Names = Annotated[tuple[Text, ...], Array]
LocalPath = Annotated[Path, BeforeValidator(_path)]
Bytes = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
SomeSeconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Age = Annotated[str, BeforeValidator(_moment_text), AfterValidator(check_age)]
Start = Annotated[str, BeforeValidator(_moment_text), AfterValidator(check_start)]
Subfolder = Annotated[str, AfterValidator(check_subfolder)]


class Model(BaseModel):
    """What all tables have in common: unknown keys and wrong types are mistakes, nothing changes afterwards.

    The text below a field is its description in docs/settings.md. It is no part of the model: reading it from the source
    took a tenth of the time in which a command starts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class Connection(Model):
    """A Kafka cluster and how to sign in to it."""

    name: Text
    """What tasks call this connection."""
    kafka: dict[str, KafkaValue] = Field(default_factory=dict)
    """librdkafka properties, passed on as they are; `bootstrap.servers` is needed. Passwords do not belong here: see `credential`."""
    credential: str = ""
    """Name of the secret in the keyring that is the password of this connection. Empty: none is needed."""

    @field_validator("kafka")
    @classmethod
    def _no_secrets(cls, kafka: dict[str, KafkaValue]) -> dict[str, KafkaValue]:
        for name in kafka:
            if advice := secret_advice(name):
                raise ValueError(advice)
        return kafka


class Settle(Model):
    """When a file counts as finished."""

    quiet_s: Seconds = 10
    """Seconds without any change."""
    max_wait_s: Seconds = 0
    """Send what is there after this many seconds, even if it still changes. 0: wait for as long as it takes."""
    marker: str = ""
    """A file that says that another one is finished, for example `{name}.done`. It is not sent itself."""
    partner: str = ""
    """A file that has to be there too, for example `{stem}.xml`. It is sent as well."""
    unit: Literal["file", "folder", "growing"] = "file"
    """What is finished together: each `file`, each sub-`folder` as a whole, or never (`growing`: a snapshot every `every_s`)."""
    every_s: SomeSeconds = 600
    """With `unit = "growing"`: seconds between two snapshots."""


class Period(Model):
    """A time of the day, on some days, with a limit of its own."""

    from_: Annotated[str, Field(alias="from", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    """Start, local time, `HH:MM`."""
    to: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
    """End, local time, `HH:MM`. Earlier than the start: on the next day."""
    days: Annotated[
        tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...],
        Array,
    ] = ()
    """Days on which it starts: `mon` to `sun`. Empty: every day."""
    bytes_per_s: Bytes
    """Limit during this time. 0: none."""


class Limit(Model):
    """How fast a task may send."""

    bytes_per_s: Bytes = 0
    """Bytes per second. 0: no limit."""
    timetable: Annotated[tuple[Period, ...], Array] = ()
    """Times of the day with another limit; the first that fits counts."""

    def at(self, moment: datetime) -> int:
        """Bytes per second allowed at a local time; 0 means no limit."""
        return next((p.bytes_per_s for p in self.timetable if _in_period(p, moment)), self.bytes_per_s)


class WatchedFolder(Model):
    """Keep sending what appears in a folder."""

    name: str = ""
    """What the task is called. Left out: the folder's name."""
    path: LocalPath
    """The folder, absolute. `~` is your home folder."""
    connection: Text
    """Name of a connection."""
    topic: Text
    """Topic to send to."""
    subfolder: Subfolder = ""
    """Put before the path of every file, for example the name of this computer."""
    include: Names = ()
    """Patterns (as in .gitignore) of files to send. Empty: everything that is not excluded."""
    exclude: Names = ()
    """Patterns of files never to send. A `!` before one takes files back that others, or the defaults, leave out."""
    subfolders: bool = True
    """Send what lies in sub-folders, too."""
    temporary: bool = False
    """Send temporary, hidden and system files, too. Otherwise they are left out, unless included."""
    min_size: Bytes = 0
    """Files smaller than this are not sent."""
    max_size: Bytes = 0
    """Files bigger than this are not sent. 0: no limit."""
    newer_than: Age = ""
    """Only files changed since: a date (`2026-11-21`), or an age (`30 d`; also `h`, `w`)."""
    settle: Settle = Settle()
    """When a file counts as finished."""
    existing: Literal["send", "skip"] = "send"
    """What to do with the files that are there at the first start."""
    check: bool = False
    """Read every file back from the topic and compare it."""
    chunk_size: Annotated[int, Field(ge=1, le=512 * 1024 * 1024)] = DEFAULT_CHUNK_SIZE
    """Bytes of file data in one message. The topic must allow messages a little bigger than this."""
    limit: Limit = Limit()
    """How fast this task may send."""
    receipts: bool = False
    """Read the receipts of whoever downloads the files (topic `NAME.receipts`): files that have arrived there are called Arrived."""
    paused: bool = False
    """Do not start this task."""

    @model_validator(mode="after")
    def _check(self) -> WatchedFolder:
        if self.max_size and self.max_size < self.min_size:
            raise ValueError('"max_size" is smaller than "min_size", so no file would be sent')
        if self.settle.unit == "folder" and not self.subfolders:
            raise ValueError('unit = "folder" needs subfolders = true: each sub-folder is sent as a whole')
        return self

    @property
    def title(self) -> str:
        """The name people see."""
        return self.name or self.path.name or str(self.path)

    def oldest(self, now: float) -> float | None:
        """Files last changed before this moment (seconds since 1970) are left out; None: none are."""
        return parse_age(self.newer_than, now=now) if self.newer_than else None


class Download(Model):
    """Rebuild files from topics, and hand them to a folder, buckets and processors."""

    name: str = ""
    """What the task is called. Left out: the first topic."""
    topics: Annotated[Names, Field(min_length=1)]
    """Topics to read."""
    connection: Text
    """Name of a connection."""
    target: LocalPath | None = None
    """Folder for the files. May be left out when there are sinks."""
    sinks: Names = ()
    """Names of buckets and processors that get every file too."""
    from_: Annotated[Start, Field(alias="from")] = "start"
    """Where to begin at the first start: `start`, `now`, or a date or time (`2026-11-21T10:00`, local time if it has no offset)."""
    group: str = ""
    """Consumer group shared with other computers that divide the work. Empty: this computer reads everything."""
    include: Names = ()
    """Patterns of paths to take from the topics. Empty: all."""
    exclude: Names = ()
    """Patterns of paths to leave out."""
    if_exists: Literal["keep-both", "newest", "skip"] = "keep-both"
    """What to do when a different file that we did not put there has the name already."""
    keep_free: Annotated[int, Field(ge=0)] | None = None
    """Bytes: receiving pauses while less is free on the disk of the target. Left out: 1 GB, or 5 % of the disk if that is more."""
    spool_limit: Bytes = 20_000_000_000
    """Bytes that may wait on this disk for buckets and processors that are slow or out of reach; receiving pauses while there are
    more. 0: no limit but the room on the disk."""
    receipts: bool = False
    """Write a receipt for every delivered file to the topic `NAME.receipts`, so that its sender knows that it has arrived."""
    paused: bool = False
    """Do not start this task."""

    @property
    def title(self) -> str:
        """The name people see."""
        return self.name or self.topics[0]


class Bucket(Model):
    """An S3 bucket that gets complete files."""

    name: Text
    """What downloads call it among their `sinks`."""
    bucket: Text
    """Name of the bucket."""
    endpoint_url: str = ""
    """Address of the S3 server. Empty: Amazon."""
    region: str = ""
    """Region of the bucket. Empty: the server's default."""
    object_key: Annotated[Text, AfterValidator(check_object_key)] = "{topic}/{path}"
    """Key of the object; `{topic} {path} {subdir} {name} {sha512} {date}` are filled in. `{topic}/{path}` is OpenMSIStream's layout."""
    access_key_id: str = ""
    """Access key id. Empty: what boto3 finds by itself (environment, profile, instance)."""
    credential: str = ""
    """Name of the secret in the keyring that is the secret access key."""
    addressing: Literal["auto", "path", "virtual"] = "auto"
    """How the bucket is named in the address: in its `path`, as its host name (`virtual`), or whatever works (`auto`)."""
    if_exists: Literal["keep-both", "newest", "skip"] = "keep-both"
    """What to do when a different object has the key already: keep it and put ours beside it, move it aside, or leave it alone. In a
    bucket with versions ours becomes the next version."""
    checksum: Literal["auto", "sha256", "crc64nvme", "read-back"] = "auto"
    """How an object is compared with the file after it was stored. `auto`: the best that the server offers."""
    ca_file: str = ""
    """PEM file with the certificate of the authority that signed the server's. Empty: the usual authorities."""
    jobs: Annotated[int, Field(ge=0)] = 0
    """Files at once. 0: chosen by the program."""

    @model_validator(mode="after")
    def _check(self) -> Bucket:
        if self.access_key_id and not self.credential:
            raise ValueError('"credential" is missing: the name of the secret that belongs to "access_key_id"')
        return self


class Processor(Model):
    """A program or a Python class that sees every complete file. Either `command` or `class` is needed."""

    name: Text
    """What downloads call it among their `sinks`."""
    command: Annotated[tuple[str, ...], Array, AfterValidator(check_command)] = ()
    """Program and arguments; `{file} {relative_path} {name} {topic} {sha512} {size} {output_dir}` are filled in. No shell reads it."""
    class_: Annotated[str, Field(alias="class")] = ""
    """A Python class instead, as `module:Class`, `/folder/file.py:Class`, or by the entry point of an installed package."""
    options: dict[str, KafkaValue] = Field(default_factory=dict)
    """Given to the class as keyword arguments when it is made."""
    python: str = ""
    """The Python interpreter that runs `class`, or the folder of its environment. Empty: the one of this program."""
    folder: str = ""
    """Working folder. Empty: of a program an empty one for each file, which is also `{output_dir}`; of a class, whose module is
    looked for there, the folder where this program was started."""
    environment: dict[str, str] = Field(default_factory=dict)
    """Environment variables for the program, besides those of this one and `OPENMSI_…`. No place for secrets."""
    result_topic: str = ""
    """Topic for results; never one that is read. Empty: results are not sent."""
    time_limit_s: SomeSeconds = 3600
    """Seconds a file may take."""
    memory_limit: Bytes = 0
    """Bytes of memory the process of a `class` may take; above, it is ended and the file counts as failed. 0: no limit."""
    tries: Annotated[int, Field(ge=1)] = 3
    """Attempts for a file before it becomes a problem."""
    jobs: Annotated[int, Field(ge=0)] = 0
    """Files at once. 0: as many as this computer has cores."""

    @property
    def jobs_at_once(self) -> int:
        """Files at once, the number of cores counted out."""
        return self.jobs or os.cpu_count() or 1

    @model_validator(mode="after")
    def _check(self) -> Processor:
        if bool(self.command) == bool(self.class_):
            raise ValueError(
                'either "command" or "class" is needed'
                if not self.command
                else 'only one of "command" and "class" may be there'
            )
        if self.options and not self.class_:
            raise ValueError('"options" are for a "class"; put the arguments of a program into "command"')
        return self


class Notifications(Model):
    """What the desktop is told besides the icon."""

    problems: bool = True
    """When something needs a person: at most one message for each task in 10 minutes."""
    finished: bool = False
    """When everything that was found has been sent."""


class Dropping(Model):
    """Files that are dropped on the window to be sent once."""

    connection: str = ""
    """Connection that was used last."""
    topic: str = ""
    """Topic that was used last."""
    subfolder: Subfolder = ""
    """Sub-folder that was used last."""
    check: bool = False
    """Read every file back from the topic and compare it."""
    ask: bool = True
    """Ask before sending very much."""
    ask_bytes: Bytes = 5_000_000_000
    """More bytes than this are very much."""
    ask_files: Annotated[int, Field(ge=1)] = 500
    """More files than this are very many."""
    stay_on_top: bool = False
    """The window for dropping stays above all others."""


class Application(Model):
    """The window and the icon. The engine does not read this."""

    theme: Literal["system", "light", "dark"] = "system"
    """Colours of the windows."""
    tray_ground: Literal["", "light", "dark", "mono"] = ""
    """Which drawings the icon uses. Empty: those that go with the windows."""
    language: str = ""
    """Language of the windows, such as `de`. Empty: the system's."""
    touch: bool = False
    """Make everything big enough for gloves."""
    calm_icon: bool = False
    """The icon never moves."""
    start_hidden: bool = True
    """Started at login, show only the icon."""
    close: Literal["ask", "hide", "quit"] = "ask"
    """What closing the window does: `hide` it and go on sending, `quit`, or `ask` the first time."""
    notifications: Notifications = Notifications()
    """What the desktop is told."""
    dropping: Dropping = Dropping()
    """Files that are sent once."""


class Settings(Model):
    """The whole file."""

    version: Literal[1] = 1
    """Format of this file."""
    connections: Annotated[tuple[Connection, ...], Array] = ()
    """Kafka clusters."""
    watched_folders: Annotated[tuple[WatchedFolder, ...], Array] = ()
    """Folders whose files are sent."""
    downloads: Annotated[tuple[Download, ...], Array] = ()
    """Topics whose files are rebuilt."""
    buckets: Annotated[tuple[Bucket, ...], Array] = ()
    """S3 buckets for downloads to hand files to."""
    processors: Annotated[tuple[Processor, ...], Array] = ()
    """Programs for downloads to hand files to."""
    limit: Limit = Limit()
    """How fast all tasks together may send."""
    application: Application = Application()
    """The window and the icon."""

    def connection(self, name: str) -> Connection:
        """The connection of that name.

        Raises:
            KeyError: there is none.
        """
        return _named(self.connections, name)

    def sink(self, name: str) -> Bucket | Processor:
        """The bucket or processor of that name.

        Raises:
            KeyError: there is none.
        """
        sinks: tuple[Bucket | Processor, ...] = (*self.buckets, *self.processors)
        return _named(sinks, name)


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


_Item = TypeVar("_Item", bound=_HasName)


def _named(items: Iterable[_Item], name: str) -> _Item:
    for item in items:
        if item.name == name:
            return item
    raise KeyError(name)


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _in_period(period: Period, moment: datetime) -> bool:
    clock = moment.strftime("%H:%M")
    today, yesterday = (not period.days or _DAYS[(moment.weekday() - back) % 7] in period.days for back in (0, 1))
    if period.from_ < period.to:
        return today and period.from_ <= clock < period.to
    return (today and clock >= period.from_) or (yesterday and clock < period.to)
