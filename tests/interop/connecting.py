"""Run a connection test as a window would, and look at what it told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from servers.certificates import Certificates
from servers.kafka import Config, Kafka
from servers.parts import ROOT

from openmsi_desktop.core.events import CONNECTION_STAGES, Event, Stage, StageEvent
from openmsi_desktop.settings import Connection
from openmsi_desktop.streaming.connection_test.stages import STAGE_S, ConnectionTest, Verdict
from openmsi_desktop.streaming.connection_test.topics import TopicUse
from openmsi_desktop.streaming.connections import ConnectionBroker

CAUSES = (ROOT / "docs" / "connection-test.md").read_text(encoding="utf-8")


def connection(config: Mapping[str, str | int | float | bool]) -> tuple[Connection, ConnectionBroker]:
    """As the settings would have it: the password apart."""
    properties = dict(config)
    password = properties.pop("sasl.password", None)
    # model_construct: tokens without signature need a property that the settings refuse as a secret
    made = Connection.model_construct(name="lab", kafka=properties, credential="lab" if password is not None else "")
    return made, ConnectionBroker(made, lambda name: str(password))


def run(
    config: Mapping[str, str | int | float | bool],
    *uses: TopicUse,
    now: Callable[[], float] = time.time,
    limit_s: float = 60,
    stage_s: float = STAGE_S,
) -> Verdict:
    """Test a connection; every step has told of itself, soon enough."""
    events: list[Event] = []
    made, broker = connection(config)
    verdict = ConnectionTest(
        made, broker, uses=uses, emit=events.append, limit_s=limit_s, stage_s=stage_s, now=now
    ).run(threading.Event())
    assert list(verdict.stages) == events
    assert [event.stage for event in verdict.stages[:8]] == list(CONNECTION_STAGES)
    for event in verdict.stages:
        assert event.seconds < stage_s + 0.5
        assert event.title and not event.title.endswith(".")
        assert "tried again by itself" not in event.advice and "goes on by itself" not in event.advice
        assert event.code or event.ok, "only what is well needs no code"
        for code in (event.code, *(notice.code for notice in event.warnings)):
            assert not code or f"`{code}`" in CAUSES, f"{code} is missing in docs/connection-test.md"
    return verdict


def failure(verdict: Verdict) -> StageEvent:
    """The one step that failed; everything after it was not reached."""
    failed = [event for event in verdict.stages if event.ok is False]
    assert len(failed) == 1, verdict.stages
    after = verdict.stages[verdict.stages.index(failed[0]) + 1 :]
    if failed[0].stage in list(CONNECTION_STAGES)[:5]:
        assert {event.code for event in after} <= {"not-reached"}
    assert verdict.error is not None and verdict.error.title == failed[0].title
    return failed[0]


def stage(verdict: Verdict, which: Stage) -> StageEvent:
    return next(event for event in verdict.stages if event.stage is which)


def at(listener: str, **more: str) -> Callable[[Kafka, Certificates], Config]:
    """Nothing but an address, and what else is named."""
    properties: Config = {name.replace("_", "."): value for name, value in more.items()}
    return lambda kafka, _: {"bootstrap.servers": kafka.bootstrap(listener)} | properties


OAUTH = {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "OAUTHBEARER"}
