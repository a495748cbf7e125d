"""The language of the windows: which there are, and installing one.

Texts are marked by ``tr()``; tools/translate gathers them into resources/translations/*.ts and compiles *.qm. English has
a file too, because of its plurals.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from openmsi_desktop.gui.resources import resource

_FOLDER = "translations"
_PREFIX = "openmsi_desktop_"
_PLACE = re.compile(r"%([1-9])")
_installed: list[QTranslator] = []


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """``text`` in the language of the windows, for code outside QObjects (those have ``self.tr``). n: for its plural, ``%n``."""
    return QCoreApplication.translate("", text, comment or None, n)


def fill(text: str, *values: str) -> str:
    """Put values where a translated text has ``%1``, ``%2`` …; a value may hold anything, also a ``%1``."""
    return _PLACE.sub(lambda found: values[int(found[1]) - 1], text)


def choices() -> list[tuple[str, str]]:
    """(code, what its speakers call it) of every language there is, English first."""
    codes = sorted(file.stem.removeprefix(_PREFIX) for file in resource(_FOLDER).glob(f"{_PREFIX}*.qm"))
    codes = [c for c in codes if not c.startswith("x")]  # the pseudo-language is for tests
    codes.sort(key=lambda code: code != "en")
    return [(code, _name(code)) for code in codes]


def install(application: QCoreApplication, language: str = "") -> str:
    """Take over a language (code; empty: the system's, else English), and its numbers and dates. Returns its code.

    Windows that are open keep their texts: they are made anew by whoever owns them.
    """
    known = [file.stem.removeprefix(_PREFIX) for file in resource(_FOLDER).glob(f"{_PREFIX}*.qm")]
    wanted = [language] if language else [code.replace("-", "_") for code in QLocale.system().uiLanguages()]
    found = next((c for w in wanted for c in (w, w.partition("_")[0]) if c in known), "en")
    for old in _installed:
        application.removeTranslator(old)
    _installed.clear()
    places = [
        (str(resource(_FOLDER)), _PREFIX),
        (QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath), "qtbase_"),
    ]
    for folder, prefix in reversed(places):
        translator = QTranslator(application)
        if translator.load(f"{prefix}{found}", folder):
            application.installTranslator(translator)
            _installed.append(translator)
    system = QLocale.system()
    QLocale.setDefault(system if system.name().startswith(found) else QLocale(found if len(found) == 2 else "en"))
    return found


def _name(code: str) -> str:
    name = QLocale(code).nativeLanguageName()
    return {"en": "English"}.get(code, name[:1].upper() + name[1:])
