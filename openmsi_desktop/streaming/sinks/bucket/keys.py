"""Topic path -> key of the object, and the key beside it when that one is taken. Nothing is contacted here."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote

from openmsi_desktop.core import moments
from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.local_name import beside as name_beside
from openmsi_desktop.core.topic_path import split
from openmsi_desktop.streaming.sinks import ReceivedFile

MOST_BYTES = 1024
"""Longest key, in UTF-8. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""

_FIELD = re.compile(r"\{(\w+)\}")
_UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Named:
    """What a key is made of. sha512: 64 bytes. moment: of the file's last change or else of its message, in seconds since 1970."""

    topic: str
    path: str
    sha512: bytes
    moment: float | None


def named(file: ReceivedFile) -> Named:
    """What the key of a received file is made of: the same at every attempt."""
    sent = file.order.timestamp_ms
    moment = file.modified if file.modified is not None or sent is None else sent / 1000
    return Named(file.topic, file.relative_path, file.sha512, moment)


def object_key(template: str, what: Named) -> str:
    """The key. A part between slashes of which nothing is left, because there is no ``{subdir}``, goes with its slash.

    template: checked by :func:`openmsi_desktop.settings_values.check_object_key`.

    Raises:
        NeedsYou: it would be longer than a store takes.
    """
    folder, name = split(what.path)
    date = moments.utc(what.moment).strftime("%Y-%m-%d") if what.moment is not None else _UNDATED
    values = {
        "topic": what.topic,
        "path": what.path,
        "subdir": folder,
        "name": name,
        "sha512": what.sha512.hex(),
        "date": date,
    }
    parts = ((part, _FIELD.sub(lambda found: values[found[1]], part)) for part in template.split("/"))
    return checked("/".join(filled for part, filled in parts if filled or not part), what.path)


def beside(key: str, *, topic: str, moment: float, number: int, path: str) -> str:
    """The key for an object that finds its own taken, named as in a folder: ``stem (TOPIC 2026-11-21 10-00-00).ext``.

    Raises:
        NeedsYou: it would be longer than a store takes.
    """
    return checked(name_beside(key, topic=topic, moment=moment, number=number), path)


def checked(key: str, path: str) -> str:
    """The key itself.

    Raises:
        NeedsYou: it is longer than a store takes.
    """
    length = len(key.encode("utf-8"))
    if length <= MOST_BYTES:
        return key
    raise NeedsYou(
        f"The name of {path} is too long for a bucket",
        f"Its key would have {length} bytes, and {MOST_BYTES} is the most. What was received is safe and waits. Make the "
        "template of the keys shorter, or shorten the name on the sending side.",
        path=path,
    )


def example(
    template: str, *, topic: str = "xrd", path: str = "2026/November/scan 12.xy", moment: float = 1.795e9
) -> str:
    """What a template makes of a file, for whoever is writing it. The hash is that of the path, shortened nowhere."""
    return object_key(template, Named(topic, path, hashlib.sha512(path.encode()).digest(), moment))


def url(bucket: str, key: str) -> str:
    """How an object is shown to people, and kept in the journal."""
    return f"s3://{bucket}/{key}"


def key_in(address: str, bucket: str) -> str | None:
    """The way back from :func:`url`; None if it is of another bucket."""
    start = f"s3://{bucket}/"
    return address[len(start) :] if address.startswith(start) else None


_PLAIN = "/!$&'()*+,;=:@-._~[]"
_MOST_METADATA_BYTES = 1900
"""A store takes 2 kB: names and values together."""


def metadata(file: ReceivedFile) -> dict[str, str]:
    """What is written on the object, beside its content. Values that are no plain ASCII are percent-encoded.

    ``mtime`` is seconds since 1970 with a fraction, as rclone writes it. A path that does not fit in is left out: it is
    part of the key in nearly every template.
    """
    found = {"sha512": file.sha512.hex(), "topic": quote(file.topic, safe=_PLAIN)}
    if file.modified is not None:
        found["mtime"] = f"{file.modified:.9f}".rstrip("0").rstrip(".")
    if file.installation:
        found["installation"] = quote(file.installation, safe=_PLAIN)
    if file.version:
        found["version"] = str(file.version)
    path = quote(file.relative_path, safe=_PLAIN)
    if sum(len(name) + len(value) for name, value in found.items()) + len(path) + 4 <= _MOST_METADATA_BYTES:
        found["path"] = path
    return found
