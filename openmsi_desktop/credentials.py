"""Named secrets: from the keyring of the operating system, else from systemd, else from the environment.

Secrets are never written to a file: without a keyring that encrypts there is nothing to store them in,
and that is said. A locked keyring may wait for a person, so each call runs on a thread with a time limit.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from openmsi_desktop.core.errors import NeedsYou, SettingsError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "openmsi-desktop"
"""Under this name our entries stand in the keyring."""

INDEX = "secret-names.json"
"""File in the data folder with the names that were stored; keyrings cannot be listed everywhere."""

TIME_LIMIT_S = 4.0

MISSING = "secret-missing"
"""Code of the error that a secret cannot be had."""

_Result = TypeVar("_Result")


class NoKeyring(NeedsYou):
    """This computer has no keyring that encrypts, or it does not answer."""


def environment_name(name: str) -> str:
    """The variable that may hold the secret ``name``: ``lab-bucket`` -> ``OPENMSI_SECRET_LAB_BUCKET``."""
    return "OPENMSI_SECRET_" + re.sub(r"[^A-Z0-9]", "_", name.upper())


class Credentials:
    """The secrets of this user. Thread-safe; calls may take up to the time limit, so never on a GUI thread."""

    def __init__(
        self,
        data: Path,
        *,
        environment: Mapping[str, str] | None = None,
        backend: Callable[[], KeyringBackend] | None = None,
        time_limit_s: float = TIME_LIMIT_S,
    ) -> None:
        """data: folder for the index of names. backend: finds the keyring; the system's own if left away."""
        self._index = data / INDEX
        self._environment = os.environ if environment is None else environment
        self._backend = backend or _system_backend
        self._time_limit_s = time_limit_s
        self._lock = threading.Lock()  # protects _asking
        self._asking: threading.Thread | None = None

    def secret(self, name: str) -> str:
        """The secret called ``name``.

        Raises:
            NeedsYou: there is none, or the keyring is locked and nothing else has it.
        """
        try:
            stored = self._call(lambda keyring: keyring.get_password(SERVICE, name))
        except NeedsYou as error:
            found = self._without_keyring(name)
            if found is None:
                raise _missing(name, keyring_trouble=error) from error
            return found
        found = stored or self._without_keyring(name)
        if found is None:
            raise _missing(name)
        return found

    def store(self, name: str, secret: str) -> None:
        """Put a secret into the keyring, in place of one of that name.

        Raises:
            SettingsError: the name or the secret cannot be used.
            NeedsYou: there is no keyring, or it is locked.
        """
        if not secret:
            raise SettingsError("The secret is empty", "Nothing was stored.")
        if not name.strip() or not name.isprintable():
            raise SettingsError(
                f"{name!r} cannot be the name of a secret", "Use a plain name such as lab or lab-bucket."
            )
        self._call(lambda keyring: keyring.set_password(SERVICE, name, secret))
        self._write_names({*self.names(), name})

    def is_there(self, name: str) -> bool:
        """Whether the keyring has a secret of that name, of this data folder or of another one.

        Raises:
            NeedsYou: there is no keyring, or it is locked.
        """
        return self._call(lambda keyring: keyring.get_password(SERVICE, name)) is not None

    def delete(self, name: str) -> bool:
        """Take a secret out of the keyring; False if it was not there.

        Raises:
            NeedsYou: there is no keyring, or it is locked.
        """

        def take_out(keyring: KeyringBackend) -> bool:
            if keyring.get_password(SERVICE, name) is None:
                return False
            keyring.delete_password(SERVICE, name)
            return True

        was_there = self._call(take_out)
        self._write_names({*self.names()} - {name})
        return was_there

    def place(self) -> str:
        """What people call the keyring that secrets would go to now.

        Raises:
            NeedsYou: there is none, or it does not answer.
        """
        return self._call(_called)

    def names(self) -> list[str]:
        """Names of the secrets that were stored with this data folder, sorted."""
        try:
            found = json.loads(self._index.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        return sorted(n for n in found if isinstance(n, str)) if isinstance(found, list) else []

    def _write_names(self, names: set[str]) -> None:
        temporary = self._index.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._index.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(sorted(names), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            os.replace(temporary, self._index)
        except OSError as error:
            raise NeedsYou(
                "Cannot write the list of secrets",
                f"{error}. The keyring itself was changed; only `secret list` does not show it.",
                path=self._index,
            ) from error

    def _without_keyring(self, name: str) -> str | None:
        folder = self._environment.get("CREDENTIALS_DIRECTORY")
        if folder and "/" not in name and "\\" not in name and name not in (".", ".."):
            try:
                return (Path(folder) / name).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
            except FileNotFoundError:
                pass
            except (OSError, UnicodeDecodeError) as error:
                raise NeedsYou(
                    f'Cannot read the secret "{name}" that systemd provides',
                    f"{error if isinstance(error, OSError) else 'It is not UTF-8 text'}. Check LoadCredential= of the service.",
                    path=Path(folder) / name,
                ) from error
        return self._environment.get(environment_name(name)) or None

    def _call(self, what: Callable[[KeyringBackend], _Result]) -> _Result:
        """Ask the keyring on a thread of its own, for as long as the time limit."""
        with self._lock:
            if self._asking is not None and self._asking.is_alive():
                raise _silent(self._time_limit_s)
            results: list[_Result] = []
            problems: list[BaseException] = []

            def ask() -> None:
                try:
                    results.append(what(_usable(self._backend())))
                except Exception as error:  # noqa: BLE001 - backends are plug-ins and raise what they like
                    problems.append(error)

            self._asking = threading.Thread(target=ask, name="keyring", daemon=True)
            self._asking.start()
            self._asking.join(self._time_limit_s)
            if self._asking.is_alive():
                raise _silent(self._time_limit_s)
        if problems:
            raise _translated(problems[0]) from None  # its text might hold the secret
        return results[0]


def _system_backend() -> KeyringBackend:
    import keyring

    return keyring.get_keyring()


def _usable(backend: KeyringBackend) -> KeyringBackend:
    """The backend, or the first of a chain, that keeps secrets and encrypts them."""
    chain = getattr(backend, "backends", None)
    for one in list(chain) if chain is not None else [backend]:
        kind = type(one)
        if (
            kind.__module__ in ("keyring.backends.fail", "keyring.backends.null")
            or "plaintext" in kind.__name__.lower()
        ):
            continue
        return one
    raise NoKeyring("This computer has no keyring", _NO_KEYRING)


_PLACES = {
    "keyring.backends.Windows": "Windows Credential Manager",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.SecretService": "GNOME Keyring",
    "keyring.backends.libsecret": "GNOME Keyring",
}


def _called(backend: KeyringBackend) -> str:
    return next((name for home, name in _PLACES.items() if type(backend).__module__.startswith(home)), backend.name)


_NO_KEYRING = (
    "Passwords are never written to a file, so they cannot be stored here. On Linux install and unlock gnome-keyring or "
    "KWallet; for a service or a container use systemd's LoadCredential= or an environment variable."
)


def _translated(error: BaseException) -> NeedsYou:
    from keyring.errors import InitError, KeyringLocked, NoKeyringError

    if isinstance(error, NeedsYou):
        return error
    if isinstance(error, (KeyringLocked, InitError)):
        return NeedsYou(
            "The keyring is locked",
            "Nothing is lost; it goes on when the keyring is open. Unlock it (logging in usually does), or use an environment variable.",
        )
    if isinstance(error, NoKeyringError):
        return NoKeyring("This computer has no keyring", _NO_KEYRING)
    return NoKeyring("The keyring does not work", f"It failed with {type(error).__name__}. Is its service running?")


def _silent(time_limit_s: float) -> NeedsYou:
    return NoKeyring(
        "The keyring does not answer",
        f"It has been asked for {time_limit_s:g} s. Perhaps it shows a window that asks for its password: look for it and unlock the keyring.",
    )


def _missing(name: str, *, keyring_trouble: NeedsYou | None = None) -> NeedsYou:
    if keyring_trouble is None:
        return NeedsYou(
            f'There is no secret called "{name}"',
            f"Store it with: openmsi-desktop secret set {name} (or set the variable {environment_name(name)}).",
            code=MISSING,
        )
    return type(keyring_trouble)(
        f'Cannot read the secret "{name}": {keyring_trouble.title[0].lower()}{keyring_trouble.title[1:]}',
        f"{keyring_trouble.advice} The variable would be {environment_name(name)}.",
        code=MISSING,
    )
