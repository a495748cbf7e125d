"""One computer of a shared group, to be killed: reads a topic into a folder, or hands its files to sinks. Run as a program."""

from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from openmsi_desktop.core.errors import OpenMSIError, RetryableError
from openmsi_desktop.core.events import Event, FileEvent, FileState
from openmsi_desktop.settings import Download
from openmsi_desktop.streaming.kafka.broker import KafkaBroker
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.receiving import patience
from openmsi_desktop.streaming.receiving.consumer import TopicConsumer
from openmsi_desktop.streaming.sinks import Delivered, Failed, Outcome, PooledSink, ReceivedFile
from openmsi_desktop.streaming.supervisor import ServiceThread


class Store:
    """Copies files into a folder; gives up what is called bad; does nothing as long as there is a file ``closed`` in there."""

    jobs = 2

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self.folder = folder
        self.folder.mkdir(exist_ok=True)
        self.pool = ThreadPoolExecutor(self.jobs)

    def prepare(self) -> None:
        if (self.folder / "closed").exists():
            raise RetryableError("The store is closed")

    def submit(self, file: ReceivedFile) -> Future[Outcome]:
        return self.pool.submit(self._store, file)

    def close(self) -> None:
        self.pool.shutdown()

    def _store(self, file: ReceivedFile) -> Outcome:
        if file.relative_path.startswith("bad"):
            return Failed(OpenMSIError("It is bad"), is_final=True)
        (self.folder / file.relative_path).write_bytes(file.path.read_bytes())
        return Delivered()


patience.DELAYS_S = (0.5,)


def main(folder: Path, config: str, topic: str, group: str, *sinks: str) -> None:
    profile = Profile(folder / "data")
    profile.prepare()
    (folder / "target").mkdir(exist_ok=True)

    def tell(event: Event) -> None:
        if isinstance(event, FileEvent) and event.state in (FileState.DELIVERED, FileState.RECEIVED):
            print(event.state.value, event.path, flush=True)

    def make(name: str) -> PooledSink:
        return Store(folder / name)

    target = None if sinks else folder / "target"
    download = Download(name="down", topics=(topic,), connection="c", target=target, group=group, keep_free=0)
    factories = [lambda journal, name=name: make(name) for name in sinks]
    broker = KafkaBroker(json.loads(config))
    service = TopicConsumer(download, broker, profile, tell, key="download:1", sinks=factories)
    thread = ServiceThread(service, lambda event: print(type(event).__name__, flush=True))
    thread.start()
    stop = threading.Event()

    def listen() -> None:
        sys.stdin.read()  # until whoever started us closes it
        stop.set()

    threading.Thread(target=listen, daemon=True).start()
    stop.wait()
    thread.stop()
    thread.join(5)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
