"""The download target: received files appear in a folder, whole, under their names, and stay what they are.

Each batch: decide (:mod:`placing`), journal the intents, rename, flush once, journal the deliveries. What a
killed process left between those steps is found out by :mod:`recovery`.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from openmsi_desktop.core import published as published_rows
from openmsi_desktop.core.errors import OpenMSIError, RetryableError
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.local_name import folded, local_name
from openmsi_desktop.core.published import Publication, Published
from openmsi_desktop.core.tree import Tree
from openmsi_desktop.streaming.sinks import FOLDER, Failed, Outcome, ReceivedFile
from openmsi_desktop.streaming.sinks.placing import IfExists, Placement, Placer, Settled, Stopped
from openmsi_desktop.streaming.sinks.publishing import Publisher
from openmsi_desktop.streaming.sinks.recovery import recover
from openmsi_desktop.streaming.sinks.target import TargetFolder
from openmsi_desktop.streaming.sinks.trouble import concerns_all, translated

_TRIES = 5


class FolderSink:
    """Writes received files into one folder. A BatchSink: one thread at a time."""

    must_end = True
    """Never left to itself: two of them in one folder would not know of each other. It heeds ``stop`` where it can."""

    def __init__(
        self,
        target: Path,
        journal: Journal,
        *,
        name: str = FOLDER,
        if_exists: str = IfExists.KEEP_BOTH,
        takes_spool: bool = True,
        stop: threading.Event | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Touch nothing yet.

        journal: of the thread that delivers. takes_spool: the spool file may be renamed away, because no other
        sink needs it. stop: ends the reading and copying of big files early.
        """
        self.name = name
        self.target = Path(os.path.abspath(target))
        self._journal = journal
        self._if_exists = IfExists(if_exists)
        self.takes_spool = takes_spool
        self._stop = stop if stop is not None else threading.Event()
        self._now = now
        self._folder = TargetFolder(self.target, journal, wait=self._stop.wait)
        self._is_sure = False

    @property
    def spool(self) -> Path:
        """Where the parts of this target belong: on the same disk. It exists after :meth:`prepare`."""
        return self._folder.spool

    def prepare(self) -> None:
        """See BatchSink: looks whether the folder is the right one and ends what a killed process began."""
        self._is_sure = False
        with self._folder.open() as (tree, published):
            self._recover(self._placer(tree, published))

    def deliver_all(self, files: Sequence[ReceivedFile]) -> list[Outcome]:
        """See BatchSink. One journal transaction before the renames, one flush and one transaction after them."""
        with self._folder.open() as (tree, published):
            placer = self._placer(tree, published)
            if not self._is_sure:
                self._recover(placer)
            self._is_sure = False  # until the end: whatever interrupts us leaves intents behind
            batch = _Batch(placer, Publisher(placer, takes_spool=self.takes_spool, stop=self._stop), len(files))
            for index, file in enumerate(files):
                batch.add(index, file)
            batch.end()
            self._is_sure = True
            return batch.outcomes

    def close(self) -> None:
        """Nothing is kept open between batches."""

    def again(self, path: str) -> list[Publication]:
        """Write this delivered file once more when its version comes again, even if it was moved away.

        path: on the topic, or local (absolute or relative to the target). Returns what was delivered; whoever reads
        the topic goes back to ``order.offset`` of each.
        """
        target = published_rows.find_target(self._journal, self.target)
        if target is None:
            return []
        if os.path.isabs(path):
            path = Path(os.path.relpath(path, self.target)).as_posix()
        return Published(self._journal, target.id).want_again(path)

    def accept_target(self) -> None:
        """A person says that the folder which is there now is the right one."""
        self._folder.accept()

    def _placer(self, tree: Tree, published: Published) -> Placer:
        return Placer(tree, published, if_exists=self._if_exists, now=self._now, interrupted=self._stop.is_set)

    def _recover(self, placer: Placer) -> None:
        recover(placer)
        self._is_sure = True


class _Batch:
    """Collects placements that do not touch each other's names, and publishes them together."""

    def __init__(self, placer: Placer, publisher: Publisher, count: int) -> None:
        self._placer = placer
        self._publisher = publisher
        self._results: list[Outcome | None] = [None] * count
        self._placements: dict[int, Placement] = {}
        self._rows: list[Publication] = []
        self._claimed: set[object] = set()

    @property
    def outcomes(self) -> list[Outcome]:
        """After :meth:`end`: one for each file."""
        return [result for result in self._results if result is not None]

    def add(self, index: int, file: ReceivedFile) -> None:
        """Decide about a file; what was collected is published first if it matters for that."""
        names = {(file.topic, file.relative_path, file.installation), folded(local_name(file.relative_path))}
        if self._claimed & names:
            self._publish()
        decision = self._decide(file)
        if isinstance(decision, Placement):
            wanted = {folded(name) for name in (decision.local, decision.aside, decision.old) if name}
            if self._claimed & wanted:
                self._publish()
                decision = self._decide(file)
        self._take(index, decision)
        self._claimed |= names
        if isinstance(decision, Placement):
            self._claimed |= {folded(name) for name in (decision.local, decision.aside, decision.old) if name}

    def end(self) -> None:
        """Publish what is left."""
        self._publish()

    def _publish(self) -> None:
        for _ in range(_TRIES):
            placements, rows = self._placements, self._rows
            self._placements, self._rows = {}, []
            results = self._publisher.publish(list(placements.values()), rows)
            for (index, placement), result in zip(placements.items(), results, strict=True):
                if result is None:  # somebody was faster: look again
                    self._take(index, self._decide(placement.file))
                else:
                    self._results[index] = result
            if not self._placements:
                break
        for index, placement in self._placements.items():
            self._results[index] = Failed(_restless(placement))
        self._publisher.publish([], self._rows)
        self._placements, self._rows = {}, []
        self._claimed.clear()

    def _decide(self, file: ReceivedFile) -> Placement | Settled:
        try:
            return self._placer.decide(file)
        except Stopped:
            raise
        except OpenMSIError as error:
            return Settled(Failed(error))
        except OSError as error:
            tree = self._placer.tree
            if concerns_all(error):
                raise
            return Settled(Failed(translated(error, tree.root, tree.path(local_name(file.relative_path)))))

    def _take(self, index: int, decision: Placement | Settled) -> None:
        if isinstance(decision, Placement):
            self._placements[index] = decision
            return
        self._results[index] = decision.outcome
        if decision.row is not None:
            self._rows.append(decision.row)


def _restless(placement: Placement) -> RetryableError:
    return RetryableError(
        f"{placement.local} changes while it is being replaced",
        "Another program keeps writing to the file. What was received is safe; it is tried again.",
        path=placement.local,
    )
