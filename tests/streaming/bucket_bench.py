"""A BucketSink alone, as a lane drives it: files lie in a folder, outcomes are recorded in a journal."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from servers.memory_broker import MemoryBroker
from servers.s3 import ROOT

from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sinks import ArrivingFile, Delivered, Failed, Outcome, ReceivedFile
from openmsi_desktop.streaming.sinks.bucket.sink import BucketSink, Connect, usual_client
from openmsi_desktop.streaming.sinks.making import SinkTools

PATIENCE_S = 30.0
KEY = "download:1"
MODIFIED = 1_790_000_000.25


class Bench:
    """One data folder below ``folder``; the sink can be opened any number of times."""

    def __init__(self, folder: Path, endpoint: str, bucket: str, **settings: Any) -> None:
        self.folder = folder
        self.profile = Profile(folder / "data")
        self.profile.prepare()
        self.journal = self.profile.open_journal()
        self.secret = ROOT.secret
        self.asked = 0
        self.is_held = False
        self.number = 0
        self.described = Bucket(
            **{
                "name": "lab",
                "bucket": bucket,
                "endpoint_url": endpoint,
                "region": "us-east-1",
                "access_key_id": ROOT.access_key_id,
                "credential": "lab",
            }
            | settings
        )

    def close(self) -> None:
        self.journal.close()

    def secret_of(self, name: str) -> str | None:
        self.asked += 1
        return self.secret

    @contextmanager
    def opened(self, *, connecting: Connect = usual_client) -> Iterator[BucketSink]:
        """The sink, prepared."""
        with self.unprepared(connecting=connecting) as sink:
            sink.prepare()
            yield sink

    @contextmanager
    def unprepared(self, *, connecting: Connect = usual_client) -> Iterator[BucketSink]:
        tools = SinkTools(KEY, MemoryBroker(), self.profile, self.secret_of)
        sink = BucketSink(self.described, self.journal, tools, connecting=connecting)
        try:
            yield sink
        finally:
            sink.close()

    def file(self, content: bytes, path: str = "run/a.xy", **more: Any) -> ReceivedFile:
        """A verified file in the spool."""
        self.number += 1
        spool = self.folder / f"spool-{self.number}"
        spool.write_bytes(content)
        values: dict[str, Any] = {"topic": "t", "modified": MODIFIED, "number": self.number} | more
        return ReceivedFile(spool, path, size=len(content), sha512=hashlib.sha512(content).digest(), **values)

    def deliver(self, sink: BucketSink, *files: ReceivedFile) -> list[Outcome]:
        """All at once; what was delivered is recorded. As a lane does, the sink is prepared again after it was in trouble."""
        if self.is_held:
            sink.prepare()
        futures = [sink.submit(file) for file in files]
        outcomes = [future.result(PATIENCE_S) for future in futures]
        self.is_held = any(isinstance(outcome, Failed) and outcome.concerns_sink for outcome in outcomes)
        with self.journal.transaction():
            for file, outcome in zip(files, outcomes, strict=True):
                if isinstance(outcome, Delivered):
                    sink.settled(file, outcome)
        return outcomes

    def one(self, sink: BucketSink, file: ReceivedFile) -> Outcome:
        return self.deliver(sink, file)[0]

    def delivered(self, sink: BucketSink, file: ReceivedFile) -> Delivered:
        """It has to be."""
        outcome = self.one(sink, file)
        if isinstance(outcome, Failed):
            raise outcome.error
        assert isinstance(outcome, Delivered), outcome
        return outcome

    def failed(self, sink: BucketSink, file: ReceivedFile) -> Failed:
        """It must not be delivered."""
        outcome = self.one(sink, file)
        assert isinstance(outcome, Failed), outcome
        return outcome

    def expect(self, file: ReceivedFile) -> None:
        """The reader's journal knows that this file is on its way."""
        with self.journal.transaction() as db:
            db.execute("INSERT OR IGNORE INTO sources (task, topic, stream) VALUES (?, ?, 's')", (KEY, file.topic))
            db.execute(
                """INSERT INTO incoming (source, path, installation, version, repeat, sha512, chunks_total, chunk_size, stage,
                state, chunks_done, size, reached, spool, began_at, updated_at)
                SELECT id, ?, '', 0, 0, ?, 1, 1, 2, 'verifying', 1, 1, '', '', 0, 0 FROM sources WHERE topic = ?""",
                (file.relative_path, file.sha512, file.topic),
            )

    def is_swept(self, sink: BucketSink) -> bool:
        """Whether nothing unfinished is known after what the sink does every ten minutes."""
        sink._carrier.arriving.sweep(before=10**9)
        return self.uploads == 0

    @property
    def uploads(self) -> int:
        """Rows of unfinished uploads."""
        return int(self.journal.query("SELECT count(*) FROM uploads")[0][0])


def arriving(file: ReceivedFile) -> ArrivingFile:
    """The same file, before it is complete."""
    return ArrivingFile(
        file.path, file.relative_path, file.topic, file.sha512, file.size, None, file.modified, file.installation
    )


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}
