"""Windows without a screen (QT_QPA_PLATFORM=offscreen), on a data folder of their own. Real screens: tests/gui/screen."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from openmsi_desktop.gui.app import make_desktop
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.look import Theme
from openmsi_desktop.places import find_places

_ONLY_PICTURES = "OPENMSI_PICTURES" in os.environ
PICTURES = Path(os.environ.get("OPENMSI_PICTURES") or Path(__file__).resolve().parents[2] / "build" / "pictures")
_LANGUAGE = os.environ.get("OPENMSI_PICTURES_LANGUAGE", "en")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """For tools/screenshots: only what makes pictures."""
    if not _ONLY_PICTURES:
        return
    others = [i for i in items if not (isinstance(i, pytest.Function) and "picture" in i.fixturenames)]
    config.hook.pytest_deselected(items=others)
    items[:] = [i for i in items if i not in others]


@pytest.fixture
def desktop(qapp: QApplication, tmp_path: Path) -> Iterator[Desktop]:
    """What windows are given. Nothing streams before ``desktop.host.start()`` and nothing is looked at before
    ``desktop.observer.start()``; both end with the test. Settings: ``desktop.store.path``, without tasks."""
    places = find_places(settings=tmp_path / "settings.toml", data=tmp_path / "data", environment={})
    places.settings.write_text(f'version = 1\n[application]\nlanguage = "{_LANGUAGE}"\n')
    root = QObject()
    made = make_desktop(qapp, places, root)
    yield made
    made.look.set_habits(is_touch=False, is_calm=False)
    made.look.set_theme(Theme.SYSTEM)  # it is the application's: the next test begins with the usual one
    made.background.end()
    made.host.stop()
    made.observer.stop()
    root.deleteLater()


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[QWidget, str], Path]:
    """Save a window as build/pictures/NAME.png, for people to look at."""

    def save(widget: QWidget, name: str = "") -> Path:
        PICTURES.mkdir(parents=True, exist_ok=True)
        file = PICTURES / f"{name or re.sub(r'[^a-z0-9]+', '-', request.node.name)}.png"
        for _ in range(3):  # layouts settle in turns
            QApplication.processEvents()
        assert widget.grab().save(str(file))
        return file

    return save
