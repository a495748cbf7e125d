"""One line for every fault that was tried: what was done how often, and what came of it.

A test prints its line; with OPENMSI_FAULT_LINES=FILE it is also appended there as JSON, from where
tools/write_reliability.py puts it into docs/reliability.md.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from faults.oracle import Verdict


@dataclass(frozen=True, slots=True)
class Line:
    """The outcome of one fault.

    fault: its number, such as "F7"; what: the case in a few words, unique for its number. lost, lies, mixed: how many
    things of that kind the judge found. resent_bytes: what went over the network more than once in all.
    recovery_s: the longest time from the end of the fault until work went on; None where nothing recovers.
    note: other figures of this fault, in a few words.
    """

    fault: str
    what: str
    repeats: int
    lost: int = 0
    lies: int = 0
    mixed: int = 0
    resent_bytes: int = 0
    recovery_s: float | None = None
    note: str = ""
    time: str = ""

    @classmethod
    def of(
        cls, fault: str, what: str, repeats: int, verdict: Verdict, *, recovery_s: float | None = None, note: str = ""
    ) -> Line:
        """The line of a verdict of the judge."""
        return cls(
            fault,
            what,
            repeats,
            len(verdict.lost),
            len(verdict.lies),
            len(verdict.mixed),
            verdict.resent_at_all,
            recovery_s,
            note,
        )

    def __str__(self) -> str:
        recovery = "-" if self.recovery_s is None else f"{self.recovery_s:.1f}s"
        return (
            f"{self.fault} {self.what}: repeats={self.repeats} lost={self.lost} lies={self.lies} mixed={self.mixed} "
            f"resent={self.resent_bytes / 1e6:.1f}MB worst_recovery={recovery}"
            + (f" ({self.note})" if self.note else "")
        )

    def keep(self) -> None:
        """Append it to the file of this run, if there is one."""
        if file := os.environ.get("OPENMSI_FAULT_LINES"):
            fields = asdict(self) | {"time": datetime.now(UTC).isoformat(timespec="seconds")}
            with Path(file).open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(fields) + "\n")


def is_full() -> bool:
    """Whether the stated repeats are wanted (`make faults`) instead of a few (`make test`)."""
    return os.environ.get("OPENMSI_FAULTS") == "full"


def share() -> float:
    """The part of the stated repeats that is wanted, above 0; `make faults SHARE=0.1` makes it a tenth."""
    return float(os.environ.get("OPENMSI_FAULT_SHARE", "1"))


def extent(short: float, full: float) -> float:
    """How often, or how long: a little in `make test`, the stated amount (or a share of it) in `make faults`."""
    return max(short, full * share()) if is_full() else short
