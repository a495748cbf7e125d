"""Refused sign-ins, noted in the data folder: so that another process with it does not try the same password at once.

A note says who was refused, when and why, and nothing of the secret. It is worth less than a sign-in: one that cannot
be written or read is left out.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from openmsi_desktop.streaming.kafka.config import Value
from openmsi_desktop.streaming.kafka.errors import SignInRefused

_WHO = ("bootstrap.servers", "security.protocol", "sasl.mechanism", "sasl.username", "sasl.oauthbearer.client.id")

logger = logging.getLogger(__name__)


class Refusals:
    """The notes about one account at one address. folder: shared by the processes. Any thread."""

    def __init__(
        self, folder: Path, properties: Mapping[str, Value], *, wall_clock: Callable[[], float] = time.time
    ) -> None:
        who = "\0".join(str(properties.get(name, "")) for name in _WHO)
        self._file = folder / f"{hashlib.sha256(who.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}.json"
        self._wall_clock = wall_clock

    def note(self, error: SignInRefused) -> None:
        """Tell the others."""
        content = {"at": self._wall_clock(), "title": error.title, "advice": error.advice, "code": error.code}
        temporary = self._file.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(content), encoding="utf-8")
            os.replace(temporary, self._file)
        except OSError as failure:
            logger.info("a refused sign-in could not be noted: %s", failure)

    def last(self) -> tuple[SignInRefused, float] | None:
        """The last refusal, and its age in seconds; None if there is none, or the clock was set since."""
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            error = SignInRefused(str(found["title"]), str(found["advice"]), code=str(found["code"]))
            age_s = self._wall_clock() - float(found["at"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as failure:
            logger.info("a note about a refused sign-in cannot be read: %s", failure)
            return None
        return (error, age_s) if age_s >= 0 else None

    def forget(self) -> None:
        """There is another password now."""
        forget_all(self._file.parent, only=self._file)


def forget_all(folder: Path, *, only: Path | None = None) -> None:
    """Begin anew: somebody starts the program or stores a password, and wants it to be tried."""
    try:
        for file in [only] if only else list(folder.glob("*.json")):
            file.unlink(missing_ok=True)
    except OSError as failure:
        logger.info("a note about a refused sign-in stays: %s", failure)
