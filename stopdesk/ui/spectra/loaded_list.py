"""The list of loaded spectra: a tick, the colour of the curve, name, unit, frame and origin."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QKeySequence, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from stopdesk.domain.loaded import LoadedSpectrum
from stopdesk.domain.spectrum import Spectrum
from stopdesk.ui import theme
from stopdesk.ui.plots.plain import plain_tip
from stopdesk.ui.plots.quantity import pretty_unit
from stopdesk.ui.send_button import SendButton
from stopdesk.ui.spectra.drawing import frame_words

_NAME, _UNIT, _FRAME, _ORIGIN = range(4)
_KEY = Qt.ItemDataRole.UserRole


def facts(spectrum: Spectrum) -> list[tuple[str, str]]:
    """What is known of a spectrum, in words: label and value, empty values left out."""
    rest = spectrum.rest_frequency
    efficiency = spectrum.beam_efficiency
    found = [
        ("Axis", f"{spectrum.n_channels:,} channels, {spectrum.axis_kind}, {frame_words(spectrum.frame)}"),
        ("Rest frequency", "" if rest is None else f"{rest / 1e9:.12g} GHz"),
        ("Values", f"{spectrum.flux_name} {f'in {spectrum.flux_unit}' if spectrum.flux_unit else '(no unit said)'}"),
        ("Beam", "" if spectrum.beam is None else str(spectrum.beam)),
        ("Beam efficiency", "" if efficiency is None else f"{efficiency:.4g}"),
        ("Position", spectrum.position),
        ("Date", spectrum.date),
        ("File", f"{spectrum.file_name}{f', {spectrum.part}' if spectrum.part else ''}"),
    ]
    return [(label, value) for label, value in found if value] + [("Note", note) for note in spectrum.notes]


class LoadedList(QWidget):
    """``ticked`` is sent when the user draws or hides spectra, ``selected(key)`` when they go to another one.

    ``remove_wanted(keys)`` asks to remove the selected ones.
    """

    ticked = Signal()
    selected = Signal(str)
    remove_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colours: dict[str, int] = {}
        self.tree = QTreeWidget()
        self.tree.setAccessibleName("Loaded spectra")
        self.tree.setHeaderLabels(["Spectrum", "Unit", "Frame", "Origin"])
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setAlternatingRowColors(True)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setIconSize(QSize(3 * theme.GRID, 2 * theme.GRID))
        header = self.tree.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in ((_NAME, 20), (_UNIT, 6), (_FRAME, 8)):
            self.tree.setColumnWidth(column, width * theme.GRID)
        self.send_button = SendButton("the selected spectra")
        self.remove_button = QPushButton("Remove")
        self.remove_button.setToolTip("Take the selected spectra out of the session; their files stay (Delete)")
        self.remove_button.setAutoDefault(False)
        self.remove_button.setEnabled(False)
        remove = QAction("Remove", self.tree)
        remove.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        remove.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        remove.triggered.connect(self._remove)
        self.tree.addAction(remove)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._lay_out()
        self.tree.itemChanged.connect(lambda *_: self.ticked.emit())
        self.tree.currentItemChanged.connect(lambda *_: self.selected.emit(self.current))
        self.tree.itemSelectionChanged.connect(lambda: self.remove_button.setEnabled(bool(self.tree.selectedItems())))
        self.remove_button.clicked.connect(self._remove)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.send_button)
        row.addWidget(self.remove_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.GRID, 0)
        layout.setSpacing(theme.GRID // 2)
        layout.addWidget(self.tree, 1)
        layout.addLayout(row)

    def _items(self) -> list[QTreeWidgetItem]:
        items = (self.tree.topLevelItem(row) for row in range(self.tree.topLevelItemCount()))
        return [item for item in items if item is not None]

    @property
    def current(self) -> str:
        """The key of the spectrum that the list stands on; empty where there is none."""
        item = self.tree.currentItem()
        return str(item.data(_NAME, _KEY)) if item is not None else ""

    @property
    def selected_keys(self) -> tuple[str, ...]:
        """The keys of the selected ones, from the top."""
        return tuple(str(item.data(_NAME, _KEY)) for item in self._items() if item.isSelected())

    @property
    def hidden(self) -> tuple[str, ...]:
        """The keys of those without a tick."""
        unchecked = Qt.CheckState.Unchecked
        return tuple(str(item.data(_NAME, _KEY)) for item in self._items() if item.checkState(_NAME) == unchecked)

    def add(self, loaded: LoadedSpectrum, spectrum: Spectrum, *, is_shown: bool = True) -> None:
        """Add a spectrum at the end, with a tick unless told otherwise, without telling anybody."""
        origin = loaded.origin or spectrum.file_name
        short = origin if "://" in origin else PurePath(origin).name or origin
        item = QTreeWidgetItem([loaded.name, pretty_unit(spectrum.flux_unit), spectrum.frame or "not said", short])
        item.setData(_NAME, _KEY, loaded.key)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(_NAME, Qt.CheckState.Checked if is_shown else Qt.CheckState.Unchecked)
        item.setIcon(_NAME, _swatch(loaded.colour))
        lines = [loaded.name, *(f"{label}: {value}" for label, value in facts(spectrum)), f"From: {origin}"]
        for column in range(4):
            item.setToolTip(column, plain_tip("\n".join(lines)))
            item.setData(column, _KEY + 1, "\n".join(lines))
        self._colours[loaded.key] = loaded.colour
        with QSignalBlocker(self.tree):
            self.tree.addTopLevelItem(item)

    def remove(self, key: str) -> None:
        """Take a spectrum off the list."""
        for item in self._items():
            if item.data(_NAME, _KEY) == key:
                self.tree.takeTopLevelItem(self.tree.indexOfTopLevelItem(item))

    def clear(self) -> None:
        """Take all off the list."""
        self.tree.clear()

    def select(self, key: str) -> None:
        """Go to a spectrum; to the last one where there is none of that key."""
        items = self._items()
        chosen = next((item for item in items if item.data(_NAME, _KEY) == key), items[-1] if items else None)
        if chosen is not None:
            self.tree.setCurrentItem(chosen)

    def mark(self, refused: Mapping[str, str]) -> None:
        """Mark those that cannot be drawn, and say why."""
        with QSignalBlocker(self.tree):
            for item in self._items():
                reason = refused.get(str(item.data(_NAME, _KEY)), "")
                plain = item.text(_NAME).removeprefix("⚠ ")
                item.setText(_NAME, f"⚠ {plain}" if reason else plain)
                item.setData(_NAME, Qt.ItemDataRole.ForegroundRole, theme.problem_colour() if reason else None)
                facts_text = str(item.data(_NAME, _KEY + 1))
                words = f"{reason[:1].upper()}{reason[1:]}.\n\n" if reason else ""
                item.setToolTip(_NAME, plain_tip(words + facts_text))

    def _remove(self) -> None:
        keys = tuple(str(item.data(_NAME, _KEY)) for item in self.tree.selectedItems())
        if keys:
            self.remove_wanted.emit(keys)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the colours anew for a window of another brightness."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "tree"):
            with QSignalBlocker(self.tree):
                for item in self._items():
                    item.setIcon(_NAME, _swatch(self._colours[str(item.data(_NAME, _KEY))]))


def _swatch(colour: int) -> QIcon:
    """A line of a curve's colour, on the ground of a list, selected or not."""
    size = QSize(3 * theme.GRID, 2 * theme.GRID)
    pixmap = QPixmap(size * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(QGuiApplication.palette().color(QPalette.ColorRole.Base))
    painter = QPainter(pixmap)
    painter.fillRect(3, theme.GRID - 1, size.width() - 6, 3, theme.curve_colour(colour))
    painter.end()
    return QIcon(pixmap)
