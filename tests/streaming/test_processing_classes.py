"""Somebody's Python classes work on files: what they get, what becomes of what they return, and where they are found."""

from __future__ import annotations

import ast
import json
import shutil
import sys
from pathlib import Path

import pytest
from servers.systems import Needs, not_on_windows
from streaming.class_bench import ClassBench, title_of, value_of
from streaming.processing import Bench, delivered, failed

from openmsi_desktop import processing
from openmsi_desktop.core.errors import NeedsYou

PACKAGE = Path(processing.__file__).parent
OTHER_PYTHONS = [
    *filter(None, (shutil.which(f"python3.{minor}") for minor in range(9, 15))),
    *(str(path) for minor in (9, 13) for path in Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python")),
]
PYTHONS = [sys.executable, *(path for path in OTHER_PYTHONS if "shims" not in path)]


@pytest.fixture
def bench(tmp_path: Path) -> ClassBench:
    return ClassBench(tmp_path)


ALL_OF_IT = """
class All(MetadataReproducer):
    def __init__(self, depth=0, **rest):
        self.given = {"depth": depth, **rest}

    def extract(self, file):
        with file.open() as opened:
            first = opened.read(1).decode()
        return {
            "path": file.path, "name": file.name, "relative_path": file.relative_path, "topic": file.topic,
            "size": file.size, "sha512": file.sha512, "modified": file.modified, "output": file.output_dir,
            "content": file.read_bytes(), "text": file.read_text(), "buffer": file.as_buffer().getvalue(),
            "first": first, "given": self.given, "version": sys.version_info[:2], "found in": sys.path,
        }
"""


@pytest.mark.parametrize("python", PYTHONS, ids=range(len(PYTHONS)))
def test_a_class_gets_the_file_and_all_that_is_known_of_it(
    bench: ClassBench, monkeypatch: pytest.MonkeyPatch, python: str
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)  # nothing of ours is installed there
    bench.write(ALL_OF_IT)
    options = {"depth": 3, "exact": True, "name": "x", "factor": 0.5}
    with bench.runner("analysis:All", options=options, python=python) as runner:
        work = bench.work()
        ran = runner.run(work)
        told = value_of(ran)
    assert ran.results[0].key == b"a_b c.xy_chunk_processing_result"
    assert told.pop("version") >= [3, 9]
    found_in = told.pop("found in")
    if python != sys.executable:  # which may have this program installed beside other packages
        assert str(PACKAGE) not in found_in and str(PACKAGE.parent) not in found_in
    assert told == {
        "path": str(work.file), "name": "b c.xy", "relative_path": "a/b c.xy", "topic": "t", "size": 4,
        "sha512": work.sha512, "modified": "2023-11-14T22:13:20.500000+00:00", "output": str(work.output_dir),
        "content": "1 2\n", "text": "1 2\n", "buffer": "1 2\n", "first": "1", "given": options,
    }  # fmt: skip


def test_what_runs_elsewhere_is_written_for_old_pythons() -> None:
    modules = sorted(PACKAGE.glob("processing*.py"))
    assert len(modules) >= 6
    for module in modules:
        source = module.read_text("utf-8")
        oldest = (3, 4) if module.name == "processing_worker.py" else (3, 9)
        ast.parse(source, feature_version=oldest)
        names = {node.module if isinstance(node, ast.ImportFrom) else alias.name
                 for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)
                 for alias in node.names}  # fmt: skip
        foreign = {str(name).split(".")[0] for name in names} - sys.stdlib_module_names - {"openmsi_desktop"}
        assert foreign <= ({"openmsistream"} if "openmsistream" in module.name else set())


RESULTS = """
import datetime, decimal, math

class Odd:
    def tolist(self):
        return [1, math.nan]

class Results(StreamReproducer):
    def reproduce(self, file):
        match file.name if sys.version_info >= (3, 10) else "":
            case "none": return None
            case "bytes": return Result(b"\\x00\\xff", key="k\\u00e9y")
            case "text": return Result("\\u00e9", key=b"\\x01")
            case "many": return (Result(str(n)) for n in range(3))
            case "json": return Result({"nan": math.nan, 1: {2.5}, "when": datetime.date(2026, 1, 2), "odd": Odd(),
                                        "where": Path("ab"), "deep": [{"x": (1, None, True)}]})
            case "number": return 5
            case "value": return Result(5)
            case "big": return Result(bytes(1_000_001))
            case "strange": return Result({"x": decimal.Decimal(1)})
"""


def test_results_are_bytes_text_or_json_one_or_several(bench: ClassBench) -> None:
    bench.write(RESULTS)
    with bench.runner("analysis:Results") as runner:
        found = {
            name: [(result.key, result.value) for result in runner.run(bench.work(name)).results]
            for name in ("none", "bytes", "text", "many", "json")
        }
        wrong = [title_of(runner.run(bench.work(name))) for name in ("number", "value", "big", "strange")]
    usual = b"_%s_chunk_processing_result"
    assert found == {
        "none": [],
        "bytes": [("kéy".encode(), b"\x00\xff")],
        "text": [(b"\x01", "é".encode())],
        "many": [(usual % b"many", b"0"), (usual % b"many", b"1"), (usual % b"many", b"2")],
        "json": [
            (
                usual % b"json",
                (
                    b'{"nan": null, "1": [2.5], "when": "2026-01-02", "odd": [1, null], "where": "ab", '
                    b'"deep": [{"x": [1, null, true]}]}'
                ),
            )
        ],
    }
    assert wrong == [
        "peaks failed: TypeError: reproduce() returned a int; it has to return a Result, several, or None",
        "peaks failed: TypeError: the value of a Result is a int; it has to be bytes, text or a dict",
        "peaks made a result too big for one message",
        "peaks failed: TypeError: a Decimal cannot be written as JSON: Decimal('1')",
    ]


FAILING = """
class Failing(StreamProcessor):
    def setup(self):
        print("not of any file")

    def process(self, file):
        print("looking at", file.name)
        print(os.getpid(), file=open(file.output_dir / "pid", "w"))
        os.write(1, b"from far below\\n")
        print("warned", file=sys.stderr)
        if file.name == "bad.xy":
            raise ValueError("no peak\\nin it")
        if file.name == "exit.xy":
            sys.exit(3)
        if file.name == "returns.xy":
            return 5

    def failed(self, file, error):
        (file.output_dir / "failed").write_text(repr(error))
        raise KeyError("this one is not told first")
"""


def test_what_a_class_raises_is_told_with_its_traceback_and_output_and_the_next_file_goes_on(bench: ClassBench) -> None:
    bench.write(FAILING)
    names = ("good.xy", "bad.xy", "exit.xy", "returns.xy", "good.xy")
    with bench.runner("analysis:Failing") as runner:
        works = [bench.work(name) for name in names]
        good, bad, left, returned, after = [runner.run(work) for work in works]
    assert good.error is None and good.output == "looking at good.xy\nfrom far below\nwarned"
    assert title_of(bad) == "peaks failed: ValueError: no peak"
    assert bad.error is not None and "analysis.py, line 16" in bad.error.advice
    assert bad.output.startswith("looking at bad.xy\nfrom far below\nwarned\n")
    assert 'raise ValueError("no peak' in bad.output and "processing_" not in bad.output.split("Traceback")[-1]
    assert (works[1].output_dir / "failed").read_text() == r"ValueError('no peak\nin it')"
    assert title_of(left) == "peaks failed: it called sys.exit: 3"
    assert "process() returned a int" in title_of(returned)
    assert after.error is None and after.output == good.output
    assert len({(work.output_dir / "pid").read_text() for work in works}) == 1


def test_a_helper_of_any_name_is_not_taken_for_the_method(bench: ClassBench) -> None:
    bench.write("""
        class Plot(StreamProcessor):
            def process(self, file):
                self.extract(file, 5)

            def extract(self, file, more):
                (file.output_dir / "seen").write_text(str(more))

        class Duck:
            def reproduce(self, file):
                return [Result(file.name)]
        """)
    with bench.runner("analysis:Plot") as runner:
        work = bench.work()
        assert runner.run(work).error is None
        assert (work.output_dir / "seen").read_text() == "5"
    with bench.runner("analysis:Duck") as runner:
        assert [result.value for result in runner.run(bench.work()).results] == [b"b c.xy"]


def test_a_class_is_found_by_its_file_with_what_lies_beside_it(bench: ClassBench, tmp_path: Path) -> None:
    (tmp_path / "my analysis").mkdir()
    # names of modules of ours: they must not come first
    bench.write("FACTOR = 7\n", name="my analysis/settings.py", prelude="")
    bench.write("import settings\nclass A(MetadataReproducer):\n def extract(self, file): return {'f': settings.FACTOR}\n",
                name="my analysis/core.py")  # fmt: skip
    with bench.runner(f"{tmp_path}/my analysis/core.py:A") as runner:
        assert value_of(runner.run(bench.work())) == {"f": 7}


def test_modules_of_ours_hide_none_of_the_class(
    bench: ClassBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "logs.py").write_text("OF = 'the laboratory'\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    bench.write("import logs\nclass A(MetadataReproducer):\n def extract(self, file): return {'logs': logs.OF}\n")
    with bench.runner("analysis:A") as runner:
        assert value_of(runner.run(bench.work())) == {"logs": "the laboratory"}


def test_a_class_is_found_by_the_entry_point_of_an_installed_package(
    bench: ClassBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "site"
    (installed / "xrd_tools-1.dist-info").mkdir(parents=True)
    (installed / "xrd_tools-1.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: xrd-tools\nVersion: 1\n"
    )
    (installed / "xrd_tools-1.dist-info" / "entry_points.txt").write_text(
        "[openmsi_desktop.processors]\npeak-finder = xrd_tools:Finder\n"
    )
    bench.write(
        "class Finder(MetadataReproducer):\n def extract(self, file): return {'x': 1}\n", name="site/xrd_tools.py"
    )
    monkeypatch.setenv("PYTHONPATH", str(installed))
    with bench.runner("peak-finder") as runner:
        assert value_of(runner.run(bench.work())) == {"x": 1}
    with bench.runner("peaks") as runner, pytest.raises(NeedsYou) as caught:
        runner.prepare()
    assert "Installed are: peak-finder" in caught.value.advice


@pytest.mark.parametrize(
    ("source", "class_", "title"),
    [
        ("import nowhere_to_be_found", "analysis:A", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("class A(StreamProcessor) pass", "analysis:A", "SyntaxError"),
        ("class A(StreamProcessor): pass", "analysis:A", "A is not complete"),
        ("class B(StreamProcessor): pass", "analysis:A", "there is no A in analysis"),
        ("class A: pass", "analysis:A", "A is no class that works on files"),
        ("def A(): pass", "analysis:A", "A is no class that works on files"),
        ("class A(StreamProcessor):\n def process(self, file): ...\n def setup(self): raise OSError('no table')",
         "analysis:A", "OSError: no table"),
        ("class A(StreamProcessor):\n def process(self, file): ...\n def __init__(self, table): ...",
         "analysis:A", "missing 1 required positional argument: 'table'"),
        ("os._exit(4)", "analysis:A", "its process ended itself with exit status 4"),
        pytest.param("os.kill(os.getpid(), signal.SIGSEGV)", "analysis:A", "its process was ended by SIGSEGV",
                     marks=not_on_windows(Needs.SIGNALS)),
    ],
)  # fmt: skip
def test_a_class_that_cannot_be_used_concerns_the_sink_and_goes_on_once_corrected(
    bench: ClassBench, source: str, class_: str, title: str
) -> None:
    bench.write(source)
    with bench.runner(class_) as runner:
        for attempt in (runner.prepare, lambda: runner.run(bench.work())):
            with pytest.raises(NeedsYou) as caught:
                attempt()
            assert title in caught.value.title, caught.value
            assert "The files wait" in caught.value.advice
        bench.write("class A(MetadataReproducer):\n def extract(self, file): return {'x': 1}\n")
        runner.prepare()
        assert value_of(runner.run(bench.work())) == {"x": 1}


@not_on_windows(Needs.MODES)
def test_an_interpreter_that_is_none_is_named(bench: ClassBench, tmp_path: Path) -> None:
    bench.write(ALL_OF_IT)
    no_python = tmp_path / "no-python"
    no_python.write_text("#!/bin/sh\necho I am a shell script; exit 1\n")
    plain = tmp_path / "plain"
    plain.write_text("")
    (tmp_path / "empty").mkdir()
    for python, title in (
        ("/nowhere/bin/python", "The Python interpreter /nowhere/bin/python is missing"),
        (str(plain), f"{plain} is not a program"),
        (str(tmp_path / "empty"), f"There is no Python in the folder {tmp_path / 'empty'}"),
        (str(no_python), "analysis:All cannot be loaded"),
    ):
        if python == str(no_python):
            no_python.chmod(0o700)
        with bench.runner("analysis:All", python=python) as runner, pytest.raises(NeedsYou) as caught:
            runner.prepare()
        assert title in caught.value.title
    with bench.runner("analysis:All", folder=str(tmp_path / "gone")) as runner, pytest.raises(NeedsYou) as caught:
        runner.prepare()
    assert caught.value.title == "The working folder of peaks is missing"


def test_the_folder_of_an_environment_stands_for_its_interpreter(bench: ClassBench) -> None:
    bench.write(ALL_OF_IT)
    with bench.runner("analysis:All", python=sys.prefix) as runner:
        assert runner.run(bench.work()).error is None


def test_a_class_behind_the_sink_loses_no_try_while_it_cannot_be_loaded(tmp_path: Path) -> None:
    writer = ClassBench(tmp_path)
    writer.write("import nowhere_to_be_found")
    bench = Bench(tmp_path, None, **{"class": f"{tmp_path}/analysis.py:A"})
    try:
        with pytest.raises(NeedsYou):
            bench.one("a.xy")
        writer.write(
            "class A(StreamProcessor):\n def process(self, file):\n  if file.read_bytes() == b'bad': raise ValueError(file.name)\n"
        )
        assert delivered(bench.one("a.xy"))
        bad = failed(bench.one("b.xy", b"bad"))
        assert not bad.concerns_sink and not bad.is_final and "ValueError: b.xy" in str(bad.error)
        (tmp_path / "analysis.py").unlink()
        assert delivered(bench.one("c.xy"))  # what is loaded stays
    finally:
        bench.close()


def test_a_file_at_a_time_no_year_can_name(bench: ClassBench) -> None:
    bench.write(ALL_OF_IT)
    with bench.runner("analysis:All") as runner:
        assert value_of(runner.run(bench.work(modified=1e18)))["modified"] is None
        assert value_of(runner.run(bench.work(modified=None)))["modified"] is None


def test_json_is_ascii_as_openmsistream_writes_it(bench: ClassBench) -> None:
    bench.write("class A(MetadataReproducer):\n def extract(self, file): return {'ü': '€', 'path': file.name}\n")
    with bench.runner("analysis:A") as runner:
        (result,) = runner.run(bench.work("ö.xy")).results
    assert result.value.decode("ascii") == json.dumps({"ü": "€", "path": "ö.xy"})
