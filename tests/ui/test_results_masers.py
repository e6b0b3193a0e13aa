"""Masers are marked on maps and curves, and leave the scale to the lines whose numbers mean something."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from stopdesk.domain.result import ModelResult
from stopdesk.ui.grids.curves_view import heights_to_show
from tests.ui.sample_results import sample, screen_point, shown

#: Of 3 x 4 x 5 rows; the default map shows column density over H2 density at the middle temperature.
MASERS = [2, 22, 23, 24]


def saturated(rows: list[int] = MASERS, height: float = 1e27) -> ModelResult:
    """A result whose lines are masers of an absurd brightness in some rows."""
    result = sample()
    for row in rows:
        result.outputs["maser"][row] = True
        result.outputs["optical_depth"][row] = -100.0
        result.outputs["peak_temperature"][row] = height
    return result


def test_a_maser_is_hatched_on_the_map_and_does_not_take_the_colours(qtbot: QtBot) -> None:
    result = saturated()
    with shown(qtbot, result) as content:
        content.tabs.setCurrentWidget(content.map)
        content.select_row(22)
        plane = result.outputs["peak_temperature"].reshape(3, 4, 5, -1)[:, :, 2, content.line]
        assert content.map.levels == (plane[plane < 1e20].min(), plane[plane < 1e20].max())
        assert content.map.status.startswith("2 of 12 are masers (hatched, colours scaled without them)")
        x, y = content.map._hatch.getData()
        around_both = set(zip(np.round(x, 3), np.round(y, 3), strict=True))
        assert {(14.5, 2.5), (15.5, 3.5), (15.5, 2.5), (16.5, 3.5)} <= around_both
        assert x.max() <= 16.5 + 1e-9, "no other cell is hatched"


def test_the_crosshair_says_maser(qtbot: QtBot) -> None:
    with shown(qtbot, saturated()) as content:
        content.tabs.setCurrentWidget(content.map)
        content.select_row(22)
        content.grab()
        frame = content.map.frame
        qtbot.mouseMove(frame.canvas.viewport(), screen_point(frame, 16.1, 3.1))
        qtbot.waitUntil(lambda: frame.crosshair.text.endswith("K, maser"))


def test_a_map_of_masers_alone_has_their_colours(qtbot: QtBot) -> None:
    with shown(qtbot, saturated(list(range(60)), 5.0)) as content:
        content.tabs.setCurrentWidget(content.map)
        assert content.map.levels == (5.0, 5.0)
        assert content.map.status.startswith("12 of 12 are masers (hatched);")


def test_masers_are_open_circles_on_curves_and_do_not_take_the_scale(qtbot: QtBot) -> None:
    result = saturated()
    with shown(qtbot, result) as content:
        content.select_row(20)
        content.tabs.setCurrentWidget(content.curves)
        frame = content.curves.frame
        drawn = content.curves.drawn_lines()
        assert content.curves.status == f"{3 * len(drawn)} points are masers (○)"
        scatter = frame._items[0].scatter
        filled = [point.brush().style().value != 0 for point in scatter.points()]
        assert filled == [True, True, False, False, False]
        assert all(point.pen().style().value != 0 for point in scatter.points()[2:])
        (_, _), (_, top) = frame.view.viewRange()
        assert top < 100


def test_a_long_curve_shows_its_masers_only(qtbot: QtBot) -> None:
    result = sample({"kinetic_temperature": "10:50:81", "density_h2": "1e4"})
    result.outputs["maser"][40] = True
    with shown(qtbot, result) as content:
        content.tabs.setCurrentWidget(content.curves)
        points = content.curves.frame._items[0].scatter.points()
        visible = [n for n, point in enumerate(points) if point.pen().style().value or point.brush().style().value]
        assert visible == [40]


def test_without_masers_nothing_is_said(qtbot: QtBot) -> None:
    result = sample()
    del result.outputs["maser"]  # type: ignore[attr-defined]  # as a model has it that knows no masers
    with shown(qtbot, result) as content:
        for view in (content.map, content.curves):
            content.tabs.setCurrentWidget(view)
            assert "maser" not in view.status
        assert content.map._hatch.getData()[0].size == 0


def test_masers_in_reach_of_the_other_lines_stay_in_view() -> None:
    values = np.array([1.0, 2.0, 12.0, -9.0, 1e6, np.nan])
    masers = np.array([False, False, True, True, True, False])
    assert np.nanmax(heights_to_show(values, masers)) == 12.0
    assert np.nanmin(heights_to_show(values, masers)) == -9.0
    assert heights_to_show(values[2:5], masers[2:5]).max() == 1e6, "masers alone"
