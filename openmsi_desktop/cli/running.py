"""Runs tasks until they end, are idle, lose contact for too long, or somebody stops the program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from openmsi_desktop.cli import exits
from openmsi_desktop.cli.common import Common
from openmsi_desktop.cli.leftovers import left_over
from openmsi_desktop.cli.output import Output
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError, RetryableError, SettingsError
from openmsi_desktop.signals import SIGNALS

if TYPE_CHECKING:
    from openmsi_desktop.settings import Settings
    from openmsi_desktop.streaming.engine import Engine

_LOOK_S = 0.1
_STOP_S = 2.3


def stream(
    common: Common,
    settings: Settings,
    output: Output,
    *,
    until_idle: float | None = None,
    timeout: float | None = None,
    if_journal_lost: str | None = None,
    again: Sequence[str] = (),
    read_settings: Callable[[], Settings] | None = None,
) -> int:
    """Run every task of some settings; returns the exit status. The output is finished in any case.

    until_idle, timeout: seconds, see docs/cli.md; None: never.
    """
    from openmsi_desktop.credentials import Credentials
    from openmsi_desktop.streaming.engine import Engine
    from openmsi_desktop.streaming.profile import InUse

    is_alone = len(settings.watched_folders) + len(settings.downloads) == 1
    places = common.places
    SIGNALS.wait_for_stop()
    engine = Engine(
        settings,
        data=places.data,
        emit=output,
        secret_of=Credentials(places.data).secret,
        if_journal_lost=if_journal_lost,
        again=again,
        read_settings=read_settings,
        # whoever starts a second watcher of a folder made a mistake; among other tasks one may wait
        go_on=lambda error: not (is_alone and isinstance(error, InUse)),
    )
    try:
        try:
            engine.start()
        except OpenMSIError as error:
            output.error(error)
            output.finish(has_begun=not isinstance(error, SettingsError))
            return exits.exit_status(error)
        try:
            status = _watch_over(engine, output, until_idle=until_idle, timeout=timeout)
        finally:
            services = engine.services
            engine.stop(_STOP_S)
        if SIGNALS.status is not None:
            return SIGNALS.status
        left = left_over(common, services) if until_idle is not None else []
        for event in left:
            output(event)
        has_problems = until_idle is not None and output.file_problems > 0
        return status or (exits.NOT_ALL if left or has_problems else exits.DONE)
    finally:
        output.finish()


def _watch_over(engine: Engine, output: Output, *, until_idle: float | None, timeout: float | None) -> int:
    """Wait for a reason to end; returns the exit status as far as it is known then."""
    while not SIGNALS.stop.wait(_LOOK_S):
        output.flush()
        if engine.is_over:
            break
        if until_idle is not None and engine.idle_for() >= until_idle:
            break
        if timeout is not None and (silent := engine.no_contact_for()) >= timeout:
            output.error(
                RetryableError(
                    f"No contact for {silent:.0f} s",
                    "Giving up, as --timeout says. Nothing is lost: the same command goes on from here.",
                )
            )
            return exits.NO_CONTACT
    return _failed(list(engine.failures().values()))


def _failed(errors: Sequence[BaseException]) -> int:
    """Exit status for tasks that ended by errors (which have been told already)."""
    if any(isinstance(e, (SettingsError, NeedsYou)) for e in errors):
        return exits.SETTINGS
    return exits.NOT_ALL if errors else exits.DONE
