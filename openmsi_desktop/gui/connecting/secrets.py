"""Secrets that are saved together with something in the settings: into the keyring, back, and out of it again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from PySide6.QtCore import QObject

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.credentials import Credentials
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.settings import Settings

log = logging.getLogger(__name__)

Failed = Callable[[OpenMSIError], None]


@dataclass(frozen=True, slots=True)
class Kept:
    """name: of the secret. is_new: it was stored under a name that nobody had; before: what it has taken the place of."""

    name: str
    is_new: bool = False
    before: str | None = None


def in_use(settings: Settings) -> set[str]:
    """Names of the secrets that the settings name."""
    return {c.credential for c in settings.connections} | {b.credential for b in settings.buckets}


def free_name(wished: str, taken: Collection[str]) -> str:
    """That name, or the next one that belongs to nobody."""
    name, number = wished, 2
    while name in taken:
        name, number = f"{wished}-{number}", number + 1
    return name


def keep(credentials: Credentials, settings: Settings, secret: str | None, *, old: str, wished: str) -> Kept:
    """Store a secret as it was typed (None: the one that is there stays). old: the name it has; wished: for a new one.

    On another thread: the keyring may wait for a person. No secret of anybody else is replaced, also not one of another data
    folder.

    Raises:
        NeedsYou: the keyring refuses; nothing has changed.
    """
    if old:
        if secret is None:
            return Kept(old)
        before = credentials.secret(old) if credentials.is_there(old) else None
        credentials.store(old, secret)
        return Kept(old, before=before)
    taken = in_use(settings) | {*credentials.names()}
    name = free_name(wished, taken)
    if secret is None:
        return Kept(name)
    while credentials.is_there(name):
        taken.add(name)
        name = free_name(wished, taken)
    credentials.store(name, secret)
    return Kept(name, is_new=True)


def put_back(desktop: Desktop, kept: Kept) -> None:
    """What was to be saved with it could not be: let the keyring be as it was."""
    before = kept.before
    if kept.is_new:
        forget(desktop, kept.name)
    elif before is not None:
        desktop.background.run(
            desktop.root,
            lambda: desktop.credentials.store(kept.name, before),
            lambda nothing: None,
            only_ours(lambda problem: log.warning("the secret of before is not back: %s", problem.title)),
        )


def forget(desktop: Desktop, name: str) -> None:
    """Take a secret out that nobody uses any more."""
    desktop.background.run(
        desktop.root,
        lambda: desktop.credentials.delete(name),
        lambda was_there: None,
        only_ours(lambda error: log.warning("a secret that nobody uses stays in the keyring: %s", error.title)),
    )


def place_of(
    credentials: Credentials, desktop: Desktop, owner: QObject, then: Callable[[str], None], failed: Failed
) -> None:
    """What people call the keyring."""
    desktop.background.run(owner, credentials.place, then, only_ours(failed))


def only_ours(failed: Failed) -> Callable[[Exception], None]:
    """For :meth:`Background.run`: any other error is a mistake of the program."""

    def tell(error: Exception) -> None:
        if not isinstance(error, OpenMSIError):
            raise error
        failed(error)

    return tell
