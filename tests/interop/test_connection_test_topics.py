"""The connection test beyond the sign-in, against a real broker: rights, topics, clocks; and that nothing stays behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Producer
from interop.connecting import OAUTH, at, connection, failure, run, stage
from servers.certificates import Certificates
from servers.kafka import Config, Kafka
from servers.parts import eventually
from servers.program import Program

from openmsi_desktop.core.chunk import HEADER, Chunk, Sender, encode, message_key
from openmsi_desktop.core.events import Event, Stage
from openmsi_desktop.streaming.connection_test.keeping import how_it_is_kept
from openmsi_desktop.streaming.connection_test.stages import ConnectionTest, Verdict
from openmsi_desktop.streaming.connection_test.topics import TopicUse, message_bytes
from openmsi_desktop.streaming.connections import Connections
from openmsi_desktop.streaming.kafka.broker import SignInRefused, TopicInfo

DAY_S = 86_400.0
GOOD: list[tuple[str, Callable[[Kafka, Certificates], Config], str]] = [
    ("plain", lambda kafka, _: kafka.client("PLAINTEXT"), "Let in, no user name is needed"),
    ("TLS", lambda kafka, _: kafka.client("SSL"), "Let in, no user name is needed"),
    (
        "client certificate",
        lambda kafka, certificates: kafka.client("MTLS", certificate=certificates.client),
        "Let in by our certificate",
    ),
    ("password", lambda kafka, _: kafka.client("SASL", "admin"), "Signed in as admin (SCRAM-SHA-512)"),
    (
        "password over TLS",
        lambda kafka, _: kafka.client("SASLSSL", "admin", mechanism="SCRAM-SHA-256"),
        "Signed in as admin (SCRAM-SHA-256)",
    ),
    (
        "token",
        lambda kafka, certificates: at(
            "OAUTH", **OAUTH, sasl_oauthbearer_config="principal=admin", enable_sasl_oauthbearer_unsecure_jwt="true"
        )(kafka, certificates),
        "Signed in (OAUTHBEARER)",
    ),
]


@pytest.fixture(scope="module", autouse=True)
def rights(kafka: Kafka, tested: str) -> None:
    kafka.allow("carol", "WRITE", "READ", "DESCRIBE", topic=tested)


@pytest.mark.parametrize(("config", "title"), [case[1:] for case in GOOD], ids=[case[0] for case in GOOD])
def test_the_right_settings_pass_every_step(
    kafka: Kafka, certificates: Certificates, tested: str, config: Callable[[Kafka, Certificates], Config], title: str
) -> None:
    verdict = run(config(kafka, certificates), TopicUse(tested))
    assert verdict.error is None, verdict.error
    tls = None if "SSL" not in str(config(kafka, certificates).get("security.protocol")) else True
    assert [event.ok for event in verdict.stages] == [True, True, tls, True, True, True, True, None]
    assert stage(verdict, Stage.SIGN_IN).title == title
    assert stage(verdict, Stage.CLOCK).code == "not-measurable"


def groups(kafka: Kafka) -> set[str]:
    found = kafka.admin().list_consumer_groups().result(10)
    return {group.group_id for group in found.valid}


def test_nothing_stays_behind(kafka: Kafka) -> None:
    topic = kafka.create_topic(partitions=3)
    kafka.create_topic(topic + "-other", partitions=1)
    before = groups(kafka)
    verdict = run(kafka.client("SASL", "admin"), TopicUse(topic, group="shared-by-readers"))
    assert verdict.error is None
    assert "and use the group" in stage(verdict, Stage.READ).title
    assert kafka.message_count(topic) == 0
    assert groups(kafka) == before


def test_a_test_beside_readers_moves_no_partition(kafka: Kafka) -> None:
    topic = kafka.create_topic(partitions=1)
    made, broker = connection(kafka.client())
    member = broker.consumer(group="at work")
    events: list[str] = []

    def assigned(partitions: list[tuple[str, int]]) -> dict[tuple[str, int], int]:
        events.append("assigned")
        return dict.fromkeys(partitions, 0)

    def revoked(partitions: object, is_lost: bool) -> None:
        events.append("revoked")

    member.subscribe([topic], on_assigned=assigned, on_revoked=revoked)
    eventually(lambda: member.read(1, 0.1) is not None and bool(events), timeout_s=30, what="the group", every_s=0)
    test = ConnectionTest(made, broker, uses=[TopicUse(topic, group="at work")], emit=lambda event: None)
    verdicts: list[Verdict] = []
    running = threading.Thread(target=lambda: verdicts.append(test.run(threading.Event())))
    running.start()
    while running.is_alive():
        member.read(1, 0.1)
    assert verdicts[0].error is None
    assert events == ["assigned"]
    assert member.committed([(topic, 0)]) == {}
    member.close()


# rights


def test_who_may_only_write_is_told_so_where_reading_is_needed(kafka: Kafka, tested: str) -> None:
    alice = kafka.client("SASL", "alice")
    failed = failure(run(alice, TopicUse(tested)))
    assert (failed.stage, failed.code) == (Stage.READ, "right-denied")
    assert failed.title == f'The account may not read the topic "{tested}"'
    verdict = run(alice, TopicUse(tested, reads=False))
    assert verdict.error is None
    assert stage(verdict, Stage.WRITE).ok is True
    assert stage(verdict, Stage.READ).code == "not-needed"


def test_who_may_only_read_is_told_so_where_writing_is_needed(kafka: Kafka, tested: str) -> None:
    bob = kafka.client("SASL", "bob")
    failed = failure(run(bob, TopicUse(tested, group="of-bob")))
    assert (failed.stage, failed.code) == (Stage.WRITE, "right-denied")
    assert failed.title == f'The account may not write to the topic "{tested}"'
    verdict = run(bob, TopicUse(tested, sends=False, group="of-bob"))
    assert verdict.error is None
    assert stage(verdict, Stage.WRITE).code == "not-needed"


def test_a_group_without_the_right_is_refused_and_held_up_by_nothing(kafka: Kafka) -> None:
    topic = kafka.create_topic(partitions=1)
    kafka.allow("nolist", "READ", "DESCRIBE", topic=topic)
    config = kafka.client("SASL", "nolist")
    assert run(config, TopicUse(topic, sends=False)).error is None
    failed = failure(run(config, TopicUse(topic, sends=False, group="not-ours")))
    assert (failed.stage, failed.code) == (Stage.READ, "right-denied")
    assert failed.title == 'The account may not use the group "not-ours"'
    kafka.allow("nolist", "DESCRIBE", group="only-seen")
    seen = failure(run(config, TopicUse(topic, sends=False, group="only-seen")))
    assert (seen.code, seen.title) == ("right-denied", 'The account may not use the group "only-seen"')


def test_who_may_see_nothing_is_told_at_the_topics(kafka: Kafka, tested: str) -> None:
    config = kafka.client("SASL", "nolist")
    failed = failure(run(config, TopicUse(tested)))
    assert (failed.stage, failed.code) == (Stage.TOPICS, "right-denied")
    assert failed.title == f'The account may not see the topic "{tested}"'


def test_without_a_topic_those_that_the_account_sees_are_named(kafka: Kafka, tested: str) -> None:
    verdict = run(kafka.client("PLAINTEXT"))
    assert verdict.error is None
    assert "The account sees" in stage(verdict, Stage.TOPICS).title
    assert {event.code for event in verdict.stages[5:7]} == {"no-topic"}


def test_an_account_that_sees_no_topic_may_still_use_one(kafka: Kafka, certificates: Certificates) -> None:
    config = at("SASL", security_protocol="SASL_PLAINTEXT", sasl_mechanism="PLAIN")(kafka, certificates)
    blind = config | {"sasl.username": "blind", "sasl.password": "blind-secret"}
    verdict = run(blind)
    assert verdict.error is None
    seen = stage(verdict, Stage.TOPICS)
    assert (seen.ok, seen.code) == (None, "no-topic-visible")
    assert [notice.code for notice in verdict.warnings] == ["password-in-clear"]


# topics


@pytest.mark.parametrize(
    ("name", "code", "title"),
    [
        ("no-such-topic", "topic-missing", 'The topic "no-such-topic" does not exist'),
        ("a/b ü", "topic-name", '"a/b ü" cannot be the name of a topic'),
    ],
)
def test_a_topic_that_is_not_there(kafka: Kafka, name: str, code: str, title: str) -> None:
    failed = failure(run(kafka.client(), TopicUse(name)))
    assert (failed.stage, failed.code, failed.title) == (Stage.TOPICS, code, title)
    assert name not in kafka.admin().list_topics(timeout=10).topics


def test_several_topics_are_tested_one_after_the_other(kafka: Kafka, tested: str) -> None:
    verdict = run(kafka.client(), TopicUse("no-such-topic"), TopicUse(tested))
    assert [event.topic for event in verdict.stages] == [None] * 4 + ["no-such-topic"] * 4 + [tested] * 4
    assert [event.ok for event in verdict.stages[4:]] == [False, None, None, None, True, True, True, None]


def test_a_compacted_topic_is_refused_for_sending_only(kafka: Kafka) -> None:
    topic = kafka.create_topic(partitions=1, config={"cleanup.policy": "compact"})
    failed = failure(run(kafka.client(), TopicUse(topic)))
    assert (failed.stage, failed.code) == (Stage.WRITE, "compacted")
    assert run(kafka.client(), TopicUse(topic, sends=False)).error is None


def test_too_few_copies_keep_files_waiting(kafka: Kafka) -> None:
    topic = kafka.create_topic(partitions=1, config={"min.insync.replicas": "2"})
    failed = failure(run(kafka.client(), TopicUse(topic, reads=False)))
    assert (failed.stage, failed.code) == (Stage.WRITE, "too-few-copies")
    assert "1 of 1" in failed.advice


def test_the_largest_chunk_that_fits_is_told_and_fits(kafka: Kafka) -> None:
    topic = kafka.create_topic(partitions=1, config={"max.message.bytes": "20000"})
    failed = failure(run(kafka.client(), TopicUse(topic, reads=False)))
    assert (failed.stage, failed.code) == (Stage.WRITE, "chunk-too-large")
    assert f'A chunk of 524288 bytes is larger than the topic "{topic}" allows' == failed.title
    largest = int(failed.fix["chunk_size"])
    assert str(largest) in failed.advice
    assert 18_000 < largest < 20_000
    assert run(kafka.client(), TopicUse(topic, reads=False, chunk_size=largest)).error is None
    folder, name, digest = "f" * 100, "n" * 99, bytes(64)
    chunk = Chunk(name, digest, digest, 2**40, 10**9, 10**9, folder, "", bytes(largest), time.time())
    key = message_key(folder, name, index=chunk.index, total=chunk.total)
    header = (HEADER, Sender("0" * 32, 2**62).encode())
    producer, errors = Producer(kafka.client()), []
    producer.produce(topic, encode(chunk), key, headers=[header], on_delivery=lambda error, _: errors.append(error))
    assert producer.flush(10) == 0
    assert errors == [None]
    failed = failure(run(kafka.client(), TopicUse(topic, reads=False, chunk_size=largest + 1)))
    assert failed.code == "chunk-too-large"


def test_a_topic_that_takes_no_chunk_at_all(kafka: Kafka) -> None:
    topic = kafka.create_topic(partitions=1, config={"max.message.bytes": "300"})
    failed = failure(run(kafka.client(), TopicUse(topic, reads=False, chunk_size=1)))
    assert (failed.code, failed.fix) == ("chunk-too-large", {})
    assert message_bytes(1) > 300


@pytest.mark.parametrize(
    ("config", "code", "title"),
    [
        ({"retention.ms": "86400000"}, "retention-short", "Messages are deleted after 1 day"),
        ({"retention.bytes": "5000000"}, "retention-by-size", "Only the newest 5 MB of each partition are kept"),
        ({}, "one-copy", "Only one broker has the messages"),
    ],
)
def test_a_topic_that_may_lose_files_is_warned_of(kafka: Kafka, config: dict[str, str], code: str, title: str) -> None:
    topic = kafka.create_topic(partitions=1, config=config)
    verdict = run(kafka.client(), TopicUse(topic, sends=False, reads=False))
    assert verdict.error is None
    assert (code, title) in [(notice.code, notice.title) for notice in stage(verdict, Stage.TOPICS).warnings]


def test_what_may_not_be_seen_is_said_to_be_untested(kafka: Kafka, tested: str) -> None:
    codes = {notice.code for notice in run(kafka.client("SASL", "alice"), TopicUse(tested, reads=False)).warnings}
    assert codes == {"settings-unseen", "one-copy"}


def test_several_copies_of_which_one_is_enough_are_warned_of() -> None:
    settings = {"min.insync.replicas": "1", "retention.ms": "-1", "retention.bytes": "-1"}
    info = TopicInfo("xrd", "c", "t", 1, settings, copies=3, copies_in_step=3)
    assert [notice.code for notice in how_it_is_kept(info)] == ["one-confirms"]
    safe = TopicInfo("xrd", "c", "t", 1, settings | {"min.insync.replicas": "2"}, copies=3, copies_in_step=3)
    assert how_it_is_kept(safe) == ()


# clocks


def put(kafka: Kafka, topic: str, moment: float = 0) -> None:
    """One message, with that time stamp."""
    producer = Producer(kafka.client())
    producer.produce(topic, b"value", b"key", timestamp=int(moment * 1000))
    assert producer.flush(10) == 0


@pytest.mark.parametrize(
    ("settings", "behind_s", "ok", "title"),
    [
        (
            {"message.timestamp.type": "LogAppendTime"},
            7200 + 30,
            True,
            "This computer's clock is at least 2 hours behind the broker's",
        ),
        ({}, 330, True, "The newest message is stamped 5 minutes ahead of this computer's clock"),
        ({}, 5 * DAY_S + 30, False, "The newest message is stamped 5 days ahead of this computer's clock"),
    ],
    ids=["the broker's stamp", "a sender's stamp", "more than half the retention"],
)
def test_a_clock_that_is_known_to_be_behind_is_told(
    kafka: Kafka, settings: dict[str, str], behind_s: float, ok: bool, title: str
) -> None:
    topic = kafka.create_topic(partitions=2, config=settings)
    put(kafka, topic)
    verdict = run(kafka.client(), TopicUse(topic, sends=False, reads=False), now=lambda: time.time() - behind_s)
    told = stage(verdict, Stage.CLOCK)
    assert (told.ok, told.code) == (ok, "clock-off")
    assert told.title == title
    assert (verdict.error is None) is ok
    assert ("another sender" in told.advice + "".join(n.advice for n in told.warnings)) is not bool(settings)


@pytest.mark.parametrize("off_s", [-30, DAY_S])
def test_a_clock_that_is_a_little_behind_or_ahead_is_not_complained_of(kafka: Kafka, off_s: float) -> None:
    topic = kafka.create_topic(partitions=1, config={"message.timestamp.type": "LogAppendTime"})
    put(kafka, topic)
    verdict = run(kafka.client(), TopicUse(topic, sends=False, reads=False), now=lambda: time.time() + off_s)
    told = stage(verdict, Stage.CLOCK)
    assert (told.ok, told.code) == (None, "not-measurable")


def test_a_date_before_this_release_is_wrong(kafka: Kafka, tested: str) -> None:
    failed = failure(run(kafka.client(), TopicUse(tested, sends=False, reads=False), now=lambda: 0.0))
    assert (failed.stage, failed.code) == (Stage.CLOCK, "clock-wrong")
    assert failed.title == "The clock of this computer is wrong"


def test_a_certificate_that_expires_soon_is_warned_of(kafka: Kafka) -> None:
    config = kafka.client("SSL")
    title = stage(run(config), Stage.TLS).title
    until = time.mktime(time.strptime(title.rpartition(" ")[2], "%Y-%m-%d"))
    told = stage(run(config, now=lambda: until - 20 * DAY_S), Stage.TLS)
    assert told.ok is True
    assert [notice.code for notice in told.warnings] == ["certificate-expires-soon"]


def test_a_certificate_that_nobody_checks_is_warned_of(kafka: Kafka) -> None:
    verdict = run(kafka.client("BADNAME") | {"enable.ssl.certificate.verification": "false"})
    assert verdict.error is None
    assert [notice.code for notice in verdict.warnings] == ["certificate-unchecked"]


# accounts get locked


def refused_sign_ins(kafka: Kafka) -> int:
    return (kafka.folder / "broker1.log").read_text(errors="replace").count("Failed authentication with")


def test_a_wrong_password_is_tried_once_by_tasks_and_test_together(kafka: Kafka, tested: str) -> None:
    made, _ = connection(kafka.client("SASL", "alice", password="wrong"))
    connections = Connections(lambda name: "wrong")
    before = refused_sign_ins(kafka)
    seen: list[str] = []

    def streams() -> None:
        for _ in range(3):
            for use in (lambda: connections.broker(made).topic_info(tested, 10), connections.broker(made).producer):
                try:
                    use()
                except SignInRefused as error:
                    seen.append(error.title)

    events: list[Event] = []

    def tests() -> None:
        test = ConnectionTest(made, connections.broker(made), uses=[TopicUse(tested)], emit=events.append)
        seen.append(failure(test.run(threading.Event())).title)

    threads = [threading.Thread(target=work) for work in (streams, tests, streams, tests)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert seen == ["User name or password is wrong"] * 14
    eventually(lambda: refused_sign_ins(kafka) > before, timeout_s=5, what="the attempt in the broker's log")
    assert refused_sign_ins(kafka) == before + 1


def test_a_check_beside_a_process_that_streams_does_not_try_its_wrong_password_again(
    kafka: Kafka, program: Program, tested: str, tmp_path: Path
) -> None:
    (tmp_path / "instrument").mkdir()
    account = ("--kafka", "security.protocol=SASL_PLAINTEXT", "--kafka", "sasl.mechanism=PLAIN")
    there = (
        "--bootstrap",
        kafka.bootstrap("SASL"),
        *account,
        "--kafka",
        "sasl.username=alice",
        "--credential",
        "of-alice",
    )
    wrong = {"OPENMSI_SECRET_OF_ALICE": "wrong"}
    before, begun = refused_sign_ins(kafka), time.monotonic()
    watching = program.start("watch", tmp_path / "instrument", "--topic", tested, *there, env=wrong)
    watching.wait_for(event="task", state="waiting", title="User name or password is wrong")
    check = program.run("check", *there, env=wrong)
    assert check.process.returncode == 3
    told = check.find(event="stage", stage="sign-in")[0]
    assert told["title"] == "User name or password is wrong"
    assert "did not sign in once more" in told["advice"]
    attempts, allowed = refused_sign_ins(kafka) - before, 1 + (time.monotonic() - begun) // 30
    assert 1 <= attempts <= allowed
    watching.stop()
    alone = program.run("check", *there, env={"OPENMSI_SECRET_OF_ALICE": "alice-secret"})
    assert alone.process.returncode == 0, alone.tell()
