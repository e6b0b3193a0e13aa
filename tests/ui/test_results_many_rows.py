"""Many rows of a result are selected: in the table by mouse and keys, from outside by their numbers, never lost."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from stopdesk.domain.parameter import Axis
from stopdesk.domain.result import ModelResult
from stopdesk.ui.grids.content import ResultContent
from stopdesk.ui.grids.table import NumbersTable
from tests.ui.sample_results import sample, shown

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def content(qtbot: QtBot) -> Iterator[ResultContent]:
    with shown(qtbot, sample()) as content:
        content.select_row(0)
        yield content


def click(table: NumbersTable, qtbot: QtBot, place: int, keys: Qt.KeyboardModifier = PLAIN) -> None:
    table.view.scrollTo(table.model.index(place, 0))
    at = table.view.visualRect(table.model.index(place, 0)).center()
    qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, keys, at)


def sort(table: NumbersTable, qtbot: QtBot, section: int) -> None:
    header = table.view.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(section) + header.sectionSize(section) // 2, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, PLAIN, at)


def highlighted(table: NumbersTable) -> set[int]:
    """The rows that are painted as selected, of those in sight."""
    first, last = table.view.in_sight()
    model, chosen = table.model, table.view.selectionModel()
    return {model.row_of(place) for place in range(first, last + 1) if chosen.isSelected(model.index(place, 3))}


def selected(content: ResultContent) -> list[int]:
    return content.selection.rows.tolist()


def test_clicks_with_ctrl_and_shift_select_many_rows(content: ResultContent, qtbot: QtBot) -> None:
    click(content.rows, qtbot, 2)
    assert (selected(content), content.row) == ([2], 2)
    click(content.rows, qtbot, 5, CTRL)
    assert (selected(content), content.row) == ([2, 5], 5)
    click(content.rows, qtbot, 8, CTRL | SHIFT)
    assert selected(content) == [2, 5, 6, 7, 8]
    assert content.facts.text() == "LVG · CO · 5 of 60 rows selected · 12 lines"
    click(content.rows, qtbot, 6, CTRL)
    assert (selected(content), content.row) == ([2, 5, 7, 8], 8)
    click(content.rows, qtbot, 3)
    assert selected(content) == [3]
    assert content.facts.text() == "LVG · CO · 60 rows · 12 lines"


def test_the_last_selected_row_stays_selected(content: ResultContent, qtbot: QtBot) -> None:
    click(content.rows, qtbot, 4)
    click(content.rows, qtbot, 4, CTRL)
    assert (selected(content), content.row, highlighted(content.rows)) == ([4], 4, {4})


def test_keys_select_ranges_and_everything_and_escape_goes_back(content: ResultContent, qtbot: QtBot) -> None:
    view = content.rows.view
    click(content.rows, qtbot, 2)
    view.setFocus()
    for _ in range(3):
        qtbot.keyClick(view, Qt.Key.Key_Down, SHIFT)
    assert (selected(content), content.row) == ([2, 3, 4, 5], 5)
    next(action for action in view.actions() if action.text() == "Select all").trigger()
    assert (len(selected(content)), content.row) == (60, 5)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert selected(content) == [5]


def test_sorting_and_filters_keep_the_selection(content: ResultContent, qtbot: QtBot) -> None:
    table = content.rows
    content.selection.choose([3, 17, 44], source="elsewhere", current=17)
    sort(table, qtbot, 6)
    sort(table, qtbot, 6)
    assert table.model.row_of(table.view.currentIndex().row()) == 17
    assert 17 in highlighted(table) <= {3, 17, 44}
    table.filters.edits[3].setText("30")  # the third of five temperatures: rows 2, 7, 12, 17, ...
    assert highlighted(table) == {17}
    assert content.facts.text() == "LVG · CO · 12 of 60 rows, 3 selected (2 hidden) · 12 lines"
    assert selected(content) == [3, 17, 44]
    table.copy()
    assert [line.split("\t")[0] for line in QGuiApplication.clipboard().text().splitlines()] == ["Row", "18"]
    table.filters.edits[3].clear()
    assert selected(content) == [3, 17, 44]
    assert content.facts.text() == "LVG · CO · 3 of 60 rows selected · 12 lines"
    click(table, qtbot, table.model.place_of(50) or 0, CTRL)
    assert (selected(content), content.row) == ([3, 17, 44, 50], 50)


def test_rows_selected_elsewhere_are_shown_and_told_once(content: ResultContent) -> None:
    heard: list[object] = []
    content.selection.changed.connect(heard.append)
    content.selection.choose([1, 3, 5], source="another program", current=3)
    assert (content.row, highlighted(content.rows)) == (3, {1, 3, 5})
    assert heard == ["another program"]
    content.spectrum.grab()
    assert content.spectrum.caption.startswith("Row 4,")


def test_a_selection_from_elsewhere_without_a_chosen_row_keeps_to_the_nearest(content: ResultContent) -> None:
    content.select_row(20)
    content.selection.choose([1, 18, 59], source="another program")
    assert (content.row, content.selection.current) == (18, 18)
    content.selection.choose([1, 18, 30], source="another program")
    assert content.row == 18


def test_an_empty_selection_goes_back_to_one_row_and_rows_that_are_not_there_are_left_out(
    content: ResultContent,
) -> None:
    content.selection.choose([1, 3], source="another program", current=3)
    content.selection.clear(source="another program")
    assert (selected(content), content.row) == ([3], 3)
    content.selection.choose([7, 60, 10**6], source="another program", current=60)
    assert (selected(content), content.row) == ([7], 7)
    content.selection.choose([99], source="another program")
    assert (selected(content), content.row) == ([7], 7)


def test_lines_are_selected_as_rows_are(content: ResultContent, qtbot: QtBot) -> None:
    content.tabs.setCurrentWidget(content.lines)
    click(content.lines, qtbot, 1)
    click(content.lines, qtbot, 4, SHIFT)
    assert content.line_selection.rows.tolist() == [1, 2, 3, 4]
    assert content.line == 4 == content.line_choice.value()
    sort(content.lines, qtbot, 6)
    assert content.line_selection.rows.tolist() == [1, 2, 3, 4]
    assert highlighted(content.lines) == {1, 2, 3, 4}
    content.select_row(7)
    assert highlighted(content.lines) == {1, 2, 3, 4}, "another row has the same lines"
    content.line_selection.choose([9, 10], source="another program", current=10)
    assert (content.line, highlighted(content.lines)) == (10, {9, 10})
    assert selected(content) == [7]


def test_another_result_begins_with_one_row(content: ResultContent) -> None:
    content.selection.choose(np.arange(60), source="elsewhere", current=30)
    content.rows.filters.edits[3].setText("30")
    smaller = sample({"column_density": "1e15:1e17:3:log", "density_h2": "1e4"})
    content.show_result(smaller, "A smaller one", None)
    assert (selected(content), content.row, content.run_name) == ([1], 1, "A smaller one")
    assert content.result is smaller
    assert highlighted(content.rows) == {1}


def test_the_selected_rows_are_kept_unless_they_are_too_many(content: ResultContent) -> None:
    content.selection.choose([2, 3, 40], source="elsewhere", current=3)
    state = json.loads(json.dumps(content.view_state()))
    assert content.result is not None
    content.show_result(content.result, "Again", None)
    assert selected(content) == [content.row]
    content.show_result(content.result, "Again", None, state)
    assert (selected(content), content.row) == ([2, 3, 40], 3)
    assert content.rows.view.chosen.rows.tolist() == [2, 3, 40]
    content.show_result(content.result, "Again", None, state | {"rows": "2,x,99,-1,,7", "row": 5})
    assert (selected(content), content.row) == ([2, 5, 7], 5)


def large() -> ModelResult:
    """300,000 rows with numbers of no meaning."""
    small = sample(n_lines=2)
    axes = {"column_density": Axis(1e14, 1e18, 50, log=True), "density_h2": Axis(1e3, 1e7, 60, log=True)}
    values = dict(small.values) | axes | {"kinetic_temperature": Axis(10.0, 109.0, 100)}
    numbers = np.random.default_rng(3).random((300_000, 2))
    outputs = {name: numbers if array.dtype == np.float64 else numbers > 2 for name, array in small.outputs.items()}
    flags = {"converged": np.ones(300_000, dtype=bool)}
    return ModelResult("lvg", values, "CO", small.transitions, outputs, flags)


def test_half_of_very_many_rows_are_selected_in_a_sorted_table(qtbot: QtBot) -> None:
    result = large()
    with shown(qtbot, result) as content:
        table = content.rows
        with qtbot.waitSignal(table.arranged, timeout=20_000):
            sort(table, qtbot, 6)
        chosen = np.sort(np.random.default_rng(5).choice(300_000, 150_000, replace=False))
        content.selection.choose(chosen, source="another program")
        assert content.facts.text() == "LVG · CO · 150,000 of 300,000 rows selected · 2 lines"
        n_in_sight = table.view.in_sight()[1] - table.view.in_sight()[0] + 1
        assert table.view.selectionModel().selection().count() <= n_in_sight, "Qt has those in sight only"
        flags = np.zeros(300_000, dtype=bool)
        flags[chosen] = True
        seen = table.model.order[slice(table.view.in_sight()[0], table.view.in_sight()[1] + 1)]
        assert highlighted(table) == set(seen[flags[seen]].tolist())
        assert "rows" not in content.view_state()
        click(table, qtbot, table.view.in_sight()[0] + 1, CTRL)
        assert len(content.selection.rows) in (149_999, 150_001)
        table.view.selectAll()
        assert len(content.selection.rows) == 300_000
