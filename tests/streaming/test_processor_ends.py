"""How programs end: by themselves, by failing, by the time limit, with us, and whatever they leave running."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from servers.parts import eventually
from servers.systems import ON_WINDOWS, Needs
from streaming.processing import PATIENCE_S, Bench, delivered, failed, lines, python, received

from openmsi_desktop.core.errors import NeedsYou, RetryableError
from openmsi_desktop.streaming.sinks import SpoolMissing
from openmsi_desktop.streaming.sinks.processor import children

Make = Callable[..., Bench]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Make]:
    """bench(command=…, …): makes one; it is closed in the end."""
    made: list[Bench] = []

    def make(**settings: Any) -> Bench:
        made.append(Bench(tmp_path, **settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


def is_running(number: int) -> bool:
    """A process that has ended and was not asked for its status by its parent does not count."""
    try:
        return b") Z " not in Path(f"/proc/{number}/stat").read_bytes()
    except OSError:
        return False


def test_a_program_that_fails_is_tried_so_many_times_and_its_last_words_are_kept(bench: Make) -> None:
    made = bench(
        command=python("import sys; print('reading'); print('no peak\\nfound', file=sys.stderr); sys.exit(3)"), tries=3
    )
    first = failed(made.one("a.xy", tries=0))
    assert str(first.error) == (
        'peaks failed with exit status 3. Its last words: "found". That was attempt 1 of 3; it is tried again. '
        "The file itself is safe."
    )
    assert (first.is_final, first.concerns_sink) == (False, False)
    assert first.output == "reading\nno peak\nfound"
    last = failed(made.one("a.xy", tries=2))
    assert last.is_final and "attempt 3 of 3: it is not tried again by itself" in str(last.error)


def test_of_very_much_output_the_end_is_kept(bench: Make) -> None:
    script = "import os, sys; [os.write(1 + n % 2, b'%06d \\x1b[31m\\xff' % n * 100) for n in range(5000)]; os.write(2, b'the end'); sys.exit(1)"
    outcome = failed(bench(command=python(script)).one("a.xy"))
    assert outcome.output.endswith("the end")
    assert 8_000 < len(outcome.output.encode()) <= 16_384
    assert "\x1b" not in outcome.output and "004999" in outcome.output


@pytest.mark.skipif(ON_WINDOWS, reason=Needs.SIGNALS)
def test_a_program_that_crashes_says_by_which_signal(bench: Make) -> None:
    outcome = failed(bench(command=python("import os; os.kill(os.getpid(), 11)")).one("a.xy"))
    assert str(outcome.error).startswith("peaks was ended by the signal SIGSEGV. It printed nothing.")


GRANDCHILD = """
import os, subprocess, sys, time
script = "import signal, sys, time; held = open(sys.argv[1], 'w'); signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-I", "-S", "-c", script, sys.argv[1] + ".held"])
while not os.path.exists(sys.argv[1] + ".held"): pass
open(sys.argv[1], "w").write(f"{os.getpid()} {child.pid}")
if sys.argv[2] == "hang":
    time.sleep(600)
"""


def are_gone(numbers: Sequence[int], held: Path) -> bool:
    """On Windows a file that somebody has open cannot be removed."""
    if sys.platform.startswith("linux"):
        return not any(map(is_running, numbers))
    try:
        held.unlink(missing_ok=True)
    except PermissionError:
        return False
    return True


@pytest.mark.skipif(sys.platform == "darwin", reason=Needs.LINUX)
@pytest.mark.parametrize("how", ["hang", "leave"])
def test_all_that_a_program_started_ends_with_it(
    bench: Make, tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "GRACE_S", 0.3)
    limit_s = 60 if how == "leave" else 20 if ON_WINDOWS else 2
    made = bench(command=python(GRANDCHILD, str(tmp_path / "told"), how), time_limit_s=float(limit_s))
    outcome = made.one("a.xy")
    if how == "hang":
        assert f"peaks took longer than {limit_s} s" in str(failed(outcome).error)
    else:
        delivered(outcome)
    numbers = [int(number) for number in (tmp_path / "told").read_text().split()]
    eventually(lambda: are_gone(numbers, tmp_path / "told.held"), timeout_s=10, what="the processes are gone")


def test_a_program_that_closes_its_output_is_still_waited_for(bench: Make, tmp_path: Path) -> None:
    script = "import os, sys, time; os.close(1); os.close(2); time.sleep(0.3); open(sys.argv[1], 'w').write('done')"
    delivered(bench(command=python(script, str(tmp_path / "told"))).one("a.xy"))
    assert lines(tmp_path / "told") == ["done"]


def test_a_program_never_waits_for_input(bench: Make, tmp_path: Path) -> None:
    script = "import sys; open(sys.argv[1], 'w').write(repr(sys.stdin.read()))"
    delivered(bench(command=python(script, str(tmp_path / "told"))).one("a.xy"))
    assert lines(tmp_path / "told") == ["''"]


def test_stopping_ends_what_runs_within_seconds_and_counts_no_attempt(bench: Make, tmp_path: Path) -> None:
    script = "import signal, sys, time; signal.signal(15, signal.SIG_IGN); open(sys.argv[1], 'w'); time.sleep(600)"
    made = bench(command=python(script, str(tmp_path / "told")))
    made.sink.prepare()
    future = made.submit(received(tmp_path, "a.xy"))
    waiting = [made.submit(received(tmp_path, f"{n}.xy")) for n in range(4)]
    eventually((tmp_path / "told").exists, timeout_s=PATIENCE_S, what="it runs")
    began = time.monotonic()
    made.sink.stop()
    outcomes = [failed(f.result(PATIENCE_S)) for f in (future, *waiting)]
    assert time.monotonic() - began < 20
    assert all(o.concerns_sink and isinstance(o.error, RetryableError) for o in outcomes)
    made.sink.close()
    assert made.places == []


# -- what cannot be started


def test_a_missing_program_is_asked_for_and_goes_on_when_it_is_there(bench: Make, tmp_path: Path) -> None:
    made = bench(command=(str(tmp_path / "tool"), "{file}"))
    with pytest.raises(NeedsYou) as caught:
        made.one("a.xy")
    assert str(caught.value) == (
        f"The program {tmp_path / 'tool'} is missing. Install it, or name it with its whole path in the settings. "
        "peaks cannot be started; the files wait, and it goes on by itself."
    )
    if ON_WINDOWS:
        return
    _script(tmp_path / "tool", "#!/bin/sh\n")
    delivered(made.one("a.xy"))


@pytest.mark.skipif(ON_WINDOWS, reason=Needs.MODES)
@pytest.mark.parametrize(
    ("first", "mode", "words"),
    [
        ("#!/bin/sh\n", 0o600, "is not a program. Make it executable"),
        ("#!/no/such/interpreter\n", 0o700, "The interpreter /no/such/interpreter is missing"),
        ("#!/usr/bin/env no-such-python -u\n", 0o700, "The interpreter no-such-python is missing"),
        ("no first line", 0o700, "The system cannot run this kind of file"),
    ],
)
def test_a_program_that_cannot_be_started_holds_the_sink(
    bench: Make, tmp_path: Path, first: str, mode: int, words: str
) -> None:
    _script(tmp_path / "tool", first, mode)
    made = bench(command=(str(tmp_path / "tool"),))
    try:
        outcome = failed(made.one("a.xy"))
        error = outcome.error
        assert outcome.concerns_sink
    except NeedsYou as caught:
        error = caught
    assert isinstance(error, NeedsYou) and words in str(error)


@pytest.mark.skipif(ON_WINDOWS, reason=Needs.MODES)
def test_a_program_that_vanishes_while_the_sink_works_costs_no_attempt(bench: Make, tmp_path: Path) -> None:
    _script(tmp_path / "tool", "#!/bin/sh\n")
    made = bench(command=(str(tmp_path / "tool"),))
    delivered(made.one("a.xy"))
    (tmp_path / "tool").unlink()
    outcome = failed(made.submit(received(tmp_path, "b.xy")).result(PATIENCE_S))
    assert outcome.concerns_sink and "is missing" in str(outcome.error)


def test_a_missing_working_folder_holds_the_sink(bench: Make, tmp_path: Path) -> None:
    made = bench(command=python(""), folder=str(tmp_path / "there"))
    with pytest.raises(NeedsYou, match="working folder of peaks is missing"):
        made.one("a.xy")
    (tmp_path / "there").mkdir()
    delivered(made.one("a.xy"))


def test_secrets_of_ours_are_not_passed_on(bench: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENMSI_SECRET_LAB", "hunter2")
    monkeypatch.setenv("SOMETHING_ELSE", "passed on")
    script = "import os, sys; open(sys.argv[1], 'w').write(repr(dict(os.environ)))"
    delivered(bench(command=python(script, str(tmp_path / "told"))).one("a.xy"))
    (said,) = lines(tmp_path / "told")
    assert "hunter2" not in said and "passed on" in said


# -- the input is nobody else's


WRITE = "import os, sys; f = os.environ['OPENMSI_FILE']; os.chmod(f, 0o700); open(f, 'ab').write(b'!'); sys.exit(int(sys.argv[1]))"


def test_a_program_gets_a_copy_of_what_others_need(bench: Make, tmp_path: Path) -> None:
    file = received(tmp_path, "a.xy", b"1 2\n")
    delivered(bench(command=python(WRITE, "0")).handle(file)[0])
    assert file.path.read_bytes() == b"1 2\n"


@pytest.mark.skipif(ON_WINDOWS, reason=Needs.MODES)
def test_a_changed_input_is_never_used_again(bench: Make, tmp_path: Path) -> None:
    made = bench(command=python(WRITE, "1"), is_alone=True)
    file = received(tmp_path, "a.xy", b"1 2\n")
    outcome = failed(made.handle(file)[0])
    assert "peaks changes its input file, which is therefore read from the topic again" in str(outcome.error)
    again = failed(made.handle(file)[0])
    assert isinstance(again.error, SpoolMissing) and not again.concerns_sink


def test_a_program_that_moves_its_input_away_takes_its_own_view_only(bench: Make, tmp_path: Path) -> None:
    for is_alone in (True, False):
        made = bench(
            command=python(
                "import os, sys; os.replace(os.environ['OPENMSI_FILE'], sys.argv[1])", str(tmp_path / "kept")
            ),
            is_alone=is_alone,
        )
        file = received(tmp_path, f"{is_alone}.xy", b"1 2\n")
        delivered(made.handle(file)[0])
        assert file.path.read_bytes() == (tmp_path / "kept").read_bytes() == b"1 2\n"


def test_what_a_program_leaves_does_not_meet_the_next_file(bench: Make, tmp_path: Path) -> None:
    script = "import os, sys; open(sys.argv[1], 'a').write(repr(os.listdir('.')) + '\\n'); os.makedirs('d/e'); open('d/e/x', 'w')"
    made = bench(command=python(script, str(tmp_path / "told")), jobs=1)
    for name in "abc":
        delivered(made.one(f"{name}.xy"))
    assert lines(tmp_path / "told") == ["[]"] * 3


LATER = """
import os, sys, time
folder, go, done = sys.argv[1:]
while not os.path.exists(go):
    time.sleep(0.02)
for name in (folder + "/late.csv", "late too.csv"):
    try:
        open(name, "w").close()
    except OSError:
        pass
open(done, "w").close()
"""

DETACHES = f"""
import os, subprocess, sys, time
file, folder, go, done = sys.argv[1:]
if file.endswith("first"):
    program = [sys.executable, "-I", "-S", "-c", {LATER!r}, folder, go, done]
    subprocess.Popen(program, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
else:
    open(go, "w").close()
    while not os.path.exists(done):
        time.sleep(0.02)
    sys.exit(len(os.listdir(folder)))
"""


@pytest.mark.skipif(ON_WINDOWS, reason=Needs.POSIX_CALLS)
def test_what_outlives_a_program_on_purpose_leaves_nothing_among_the_output_of_another_file(
    bench: Make, tmp_path: Path
) -> None:
    command = python(DETACHES, "{file}", "{output_dir}", str(tmp_path / "go"), str(tmp_path / "done"))
    here = bench(command=command, jobs=1)
    for name in ("first", "second"):
        delivered(here.one(name))


def test_places_that_a_killed_process_left_are_swept(bench: Make) -> None:
    made = bench(command=python(""))
    delivered(made.one("a.xy"))
    (sink,) = (made.profile.data / "working").iterdir()
    left = sink / "0123456789abcdef"
    (left / "in").mkdir(parents=True)
    (left / "out").mkdir()
    (left / "in" / "old.xy").write_bytes(b"old")
    (left / "out").chmod(0o500)
    made.sink.prepare()
    assert not left.exists()


def _script(file: Path, first: str, mode: int = 0o700) -> None:
    file.write_text(first, encoding="utf-8")
    file.chmod(mode)
    assert stat.S_IMODE(file.stat().st_mode) == mode


KILLED = """
import sys
from pathlib import Path
from streaming.processing import Bench, python, received
place = Path(sys.argv[1])
made = Bench(place, command=python(sys.argv[2], str(place / "told")))
made.handle(received(place, "a.xy"))
"""
ONCE = """
import os, sys, time
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()}\\n")
if len(open(sys.argv[1]).readlines()) == 1:
    time.sleep(600)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason=Needs.LINUX)
def test_after_a_kill_the_program_is_ended_its_place_swept_and_the_file_handled_again(
    bench: Make, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path), ONCE], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ) as ours:
        eventually(lambda: bool(lines(tmp_path / "told")), timeout_s=PATIENCE_S, what="the program runs")
        ours.kill()
    number = int(lines(tmp_path / "told")[0])
    assert is_running(number)
    made = bench(command=python(ONCE, str(tmp_path / "told")))
    assert len(made.places) == 1
    delivered(made.one("a.xy"))
    assert not is_running(number) and made.places == []
    assert len(lines(tmp_path / "told")) == 2
