"""Observations to show: tables as portals answer them, and the plots of them on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import pyqtgraph as pg
from astropy.table import Column, Table
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from stopdesk.domain.search import Cone
from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.frame import PlotFrame
from stopdesk.ui.portal.ranges import RangesView
from stopdesk.ui.portal.sky import SkyView
from stopdesk.ui.selection import Selection
from stopdesk.ui.tasks import Tasks
from stopdesk.vo.marks import ObservationMarks, marks_of
from tests.ui.sample_results import screen_point

C = 299792458.0

#: IRAS 16293-2422, and 3 arcmin around it.
CONE = Cone.around(248.1, -24.48, 0.05)

View = TypeVar("View", bound=SkyView | RangesView)

PORTALS = ("ALMA", "ESO", "A portal with a name that is far too long to stand beside an axis")


def observations(n: int, *, regions: bool = True, seed: int = 1) -> ObservationMarks:
    """So many observations around the centre, of three portals in turn; every third without a footprint."""
    rng = np.random.default_rng(seed)
    ra, dec = CONE.position.ra + rng.normal(0, 0.02, n), CONE.position.dec + rng.normal(0, 0.02, n)
    middle, width = rng.uniform(85e9, 360e9, n), rng.choice([0.06e9, 1.9e9], n)
    table = Table({"s_ra": ra, "s_dec": dec, "t_min": rng.uniform(55000, 60000, n)})
    if regions:
        cells = [f"CIRCLE ICRS {a:.6f} {d:.6f} 0.003" for a, d in zip(ra, dec, strict=True)]
        table["s_region"] = [cell if k % 3 else "" for k, cell in enumerate(cells)]
    table["em_min"] = Column(C / (middle + width / 2), unit="m")
    table["em_max"] = Column(C / (middle - width / 2), unit="m")
    table["t_max"] = table["t_min"] + 0.2
    table["obs_id"] = [f"uid://A001/X{k}" for k in range(n)]
    return marks_of(table, np.arange(n) % 3)


def table_of(**columns: object) -> ObservationMarks:
    """Observations of one portal, given by ObsCore's names."""
    return marks_of(Table(columns))


@contextmanager
def plotted(
    qtbot: QtBot, make: Callable[..., View], *, size: tuple[int, int] = (720, 440)
) -> Iterator[tuple[View, Selection]]:
    """A plot on the screen with a selection of its own; taken down as the window would."""
    tasks, notices, selection = Tasks(), Notices(), Selection()
    view = make(tasks=tasks, notices=notices, selection=selection)
    qtbot.addWidget(view)
    view.resize(*size)
    view.show()
    qtbot.waitExposed(view)
    try:
        yield view, selection
        assert not notices.history, [notice.text for notice in notices.history]
    finally:
        assert tasks.shutdown(20)
        QApplication.processEvents()


def settle(qtbot: QtBot, view: SkyView | RangesView) -> None:
    """Wait until everything is drawn; painting the numbers may make an axis wider, which draws anew."""
    for _ in range(3):
        qtbot.waitUntil(lambda: view.is_settled, timeout=60_000)
        view.grab()
        QApplication.processEvents()
    qtbot.waitUntil(lambda: view.is_settled, timeout=60_000)


def click(qtbot: QtBot, frame: PlotFrame, x: float, y: float, *, ctrl: bool = False) -> None:
    """Click at a point in view coordinates."""
    modifier = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
    qtbot.mouseClick(frame.canvas.viewport(), Qt.MouseButton.LeftButton, modifier, screen_point(frame, x, y))


def frame_with_shift(qtbot: QtBot, frame: PlotFrame, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag with Shift from one point to another, both in view coordinates."""
    drag(qtbot, frame, start, end, Qt.KeyboardModifier.ShiftModifier)


def drag(
    qtbot: QtBot,
    frame: PlotFrame,
    start: tuple[float, float],
    end: tuple[float, float],
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Drag from one point to another, both in view coordinates, while these keys are held."""
    viewport = frame.canvas.viewport()
    first, last = screen_point(frame, *start), screen_point(frame, *end)
    limit = pg.getConfigOption("mouseRateLimit")
    pg.setConfigOption("mouseRateLimit", 0)  # else moves soon after others are left out
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, keys, first)
    for step in range(1, 6):
        at = QPoint(first + (last - first) * step / 5)
        QApplication.sendEvent(viewport, _moved(viewport, at, keys))
    pg.setConfigOption("mouseRateLimit", limit)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, keys, last)


def hover(frame: PlotFrame, x: float, y: float) -> str:
    """Move the mouse to a point in view coordinates; what the corner then says."""
    viewport = frame.canvas.viewport()
    no_keys, no_button = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.NoButton
    QApplication.sendEvent(viewport, _moved(viewport, screen_point(frame, x, y), no_keys, no_button))
    return frame.crosshair.text


def _moved(
    widget: QWidget, at: QPoint, keys: Qt.KeyboardModifier, buttons: Qt.MouseButton = Qt.MouseButton.LeftButton
) -> QMouseEvent:
    where, place = QPointF(at), QPointF(widget.mapToGlobal(at))
    return QMouseEvent(QEvent.Type.MouseMove, where, place, Qt.MouseButton.NoButton, buttons, keys)
