"""Answers requests: what people ask of the process that streams goes to its tasks, and a sentence goes back."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.journal import UNTIL_RESUMED, Journal, Request
from openmsi_desktop.core.listing import ListedFile, looked_up
from openmsi_desktop.core.reprocessing import Wish, wanted
from openmsi_desktop.settings import Download, WatchedFolder
from openmsi_desktop.streaming import control, questions
from openmsi_desktop.streaming.crew import Crew, Post
from openmsi_desktop.streaming.sinks import FOLDER

log = logging.getLogger(__name__)


class Clerk:
    """Belongs to the thread that serves requests."""

    def __init__(
        self, crew: Crew, journal: Journal, *, reload: Callable[[], str], hurry: Callable[[], None] = lambda: None
    ) -> None:
        """reload: reads the settings again; returns a sentence about it. hurry: has files looked for that were handed over."""
        self._crew = crew
        self._journal = journal
        self._reload = reload
        self._hurry = hurry

    def serve(self) -> None:
        """Answer every request that is open; none is in the way of the others.

        Raises:
            RetryableError, NeedsYou: the journal cannot be read or written now.
        """
        for request in self._journal.open_requests():
            try:
                answer = self._answer(request)
            except OpenMSIError as error:
                log.warning("the request to %s was not served: %s", request.kind, error)
                answer = f"That did not work: {error}"
            except Exception:  # a request must not end the thread that serves the others
                log.exception("the request to %s failed", request.kind)
                answer = "That did not work: this program has made a mistake. The details are in its log."
            self._journal.answer(request.id, answer)

    def _answer(self, request: Request) -> str:
        if request.kind == "reload":
            return self._reload()
        if request.kind == "send":
            self._hurry()
            return "Files that were handed over are being looked for."
        posts = self._crew.find(request.task)
        if not posts:
            return f"There is no task called {request.task}." if request.task else "There are no tasks."
        if request.kind == "pause":
            return self._pause(posts, request.argument)
        if request.kind == "resume":
            return self._resume(posts)
        if request.kind == "rescan":
            return self._rescan(posts)
        if request.kind == "decide":
            return self._decide(posts, request)
        if request.kind == "retry" and not request.path:
            return self._retry(posts)
        if request.kind == "retry":
            return self._pass_on(posts, request, looked_up(self._journal, [request.path]))
        if request.kind == "reprocess":
            return self._reprocess(posts, request)
        if request.kind == "ignore":
            return self._ignore(posts, request)
        return f"This release does not know how to {request.kind}."

    # -- whole tasks

    def _pause(self, posts: Sequence[Post], argument: str) -> str:
        until = float(argument) if argument else None
        for post in posts:
            control.pause(self._journal, post.service.key, until)
            self._crew.pause(post, UNTIL_RESUMED if until is None else until)
        return control.told("Paused", _names(posts), until)

    def _resume(self, posts: Sequence[Post]) -> str:
        for post in posts:
            self._journal.resume(post.service.key)
            self._crew.resume(post)
        return control.told("Resumed", _names(posts), None)

    def _rescan(self, posts: Sequence[Post]) -> str:
        watching = [p for p in posts if isinstance(p.task, WatchedFolder)]
        if not watching:
            return "Nothing to look through: no folder is watched by " + ", ".join(_names(posts)) + "."
        for post in watching:
            post.service.ask("rescan")
        return f"Looking through the folders of {', '.join(_names(watching))}{_paused(watching)}."

    def _retry(self, posts: Sequence[Post]) -> str:
        for post in posts:
            post.service.ask("retry")
            self._crew.try_now(post)
        return f"Trying again: {', '.join(_names(posts))}{_paused(posts)}."

    # -- files, and questions

    def _decide(self, posts: Sequence[Post], request: Request) -> str:
        about = [p for p in posts if _is_about(request.path, p)]
        if not about:  # about a file: readers decide nothing about those
            senders = [p for p in posts if isinstance(p.task, WatchedFolder)]
            files = looked_up(self._journal, [request.path])
            if not any(f.state in _UNDECIDED for f in files):
                return f"There is no question about {request.path}."
            return self._pass_on(senders, request, files)
        asked = []
        for post in about:
            has_answered = questions.answer(self._journal, post.service.key, request.argument)
            if has_answered or post.voice.state is not TaskState.RUNNING:  # one that waits may wait for this decision
                asked.append(post)
            if has_answered:
                post.service.ask("retry")
            else:
                post.service.ask("decide", request.path, request.argument)  # about its folder, if that is the question
            self._crew.try_now(post)
        if not asked:
            return f"There is no question about {request.path or ', '.join(_names(about))}."
        return f"Decided: {', '.join(_names(asked))}{_paused(asked)}."

    def _reprocess(self, posts: Sequence[Post], request: Request) -> str:
        try:
            wish = Wish.of("", request.argument)
        except (ValueError, TypeError):
            return "This release does not understand which files are to be handed over again."
        readers = {p: sinks for p in posts if (sinks := _sinks_of(p, wish.sink))}
        if not readers:
            what = f"a destination called {wish.sink}" if wish.sink else "a bucket or a processor"
            return f"Nothing to hand over again: none of these tasks has {what}: {', '.join(_names(posts))}."
        files = looked_up(self._journal, [request.path]) if request.path else []
        numbers: set[int] = set()
        asked: dict[Post, list[str]] = {}
        for post, sinks in readers.items():
            key = post.service.key
            for path in dict.fromkeys(f.path for f in files if f.task == key) if request.path else [""]:
                found = wanted(self._journal, key, replace(wish, path=path))
                if found:
                    numbers.update(item.number for item in found)
                    asked[post] = sinks
                    post.service.ask("reprocess", path, request.argument)
        if not numbers:
            return _nothing_to_reprocess(request.path, wish, _names(readers))
        count = "1 file is" if len(numbers) == 1 else f"{len(numbers)} files are"
        sinks = list(dict.fromkeys(sink for names in asked.values() for sink in names))
        return (
            f"{count} handed over again to {', '.join(sinks)}{_paused(asked)}. What does not lie here any more is read from its "
            "topic once more; if it is no longer there, that shows as a problem."
        )

    def _ignore(self, posts: Sequence[Post], request: Request) -> str:
        files = looked_up(self._journal, [request.path])
        problems = sum(self._journal.ignore_problems(path) for path in {request.path, *(f.path for f in files)})
        open_files = [f for f in files if f.state in _TO_BE_GIVEN_UP]
        if open_files and any(p.service.key == f.task for p in posts for f in open_files):
            return self._pass_on(posts, request, open_files)
        return (
            f"The problems of {request.path} are ignored." if problems else f"There is no problem with {request.path}."
        )

    def _pass_on(self, posts: Sequence[Post], request: Request, files: Sequence[ListedFile]) -> str:
        """To the tasks of these files, which know them by their paths on the topic."""
        asked = [(p, f.path) for p in posts for f in files if f.task == p.service.key]
        if files and not asked:
            return f"{request.path} belongs to no task that is here now. To send it again: openmsi-desktop send"
        if not asked:  # it may have appeared since the journal was written
            asked = [(p, request.path) for p in posts]
        for post, path in dict.fromkeys(asked):
            post.service.ask(request.kind, path, request.argument)
        if not files:
            return f"No task knows {request.path} yet."
        return f"Passed on to {', '.join(_names(p for p, _ in asked))}{_paused(p for p, _ in asked)}."


_UNDECIDED = (FileState.HELD, FileState.PROBLEM, FileState.IGNORED, FileState.WAITING, FileState.CHANGED)
_TO_BE_GIVEN_UP = (FileState.PROBLEM, FileState.HELD, FileState.RECEIVING, FileState.INCOMPLETE)


def _sinks_of(post: Post, sink: str) -> list[str]:
    """Where a task may hand files over again: to this one, or (empty) to each but the folder."""
    if not isinstance(post.task, Download):
        return []
    if sink == FOLDER and post.task.target is not None:
        return [sink]
    return [name for name in post.task.sinks if sink in ("", name)]


def _nothing_to_reprocess(path: str, wish: Wish, names: Sequence[str]) -> str:
    tasks = ", ".join(names)
    if wish.failed:
        return (
            f"Nothing to hand over again: {f'{path} was not given up' if path else 'no file was given up'} by {tasks}."
        )
    if path:
        return f"Nothing to hand over again: {tasks} did not receive a whole file called {path}."
    return f"Nothing to hand over again: {tasks} received no whole file since then."


def _is_about(path: str, post: Post) -> bool:
    """Whether a decision about this path means the task as a whole: its name, its folder, or nothing in particular."""
    if path in ("", post.service.name, post.service.key):
        return True
    task = post.task
    folder = task.path if isinstance(task, WatchedFolder) else task.target
    return folder is not None and os.path.abspath(path) == os.path.abspath(folder)


def _names(posts: Iterable[Post]) -> list[str]:
    return list(dict.fromkeys(p.service.name for p in posts))


def _paused(posts: Iterable[Post]) -> str:
    paused = _names(p for p in posts if not p.is_wanted)
    return f" (when resumed: {', '.join(paused)})" if paused else ""
