"""Fixtures shared by all tests: the real Kafka, the embedded one, and OpenMSIStream.

Servers start when the first test asks for them and live as long as the run: tests keep apart by the
names of their topics and groups. A test that stops or kills a broker takes `private_kafka`.
"""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from servers.certificates import Certificates, make_certificates
from servers.kafka import Config, Kafka
from servers.moto import Moto
from servers.openmsistream import OpenMSIStream
from servers.parts import CACHE, MISSING, ROOT, require
from servers.program import Program
from servers.proxy import Network, Toxiproxy
from servers.s3 import S3
from servers.s3_faults import S3Faults

_JARS = CACHE / "kafka"
_OPENMSISTREAM = CACHE / "openmsistream"
_TOXIPROXY = CACHE / "toxiproxy" / "server"
_VERSITYGW = CACHE / "versitygw" / "versitygw"
_MOTO = CACHE / "moto" / "bin" / "moto_server"


def _require_kafka() -> None:
    require("java", "no real Apache Kafka can be started; install Java 17 or newer and run make test again")
    require("kafka", "its jars are not there; tools/setup fetches them", found=any(_JARS.glob("kafka_2.13-*.jar")))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates of the test broker and its clients, and of another authority."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Kafka]:
    """One real broker with every listener. Shared: leave it running, and use topics of your own."""
    _require_kafka()
    with Kafka(tmp_path_factory.mktemp("kafka"), _JARS, certificates=certificates) as running:
        yield running


@pytest.fixture
def private_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """One real broker (PLAINTEXT only) for one test, which may stop, kill or freeze it."""
    _require_kafka()
    # a broker that was killed is waited for until its session has ended: 9 s unless told otherwise
    quick = {"broker.session.timeout.ms": 3000, "broker.heartbeat.interval.ms": 500}
    with Kafka(tmp_path_factory.mktemp("private-kafka"), _JARS, settings=quick) as running:
        yield running


@pytest.fixture(scope="session")
def toxiproxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toxiproxy]:
    """The program that cuts and slows connections."""
    lost = "no test cuts, slows or delays the network; tools/setup builds it with Go"
    require("toxiproxy", lost, found=_TOXIPROXY.exists())
    with Toxiproxy(_TOXIPROXY, tmp_path_factory.mktemp("toxiproxy")) as running:
        yield running


@pytest.fixture
def network(kafka: Kafka, toxiproxy: Toxiproxy) -> Iterator[Network]:
    """The network before the shared broker, for clients of its listener PROXIED: whole at first."""
    with Network(toxiproxy, kafka.doors()) as there:
        yield there


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Three real brokers (PLAINTEXT only) that keep three copies, two of them always. Leave all three running.

    They notice each other's death sooner than by default, which would be about 10 s.
    """
    _require_kafka()
    quick = {
        "broker.session.timeout.ms": 2000,
        "broker.heartbeat.interval.ms": 400,
        "controller.quorum.election.timeout.ms": 500,
        "controller.quorum.fetch.timeout.ms": 1000,
        "replica.lag.time.max.ms": 3000,
    }
    with Kafka(tmp_path_factory.mktemp("cluster"), _JARS, brokers=3, settings=quick) as running:
        yield running


def _require_s3() -> None:
    require(
        "boto3", "nothing is put into an S3 bucket; it belongs to the extra s3", found=find_spec("boto3") is not None
    )
    require("versitygw", "no real S3 server; tools/setup builds it with Go", found=_VERSITYGW.exists())


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """One real S3 server for the whole run. Shared: leave it running, and use buckets of your own."""
    _require_s3()
    with S3(tmp_path_factory.mktemp("s3"), _VERSITYGW) as running:
        yield running


@pytest.fixture
def private_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """One real S3 server for one test, which may stop, kill or freeze it."""
    _require_s3()
    with S3(tmp_path_factory.mktemp("private-s3"), _VERSITYGW) as running:
        yield running


@pytest.fixture
def secure_s3(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Callable[[Path], S3]]:
    """``secure_s3(certificate) -> S3``: real S3 servers that speak TLS only."""
    _require_s3()
    with ExitStack() as stack:

        def start(certificate: Path) -> S3:
            folder = tmp_path_factory.mktemp("secure-s3")
            server = S3(folder, _VERSITYGW, certificate=certificate, authority=certificates.authority)
            return stack.enter_context(server)

        yield start


@pytest.fixture
def s3_faults(s3: S3) -> Iterator[S3Faults]:
    """The network before the shared S3 server: whole at first."""
    with S3Faults(s3.port) as there:
        yield there


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moto]:
    """A second kind of S3 server, for the whole run."""
    _require_s3()
    require("moto", "no second kind of S3 server; tools/setup installs it", found=_MOTO.exists())
    with Moto(_MOTO, tmp_path_factory.mktemp("moto")) as running:
        yield running


@dataclass(frozen=True, slots=True)
class TestBroker:
    """A broker that the same tests run on. kind: "embedded" or "kafka"; config: for librdkafka."""

    __test__ = False

    kind: str
    config: Config
    create_topic: Callable[..., str]
    """(name=None, *, partitions=4) -> name"""


@pytest.fixture(scope="session")
def _embedded() -> Iterator[TestBroker]:
    from openmsi_desktop.streaming.kafka.broker import EmbeddedBroker

    with EmbeddedBroker() as broker:
        made: list[str] = []

        def create_topic(name: str | None = None, *, partitions: int = 4) -> str:
            made.append(name or f"embedded-{len(made) + 1}")
            broker.create(made[-1], partitions)
            return made[-1]

        yield TestBroker("embedded", {"bootstrap.servers": broker.bootstrap}, create_topic)


@pytest.fixture(params=["embedded", "kafka"])
def test_broker(request: pytest.FixtureRequest) -> TestBroker:
    """The test runs twice: on the broker inside librdkafka and on a real Apache Kafka."""
    if request.param == "embedded":
        embedded: TestBroker = request.getfixturevalue("_embedded")
        return embedded
    real: Kafka = request.getfixturevalue("kafka")
    return TestBroker("kafka", real.client("PLAINTEXT"), real.create_topic)


@pytest.fixture
def broker_config(test_broker: TestBroker) -> Mapping[str, str | int | float | bool]:
    """librdkafka properties of the broker under test; runs the test on both kinds."""
    return test_broker.config


@pytest.fixture
def create_topic(test_broker: TestBroker) -> Callable[..., str]:
    """``create_topic(name=None, *, partitions=4) -> name`` on the broker under test."""
    return test_broker.create_topic


@pytest.fixture
def openmsistream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenMSIStream]:
    """OpenMSIStream's own programs; what a test leaves running is ended."""
    there = shutil.which("DataFileUploadDirectory", path=str(_OPENMSISTREAM / "bin")) is not None
    require("OpenMSIStream", "nothing is exchanged with it; tools/setup installs it", found=there)
    programs = OpenMSIStream(_OPENMSISTREAM, tmp_path_factory.mktemp("openmsistream"))
    yield programs
    programs.close()


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """Our command line, with data, settings and home below ``tmp_path / "home"``."""
    (tmp_path / "home").mkdir()
    ours = Program(tmp_path / "home")
    yield ours
    ours.close()


@pytest.fixture
def saves_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that runs in the test's process saves its position ten times a second."""
    from openmsi_desktop.streaming.receiving import reading

    monkeypatch.setattr(reading, "CHECKPOINT_S", 0.1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Nobody else knows the settings of the plug-in for Qt where that is not installed: under wine."""
    if find_spec("pytestqt") is None:
        settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
        for name in (name for name in settings if name.startswith("qt_")):
            parser.addini(name, "of pytest-qt, which is not there")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tested because a part is missing."""
    skipped = (report.longrepr for report in terminalreporter.stats.get("skipped", []))
    reasons = sorted({str(where[2]) for where in skipped if isinstance(where, tuple) and MISSING in str(where[2])})
    if reasons:
        terminalreporter.section("LEFT OUT", sep="!", red=True)
        for reason in reasons:
            terminalreporter.write_line(reason.removeprefix("Skipped: "))
