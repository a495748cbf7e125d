"""One computer of a shared group, to be killed: reads a topic into a folder. Run as a program."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from openmsi_desktop.core.events import Event, FileEvent, FileState
from openmsi_desktop.settings import Download
from openmsi_desktop.streaming.kafka.broker import KafkaBroker
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.receiving.consumer import TopicConsumer
from openmsi_desktop.streaming.supervisor import ServiceThread


def main(folder: Path, config: str, topic: str, group: str) -> None:
    profile = Profile(folder / "data")
    profile.prepare()
    (folder / "target").mkdir(exist_ok=True)

    def tell(event: Event) -> None:
        if isinstance(event, FileEvent) and event.state is FileState.DELIVERED:
            print("delivered", event.path, flush=True)

    download = Download(
        name="down", topics=(topic,), connection="c", target=folder / "target", group=group, keep_free=0
    )
    service = TopicConsumer(download, KafkaBroker(json.loads(config)), profile, tell, key="download:1")
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
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4])
