"""A look at a broker's port: does it speak TLS, whose certificate is it, does it want a sign-in?

librdkafka has the same words for several of these, so we ask ourselves, without sending any secret. Never signs in.
Request layouts: kafka.apache.org/protocol, ApiVersions v0 and SaslHandshake v1.
"""

from __future__ import annotations

import socket
import ssl
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.kafka.config import Value, signs_in, uses_tls
from openmsi_desktop.streaming.kafka.errors import TlsRefused, WrongSecurity
from openmsi_desktop.streaming.kafka.sentences import CONTROLLER, NO_BROKER, NO_TLS, OUR_CERTIFICATE, RESUMES, about

_API_VERSIONS, _SASL_HANDSHAKE, _PRODUCE = 18, 17, 0
_UNSUPPORTED_MECHANISM = 33


class Answer(Enum):
    """What answers at a port, asked in the way that the connection says."""

    KAFKA = "kafka"
    CONTROLLER = "controller"
    """Kafka, but not for clients."""
    OTHER = "other"
    """Something that is no Kafka."""
    CLOSED = "closed"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Tls:
    """A secure connection that came about. valid_until: of the broker's certificate, None if it was not checked."""

    version: str
    valid_until: datetime | None
    seconds: float


@dataclass(frozen=True, slots=True)
class View:
    """What a look at a port showed. error: why the connection cannot work there, if the port tells.

    mechanisms: kinds of sign-in that it offers, as far as it was asked.
    """

    answer: Answer
    error: OpenMSIError | None = None
    tls: Tls | None = None
    mechanisms: tuple[str, ...] = ()


def offered(host: str, port: int, properties: Mapping[str, Value], *, timeout_s: float = 2.0) -> tuple[str, ...]:
    """The kinds of sign-in at that port; empty if it does not tell."""
    without = {"security.protocol": "SSL" if uses_tls(properties) else "PLAINTEXT"}
    try:
        return examine(host, port, dict(properties) | without, timeout_s=timeout_s).mechanisms
    except (OSError, ValueError):
        return ()


def look(host: str, port: int, properties: Mapping[str, Value], *, timeout_s: float = 5.0) -> OpenMSIError | None:
    """Why a connection with these properties cannot work at that port; None if the port does not tell.

    Blocks for up to a few times timeout_s; may be called from any thread.
    """
    try:
        return examine(host, port, properties, timeout_s=timeout_s).error
    except (OSError, ValueError):
        return None  # a fault of the network, or files that cannot be read: librdkafka says that better


def examine(host: str, port: int, properties: Mapping[str, Value], *, timeout_s: float = 5.0) -> View:
    """Look at a port. Blocks for up to a few times timeout_s; may be called from any thread.

    Raises:
        OSError: nobody answers, or a file of the properties cannot be used.
        ValueError: the host cannot be a name.
    """
    server = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    view = _look_tls if uses_tls(properties) else _look_plain
    seen = view(host, port, server, properties, timeout_s)
    if seen.error is None and seen.answer is Answer.CONTROLLER:
        return replace(seen, error=about(server, CONTROLLER))
    if seen.error is None and seen.answer is Answer.OTHER:
        return replace(seen, error=about(server, NO_BROKER))
    return seen


def _look_plain(host: str, port: int, server: str, properties: Mapping[str, Value], timeout_s: float) -> View:
    with socket.create_connection((host, port), timeout_s) as channel:
        answer = _who_answers(channel)
        if answer is Answer.KAFKA:
            return _with_sign_in(View(answer), channel, server, properties, "SASL_PLAINTEXT")
    if answer is not Answer.CONTROLLER and _speaks_tls(host, port, timeout_s):
        return View(answer, _wants_tls(server))
    return View(answer)


def _look_tls(host: str, port: int, server: str, properties: Mapping[str, Value], timeout_s: float) -> View:
    context = _context(properties)
    begun = time.monotonic()
    try:
        with (
            socket.create_connection((host, port), timeout_s) as raw,
            context.wrap_socket(raw, server_hostname=host) as channel,
        ):
            tls = Tls(channel.version() or "TLS", _valid_until(channel), time.monotonic() - begun)
            answer = _who_answers(channel)
            if answer is Answer.KAFKA:
                return _with_sign_in(View(answer, tls=tls), channel, server, properties, "SASL_SSL")
            return View(answer, tls=tls)
    except ssl.SSLCertVerificationError as error:
        return View(Answer.CLOSED, _distrusted(server, host, error))
    except ssl.SSLError as error:
        if "ALERT" in (error.reason or ""):
            return View(Answer.CLOSED, about(server, OUR_CERTIFICATE))
    except (ConnectionResetError, TimeoutError):
        pass
    with socket.create_connection((host, port), timeout_s) as channel:
        answer = _who_answers(channel)
    return View(answer, about(server, NO_TLS) if answer is Answer.KAFKA else None)


def _wants_tls(server: str) -> WrongSecurity:
    return WrongSecurity(
        f"{server} wants TLS",
        f"The connection is set up without. {RESUMES} Set security.protocol to SSL, or to SASL_SSL if you have a user "
        "name, and ssl.ca.location if the broker's certificate is signed by an authority of your own.",
        code="wants-tls",
    )


def _distrusted(server: str, host: str, error: ssl.SSLCertVerificationError) -> TlsRefused:
    """X.509 codes: openssl/x509_vfy.h."""
    match error.verify_code:
        case 10:
            return TlsRefused(
                f"The certificate of {server} has expired",
                f"The broker's administrators have to renew it. If it is still valid, this computer's clock is wrong. "
                f"{RESUMES}",
                code="certificate-expired",
            )
        case 9:
            return TlsRefused(
                f"The certificate of {server} is not valid yet",
                f"Probably this computer's clock is behind: set it right. {RESUMES}",
                code="certificate-not-yet-valid",
            )
        case 62 | 63 | 64:
            return TlsRefused(
                f"The certificate of {server} belongs to another name",
                f'It is not made out to "{host}". {RESUMES} Use the name that the broker\'s administrators give you, exactly; '
                "another computer may also be answering in its place.",
                code="certificate-of-another-name",
            )
        case 18 | 19 | 20 | 21 | 2:
            return TlsRefused(
                f"The certificate of {server} is signed by an unknown authority",
                f"{RESUMES} Set ssl.ca.location to the file with your authority's certificate (PEM), which the broker's "
                "administrators can give you. If it is set, it is the wrong one.",
                code="authority-unknown",
            )
    return TlsRefused(
        f"The certificate of {server} cannot be trusted",
        f"The check says: {error.verify_message}. {RESUMES} Ask the broker's administrators.",
        code="certificate-refused",
    )


def _with_sign_in(
    view: View, channel: socket.socket, server: str, properties: Mapping[str, Value], protocol: str
) -> View:
    """Ask for a kind of sign-in that nobody has: a port with sign-in answers with those it has.

    Not where the connection signs in: in the broker's log this looks like a sign-in that failed.
    """
    if signs_in(properties):
        return view
    try:
        answer = _ask(channel, _SASL_HANDSHAKE, 1, struct.pack(">h4s", 4, b"none"))
        mechanisms = _offered(answer)
    except (OSError, ValueError, struct.error):
        return view
    if mechanisms is None:
        return view
    error = WrongSecurity(
        f"{server} wants a sign-in",
        f"The connection gives no user name. {RESUMES} Set security.protocol to {protocol}, sasl.mechanism to what the "
        f"broker offers ({', '.join(mechanisms)}), and user name and password.",
        code="wants-sign-in",
    )
    return replace(view, error=error, mechanisms=mechanisms)


def _offered(answer: bytes) -> tuple[str, ...] | None:
    """Kinds of sign-in, from the answer to a handshake; None: the port takes none."""
    if len(answer) < 10 or struct.unpack(">h", answer[4:6])[0] != _UNSUPPORTED_MECHANISM:
        return None
    offered, position = [], 10
    for _ in range(struct.unpack(">i", answer[6:10])[0]):
        size = struct.unpack(">h", answer[position : position + 2])[0]
        offered.append(answer[position + 2 : position + 2 + size].decode())
        position += 2 + size
    return tuple(sorted(offered))


def _who_answers(channel: socket.socket) -> Answer:
    """Raises SSLError if the other side breaks the secure connection off."""
    try:
        answer = _ask(channel, _API_VERSIONS, 0, b"")
    except ValueError:
        return Answer.OTHER
    except TimeoutError:
        return Answer.SILENT
    except (ConnectionError, ssl.SSLEOFError):
        return Answer.CLOSED
    if not answer:
        return Answer.CLOSED
    requests = _requests(answer)
    return Answer.KAFKA if _PRODUCE in requests or not requests else Answer.CONTROLLER


def _requests(answer: bytes) -> set[int]:
    """Which requests the other side takes, from its answer to ApiVersions v0."""
    count = struct.unpack(">i", answer[6:10])[0] if len(answer) >= 10 else 0
    known = answer[10 : 10 + 6 * max(count, 0)]
    return {key for key, _, _ in struct.iter_unpack(">hhh", known[: len(known) // 6 * 6])}


def _ask(channel: socket.socket, request: int, version: int, body: bytes) -> bytes:
    """Send a request and return its answer from the correlation id on; empty if the channel was closed.

    Raises:
        ValueError: the answer is not Kafka's.
    """
    head = struct.pack(">hhih", request, version, 1, -1)
    channel.sendall(struct.pack(">i", len(head) + len(body)) + head + body)
    size = _exactly(channel, 4)
    if len(size) < 4:
        return b""
    length = struct.unpack(">i", size)[0]
    if not 6 <= length <= 100_000:
        raise ValueError("not Kafka")
    answer = _exactly(channel, length)
    if len(answer) < length:
        return b""
    if answer[:4] != b"\x00\x00\x00\x01":
        raise ValueError("not Kafka")
    return answer


def _exactly(channel: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (part := channel.recv(size - len(data))):
        data += part
    return data


def _speaks_tls(host: str, port: int, timeout_s: float) -> bool:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout_s) as raw,
            context.wrap_socket(raw, server_hostname=host),
        ):
            return True
    except OSError:
        return False


def _valid_until(channel: ssl.SSLSocket) -> datetime | None:
    certificate = channel.getpeercert() or {}
    end = certificate.get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC) if isinstance(end, str) else None


def _context(properties: Mapping[str, Value]) -> ssl.SSLContext:
    """Checks the broker as librdkafka does with these properties."""

    def text(name: str) -> str | None:
        return str(properties[name]) if name in properties else None

    authority = text("ssl.ca.location")
    is_folder = authority is not None and Path(authority).is_dir()
    context = ssl.create_default_context(
        cafile=None if is_folder else authority,
        capath=authority if is_folder else None,
        cadata=text("ssl.ca.pem"),
    )
    checks = (text("enable.ssl.certificate.verification") or "true").lower() in ("true", "1", "t")
    context.check_hostname = checks and (text("ssl.endpoint.identification.algorithm") or "https").lower() == "https"
    context.verify_mode = ssl.CERT_REQUIRED if checks else ssl.CERT_NONE
    if certificate := text("ssl.certificate.location"):
        context.load_cert_chain(certificate, text("ssl.key.location"), text("ssl.key.password") or "")
    return context
