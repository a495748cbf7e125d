"""Colours, palette, fonts and icons: what tokens.json says, as Qt objects. Knows no windows.

There is one :class:`Look`; it tells by :attr:`Look.changed` that everything has to be painted anew, because the system
went from light to dark, or a person chose a theme.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from openmsi_desktop.gui.resources import resource
from openmsi_desktop.gui.style import FlatStyle

_ROLES = {
    "window": ("Window",),
    "base": ("Base", "ToolTipBase"),
    "alternate": ("AlternateBase",),
    "text": ("Text", "WindowText", "ButtonText", "ToolTipText"),
    "button": ("Button",),
    "highlight": ("Highlight", "Accent"),
    "secondary": ("PlaceholderText",),
    "line": ("Mid",),
    "highlight_text": ("HighlightedText",),
    "link": ("Link",),
}
_DISABLED = ("Text", "WindowText", "ButtonText")
_TRAY_SIZES = (16, 20, 22, 24, 32, 48, 64)


class Theme(StrEnum):
    """What a person chose. ``SYSTEM`` follows the system, live."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Size(StrEnum):
    """Steps of the type scale; the value is the factor to the system's body size."""

    SMALL = "0.92"
    BODY = "1"
    HEADING = "1.15"
    TITLE = "1.54"


class Look(QObject):
    """The look of the program. GUI thread only; make it after the QApplication."""

    changed = Signal()

    def __init__(self, app: QApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self._tokens: dict[str, Any] = json.loads(resource("tokens.json").read_text(encoding="utf-8"))
        self._system_palette = QPalette(app.palette())
        self._theme = Theme.SYSTEM
        self._renderers: dict[tuple[str, str], QSvgRenderer] = {}
        self.is_dark = False
        self.is_touch = False
        """Every target is at least 44 high, for gloves."""
        self.is_calm = False
        """Nothing moves: the tray arrow stays still."""
        self._hints = hints = app.styleHints()
        self._accessibility = hints.accessibility()  # kept, for Python's side of it dies with that of the hints
        hints.colorSchemeChanged.connect(self.refresh)
        app.setStyleSheet("")  # under a style sheet the name of the style is hidden
        self._is_fusion = isinstance(app.style(), FlatStyle) or app.style().objectName() == "fusion"
        if self._is_fusion:
            self._style = FlatStyle(self)
            app.setStyle(self._style)
        self._sheet = resource("style.qss").read_text(encoding="utf-8")
        app.setStyleSheet(self._sheet)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Follow the system, or be light or dark whatever it says."""
        if theme is self._theme:
            return
        self._theme = theme
        hints = self._hints
        if theme is Theme.SYSTEM:
            hints.unsetColorScheme()
        else:  # window frames and native dialogs; plain X11 does not know it, so the palette says it too
            hints.setColorScheme(Qt.ColorScheme.Dark if theme is Theme.DARK else Qt.ColorScheme.Light)
        self.refresh()

    def set_habits(self, *, is_touch: bool, is_calm: bool) -> None:
        """Targets for gloves, and an icon that never moves."""
        if (is_touch, is_calm) != (self.is_touch, self.is_calm):
            self.is_touch, self.is_calm = is_touch, is_calm
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Find out whether it is light or dark, and have everything painted anew."""
        now = self._hints.colorScheme()
        if self._theme is not Theme.SYSTEM:
            self.is_dark = self._theme is Theme.DARK
        elif now is not Qt.ColorScheme.Unknown:
            self.is_dark = now is Qt.ColorScheme.Dark
        else:  # plain X11 and the offscreen platform do not say
            palette = self._system_palette
            self.is_dark = palette.window().color().lightness() < palette.windowText().color().lightness()
        if self._is_fusion:
            # under a style sheet a new palette does not get further than the windows themselves
            self._app.setStyleSheet("")
            self._app.setPalette(self._palette())
            self._app.setStyleSheet(self._sheet)
        self._renderers.clear()
        self.changed.emit()

    @property
    def is_high_contrast(self) -> bool:
        """The system asks for high contrast: no tints and no colours that mean something."""
        return self._accessibility.contrastPreference() is Qt.ContrastPreference.HighContrast

    # -- colours

    def colour(self, token: str, part: str = "fg") -> QColor:
        """A colour by its meaning: ``ok working waiting attention error paused offline neutral`` (fg, tint, on), ``surface`` or
        ``tray`` with one of their own names.

        Raises:
            KeyError: tokens.json has no such colour.
        """
        if self.is_high_contrast and token not in ("surface", "tray"):
            palette = self._app.palette()
            return palette.window().color() if part in ("tint", "on") else palette.windowText().color()
        if token == "surface":
            role = _ROLES.get(part)
            if role is not None:
                return self._app.palette().color(QPalette.ColorRole[role[0]])
            if part == "highlight_soft":
                return self._soft_selection()
        return QColor(self._tokens["dark" if self.is_dark else "light"][token][part])

    def _soft_selection(self) -> QColor:
        """The accent of the user, thin over the ground of lists."""
        palette = self._app.palette()
        over, ground, share = palette.highlight().color(), palette.base().color(), 0.24 if self.is_dark else 0.14
        pairs = ((over.red(), ground.red()), (over.green(), ground.green()), (over.blue(), ground.blue()))
        return QColor(*(round(a * share + b * (1 - share)) for a, b in pairs))

    def _palette(self) -> QPalette:
        surface = self._tokens["dark" if self.is_dark else "light"]["surface"]
        palette = QPalette(QColor(surface["window"]))
        for part, roles in _ROLES.items():
            for role in roles:
                palette.setColor(QPalette.ColorRole[role], QColor(surface[part]))
        for role in _DISABLED:
            palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole[role], QColor(surface["disabled"]))
        return palette

    # -- icons

    def draw(self, painter: QPainter, name: str, token: str, rect: QRectF) -> None:
        """Draw an icon (``state/sent``) in the colour of a token, sharp at any scale."""
        self._renderer(name, self.colour(token).name()).render(painter, rect)

    def draw_bar(self, painter: QPainter, rect: QRectF, share: float) -> None:
        """Draw how much of something is done: a rounded bar as high as rect. There is always a number beside it."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = rect.height() / 2
        painter.setBrush(self.colour("surface", "track"))
        painter.drawRoundedRect(rect, radius, radius)
        if share > 0:
            done = QRectF(rect.x(), rect.y(), max(rect.height(), rect.width() * min(1.0, share)), rect.height())
            painter.setBrush(self.colour("working"))
            painter.drawRoundedRect(done, radius, radius)
        painter.restore()

    def icon(self, name: str, token: str = "") -> QIcon:
        """An icon for buttons and menus; without a token in the colour of text, grey where it is disabled.

        It keeps the colours of now: ask again at :attr:`changed`.
        """
        icon = QIcon()
        normal = self.colour(token) if token else self._app.palette().buttonText().color()
        disabled = QColor(self.colour("surface", "disabled"))
        for size in (16, 20, 24, 32, 40, 48):
            icon.addPixmap(self._pixmap(name, normal.name(), size), QIcon.Mode.Normal)
            icon.addPixmap(self._pixmap(name, disabled.name(), size), QIcon.Mode.Disabled)
        return icon

    def pixmap(self, name: str, token: str, size: int, ratio: float = 1.0) -> QPixmap:
        """An icon as a picture of size × size logical pixels."""
        return self._pixmap(name, self.colour(token).name(), size, ratio)

    def mark(self) -> QIcon:
        """The coloured mark, for windows."""
        return QIcon(str(resource("icons/mark-dark.svg" if self.is_dark else "icons/mark.svg")))

    def tray_icon(self, name: str, ground: str = "") -> QIcon:
        """A tray icon by its state (``up-to-date``). ground: ``light``, ``dark`` or ``mono``; empty: as the windows are."""
        ground = ground or ("dark" if self.is_dark else "light")
        renderer = QSvgRenderer(str(resource(f"icons/tray/{ground}/{name}.svg")))
        icon = QIcon()
        for size in _TRAY_SIZES:
            icon.addPixmap(_painted(renderer, size, 1.0))
        icon.setIsMask(ground == "mono")
        return icon

    def _pixmap(self, name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
        return _painted(self._renderer(name, colour), size, ratio)

    def _renderer(self, name: str, colour: str) -> QSvgRenderer:
        key = (name, colour)
        if key not in self._renderers:
            text = resource(f"icons/{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
            self._renderers[key] = QSvgRenderer(QByteArray(text.encode()))
        return self._renderers[key]

    # -- fonts

    def font(self, size: Size = Size.BODY, *, is_bold: bool = False) -> QFont:
        """The system's font in one of our sizes. Digits have one width, so that numbers do not dance."""
        font = QFont(self._app.font())
        if font.pixelSize() > 0:
            font.setPixelSize(round(font.pixelSize() * float(size)))
        else:
            font.setPointSizeF(font.pointSizeF() * float(size))
        font.setWeight(QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal)
        font.setFeature(QFont.Tag("tnum"), 1)
        font.setFeature(QFont.Tag("calt"), 0)  # some fonts turn the x of 7x3 into a multiplication sign
        return font

    def row_height(self, normal: int, touch: int = 44) -> int:
        """Height of a row or control: the normal one, or the one for gloves."""
        return touch if self.is_touch else normal


def dress(widget: QWidget, font: QFont, role: QPalette.ColorRole | None = None) -> None:
    """Give a label one of our fonts, and the colour of a palette role (for the second line: PlaceholderText).

    A style sheet would cut the widget off from its parent's palette.
    """
    widget.setFont(font)
    if role is not None:
        widget.setForegroundRole(role)


def elide_path(path: str, metrics: QFontMetrics, width: int) -> str:
    """A path as wide as ``width`` pixels at most: its folders are shortened, its name as the last thing."""
    if metrics.horizontalAdvance(path) <= width:
        return path
    separator = "\\" if "\\" in path else "/"
    folder, found, name = path.rpartition(separator)
    if not found:
        return metrics.elidedText(path, Qt.TextElideMode.ElideMiddle, width)
    room = width - metrics.horizontalAdvance(separator + name)
    short = metrics.elidedText(folder, Qt.TextElideMode.ElideRight, room)
    return metrics.elidedText(short + separator + name, Qt.TextElideMode.ElideLeft, width)


def _painted(renderer: QSvgRenderer, size: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(QSize(size, size) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
