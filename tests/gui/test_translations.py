"""The texts of the windows in German, and the plurals of English: all there, compiled, and with the same placeholders."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WINDOWS = ROOT / "openmsi_desktop" / "gui"
FOLDER = ROOT / "resources" / "translations"
_PLACE = re.compile(r"%(?:n|[1-9])|\{\w+\}")


@functools.cache
def _trees() -> list[tuple[str, ast.Module]]:
    """Every module of the windows: (where it is, what it says)."""
    files = sorted(WINDOWS.rglob("*.py"))
    return [(str(file.relative_to(ROOT)), ast.parse(file.read_text(encoding="utf-8"))) for file in files]


def _messages(language: str) -> Iterator[tuple[str, str, list[str]]]:
    """(context, source, its translations: two for a plural)"""
    for context in ET.parse(FOLDER / f"openmsi_desktop_{language}.ts").iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            forms = [form.text or "" for form in translation.findall("numerusform")] or [translation.text or ""]
            yield context.findtext("name", ""), message.findtext("source", ""), forms


def _calls() -> Iterator[tuple[str, ast.Call]]:
    """Every ``tr(…)`` and ``….tr(…)`` of the windows, with the place where it is."""
    for file, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name == "tr":
                    yield f"{file}:{node.lineno}", node


def test_nothing_is_left_to_translate_or_to_compile() -> None:
    command = [sys.executable, "tools/translate", "check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_translation_has_the_placeholders_of_its_source(language: str) -> None:
    wrong = [
        f"{source} -> {form}"
        for _, source, forms in _messages(language)
        for form in forms
        if sorted(_PLACE.findall(form)) != sorted(_PLACE.findall(source))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_translation_is_empty(language: str) -> None:
    assert [source for _, source, forms in _messages(language) if not all(form.strip() for form in forms)] == []


def test_no_plural_is_left_in_brackets() -> None:
    forms = [form for language in ("de", "en") for *_, forms in _messages(language) for form in forms]
    assert [form for form in forms if re.search(r"\w\((?:s|en|e|n|y/ies)\)", form)] == []


def test_a_text_with_a_number_has_its_plural_forms() -> None:
    assert [source for _, source, forms in _messages("de") if "%n" in source and len(forms) != 2] == []


def test_every_text_is_looked_up_where_it_is_translated() -> None:
    """Texts of objects are looked up by their class: what is gathered under another name is never found."""
    classes = {node.name for _, tree in _trees() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    assert {context for context, *_ in _messages("de")} - classes - {""} == set()


def test_every_text_of_the_sources_was_gathered() -> None:
    """Not gathered are texts that are made at run time, and those inside an f-string."""
    gathered = {source for _, source, _ in _messages("de")}
    wrong = []
    for place, call in _calls():
        text = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
        if text not in gathered:
            wrong.append(f"{place}: {text!r}")
    assert wrong == []


def test_numbers_of_plurals_are_given_by_their_place() -> None:
    """A keyword is not seen when texts are gathered: the text would have no plural."""
    assert [place for place, call in _calls() if any(keyword.arg == "n" for keyword in call.keywords)] == []


def test_plurals_are_not_looked_up_by_a_class_that_others_inherit() -> None:
    """Qt for Python asks in the name of the subclass first, and takes its "9 file(s)" for a translation."""
    classes = [node for _, tree in _trees() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    bases = {ast.unparse(base).rpartition(".")[2] for node in classes for base in node.bases}
    wrong = [
        f"{base.name}: {ast.unparse(call)}"
        for base in classes
        if base.name in bases
        for call in ast.walk(base)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "self.tr" and len(call.args) > 2
    ]
    assert wrong == []
