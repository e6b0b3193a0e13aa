"""Rows and boxes of a form: label, editor and problem on one grid; groups that can be folded."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from stopdesk.domain.parameter import Parameter
from stopdesk.domain.spec import Group
from stopdesk.ui import theme
from stopdesk.ui.forms.controls import PROBLEM_SIGN, Elided, Widths, Words
from stopdesk.ui.forms.editors import Editor

#: A range or list of options longer than this is cut in the tooltip; a menu shows all of it.
_LONGEST_RANGE = 800


def _sentence_end(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def tooltip_of(parameter: Parameter) -> str:
    """Help and range, as the tooltip of every part of a row; what a service wrote is no markup."""
    text = html.escape(_sentence_end(parameter.help))
    permitted = html.escape(_shortened(parameter.range_text))
    return (
        f"<p>{text}</p><p>{_sentence_end(permitted[:1].upper() + permitted[1:])}</p>" if permitted else f"<p>{text}</p>"
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_RANGE else f"{text[:_LONGEST_RANGE]}…"


class FieldRow(QWidget):
    """One parameter: its label, its editor, and below the editor what is wrong with it.

    With ``with_help`` a line of its help stands there too: the names of other services say little by themselves.
    """

    def __init__(
        self, editor: Editor, widths: Widths, *, with_help: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.editor = editor
        self.parameter = editor.parameter
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.GRID)
        grid.setVerticalSpacing(2)
        self.label = QLabel(self.parameter.label.replace("&", "&&"))  # a buddy's label reads & as a key
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setFixedWidth(widths.label)
        self.label.setBuddy(editor.controls()[0])
        self.problem = Words(problem=True)
        self.problem.setFixedWidth(widths.whole)
        self.problem.hide()
        self.doubts = Words()
        self.doubts.setFixedWidth(widths.whole)
        self.doubts.hide()
        grid.addWidget(self.label, 0, 0)
        grid.addWidget(editor, 0, 1)
        grid.addWidget(self.problem, 2, 1)
        grid.addWidget(self.doubts, 3, 1)
        if with_help and self.parameter.help.casefold() != self.parameter.label.casefold():
            self.help = Elided()
            self.help.setFixedWidth(widths.whole)
            self.help.set_words(self.parameter.help)
            grid.addWidget(self.help, 1, 1)
        grid.setColumnStretch(2, 1)
        tip = tooltip_of(self.parameter)
        self._tip = tip
        self.label.setToolTip(tip)
        for control in editor.controls():
            control.setAccessibleDescription(f"{self.parameter.help} {self.parameter.range_text}".strip())
            if not control.toolTip():
                control.setToolTip(tip)

    def show_doubts(self, texts: Sequence[str]) -> None:
        """Say what is odd and no problem, below the editor and in the tooltip of the label."""
        self.doubts.setText("\n".join(f"Note: {text}" for text in texts))
        self.doubts.setVisible(bool(texts))
        self.label.setToolTip("".join((self._tip, *(f"<p>{html.escape(text)}</p>" for text in texts))))

    def show_problems(self, texts: Sequence[str], *, waiting: bool = False) -> None:
        """Say what is wrong, or (``waiting``) what is awaited; no texts: nothing."""
        self.problem.set_problem(not waiting)
        sign = "" if waiting else f"{PROBLEM_SIGN} "
        text = "\n".join(f"{sign}{text}" for text in dict.fromkeys(texts))
        self.problem.setText(text)
        self.problem.setVisible(bool(text))


class GroupBox(QFrame):
    """A titled box of rows; an advanced one starts folded and then says how much in it is set."""

    def __init__(self, group: Group, rows: Sequence[FieldRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.group = group
        self.rows = tuple(rows)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.GRID, 4, theme.GRID, theme.GRID)
        outer.setSpacing(6)
        self.title = QToolButton() if group.advanced else QLabel(group.label)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.body = QWidget()
        inner = QVBoxLayout(self.body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        for row in rows:
            inner.addWidget(row)
        outer.addWidget(self.title, 0, Qt.AlignmentFlag.AlignLeft)
        outer.addWidget(self.body)
        self._set = 0
        self._problems = 0
        self._unfolded = not group.advanced
        if isinstance(self.title, QToolButton):
            self.title.setAutoRaise(True)
            self.title.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.title.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self.title.clicked.connect(lambda: self.unfold(not self._unfolded))
            self.unfold(False)

    @property
    def folded(self) -> bool:
        """Whether the rows are out of sight."""
        return not self._unfolded

    def unfold(self, unfolded: bool = True) -> None:
        """Bring the rows into sight, or put them away; only an advanced group can be folded."""
        if isinstance(self.title, QToolButton):
            self._unfolded = unfolded
            self.body.setVisible(unfolded)
            self.title.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)
            self._show_title()

    def count(self, n_set: int, n_problems: int) -> None:
        """How many rows differ from their default and how many have a problem, for the title."""
        self._set, self._problems = n_set, n_problems
        self._show_title()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationPaletteChange:
            self._show_title()

    def _show_title(self) -> None:
        if not isinstance(self.title, QToolButton):
            return
        text = self.group.label
        if self.folded:
            text += f"  ·  {self._set} set" if self._set else ""
            text += f"  ·  {PROBLEM_SIGN} {self._problems} to mend" if self._problems else ""
        palette = QPalette()
        if self.folded and self._problems:
            palette.setColor(QPalette.ColorRole.ButtonText, theme.problem_colour())
        self.title.setPalette(palette)
        self.title.setText(text)
        self.title.setAccessibleName(f"{text}, {'folded' if self.folded else 'open'}")
