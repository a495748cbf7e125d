"""The address of a bucket's server: as settings have it, and as it is used. Contacts nobody."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.settings import Bucket

AMAZON = "amazonaws.com"


@dataclass(frozen=True, slots=True)
class Address:
    """endpoint_url: with scheme, without the bucket; empty for Amazon. addressings: those that may work, the likelier first."""

    endpoint_url: str
    host: str
    port: int
    is_secure: bool
    addressings: tuple[str, ...]

    @property
    def is_near(self) -> bool:
        """Whether it is on this computer or its network: no proxy stands between."""
        try:
            return ipaddress.ip_address(self.host).is_private
        except ValueError:
            return self.host == "localhost" or "." not in self.host


def address_of(described: Bucket) -> Address:
    """The address that is meant. One that has the bucket in it, as web pages show them, is understood too.

    Raises:
        SettingsError: it cannot be one.
    """
    url = described.endpoint_url.strip()
    if not url:
        region = described.region or "us-east-1"
        return Address("", f"s3.{region}.{AMAZON}", 443, True, _addressings(described, is_amazon=True))
    parts = urlsplit(url if "://" in url else f"https://{url}")
    host = (parts.hostname or "").lower()
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise _cannot_be(url, "The port is no number.") from error
    if parts.scheme not in ("http", "https"):
        raise _cannot_be(url, "It has to begin with https:// or http://.")
    if not host or parts.query or parts.username is not None:
        raise _cannot_be(url, "An address is like https://s3.example.org, with neither keys nor a question mark.")
    bucket = described.bucket.lower()
    is_virtual = host.startswith(f"{bucket}.") and "." in host.removeprefix(f"{bucket}.")
    if is_virtual:
        host = host.removeprefix(f"{bucket}.")
    path = parts.path.rstrip("/")
    if path.rpartition("/")[2] == described.bucket:
        path = path.rpartition("/")[0]
    shown = f"[{host}]" if ":" in host else host
    place = f"{shown}:{parts.port}" if parts.port else shown
    addressings = _addressings(described, is_amazon=host.endswith(AMAZON) or is_virtual, host=host)
    return Address(urlunsplit((parts.scheme, place, path, "", "")), host, port, parts.scheme == "https", addressings)


def _addressings(described: Bucket, *, is_amazon: bool, host: str = "") -> tuple[str, ...]:
    if described.addressing != "auto":
        return (described.addressing,)
    if _is_number(host) or host == "localhost":
        return ("path",)
    if "." in described.bucket:  # certificates are for one level of names
        return ("path", "virtual")
    return ("virtual", "path") if is_amazon else ("path", "virtual")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _cannot_be(url: str, why: str) -> SettingsError:
    return SettingsError(f'"{url}" cannot be the address of an S3 server', f"{why} Correct endpoint_url.")
