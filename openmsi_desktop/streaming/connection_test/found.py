"""What a stage found, which stage a cause belongs to, and which setting would put it right. Contacts nobody."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from openmsi_desktop.core.events import Notice, Stage
from openmsi_desktop.streaming.kafka.config import Value, signs_in, uses_tls


@dataclass(frozen=True, slots=True)
class Found:
    """A stage that did not fail. ok: None if there was nothing to test; code says why then."""

    title: str
    ok: bool | None = True
    advice: str = ""
    code: str = ""
    warnings: tuple[Notice, ...] = ()
    fix: Mapping[str, str] = field(default_factory=dict)
    """Settings that would put the warnings right."""


_EXPIRES_SOON_S = 30 * 86_400.0


def secured(version: str, until: float, now: float, *, whose: str, advice: str) -> Found:
    """A connection with TLS; it warns of a certificate that soon expires.

    until: end of its validity; now: both in seconds since 1970. whose: such as "The broker's"; advice: what its end means.
    """
    date = time.strftime("%Y-%m-%d", time.localtime(until))
    expiring = Notice(
        code="certificate-expires-soon", title=f"{whose} certificate is valid only until {date}", advice=advice
    )
    warnings = (expiring,) if until - now < _EXPIRES_SOON_S else ()
    return Found(f"{version}, certificate valid until {date}", warnings=warnings)


_STAGES: dict[Stage, str] = {
    Stage.PORT: "port-refused no-answer cannot-connect closed silent not-a-broker controller",
    Stage.TLS: (
        "wants-tls lacks-tls certificate-expired certificate-not-yet-valid certificate-of-another-name authority-unknown "
        "certificate-refused own-certificate-refused file-unusable"
    ),
    Stage.SIGN_IN: (
        "wants-sign-in wants-no-sign-in sign-in-not-chosen token-source-missing mechanism-impossible password-missing "
        "secret-missing"
    ),
}
_STAGE_OF = {code: stage for stage, codes in _STAGES.items() for code in codes.split()}

_BEST_FIRST = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")
"""Kinds of sign-in that need a user name and a password and nothing more."""


def stage_of(code: str) -> Stage:
    """Where a cause is told that is known before anybody was asked. Mistakes of no stage in particular: at the first."""
    return _STAGE_OF.get(code, Stage.NAME)


def fix_for(code: str, properties: Mapping[str, Value], *, offered: tuple[str, ...] = ()) -> dict[str, str]:
    """Properties that would put a cause right, if that is certain. offered: kinds of sign-in at that port.

    Never one that would send a password over the network as it is.
    """
    has_name = "sasl.username" in properties
    best = next((kind for kind in _BEST_FIRST if kind in offered), "")
    match code:
        case "wants-tls":
            return {"security.protocol": "SASL_SSL" if has_name else "SSL"}
        case "lacks-tls" if str(properties.get("sasl.mechanism", "")).upper() != "PLAIN":
            return {"security.protocol": "SASL_PLAINTEXT" if has_name else "PLAINTEXT"}
        case "wants-no-sign-in":
            return {"security.protocol": "SSL" if uses_tls(properties) else "PLAINTEXT"}
        case "wants-sign-in" if best and (uses_tls(properties) or best != "PLAIN"):
            return {
                "security.protocol": "SASL_SSL" if uses_tls(properties) else "SASL_PLAINTEXT",
                "sasl.mechanism": best,
            }
        case "mechanism-not-offered" if best and (uses_tls(properties) or best != "PLAIN"):
            return {"sasl.mechanism": best}
    return {}


def sends_password_in_clear(properties: Mapping[str, Value]) -> bool:
    """Whether anybody on the network could read the password."""
    mechanism = str(properties.get("sasl.mechanism", "")).upper()
    return signs_in(properties) and not uses_tls(properties) and mechanism == "PLAIN"
