"""The first steps of the program with a window: is it running already? If so, it is handed the files.

Loads as little as possible, for a second start should take no second.
"""

from __future__ import annotations

import sys
import time

from openmsi_desktop.arguments import WindowStart
from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui.instance import Seat, hand_over
from openmsi_desktop.places import find_places

_PATIENCE_S = 8.0
"""For one that is just starting, or about to end."""
_PAUSE_S = 0.05


def main(start: WindowStart) -> int:
    """Run until a person quits, or hand over to the program that runs; returns the exit status."""
    if start.is_practice:
        from openmsi_desktop.gui.practice import run_practice

        return run_practice(start)
    places = find_places(settings=start.settings, data=start.data)
    seat = Seat(places.data)
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            is_ours = seat.take()
        except OpenMSIError as error:  # the window shows why nothing can run
            print(error, file=sys.stderr)
            is_ours = True
        if is_ours:
            from openmsi_desktop.gui.app import run

            return run(start, places, seat)
        if hand_over(seat.address_of_other(), start.files, is_hidden=start.is_hidden):
            return 0
        time.sleep(_PAUSE_S)
        if time.monotonic() >= end:
            print(
                "OpenMSI Desktop is running already, but does not answer. What it sends goes on as far as it can. "
                "End that process to start it anew.",
                file=sys.stderr,
            )
            return 1
