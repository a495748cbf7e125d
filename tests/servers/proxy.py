"""A network that can be cut, slowed and delayed: toxiproxy before the listener PROXIED of our brokers.

    with Toxiproxy(binary, folder) as toxiproxy, Network(toxiproxy, kafka.doors()) as network:
        Producer(kafka.client("PROXIED"))
        network.swallow()

Its control: github.com/Shopify/toxiproxy, README, "HTTP API".
"""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from servers.kafka import free_port
from servers.parts import eventually

_LIMIT_S = 10.0


class Toxiproxy:
    """The running program. Stops when it is left."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self._binary = binary
        self._log = folder / "toxiproxy.log"
        self._port = free_port()
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [str(self._binary), "-host", "127.0.0.1", "-port", str(self._port)]
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            eventually(self._answers, timeout_s=10, what="toxiproxy answers")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """One request to its control; returns the answer, None if it is empty."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}{path}", method=method, data=data)
        with self._open(request, timeout=_LIMIT_S) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def _answers(self) -> bool:
        try:
            self.call("GET", "/proxies")
        except OSError:
            return False
        return True

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)


class Network:
    """All ways to some brokers. Every method acts on connections that exist and on new ones, at once."""

    def __init__(self, toxiproxy: Toxiproxy, doors: Mapping[int, int], *, address: str = "127.0.0.1") -> None:
        """doors: a broker's port -> the port at which its clients knock, at this address."""
        self._toxiproxy = toxiproxy
        self._doors = dict(doors)
        self._address = address
        self._names = [f"{address}-{port}" for port in self._doors]

    def __enter__(self) -> Self:
        for name, (target, door) in zip(self._names, self._doors.items(), strict=True):
            proxy = {
                "name": name,
                "listen": f"{self._address}:{door}",
                "upstream": f"127.0.0.1:{target}",
                "enabled": True,
            }
            self._toxiproxy.call("POST", "/proxies", proxy)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in self._names:
            self._toxiproxy.call("DELETE", f"/proxies/{name}")

    def refuse(self) -> None:
        """Connections are closed, and new ones refused."""
        self._enable(False)

    def swallow(self) -> None:
        """Nothing comes through in either direction, and nobody is told; connections stay open."""
        for stream in ("upstream", "downstream"):
            self._add("timeout", stream, timeout=0)

    def swallow_answers(self) -> None:
        """What is sent arrives, but nobody hears of it."""
        self._add("timeout", "downstream", timeout=0)

    def delay(self, seconds: float) -> None:
        """Every answer comes that much later."""
        self._add("latency", "downstream", latency=round(seconds * 1000))

    def slow(self, bytes_per_s: float) -> None:
        """No more than that goes out."""
        self._add("bandwidth", "upstream", rate=round(bytes_per_s / 1000))

    def restore(self) -> None:
        """All is well again. Connections whose data were swallowed are closed."""
        for name in self._names:
            for toxic in self._toxiproxy.call("GET", f"/proxies/{name}/toxics"):
                self._toxiproxy.call("DELETE", f"/proxies/{name}/toxics/{toxic['name']}")
        self._enable(True)

    def lead_to(self, ports: Iterable[int]) -> None:
        """From now on the doors lead to these ports, in their order; connections are closed."""
        self._enable(False)
        for name, port in zip(self._names, ports, strict=True):
            self._toxiproxy.call("POST", f"/proxies/{name}", {"upstream": f"127.0.0.1:{port}", "enabled": True})

    def _enable(self, is_enabled: bool) -> None:
        for name in self._names:
            self._toxiproxy.call("POST", f"/proxies/{name}", {"enabled": is_enabled})

    def _add(self, kind: str, stream: str, **attributes: int) -> None:
        for name in self._names:
            toxic = {"name": f"{kind}-{stream}", "type": kind, "stream": stream, "attributes": attributes}
            self._toxiproxy.call("POST", f"/proxies/{name}/toxics", toxic)
