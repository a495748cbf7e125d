"""What a task does and does not do, in sentences made of its settings. Pure functions; know no widgets."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLocale

from openmsi_desktop.gui import words
from openmsi_desktop.gui.file_words import shown
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.sinks.words import Sink
from openmsi_desktop.settings import Bucket, Download, Limit, Period, Settle, WatchedFolder

Sentences = list[tuple[str, str]]
"""(what it is about, what holds)"""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def of_watched(task: WatchedFolder) -> Sentences:
    """What a watched folder sends, when, and how fast."""
    out = [
        (tr("Folder"), shown(str(task.path))),
        (tr("Goes to"), _goes_to(task)),
        (tr("Sends"), fill(tr("files that fit %1"), _patterns(task.include)) if task.include else tr("every file")),
        (tr("Leaves out"), _left_out(task)),
    ]
    if task.min_size or task.max_size:
        out.append((tr("Size"), _sizes(task.min_size, task.max_size)))
    if task.newer_than:
        out.append((tr("Age"), fill(tr("only files changed since %1, or not older than that"), task.newer_than)))
    out += [
        (tr("Finished when"), _settled(task.settle)),
        (tr("Already there"), _existing(task)),
        (tr("Checking", "row of the rules"), _checking(task)),
        (tr("Receipts"), tr("asked for") if task.receipts else tr("not asked for")),
        (tr("Speed"), _limit(task.limit)),
    ]
    return out


def of_download(task: Download, sinks: Sequence[Sink] = ()) -> Sentences:
    """What a reader takes, where that goes, and what it does with files that are there. sinks: its buckets and processors."""
    begin = {"start": tr("with the oldest file on the topic"), "now": tr("with what comes from now on")}
    exists = {
        "keep-both": tr("both are kept, the new one under another name"),
        "newest": tr("the newer one wins"),
        "skip": tr("the one that is there stays"),
    }
    shared = fill(tr("shared with other computers as “%1”: each file goes to one of them"), task.group)
    out = [
        (tr("Topics"), ", ".join(task.topics)),
        (tr("Connection"), task.connection),
        *([(tr("Saved in"), shown(str(task.target)))] if task.target is not None else ()),
        *(pair for sink in sinks for pair in _of_sink(sink)),
        (tr("Begins"), begin.get(task.from_, task.from_)),
        (tr("Takes"), fill(tr("files that fit %1"), _patterns(task.include)) if task.include else tr("every file")),
    ]
    if task.exclude:
        out.append((tr("Leaves out"), _patterns(task.exclude)))
    if task.target is not None:
        out.append((tr("If a file exists"), exists[task.if_exists]))
    out += [
        (tr("Receipts"), tr("sent for every file") if task.receipts else tr("none")),
        (tr("Readers"), shared if task.group else tr("this computer gets every file")),
    ]
    if task.keep_free is not None:
        out.append((tr("Keeps free"), fill(tr("%1 on the disk of the folder"), words.size(task.keep_free))))
    return out


def _of_sink(sink: Sink) -> Sentences:
    if isinstance(sink, Bucket):
        exists = {
            "keep-both": tr("both are kept, ours under another name"),
            "newest": tr("ours takes the name, the other one is moved aside"),
            "skip": tr("the one that is there stays"),
        }
        return [
            (tr("Stored in"), fill(tr("the bucket %1 as %2"), sink.bucket, sink.object_key)),
            (tr("If an object exists"), exists[sink.if_exists]),
        ]
    work = sink.class_ or " ".join(sink.command)
    results = fill(tr("go to the topic %1"), sink.result_topic) if sink.result_topic else tr("are not sent")
    tries = tr("%n tries for each file", "", sink.tries)
    limit = fill(tr("at most %1 for a file, %2"), words.duration(sink.time_limit_s), tries)
    return [(tr("Runs"), shown(work)), (tr("Limits"), limit), (tr("Results"), results)]


def technical(task: WatchedFolder | Download) -> Sentences:
    """What only some want to know."""
    if isinstance(task, WatchedFolder):
        return [(tr("Size of a part"), fill(tr("%1 of file data in one message"), words.size(task.chunk_size)))]
    return [(tr("Consumer group"), task.group or tr("none: this computer keeps its own position"))]


def _goes_to(task: WatchedFolder) -> str:
    text = fill(tr("topic %1 on %2"), task.topic, task.connection)
    return fill(tr("%1, below %2"), text, shown(task.subfolder)) if task.subfolder else text


def _left_out(task: WatchedFolder) -> str:
    parts = [_patterns(task.exclude)] if task.exclude else []
    if not task.temporary:
        parts.append(tr("temporary and hidden files"))
    if not task.subfolders:
        parts.append(tr("sub-folders"))
    return ", ".join(parts) or tr("nothing")


def _sizes(least: int, most: int) -> str:
    if least and most:
        return fill(tr("from %1 to %2"), words.size(least), words.size(most))
    return fill(tr("at least %1"), words.size(least)) if least else fill(tr("at most %1"), words.size(most))


def _settled(settle: Settle) -> str:
    quiet = words.duration(settle.quiet_s) if settle.quiet_s else ""
    if settle.unit == "growing":
        text = fill(tr("never: what is there is sent every %1"), words.duration(settle.every_s))
    elif settle.unit == "folder":
        text = fill(tr("its whole sub-folder has not changed for %1"), quiet or words.duration(1))
    elif quiet:
        text = fill(tr("it has not changed for %1"), quiet)
    else:
        text = tr("at once, when it appears")
    if settle.marker:
        text = fill(tr("%1, and its marker %2 is there"), text, settle.marker)
    if settle.partner:
        text = fill(tr("%1, and its partner %2 is there"), text, settle.partner)
    if settle.max_wait_s:
        text = fill(tr("%1; after %2 in any case"), text, words.duration(settle.max_wait_s))
    return text


def _existing(task: WatchedFolder) -> str:
    if task.existing == "send":
        return tr("files that were there at the first start are sent, too")
    return tr("files that were there at the first start are not sent, unless they change")


def _checking(task: WatchedFolder) -> str:
    if task.check:
        return tr("every file is read back from the topic and compared")
    return tr("the broker’s confirmation counts; files are not read back")


def _limit(limit: Limit) -> str:
    usual = fill(tr("at most %1"), words.rate(limit.bytes_per_s)) if limit.bytes_per_s else tr("no limit")
    return "\n".join([usual, *(_period(p) for p in limit.timetable)])


def _period(period: Period) -> str:
    locale = QLocale()
    short = QLocale.FormatType.ShortFormat
    days = [locale.standaloneDayName(_DAYS.index(day) + 1, short) for day in period.days]
    when = fill(tr("%1–%2"), period.from_, period.to)
    speed = fill(tr("at most %1"), words.rate(period.bytes_per_s)) if period.bytes_per_s else tr("no limit")
    if not days:
        return fill(tr("every day %1: %2"), when, speed)
    return fill(tr("%1 %2: %3"), ", ".join(days), when, speed)


def _patterns(texts: Sequence[str]) -> str:
    return ", ".join(shown(text) for text in texts)
