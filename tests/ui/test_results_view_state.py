"""How a result is looked at is told as plain values and taken back, whatever stands in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from stopdesk.domain.result import ModelResult
from stopdesk.ui.grids.results import ResultsView
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Tasks
from tests.ui.sample_results import sample


@contextmanager
def results_view(qtbot: QtBot) -> Iterator[ResultsView]:
    tasks = Tasks()
    view = ResultsView(tasks=tasks, notices=Notices())
    qtbot.addWidget(view)
    view.resize(1200, 720)
    view.show()
    yield view
    assert tasks.shutdown()


def show(view: ResultsView, qtbot: QtBot, result: ModelResult) -> None:
    with qtbot.waitSignal(view.shown, timeout=20_000):
        view.show_result(result, "A grid of CO", None)


def arranged(view: ResultsView) -> dict[str, str | int]:
    """Choose something else than at the start, everywhere."""
    content = view.content
    assert content is not None
    content.select_row(13)
    content.select_line(4)
    content.spectrum.view_choice.setCurrentIndex(1)
    content.tabs.setCurrentWidget(content.curves)
    content.curves.axis.box.setCurrentIndex(1)
    content.curves.log_height.setChecked(True)
    content.curves.output.box.setCurrentIndex(1)
    content.curves.lines.item(7).setCheckState(Qt.CheckState.Checked)
    content.tabs.setCurrentWidget(content.map)
    content.map.x_axis.box.setCurrentIndex(2)
    content.map.output.box.setCurrentIndex(0)
    content.map.log_colours.setChecked(True)
    return view.view_state()


def test_a_state_given_before_the_result_is_what_the_result_opens_with(qtbot: QtBot) -> None:
    with results_view(qtbot) as first:
        assert first.view_state() == {}
        show(first, qtbot, sample())
        state = json.loads(json.dumps(arranged(first)))
    assert (state["tab"], state["row"], state["line"]) == ("Map", 13, 4)
    assert (state["map_across"], state["map_up"]) == ("kinetic_temperature", "density_h2")
    assert "7" in state["curves_lines"].split(",")
    with results_view(qtbot) as second:
        second.set_view_state(state)
        show(second, qtbot, sample())
        assert second.view_state() == state
        assert second.content is not None
        assert second.content.tabs.currentWidget() is second.content.map
        assert second.content.map.sliders.value_text(0) == "1e15 cm⁻²"
        assert second.content.map.frame.plot.getAxis("bottom").labelText == "Kinetic temperature (K)"
        second.content.tabs.setCurrentWidget(second.content.curves)
        assert second.content.curves.frame.plot.getAxis("bottom").labelText == "H₂ density (cm⁻³)"
        show(second, qtbot, sample())
        assert second.content.row == sample().grid.middle_row(), "the next result has its own beginning"


def test_a_state_given_later_is_taken_at_once(qtbot: QtBot) -> None:
    with results_view(qtbot) as view:
        show(view, qtbot, sample())
        state = arranged(view)
        show(view, qtbot, sample())
        assert view.view_state() != state
        view.set_view_state(state)
        assert view.view_state() == state


NONSENSE = [
    {"tab": "Nowhere", "row": 10**9, "line": -1},
    {"row": "5", "line": 2.5, "tab": 3},
    {"row": True, "line": None},
    {"map_across": "kinetic_temperature", "map_up": "kinetic_temperature", "map_output": "colour", "map_log": 7},
    {"map_across": "line_width", "map_up": "density_h2"},
    {"curves_lines": "x,,-3,99999999999999999999,²", "curves_along": "colour", "curves_output": 1},
    {"spectrum_axis": "sideways", "spectrum_height": ["a"]},
]


@pytest.mark.parametrize("state", NONSENSE)
def test_nonsense_is_passed_over(qtbot: QtBot, state: dict[str, object]) -> None:
    with results_view(qtbot) as view:
        show(view, qtbot, sample())
        qtbot.waitUntil(lambda: {"map_output", "curves_lines"} <= view.view_state().keys())
        before = view.view_state()
        view.set_view_state(state)
        assert view.view_state() == before


def test_a_state_of_a_grid_does_not_harm_a_single_row_or_a_result_without_lines(qtbot: QtBot) -> None:
    with results_view(qtbot) as view:
        show(view, qtbot, sample())
        state = arranged(view)
        for result in (sample({"column_density": "1e16", "density_h2": "1e4"}), sample(n_lines=0)):
            view.set_view_state(state)
            show(view, qtbot, result)
            view.set_view_state(state)
            assert view.content is not None
            assert view.content.tabs.currentWidget() is not view.content.map


def test_without_a_result_on_the_screen_there_is_no_state(qtbot: QtBot) -> None:
    with results_view(qtbot) as view:
        show(view, qtbot, sample())
        view.clear()
        assert view.view_state() == {}
