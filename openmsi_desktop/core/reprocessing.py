"""What a person wants handed to buckets and processors once more, and which versions in the journal that means. Reads only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NamedTuple

from openmsi_desktop.core.journal import Journal, text_of


@dataclass(frozen=True, slots=True)
class Wish:
    """One of three: a path on the topic, what was given up (``failed``), what began to arrive since a moment (seconds since 1970).

    A path together with ``failed``: only if it was given up. sink: only for this one; empty: for all.
    """

    path: str = ""
    failed: bool = False
    since: float | None = None
    sink: str = ""

    def argument(self) -> str:
        """All but the path, as the text of a request."""
        return json.dumps({"failed": self.failed, "since": self.since, "sink": self.sink})

    @classmethod
    def of(cls, path: str, argument: str) -> Wish:
        """The wish of a request.

        Raises:
            ValueError, TypeError: nothing of this release wrote it.
        """
        found = json.loads(argument)
        if not isinstance(found, dict):
            raise TypeError(argument)
        since = found.get("since")
        return cls(path, bool(found.get("failed")), None if since is None else float(since), str(found.get("sink", "")))


class Wanted(NamedTuple):
    """A version, and the sinks that it is to be handed to; None: to whichever the wish means."""

    number: int
    sinks: frozenset[str] | None


def wanted(journal: Journal, task: str, wish: Wish) -> list[Wanted]:
    """The versions that a wish means: of each path the last one that was found right, in the order in which they arrived."""
    where, values = "incoming.source IN (SELECT id FROM sources WHERE task = ?) AND latest = 1", [task]
    if wish.path:
        where += " AND path = ?"
        values.append(text_of(wish.path))
    if not wish.failed:
        rows = journal.query(
            f"SELECT id FROM incoming WHERE {where} AND began_at >= ? ORDER BY id", *values, wish.since or 0.0
        )
        return [Wanted(row[0], None) for row in rows]
    found: dict[int, set[str]] = {}
    for number, sink in journal.query(
        f"""SELECT id, sink FROM deliveries JOIN incoming ON incoming.id = incoming_id
        WHERE {where} AND done = 2 AND (? = '' OR sink = ?) ORDER BY id""",
        *values,
        wish.sink,
        wish.sink,
    ):
        found.setdefault(number, set()).add(sink)
    return [Wanted(number, frozenset(sinks)) for number, sinks in found.items()]
