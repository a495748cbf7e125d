"""What is wrong with parts of a connection's form, as sentences that say what to do. No widgets."""

from __future__ import annotations

import re
from collections.abc import Sequence

from openmsi_desktop.gui.connecting.fields import BadLine, Mistake
from openmsi_desktop.gui.language import tr

_HOST = re.compile(r"[^\s/@,]+")
_ADDRESS = re.compile(r"https?://[^\s/]+\S*")


def of_servers(servers: Sequence[tuple[str, str]]) -> str:
    """Of hosts and ports; empty: nothing."""
    for host, port in servers:
        if not host:
            return tr("Type the name or the address of a server, for example kafka.example.org.")
        if "/" in host:
            return tr("Type only the name, without https:// and without a path.")
        if not _HOST.fullmatch(host):
            return tr("“%1” cannot be a server. Type a name such as kafka.example.org.").replace("%1", host)
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            return tr("“%1” is not a port. Type a number from 1 to 65535, often 9092 or 9093.").replace("%1", port)
    return ""


def of_token_address(text: str) -> str:
    """Of the address where tokens are given out; empty: nothing."""
    if _ADDRESS.fullmatch(text):
        return ""
    return tr("Type the address where tokens are given out. It begins with https://.")


def of_lines(bad: Sequence[BadLine]) -> str:
    """Of free properties: the first mistake; empty: there is none."""
    if not bad:
        return ""
    line = bad[0]
    said = {
        Mistake.FORM: tr("Line %1: write key = value."),
        Mistake.UNKNOWN: tr("Line %1: librdkafka has no property “%2”%3"),
        Mistake.SECRET: tr(
            "Line %1: “%2” is a secret and would be stored readable. Type it into the field for passwords above."
        ),
        Mistake.UNSAFE: tr("Line %1: “%2” may not have this value. %3"),
        Mistake.ABOVE: tr("Line %1: “%2” has a field of its own above. Take this line out."),
        Mistake.TWICE: tr("Line %1: “%2” stands here twice."),
    }[line.mistake]
    return said.replace("%1", str(line.number)).replace("%2", line.key).replace("%3", line.text or ".")
