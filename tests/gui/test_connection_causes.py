"""Twelve wrong settings, each named correctly in the window within ten seconds, against a real Apache Kafka."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from gui.connections import GOOD, SIGNED, FakeTester, rest
from gui.keyrings import Memory, with_keyring
from pytestqt.qtbot import QtBot
from servers.certificates import Certificates
from servers.kafka import PASSWORDS, Kafka, free_port

from openmsi_desktop.core.events import CONNECTION_STAGES, Stage, StageEvent
from openmsi_desktop.gui.connecting.fields import Fields, Security
from openmsi_desktop.gui.connecting.pane import ConnectionPane
from openmsi_desktop.gui.desktop import Desktop

Make = Callable[[Kafka, Certificates], Fields]
LONGEST_S = 10.0


def at(kafka: Kafka, listener: str, **more: object) -> Fields:
    """The right settings of a listener, but for what is named."""
    host, _, port = kafka.bootstrap(listener).rpartition(":")
    assert kafka.certificates is not None
    right = Fields(
        name="lab", servers=((host, port),), security=Security.NONE, user="alice",
        ca_file=str(kafka.certificates.authority),
    )  # fmt: skip
    return replace(right, **more)  # type: ignore[arg-type]


REAL: dict[str, tuple[Make, str, str, str, str]] = {
    # what is wrong: (settings, password, topic, code, label of the field that is marked)
    "host": (lambda k, c: at(k, "PLAINTEXT", servers=(("nowhere.invalid", "9092"),)), "", "", "name-unknown", "Servers"),
    "port": (lambda k, c: at(k, "PLAINTEXT", servers=(("127.0.0.1", str(free_port())),)), "", "", "port-refused", "Servers"),
    "protocol": (lambda k, c: at(k, "SSL"), "", "", "wants-tls", "Security"),
    "CA": (lambda k, c: at(k, "OTHERCA", security=Security.ENCRYPTED), "", "", "authority-unknown", "CA file"),
    "host name": (lambda k, c: at(k, "BADNAME", security=Security.ENCRYPTED), "", "", "certificate-of-another-name", ""),
    "user": (lambda k, c: at(k, "SASL", security=Security.NAME, user="nobody"), "x", "", "wrong-password", "Password"),
    "password": (lambda k, c: at(k, "SASL", security=Security.NAME), "wrong", "", "wrong-password", "Password"),
    "mechanism": (
        lambda k, c: at(k, "SCRAMONLY", security=Security.NAME, mechanism="SCRAM-SHA-256"),
        "alice-secret", "", "mechanism-not-offered", "Sign-in",
    ),
    "ACL write": (lambda k, c: at(k, "SASL", security=Security.NAME, user="bob"), "bob-secret", "t", "right-denied", ""),
}  # fmt: skip


def filled(
    desktop: Desktop, qtbot: QtBot, fields: Fields, password: str, topic: str, tester: FakeTester | None = None
) -> ConnectionPane:
    pane = ConnectionPane(desktop, tester=tester)
    qtbot.addWidget(pane)
    pane.form.set_fields(fields)
    pane.form.secret.line.setText(password)
    pane.test.topic.setText(topic)
    pane.show()
    return pane


def failed_with(pane: ConnectionPane) -> StageEvent:
    (failed,) = (stage for stage in pane.test.stages if stage.ok is False)
    return failed


@pytest.mark.parametrize("wrong", REAL)
def test_a_wrong_setting_is_named(
    kafka: Kafka, certificates: Certificates, desktop: Desktop, qtbot: QtBot, wrong: str
) -> None:
    make, password, topic, code, label = REAL[wrong]
    topic = kafka.create_topic() if topic else ""
    pane = filled(with_keyring(desktop, Memory()), qtbot, make(kafka, certificates), password, topic)
    begun = time.monotonic()
    with qtbot.waitSignal(pane.test.ended, timeout=60_000):
        pane.test.start()
    stage = failed_with(pane)
    assert stage.code == code
    assert stage.seconds < LONGEST_S and time.monotonic() - begun < 6 * LONGEST_S
    assert pane.test._band.title.text().startswith("Step ")
    assert pane.test._band.text.text().removesuffix(".") == stage.advice.removesuffix(".")
    marked = [f.label.text() for f in pane.form.shown_fields() if f.is_wrong]
    assert marked == ([label] if label else [])
    assert not pane.is_good


def test_a_fix_that_is_taken_over_works(kafka: Kafka, desktop: Desktop, qtbot: QtBot) -> None:
    fields = at(kafka, "SCRAMONLY", security=Security.NAME, mechanism="SCRAM-SHA-256")
    pane = filled(with_keyring(desktop, Memory()), qtbot, fields, PASSWORDS["alice"], "")
    with qtbot.waitSignal(pane.test.ended, timeout=60_000):
        pane.test.start()
    assert pane.test._fix_button.text() == "Sign in with SCRAM-SHA-512, and test again"
    with qtbot.waitSignal(pane.test.ended, timeout=60_000):
        pane.test._fix_button.click()
    assert pane.is_good and pane.form.mechanism.currentText() == "SCRAM-SHA-512"


MADE_UP = {
    "ACL list": StageEvent(stage=Stage.TOPICS, ok=False, seconds=0.1, title="The account may not see the topic",
                           advice="Ask for Describe.", code="right-denied", topic="t"),
    "ACL group": StageEvent(stage=Stage.READ, ok=False, seconds=0.1, title='The account may not use the group "g"',
                            advice="Ask for Read on it.", code="right-denied", topic="t"),
    "clock": StageEvent(stage=Stage.CLOCK, ok=False, seconds=0.1, title="This computer's clock is wrong",
                        advice="Set it.", code="clock-wrong", topic="t"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", MADE_UP)
def test_what_only_some_brokers_do_is_named_too(desktop: Desktop, qtbot: QtBot, wrong: str) -> None:
    event = MADE_UP[wrong]
    place = list(CONNECTION_STAGES).index(event.stage)
    good = tuple(
        StageEvent(stage=stage, ok=True, seconds=0.1, title="good", topic="t")
        for stage in list(CONNECTION_STAGES)[4:place]
    )
    stages = (*GOOD, SIGNED, *good, event, *rest("not-reached", *list(CONNECTION_STAGES)[place + 1 :], topic="t"))
    fields = Fields(name="lab", servers=(("a", "1"),), security=Security.NONE)
    pane = filled(with_keyring(desktop, Memory()), qtbot, fields, "", "t", FakeTester(*stages))
    with qtbot.waitSignal(pane.test.ended):
        pane.test.start()
    assert failed_with(pane) is event and not pane.is_good
    assert pane.test._band.title.text().startswith(f"Step {place + 1} of 8 failed")
    assert pane.test._band.text.text() == event.advice
    row = pane.test._steps._rows[event.stage, "t"]
    assert event.title in row.found.accessibleName()
