"""Well-known S3 servers: what their addresses look like. Data only; what a server can do is found out by trying.

Sources of the addresses, November 2026: docs.wasabi.com/docs/rest-api-introduction, www.backblaze.com/apidocs/introduction-to-
the-s3-compatible-api, developers.cloudflare.com/r2/api/s3/tokens. None of these services was tried with this program.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.settings import Bucket


@dataclass(frozen=True, slots=True)
class PresetField:
    """Something a person fills in. name: in the address; label: in a form; example: shown in the empty field."""

    name: str
    label: str
    example: str
    pattern: str = r"[A-Za-z0-9.-]+"
    """What it may look like."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A kind of server. endpoint: its address with {fields}; empty: boto3 knows it.

    region: that of the settings unless a field of this name is filled in; "" where it does not matter or has to be given.
    note: one sentence about the keys, or what else a person has to know. verifies: checksums that it is known to compare;
    puts_if_absent: whether it is known to refuse what would overwrite an object; None: not known. Both are hints.
    """

    id: str
    title: str
    endpoint: str
    fields: tuple[PresetField, ...]
    region: str = ""
    addressing: Literal["auto", "path", "virtual"] = "auto"
    note: str = ""
    verifies: tuple[str, ...] = ()
    puts_if_absent: bool | None = None

    def endpoint_url(self, **filled: str) -> str:
        """The address with the fields filled in.

        Raises:
            SettingsError: a field is missing, or cannot be what it is.
        """
        values = {}
        for field in self.fields:
            value = filled.get(field.name, "").strip()
            if not value:
                raise SettingsError(f"{field.label} is missing", f"It is like {field.example}.")
            if not re.fullmatch(field.pattern, value):
                raise SettingsError(f'"{value}" cannot be: {field.label}', f"It is like {field.example}.")
            values[field.name] = value
        return self.endpoint.format(**values)

    def region_of(self, **filled: str) -> str:
        """The region that belongs to it."""
        return filled.get("region", "").strip() or self.region

    def filled(self, endpoint_url: str) -> dict[str, str] | None:
        """The fields of an address that this preset made; None if it did not."""
        if not self.endpoint:
            return None if endpoint_url else {}
        pattern = "".join(
            re.escape(text) + (f"(?P<{field}>{self._pattern(field)})" if field else "")
            for text, field, _, _ in string.Formatter().parse(self.endpoint)
        )
        found = re.fullmatch(pattern, endpoint_url.rstrip("/"))
        return found.groupdict() if found else None

    def _pattern(self, name: str) -> str:
        return next(field.pattern for field in self.fields if field.name == name)


_HOST = r"[A-Za-z0-9._\[\]:-]+"
_REGION = r"[a-z0-9-]+"

AMAZON = Preset(
    "amazon",
    "Amazon S3",
    "",
    (PresetField("region", "Region", "eu-central-1", _REGION),),
    note="The keys of a user (IAM) who may do nothing but write into this bucket are enough.",
    verifies=("SHA256", "CRC64NVME"),
    puts_if_absent=True,
)
OTHER = Preset(
    "other",
    "Another S3 server",
    "https://{host}",
    (PresetField("host", "Address", "s3.example.org", _HOST),),
    note="Ask whoever runs it for the address, the region if there is one, and your keys.",
)
PRESETS: tuple[Preset, ...] = (
    AMAZON,
    Preset(
        "minio",
        "MinIO",
        "https://{host}",
        (PresetField("host", "Server and port", "minio.example.org:9000", _HOST),),
        region="us-east-1",
        addressing="path",
        note="The port is that for programs (usually 9000), not that of the web page.",
        verifies=("SHA256", "CRC64NVME"),
        puts_if_absent=True,
    ),
    Preset(
        "ceph",
        "Ceph (RADOS Gateway)",
        "https://{host}",
        (PresetField("host", "Server", "ceph.example.org", _HOST),),
        note="The keys are those that radosgw-admin shows for your user.",
        puts_if_absent=True,
    ),
    Preset(
        "wasabi",
        "Wasabi",
        "https://s3.{region}.wasabisys.com",
        (PresetField("region", "Region", "eu-central-1", _REGION),),
    ),
    Preset(
        "backblaze",
        "Backblaze B2",
        "https://s3.{region}.backblazeb2.com",
        (PresetField("region", "Region", "us-west-004", _REGION),),
        note="Use an application key made for this bucket (keyID and applicationKey); the master key does not work.",
    ),
    Preset(
        "cloudflare",
        "Cloudflare R2",
        "https://{account}.r2.cloudflarestorage.com",
        (PresetField("account", "Account id", "0123456789abcdef0123456789abcdef", r"[0-9a-f]{32}(\.(eu|fedramp))?"),),
        region="auto",
        note="The keys are those of an R2 API token that may read and write objects.",
    ),
    Preset(
        "google",
        "Google Cloud Storage",
        "https://storage.googleapis.com",
        (),
        region="auto",
        note="Use an HMAC key of a service account (Settings, Interoperability).",
    ),
    OTHER,
)
"""In the order in which they are offered."""


def preset_of(described: Bucket) -> Preset:
    """Which of them a bucket of the settings seems to be; OTHER if none."""
    url = described.endpoint_url
    if not url or (urlsplit(url if "://" in url else f"https://{url}").hostname or "").endswith(".amazonaws.com"):
        return AMAZON
    named = (preset for preset in PRESETS if preset.endpoint and not _is_any_host(preset))
    known = next((preset for preset in named if preset.filled(url) is not None), None)
    if known is not None:
        return known
    return next((preset for preset in PRESETS if _is_any_host(preset) and preset.id in url.lower()), OTHER)


def _is_any_host(preset: Preset) -> bool:
    return preset.endpoint == "https://{host}"
