"""The small controls that forms are made of: text fields, menus and words that behave the same everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QLineF, QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QSizePolicy, QToolButton, QWidget

from stopdesk.ui import theme
from stopdesk.ui.notices import plain_tip

#: The sign before a problem, so that colour is never alone.
PROBLEM_SIGN = "⚠"


@dataclass(frozen=True)
class Widths:
    """The columns that the fields of a form share, in pixels of the font in use."""

    label: int
    editor: int
    number: int
    count: int
    unit: int
    button: int

    @classmethod
    def of(cls, metrics: QFontMetrics, labels: tuple[str, ...]) -> Widths:
        """Wide enough for the longest label and for numbers such as 1.234e+14."""
        number = metrics.horizontalAdvance("1.234e14") + 20
        count = metrics.horizontalAdvance("1000") + 16
        return cls(
            label=max((metrics.horizontalAdvance(label) for label in labels), default=0) + theme.GRID,
            editor=2 * number + count + metrics.horizontalAdvance("minmaxn log") + 24 + 7 * 4,
            number=number,
            count=count,
            unit=metrics.horizontalAdvance("km/s") + 44,
            button=28,
        )

    @property
    def whole(self) -> int:
        """Editor, unit and button together, with the gaps between them."""
        return self.editor + self.unit + self.button + theme.GRID


class PlainEdit(QLineEdit):
    """A text field whose undo is the form's: one history covers every field."""

    def event(self, event: QEvent) -> bool:
        """Leave the keys of undo and redo to the form's actions."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and is_history(event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Type; undo and redo pass to the form."""
        if is_history(event):
            event.ignore()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The usual menu without the field's own undo and redo."""
        menu = self.createStandardContextMenu()
        for action in menu.actions()[:3]:  # undo, redo and the line below them
            menu.removeAction(action)
        menu.exec(event.globalPos())
        menu.deleteLater()


def is_history(event: QKeyEvent) -> bool:
    """Whether a key undoes or does again."""
    return event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)


class Menu(QComboBox):
    """A menu of a few words that the wheel changes only when it has the focus, so that scrolling past is harmless."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn only with the focus; else let the page scroll."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class AxisButton(QToolButton):
    """Opens a number to an axis and closes it again; shows a scale with ticks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        """As high as a text field."""
        return QSize(28, QLineEdit().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button of the style with a scale on it."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = painter.pen()
        pen.setColor(self.palette().buttonText().color())
        pen.setWidthF(1.4)
        painter.setPen(pen)
        middle, left, right = self.height() / 2 + 0.5, 7.0, self.width() - 7.0
        painter.drawLine(QLineF(left, middle, right, middle))
        for i in range(4):
            x = left + (right - left) * i / 3
            half = 4.5 if i in (0, 3) else 2.5
            painter.drawLine(QLineF(x, middle - half, x, middle + half))
        painter.end()


class Words(QLabel):
    """Words of the program in a colour of the theme that follows light and dark."""

    def __init__(self, parent: QWidget | None = None, *, problem: bool = False, wrap: bool = True) -> None:
        super().__init__(parent)
        self._problem = problem
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self._colour()

    def set_problem(self, problem: bool) -> None:
        """Whether the words are a problem or only quiet."""
        if problem != self._problem:
            self._problem = problem
            self._colour()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        palette, colour = self.palette(), theme.problem_colour() if self._problem else theme.quiet_colour()
        if palette.color(self.foregroundRole()) != colour:  # else this would be its own next change
            palette.setColor(self.foregroundRole(), colour)
            self.setPalette(palette)


class Elided(Words):
    """Words on one line, cut with dots where there is no room; the whole stands in the tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, wrap=False)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_words(self, text: str) -> None:
        """Show ``text``."""
        self._whole = text
        self.setToolTip(plain_tip(text))
        self.setAccessibleName(text)
        self._cut()

    @property
    def words(self) -> str:
        """All of the text, cut or not."""
        return self._whole

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut anew."""
        self._cut()

    def _cut(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, max(0, self.width() - 4)))
