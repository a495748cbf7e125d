"""A second S3 server: moto, which keeps objects in memory under any key.

It takes any name and any signature, and stores what does not fit its checksum: nothing about signing in or damage can be
learned from it. It is good for keys that a file system cannot have ("a" and "a/b"), and for what other stores leave out.
"""

from __future__ import annotations

import itertools
import subprocess
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from servers.kafka import free_port
from servers.parts import eventually
from servers.s3 import client


class Moto:
    """The running server; stops when it is left."""

    def __init__(self, program: Path, folder: Path) -> None:
        """program: moto_server. folder: for its log."""
        self._program = program
        self._log = folder / "moto.log"
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)

    @property
    def endpoint(self) -> str:
        """Its address, as settings have it."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        return self._port

    def client(self, **config: Any) -> Any:
        """A plain boto3 client."""
        return client(self.endpoint, **config)

    def create_bucket(self, name: str | None = None, *, versioned: bool = False) -> str:
        """A new bucket, empty."""
        name = name or f"moto-bucket-{next(self._numbers)}"
        anyone = self.client()
        try:
            anyone.create_bucket(Bucket=name)
            if versioned:
                anyone.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        finally:
            anyone.close()
        return name

    def __enter__(self) -> Self:
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                [str(self._program), "-H", "127.0.0.1", "-p", str(self._port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            eventually(self._answers, timeout_s=30, what="moto answers")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()[-2000:]
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(self.endpoint, timeout=2) as answer:
                answer.read()
        except OSError:
            return False
        return True

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
