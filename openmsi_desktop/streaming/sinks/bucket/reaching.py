"""The first stages of a bucket's test: is there a server of that name, does it answer, is the connection secure?"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from urllib.request import getproxies, proxy_bypass

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import Notice
from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.connection_test.found import Found, secured
from openmsi_desktop.streaming.sinks.bucket.address import Address, address_of
from openmsi_desktop.streaming.sinks.bucket.codes import caused, translated
from openmsi_desktop.streaming.sinks.bucket.library import check_ca_file

_LOOK_S = 2.0


class Reaching:
    """The way to the server of one bucket."""

    def __init__(self, described: Bucket, *, limit_s: float, now: Callable[[], float]) -> None:
        """limit_s: for each connection."""
        self._described = described
        self._limit_s = limit_s
        self._now = now

    @property
    def address(self) -> Address:
        return address_of(self._described)

    def find(self) -> Found:
        """Is there a computer of that name?"""
        address = self.address
        if self.proxy:
            return Found(f"Through the proxy {self.proxy}", ok=None, code="through-proxy")
        try:
            number = str(socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0][4][0])
        except (OSError, UnicodeError) as error:
            raise caused("name-unknown", self._described) from error
        return Found(number if number == address.host else f"{address.host} is {number}")

    def open(self) -> Found:
        """Does anything answer there?"""
        address = self.address
        if self.proxy:
            return Found("Through a proxy", ok=None, code="through-proxy")
        try:
            self._connect(address).close()
        except TimeoutError as error:
            raise caused("no-answer", self._described) from error
        except OSError as error:
            raise translated(error, self._described) from error
        return Found(f"Port {address.port} is open")

    def secure(self) -> Found:
        """Is the connection encrypted, and is the server the one it says it is?"""
        address = self.address
        if not address.is_secure:
            notices = () if address.is_near else (_IN_CLEAR,)
            ok = True if notices else None
            return Found("Not used: the connection is not encrypted", ok=ok, code="not-used", warnings=notices)
        if self.proxy:
            return Found("Through a proxy", ok=None, code="through-proxy")
        check_ca_file(self._described)
        try:
            context = ssl.create_default_context(cafile=self._authorities())
            name = f"{self._described.bucket}.{address.host}" if address.addressings[0] == "virtual" else address.host
            with self._connect(address) as raw, context.wrap_socket(raw, server_hostname=name) as channel:
                until = ssl.cert_time_to_seconds(str((channel.getpeercert() or {})["notAfter"]))
                version = channel.version() or "TLS"
        except TimeoutError as error:
            raise caused("too-slow", self._described) from error
        except OSError as error:
            raise translated(error, self._described) from error
        return secured(
            version,
            until,
            self._now(),
            whose="The server's",
            advice="After that nothing can be stored. Tell whoever runs it to renew it.",
        )

    def wants_tls(self) -> OpenMSIError | None:
        """After a connection without TLS broke off: the error if that is the cause."""
        if self.address.is_secure or self.proxy:
            return None
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            with self._connect(self.address, _LOOK_S) as raw, context.wrap_socket(raw):
                error: OpenMSIError = caused("wants-tls", self._described)
        except OSError:
            return None
        url = self.address.endpoint_url.replace("http://", "https://", 1)
        error.fix = {"endpoint_url": url}  # type: ignore[attr-defined]
        return error

    @property
    def proxy(self) -> str:
        """Host and port of the proxy that stands between; empty if none does."""
        address = self.address
        if address.is_near or proxy_bypass(address.host):
            return ""
        found = getproxies().get("https" if address.is_secure else "http", "")
        return found.rpartition("@")[2].rpartition("//")[2].rstrip("/")

    def _authorities(self) -> str | None:
        """The file that botocore takes, too."""
        from botocore.httpsession import get_cert_path
        from botocore.session import Session

        where: str | None = get_cert_path(self._described.ca_file or Session().get_config_variable("ca_bundle") or True)
        return where

    def _connect(self, address: Address, limit_s: float | None = None) -> socket.socket:
        return socket.create_connection((address.host, address.port), limit_s or self._limit_s)


_IN_CLEAR = Notice(
    code="not-encrypted",
    title="Files go over the network as they are",
    advice="Everybody on the way can read them. Use https:// if the server has it.",
)
