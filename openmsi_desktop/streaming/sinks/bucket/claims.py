"""Keys that somebody in this process is just about to write: two files that get one key wait for each other.

A store that heeds no conditions keeps the last one only of two objects that are put at once, whatever was there when it was
asked. All sinks of the process share the claims, for several of them may fill one bucket.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LOOK_S = 0.1

_changed = threading.Condition()  # guards _claimed
_claimed: set[tuple[str, str]] = set()


@contextmanager
def claimed(bucket: str, key: str, check: Callable[[], None]) -> Iterator[None]:
    """Nobody else in this process writes the key meanwhile. check: called now and then while it waits; may raise to end that.

    Whoever holds one may claim another only if its key is longer: so nobody waits in a circle.
    """
    what = (bucket, key)
    with _changed:
        while what in _claimed:
            check()
            _changed.wait(_LOOK_S)
        _claimed.add(what)
    try:
        yield
    finally:
        with _changed:
            _claimed.discard(what)
            _changed.notify_all()
