"""``send``: one big file, whole processes."""

from __future__ import annotations

from benchmarks.bench import Bench, clear
from benchmarks.measure import Sample
from benchmarks.report import Goal, Row, compared


def send_256(bench: Bench) -> Row:
    """One file of 256 MB."""
    return _send(bench, 256, least=1.0, aim=1.15)


def send_1024(bench: Bench) -> Row:
    """One file of 1 GB."""
    row = _send(bench, 1024, least=1.0, aim=1.2, rounds=min(3, bench.options.rounds))
    return row


def send_10240(bench: Bench) -> Row:
    """One file of 10 GB; takes minutes and 20 GB of disk."""
    return _send(bench, 10240, least=1.0, aim=1.2, rounds=1, with_theirs=False)


def _send(
    bench: Bench, megabytes: int, *, least: float, aim: float, rounds: int | None = None, with_theirs: bool = True
) -> Row:
    path = bench.big_file(megabytes)
    data = bench.folder_for("data")

    def bare() -> Sample:
        topic = bench.topic()
        sample = bench.bare("send", topic, path).ended()
        bench.drop(topic)
        return sample

    def ours() -> Sample:
        topic = bench.topic()
        sample = bench.ours("send", path, "--topic", topic, "--bootstrap", bench.kafka.bootstrap(), data=data).ended()
        bench.drop(topic)
        return sample

    def theirs() -> Sample:
        topic = bench.topic()
        sample = bench.theirs("UploadDataFile", path, topic).ended()
        bench.drop(topic)
        return sample

    candidates = {"bare loop": bare, "ours": ours}
    if bench.has_openmsistream and with_theirs:
        candidates["OpenMSIStream"] = theirs
    series = bench.alternate(candidates, rounds=rounds)
    clear(data)
    row = compared(f"`send` one file of {megabytes} MB", series, least=least, aim=aim)
    if megabytes >= 1024:
        row.goals.append(Goal("RSS", series["ours"].rss_mb, 130, unit=" MB", is_limit=True, digits=0))
        clear(path.parent)  # with what OpenMSIStream left there
    return row
