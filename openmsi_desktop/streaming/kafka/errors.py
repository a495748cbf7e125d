"""What can go wrong between us and a broker, as classes to catch. The texts are in causes.py.

NoContact, BrokerBusy, ProducerBroken … pass by themselves; SignInRefused, RightDenied … need a person, see core/errors.py.
"""

from __future__ import annotations

from openmsi_desktop.core import errors
from openmsi_desktop.core.errors import NeedsYou, RetryableError


class NoContact(errors.NoContact):
    """Nobody answers at the addresses we know."""


class BrokerBusy(RetryableError):
    """The cluster answers but cannot serve us at the moment: it elects leaders, or lacks replicas."""


class ClockRefused(RetryableError):
    """The broker finds the time stamp of a message impossible."""


class GroupChanged(RetryableError):
    """The consumer group shares out its partitions anew."""


class ProducerBroken(RetryableError):
    """This producer can never send again. Close it and make another."""


class Withdrawn(RetryableError):
    """A message was taken back before it was sent."""


class OffsetGone(RetryableError):
    """A position does not exist at the broker: removed by retention, or beyond the end. position: -1 if none was known."""

    def __init__(self, title: str, advice: str = "", *, topic: str, partition: int, position: int) -> None:
        super().__init__(title, advice)
        self.topic = topic
        self.partition = partition
        self.position = position


class SignInRefused(NeedsYou):
    """User name, password, mechanism or token were not accepted."""


class TlsRefused(NeedsYou):
    """One side does not accept the other's certificate."""


class WrongSecurity(NeedsYou):
    """The port speaks another protocol than the connection says: TLS or not, sign-in or not, or no Kafka at all."""


class RightDenied(NeedsYou):
    """The account may not do this."""


class TopicMissing(NeedsYou):
    """There is no such topic, or not that many partitions."""


class MessageTooLarge(NeedsYou):
    """A message is larger than the topic or the broker takes."""
