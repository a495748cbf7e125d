"""A real Apache Kafka on this computer: one or more brokers, listeners for every way to sign in.

    with Kafka(folder, jars) as kafka:
        topic = kafka.create_topic(partitions=4)
        Producer(kafka.client("PLAINTEXT"))

PLAINTEXT and SSL clients are anonymous and may do everything; `allow` gives the others their rights. Clients of PROXIED
come through the network of proxy.py.
"""

from __future__ import annotations

import itertools
import os
import random
import re
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from servers.certificates import Certificates
from servers.parts import eventually

Config = dict[str, str | int | float | bool]

PASSWORDS = {
    "admin": "admin-secret",
    "alice": "alice-secret",
    "bob": "bob-secret",
    "nolist": "nolist-secret",
    "blind": "blind-secret",
}
"""Users of the SASL listeners: alice may write, bob may read, nolist and blind nothing; admin is a super user."""


@dataclass(frozen=True, slots=True)
class Listener:
    """How a client may come in. certificate: attribute of `Certificates`; mechanisms: of SASL.

    is_proxied: clients are told another port, where a proxy has to listen (see `Kafka.doors`). host: that they are told.
    """

    protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
    certificate: str = ""
    mechanisms: tuple[str, ...] = ()
    wants_client_certificate: bool = False
    is_proxied: bool = False
    host: str = "127.0.0.1"
    session_ms: int = 0
    """After that long a client has to sign in again; 0: never."""


HOST = "broker.openmsi.test"
"""Nobody knows this name; names.py makes it known to single programs."""

_ALL_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
LISTENERS = {
    "PLAINTEXT": Listener("PLAINTEXT"),
    "PROXIED": Listener("PLAINTEXT", is_proxied=True),
    "NAMED": Listener("PLAINTEXT", is_proxied=True, host=HOST),
    "PROXIEDSSL": Listener("SSL", "server", is_proxied=True),
    "OTHERCA": Listener("SSL", "server_of_other_authority"),
    "REAUTH": Listener("SASL_PLAINTEXT", mechanisms=("SCRAM-SHA-512", "OAUTHBEARER"), session_ms=2000),
    "SSL": Listener("SSL", "server"),
    "MTLS": Listener("SSL", "server", wants_client_certificate=True),
    "BADNAME": Listener("SSL", "server_other_name"),
    "EXPIRED": Listener("SSL", "server_expired"),
    "SASL": Listener("SASL_PLAINTEXT", mechanisms=_ALL_MECHANISMS),
    "SCRAMONLY": Listener("SASL_PLAINTEXT", mechanisms=("SCRAM-SHA-512",)),
    "SASLSSL": Listener("SASL_SSL", "server", mechanisms=_ALL_MECHANISMS),
    "OAUTH": Listener("SASL_PLAINTEXT", mechanisms=("OAUTHBEARER",)),
}

# for a start in seconds; a benchmark wants neither of the first two
_JVM = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
)
_CLUSTER_ID = "b3Blbm1zaS1kZXNrdG9wIQ"
_LOGIN = "org.apache.kafka.common.security"

_REFUSED = re.compile("Failed (re-)?authentication with")
_LATEST: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
_topic_numbers = itertools.count(1)
_ports_given: set[int] = set()


def free_port() -> int:
    """A port on 127.0.0.1 nobody listens on; below the range from which outgoing connections take theirs."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _ports_given:
            _ports_given.add(port)
            return port


class Kafka:
    """Brokers in KRaft mode, numbered from 1, each with its log `broker<N>.log` in ``folder``.

    jars: folder with Kafka's jars. certificates: with them all of LISTENERS, otherwise those without.
    settings: more lines for server.properties. fast_start=False leaves the compiler of Java alone.
    """

    def __init__(
        self,
        folder: Path,
        jars: Path,
        *,
        brokers: int = 1,
        certificates: Certificates | None = None,
        settings: Mapping[str, str | int] | None = None,
        heap: str = "256m",
        fast_start: bool = True,
    ) -> None:
        self.folder = folder
        self.certificates = certificates
        self._jars = jars
        self._heap = heap
        self._jvm = _JVM if fast_start else _JVM[2:]
        self._settings = dict(settings or {})
        self._listeners = LISTENERS if certificates else {name: LISTENERS[name] for name in ("PLAINTEXT", "PROXIED")}
        names = [*self._listeners, "CONTROLLER"]
        self._ports = {number: {name: free_port() for name in names} for number in range(1, brokers + 1)}
        self._doors = {
            ports[name]: free_port()
            for ports in self._ports.values()
            for name, listener in self._listeners.items()
            if listener.is_proxied
        }
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._admin: AdminClient | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with ThreadPoolExecutor() as pool:
                list(pool.map(self._format, self._ports))
            self.start()
            if self.certificates:
                self.allow("alice", "WRITE", "DESCRIBE", topic="*")
                self.allow("bob", "READ", "DESCRIBE", topic="*")
                self.allow("bob", "READ", group="*")
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._admin = None
        self.kill()  # a clean stop of the last broker of a cluster would wait for a quorum that is gone

    # what tests ask for

    def bootstrap(self, listener: str = "PLAINTEXT") -> str:
        """Addresses for ``bootstrap.servers``."""
        return ",".join(self._advertised(listener, ports[listener]) for ports in self._ports.values())

    def ports(self, listener: str) -> list[int]:
        """At which the brokers listen."""
        return [ports[listener] for ports in self._ports.values()]

    def doors(self, listener: str = "PROXIED") -> dict[int, int]:
        """Port of a broker -> the port that it tells its clients, where a proxy has to listen."""
        return {port: self._doors[port] for port in self.ports(listener)}

    def client(
        self,
        listener: str = "PLAINTEXT",
        user: str | None = None,
        *,
        mechanism: str = "SCRAM-SHA-512",
        password: str | None = None,
        certificate: Path | None = None,
        authority: Path | None = None,
    ) -> Config:
        """Properties for librdkafka. password: without it the right one; authority: without it the right one."""
        description = LISTENERS[listener]
        config: Config = {"bootstrap.servers": self.bootstrap(listener), "security.protocol": description.protocol}
        if description.certificate:
            assert self.certificates, "this Kafka was started without certificates"
            config["ssl.ca.location"] = str(authority or self.certificates.authority)
        if certificate:
            config["ssl.certificate.location"] = config["ssl.key.location"] = str(certificate)
        if description.mechanisms:
            user = user or "admin"
            config["sasl.mechanism"] = mechanism
            config["sasl.username"] = user
            config["sasl.password"] = PASSWORDS[user] if password is None else password
        return config

    def create_topic(
        self, name: str | None = None, *, partitions: int = 4, config: Mapping[str, str] | None = None
    ) -> str:
        """Make a topic (its name is unique unless given) and return its name once every broker knows it."""
        name = name or f"topic-{os.getpid()}-{next(_topic_numbers)}"
        copies = min(len(self._ports), 3)
        admin = self.admin()
        admin.create_topics([NewTopic(name, partitions, copies, config=dict(config or {}))])[name].result(30)
        eventually(lambda: self._knows(name, partitions), timeout_s=30, what=f"the broker knows topic {name}")
        # the metadata is ahead of the broker's own log by some ms
        eventually(lambda: self._answers_for(name), timeout_s=30, what=f"the broker serves topic {name}")
        return name

    def message_count(self, topic: str) -> int:
        """Messages written to a topic so far, also those that retention removed."""
        partitions = self.admin().list_topics(topic, timeout=10).topics[topic].partitions
        asked = {TopicPartition(topic, number): _LATEST for number in partitions}
        return sum(future.result(10).offset for future in self.admin().list_offsets(asked).values())

    def leader(self, topic: str, partition: int = 0) -> int:
        """Number of the broker that leads a partition; -1 if none does."""
        return AdminClient(self._quietly()).list_topics(topic, timeout=10).topics[topic].partitions[partition].leader

    def wait_until_in_step(self, topic: str) -> None:
        """Wait until every copy of the topic's partitions is up to date."""
        admin = AdminClient(self._quietly())  # one that saw a broker die may hold on to it

        def are_all_there() -> bool:
            try:
                partitions = admin.list_topics(topic, timeout=1).topics[topic].partitions.values()
            except KafkaException:
                return False
            return all(len(part.isrs) == len(part.replicas) and part.leader >= 0 for part in partitions)

        eventually(are_all_there, timeout_s=90, what=f"all copies of {topic} are in step")

    def delete_topic(self, name: str) -> None:
        """Delete a topic; returns when it is gone from the metadata."""
        self.admin().delete_topics([name])[name].result(30)
        eventually(lambda: not self._knows(name, 0), timeout_s=30, what=f"topic {name} is gone")

    def allow(self, user: str, *operations: str, topic: str = "", group: str = "") -> None:
        """Give a user rights (names of AclOperation) on a topic or a group; ``*`` means all."""
        kind, name = (ResourceType.TOPIC, topic) if topic else (ResourceType.GROUP, group)
        bindings = [
            AclBinding(
                kind,
                name,
                ResourcePatternType.LITERAL,
                f"User:{user}",
                "*",
                AclOperation[operation],
                AclPermissionType.ALLOW,
            )
            for operation in operations
        ]
        for future in self.admin().create_acls(bindings).values():
            future.result(30)

    def forbid(self, user: str, *, topic: str) -> None:
        """Take a user's rights on a topic away."""
        everything = AclBindingFilter(
            ResourceType.TOPIC,
            topic,
            ResourcePatternType.LITERAL,
            f"User:{user}",
            None,  # type: ignore[arg-type]  # any host
            AclOperation.ANY,
            AclPermissionType.ANY,
        )
        for future in self.admin().delete_acls([everything]).values():
            future.result(30)

    def set_password(self, user: str, password: str) -> None:
        """For SCRAM-SHA-512; a user who was unknown exists from now on."""
        mechanism = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        change = UserScramCredentialUpsertion(user, mechanism, password.encode())
        self.admin().alter_user_scram_credentials([change])[user].result(30)

    def add_partitions(self, topic: str, total: int) -> None:
        """From now on it has that many."""
        self.admin().create_partitions([NewPartitions(topic, total)])[topic].result(30)
        eventually(lambda: self._knows(topic, total), timeout_s=30, what=f"the broker knows {total} partitions")

    def configure(self, topic: str, **settings: str | int) -> None:
        """Change settings of a topic; underscores stand for dots."""
        entries = [
            ConfigEntry(name.replace("_", "."), str(value), incremental_operation=AlterConfigOpType.SET)
            for name, value in settings.items()
        ]
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=entries)
        self.admin().incremental_alter_configs([resource])[resource].result(30)

    def refused_sign_ins(self) -> int:
        """How many the brokers have refused so far."""
        logs = (self.folder / f"broker{number}.log" for number in self._ports)
        return sum(len(_REFUSED.findall(log.read_text(errors="replace"))) for log in logs)

    def admin(self) -> AdminClient:
        """An administrator's client, shared by the tests of this process."""
        if self._admin is None:
            self._admin = AdminClient(self._quietly())
        return self._admin

    def _quietly(self) -> Config:
        return self.client("PLAINTEXT") | {"log_level": 0}

    # life and death

    def start(self, broker: int | None = None) -> None:
        """Start the brokers that are down (or one of them) and wait until all running ones answer."""
        for number in [broker] if broker else self._ports:
            if not self.is_running(number):
                self._launch(number)
        self._admin = None  # one that saw a broker die may hold on to it
        eventually(self._is_ready, timeout_s=90, what="Kafka answers")

    def stop(self, broker: int | None = None) -> None:
        """SIGTERM: the broker hands over its partitions and flushes."""
        self._end(signal.SIGTERM, broker)

    def kill(self, broker: int | None = None) -> None:
        """SIGKILL, also to a frozen one."""
        self._end(signal.SIGKILL, broker)

    def freeze(self, broker: int = 1) -> None:
        """SIGSTOP: connections stay, nobody answers."""
        self._processes[broker].send_signal(signal.SIGSTOP)

    def thaw(self, broker: int = 1) -> None:
        """SIGCONT."""
        self._processes[broker].send_signal(signal.SIGCONT)

    def is_running(self, broker: int = 1) -> bool:
        """Whether the process is there."""
        process = self._processes.get(broker)
        return process is not None and process.poll() is None

    def log(self, broker: int = 1) -> str:
        """The end of a broker's log."""
        path = self.folder / f"broker{broker}.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    # details

    def _end(self, how: signal.Signals, broker: int | None) -> None:
        processes = [self._processes[broker]] if broker else list(self._processes.values())
        for process in processes:
            if process.poll() is None:
                process.send_signal(how)
        for process in processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)

    def _java(self, *arguments: str | Path, heap: str) -> list[str]:
        command = ["java", f"-Xmx{heap}", *self._jvm, "-cp", f"{self._jars}/*", *map(str, arguments)]
        # a test run that is killed takes its brokers with it
        return ["setpriv", "--pdeathsig", "KILL", *command] if os.path.exists("/usr/bin/setpriv") else command

    def _format(self, broker: int) -> None:
        properties = self._properties_file(broker)
        properties.write_text("".join(f"{key}={value}\n" for key, value in self._properties(broker).items()))
        arguments = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", str(properties)]
        if self.certificates:
            for user, password in PASSWORDS.items():
                for mechanism in _ALL_MECHANISMS[1:]:
                    arguments += ["--add-scram", f"{mechanism}=[name={user},password={password}]"]
        done = subprocess.run(self._java(*arguments, heap="64m"), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"Kafka's storage could not be formatted:\n{done.stdout}{done.stderr}")

    def _launch(self, broker: int) -> None:
        with open(self.folder / f"broker{broker}.log", "ab") as log:
            self._processes[broker] = subprocess.Popen(
                self._java("kafka.Kafka", self._properties_file(broker), heap=self._heap),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _is_ready(self) -> bool:
        for number, process in self._processes.items():
            if process.poll() not in (None, -signal.SIGKILL, 143):
                raise RuntimeError(f"broker {number} ended with {process.poll()}:\n{self.log(number)}")
        running = sum(self.is_running(number) for number in self._ports)
        try:
            return len(self.admin().list_topics(timeout=1).brokers) >= running
        except KafkaException:
            return False

    def _knows(self, topic: str, partitions: int) -> bool:
        # asking for one topic would create it where auto-create is on
        found = self.admin().list_topics(timeout=10).topics.get(topic)
        if found is None or found.error is not None:
            return False
        return len(found.partitions) >= partitions and all(part.leader >= 0 for part in found.partitions.values())

    def _answers_for(self, topic: str) -> bool:
        try:
            return self.message_count(topic) >= 0
        except KafkaException:
            return False

    def _advertised(self, listener: str, port: int) -> str:
        host = (
            self._listeners[listener].host if listener in self._listeners else "127.0.0.1"
        )  # the controller's is none
        return f"{host}:{self._doors.get(port, port)}"

    def _properties_file(self, broker: int) -> Path:
        return self.folder / f"broker{broker}.properties"

    def _properties(self, broker: int) -> dict[str, str | int | Path]:
        ports, copies = self._ports[broker], min(len(self._ports), 3)
        in_sync = 2 if copies == 3 else 1
        protocols = [f"{name}:{listener.protocol}" for name, listener in self._listeners.items()]
        properties: dict[str, str | int | Path] = {
            "process.roles": "broker,controller",
            "node.id": broker,
            "log.dirs": self.folder / f"data{broker}",
            "controller.quorum.voters": ",".join(
                f"{number}@127.0.0.1:{others['CONTROLLER']}" for number, others in self._ports.items()
            ),
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, port in ports.items()),
            "advertised.listeners": ",".join(
                f"{name}://{self._advertised(name, ports[name])}" for name in self._listeners
            ),
            "listener.security.protocol.map": ",".join([*protocols, "CONTROLLER:PLAINTEXT"]),
            "auto.create.topics.enable": "false",
            "num.partitions": 4,
            "default.replication.factor": copies,
            "min.insync.replicas": in_sync,
            "offsets.topic.num.partitions": 4,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.num.partitions": 4,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": in_sync,
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
        }
        if self.certificates:
            properties |= {
                "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users": "User:ANONYMOUS;User:admin",
                "allow.everyone.if.no.acl.found": "false",
            }
            for name, listener in self._listeners.items():
                properties |= _listener_properties(name, listener, self.certificates)
        return properties | self._settings


def _listener_properties(name: str, listener: Listener, certificates: Certificates) -> dict[str, str | int | Path]:
    prefix = f"listener.name.{name.lower()}."
    properties: dict[str, str | int | Path] = {}
    if listener.certificate:
        properties |= {
            prefix + "ssl.keystore.type": "PEM",
            prefix + "ssl.keystore.location": getattr(certificates, listener.certificate),
            prefix + "ssl.truststore.type": "PEM",
            prefix + "ssl.truststore.location": certificates.authority,
        }
    if listener.wants_client_certificate:
        properties |= {
            prefix + "ssl.client.auth": "required",
            prefix + "ssl.principal.mapping.rules": "RULE:^.*CN=([^,]+).*$/$1/,DEFAULT",
        }
    if listener.mechanisms:
        properties[prefix + "sasl.enabled.mechanisms"] = ",".join(listener.mechanisms)
        properties |= {
            f"{prefix}{mechanism.lower()}.sasl.jaas.config": _jaas(mechanism) for mechanism in listener.mechanisms
        }
        for mechanism in listener.mechanisms if listener.session_ms else ():
            properties[f"{prefix}{mechanism.lower()}.connections.max.reauth.ms"] = listener.session_ms
    return properties


def _jaas(mechanism: str) -> str:
    if mechanism == "OAUTHBEARER":  # takes tokens that nobody has signed
        module = f"{_LOGIN}.oauthbearer.OAuthBearerLoginModule"
        return f'{module} required unsecuredLoginStringClaim_sub="broker";'
    if mechanism != "PLAIN":
        return f"{_LOGIN}.scram.ScramLoginModule required;"
    users: Sequence[str] = [f'user_{user}="{password}"' for user, password in PASSWORDS.items()]
    return f"{_LOGIN}.plain.PlainLoginModule required {' '.join(users)};"
