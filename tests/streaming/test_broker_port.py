"""A look at a port finds out what librdkafka cannot tell apart, and gives away no secret."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers.certificates import Certificates

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.kafka.config import Value
from openmsi_desktop.streaming.kafka.errors import TlsRefused, WrongSecurity
from openmsi_desktop.streaming.kafka.port import look

Serve = Callable[[socket.socket], None]
Start = Callable[..., int]


def exactly(channel: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (part := channel.recv(size - len(data))):
        data += part
    return data


def kafka(*mechanisms: str) -> Serve:
    """A broker that says which versions it knows, and which kinds of sign-in."""

    def serve(channel: socket.socket) -> None:
        while head := exactly(channel, 4):
            size = struct.unpack(">i", head)[0]
            if size > 10_000:
                return  # not Kafka's words: hang up, as a broker does
            request = exactly(channel, size)
            api, _, correlation = struct.unpack(">hhi", request[:8])
            if api == 18:
                body = struct.pack(">hi", 0, 0)
            else:
                names = b"".join(struct.pack(">h", len(name)) + name.encode() for name in mechanisms)
                body = struct.pack(">hi", 33 if mechanisms else 34, len(mechanisms)) + names
            channel.sendall(struct.pack(">ii", 4 + len(body), correlation) + body)

    return serve


def http(channel: socket.socket) -> None:
    channel.recv(4096)
    channel.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


def hangs_up(channel: socket.socket) -> None:
    pass


@pytest.fixture
def start() -> Iterator[Start]:
    """``start(serve, certificate=None) -> port``"""
    listeners: list[socket.socket] = []

    def run(listener: socket.socket, serve: Serve, context: ssl.SSLContext | None) -> None:
        while True:
            try:
                channel, _ = listener.accept()
            except OSError:
                return
            try:
                with channel if context is None else context.wrap_socket(channel, server_side=True) as spoken:
                    serve(spoken)
            except OSError:
                channel.close()

    def start(serve: Serve, *, certificate: Path | None = None) -> int:
        context = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threading.Thread(target=run, args=(listener, serve, context), daemon=True).start()
        return int(listener.getsockname()[1])

    yield start
    for listener in listeners:
        with contextlib.suppress(OSError):  # Windows knows no shutdown of a listener; closing it is enough there
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def see(port: int, **properties: Value) -> OpenMSIError | None:
    return look("127.0.0.1", port, {name.replace("_", "."): value for name, value in properties.items()}, timeout_s=2)


def test_where_everything_fits_nothing_is_found(start: Start, certificates: Certificates) -> None:
    authority = str(certificates.authority)
    assert see(start(kafka())) is None
    assert (
        see(start(kafka(), certificate=certificates.server), security_protocol="SSL", ssl_ca_location=authority) is None
    )
    assert see(start(kafka("PLAIN")), security_protocol="SASL_PLAINTEXT") is None


def test_a_web_server_is_no_broker(start: Start) -> None:
    for properties in ({}, {"security_protocol": "SSL"}):
        error = see(start(http), **properties)
        assert isinstance(error, WrongSecurity)
        assert "is not a Kafka broker" in error.title


def test_tls_is_asked_for_or_not(start: Start, certificates: Certificates) -> None:
    wants = see(start(kafka(), certificate=certificates.server))
    assert isinstance(wants, WrongSecurity) and "wants TLS" in wants.title
    lacks = see(start(kafka()), security_protocol="SSL", ssl_ca_location=str(certificates.authority))
    assert isinstance(lacks, WrongSecurity) and "does not speak TLS" in lacks.title


def test_a_wanted_sign_in_is_told_with_what_is_offered(start: Start, certificates: Certificates) -> None:
    plain = see(start(kafka("SCRAM-SHA-512", "PLAIN")))
    assert isinstance(plain, WrongSecurity) and "wants a sign-in" in plain.title
    assert "(PLAIN, SCRAM-SHA-512)" in plain.advice and "SASL_PLAINTEXT" in plain.advice
    port = start(kafka("PLAIN"), certificate=certificates.server)
    secure = see(port, security_protocol="SSL", ssl_ca_location=str(certificates.authority))
    assert isinstance(secure, WrongSecurity) and "SASL_SSL" in secure.advice


@pytest.mark.parametrize(
    ("server", "authority", "words"),
    [
        ("server", "other_authority", "signed by an unknown authority"),
        ("server_other_name", "authority", "belongs to another name"),
        ("server_expired", "authority", "has expired"),
    ],
)
def test_certificates_are_told_apart(
    start: Start, certificates: Certificates, server: str, authority: str, words: str
) -> None:
    port = start(kafka(), certificate=getattr(certificates, server))
    error = see(port, security_protocol="SSL", ssl_ca_location=str(getattr(certificates, authority)))
    assert isinstance(error, TlsRefused)
    assert words in error.title
    unchecked = {"enable_ssl_certificate_verification": False}
    assert see(port, security_protocol="SSL", ssl_ca_location=str(certificates.authority), **unchecked) is None


def test_a_port_that_tells_nothing_is_not_judged(start: Start) -> None:
    assert see(start(hangs_up)) is None
    assert see(start(hangs_up), security_protocol="SSL") is None
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert see(port) is None


def test_an_answer_that_is_cut_short_is_not_judged(start: Start) -> None:
    def cut_short(channel: socket.socket) -> None:
        channel.recv(4096)
        channel.sendall(struct.pack(">ii", 50, 1) + b"\0\0")

    assert see(start(cut_short)) is None


def test_nothing_of_the_connections_secrets_is_sent(start: Start) -> None:
    heard = b""

    def listens(channel: socket.socket) -> None:
        nonlocal heard
        heard += channel.recv(4096)

    see(start(listens), security_protocol="SASL_PLAINTEXT", sasl_username="inst", sasl_password="geheim")
    assert heard
    assert b"geheim" not in heard
    assert b"inst" not in heard
