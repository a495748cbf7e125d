"""The right to read files is taken away and given back (F24)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from faults.watched import Watched
from servers.kafka import Kafka
from servers.parts import require
from servers.program import Program

NOBODY = 65534


@pytest.fixture
def watched(kafka: Kafka, program: Program, tmp_path: Path) -> Watched:
    """Watched by somebody who is not the administrator: that one may read everything."""
    if os.getuid() != 0:
        return Watched(kafka, program, tmp_path)
    require("setpriv", "the administrator may read everything; install util-linux")
    without = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
    return Watched(kafka, program, tmp_path, before=without)


@pytest.mark.parametrize("how", ["mode", "owner"])
def test_files_that_may_not_be_read_are_one_problem_that_passes(
    watched: Watched,
    tmp_path: Path,
    how: str,
    repeats: Callable[[int, int], int],
    judged: Callable[..., None],
    request: pytest.FixtureRequest,
) -> None:
    if how == "owner":
        request.getfixturevalue("only_on_request")
    if how == "owner" and os.getuid() != 0:
        pytest.skip("only the administrator may give files away")
    watched.start()
    times, number, worst = repeats(1, 20), 50, 0.0
    for turn in range(times):
        aside = tmp_path / "aside"
        aside.mkdir()
        paths = [f"run {turn}/{n}.dat" for n in range(number)]
        for path in paths:
            file = aside / Path(path).name
            content = f"{path} of an instrument".encode()
            file.write_bytes(content)
            watched.written.add(path, content)
            if how == "mode":
                file.chmod(0)
            else:
                file.chmod(0o600)
                os.chown(file, NOBODY, NOBODY)
        aside.rename(watched.root / f"run {turn}")
        watched.save("good.dat", f"{turn}".encode())
        watched.wait_sent("good.dat")
        for path in paths:
            told = watched.wait("problem", path)
            assert told["reason"] == f"{Path(path).name} may not be read"
        (shown,) = watched.ask("status")[0]["tasks"][0]["problems"]
        assert "has no right to read the file" in shown["advice"]
        assert f"So it is with {number - 1} more files" in shown["advice"]
        rows = watched.rows()
        assert all(rows[path]["state"] == "problem" for path in paths)
        given_at = time.monotonic()
        for path in paths:
            if how == "mode":
                (watched.root / path).chmod(0o644)
            else:
                os.chown(watched.root / path, os.getuid(), os.getgid())
        watched.wait_sent(*paths, timeout_s=30)
        worst = max(worst, time.monotonic() - given_at)
        assert watched.ask("status")[0]["tasks"][0]["problems"] == []
    assert len(watched.run.find(event="problem")) == times
    watched.stop()
    judged("F24", f"{how} changed, {number} files", times, watched.verdict(), recovery_s=worst)


def test_a_folder_that_may_not_be_read_is_one_problem_that_passes(
    watched: Watched, judged: Callable[..., None]
) -> None:
    for number in range(20):
        watched.save(f"run/{number}.dat", str(number).encode())
    folder = watched.root / "run"
    folder.chmod(0)
    watched.save("good.dat", b"good")
    watched.start()
    watched.wait_sent("good.dat")
    (problem,) = watched.run.find(event="problem")
    assert problem["title"] == "Cannot read run"
    given_at = time.monotonic()
    folder.chmod(0o755)
    watched.wait_sent(timeout_s=60)
    worst = time.monotonic() - given_at
    watched.ask("rescan")
    watched.run.wait_until(
        lambda: watched.ask("status")[0]["tasks"][0]["problems"] == [], timeout_s=30, what="the problem is solved"
    )
    watched.stop()
    judged("F24", "mode of a folder changed", 1, watched.verdict(), recovery_s=worst)
