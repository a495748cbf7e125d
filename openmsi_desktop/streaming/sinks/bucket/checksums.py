"""Is the object what the file is? Checksums that a store echoes, its ETag, and what they have to be."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.streaming.sinks.bucket.bodies import Piece, in_steps

_MD5 = re.compile(r"[0-9a-f]{32}")
_MD5_OF_PARTS = re.compile(r"([0-9a-f]{32})-([0-9]+)")


class Algorithm(StrEnum):
    """Checksums by the name that stores give them, in ``x-amz-checksum-…``."""

    SHA256 = "SHA256"
    CRC64NVME = "CRC64NVME"

    @property
    def field(self) -> str:
        """Its name in requests and answers."""
        return f"Checksum{self.value}"


@dataclass(frozen=True, slots=True)
class Digest:
    """What was computed of a body before it was sent. algorithm: None: MD5. checksum: raw."""

    algorithm: Algorithm | None
    checksum: bytes
    length: int

    @property
    def text(self) -> str:
        """As in headers."""
        return base64.b64encode(self.checksum).decode("ascii")

    @property
    def header(self) -> dict[str, str]:
        """What the store has to be told, so that it refuses a body that was altered on the way."""
        return {"ContentMD5" if self.algorithm is None else self.algorithm.field: self.text}

    def agrees(self, etag: str, checksums: Mapping[str, str]) -> bool | None:
        """Whether what a store says of the body fits; None if it says nothing that can be compared."""
        said = etag if self.algorithm is None else checksums.get(self.algorithm.field)
        if self.algorithm is None:
            return True if said == self.checksum.hex() else None  # not every store has MD5 there
        return said == self.text if said else None


def digest(body: bytes | Piece, algorithm: Algorithm | None) -> Digest:
    """Of all of the body."""
    summing = _summing(algorithm)
    for data in in_steps(body):
        summing.update(data)
    return Digest(algorithm, summing.digest(), len(body))


def of_whole(parts: Sequence[Digest]) -> str:
    """What a store says of the object that these parts became: its checksum as in headers, or its ETag where they are MD5."""
    algorithm = parts[0].algorithm
    joined = b"".join(part.checksum for part in parts)
    if algorithm is None:
        return f"{hashlib.md5(joined, usedforsecurity=False).hexdigest()}-{len(parts)}"
    if algorithm is Algorithm.SHA256:  # a checksum of the checksums
        return f"{base64.b64encode(hashlib.sha256(joined).digest()).decode('ascii')}-{len(parts)}"
    from awscrt.checksums import combine_crc64nvme

    whole = 0
    for part in parts:
        whole = combine_crc64nvme(whole, int.from_bytes(part.checksum, "big"), part.length)
    return base64.b64encode(whole.to_bytes(8, "big")).decode("ascii")


def is_md5(etag: str) -> bool:
    """Whether an ETag looks like the MD5 of the content."""
    return _MD5.fullmatch(etag) is not None


def parts_in(etag: str) -> int:
    """Number of parts that an ETag tells of, 0 if it tells of none."""
    found = _MD5_OF_PARTS.fullmatch(etag)
    return int(found[2]) if found is not None else 0


def ladder(setting: str) -> tuple[Algorithm, ...]:
    """What to send with each body, and what to fall back to. setting: ``checksum`` of the bucket.

    CRC64NVME comes first: it is what Amazon recommends, and costs a ninth of SHA-256 here and on the server.

    Raises:
        SettingsError: this computer cannot compute what is asked for.
    """
    if setting == "crc64nvme":
        if not can_crc64():
            raise SettingsError(
                'This computer cannot compute the checksum "crc64nvme"',
                'It needs the Python package awscrt: pip install \'openmsi-desktop[s3]\'. Or choose "sha256" or "auto".',
            )
        return (Algorithm.CRC64NVME,)
    if setting == "auto" and can_crc64():
        return Algorithm.CRC64NVME, Algorithm.SHA256
    return (Algorithm.SHA256,)


class _Crc64:
    """Behaves as a hash of hashlib does."""

    def __init__(self) -> None:
        from awscrt.checksums import crc64nvme

        self._add: Callable[[bytes, int], int] = crc64nvme
        self._value = 0

    def update(self, data: bytes) -> None:
        self._value = self._add(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(8, "big")


def _summing(algorithm: Algorithm | None) -> hashlib._Hash | _Crc64:
    if algorithm is None:
        return hashlib.md5(usedforsecurity=False)
    return hashlib.sha256() if algorithm is Algorithm.SHA256 else _Crc64()


def can_crc64() -> bool:
    """Whether CRC64NVME can be computed here: awscrt is compiled, so there may be none for this computer."""
    try:
        import awscrt.checksums  # noqa: F401
    except ImportError:
        return False
    return True
