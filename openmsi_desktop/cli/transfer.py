"""``transfer``: rebuild files from topics and put them into an S3 bucket."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from openmsi_desktop.cli.common import Common, reporting
from openmsi_desktop.cli.options import Picking, ReachBesideBucket, built
from openmsi_desktop.cli.reading import ReadingForSink, Topics, check_topics
from openmsi_desktop.cli.text import STORED, printable

if TYPE_CHECKING:
    from openmsi_desktop.settings import Bucket

OBJECT_KEY = "{topic}/{path}"  # that of settings.Bucket, without importing it for every --help
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Storing:
    """Which bucket, and how files become objects in it. None: as the settings have it, or else the default."""

    bucket: Annotated[str, typer.Option("--bucket", metavar="B", help="The bucket, or one of [[buckets]] by its name.")]
    endpoint_url: Annotated[
        str | None,
        typer.Option("--endpoint-url", metavar="URL", help="Address of the S3 server. Without it: Amazon."),
    ] = None
    region: Annotated[str | None, typer.Option("--region", metavar="R", help="Region of the bucket.")] = None
    object_key: Annotated[
        str | None,
        typer.Option(
            "--object-key",
            metavar="TEMPLATE",
            help=f'Key of an object, default "{OBJECT_KEY}"; {{subdir}} {{name}} {{sha512}} {{date}} are filled in too.',
        ),
    ] = None
    access_key_id: Annotated[
        str | None,
        typer.Option("--access-key-id", metavar="ID", help="Without it: what boto3 finds (environment, profile, …)."),
    ] = None
    secret: Annotated[
        str | None,
        typer.Option(
            "--credential", metavar="NAME", help="The secret access key: a secret of the keyring, by its name."
        ),
    ] = None
    if_exists: Annotated[
        str | None,
        typer.Option(
            "--if-exists",
            metavar="keep-both|newest|skip",
            help="When a different object has the key already (default keep-both).",
        ),
    ] = None
    checksum: Annotated[
        str | None,
        typer.Option(
            "--checksum",
            metavar="auto|sha256|crc64nvme|read-back",
            help="How objects are compared with their files (default auto: the best that the server has).",
        ),
    ] = None
    addressing: Annotated[
        str | None,
        typer.Option(
            "--addressing",
            metavar="auto|path|virtual",
            help="Where the bucket's name stands in addresses (default auto).",
        ),
    ] = None
    ca_file: Annotated[
        str | None,
        typer.Option("--ca-file", metavar="PEM", help="The authority that signed the server's certificate."),
    ] = None
    jobs: Annotated[int | None, typer.Option("--jobs", metavar="N", min=1, help="Files at once.")] = None

    def described(self, common: Common, name: str) -> Bucket:
        """The bucket that is meant: one of the settings, changed by these options, or one that only they describe.

        name: what to call it; empty: what it is.

        Raises:
            SettingsError: the settings cannot be read. typer.BadParameter: a value cannot be.
        """
        from openmsi_desktop.settings import Bucket

        chosen = {key: getattr(self, key) for key in _KEYS} | {"credential": self.secret}
        given: dict[str, Any] = {key: value for key, value in chosen.items() if value is not None}
        known = {b.name: b for b in common.read_settings().buckets}.get(self.bucket)
        if known is not None:
            described = {**known.model_dump(), **given}
            if any(described[key] != getattr(known, key) for key in ("endpoint_url", "object_key")):
                described["name"] = name or _title(known.bucket, described["endpoint_url"], described["object_key"])
        else:
            if not _BUCKET.fullmatch(self.bucket):
                raise typer.BadParameter(
                    f'"{printable(self.bucket)}" cannot be a bucket: names of buckets have letters, digits, ".", "_" and '
                    '"-", and at least 3 of them. The server has an option of its own: --endpoint-url',
                    param_hint="--bucket",
                )
            described = {"bucket": self.bucket, **given}
            described["name"] = name or _title(self.bucket, self.endpoint_url, self.object_key)
        if described.get("credential") and not described.get("access_key_id"):
            raise typer.BadParameter(
                "the secret belongs to an access key: name that with --access-key-id. "
                "The password of the broker is --kafka-credential",
                param_hint="--credential",
            )
        _check_address(described.get("endpoint_url", ""))
        return built(Bucket, **described)


_KEYS = (
    *("endpoint_url", "region", "object_key", "access_key_id", "if_exists"),
    *("checksum", "addressing", "ca_file", "jobs"),
)
"""Those that have the same names in the settings."""


def transfer(
    common: Common,
    topics: Topics,
    storing: Storing,
    picking: Picking,
    reading: ReadingForSink,
    reach: ReachBesideBucket,
) -> int:
    """Put the files of topics into an S3 bucket, until stopped.

    A file is stored when it is complete and its hash is right, and the object is compared with it. An object that is
    identical already is not sent again, a different one is never overwritten. Started again, it goes on where it was.
    Without --access-key-id, keys are looked for as boto3 does: in the environment, in a profile, from the instance.

    \b
    openmsi-desktop transfer xrd --bucket lab-data --connection lab
    openmsi-desktop transfer xrd sem --bucket lab-data --endpoint-url https://s3.example.org \\
        --access-key-id lab --credential lab-bucket --bootstrap kafka.example.org:9092
    openmsi-desktop transfer xrd --bucket lab-data --connection lab --until-idle 10 --timeout 60
    """
    check_topics(topics)
    with reporting(common.output(receives=True, follows=True, done=STORED)) as output:
        from openmsi_desktop.settings import Settings

        connection = reach.choose(common)
        bucket = storing.described(common, reading.name)
        task = reading.task(topics, connection, picking, sinks=(bucket.name,))
        settings = Settings(connections=(connection,), downloads=(task,), buckets=(bucket,))
        return reading.run(common, settings, output, timeout=reach.timeout)


def _title(bucket: str, endpoint_url: str | None, object_key: str | None) -> str:
    """Says which objects are meant: files go into others anew, wherever the old ones are.

    ``s3://`` in front keeps it apart from names of the settings.
    """
    title = f"s3://{bucket}"
    if object_key is not None and object_key != OBJECT_KEY:
        title += f"/{object_key}"
    return f"{title} at {urlsplit(endpoint_url).netloc}" if endpoint_url else title


def _check_address(endpoint_url: str) -> None:
    parts = urlsplit(endpoint_url)
    if endpoint_url and (parts.scheme not in ("http", "https") or not parts.hostname):
        named = endpoint_url.rpartition("://")[2] or "s3.example.org"
        raise typer.BadParameter(f"write the address in full: https://{named}", param_hint="--endpoint-url")
