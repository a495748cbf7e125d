"""``transfer`` and ``process`` of what lies on a topic already: until everything is stored, or was seen by a program."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from servers.openmsistream import OpenMSIStream
from servers.parts import CACHE, ROOT
from servers.s3 import REGION, S3
from servers.s3 import ROOT as KEYS

from benchmarks import bare_onward
from benchmarks.bench import Bench, clear
from benchmarks.downloading import delivered_in, filled
from benchmarks.measure import Failed, Sample
from benchmarks.report import Goal, Row, compared

_MOST_MB = 200
_KEYS = {
    "AWS_ACCESS_KEY_ID": KEYS.access_key_id,
    "AWS_SECRET_ACCESS_KEY": KEYS.secret,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def transfer_256(bench: Bench) -> Row:
    """One file of 256 MB into a bucket."""
    return _transferred(bench, "`transfer` one file of 256 MB", bench.big_file(256), 1, aim=1.5)


def transfer_1024(bench: Bench) -> Row:
    """One file of 1 GB into a bucket."""
    path = bench.big_file(1024)
    row = _transferred(bench, "`transfer` one file of 1 GB", path, 1, aim=1.5, most_rounds=3, with_theirs=False)
    clear(path.parent)
    return row


def transfer_500(bench: Bench) -> Row:
    """500 files of 10 kB into a bucket."""
    return _transferred(bench, "`transfer` 500 files of 10 kB", bench.small_files(500), 500, aim=1.7)


def transfer_5000(bench: Bench) -> Row:
    """5,000 files of 10 kB into a bucket: starting does not count any more."""
    source = bench.small_files(5000)
    return _transferred(
        bench, "`transfer` 5,000 files of 10 kB", source, 5000, aim=1.7, most_rounds=3, with_theirs=False
    )


def process_500(bench: Bench) -> Row:
    """A program that does nothing, for each of 500 files of 10 kB."""
    files, source = 500, bench.small_files(500)
    topic = filled(bench, source)
    nothing = shutil.which("true") or "/bin/true"
    series = bench.alternate(
        {
            "bare loop": lambda: bench.start(
                [sys.executable, bare_onward.__file__, "program", bench.kafka.bootstrap(), topic, str(files), nothing]
            ).ended(),
            "ours": lambda: _ours(bench, ["process", topic, "--", nothing, "{file}"], files),
        }
    )
    row = Row(
        "`process` 500 files of 10 kB by a program that does nothing", {k: runs.told() for k, runs in series.items()}
    )
    overhead = series["ours"].wall_s / series["bare loop"].wall_s
    row.goals.append(Goal("× the time of a bare loop that starts programs", overhead, 1.5, is_limit=True))
    bench.drop(topic)
    return row


def process_class(bench: Bench) -> Row:
    """A Python class that does nothing, for each of 1,000 and of 10,000 files of 10 kB."""
    rates = []
    cells = []
    for count in (1000, 10_000):
        topic = filled(bench, bench.small_files(count))
        folder = _class_in(bench)

        def run(topic: str = topic, count: int = count, folder: Path = folder) -> Sample:
            command: list[str | Path] = ["process", topic, "--class", "nothing:Nothing"]
            return _ours(bench, command, count, env={"PYTHONPATH": f"{folder}:{ROOT}"})

        series = bench.alternate({"ours": run}, rounds=min(3, bench.options.rounds))["ours"]
        rates.append(count / series.wall_s)
        cells.append(f"{count:,} files: {series.told()}")
        bench.drop(topic)
    warm = 9000 / (10_000 / rates[1] - 1000 / rates[0])
    return Row(
        "`process` files of 10 kB by a Python class that does nothing",
        {"ours": "<br>".join(cells)},
        [Goal("files/s, start and end taken out", warm, 1000, digits=0)],
    )


def process_cost(bench: Bench) -> Row:
    """Whether a file costs the same in the first thousand as in the last of 100,000."""
    costs = []
    cells = []
    for count in (1000, 20_000, 100_000):
        topic = filled(bench, bench.small_files(count, size=1000))
        nothing = _class_in(bench)
        sample = _ours(
            bench, ["process", topic, "--class", "nothing:Nothing"], count, env={"PYTHONPATH": f"{nothing}:{ROOT}"}
        )
        costs.append(sample.cpu_s / count * 1000)
        cells.append(
            f"{count:,} files: {sample.wall_s:.1f} s, CPU {sample.cpu_s / count * 1000:.2f} ms a file, {sample.rss_mb:.0f} MB"
        )
        bench.drop(topic)
    return Row(
        "`process` files of 1 kB by a Python class, more and more of them",
        {"ours": "<br>".join(cells)},
        [Goal("× the processor time of 20,000 for 100,000, each file", costs[2] / costs[1], 1.2, is_limit=True)],
    )


def _class_in(bench: Bench) -> Path:
    folder = bench.folder_for("class")
    (folder / "nothing.py").write_text(
        "from openmsi_desktop.processing import StreamProcessor\n\n\n"
        "class Nothing(StreamProcessor):\n    def process(self, file):\n        return None\n",
        encoding="utf-8",
    )
    return folder


def _transferred(
    bench: Bench,
    work: str,
    source: Path,
    files: int,
    *,
    aim: float,
    most_rounds: int = 100,
    with_theirs: bool = True,
) -> Row:
    topic = filled(bench, source)
    with S3(bench.folder_for("s3"), CACHE / "versitygw" / "versitygw") as s3:
        candidates: dict[str, Callable[[], Sample]] = {
            "bare loop": lambda: _bare(bench, s3, topic, files),
            "ours": lambda: _our_transfer(bench, s3, topic, files),
        }
        if bench.has_openmsistream and with_theirs:
            candidates["OpenMSIStream"] = lambda: _theirs(bench, s3, topic, files)
        series = bench.alternate(candidates, rounds=min(most_rounds, bench.options.rounds))
    bench.drop(topic)
    row = compared(work, series, least=1.0, aim=aim)
    if files > 1:
        for name, runs in series.items():
            row.cells[name] = f"{files / runs.wall_s:.0f} files/s: {row.cells[name]}"
    row.goals.append(Goal("memory", series["ours"].rss_mb, _MOST_MB, unit=" MB", is_limit=True, digits=0))
    return row


def _bare(bench: Bench, s3: S3, topic: str, files: int) -> Sample:
    bucket = s3.create_bucket()
    command: list[str | Path] = [sys.executable, bare_onward.__file__, "bucket", bench.kafka.bootstrap(), topic]
    sample = bench.start([*command, str(files), s3.endpoint, bucket], env=_KEYS).ended()
    _emptied(s3, bucket, files)
    return sample


def _our_transfer(bench: Bench, s3: S3, topic: str, files: int) -> Sample:
    bucket = s3.create_bucket()
    options = ["--bucket", bucket, "--endpoint-url", s3.endpoint, "--region", REGION]
    sample = _ours(bench, ["transfer", topic, *options], files, env=_KEYS)
    _emptied(s3, bucket, files)
    return sample


def _theirs(bench: Bench, s3: S3, topic: str, files: int) -> Sample:
    """It says nothing of what it has stored: the bucket has to tell."""
    bucket = s3.create_bucket()
    folder = bench.folder_for("theirs")
    programs = OpenMSIStream(CACHE / "openmsistream", folder)
    config = programs.write_config({"bootstrap.servers": bench.kafka.bootstrap()}, name="s3")
    with open(config, "a", encoding="utf-8") as file:
        file.write(
            f"[s3]\naccess_key_id = {KEYS.access_key_id}\nsecret_key_id = {KEYS.secret}\n"
            f"endpoint_url = {s3.endpoint}\nregion = {REGION}\n"
        )
    running = bench.start(
        [
            *(programs.program("S3TransferStreamProcessor"), bucket, "--config", config, "--topic_name", topic),
            *("--output_dir", folder / "output", "--mode", "memory"),
        ],
        env={"PYTHONWARNINGS": "ignore"},
    )
    wall_s = running.until(lambda: _stored(s3, bucket) >= files)
    running.write("q")
    sample = running.ended(wall_s=wall_s)
    _emptied(s3, bucket, files)
    return sample


def _ours(bench: Bench, command: list[str | Path], files: int, *, env: dict[str, str] | None = None) -> Sample:
    folder = bench.folder_for("onward")
    data = folder / "data"
    data.mkdir()
    where = command.index("--") if "--" in command else len(command)
    options = ["--bootstrap", bench.kafka.bootstrap()]
    running = bench.ours(*command[:where], *options, *command[where:], data=data, env=env)
    wall_s = running.until(lambda: delivered_in(data) >= files)
    running.stop()
    sample = running.ended(wall_s=wall_s)
    clear(folder)
    return sample


def _stored(s3: S3, bucket: str) -> int:
    """How many objects a bucket has."""
    pages = s3.client().get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return sum(page.get("KeyCount", 0) for page in pages)


def _emptied(s3: S3, bucket: str, files: int) -> None:
    """Look whether everything is there, and give its room back."""
    client = s3.client()
    found = 0
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        names = [item["Key"] for item in page.get("Contents", [])]
        found += sum(not name.startswith(".openmsi-desktop/") for name in names)
        for name in names:
            client.delete_object(Bucket=bucket, Key=name)
    if found != files:
        raise Failed(f"{found} objects in the bucket instead of {files}")
