"""Reads and presses another program as a screen reader does. Runs under Debian's own Python, which has pyatspi.

One JSON object a line on standard input, one on standard output. Commands (see accessibility.py, which speaks to it):
find, press, type, choose, tree. Times out by the caller: a command that finds nothing answers so at once.
"""

import fnmatch
import json
import sys

import pyatspi

FEW = 200


def walk(node, depth=0):
    yield node, depth
    if depth > 40:
        return
    for number in range(min(node.childCount, FEW)):
        child = node.getChildAtIndex(number)
        if child is not None:
            yield from walk(child, depth + 1)


def is_shown(node):
    return node.getState().contains(pyatspi.STATE_SHOWING)


def shown(part_of_name, window):
    for app in pyatspi.Registry.getDesktop(0):
        if app is None or part_of_name not in (app.name or ""):
            continue
        for number in range(app.childCount):
            top = app.getChildAtIndex(number)
            if top is not None and window in (top.name or ""):
                for node, depth in walk(top):
                    if is_shown(node):
                        yield node, depth


def matches(node, role, name):
    return node.getRoleName() in role and (name is None or node.name == name or fnmatch.fnmatchcase(node.name, name))


def described(node):
    state = node.getState()
    out = {
        "role": node.getRoleName(),
        "name": node.name,
        "enabled": state.contains(pyatspi.STATE_ENABLED) or state.contains(pyatspi.STATE_SENSITIVE),
        "checked": state.contains(pyatspi.STATE_CHECKED),
        "focused": state.contains(pyatspi.STATE_FOCUSED),
    }
    try:
        box = node.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
        out["middle"] = [box.x + box.width // 2, box.y + box.height // 2]
    except NotImplementedError:
        out["middle"] = None
    try:
        text = node.queryText()
        out["text"] = text.getText(0, text.characterCount)
    except NotImplementedError:
        out["text"] = node.description or ""
    return out


def answer(command):
    kind = command["do"]
    if kind == "tree":
        return [[depth, node.getRoleName(), node.name] for node, depth in shown(command["program"], command["window"])]
    found = [n for n, _ in shown(command["program"], command["window"]) if matches(n, command["role"], command["name"])]
    if kind == "find":
        return [described(n) for n in found]
    if not found:
        return None
    node = found[command.get("number", 0)]
    if kind == "type":
        node.queryComponent().grabFocus()
        node.queryEditableText().setTextContents(command["text"])
    elif kind == "press":
        actions = node.queryAction()
        names = [actions.getName(n).lower() for n in range(actions.nActions)]
        wanted = [
            n for n, name in enumerate(names) if name in ("press", "click", "toggle", "activate", "check", "showmenu")
        ]
        actions.doAction(wanted[0] if wanted else 0)
    elif kind == "choose":
        node.parent.querySelection().selectChild(node.getIndexInParent())
    return described(node)


for line in sys.stdin:
    try:
        out = {"answer": answer(json.loads(line))}
    except Exception as error:  # noqa: BLE001  # whoever asked is told, and asks again
        out = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(out), flush=True)
