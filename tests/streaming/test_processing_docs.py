"""The classes shown in docs/classes.md and in openmsi_desktop/processing.py do what is said there."""

from __future__ import annotations

import ast
import json
import struct
import textwrap
from pathlib import Path
from typing import Any

import pytest
from servers.parts import CACHE, ROOT, require
from streaming.class_bench import ClassBench

from openmsi_desktop import processing
from openmsi_desktop.streaming.sinks.processor.runner import Ran

PAGE = ROOT / "docs" / "classes.md"
TUTORIALS = CACHE / "tutorials"
CURVE = b"# angle counts\n10 1\n20 5\n30 3\n"


def examples() -> dict[str, str]:
    """Name of each module of the page -> its source: the last file named before it."""
    found, parts = {}, PAGE.read_text("utf-8").split("```")
    for before, block in zip(parts[0::2], parts[1::2], strict=False):
        if block.startswith("python\n"):
            name = [word.strip("`,:") for word in before.split() if word.strip("`,:").endswith(".py")][-1]
            found[name] = block.removeprefix("python\n")
    return found


def shown_in(item: Any) -> str:
    """The example in a docstring: what is indented after two colons."""
    after = (item.__doc__ or "").split("::\n", 1)[1]
    lines = after.splitlines()
    indented = [line for line in lines if not line.strip() or line.startswith("    ")]
    return textwrap.dedent("\n".join(indented))


@pytest.fixture
def bench(tmp_path: Path) -> ClassBench:
    made = ClassBench(tmp_path)
    for name, source in examples().items():
        ast.parse(source)
        made.write(source, name=name, prelude="")
    return made


@pytest.fixture
def scientific() -> str:
    """An environment with pandas, numpy and matplotlib."""
    require("pandas", "the examples with it are not run; tools/setup installs it", found=TUTORIALS.exists())
    return str(TUTORIALS)


def values(ran: Ran) -> list[Any]:
    assert ran.error is None, f"{ran.error}\n{ran.output}"
    return [json.loads(result.value) for result in ran.results]


def test_the_page_has_these_examples() -> None:
    assert list(examples()) == ["lines.py", "columns.py", "events.py", "mean.py"]


@pytest.mark.parametrize(
    ("class_", "options", "data", "expected"),
    [
        ("lines:LineCount", {}, b"1\n2\n", [{"name": "b c.xy", "lines": 2}]),
        ("events:Events", {}, b"fine\nERROR hot\n", [{"line": 2, "text": "ERROR hot"}]),
        ("mean:Mean", {"skip": 1}, CURVE, [{"mean": 3.0}]),
    ],
)
def test_an_example_of_the_page(
    bench: ClassBench, class_: str, options: dict[str, Any], data: bytes, expected: list[Any]
) -> None:
    with bench.runner(class_, options=options) as runner:
        assert values(runner.run(bench.work(data=data))) == expected


def test_the_examples_of_the_page_with_pandas_and_numpy(bench: ClassBench, scientific: str) -> None:
    with bench.runner("columns:Columns", python=scientific) as runner:
        told = values(runner.run(bench.work(data=b"angle,counts\n10,1\n20,5\n")))
    assert told == [{"columns": ["angle", "counts"], "rows": 2, "highest": [20, 5]}]
    with bench.runner("columns:Spectrum", python=scientific) as runner:
        work = bench.work("a/raw.dat", struct.pack("<3I", 1, 2, 3))
        assert values(runner.run(work)) == [{"file": "a/raw.dat", "sum": 6}]
        assert (work.output_dir / "raw.npy").exists()


def test_the_examples_in_the_module(bench: ClassBench, scientific: str) -> None:
    bench.write("import matplotlib.figure, numpy\n" + shown_in(processing.StreamProcessor), name="plot.py")
    bench.write("import numpy\n" + shown_in(processing.StreamReproducer), name="peak.py")
    bench.write("import pandas\n" + shown_in(processing.MetadataReproducer), name="columns.py")
    bench.write(shown_in(processing), name="first.py", prelude="")
    with bench.runner("first:LineCount") as runner:
        assert values(runner.run(bench.work(data=CURVE))) == [{"name": "b c.xy", "lines": 4}]
    with bench.runner("plot:Plot", python=scientific, options={"dpi": 50}) as runner:
        work = bench.work(data=CURVE)
        assert values(runner.run(work)) == []
        assert (work.output_dir / "b c.png").read_bytes().startswith(b"\x89PNG")
    with bench.runner("peak:Peak", python=scientific) as runner:
        assert values(runner.run(bench.work(data=CURVE))) == [{"file": "a/b c.xy", "x": 20.0, "y": 5.0}]
    with bench.runner("columns:Columns", python=scientific) as runner:
        assert values(runner.run(bench.work(data=b"angle,counts\n1,2\n"))) == [{"columns": ["angle", "counts"]}]
