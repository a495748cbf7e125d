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
_claimed: dict[tuple[str, str], int] = {}
"""Bucket and key -> the thread that has claimed it."""


@contextmanager
def claimed(bucket: str, key: str, check: Callable[[], None]) -> Iterator[None]:
    """Nobody else in this process writes the key meanwhile. check: called now and then while it waits; may raise to end that.

    Whoever holds one may claim another only if it was made of that one: so nobody waits in a circle. Names that are as long as
    they may be can become themselves; a thread that has the key already goes on.
    """
    what, own = (bucket, key), threading.get_ident()
    with _changed:
        is_ours = _claimed.get(what) == own
        while what in _claimed and not is_ours:
            check()
            _changed.wait(_LOOK_S)
        _claimed[what] = own
    try:
        yield
    finally:
        if not is_ours:
            with _changed:
                del _claimed[what]
                _changed.notify_all()
