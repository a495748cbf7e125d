"""The preview at work: one thread looks through the folder, another one says what the rules make of it. No widgets."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.core.rules import Rules
from openmsi_desktop.gui.preview.inventory import Inventory
from openmsi_desktop.gui.preview.judging import Batch, judge

log = logging.getLogger(__name__)

MakeRules = Callable[[], Rules]


@dataclass(frozen=True, slots=True)
class Progress:
    """What is new. number: of the question it belongs to; what belongs to an older one is out of date.

    error: why there is nothing to be seen (the folder cannot be listed, or a pattern is none).
    """

    number: int
    inventory: Inventory
    batch: Batch | None = None
    error: OSError | SettingsError | None = None


class Preview:
    """Answers come from other threads, through ``tell``. The methods belong to one thread and never wait."""

    def __init__(self, tell: Callable[[Progress], None]) -> None:
        """tell: any thread."""
        self._tell = tell
        self._inventory: Inventory | None = None
        self._end_of_look = threading.Event()
        self._end_of_answer = threading.Event()
        self.number = 0
        """Of the last question."""

    def look(self, root: Path) -> None:
        """Look through this folder, from the beginning. Nothing is told before :meth:`ask`."""
        self._end_of_look.set()
        self._end_of_answer.set()
        self._end_of_look = stop = threading.Event()
        inventory = self._inventory = Inventory(root)
        self._start(lambda: inventory.fill(stop.is_set), "preview: look")

    def ask(self, make_rules: MakeRules, *, subfolder: str = "") -> int:
        """What do these rules make of it? Answers to earlier questions stop. Returns the number of the question.

        make_rules: called on another thread; may raise SettingsError.
        """
        self._end_of_answer.set()
        self._end_of_answer = stop = threading.Event()
        self.number = number = self.number + 1
        inventory = self._inventory
        if inventory is not None:
            self._start(lambda: self._answer(inventory, number, make_rules, subfolder, stop), "preview: judge")
        return number

    def close(self) -> None:
        """Stop everything, without waiting: a share that does not answer may keep a thread for minutes."""
        self._end_of_look.set()
        self._end_of_answer.set()

    def _answer(
        self, inventory: Inventory, number: int, make_rules: MakeRules, subfolder: str, stop: threading.Event
    ) -> None:
        try:
            rules = make_rules()
        except SettingsError as error:
            self._tell(Progress(number, inventory, error=error))
            return
        rules.registries = inventory.registries
        for batch in judge(inventory.each(stop.is_set), rules, subfolder=subfolder, stopped=stop.is_set):
            if inventory.error is not None:
                break
            self._tell(Progress(number, inventory, batch))
        if inventory.error is not None and not stop.is_set():
            self._tell(Progress(number, inventory, error=inventory.error))

    @staticmethod
    def _start(work: Callable[[], None], name: str) -> None:
        threading.Thread(target=work, name=name, daemon=True).start()
