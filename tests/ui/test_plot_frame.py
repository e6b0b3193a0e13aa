"""A plot answers mouse and keyboard, says values with units, and follows the palette."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QEnterEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.curves import Curve
from stopdesk.ui.plots.frame import PlotFrame
from stopdesk.ui.plots.quantity import Quantity
from tests.ui.sample_results import dark_palette, screen_point


def settle(frame: PlotFrame) -> None:
    """Painting the numbers beside the ticks may make an axis wider; let it."""
    frame.grab()
    QApplication.processEvents()


@pytest.fixture
def frame(qtbot: QtBot) -> PlotFrame:
    frame = PlotFrame("Test plot", notices=Notices())
    qtbot.addWidget(frame)
    frame.resize(640, 400)
    frame.set_axes(Quantity("Frequency", "GHz"), Quantity("Temperature", "K"))
    frame.show_curves([Curve("a", np.linspace(100, 110, 50), np.linspace(0, 5, 50), QColor("#0072B2"))])
    frame.set_home((100.0, 110.0), (0.0, 5.0))
    frame.show()
    qtbot.waitExposed(frame)
    settle(frame)
    return frame


def span(frame: PlotFrame) -> tuple[float, float, float, float]:
    (x0, x1), (y0, y1) = frame.view.viewRange()
    return x0, x1, y0, y1


def test_noise_is_drawn_line_by_line(frame: PlotFrame) -> None:
    """As one path that is smoothed, 3,000 points of noise keep the window for a second."""
    x = np.linspace(100, 110, 3000)
    noise, smooth = np.random.default_rng(1).random(3000) * 5, np.exp(-((x - 105) ** 2)) * 5
    colour = QColor("#0072B2")
    curves = [Curve("noise", x, noise, colour), Curve("smooth", x, smooth, colour)]
    curves.append(Curve("dashed", x, noise, colour, variant=1))
    frame.show_curves(curves)

    def drawn(item: pg.PlotDataItem) -> tuple[str, bool]:
        return item.curve.opts["segmentedLineMode"], item.curve.opts["antialias"]

    items = [item for item in frame.plot.items if isinstance(item, pg.PlotDataItem)]
    assert [drawn(item) for item in items] == [("on", False), ("auto", True), ("auto", False)]
    picture = frame.canvas.grab().toImage()
    place = screen_point(frame, 102.0, 2.5)
    seen = [picture.pixelColor(place.x() + k, place.y()).name() for k in range(-5, 6)]
    assert colour.name() in seen
    frame.show_curves(curves[1:2])
    assert drawn(items[0]) == ("auto", True), "what was noise before is smooth again"


def test_axes_say_quantity_and_unit(frame: PlotFrame) -> None:
    assert frame.plot.getAxis("bottom").labelText == "Frequency (GHz)"
    assert frame.plot.getAxis("left").labelText == "Temperature (K)"
    frame.set_axes(Quantity("Flux", "W m-2 sr-1"), Quantity("Optical depth"))
    assert frame.plot.getAxis("bottom").labelText == "Flux (W m⁻² sr⁻¹)"
    assert frame.plot.getAxis("left").labelText == "Optical depth"


def test_keys_zoom_pan_and_reset(frame: PlotFrame, qtbot: QtBot) -> None:
    home = span(frame)
    qtbot.keyClick(frame, Qt.Key.Key_Plus)
    x0, x1, y0, y1 = span(frame)
    assert x1 - x0 == pytest.approx(8.0)
    assert y1 - y0 == pytest.approx(4.0)
    qtbot.keyClick(frame, Qt.Key.Key_Right)
    assert span(frame)[0] > x0
    qtbot.keyClick(frame, Qt.Key.Key_Up)
    assert span(frame)[2] > y0
    qtbot.keyClick(frame, Qt.Key.Key_Home)
    assert span(frame) == pytest.approx(home)


def test_the_wheel_zooms_at_the_mouse(frame: PlotFrame) -> None:
    viewport = frame.canvas.viewport()
    at = screen_point(frame, 102.0, 2.0)
    event = QWheelEvent(
        QPointF(at),
        QPointF(viewport.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)
    x0, x1, _, _ = span(frame)
    assert x1 - x0 < 10
    assert x0 < 102 < x1
    assert 102 - x0 < x1 - 102


def drag(frame: PlotFrame, qtbot: QtBot, button: Qt.MouseButton, start: QPoint, end: QPoint) -> None:
    viewport = frame.canvas.viewport()
    qtbot.mousePress(viewport, button, pos=start)
    for step in range(1, 6):
        at = start + (end - start) * step / 5
        QApplication.sendEvent(viewport, moved(viewport, at, button))
    qtbot.mouseRelease(viewport, button, pos=end)


def moved(widget: QWidget, at: QPoint, button: Qt.MouseButton) -> QMouseEvent:
    where, place = QPointF(at), QPointF(widget.mapToGlobal(at))
    kind, none = QEvent.Type.MouseMove, Qt.MouseButton.NoButton
    return QMouseEvent(kind, where, place, none, button, Qt.KeyboardModifier.NoModifier)


def test_dragging_pans(frame: PlotFrame, qtbot: QtBot) -> None:
    drag(frame, qtbot, Qt.MouseButton.LeftButton, screen_point(frame, 104, 2), screen_point(frame, 106, 2))
    x0, x1, _, _ = span(frame)
    assert x0 == pytest.approx(98.0, abs=0.3)
    assert x1 - x0 == pytest.approx(10.0)


def test_a_right_drag_zooms_into_its_box_and_a_double_click_goes_back(frame: PlotFrame, qtbot: QtBot) -> None:
    drag(frame, qtbot, Qt.MouseButton.RightButton, screen_point(frame, 102, 1), screen_point(frame, 106, 4))
    assert span(frame) == pytest.approx((102, 106, 1, 4), abs=0.1)
    frame.set_home((100.0, 110.0), (0.0, 5.0))
    assert frame.zoomed, "new data leave the user's zoom alone"
    viewport = frame.canvas.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=screen_point(frame, 104, 2))
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=screen_point(frame, 104, 2))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=screen_point(frame, 104, 2))
    assert span(frame) == pytest.approx((100, 110, 0, 5))


def test_a_click_tells_the_point_in_units(frame: PlotFrame, qtbot: QtBot) -> None:
    frame.set_axes(Quantity("Density", "cm-3"), Quantity("Temperature", "K"), x_log=True)
    frame.set_home((3.0, 7.0), (0.0, 5.0))
    settle(frame)
    with qtbot.waitSignal(frame.clicked, timeout=5000) as told:
        qtbot.mouseClick(frame.canvas.viewport(), Qt.MouseButton.LeftButton, pos=screen_point(frame, 5.0, 2.0))
    assert np.log10(told.args[0]) == pytest.approx(5.0, abs=0.02)
    assert told.args[1] == pytest.approx(2.0, abs=0.03)


def test_the_corner_says_values_with_units(frame: PlotFrame, qtbot: QtBot) -> None:
    viewport = frame.canvas.viewport()
    qtbot.mouseMove(viewport, screen_point(frame, 105.0, 2.5))
    qtbot.waitUntil(lambda: frame.crosshair.text != "")
    across, up = frame.crosshair.text.split(",  ")
    assert across.endswith(" GHz")
    assert float(across.split()[0]) == pytest.approx(105.0, abs=0.05)
    assert up.endswith(" K")
    assert float(up.split()[0]) == pytest.approx(2.5, abs=0.05)


def test_a_narrow_view_reads_with_more_digits(frame: PlotFrame, qtbot: QtBot) -> None:
    frame.set_home((345.7959, 345.7961), (0.0, 5.0))
    settle(frame)
    qtbot.mouseMove(frame.canvas.viewport(), screen_point(frame, 345.79605, 2.5))
    qtbot.waitUntil(lambda: frame.crosshair.text != "")
    assert float(frame.crosshair.text.split()[0]) == pytest.approx(345.79605, abs=1e-6)


def test_buttons_come_with_the_keyboard_focus_and_can_be_reached(frame: PlotFrame, qtbot: QtBot) -> None:
    other = QToolButton()
    qtbot.addWidget(other)
    frame.clearFocus()
    frame.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(frame.buttons.isVisible)
    buttons = frame.buttons.findChildren(QToolButton)
    assert [button.accessibleName() for button in buttons] == [
        "Reset: Test plot",
        "Grid: Test plot",
        "Copy: Test plot",
        "Export: Test plot",
    ]
    qtbot.keyClick(frame, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is buttons[0]
    assert frame.buttons.isVisible()
    frame.view.setRange(xRange=(1, 2), yRange=(1, 2))
    qtbot.keyClick(buttons[0], Qt.Key.Key_Space)
    assert span(frame) == pytest.approx((100, 110, 0, 5))


def test_the_plot_follows_the_palette(frame: PlotFrame, qtbot: QtBot) -> None:
    light = frame.canvas.backgroundBrush().color().lightness()
    with dark_palette(), qtbot.waitSignal(frame.recoloured, timeout=5000, raising=False):
        QApplication.processEvents()
        assert frame.canvas.backgroundBrush().color().lightness() < 64 < light
        assert frame.plot.getAxis("bottom").textPen().color().lightness() > 192


def test_a_message_can_stand_in_the_plot(frame: PlotFrame) -> None:
    frame.set_message("Nothing to show.")
    assert frame.message == "Nothing to show."
    frame.set_message("")
    assert frame.message == ""


def test_a_message_stands_in_the_middle_also_where_there_is_no_plot(qtbot: QtBot) -> None:
    frame = PlotFrame("Test plot", notices=Notices())
    qtbot.addWidget(frame)
    frame.canvas.setVisible(False)
    frame.set_message("Nothing yet.")
    frame.resize(600, 300)
    frame.show()
    qtbot.waitExposed(frame)
    (label,) = [child for child in frame.findChildren(QLabel) if child.text() == "Nothing yet."]
    middle = label.geometry().center()
    assert abs(middle.x() - 300) < 3
    assert abs(middle.y() - 150) < 3
    QApplication.sendEvent(frame, QEnterEvent(QPointF(300, 150), QPointF(300, 150), QPointF(300, 150)))
    assert frame.buttons.isHidden()


def test_dragging_with_shift_gives_a_box_and_leaves_the_view(frame: PlotFrame, qtbot: QtBot) -> None:
    home, boxes = span(frame), []
    frame.view.chosen.connect(lambda box, adds: boxes.append((box, adds)))
    viewport, shift = frame.canvas.viewport(), Qt.KeyboardModifier.ShiftModifier
    start, end = screen_point(frame, 102, 4), screen_point(frame, 106, 1)
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, shift, start)
    for step in range(1, 6):
        event = moved(viewport, start + (end - start) * step / 5, Qt.MouseButton.LeftButton)
        event.setModifiers(shift)
        QApplication.sendEvent(viewport, event)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, shift, end)
    ((box, adds),) = boxes
    assert (box.left(), box.right(), box.top(), box.bottom()) == pytest.approx((102, 106, 1, 4), abs=0.1)
    assert not adds
    assert span(frame) == home


def test_the_arrow_keys_go_where_they_point_on_a_plot_that_runs_to_the_left(frame: PlotFrame, qtbot: QtBot) -> None:
    frame.view.invertX(True)
    x0 = span(frame)[0]
    qtbot.keyClick(frame, Qt.Key.Key_Right)
    assert span(frame)[0] < x0
