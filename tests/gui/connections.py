"""Made-up connections and tests of them, for dialogs without a broker."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from openmsi_desktop.core.events import Notice, Stage, StageEvent
from openmsi_desktop.gui.connecting.fields import Fields, Security
from openmsi_desktop.gui.connecting.tester import Outcome, Request

GOOD = (
    StageEvent(stage=Stage.NAME, ok=True, seconds=0.012, title="kafka1.lab.edu is 10.1.4.7"),
    StageEvent(stage=Stage.PORT, ok=True, seconds=0.018, title="Port 9093 is open"),
    StageEvent(stage=Stage.TLS, ok=True, seconds=0.041, title="TLSv1.3, certificate valid until 2027-02-11"),
)

SIGNED = StageEvent(stage=Stage.SIGN_IN, ok=True, seconds=0.1, title="Signed in")


def rest(code: str, *stages: Stage, topic: str | None = None) -> tuple[StageEvent, ...]:
    return tuple(StageEvent(stage=s, ok=None, seconds=0, title="Not reached", code=code, topic=topic) for s in stages)


REFUSED = (
    *GOOD,
    StageEvent(
        stage=Stage.SIGN_IN,
        ok=False,
        seconds=0.096,
        title="The broker refused the user name or the password",
        advice="Check both; brokers do not tell which of them is wrong.",
        code="wrong-password",
    ),
    *rest("not-reached", Stage.TOPICS, Stage.WRITE, Stage.READ, Stage.CLOCK),
)
WANTS_TLS = (
    *GOOD[:2],
    StageEvent(
        stage=Stage.TLS,
        ok=False,
        seconds=0.02,
        title="The port is secured by TLS, and the connection is not",
        advice="Choose an encrypted kind of security.",
        code="wants-tls",
        fix={"security.protocol": "SASL_SSL"},
    ),
    *rest("not-reached", Stage.SIGN_IN, Stage.TOPICS, Stage.WRITE, Stage.READ, Stage.CLOCK),
)
NOTICE = Notice(
    code="one-copy",
    title="Only one broker has the messages",
    advice="If its disk fails, files that were sent are gone. Ask for a replication factor of 3.",
)
WARNED = (
    *GOOD,
    StageEvent(stage=Stage.SIGN_IN, ok=True, seconds=0.2, title="Signed in as inst-sphinx (SCRAM-SHA-512)"),
    StageEvent(
        stage=Stage.TOPICS,
        ok=True,
        seconds=0.05,
        topic="xrd",
        title='"xrd" is there, with 4 partitions',
        warnings=(NOTICE,),
    ),
    StageEvent(stage=Stage.WRITE, ok=True, seconds=1.234, topic="xrd", title='The account may write to "xrd"'),
    StageEvent(stage=Stage.READ, ok=True, seconds=0.4, topic="xrd", title='The account may read "xrd"'),
    StageEvent(
        stage=Stage.CLOCK,
        ok=None,
        seconds=0.01,
        topic="xrd",
        title="Cannot be measured, and nothing speaks against it",
        code="not-measurable",
    ),
)


class FakeTester:
    """Tells these stages."""

    def __init__(self, *stages: StageEvent) -> None:
        self.stages = stages
        self.requests: list[Request] = []

    def __call__(self, request: Request, tell: Callable[[StageEvent], None], stop: threading.Event) -> Outcome:
        self.requests.append(request)
        for stage in self.stages:
            tell(stage)
        return Outcome(self.stages, all(s.ok is not False for s in self.stages))


BASE = Fields(name="AIMD-L broker", servers=(("kafka1.lab.edu", "9093"),), user="inst-sphinx")
KINDS = {
    "scram": BASE,
    "oauth": replace(
        BASE, mechanism="OAUTHBEARER", client_id="openmsi", token_endpoint="https://login.lab.edu/oauth2/token"
    ),
    "kerberos": replace(BASE, mechanism="GSSAPI", principal="xrd@LAB.EDU"),
    "certificate": replace(BASE, security=Security.CERTIFICATE, certificate="/etc/pki/xrd.pem", key="/etc/pki/xrd.key"),
    "plain-in-clear": replace(BASE, security=Security.NAME, mechanism="PLAIN"),
    "none": replace(
        BASE,
        security=Security.NONE,
        servers=(("kafka1.lab.edu", "9092"), ("kafka2.lab.edu", "9092")),
        more={"client.rack": "hall-3", "socket.keepalive.enable": True},
    ),
}
