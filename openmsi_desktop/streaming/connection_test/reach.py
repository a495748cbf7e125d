"""Names and ports: is there a computer of that name, and who answers at its port? Never signs in."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.kafka.config import Value
from openmsi_desktop.streaming.kafka.errors import NoContact
from openmsi_desktop.streaming.kafka.port import Answer, View, examine
from openmsi_desktop.streaming.kafka.sentences import CLOSED, NAME_UNKNOWN, NO_ANSWER, PORT_REFUSED, SILENT, about
from openmsi_desktop.streaming.receiving.aside import Errand

Server = tuple[str, int]
"""Host and port."""

T = TypeVar("T")


def each(servers: Sequence[Server], ask: Callable[[str, int], T], *, limit_s: float) -> dict[Server, T | OpenMSIError]:
    """Ask about all servers at once, each on a thread of its own that is left behind after limit_s."""
    end = time.monotonic() + limit_s
    errands = {server: Errand(partial(ask, *server), name=f"look at {text(server)}") for server in servers}
    found: dict[Server, T | OpenMSIError] = {}
    for server, errand in errands.items():
        if not errand.wait(max(end - time.monotonic(), 0)):
            found[server] = about(text(server), NO_ANSWER)
            continue
        try:
            found[server] = errand.result()
        except OpenMSIError as error:
            found[server] = error
    return found


def resolve(host: str, port: int) -> str:
    """An address of that host.

    Raises:
        NoContact: nobody knows the name.
    """
    try:
        return str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    except (OSError, UnicodeError) as error:
        raise about(text((host, port)), NAME_UNKNOWN) from error


def connect(host: str, port: int, *, limit_s: float) -> None:
    """Open a connection within limit_s, and close it again.

    Raises:
        NoContact: that cannot be done.
    """
    server = text((host, port))
    try:
        socket.create_connection((host, port), limit_s).close()
    except ConnectionRefusedError as error:
        raise about(server, PORT_REFUSED) from error
    except TimeoutError as error:
        raise about(server, NO_ANSWER) from error
    except socket.gaierror as error:
        raise about(server, NAME_UNKNOWN) from error
    except OSError as error:
        raise NoContact(
            f"Cannot connect to {server}",
            f"Check the network and the address. Detail: {error.strerror or error}",
            code="cannot-connect",
        ) from error


def see(host: str, port: int, properties: Mapping[str, Value], *, limit_s: float) -> View | None:
    """Connect, and look who answers; None if the look needs a file that cannot be used.

    A third of limit_s is for the connection, the rest for up to three steps of the look.

    Raises:
        NoContact: nobody answers, or without a word.
    """
    connect(host, port, limit_s=limit_s / 3)
    try:
        view = examine(host, port, properties, timeout_s=limit_s * 2 / 9)
    except (OSError, ValueError):
        return None
    if view.error is None and view.answer in _WITHOUT_A_WORD:
        raise about(text((host, port)), _WITHOUT_A_WORD[view.answer])
    return view


_WITHOUT_A_WORD = {Answer.CLOSED: CLOSED, Answer.SILENT: SILENT}


def text(server: Server) -> str:
    """host:port, an IPv6 address in brackets."""
    host, port = server
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_number(host: str) -> bool:
    """Whether a host is given by its address already."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
