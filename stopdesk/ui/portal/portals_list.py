"""The portals that a search asks: ticked or not, and for each what it has answered, with its own buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from stopdesk.domain.search import Outcome, PortalAnswer
from stopdesk.domain.settings import Service
from stopdesk.ui.forms.controls import Elided
from stopdesk.ui.grids.elided import ElidedLabel
from stopdesk.ui.jobs.chip import draw_shape
from stopdesk.ui.notices import plain_tip
from stopdesk.ui.portal.colours import portal_icon
from stopdesk.ui.theme import CHIPS, GRID, Chip

#: How each way of answering looks: a shape and a colour of those that jobs have, and words of its own.
_LOOKS: dict[Outcome, Chip] = {
    Outcome.ROWS: CHIPS["completed"],
    Outcome.EMPTY: CHIPS["pending"],
    Outcome.OVERFLOW: CHIPS["queued"],
    Outcome.REFUSED: CHIPS["error"],
    Outcome.NOT_ALLOWED: CHIPS["held back"],
    Outcome.UNREACHABLE: CHIPS["lost"],
    Outcome.FAILED: CHIPS["error"],
    Outcome.CANCELLED: CHIPS["aborted"],
}
_WORDS = {
    Outcome.EMPTY: "Nothing there",
    Outcome.REFUSED: "Says no",
    Outcome.NOT_ALLOWED: "Not allowed",
    Outcome.UNREACHABLE: "No answer",
    Outcome.FAILED: "Unusable answer",
    Outcome.CANCELLED: "Cancelled",
}


@dataclass(frozen=True)
class PortalState:
    """What is to be said of a portal: ``n_rows`` have come so far while it is ``at_work``; ``can_get_rest``."""

    at_work: bool = False
    n_rows: int = 0
    answer: PortalAnswer | None = None
    can_get_rest: bool = False


def words_of(state: PortalState) -> str:
    """A portal's state in a few words."""
    answer = state.answer
    if state.at_work:
        return f"Asking… {_counted(state.n_rows)} so far" if state.n_rows else "Asking…"
    if answer is None:
        return ""
    if answer.outcome is Outcome.ROWS or answer.outcome is Outcome.EMPTY:
        new = f", {answer.n_new:,} new" if answer.n_new is not None else ""
        return (_counted(answer.n_rows) if answer.n_rows else _WORDS[Outcome.EMPTY]) + new
    if answer.outcome is Outcome.OVERFLOW:
        return f"{_counted(answer.n_rows)}, and there are more"
    kept = f"; {_counted(answer.n_rows)} kept" if answer.n_rows else ""
    said = f": {answer.said}" if answer.outcome is not Outcome.CANCELLED else ""
    return f"{_WORDS[answer.outcome]}{kept}{said}"


def _counted(n_rows: int) -> str:
    return "1 row" if n_rows == 1 else f"{n_rows:,} rows"


class _Sign(QWidget):
    """The shape of a chip."""

    def __init__(self) -> None:
        super().__init__()
        self.chip: Chip | None = None
        self.setFixedSize(QSize(2 * GRID, 2 * GRID))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        if self.chip is not None:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw_shape(painter, self.chip, QPointF(GRID, GRID))
            painter.end()


class PortalRow(QFrame):
    """One portal."""

    def __init__(self, service: Service, wanted: Callable[[str, str], object]) -> None:
        super().__init__()
        self.service = service
        self.tick = QCheckBox()
        self.tick.setAccessibleName(f"Search {service.name}")
        self.name = ElidedLabel()
        self.mark_edited(on=False)
        self.sign = _Sign()
        self.words = Elided()
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(GRID // 2)
        self.buttons = {word: _button(word, tip, service) for word, tip in _BUTTONS.items()}
        for word, button in self.buttons.items():
            button.clicked.connect(lambda _=False, word=word: wanted(word, service.url))
        top = QHBoxLayout()
        top.setSpacing(GRID // 2)
        top.addWidget(self.tick)
        top.addWidget(self.name, 1)
        top.addWidget(self.buttons["Only this"])
        self._below = QWidget()
        below = QHBoxLayout(self._below)
        below.setContentsMargins(2 * GRID + GRID // 2, 0, 0, 0)
        below.setSpacing(GRID // 2)
        below.addWidget(self.sign)
        below.addWidget(self.words, 1)
        for word in ("Cancel", "Get the rest", "Retry", "Details"):
            below.addWidget(self.buttons[word])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setSpacing(1)
        layout.addLayout(top)
        layout.addWidget(self._below)
        layout.addWidget(self.bar)
        self.show_state(PortalState(), is_alone=False)

    def mark_edited(self, *, on: bool) -> None:
        """Say whether the portal gets a query that was edited by hand and does not follow the source."""
        name, url, note = self.service.name, self.service.url, self.service.note
        self.name.set_whole(f"{name}: edited query" if on else name)
        words = "It gets the query that was edited by hand, wherever the source is: see ADQL." if on else ""
        self.name.setToolTip(plain_tip("\n".join(filter(None, (name, url, note, words)))))

    def show_state(self, state: PortalState, *, is_alone: bool) -> None:
        """Say how far the portal is."""
        answer = state.answer
        chip = CHIPS["executing"] if state.at_work else _LOOKS[answer.outcome] if answer is not None else None
        is_bad = answer is not None and not answer.outcome.has_table and not state.at_work
        self.sign.chip = chip
        self.sign.update()
        self.words.set_words(words_of(state))
        if answer is not None and not state.at_work:
            self.words.setToolTip(plain_tip(answer.said or words_of(state)))
        self.bar.setVisible(state.at_work)
        self._below.setVisible(state.at_work or answer is not None)
        self.buttons["Cancel"].setVisible(state.at_work)
        self.buttons["Retry"].setVisible(is_bad)
        self.buttons["Get the rest"].setVisible(state.can_get_rest and not state.at_work)
        self.buttons["Details"].setVisible(answer is not None and not state.at_work)
        has_rows = answer is not None and answer.n_rows > 0
        self.buttons["Only this"].setVisible(has_rows)
        self.buttons["Only this"].setChecked(is_alone)


_BUTTONS = {
    "Cancel": "Stop asking this portal",
    "Retry": "Ask this portal once more",
    "Get the rest": "Ask for the rows that did not come",
    "Details": "What was asked, what was answered",
    "Only this": "Show the rows of this portal alone",
}
_TEXTS = {"Cancel": "✕", "Retry": "Retry", "Get the rest": "More", "Details": "…", "Only this": "Only"}


def _button(word: str, tip: str, service: Service) -> QToolButton:
    button = QToolButton()
    button.setText(_TEXTS[word])
    button.setAutoRaise(True)
    button.setToolTip(tip)
    button.setAccessibleName(f"{word}: {service.name}")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setCheckable(word == "Only this")
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button


class PortalsList(QScrollArea):
    """All portals that the program knows. ``ticked`` carries an address and whether it is to be searched.

    ``wanted`` carries what a button says (``Cancel``, ``Retry``, ``Get the rest``, ``Details``, ``Only this``) and the
    portal's address.
    """

    ticked = Signal(str, bool)
    wanted = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Portals")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows: dict[str, PortalRow] = {}
        self._edited: frozenset[str] = frozenset()
        self._inside = QWidget()
        self._inside.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, GRID // 2, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.setWidget(self._inside)

    def set_services(self, services: Sequence[Service]) -> None:
        """Show these portals, those in use with a tick; rows of the same portal stay what they are."""
        known = {row.service.url: row for row in self.rows.values()}
        fresh: dict[str, PortalRow] = {}
        for place, service in enumerate(services):
            row = known.pop(service.url, None)
            if row is not None and _same(row.service, service):
                row.service = service
            else:
                if row is not None:
                    row.deleteLater()
                row = PortalRow(service, self.wanted.emit)
                row.tick.clicked.connect(lambda on, url=service.url: self.ticked.emit(url, on))
            row.tick.setChecked(service.enabled)
            fresh[service.url] = row
            self._column.insertWidget(place, row)
        for row in known.values():
            self._column.removeWidget(row)
            row.deleteLater()
        self.rows = fresh
        self.mark_edited(self._edited)

    def mark_edited(self, urls: Iterable[str]) -> None:
        """Mark the portals whose query was edited by hand."""
        self._edited = frozenset(urls)
        for url, row in self.rows.items():
            row.mark_edited(on=url in self._edited)

    def colour(self, asked: Sequence[str]) -> None:
        """Show the marks that the rows of these portals have in the table and in the plots."""
        for url, row in self.rows.items():
            row.buttons["Only this"].setIcon(portal_icon(asked.index(url)) if url in asked else QIcon())

    @property
    def services(self) -> list[Service]:
        """Those with a tick."""
        return [row.service for row in self.rows.values() if row.tick.isChecked()]

    def show_state(self, url: str, state: PortalState, *, is_alone: bool) -> None:
        """Say how far a portal is; one that is not in the list (any more) is passed over."""
        if url in self.rows:
            self.rows[url].show_state(state, is_alone=is_alone)


def _same(old: Service, new: Service) -> bool:
    """Whether two services look the same here."""
    return (old.name, old.note) == (new.name, new.note)
