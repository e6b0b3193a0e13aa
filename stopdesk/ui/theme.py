"""Colours of the window: light or dark by the system, one accent, Okabe-Ito for curves, a colour and shape a phase."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

#: Okabe & Ito (2008), in the order in which curves take them; black and white swap with the background.
CURVES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")

#: The one accent colour, for what is selected, primary or at work.
ACCENT = "#0072B2"

#: The outline of boxes to tick, about, and what has them. Tables draw their grid in the same shade, and are left out.
_TICK_OUTLINE = "#838383"
_WITH_TICKS = ("QCheckBox", "QRadioButton", "QListView", "QTreeView")

#: Spacing grid in pixels.
GRID = 8


@dataclass(frozen=True)
class Chip:
    """How a run's state is shown: a word, a shape drawn before it, and a colour, never the colour alone."""

    word: str
    shape: str
    light: str
    dark: str

    @property
    def colour(self) -> QColor:
        """The colour that reads on the present background."""
        return QColor(self.dark if is_dark() else self.light)


#: A chip for every state of a run (``Run.state``).
CHIPS = {
    "waiting": Chip("waiting", "pause", "#5f6b76", "#a9b4be"),
    "held back": Chip("needs log-in", "pause", "#8a4b00", "#ffb070"),
    "sending": Chip("sending", "hollow", "#5f6b76", "#a9b4be"),
    "rejected": Chip("not sent", "cross", "#b3261e", "#ff8a80"),
    "pending": Chip("pending", "hollow", "#5f6b76", "#a9b4be"),
    "queued": Chip("queued", "half", "#7a5c00", "#e6b84d"),
    "executing": Chip("executing", "moving", "#005a8e", "#6cb8ec"),
    "completed": Chip("completed", "tick", "#00664b", "#5fd0ab"),
    "error": Chip("error", "cross", "#b3261e", "#ff8a80"),
    "aborted": Chip("aborted", "square", "#7a3b69", "#dc9cc8"),
    "held": Chip("held", "pause", "#7a5c00", "#e6b84d"),
    "suspended": Chip("suspended", "pause", "#7a5c00", "#e6b84d"),
    "archived": Chip("archived", "square", "#5f6b76", "#a9b4be"),
    "unknown": Chip("unknown", "question", "#5f6b76", "#a9b4be"),
    "lost": Chip("no contact", "question", "#8a4b00", "#ffb070"),
    "gone": Chip("gone", "question", "#5f6b76", "#a9b4be"),
}


def is_dark() -> bool:
    """Whether the application's palette is a dark one."""
    return QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128


def curve_colour(index: int) -> QColor:
    """The colour of the curve with that number, the same everywhere."""
    return QColor(CURVES[index % len(CURVES)])


def problem_colour() -> QColor:
    """The colour of a problem's text."""
    return CHIPS["error"].colour


def quiet_colour() -> QColor:
    """The colour of text that says little: hints, units, empty states."""
    text = QGuiApplication.palette().color(QPalette.ColorRole.WindowText)
    back = QGuiApplication.palette().color(QPalette.ColorRole.Window)
    mix = [round(0.62 * a + 0.38 * b) for a, b in zip(text.getRgb()[:3], back.getRgb()[:3], strict=True)]  # type: ignore[index]
    return QColor(*mix)


def apply_scheme(name: str) -> None:
    """Follow the system, or be ``light`` or ``dark`` whatever it says, also where the desktop cannot be asked."""
    schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    QGuiApplication.styleHints().setColorScheme(schemes.get(name, Qt.ColorScheme.Unknown))
    if name not in schemes:
        QApplication.setPalette(QPalette())  # the system's again, whatever was chosen before
    elif is_dark() != (name == "dark"):
        QApplication.setPalette(_palette(dark=name == "dark"))
    _outline_ticks()


def _outline_ticks() -> None:
    """Have boxes to tick seen, whether the window is light or dark.

    Fusion outlines them in a darker shade of the window, which in a dark one is that of what is in them.
    """
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Window, QColor(_TICK_OUTLINE).lighter(127))
    for kind in _WITH_TICKS:
        QApplication.setPalette(palette, kind)  # type: ignore[arg-type]  # says bytes and takes text


def _palette(*, dark: bool) -> QPalette:
    """A plain palette in the tones of Fusion, for platforms that have none of the wanted kind."""
    if not dark:
        return QPalette(QColor("#efefef"))
    role = QPalette.ColorRole
    palette = QPalette(QColor("#323232"), QColor("#2b2b2b"))
    tones = {
        role.Base: "#242424",
        role.AlternateBase: "#2b2b2b",
        role.Text: "#f0f0f0",
        role.WindowText: "#f0f0f0",
        role.ButtonText: "#f0f0f0",
        role.ToolTipBase: "#3c3c3c",
        role.ToolTipText: "#f0f0f0",
        role.PlaceholderText: "#8c8c8c",
        role.Link: "#6cb8ec",
        role.Highlight: "#2f6f9f",
        role.HighlightedText: "#ffffff",
    }
    for each, colour in tones.items():
        palette.setColor(each, QColor(colour))
    for each in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor("#7d7d7d"))
    return palette
