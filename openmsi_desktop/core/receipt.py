"""The receipt: a small message by which a reader says that it has delivered a file. Made and read here, documented in docs/receipts.md.

Anybody who may write to the topic can write anything there, so :func:`parse` takes nothing on trust. Whether a receipt fits
a file is decided in :mod:`openmsi_desktop.core.arrivals`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from openmsi_desktop.core import moments, topic_path
from openmsi_desktop.core.errors import ChunkError

FORMAT = "openmsi-receipt/1"
SUFFIX = ".receipts"
"""Receipts for the files of a topic go to the topic of this name with this ending."""
MAX_BYTES = 32_768
"""A message longer than this is no receipt: the longest path, written in the longest way, has room."""
KINDS = ("folder", "bucket", "processor")
MAX_TEXT = 300
MAX_WHERE = 4096
_MAX_NUMBER = (1 << 63) - 1
_HASH = re.compile(r"[0-9a-f]{128}")
_INSTALLATION = re.compile(r"[0-9a-f]{32}")


class NotAReceipt(Exception):
    """The message is malformed, too big, or of a format that this release does not know. Says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file is now. kind: one of :data:`KINDS`; name: of the folder, bucket or processor; where: a URL, or empty;
    computer: the one that the reader runs on."""

    kind: str
    name: str
    where: str
    computer: str

    @property
    def words(self) -> str:
        """For people, as part of a sentence: ``at bucket lab-bucket``, ``on PC hpc-1``."""
        return f"on PC {self.computer}" if self.kind == "folder" else f"at {self.kind} {self.name}"

    @property
    def detail(self) -> str:
        """What else a person may want to know of it."""
        return f"folder {self.name}" if self.kind == "folder" else self.where or f"on PC {self.computer}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One version of one file, delivered to one place.

    sha512: 64 bytes. size in bytes. version and installation: of the sender, from our message header; 0 and empty if the
    messages had none. at: seconds since 1970, by the reader's clock. reader: the installation that delivered it.
    """

    topic: str
    path: str
    sha512: bytes
    size: int
    version: int
    installation: str
    at: float
    place: Place
    reader: str


def topic_of(topic: str) -> str:
    """The topic for the receipts of another one."""
    return topic + SUFFIX


def encode(receipt: Receipt) -> bytes:
    """The value of the message; :func:`key_of` gives its key."""
    place = receipt.place
    return json.dumps(
        {
            "format": FORMAT,
            "topic": receipt.topic,
            "path": receipt.path,
            "sha512": receipt.sha512.hex(),
            "size": receipt.size,
            "version": receipt.version or None,
            "installation": receipt.installation or None,
            "at": moments.utc(receipt.at).isoformat(timespec="milliseconds"),
            "place": {
                "kind": place.kind,
                "name": _shown(place.name, MAX_TEXT),
                "where": _shown(place.where, MAX_WHERE),
                "computer": _shown(place.computer, MAX_TEXT),
            },
            "reader": receipt.reader,
        },
        ensure_ascii=False,
    ).encode("utf-8")


def key_of(path: str) -> bytes:
    """The key of the message: so all receipts for one path lie in one partition, and in order."""
    return path.encode("utf-8")


def parse(value: bytes | None) -> Receipt:
    """The receipt in a message. More fields than we know are allowed.

    Raises:
        NotAReceipt: it is none.
    """
    if not value or len(value) > MAX_BYTES:
        raise NotAReceipt("no message of the size of a receipt")
    try:
        found = json.loads(value.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotAReceipt("no JSON") from error
    if not isinstance(found, dict):
        raise NotAReceipt("no JSON object")
    if found.get("format") != FORMAT:
        raise NotAReceipt("an unknown format")
    place = found.get("place")
    if not isinstance(place, dict) or place.get("kind") not in KINDS:
        raise NotAReceipt("no place that is known")
    return Receipt(
        topic=_text(found, "topic", 249),
        path=_path(found),
        sha512=bytes.fromhex(_matching(found, "sha512", _HASH)),
        size=_number(found, "size"),
        version=0 if found.get("version") is None else _number(found, "version"),
        installation="" if found.get("installation") is None else _matching(found, "installation", _INSTALLATION),
        at=_moment(found),
        place=Place(
            place["kind"],
            _shown(_text(place, "name", MAX_TEXT), MAX_TEXT),
            _shown(_text(place, "where", MAX_WHERE), MAX_WHERE),
            _shown(_text(place, "computer", MAX_TEXT), MAX_TEXT),
        ),
        reader=_matching(found, "reader", _INSTALLATION),
    )


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _text(found: dict[str, Any], name: str, most: int) -> str:
    value = found.get(name)
    if not isinstance(value, str) or len(value) > most:
        raise NotAReceipt(f"no {name}")
    return value


def _path(found: dict[str, Any]) -> str:
    try:
        return topic_path.check(_text(found, "path", topic_path.MAX_PATH_BYTES))
    except ChunkError as error:
        raise NotAReceipt("no path that a file can have") from error


def _matching(found: dict[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise NotAReceipt(f"no {name}")
    return value


def _number(found: dict[str, Any], name: str) -> int:
    value = found.get(name)
    if type(value) is not int or not 0 <= value <= _MAX_NUMBER:  # True is an int, too
        raise NotAReceipt(f"no {name}")
    return value


def _moment(found: dict[str, Any]) -> float:
    try:
        moment = datetime.fromisoformat(_text(found, "at", 64))
        if moment.tzinfo is None:
            raise ValueError("without an offset")
        return moment.astimezone(UTC).timestamp()
    except (ValueError, OverflowError) as error:
        raise NotAReceipt("no time") from error


def _shown(text: str, most: int) -> str:
    """A name as one line that says what it says: no control characters, no halves of letters, nothing endless."""
    plain = "".join(c if c.isprintable() else "?" for c in text)
    return plain if len(plain) <= most else plain[: most - 1] + "…"
