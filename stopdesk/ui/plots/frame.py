"""One plot in its frame: axes with units, crosshair with values, keyboard, export and copy."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent, QFontMetricsF, QGuiApplication, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from stopdesk.errors import FileError, InputError, StopdeskError
from stopdesk.ui.notices import Notices
from stopdesk.ui.plots import export
from stopdesk.ui.plots.colours import PRINT, PlotColours, window_colours
from stopdesk.ui.plots.crosshair import Crosshair
from stopdesk.ui.plots.curves import Curve, fill_item, logarithm, stick_path
from stopdesk.ui.plots.export import PlotTable
from stopdesk.ui.plots.legend import COLUMN, ROW, Entry, Legend
from stopdesk.ui.plots.plain import plain_label
from stopdesk.ui.plots.quantity import Quantity
from stopdesk.ui.plots.view import PlotAxis, PlotView

FloatArray = NDArray[np.float64]

#: How far the title of the vertical axis may stand out beyond the axis, in all.
_BESIDE = 16.0

_PAN = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


class PlotFrame(QWidget):
    """One plot. ``clicked`` gives a point in the units of the axes; ``recoloured`` says that ``colours`` changed.

    Curves are given in the units of the axes; a logarithmic axis is a matter of the frame alone. ``run_name`` and
    ``subject`` (the quantity shown) are whose plot it is, for the name of an exported file. A ``named`` plot has a
    legend. ``axes`` are those with numbers of another kind, on the sides that they are made for.
    """

    clicked = Signal(float, float)
    recoloured = Signal()

    def __init__(self, name: str, *, notices: Notices, named: bool = False, axes: Sequence[PlotAxis] = ()) -> None:
        super().__init__()
        self.setObjectName(f"plot-{name.lower().replace(' ', '-')}")
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.colours: PlotColours = window_colours()
        self.describe: Callable[[float, float], str] = self._describe
        self.zoomed = False
        self.named = named
        self._name = name
        self._notices = notices
        self._x, self._y = Quantity(""), Quantity("")
        self._x_log = self._y_log = False
        self._home = ((0.0, 1.0), (0.0, 1.0))
        self.run_name = self.subject = ""
        self._tables: tuple[PlotTable, ...] = ()
        self._items: list[Any] = []
        self._curves: list[tuple[Any, Curve]] = []
        self._build(axes)
        self._use(self.colours)

    # ---- what is shown -------------------------------------------------------------------------------------------

    def set_axes(self, x: Quantity, y: Quantity, *, x_log: bool = False, y_log: bool = False) -> None:
        """Say what stands on the axes."""
        if (x, y, x_log, y_log) != (self._x, self._y, self._x_log, self._y_log):
            self.zoomed = False
        self._x, self._y, self._x_log, self._y_log = x, y, x_log, y_log
        for side, log in (("bottom", x_log), ("top", x_log), ("left", y_log), ("right", y_log)):
            self.plot.getAxis(side).setLogMode(x=log, y=log)
        self._fit_titles()

    def _fit_titles(self) -> None:
        """Write on each axis as much of its title as there is room for, and always the unit."""
        area = self.view.boundingRect()
        for side, quantity, room in (("bottom", self._x, area.width()), ("left", self._y, area.height())):
            axis = self.plot.getAxis(side)
            metrics = QFontMetricsF(axis.label.font())
            room += 0.0 if side == "bottom" else _BESIDE
            title = quantity.fitted(lambda text, m=metrics, r=room: m.horizontalAdvance(text) <= r)  # type: ignore[misc]
            if title != axis.labelText:
                axis.setLabel(title)
        self.legend.fit(self.width())

    def to_view(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Values in view coordinates; what a logarithmic axis cannot show is NaN."""
        return logarithm(x) if self._x_log else x, logarithm(y) if self._y_log else y

    def show_curves(self, curves: Sequence[Curve], *, tables: Sequence[PlotTable] | None = None) -> None:
        """Show these curves in the place of the old; ``tables`` are the numbers to export, else the curves' own."""
        self.make_room(len(curves))
        for item in self._items[len(curves) :]:
            item.hide()
        self._curves = list(zip(self._items, curves, strict=False))
        for item, curve in self._curves:
            path = stick_path(curve.x, curve.y) if curve.sticks else (curve.x, curve.y)
            fill_item(item, curve, *self.to_view(*path))
            item.show()
        if self.named:
            self.legend.show_entries([Entry(curve.name, curve.colour, curve.points) for curve in curves])
        if tables is None:
            tables = [PlotTable(curve.name, ((self._x, curve.x), (self._y, curve.y))) for curve in curves]
        self.set_tables(tables)

    def make_room(self, n_curves: int) -> None:
        """Have items for so many curves; they are kept, as making one takes longer than filling it."""
        while len(self._items) < n_curves:
            item = pg.PlotDataItem()
            self.plot.addItem(item, ignoreBounds=True)
            self._items.append(item)

    def set_tables(self, tables: Sequence[PlotTable]) -> None:
        """Say which numbers the plot shows, for the export."""
        self._tables = tuple(tables)

    def set_home(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Say what the whole view is, in view coordinates; goes there unless the user has zoomed."""
        self._home = (x, y)
        if not self.zoomed:
            self.reset()

    def set_message(self, text: str) -> None:
        """Show a sentence in the middle of the plot; an empty one takes it away."""
        self._message.setText(text)
        self._message.setVisible(bool(text))
        self._arrange()

    @property
    def message(self) -> str:
        """The sentence in the middle of the plot."""
        return self._message.text()

    def reset(self) -> None:
        """Show the whole."""
        (x0, x1), (y0, y1) = self._home
        self.view.setRange(xRange=(x0, x1), yRange=(y0, y1), padding=0)
        self.zoomed = False

    # ---- export --------------------------------------------------------------------------------------------------

    def export(self, path: Path) -> None:
        """Write the plot on white as its suffix says: .png, .svg, .pdf, or .csv for the numbers."""
        suffix = path.suffix.lower()
        if suffix not in export.FORMATS:
            raise InputError(f"A plot is written as {', '.join(export.FORMATS)}; {path.name!r} ends with none of them.")
        if suffix == ".csv":
            data = export.to_csv(self._tables)
        else:
            write = {".png": export.to_png, ".svg": export.to_svg, ".pdf": export.to_pdf}[suffix]
            with self._printed(export.SCALE if suffix == ".png" else 1):
                data = write(self.plot.scene())
        try:
            path.write_bytes(data)
        except OSError as error:
            raise FileError(path, f"The plot could not be written: {error.strerror or error}.") from error

    def copy(self) -> None:
        """Put a picture of the plot on the clipboard."""
        with self._printed(export.SCALE):
            image = export.to_image(self.plot.scene())
        QGuiApplication.clipboard().setImage(image)
        self._notices.tell(f"Copied the plot {self._name!r} as a picture.")

    def ask_export(self) -> None:
        """Ask for a file, and write the plot to it; the dialog asks before it overwrites."""
        dialog = QFileDialog(self, f"Export the plot {self._name!r}")
        dialog.setObjectName("export-plot")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        filters = [f"{words} {suffix[1:].upper()} (*{suffix})" for suffix, words in export.FORMATS.items()]
        dialog.setNameFilters(filters)
        dialog.setDefaultSuffix("png")
        dialog.selectFile(self.proposed_name)
        dialog.filterSelected.connect(lambda text: dialog.setDefaultSuffix(text.rpartition("*.")[2].rstrip(")")))
        dialog.fileSelected.connect(self._export_chosen)
        dialog.open()

    @property
    def proposed_name(self) -> str:
        """What an exported file is called unless the user says otherwise, without suffix: run, plot and quantity."""
        words = " ".join(filter(None, (self.run_name, self._name.lower(), self.subject)))
        return re.sub(r"[^\w+.()-]+", " ", words).strip(" .")[:100].replace(" ", "-")

    def _export_chosen(self, name: str) -> None:
        try:
            self.export(Path(name))
        except StopdeskError as error:
            self._notices.fail(error)
        else:
            self._notices.tell(f"Wrote the plot to {name}.")

    @contextmanager
    def _printed(self, scale: int) -> Iterator[None]:
        """On white and without crosshair, whatever the window looks like; curves ``scale`` points wide for one."""
        self.crosshair.hide()
        self._use(PRINT)
        self._set_pens(scale)
        try:
            yield
        finally:
            self._set_pens(1)
            self._use(window_colours())

    def _set_pens(self, scale: int) -> None:
        for item, curve in self._curves:
            item.setPen(curve.pen(scale))

    # ---- building ------------------------------------------------------------------------------------------------

    def _build(self, axes: Sequence[PlotAxis]) -> None:
        self.view = PlotView()
        items = {side: PlotAxis(side) for side in ("left", "bottom", "right", "top")}
        items |= {axis.orientation: axis for axis in axes}
        self.canvas = pg.PlotWidget(viewBox=self.view, axisItems=items)
        self.canvas.viewport().setAcceptDrops(False)  # files are for the workspace around it
        self.canvas.setAcceptDrops(False)
        self.canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot = self.canvas.getPlotItem()
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.showAxes(True, showValues=(True, False, False, True))
        self.plot.layout.setContentsMargins(2, 8, 10, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.addWidget(self.canvas)
        self.legend = Legend()
        self.plot.layout.addItem(self.legend, ROW, COLUMN)
        self.crosshair = Crosshair(self.view, self)
        self._message = plain_label(self)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        self._message.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._message.hide()
        self._build_buttons()
        self.canvas.viewport().installEventFilter(self)  # pyqtgraph's own signal leaves out moves in quick succession
        self.view.sigRangeChangedManually.connect(self._mark_zoomed)
        self.view.sigResized.connect(self._arrange)
        self.view.sigResized.connect(self._fit_titles)
        self.view.reset_asked.connect(self.reset)
        self.view.menu_asked.connect(self._show_menu)
        self.view.clicked.connect(self._click)

    def _build_buttons(self) -> None:
        self.grid_action = QAction("Grid", self)
        self.grid_action.setCheckable(True)
        self.grid_action.setToolTip("Show grid lines")
        self.grid_action.toggled.connect(lambda on: self.plot.showGrid(x=on, y=on, alpha=0.25))
        actions = [("Reset", "Show the whole plot (Home)", self.reset), ("Copy", "Copy as a picture", self.copy)]
        actions.append(("Export…", "Write as PNG, SVG, PDF or CSV", self.ask_export))
        self._actions = []
        for text, tip, slot in actions:
            action = QAction(text, self)
            action.setToolTip(tip)
            action.triggered.connect(slot)
            self._actions.append(action)
        self._actions.insert(1, self.grid_action)
        self.buttons = QWidget(self)
        self.buttons.setObjectName("plot-buttons")
        self.buttons.setAutoFillBackground(True)
        row = QHBoxLayout(self.buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for action in self._actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setAccessibleName(f"{action.text().rstrip('…')}: {self._name}")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.installEventFilter(self)
            row.addWidget(button)
        self.buttons.hide()

    def _use(self, colours: PlotColours) -> None:
        self.colours = colours
        self.canvas.setBackground(colours.back)
        for side in ("left", "bottom", "right", "top"):
            axis = self.plot.getAxis(side)
            axis.setPen(colours.front)
            axis.setTextPen(colours.front)
        self.crosshair.use(colours.quiet)
        self.legend.use(colours.front)
        self.recoloured.emit()

    # ---- mouse, keyboard, palette --------------------------------------------------------------------------------

    def _describe(self, x: float, y: float) -> str:
        (x0, x1), (y0, y1) = self.view.viewRange()
        across = self._x.show(x, 4 if self._x_log else _digits(x, (x1 - x0) / self.view.width()))
        return f"{across},  {self._y.show(y, 4 if self._y_log else _digits(y, (y1 - y0) / self.view.height()))}"

    def _from_view(self, point: QPointF) -> tuple[float, float]:
        x = 10.0 ** min(point.x(), 300.0) if self._x_log else point.x()
        return x, 10.0 ** min(point.y(), 300.0) if self._y_log else point.y()

    def _click(self, point: QPointF) -> None:
        self.clicked.emit(*self._from_view(point))

    def _point_at(self, scene_point: QPointF) -> None:
        if self.view.sceneBoundingRect().contains(scene_point):
            point = self.view.mapSceneToView(scene_point)
            self.crosshair.show_at(point, self.describe(*self._from_view(point)))
        else:
            self.crosshair.hide()

    def _show_menu(self, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self._actions)
        menu.popup(where)

    def _mark_zoomed(self) -> None:
        self.zoomed = True

    def _show_buttons(self) -> None:
        focus = QApplication.focusWidget()
        inside = focus is not None and (focus is self or self.isAncestorOf(focus))
        self.buttons.setVisible(not self.canvas.isHidden() and (inside or self.underMouse()))
        self._arrange()

    def _arrange(self) -> None:
        area = self.canvas.mapFromScene(self.view.sceneBoundingRect()).boundingRect()
        self.crosshair.move_corner(area.topLeft() + QPoint(6, 6))
        self.buttons.adjustSize()
        self.buttons.move(area.right() - self.buttons.width() - 4, area.top() + 5)
        self._message.setGeometry((self.rect() if self.canvas.isHidden() else area).adjusted(16, 16, -16, -16))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with + and -, pan with the arrows, Home for the whole."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.view.scaleBy(s=(1.25, 1.25) if key == Qt.Key.Key_Minus else (0.8, 0.8))
            self.zoomed = True
        elif key in _PAN:
            (x0, x1), (y0, y1) = self.view.viewRange()
            dx, dy = _PAN[key]
            dx = -dx if self.view.xInverted() else dx
            self.view.translateBy(x=0.1 * dx * (x1 - x0), y=0.1 * dy * (y1 - y0))
            self.zoomed = True
        elif key == Qt.Key.Key_Home:
            self.reset()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: Any) -> None:
        """Show the buttons."""
        super().enterEvent(event)
        self._show_buttons()

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the buttons and the crosshair."""
        super().leaveEvent(event)
        self.crosshair.hide()
        self._show_buttons()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the buttons to who comes by keyboard."""
        super().focusInEvent(event)
        self._show_buttons()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the buttons, unless the focus went to one of them."""
        super().focusOutEvent(event)
        self._show_buttons()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the mouse over the canvas, and the focus from button to button."""
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            self._point_at(self.canvas.mapToScene(event.position().toPoint()))
        elif event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._show_buttons()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the buttons and the readout in their corners."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the window from light to dark and back."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "plot"):
            self._use(window_colours())


def _digits(value: float, step: float) -> int:
    """How many digits tell a value from its neighbour a point of the screen away."""
    if value == 0 or step <= 0:
        return 5
    return min(12, max(1, math.floor(math.log10(abs(value))) - math.floor(math.log10(step)) + 1))
