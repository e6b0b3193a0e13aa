"""Maps over two axes and curves along one: what they show, their holes, their scales."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk.ui.grids.content import ResultContent
from stopdesk.ui.plots.frame import PlotFrame
from tests.ui.sample_results import sample, screen_point, shown

#: Column density 1e16, H2 density 1e3, all temperatures; and one cell of the default map.
FAILED = [20, 21, 22, 23, 24, 57]


@pytest.fixture
def content(qtbot: QtBot) -> Iterator[ResultContent]:
    with shown(qtbot, sample(failed=FAILED)) as content:
        yield content


def open_tab(content: ResultContent, name: str) -> None:
    names = [content.tabs.tabText(number) for number in range(content.tabs.count())]
    content.tabs.setCurrentIndex(names.index(name))
    content.grab()
    QApplication.processEvents()


def colour_at(frame: PlotFrame, x: float, y: float) -> QColor:
    QApplication.processEvents()
    image = frame.canvas.grab().toImage()
    return image.pixelColor(screen_point(frame, x, y) * image.devicePixelRatio())


def exported(frame: PlotFrame, folder: Path) -> list[list[str]]:
    frame.export(folder / "plot.csv")
    with (folder / "plot.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_the_map_starts_with_the_peak_over_the_first_two_axes(content: ResultContent, tmp_path: Path) -> None:
    open_tab(content, "Map")
    assert content.map.output.value() == "peak_temperature"
    header, *rows = exported(content.map.frame, tmp_path)
    assert header == ["Column density [cm-2]", "H₂ density [cm-3]", "T_peak [K]"]
    result = sample(failed=FAILED)
    plane = result.outputs["peak_temperature"].reshape(3, 4, 5, -1)[:, :, 2, content.line]
    for column, density, peak in rows:
        x, y = round(np.log10(float(column))) - 15, round(np.log10(float(density))) - 3
        if peak:
            assert float(peak) == pytest.approx(plane[x, y])
        else:
            assert np.isnan(plane[x, y])
    low, high = content.map.levels
    assert (low, high) == pytest.approx((np.nanmin(plane), np.nanmax(plane)))


def test_bright_cells_are_bright_and_holes_are_grey(content: ResultContent) -> None:
    open_tab(content, "Map")
    frame = content.map.frame
    dark, bright = colour_at(frame, 14.7, 4.0), colour_at(frame, 16.7, 4.0)
    assert bright.lightness() > dark.lightness() + 40
    hole = colour_at(frame, 16.3, 2.7)
    assert hole.saturation() == 0
    assert content.map.status.startswith("2 of 12 cells did not converge (×); CO ")


def test_logarithmic_colours_leave_out_what_has_no_logarithm(qtbot: QtBot) -> None:
    result = sample()
    result.outputs["peak_temperature"][::7] = -0.1
    with shown(qtbot, result) as content:
        open_tab(content, "Map")
        content.select_row(0)
        content.map.log_colours.setChecked(True)
        low, high = content.map.levels
        plane = result.outputs["peak_temperature"].reshape(3, 4, 5, -1)[:, :, 0, content.line]
        assert low == pytest.approx(np.log10(plane[plane > 0].min()))
        assert high == pytest.approx(np.log10(plane.max()))
        assert f"{int((plane <= 0).sum())} cells of zero or below are grey" in content.map.status


def test_any_two_axes_and_any_output(content: ResultContent, tmp_path: Path) -> None:
    open_tab(content, "Map")
    content.map.x_axis.box.setCurrentIndex(2)
    content.map.output.box.setCurrentIndex(0)
    header, *rows = exported(content.map.frame, tmp_path)
    assert header == ["Kinetic temperature [K]", "H₂ density [cm-3]", "T_ex [K]"]
    assert len(rows) == 20
    assert all(not row[2] or float(row[2]) == pytest.approx(float(row[0])) for row in rows), "thermal"
    assert content.map.sliders.slider(0).isVisible()


def test_the_same_axis_cannot_be_chosen_twice(content: ResultContent) -> None:
    open_tab(content, "Map")
    content.map.x_axis.box.setCurrentIndex(1)
    assert content.map.x_axis.value() == 1
    assert content.map.y_axis.value() == 0


def test_the_crosshair_names_the_values_of_the_cell(content: ResultContent, qtbot: QtBot) -> None:
    open_tab(content, "Map")
    frame = content.map.frame
    qtbot.mouseMove(frame.canvas.viewport(), screen_point(frame, 17.1, 5.2))
    qtbot.waitUntil(lambda: frame.crosshair.text != "")
    value = sample().outputs["peak_temperature"].reshape(3, 4, 5, -1)[2, 2, 2, content.line]
    assert frame.crosshair.text == f"1e17 cm⁻²,  1e5 cm⁻³:  T_peak {value:.5g} K"
    qtbot.mouseMove(frame.canvas.viewport(), screen_point(frame, 16.0, 3.1))
    qtbot.waitUntil(lambda: frame.crosshair.text.endswith("did not converge"))


def test_curves_run_along_an_axis_for_the_strongest_lines(content: ResultContent, tmp_path: Path) -> None:
    open_tab(content, "Curves")
    assert content.curves.axis.value() == 2, "the longest axis"
    drawn = content.curves.drawn_lines()
    assert content.line in drawn
    assert len(drawn) == 4
    header, *rows = exported(content.curves.frame, tmp_path)
    assert header[0] == f"CO {sample().transitions.transition[drawn[0]]}: Kinetic temperature [K]"
    cube = sample(failed=FAILED).outputs["peak_temperature"].reshape(3, 4, 5, -1)
    where = np.unravel_index(content.row, (3, 4, 5))
    for number, line in enumerate(drawn):
        values = [float(row[2 * number + 1]) for row in rows]
        assert values == pytest.approx(cube[where[0], where[1], :, line])


def test_lines_are_ticked_in_the_list(content: ResultContent, tmp_path: Path) -> None:
    open_tab(content, "Curves")
    for number in range(content.curves.lines.count()):
        content.curves.lines.item(number).setCheckState(Qt.CheckState.Unchecked)
    assert content.curves.frame.message == "Tick a line in the list on the right."
    content.curves.lines.item(0).setCheckState(Qt.CheckState.Checked)
    assert content.curves.frame.message == ""
    assert exported(content.curves.frame, tmp_path)[0] == ["CO 1-0: Kinetic temperature [K]", "CO 1-0: T_peak [K]"]


def test_a_logarithmic_scale_and_gaps_are_said(content: ResultContent) -> None:
    open_tab(content, "Curves")
    content.select_row(58)
    assert content.curves.status == "1 of 5 parameter sets did not converge: gaps"
    content.curves.log_height.setChecked(True)
    assert content.curves.frame.plot.getAxis("left").logMode
    content.curves.axis.box.setCurrentIndex(0)
    assert content.curves.frame.plot.getAxis("bottom").labelText == "Column density (cm⁻²)"
    assert content.curves.frame.plot.getAxis("bottom").logMode
