"""A slider for each axis of a grid that a plot does not show, with value and unit beside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSlider, QWidget

from stopdesk.ui import theme
from stopdesk.ui.grids.columns import GridAxis


class AxisSliders(QWidget):
    """The sliders; ``moved`` gives the number of an axis and the index chosen on it."""

    moved = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axes: tuple[GridAxis, ...] = ()
        self._rows: list[tuple[QLabel, QSlider, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.GRID)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)

    def set_axes(self, axes: Sequence[GridAxis]) -> None:
        """Make a slider for every axis of a grid."""
        for row in self._rows:
            for widget in row:
                self._grid.removeWidget(widget)
                widget.deleteLater()
        self._axes = tuple(axes)
        self._rows = [self._build(number, axis) for number, axis in enumerate(axes)]

    def _build(self, number: int, axis: GridAxis) -> tuple[QLabel, QSlider, QLabel]:
        label, slider, value = QLabel(axis.quantity.name), QSlider(Qt.Orientation.Horizontal), QLabel()
        label.setBuddy(slider)
        label.setToolTip(axis.description)
        slider.setRange(0, len(axis.values) - 1)
        slider.setPageStep(max(1, len(axis.values) // 10))
        slider.setAccessibleName(axis.quantity.name)
        slider.setToolTip(axis.description)
        slider.setMinimumWidth(80)
        slider.valueChanged.connect(lambda index: self._move(number, index))
        widest = max((axis.show(value) for value in axis.values[:: max(1, len(axis.values) // 50)]), key=len)
        value.setMinimumWidth(value.fontMetrics().horizontalAdvance(widest) + theme.GRID)
        for column, widget in enumerate((label, slider, value)):
            self._grid.addWidget(widget, number, column)
        self._show(number, 0)
        return label, slider, value

    def show_indices(self, indices: Sequence[int], hidden: Collection[int]) -> None:
        """Put the sliders where a row lies; those of the axes that the plot itself shows are hidden."""
        for number, (index, row) in enumerate(zip(indices, self._rows, strict=True)):
            with QSignalBlocker(row[1]):
                row[1].setValue(index)
            row[2].setText(self._axes[number].show(float(self._axes[number].values[index])))
            row[1].setAccessibleDescription(row[2].text())
            for widget in row:
                widget.setVisible(number not in hidden)
        self.setVisible(len(hidden) < len(self._rows))

    def slider(self, number: int) -> QSlider:
        """The slider of an axis."""
        return self._rows[number][1]

    def value_text(self, number: int) -> str:
        """What stands beside the slider of an axis."""
        return self._rows[number][2].text()

    def _show(self, number: int, index: int) -> None:
        if number < len(self._rows):
            axis = self._axes[number]
            self._rows[number][2].setText(axis.show(float(axis.values[index])))

    def _move(self, number: int, index: int) -> None:
        self._show(number, index)
        self.moved.emit(number, index)
