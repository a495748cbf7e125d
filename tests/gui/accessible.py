"""Walks a window as a screen reader does, and names what it could not tell a person."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QWidget

_Role = QAccessible.Role

MUST_HAVE_NAMES = {
    _Role.PushButton, _Role.CheckBox, _Role.RadioButton, _Role.ComboBox, _Role.EditableText, _Role.SpinBox, _Role.Slider,
    _Role.List, _Role.ListItem, _Role.Table, _Role.Cell, _Role.Tree, _Role.TreeItem, _Role.PageTab, _Role.Link,
    _Role.MenuItem, _Role.ButtonMenu, _Role.ButtonDropDown, _Role.ProgressBar, _Role.Dialog, _Role.Window, _Role.Graphic,
}  # fmt: skip
"""Everything a person can reach, press or read a value from."""

_FEW = 60
"""Rows of a list or table that are looked at."""


def nodes(node: QAccessibleInterface, path: str = "") -> Iterator[tuple[QAccessibleInterface, str]]:
    """Everything below, with where it is."""
    yield node, path
    for number in range(min(node.childCount(), _FEW)):
        child = node.child(number)
        if child is not None and child.isValid():
            name = child.text(QAccessible.Text.Name)
            yield from nodes(child, f"{path}/{child.role().name}:{name[:30]}")


def unnamed(window: QWidget) -> list[str]:
    """Where a person who cannot see would meet something without a name. Hidden parts are not there for them."""
    top = QAccessible.queryAccessibleInterface(window)
    found = []
    for node, path in nodes(top):
        state = node.state()
        if state.invisible or node.role() not in MUST_HAVE_NAMES:
            continue
        if not node.text(QAccessible.Text.Name).strip():
            widget = node.object()
            kind = "" if widget is None else f" ({type(widget).__name__} {widget.objectName()})"
            found.append(f"{path or node.role().name}{kind}")
    return found
