"""A network before an S3 server that goes wrong exactly where a test wants it: an HTTP proxy that answers, cuts and alters.

    with S3Faults(s3.port) as faults:
        faults.add("PUT", r"partNumber=2", times=3, status=503, code="SlowDown")
        client(faults.endpoint).upload_part(…)
        assert faults.count("PUT", r"partNumber=2") == 4

It keeps a request's body in memory. The Host of a request, which is signed, stays what it was.
"""

from __future__ import annotations

import http.client
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self

from servers.kafka import free_port
from servers.s3 import REGION, ROOT

_LIMIT_S = 60.0
_NOT_PASSED_ON = ("transfer-encoding", "expect", "connection", "content-length")
_OF_THE_BODY = re.compile("authorization|content-md5|x-amz-(date|content-sha256|checksum-.*|sdk-checksum-algorithm)")


@dataclass(slots=True)
class Fault:
    """What happens to a request that fits; the first fault that fits and has ``times`` left counts.

    status, code, body, headers: this answer instead of the server's; code makes S3's error document.
    close: "before" the server hears of it, or "after" it has acted. stall: seconds before anything happens.
    cut: of the answer's body only so many bytes come. cut_request: the connection breaks after so many bytes of the body.
    alter: what becomes of the request's body, while its headers stay. unnoticed: the server cannot know, for the altered
    request is signed anew, without checksums.
    headers_of_answer: put into the server's answer. clock: the answer's Date is that many seconds ahead.
    raw: bytes instead of an answer. with_header: only requests that have this header (small letters).
    unheeded: headers (small letters) that the server does not get, as if it did not know them; the request is signed anew.
    """

    method: str
    path: re.Pattern[str]
    times: int | None = 1
    status: int = 0
    code: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    close: Literal["", "before", "after"] = ""
    stall: float = 0.0
    cut: int | None = None
    cut_request: int | None = None
    alter: Callable[[bytes], bytes] | None = None
    unnoticed: bool = False
    headers_of_answer: Mapping[str, str] = field(default_factory=dict)
    clock: float | None = None
    raw: bytes = b""
    with_header: str = ""
    unheeded: tuple[str, ...] = ()

    def fits(self, seen: Seen) -> bool:
        """Whether it is about this request, if it happens at all."""
        is_meant = self.method in (seen.method, "*") and (not self.with_header or self.with_header in seen.headers)
        return is_meant and bool(self.path.search(seen.path))


_NONE = Fault("", re.compile(""))


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came. path: with its query. headers: names in small letters. size: bytes of its body."""

    method: str
    path: str
    headers: Mapping[str, str]
    size: int


def error_document(code: str, message: str = "made by a test") -> bytes:
    """As S3 words an error."""
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{head}<Error><Code>{code}</Code><Message>{message}</Message><RequestId>1</RequestId></Error>".encode()


class S3Faults:
    """The running proxy, harmless at first. Thread-safe."""

    def __init__(self, target: int, *, port: int = 0) -> None:
        """target: port of the server on 127.0.0.1; port: ours, any that is free if left out."""
        self._target = target
        self._port = port or free_port()
        self._guard = threading.Lock()  # protects _faults, _seen, _channels
        self._faults: list[Fault] = []
        self._seen: list[Seen] = []
        self._channels: set[socket.socket] = set()
        self._is_over = threading.Event()
        self._server = _Server(("127.0.0.1", self._port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="S3 faults")

    @property
    def endpoint(self) -> str:
        """Its address, as settings have it."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        return self._port

    def add(self, method: str, path: str, **what: Any) -> Fault:
        """See :class:`Fault`. method: "*" is any. path: a regular expression searched for in path and query."""
        fault = Fault(method, re.compile(path), **what)
        with self._guard:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """All is well again, and nothing was seen."""
        with self._guard:
            self._faults.clear()
            self._seen.clear()

    def heal(self) -> None:
        """All is well again."""
        with self._guard:
            self._faults.clear()

    @property
    def seen(self) -> list[Seen]:
        """Every request since the start or clear(), in its order."""
        with self._guard:
            return list(self._seen)

    def count(self, method: str = "*", path: str = "") -> int:
        """How many requests fit."""
        return sum(method in (seen.method, "*") and bool(re.search(path, seen.path)) for seen in self.seen)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._server.shutdown()
        with self._guard:
            channels = list(self._channels)
        for channel in channels:
            _shut(channel)
        self._server.server_close()
        self._thread.join(10)

    def fault_for(self, seen: Seen) -> Fault:
        """Notes a request; what is to happen to it."""
        with self._guard:
            self._seen.append(seen)
            for fault in self._faults:
                if fault.times != 0 and fault.fits(seen):
                    fault.times = None if fault.times is None else fault.times - 1
                    return fault
        return _NONE

    def wait(self, seconds: float) -> None:
        """Unless it is over."""
        self._is_over.wait(seconds)

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """The server's answer: status, headers, body.

        Raises:
            OSError, http.client.HTTPException: there is none.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self._target, timeout=_LIMIT_S)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                if name.lower() not in _NOT_PASSED_ON:
                    connection.putheader(name, value)
            if body or method in ("PUT", "POST"):
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def enters(self, channel: socket.socket) -> None:
        with self._guard:
            self._channels.add(channel)

    def leaves(self, channel: socket.socket) -> None:
        with self._guard:
            self._channels.discard(channel)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], faults: S3Faults) -> None:
        self.faults = faults
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is not worth a traceback."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self.server.faults.enters(self.connection)

    def finish(self) -> None:
        self.server.faults.leaves(self.connection)
        super().finish()

    def _serve(self) -> None:
        faults = self.server.faults
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = int(headers.get("content-length", 0))
        fault = faults.fault_for(Seen(self.command, self.path, headers, length))
        if fault.cut_request is not None:
            self.rfile.read(min(fault.cut_request, length))
            return self._cut()
        body = self._chunked() if "chunked" in headers.get("transfer-encoding", "") else self.rfile.read(length)
        if fault.stall:
            faults.wait(fault.stall)
        if fault.close == "before":
            return self._cut()
        if fault.raw:
            self.wfile.write(fault.raw)
            return self._cut()
        if fault.status:
            document = error_document(fault.code) if fault.code else fault.body
            return self._answer(fault.status, {"Content-Type": "application/xml", **fault.headers}, document, fault)
        sent = dict(self.headers.items())
        if fault.alter is not None:
            body = fault.alter(body)
            if fault.unnoticed:
                sent = _signed_anew(self.command, self.path, sent, body)
        if any(name.lower() in fault.unheeded for name in sent):
            sent = {name: value for name, value in sent.items() if name.lower() not in fault.unheeded}
            sent = _signed_anew(self.command, self.path, sent, body)
        try:
            status, answered, content = faults.ask(self.command, self.path, sent, body)
        except (OSError, http.client.HTTPException):
            return self._cut()
        if fault.close == "after":
            return self._cut()
        self._answer(status, answered | dict(fault.headers_of_answer), content, fault)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _serve

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes, fault: Fault) -> None:
        is_head = self.command == "HEAD"
        given = {
            name: value for name, value in headers.items() if name.lower() not in ("transfer-encoding", "connection")
        }
        if not is_head:
            given = {name: value for name, value in given.items() if name.lower() != "content-length"}
            given["Content-Length"] = str(len(body))
        if fault.clock is not None:
            given = {name: value for name, value in given.items() if name.lower() != "date"}
            given["Date"] = formatdate(time.time() + fault.clock, usegmt=True)
        self.send_response_only(status)
        for name, value in given.items():
            self.send_header(name, value)
        self.end_headers()
        if not is_head:
            self.wfile.write(body[: fault.cut])
        if fault.cut is not None:
            self._cut()

    def _chunked(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _cut(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        _shut(self.connection)


def _shut(channel: socket.socket) -> None:
    try:
        channel.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it is closed already


def _signed_anew(method: str, path: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    """The headers of a request whose body is another one now."""
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    kept = {name: value for name, value in headers.items() if not _OF_THE_BODY.fullmatch(name.lower())}
    kept = {name: value for name, value in kept.items() if name.lower() not in _NOT_PASSED_ON}
    host = next(value for name, value in headers.items() if name.lower() == "host")
    request = AWSRequest(method=method, url=f"http://{host}{path}", headers=kept, data=body)
    S3SigV4Auth(Credentials(ROOT.access_key_id, ROOT.secret), "s3", REGION).add_auth(request)
    return {str(name): str(value) for name, value in request.headers.items()}
