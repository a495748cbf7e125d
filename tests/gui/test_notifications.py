"""What the desktop is told: little, nothing twice, and nothing a person does not want (G13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from gui import made_up

from openmsi_desktop.core.events import FileState
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.notifications import Notifications
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.gui.status import status_of
from openmsi_desktop.settings import Application
from openmsi_desktop.settings import Notifications as Wishes


class Bench:
    """Notifications with a clock of their own; what is said is kept."""

    def __init__(self, desktop: Desktop) -> None:
        self.said: list[tuple[str, str]] = []
        self.clock = made_up.NOW
        self.desktop = desktop
        self.notifications = Notifications(desktop, self._say, desktop.root, now=lambda: self.clock)

    def _say(self, title: str, text: str) -> None:
        self.said.append((title.replace("file(s)", "files"), text))

    def see(self, *tasks: TaskNow, after: float = 1.0) -> None:
        self.clock += after
        snapshot = made_up.snapshot(*tasks)
        self.notifications.take(snapshot, status_of(snapshot))

    def wish(self, **wishes: bool) -> None:
        application = Application(notifications=Wishes(**wishes))
        self.desktop.store.settings = self.desktop.store.settings.model_copy(update={"application": application})


@pytest.fixture
def bench(desktop: Desktop) -> Bench:
    return Bench(desktop)


def failing(count: int, name: str = "SPHINX exports") -> TaskNow:
    problems = tuple(made_up.problem(path=f"{i}.NMD", number=i) for i in range(min(count, 500)))
    return made_up.task(name, counts={FileState.PROBLEM: count}, problems=problems, problem_count=count)


def test_5000_errors_are_one_message_in_ten_minutes(bench: Bench) -> None:
    bench.see(made_up.task())
    for count in range(100, 5001, 100):
        bench.see(failing(count), after=0.5)
    assert bench.said == [
        (
            "SPHINX exports: 100 files need your attention",
            "Your files are safe on this computer. The others go on.",
        )
    ]
    bench.see(failing(5000), after=600)
    assert len(bench.said) == 2 and "5,000" not in bench.said[0][0]
    bench.see(failing(5000), after=3600)
    assert len(bench.said) == 2, "nothing new has happened"


def test_tasks_do_not_silence_each_other(bench: Bench) -> None:
    bench.see(made_up.task("a"), made_up.task("b"))
    bench.see(failing(1, "a"), failing(1, "b"))
    assert [title.partition(":")[0] for title, _ in bench.said] == ["a", "b"]


def test_what_was_there_at_the_start_is_no_news(bench: Bench) -> None:
    bench.see(failing(7))
    assert bench.said == []


def test_what_the_journal_knows_is_no_news_however_late_it_is_read(bench: Bench) -> None:
    bench.see(made_up.task(is_known=False))
    bench.see(failing(12))
    assert bench.said == []
    bench.see(failing(13))
    assert len(bench.said) == 1


def test_problems_can_be_silenced(bench: Bench) -> None:
    bench.wish(problems=False)
    bench.see(made_up.task())
    bench.see(failing(3))
    bench.wish(problems=True)
    bench.see(failing(3))
    assert bench.said == []


def test_snoozed_problems_are_said_when_the_time_is_over(bench: Bench) -> None:
    bench.see(made_up.task())
    bench.notifications.snooze(bench.clock + 1800)
    bench.see(failing(3))
    assert bench.said == [] and bench.notifications.snoozed_until is not None
    bench.see(failing(3), after=1801)
    assert len(bench.said) == 1 and bench.notifications.snoozed_until is None


def test_that_everything_was_sent_is_said_only_on_demand(bench: Bench) -> None:
    busy = made_up.busy_task()
    done = replace(busy, pending=0, moving=(), counts={FileState.SENT: 1243})
    bench.see(busy)
    bench.see(done)
    assert bench.said == []
    bench.wish(finished=True)
    bench.see(busy)
    bench.see(done)
    assert bench.said == [("SPHINX exports: everything was sent", "")]


@pytest.mark.parametrize(
    ("make", "page"),
    [
        (lambda: failing(2), "problems"),
        (lambda: made_up.states()["failed"].tasks[0], "overview"),
        (lambda: made_up.states()["needs-you-task"].tasks[0], "overview"),
    ],
)
def test_a_click_opens_the_reason(bench: Bench, make: Callable[[], TaskNow], page: str) -> None:
    opened: list[tuple[str, str]] = []
    bench.notifications.wants_window.connect(lambda task, page: opened.append((task, page)))
    bench.see(made_up.task())
    task = make()
    bench.see(task)
    assert len(bench.said) == 1
    assert len(bench.said[0][0]) <= 60 and len(bench.said[0][1]) <= 120
    bench.notifications.clicked()
    assert opened == [(task.key, page)]
