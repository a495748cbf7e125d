"""Which version of a path is the later one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmsi_desktop.core.order import Order


def at(offset: int, *, stream: str = "c/t", partition: int = 0, **more: float) -> Order:
    return Order(stream=stream, partition=partition, offset=offset, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (Order(version=1, stream="c/t", partition=0, offset=9, mtime=9), Order(version=2, stream="c/t", partition=0)),
        (at(1, timestamp_ms=9, mtime=9), at(2, timestamp_ms=1, mtime=1)),
        (at(9, partition=1, timestamp_ms=1, mtime=9), at(2, partition=2, timestamp_ms=5, mtime=1)),
        (at(9, stream="c/old", timestamp_ms=1), at(2, stream="c/new", timestamp_ms=5)),
        (Order(mtime=1.0), Order(mtime=1.5)),
        (Order(timestamp_ms=5, mtime=1), Order(timestamp_ms=5, mtime=2)),
        (Order(version=8, timestamp_ms=1), Order(timestamp_ms=2)),
    ],
    ids=["number", "offset", "partitions", "topic made anew", "mtime", "equal stamps", "header only once"],
)
def test_first_criterion_that_both_know_decides(earlier: Order, later: Order) -> None:
    assert earlier.compare(later) == -1
    assert later.compare(earlier) == 1


@pytest.mark.parametrize("order", [Order(), Order(version=3), at(7, mtime=5.0)])
def test_same_sending_is_equal(order: Order) -> None:
    assert order.compare(order) == 0


def test_nothing_known_decides_nothing() -> None:
    assert Order().compare(at(5, mtime=5.0)) == 0


ORDERS = st.builds(
    Order,
    version=st.none() | st.integers(0, 2),
    stream=st.sampled_from(["", "x"]),
    partition=st.integers(-1, 1),
    offset=st.integers(-1, 2),
    timestamp_ms=st.none() | st.integers(0, 2),
    mtime=st.none() | st.floats(0, 2),
)


@given(ORDERS, ORDERS)
def test_one_of_two_is_later_or_neither(one: Order, other: Order) -> None:
    assert one.compare(other) == -other.compare(one)
