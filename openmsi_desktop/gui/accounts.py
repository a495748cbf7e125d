"""Why a file is where it is, in steps for people: Found, Rule, Settled, Sent, Checked, Arrived, and what comes next.

Pure functions of an :class:`~openmsi_desktop.streaming.explaining.explanation.Explanation`; know no widgets.
"""

from __future__ import annotations

from dataclasses import dataclass

from openmsi_desktop.core.advice import without_commands
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.file_list import FileRow
from openmsi_desktop.core.listing import ListedFile
from openmsi_desktop.core.task_kinds import PROCESS, TRANSFER
from openmsi_desktop.gui import file_words, words
from openmsi_desktop.gui.account_steps import (
    ARRIVED,
    DONE,
    HELD,
    LEFT_OUT,
    NO_SINKS,
    NOT_YET,
    OPEN,
    TROUBLE,
    Sinks,
    Step,
    of_places,
)
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.streaming.explaining.explanation import Explanation
from openmsi_desktop.streaming.explaining.known import KnownFile
from openmsi_desktop.streaming.explaining.verdicts import Outcome, Verdict

_SENT = (FileState.SENT, FileState.CHECKED, FileState.ARRIVED)
_BEFORE_SENDING = (FileState.FOUND, FileState.WAITING, FileState.HELD, FileState.IGNORED)


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next: the bold beginning, and the rest."""

    sign: tuple[str, str]
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Account:
    """Everything the dialog shows of one file. chip: icon, token and word of its state."""

    chip: tuple[str, str, str]
    about: str
    steps: tuple[Step, ...]
    next: Next


def of_known(found: Explanation, file: KnownFile, *, now: float, sinks: Sinks = NO_SINKS) -> Account:
    """The account of a file in the journal. sinks: buckets and processors by their names."""
    icon, token = words.icon(file.state)
    about = words.size(file.size)
    if file.is_outgoing and file.replaced:
        version = fill(tr("version %1"), words.number(file.replaced + 1))
        about = fill(tr("%1 · %2"), version, about) if about else version
    steps = _sent(found, file, now) if file.is_outgoing else _received(file, sinks, now)
    return Account((icon, token, words.word(file.state, file.kind)), about, steps, _next(found, file, now))


def of_unknown(found: Explanation) -> Account:
    """The account of a path that the journal does not know."""
    if found.below:
        return _of_folder(found)
    steps = [_existence(found)]
    steps += [_rule(v, tr("Rule") if len(found.verdicts) == 1 else v.task) for v in found.verdicts]
    about = ""
    best = next((v for v in found.verdicts if v.outcome is Outcome.NEW), found.verdicts[0] if found.verdicts else None)
    if best is not None and best.outcome is Outcome.NEW and found.streaming is not None:
        steps.append(Step(tr("Settled"), NOT_YET, tr("not yet"), _after(best)))
    return Account((*OPEN, tr("Not known")), about, tuple(steps), _next_of_unknown(found, best))


def _of_folder(found: Explanation) -> Account:
    steps = tuple(
        Step(words.word(state), words.icon(state), words.number(number), tr("%n file(s)", "", number))
        for state, number in found.below.items()
    )
    text = tr("Choose one of its files, or look at the page Files of its task.")
    return Account((*OPEN, tr("Folder")), "", steps, Next(OPEN, tr("This is a folder."), text))


# -- what is sent


def _sent(found: Explanation, file: KnownFile, now: float) -> tuple[Step, ...]:
    verdict = next((v for v in found.verdicts if v.task == file.task), None)
    steps = [Step(tr("Found"), DONE, words.moment(file.found_at, now=now), fill(tr("by the task %1"), file.task))]
    if file.state is FileState.IGNORED:
        return (*steps, Step(tr("Rule"), LEFT_OUT, "", file_words.rule(file.reason)))
    if verdict is not None:
        steps.append(_rule(verdict, tr("Rule")))
    steps += [_settled(file, now), _sending(file, now)]
    if file.checked_at and not file.changed_since_sent:
        at = words.moment(file.checked_at, now=now)
        steps.append(
            Step(tr("Checked"), words.icon(FileState.CHECKED), at, tr("read back from the topic, contents equal"))
        )
    elif file.state in _SENT:
        steps.append(Step(tr("Checked"), OPEN, "", tr("not read back so far, or not asked for in this task")))
    return (*steps, *_arrived(file, now))


def _arrived(file: KnownFile, now: float) -> tuple[Step, ...]:
    """Who has the version that was sent last, each since when."""
    here = [a for a in file.arrivals if a.is_current]
    if here and file.state in _SENT:
        icon = words.icon(FileState.ARRIVED)
        return tuple(
            Step(
                tr("Arrived"), icon, words.moment(a.at, now=now), f"{file_words.place(a.place)} ({file_words.shown(a.detail)})"
            )
            for a in here
        )  # fmt: skip
    if file.asks_receipts and file.state in _SENT:
        return (Step(tr("Arrived"), OPEN, "", tr("no receipt so far")),)
    return ()


def _settled(file: KnownFile, now: float) -> Step:
    changed = fill(tr("last change %1"), words.moment(file.modified, now=now)) if file.modified else ""
    name = tr("Settled")
    if file.state is FileState.HELD:
        return Step(name, HELD, "", file.reason)
    if file.state in (FileState.WAITING, FileState.FOUND, FileState.CHANGED):
        waiting = file_words.waiting(_row(file), now=now) or tr("it is being looked at")
        return Step(name, NOT_YET, tr("not yet"), waiting)
    if file.state is FileState.PROBLEM and not file.parts and not file.sent_at:
        return Step(name, OPEN, "", changed or tr("not known"))
    return Step(name, DONE, "", fill(tr("%1, then unchanged"), changed) if changed else tr("finished"))


def _sending(file: KnownFile, now: float) -> Step:
    name, at = tr("Sent"), words.moment(file.sent_at, now=now) if file.sent_at else ""
    if file.state in _SENT:
        return Step(name, DONE, at, fill(tr("every part confirmed by the broker, topic %1"), file.topic))
    if file.state is FileState.SENDING and file.parts:
        text = fill(tr("%1 of %2 parts confirmed by the broker"), *_parts(file))
        return Step(name, words.icon(FileState.SENDING), words.percent(file.parts.done / file.parts.total), text)
    if file.state is FileState.PROBLEM:
        again = fill(tr("next try %1"), words.moment(file.retry_at, now=now)) if file.retry_at else ""
        text = fill(tr("%1 – %2"), file.reason, again) if again else file.reason
        return Step(name, TROUBLE, tr("not yet"), text)
    if file.sent_at:
        return Step(name, words.icon(FileState.CHANGED), at, tr("an earlier version; the new one follows"))
    return Step(name, OPEN, tr("not yet"), fill(tr("goes to the topic %1"), file.topic))


# -- what is received


def _received(file: KnownFile, sinks: Sinks, now: float) -> tuple[Step, ...]:
    began = words.moment(file.found_at, now=now)
    steps = [Step(tr("Found"), DONE, began, fill(tr("first part read from the topic %1"), file.topic))]
    if file.state is FileState.IGNORED:
        return (*steps, Step(tr("Rule"), LEFT_OUT, "", file_words.rule(file.reason)))
    parts = fill(tr("%1 of %2 parts"), *_parts(file))
    if file.parts and file.parts.missing:
        missing = ", ".join(words.number(number) for number in file.parts.missing)
        text = fill(tr("%1; missing: %2"), parts, missing)
        is_late = file.state is FileState.INCOMPLETE
        steps.append(Step(tr("Received"), TROUBLE if is_late else words.icon(FileState.RECEIVING), tr("not yet"), text))
        return tuple(steps)
    steps.append(Step(tr("Received"), DONE, "", parts))
    if file.state is FileState.DELIVERED:
        steps.append(Step(tr("Checked"), words.icon(FileState.CHECKED), "", tr("contents equal to what was sent")))
    return (*steps, *of_places(file, sinks, now=now))


# -- what nobody knows


def _existence(found: Explanation) -> Step:
    if found.exists:
        return Step(tr("Found"), NOT_YET, tr("not yet"), tr("it lies on this computer, and no task has noticed it"))
    return Step(tr("Found"), OPEN, "", tr("there is no such file on this computer, and no such path on a topic"))


def _rule(verdict: Verdict, name: str) -> Step:
    rule = file_words.rule(verdict.rule)
    if verdict.outcome is Outcome.LEFT_OUT:
        return Step(name, LEFT_OUT, "", fill(tr("left out: %1"), rule))
    if verdict.outcome is Outcome.UNSENDABLE:
        return Step(name, TROUBLE, "", fill(tr("cannot be sent: %1"), rule))
    if verdict.outcome is Outcome.FOLDER:
        return Step(name, DONE, "", tr("a folder that is watched"))
    if verdict.rule == "nothing excludes it":
        return Step(name, DONE, "", tr("nothing excludes it"))
    return Step(name, DONE, "", fill(tr("taken: %1"), rule))


def _after(verdict: Verdict) -> str:
    return fill(tr("it is sent after %1 without change"), words.duration(verdict.quiet_s))


def _next_of_unknown(found: Explanation, verdict: Verdict | None) -> Next:
    if verdict is None:
        text = tr(
            "No task watches the folder it lies in. Add one with “Send a folder”, or drop the file to send it once."
        )
        return Next(OPEN, tr("Nobody sends this file."), text if found.exists else tr("Check the name."))
    if not verdict.taken:
        text = fill(tr("Change the rules of the task %1 if it should be sent."), verdict.task)
        return Next(LEFT_OUT, tr("It is not sent."), text)
    if found.streaming is None:
        return Next(HELD, tr("Nothing is running at the moment."), tr("So nothing new is noticed or sent."))
    if verdict.outcome is Outcome.NEW:
        text = fill(tr("The task %1 finds it with its next look, and sends it when it is finished."), verdict.task)
        return Next(NOT_YET, tr("Nothing to do."), text)
    return Next(OPEN, tr("There is nothing to send."), "")


# -- what comes next


def _next(found: Explanation, file: KnownFile, now: float) -> Next:
    if file.problems:
        worst = file.problems[-1]
        sign = HELD if file.state is FileState.HELD else TROUBLE
        text = without_commands(worst.advice)
        if worst.retry_at and worst.retry_at > now:
            text = fill(tr("%1 Next try %2."), text, words.moment(worst.retry_at, now=now))
        return Next(sign, worst.title + ".", text)
    if file.state in (FileState.HELD, FileState.PROBLEM, FileState.INCOMPLETE):
        return Next(HELD if file.state is FileState.HELD else TROUBLE, tr("It needs your attention."), file.reason)
    if file.state is FileState.IGNORED:
        text = fill(tr("Change the rules of the task %1 if it should be sent."), file.task)
        return Next(LEFT_OUT, tr("It is not sent."), text)
    if file.state in _SENT and file.changed_since_sent:
        text = tr("What was sent is safe on the topic. The new version is sent when it has settled.")
        return Next(HELD, tr("The file has changed since it was sent."), text)
    if file.state in _SENT:
        text = fill(tr("The file is safe on the topic %1."), file.topic)
        return Next(("state/arrived", "ok"), tr("Nothing to do on this computer."), text)
    if file.state in (FileState.DELIVERED, FileState.SUPERSEDED):
        there = {TRANSFER: tr("It is in its bucket."), PROCESS: tr("It was processed.")}
        return Next(ARRIVED, tr("Nothing to do."), there.get(file.kind, tr("What was sent is here.")))
    if found.streaming is None:
        return Next(HELD, tr("Nothing is running at the moment."), tr("It goes on from here as soon as it runs again."))
    text = tr("It is sent as soon as it is finished.") if file.state in _BEFORE_SENDING else tr("It goes on by itself.")
    return Next(NOT_YET, tr("Nothing to do."), text)


# -- technical


def technical(file: KnownFile, *, now: float) -> list[tuple[str, str]]:
    """What only some want to know: (name, value)."""
    out = [(tr("Topic"), file.topic), (tr("Path on the topic"), file_words.shown(file.path))]
    if file.version:
        out.append((tr("Version"), str(file.version)))
    if file.parts:
        out.append((tr("Parts"), fill(tr("%1 of %2"), *_parts(file))))
    for reach in file.offsets:
        first, last = words.number(reach.first), words.number(reach.last)
        out.append((fill(tr("Partition %1"), str(reach.partition)), fill(tr("offsets %1 to %2"), first, last)))
    if file.sha512:
        out.append((tr("SHA-512"), file.sha512.hex()))
    if file.tries:
        out.append((tr("Tries"), words.number(file.tries)))
    if file.replaced:
        out.append((tr("Earlier versions"), words.number(file.replaced)))
    out.append((tr("State"), f"{file.state}, {words.moment(file.since, now=now)}"))
    return out


def report(found: Explanation, account: Account, file: KnownFile | None, *, now: float) -> str:
    """Everything as text, to be sent to whoever helps."""
    lines = [file_words.shown(found.path), f"{account.chip[2]} {account.about}".strip(), ""]
    lines += [" ".join(part for part in (f"{s.name}:", s.at, s.text) if part) for s in account.steps]
    lines += ["", f"{account.next.title} {account.next.text}".strip()]
    if file is not None:
        lines += ["", *(f"{name}: {value}" for name, value in technical(file, now=now))]
    return "\n".join(lines) + "\n"


def _parts(file: KnownFile) -> tuple[str, str]:
    assert file.parts is not None
    return words.number(file.parts.done), words.number(file.parts.total)


def _row(file: KnownFile) -> FileRow:
    """As the list of files has it."""
    listed = ListedFile(
        0, file.is_outgoing, file.key, file.topic, file.path, file.local, file.state, file.reason, file.size,
        file.modified, file.sha512, file.version, file.since,
    )  # fmt: skip
    return FileRow(listed, file.sent_at)
