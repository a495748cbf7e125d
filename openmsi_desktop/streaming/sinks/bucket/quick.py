"""The short way for small objects: one request over a connection that is kept, signed here.

boto3 takes 3 ms of processor time for a put, of which this takes a sixth; see docs/decisions/0029. It knows the good case only:
whatever else a store answers, or if nothing comes, the usual way is taken and says what is wrong.
Source of the signature: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import getproxies

from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.sinks.bucket.address import address_of
from openmsi_desktop.streaming.sinks.bucket.bodies import Piece
from openmsi_desktop.streaming.sinks.bucket.client import BucketClient

log = logging.getLogger(__name__)

MOST_BYTES = 1 << 20
"""Bigger ones spend their time elsewhere."""
_TIMEOUT_S = 20.0
_PATIENCE = 5
"""So many failures in a row, and this way is not tried again with this client."""
_OK, _TAKEN = 200, 412

KeysNow = Callable[[], tuple[str, str, str]]
"""Access key id, secret, and token (or empty) to sign with now."""


class Quick:
    """Puts small objects into one bucket. Any thread."""

    def __init__(self, client: BucketClient, described: Bucket, keys: KeysNow) -> None:
        self._client = client
        self._keys = keys
        # boto3 knows how this bucket is addressed
        url = urlsplit(client.boto.generate_presigned_url("put_object", Params={"Bucket": client.bucket, "Key": "k"}))
        self._start = url.path.removesuffix("k")
        self._host = url.netloc
        self._is_secure = url.scheme == "https"
        self._addressing = (client.addressing, client.region)
        self._tls = ssl.create_default_context(cafile=described.ca_file or None) if self._is_secure else None
        self._guard = threading.Lock()  # protects all below
        self._idle: list[http.client.HTTPConnection] = []
        self._used: set[http.client.HTTPConnection] = set()
        self._key: tuple[tuple[str, str, str], bytes] = (("", "", ""), b"")
        self._failures = 0
        self._is_over = False

    def put(
        self, key: str, body: bytes | Piece, headers: Mapping[str, str]
    ) -> tuple[bool, http.client.HTTPMessage] | None:
        """Whether it was stored (or else the condition does not hold), and the headers of the answer; None: it has to go
        the usual way.

        headers: besides those of every request, in small letters.
        """
        if not isinstance(body, bytes) or len(body) > MOST_BYTES:
            return None
        if self._failures >= _PATIENCE or self._is_over or self._client.is_clock_corrected:
            return None
        if (self._client.addressing, self._client.region) != self._addressing:
            return None  # it was found out meanwhile; the next client knows from the start
        connection = self._take()
        is_usable = False
        try:
            connection.request(
                "PUT", self._start + quote(key), body, self._signed(self._start + quote(key), body, headers)
            )
            with connection.getresponse() as answer:
                answer.read()
                is_usable = not answer.will_close
            if answer.status == _TAKEN or (answer.status == _OK and "etag" in answer.headers):
                self._failures = 0
                self._client.worked("put_object")
                return answer.status == _OK, answer.headers
            log.info("the short way to %s: %d", self._host, answer.status)
        except Exception as error:  # noqa: BLE001 - the usual way finds out what it is
            log.info("the short way to %s: %s", self._host, error)
        finally:
            self._give(connection, is_usable=is_usable)
        self._failures += 1
        return None

    def stop(self) -> None:
        """Cut whatever is under way."""
        with self._guard:
            self._is_over = True
            used = list(self._used)
        for connection in used:
            if (channel := connection.sock) is not None:
                try:
                    channel.shutdown(socket.SHUT_RDWR)
                except OSError:
                    log.debug("a connection to %s was closed already", self._host)

    def close(self) -> None:
        """After stop()."""
        self.stop()
        with self._guard:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    # -- inside

    def _take(self) -> http.client.HTTPConnection:
        with self._guard:
            found = self._idle.pop() if self._idle else self._new()
            self._used.add(found)
        return found

    def _give(self, connection: http.client.HTTPConnection, *, is_usable: bool) -> None:
        with self._guard:
            self._used.discard(connection)
            if is_usable and not self._is_over:
                self._idle.append(connection)
                return
        connection.close()

    def _new(self) -> http.client.HTTPConnection:
        if self._tls is not None:
            return http.client.HTTPSConnection(self._host, timeout=_TIMEOUT_S, context=self._tls)
        return http.client.HTTPConnection(self._host, timeout=_TIMEOUT_S)

    def _signed(self, path: str, body: bytes, more: Mapping[str, str]) -> dict[str, str]:
        """All headers, with the signature."""
        access, secret, token = self._keys()
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        day, region = moment[:8], self._client.region or "us-east-1"
        body_hash = hashlib.sha256(body).hexdigest()
        headers = {"host": self._host, "x-amz-date": moment, "x-amz-content-sha256": body_hash, **more}
        if token:
            headers["x-amz-security-token"] = token
        names = sorted(headers)
        signed = ";".join(names)
        request = "\n".join(["PUT", path, "", *(f"{name}:{headers[name]}" for name in names), "", signed, body_hash])
        scope = f"{day}/{region}/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode('ascii')).hexdigest()}"
        signature = hmac.new(self._key_for(secret, day, region), text.encode("ascii"), "sha256").hexdigest()
        credential = f"{access}/{scope}"
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature={signature}"
        )
        return headers

    def _key_for(self, secret: str, day: str, region: str) -> bytes:
        known, key = self._key
        if known != (secret, day, region):
            key = b"AWS4" + secret.encode("utf-8")
            for part in (day, region, "s3", "aws4_request"):
                key = hmac.new(key, part.encode("ascii"), "sha256").digest()
            self._key = (secret, day, region), key
        return key


def quick_way(client: BucketClient, described: Bucket, secret: str | None) -> Quick | None:
    """The short way, where it can be taken: where there are keys, and no proxy between. secret: of ``described.access_key_id``."""
    if not address_of(described).is_near and getproxies():
        return None
    if described.access_key_id:
        keys = (described.access_key_id, secret or "", "")
        return Quick(client, described, lambda: keys)
    import boto3

    found = boto3.Session().get_credentials()
    return Quick(client, described, lambda: _frozen(found)) if found is not None else None


def _frozen(found: Any) -> tuple[str, str, str]:
    """Keys that boto3 found, fetched anew by it when they expire."""
    now = found.get_frozen_credentials()
    return now.access_key, now.secret_key, now.token or ""


def as_headers(values: Mapping[str, Any]) -> dict[str, str]:
    """boto3's names -> headers: those that a small object is put with."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if name == "Metadata":
            found |= {f"x-amz-meta-{key}": text for key, text in value.items()}
        else:
            found[_HEADERS[name]] = value
    return found


_HEADERS = {
    "ContentType": "content-type",
    "ContentMD5": "content-md5",
    "ChecksumSHA256": "x-amz-checksum-sha256",
    "ChecksumCRC64NVME": "x-amz-checksum-crc64nvme",
    "IfNoneMatch": "if-none-match",
    "IfMatch": "if-match",
}
