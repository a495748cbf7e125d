"""``secret set|list|delete``: the keyring of the operating system."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from openmsi_desktop.cli import exits
from openmsi_desktop.cli.common import Common, register, say

_PATIENCE_S = 120.0
"""For unlocking the keyring in a window while the command waits."""

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the secret.", show_default=False)]


def set_secret(common: Common, name: Name) -> None:
    """Store a secret in the keyring.

    It is asked for without being shown, or read from standard input; never from an argument, which other users
    could see. Connections and buckets name it as their credential.

    \b
    openmsi-desktop secret set lab
    openmsi-desktop secret set lab < password.txt
    """
    from openmsi_desktop.credentials import Credentials
    from openmsi_desktop.streaming.kafka.refusals import forget_all
    from openmsi_desktop.streaming.profile import Profile

    if sys.stdin is not None and sys.stdin.isatty():
        import getpass

        value = getpass.getpass(f'Secret "{name}" (it is not shown): ')
    else:
        value = _from_stdin()
    Credentials(common.places.data, time_limit_s=_PATIENCE_S).store(name, value)
    forget_all(Profile(common.places.data).refusals)
    say(f'The secret "{name}" is in the keyring.')


def list_secrets(common: Common) -> None:
    """List the names of the secrets that were stored with this data folder; never the secrets.

    \b
    openmsi-desktop secret list
    """
    from openmsi_desktop.credentials import Credentials

    names = list(Credentials(common.places.data).names())
    if not names:
        say("No secrets are stored with this data folder.")
    for name in names:
        typer.echo(name)


def delete_secret(common: Common, name: Name) -> int:
    """Take a secret out of the keyring.

    \b
    openmsi-desktop secret delete lab
    """
    from openmsi_desktop.credentials import Credentials

    if Credentials(common.places.data, time_limit_s=_PATIENCE_S).delete(name):
        say(f'The secret "{name}" is no longer in the keyring.')
        return exits.DONE
    say(f'There is no secret called "{name}" in the keyring.')
    return exits.NOT_ALL


secret = typer.Typer(
    name="secret",
    help="Passwords and keys in the keyring of the operating system.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)
register(secret, "set", set_secret)
register(secret, "list", list_secrets)
register(secret, "delete", delete_secret)


def _from_stdin() -> str:
    """Everything on standard input, without the line break at its end."""
    content = "" if sys.stdin is None else sys.stdin.read()
    return content.removesuffix("\n").removesuffix("\r")
