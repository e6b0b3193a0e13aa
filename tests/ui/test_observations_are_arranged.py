"""The table of observations: sorting, selecting, finding, copying, choosing columns, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from stopdesk.ui.portal.columns_dialog import ColumnsDialog
from stopdesk.ui.portal.table import ObservationTable
from stopdesk.vo.merging import Part
from tests.ui.observations import (
    cells,
    click_cell,
    click_header,
    cone,
    obscore,
    on_screen,
    section,
    settled,
    show,
    titles,
)

_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def table(qtbot: QtBot) -> Iterator[ObservationTable]:
    with on_screen(qtbot, [Part("a", "ALMA", obscore(300)), Part("c", "Cones", cone(40))]) as table:
        yield table


def test_a_click_sorts_up_down_and_not_at_all_with_empty_cells_last(table: ObservationTable, qtbot: QtBot) -> None:
    for reverse, arrow in ((False, "▲"), (True, "▼")):
        click_header(qtbot, table, "t_min")
        shown = cells(table, "t_min")
        known = [float(text) for text in shown if text]
        assert known == sorted(known, reverse=reverse)
        assert not any(shown[len(known) :])
        assert f"t_min {arrow} | d" in titles(table)
    click_header(qtbot, table, "t_min")
    assert table.shown.tolist() == list(range(340))


def test_ctrl_adds_a_secondary_key(table: ObservationTable, qtbot: QtBot) -> None:
    click_header(qtbot, table, "dataproduct_type")
    click_header(qtbot, table, "target_name", ctrl=True)
    click_header(qtbot, table, "target_name", ctrl=True)
    pairs = list(zip(cells(table, "dataproduct_type", 300), cells(table, "target_name", 300), strict=True))
    numbers = [(kind, -int(name.split()[-1])) for kind, name in pairs]
    assert numbers == sorted(numbers), "field 99 comes before field 100"
    assert "dataproduct_type ▲₁" in titles(table)
    assert "target_name ▼₂" in titles(table)


def test_the_selection_survives_sort_filter_and_another_search(table: ObservationTable, qtbot: QtBot) -> None:
    click_cell(qtbot, table, 2)
    click_cell(qtbot, table, 5, keys=_SHIFT)
    click_cell(qtbot, table, 9, keys=_CTRL)
    click_cell(qtbot, table, 3, keys=_CTRL)
    assert table.selected_rows.tolist() == [2, 4, 5, 9]
    click_header(qtbot, table, "s_dec")
    assert table.selected_rows.tolist() == [2, 4, 5, 9]
    shown = table.view.selectionModel().selection()
    in_sight = {shown.at(n).top() for n in range(shown.count())}
    assert {table.model.row_at(place) for place in in_sight} <= {2, 4, 5, 9}
    table.drawer.boxes["t_exptime"].enable.setChecked(True)
    value = float(table.rows.named("t_exptime").values[4])  # type: ignore[union-attr]
    table.drawer.set_state(
        {"t_exptime": {"name": "t", "on": True, "unknown": False, "low": value, "high": value, "unit": "s"}}
    )
    settled(qtbot, table)
    assert (table.model.rowCount(), table.selected_rows.tolist()) == (1, [2, 4, 5, 9])
    assert "4 selected, 3 of them hidden" in table.strip.facts.whole
    table.drawer.clear()
    show(qtbot, table, [Part("new", "New", obscore(20, seed=7)), Part("a", "ALMA", obscore(300))])
    assert table.rows.ids(table.selected_rows) == ["a#2", "a#4", "a#5", "a#9"]
    assert table.selected_rows.tolist() == [22, 24, 25, 29]


def test_a_plain_click_replaces_the_selection_and_tells_once(table: ObservationTable, qtbot: QtBot) -> None:
    told: list[list[int]] = []
    table.selected.connect(lambda rows: told.append(rows.tolist()))
    click_cell(qtbot, table, 1)
    click_cell(qtbot, table, 6)
    assert told == [[1], [6]]
    assert table.current_row == 6
    table.select_rows([3, 8], current=8)
    assert told == [[1], [6]], "what comes from outside is not told back"
    assert (table.selected_rows.tolist(), table.current_row) == ([3, 8], 8)
    qtbot.keyClick(table.view, Qt.Key.Key_Down)
    assert told[-1] == [9]
    qtbot.keyClick(table.view, Qt.Key.Key_A, _CTRL)
    assert len(told[-1]) == 340
    qtbot.keyClick(table.view, Qt.Key.Key_Down, _SHIFT)
    assert told[-1] == [9, 10]


def test_dragging_over_rows_selects_them_and_back_fewer(table: ObservationTable, qtbot: QtBot) -> None:
    view = table.view
    places = [view.visualRect(table.model.index(place, 0)).center() for place in range(8)]
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(view.viewport(), left, pos=places[2])
    for place in (3, 5, 7, 4):
        at = QPointF(places[place])
        there = view.viewport().mapToGlobal(at)
        move = QMouseEvent(
            QEvent.Type.MouseMove, at, there, Qt.MouseButton.NoButton, left, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(view.viewport(), move)
    qtbot.mouseRelease(view.viewport(), left, pos=places[4])
    assert table.selected_rows.tolist() == [2, 3, 4]
    for key, expected in ((Qt.Key.Key_Down, [2, 3, 4, 5]), (Qt.Key.Key_Up, [2, 3, 4]), (Qt.Key.Key_Up, [2, 3])):
        qtbot.keyClick(view, key, _SHIFT)
        assert table.selected_rows.tolist() == expected


def test_the_row_that_is_looked_at_stays_in_sight(table: ObservationTable, qtbot: QtBot) -> None:
    table.select_rows([250], current=250)
    click_header(qtbot, table, "s_dec")
    place = table.model.place_of(250)
    assert place is not None
    first, last = table.view.in_sight()
    assert first <= place <= last
    assert table.current_row == 250


def test_find_goes_round_and_says_how_many(table: ObservationTable, qtbot: QtBot) -> None:
    table.view.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_F, _CTRL)
    assert table.finder.isVisible()
    field = table.finder.field
    qtbot.keyClicks(field, "FIELD 29")
    settled(qtbot, table)
    assert table.finder.count.text() == "1 of 11 rows"
    assert table.current_row == 29
    assert table.view.currentIndex().column() == section(table, "target_name")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert table.current_row == 290
    qtbot.keyClick(field, Qt.Key.Key_Return, _SHIFT)
    qtbot.keyClick(field, Qt.Key.Key_Return, _SHIFT)
    assert (table.current_row, table.finder.count.text()) == (299, "11 of 11 rows")
    click_header(qtbot, table, "s_dec")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    settled(qtbot, table)
    assert table.current_row in {29, *range(290, 300)}
    field.setText("nowhere to be found")
    settled(qtbot, table)
    assert table.finder.count.text() == "not found"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not table.finder.isVisible()


@pytest.mark.parametrize(
    ("name", "form"),
    [("s_ra", ""), ("em_min", "GHz"), ("em_min", ""), ("s_dec", ""), ("t_min", "date"), ("s_ra", "sexagesimal")],
)
def test_numbers_are_found_as_they_are_shown(table: ObservationTable, qtbot: QtBot, name: str, form: str) -> None:
    table.show_columns([name])
    table.show_as(name, form)
    shown = cells(table, name)
    typed = shown[5][: shown[5].index(".") + 3] if "." in shown[5] else shown[5][:13]
    table.finder.field.setText(typed)
    settled(qtbot, table)
    expected = sum(text.startswith(typed) for text in shown)
    assert table.finder.count.text().endswith(f" of {expected:,} rows")
    assert expected


def test_copy_takes_headers_shown_columns_and_the_order_of_the_table(table: ObservationTable, qtbot: QtBot) -> None:
    table.show_columns(["target_name", "s_ra"])
    table.show_as("s_ra", "sexagesimal")
    click_header(qtbot, table, "target_name")
    click_header(qtbot, table, "target_name")
    table.select_rows([4, 11, 2])
    table.view.setFocus()
    qtbot.keyClick(table.view, Qt.Key.Key_C, _CTRL)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == "target_name\ts_ra [h:m:s]"
    assert [line.split("\t")[0].split()[-1] for line in lines[1:]] == ["11", "4", "2"]
    table.show_columns(["(portal)"])
    table.view.selectAll()
    table.row_menu.copy()
    settled(qtbot, table)
    assert QGuiApplication.clipboard().text().count("\n") == 341


def test_a_copy_has_all_digits_and_all_of_an_array(qtbot: QtBot) -> None:
    data = obscore(3)
    data["spectrum"] = np.arange(15).reshape(3, 5) + 0.123456789012
    data["s_region"] = ["POLYGON" + " 1.25" * 900] * 3
    with on_screen(qtbot, [Part("a", "ALMA", data)]) as table:
        table.show_columns(["s_ra", "em_min", "s_resolution", "spectrum", "s_region"])
        table.select_rows([1])
        table.row_menu.copy()
        cells_of_row = QGuiApplication.clipboard().text().splitlines()[1].split("\t")
        assert [float(text) for text in cells_of_row[:2]] == [data["s_ra"][1], data["em_min"][1]]
        assert cells_of_row[2] == str(data["s_resolution"][1]), "no digits that single precision does not have"
        assert [float(text) for text in cells_of_row[3].split(", ")] == data["spectrum"][1].tolist()
        assert cells_of_row[4] == data["s_region"][1]
        click_cell(qtbot, table, 1, section(table, "s_region"))
        next(action for action in table.row_menu.make().actions() if action.text() == "Copy cell").trigger()
        assert QGuiApplication.clipboard().text() == data["s_region"][1]


def test_the_row_menu_offers_the_words_that_were_given(table: ObservationTable, qtbot: QtBot) -> None:
    table.row_menu.set_commands(["Load", "Model this"])
    asked: list[tuple[str, list[int]]] = []
    table.row_menu.commanded.connect(lambda word, rows: asked.append((word, rows.tolist())))
    load = table.row_menu.make().actions()[0]
    assert (load.text(), load.isEnabled()) == ("Load", False)
    click_cell(qtbot, table, 3)
    click_cell(qtbot, table, 5, keys=_CTRL)
    menu = table.row_menu.make()
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Load",
        "Model this",
        "Copy cell",
        "Copy with headers",
        "Select all",
        "Find…",
    ]
    menu.actions()[1].trigger()
    assert asked == [("Model this", [3, 5])]
    next(action for action in menu.actions() if action.text() == "Copy cell").trigger()
    assert QGuiApplication.clipboard().text() == "ALMA"


def test_columns_are_chosen_searched_and_put_in_order(table: ObservationTable, qtbot: QtBot) -> None:
    qtbot.mouseClick(table.strip.columns, Qt.MouseButton.LeftButton)
    dialog = table.findChild(ColumnsDialog)
    assert isinstance(dialog, ColumnsDialog)
    assert dialog.count.text() == f"12 of {len(table.rows.columns)} columns shown"
    qtbot.keyClicks(dialog.search, "end of the obs")
    assert dialog.model.rowCount() == 1
    assert dialog.model.setData(dialog.model.index(0, 0), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    assert titles(table)[-1] == "t_max | d"
    dialog.search.clear()
    dialog.model.move(0, 3)
    assert titles(table)[:3] == ["target_name", "s_ra | deg", "Portal"]
    index = dialog.model.index(1, 0)
    dropped = dialog.model.mimeData([index])
    dialog.model.dropMimeData(dropped, Qt.DropAction.MoveAction, 0, 0, dialog.model.index(-1, -1))
    assert titles(table)[0] == "s_ra | deg"
    for place in range(dialog.model.rowCount()):
        dialog.model.setData(
            dialog.model.index(place, 0), Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole
        )
    assert "at least one" in dialog.count.text()
    assert table.model.columnCount() == 1
    qtbot.mouseClick(dialog.usual, Qt.MouseButton.LeftButton)
    assert titles(table)[:2] == ["Portal", "target_name"]
    dialog.reject()


def test_dragging_a_header_moves_the_column_and_it_keeps_its_width(table: ObservationTable, qtbot: QtBot) -> None:
    header = table.view.horizontalHeader()
    header.resizeSection(section(table, "target_name"), 333)
    header.moveSection(section(table, "target_name"), 0)
    qtbot.waitUntil(lambda: titles(table)[:2] == ["target_name", "Portal"])
    assert header.logicalIndexAt(QPoint(5, 5)) == 0
    assert header.sectionSize(0) == 333
    click_header(qtbot, table, "target_name")
    assert titles(table)[0] == "target_name ▲"
    assert header.sectionSize(0) == 333
    menu = table.view.header_menu(1)
    next(action for action in menu.actions() if action.text() == "Hide Portal").trigger()
    qtbot.waitUntil(lambda: "Portal" not in titles(table))


def test_how_it_is_looked_at_is_kept_as_plain_values(table: ObservationTable, qtbot: QtBot) -> None:
    table.show_columns(["s_dec", "(portal)", "em_min", "t_max"])
    table.show_as("em_min", "GHz")
    table.view.horizontalHeader().resizeSection(0, 211)
    click_header(qtbot, table, "em_min")
    click_header(qtbot, table, "em_min")
    table.strip.filters.click()
    table.drawer.boxes["em_min"].enable.setChecked(True)
    qtbot.keyClicks(table.drawer.boxes["em_min"].body.fields[0], "200")  # type: ignore[union-attr]
    settled(qtbot, table)
    state = json.loads(json.dumps(table.view_state()))
    shown = cells(table, "em_min")
    with on_screen(qtbot) as other:
        other.set_view_state(state)
        show(qtbot, other, [Part("a", "ALMA", obscore(300)), Part("c", "Cones", cone(40))])
        assert titles(other) == titles(table)
        assert cells(other, "em_min") == shown
        assert other.view.columnWidth(0) == 211
        assert other.drawer.isVisible()
        assert json.loads(json.dumps(other.view_state())) == state
        show(qtbot, other, [Part("c", "Cones", cone(40))])
        assert titles(other)[:1] == ["Portal"], "the positions have their own names here"
        assert other.view_state()["columns"][:1] == ["s_dec"], "the columns that are not there are not forgotten"


@pytest.mark.parametrize(
    "state",
    [
        7,
        {"columns": 3, "hidden": [4], "widths": {"s_ra": -1}, "units": {"s_ra": 3}, "sort": "x", "filters": 8},
        {"columns": [1, "nowhere"], "widths": [], "units": {"s_ra": "furlong"}, "sort": [["s_ra"], ["x", 1], 4]},
        {
            "filters": {
                "s_ra": {"on": 1},
                "t": {"name": "t", "on": True, "unknown": True, "low": "a", "unit": ""},
                "u": 1,
            }
        },
        {"filters": {"t_min": {"name": "t", "on": True, "unknown": True, "values": [1], "only": False}}},
    ],
)
def test_nonsense_is_passed_over(table: ObservationTable, qtbot: QtBot, state: object) -> None:
    before = titles(table)
    table.set_view_state(state)
    settled(qtbot, table)
    assert titles(table) == before
    assert table.model.rowCount() == 340


def test_every_button_and_field_has_a_name(table: ObservationTable) -> None:
    table.strip.filters.click()
    for box in table.drawer.boxes.values():
        box.enable.setChecked(True)
    table.finder.open_bar()
    for kind in (QAbstractButton, QLineEdit):
        for widget in table.findChildren(kind):
            if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                name = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
                assert name, widget
    assert QApplication.activePopupWidget() is None
    assert np.array_equal(table.shown_mask, np.ones(340, dtype=bool))
