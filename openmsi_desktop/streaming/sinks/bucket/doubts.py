"""Is it the bucket, or this one file? A refusal or a cut does not always tell; what happens to other files does."""

from __future__ import annotations

import threading

_IN_A_ROW = 3


class Doubts:
    """Counts what failed in a row. Thread-safe."""

    def __init__(self) -> None:
        self._guard = threading.Lock()  # protects _failed and _worked
        self._failed: dict[str, set[str]] = {}
        self._worked: set[str] = set()

    def is_well(self, operation: str) -> None:
        """It worked for some file."""
        with self._guard:
            self._worked.add(operation)
            self._failed.pop(operation, None)

    def concern_sink(self, operation: str, key: str) -> bool:
        """It failed for this file: whether no file fares better, as far as is known."""
        with self._guard:
            failed = self._failed.setdefault(operation, set())
            failed.add(key)
            return operation not in self._worked or len(failed) >= _IN_A_ROW
