"""A look at a broker's port: does it speak TLS, whose certificate is it, does it want a sign-in?

librdkafka has the same words for several of these, so we ask ourselves, without sending any secret. Never signs in.
Request layouts: kafka.apache.org/protocol, ApiVersions v0 and SaslHandshake v1.
"""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Mapping
from pathlib import Path

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.kafka.config import Value, signs_in, uses_tls
from openmsi_desktop.streaming.kafka.errors import TlsRefused, WrongSecurity
from openmsi_desktop.streaming.kafka.sentences import NO_BROKER, NO_TLS, OUR_CERTIFICATE, RESUMES, about

_API_VERSIONS, _SASL_HANDSHAKE = 18, 17
_UNSUPPORTED_MECHANISM = 33


def look(host: str, port: int, properties: Mapping[str, Value], *, timeout_s: float = 5.0) -> OpenMSIError | None:
    """Why a connection with these properties cannot work at that port; None if the port does not tell.

    Blocks for up to a few times timeout_s; may be called from any thread.
    """
    server = f"{host}:{port}"
    try:
        if not uses_tls(properties):
            return _look_plain(host, port, server, properties, timeout_s)
        return _look_tls(host, port, server, properties, timeout_s)
    except (OSError, ValueError, struct.error):
        return None  # a fault of the network, or nonsense: librdkafka says that better


def _look_plain(
    host: str, port: int, server: str, properties: Mapping[str, Value], timeout_s: float
) -> OpenMSIError | None:
    with socket.create_connection((host, port), timeout_s) as channel:
        answer = _is_kafka(channel)
        if answer:
            return None if signs_in(properties) else _wants_sign_in(channel, server, "SASL_PLAINTEXT")
    if _speaks_tls(host, port, timeout_s):
        return WrongSecurity(
            f"{server} wants TLS",
            f"The connection is set up without. {RESUMES} Set security.protocol to SSL, or to SASL_SSL if you have a user "
            "name, and ssl.ca.location if the broker's certificate is signed by an authority of your own.",
        )
    return WrongSecurity(*about(server, NO_BROKER)) if answer is False else None


def _look_tls(
    host: str, port: int, server: str, properties: Mapping[str, Value], timeout_s: float
) -> OpenMSIError | None:
    context = _context(properties)
    try:
        with (
            socket.create_connection((host, port), timeout_s) as raw,
            context.wrap_socket(raw, server_hostname=host) as channel,
        ):
            answer = _is_kafka(channel)
            if answer:
                return None if signs_in(properties) else _wants_sign_in(channel, server, "SASL_SSL")
            return WrongSecurity(*about(server, NO_BROKER)) if answer is False else None
    except ssl.SSLCertVerificationError as error:
        return _distrusted(server, host, error)
    except ssl.SSLError as error:
        if "ALERT" in (error.reason or ""):
            return TlsRefused(*about(server, OUR_CERTIFICATE))
    except ConnectionResetError:
        pass
    with socket.create_connection((host, port), timeout_s) as channel:
        answer = _is_kafka(channel)
    if answer:
        return WrongSecurity(*about(server, NO_TLS))
    return WrongSecurity(*about(server, NO_BROKER)) if answer is False else None


def _distrusted(server: str, host: str, error: ssl.SSLCertVerificationError) -> TlsRefused:
    """X.509 codes: openssl/x509_vfy.h."""
    match error.verify_code:
        case 10:
            return TlsRefused(
                f"The certificate of {server} has expired",
                f"The broker's administrators have to renew it. If it is still valid, this computer's clock is wrong. "
                f"{RESUMES}",
            )
        case 9:
            return TlsRefused(
                f"The certificate of {server} is not valid yet",
                f"Probably this computer's clock is behind: set it right. {RESUMES}",
            )
        case 62 | 63 | 64:
            return TlsRefused(
                f"The certificate of {server} belongs to another name",
                f'It is not made out to "{host}". {RESUMES} Use the name that the broker\'s administrators give you, exactly; '
                "another computer may also be answering in its place.",
            )
        case 18 | 19 | 20 | 21 | 2:
            return TlsRefused(
                f"The certificate of {server} is signed by an unknown authority",
                f"{RESUMES} Set ssl.ca.location to the file with your authority's certificate (PEM), which the broker's "
                "administrators can give you. If it is set, it is the wrong one.",
            )
    return TlsRefused(
        f"The certificate of {server} cannot be trusted",
        f"The check says: {error.verify_message}. {RESUMES} Ask the broker's administrators.",
    )


def _wants_sign_in(channel: socket.socket, server: str, protocol: str) -> WrongSecurity | None:
    """Ask for a kind of sign-in that nobody has: a port with sign-in answers with those it has."""
    answer = _ask(channel, _SASL_HANDSHAKE, 1, struct.pack(">h4s", 4, b"none"))
    if len(answer) < 10 or struct.unpack(">h", answer[4:6])[0] != _UNSUPPORTED_MECHANISM:
        return None
    offered, position = [], 10
    for _ in range(struct.unpack(">i", answer[6:10])[0]):
        size = struct.unpack(">h", answer[position : position + 2])[0]
        offered.append(answer[position + 2 : position + 2 + size].decode())
        position += 2 + size
    return WrongSecurity(
        f"{server} wants a sign-in",
        f"The connection gives no user name. {RESUMES} Set security.protocol to {protocol}, sasl.mechanism to what the "
        f"broker offers ({', '.join(sorted(offered))}), and user name and password.",
    )


def _is_kafka(channel: socket.socket) -> bool | None:
    """Whether a broker answers on this channel; None if nobody does before it is closed."""
    try:
        answer = _ask(channel, _API_VERSIONS, 0, b"")
    except ValueError:
        return False
    except (ConnectionError, TimeoutError, ssl.SSLEOFError):
        return None
    return bool(answer) or None


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
