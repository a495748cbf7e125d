"""Ports where something else than a broker answers, or nothing does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

Answer = Callable[[socket.socket], None]


def web_server(channel: socket.socket) -> None:
    """Takes anything for a bad request."""
    channel.recv(4096)
    channel.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


def closes_at_once(channel: socket.socket) -> None:
    """Accepts a connection, and closes it."""


def says_nothing(channel: socket.socket) -> None:
    """Listens until the other side has had enough."""
    while channel.recv(4096):
        pass


@contextmanager
def stranger(answer: Answer) -> Iterator[str]:
    """A server on this computer; gives its address."""
    threads: list[threading.Thread] = []
    channels: list[socket.socket] = []
    is_over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk(channel: socket.socket) -> None:
            with channel:
                try:
                    answer(channel)
                except OSError:
                    pass

        def accept() -> None:
            while True:
                channel, _ = listener.accept()
                if is_over.is_set():
                    channel.close()
                    return
                channels.append(channel)
                threads.append(threading.Thread(target=talk, args=(channel,), daemon=True))
                threads[-1].start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            is_over.set()
            socket.create_connection(listener.getsockname()).close()  # Windows cannot shut down what only listens
            accepting.join(5)
    for channel in channels:
        try:
            channel.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
    for thread in threads:
        thread.join(5)


@contextmanager
def swallows_packets() -> Iterator[str]:
    """An address from which nothing comes back: its queue of connections is full, so the kernel drops what asks for more."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def identity_provider(status: str) -> Answer:
    """Answers every request for a token with that status, for example ``401 Unauthorized``."""

    def answer(channel: socket.socket) -> None:
        channel.recv(4096)
        body = b'{"error": "invalid_client"}'
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        channel.sendall(head.encode() + b"Connection: close\r\n\r\n" + body)

    return answer
