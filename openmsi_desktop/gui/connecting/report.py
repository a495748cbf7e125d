"""What a connection test says for the clipboard, and on the button that puts something right. No widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openmsi_desktop.core.events import StageEvent
from openmsi_desktop.gui.connecting.fields import Security
from openmsi_desktop.gui.language import tr
from openmsi_desktop.settings import Connection
from openmsi_desktop.streaming.kafka.config import shown


def details_of(connection: Connection, stages: Sequence[StageEvent]) -> str:
    """In English, for whoever runs the broker: the properties and every step. Secrets are not in it."""
    return "\n".join([f"Connection {connection.name}: {shown(connection.kafka)}", "", *step_lines(stages)])


def step_lines(stages: Sequence[StageEvent]) -> list[str]:
    """Every step of a test, in English."""
    lines: list[str] = []
    for stage in stages:
        mark = {True: "ok", False: "FAILED", None: "-"}[stage.ok]
        where = f" ({stage.topic})" if stage.topic else ""
        lines.append(
            f"{mark:<7}{stage.stage.value}{where}: {stage.title} [{stage.code or 'ok'}, {stage.seconds:.3f} s]"
        )
        lines += [
            f"       {text}" for text in (stage.advice, *(f"{w.title}. {w.advice}" for w in stage.warnings)) if text
        ]
    return lines


def fix_label(fix: Mapping[str, str]) -> str:
    """What the button says that takes over a fix and tests again; empty if there is none."""
    protocol, mechanism = fix.get("security.protocol"), fix.get("sasl.mechanism")
    if protocol and mechanism:
        text = tr("Use “%1” and %2, and test again").replace("%1", security_name(Security(protocol)))
        return text.replace("%2", mechanism)
    if protocol:
        return tr("Use “%1”, and test again").replace("%1", security_name(Security(protocol)))
    if mechanism:
        return tr("Sign in with %1, and test again").replace("%1", mechanism)
    if list(fix) == ["region"]:
        return tr("Use the region %1, and test again").replace("%1", fix["region"])
    if not fix:
        return ""
    text = ", ".join(f"{name} = {value}" for name, value in fix.items())
    return tr("Set %1, and test again").replace("%1", text)


def security_name(security: Security) -> str:
    """What people choose from."""
    return {
        Security.NAME_ENCRYPTED: tr("Encrypted, with user name"),
        Security.CERTIFICATE: tr("Encrypted, with client certificate"),
        Security.ENCRYPTED: tr("Encrypted"),
        Security.NAME: tr("User name, not encrypted"),
        Security.NONE: tr("None: not encrypted, no sign-in"),
    }[security]
