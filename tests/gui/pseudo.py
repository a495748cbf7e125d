"""A language that nobody speaks: every text that went through tr() is in ⟦brackets⟧, and a third longer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

_WORD = re.compile(r"[^\W\d_]{3,}")
_ROW_TOLERANCE = 1


class Pseudo(QTranslator):
    """Translates everything. Placeholders stay."""

    def translate(self, context: str, source: str, comment: str | None = None, n: int = -1) -> str:
        filled = source.replace("%n", str(n)) if n >= 0 else source
        return f"⟦{filled}{'~' * (len(source) // 3)}⟧"

    def isEmpty(self) -> bool:
        return False


def speak_pseudo(application: QCoreApplication) -> Pseudo:
    """Install it; whoever asked takes it out again (removeTranslator)."""
    translator = Pseudo(application)
    assert application.installTranslator(translator)
    return translator


def texts(window: QWidget) -> Iterator[tuple[QWidget, str]]:
    """Every text that is to be read in a window."""
    yield window, window.windowTitle()
    for widget in window.findChildren(QWidget):
        if not widget.isVisibleTo(window):
            continue
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget, widget.text()
        elif isinstance(widget, QGroupBox):
            yield widget, widget.title()
        elif isinstance(widget, QComboBox) and not widget.isEditable():
            yield from ((widget, widget.itemText(n)) for n in range(widget.count()))
        elif isinstance(widget, QTabBar):
            yield from ((widget, widget.tabText(n)) for n in range(widget.count()))
        elif isinstance(widget, QLineEdit | QTextEdit):
            yield widget, widget.placeholderText()
        yield widget, widget.toolTip()
        yield widget, widget.accessibleName()


def untranslated(window: QWidget, *data: str) -> list[str]:
    """Texts with words that did not go through tr(). data: what comes from a person or a file, and stays as it is."""
    found = []
    for widget, text in texts(window):
        rest, count = text, 1
        while count:  # a translated text may have been put into another one
            rest, count = re.subn(r"⟦[^⟦⟧]*⟧", "", rest)
        rest = re.sub(r"<[^>]+>", "", rest)
        for known in data:
            rest = rest.replace(known, "")
        if _WORD.search(rest):
            found.append(f"{type(widget).__name__}: {text}")
    return sorted(set(found))


def clipped(window: QWidget) -> list[str]:
    """Labels and buttons whose text has less room than it needs."""
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisibleTo(window) or not isinstance(widget, QLabel | QAbstractButton) or not widget.text():
            continue
        if isinstance(widget, QLabel) and widget.wordWrap():
            short = widget.height() + _ROW_TOLERANCE < widget.heightForWidth(widget.width())
        else:
            short = widget.width() + _ROW_TOLERANCE < widget.minimumSizeHint().width()
        if short:
            found.append(f"{type(widget).__name__}: {widget.text()}")
    return found
