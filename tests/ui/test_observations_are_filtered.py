"""The drawer of filters: made from the data, kept from search to search, saying what it does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from astropy.table import Table
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from stopdesk.ui.portal.filter_boxes import RangeBody, ValuesBody
from stopdesk.ui.portal.table import ObservationTable
from stopdesk.vo.merging import Part
from tests.ui.observations import cells, cone, obscore, on_screen, settled, show, tasks_of

_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def table(qtbot: QtBot) -> Iterator[ObservationTable]:
    with on_screen(qtbot, [Part("a", "ALMA", obscore(300)), Part("c", "Cones", cone(40))]) as table:
        table.strip.filters.click()
        yield table


def range_of(table: ObservationTable, key: str) -> RangeBody:
    box = table.drawer.boxes[key]
    if not box.enable.isChecked():
        box.enable.click()
    assert isinstance(box.body, RangeBody)
    return box.body


def values_of(table: ObservationTable, key: str) -> ValuesBody:
    box = table.drawer.boxes[key]
    if not box.enable.isChecked():
        box.enable.click()
    assert isinstance(box.body, ValuesBody)
    return box.body


def texts(body: ValuesBody) -> list[str]:
    return [body.list.item(k).text() for k in range(body.list.count())]


def tick(body: ValuesBody, value: str, *, on: bool) -> None:
    (item,) = (
        each for each in map(body.list.item, range(body.list.count())) if each.data(Qt.ItemDataRole.UserRole) == value
    )
    item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def test_filters_are_made_from_the_data(table: ObservationTable) -> None:
    assert list(table.drawer.boxes) == [
        "(portal)",
        "s_ra",
        "s_dec",
        "instrument_name",
        "dataproduct_type",
        "em_min",
        "em_max",
        "t_min",
        "t_exptime",
        "s_resolution",
    ]
    assert table.drawer.title.text() == "Filters: all 340 rows"
    known = table.rows.named("t_exptime").values[:300]  # type: ignore[union-attr]
    ends = [float(field.placeholderText()) for field in range_of(table, "t_exptime").fields]
    assert ends == pytest.approx([known.min(), known.max()], rel=1e-4)
    assert texts(values_of(table, "(portal)")) == ["ALMA  (300)", "Cones  (40)"]
    assert [text.split("  ")[0] for text in texts(values_of(table, "instrument_name"))] == [
        "ALMA",
        "APEX SHeFI",
        "IRAM 30m EMIR",
    ]
    assert table.model.rowCount() == 340, "switched on, and nothing chosen yet"


def test_a_range_hides_rows_and_says_what_becomes_of_unknown_ones(table: ObservationTable, qtbot: QtBot) -> None:
    body, box = range_of(table, "t_min"), table.drawer.boxes["t_min"]
    qtbot.keyClicks(body.fields[0], "57000")
    qtbot.keyClicks(body.fields[1], "58000")
    values = np.array([float(text) for text in cells(table, "t_min") if text])
    assert ((values >= 57000) & (values <= 58000)).all()
    n_known, n_unknown = len(values), 40 + 15
    assert table.model.rowCount() == n_known + n_unknown
    assert box.enable.text() == "t_min (d) or unknown"
    assert box.unknown is not None
    assert box.unknown.text() == f"or unknown ({n_unknown})"
    box.unknown.click()
    assert box.enable.text() == "t_min (d), known"
    assert table.model.rowCount() == n_known
    assert table.drawer.title.text() == f"Filters: {n_known} of 340 rows"
    assert table.strip.filters.text() == "Filters (1)"
    assert table.strip.facts.whole == f"{n_known} of 340 rows from 2 portals"
    box.enable.click()
    assert table.model.rowCount() == 340
    assert not body.isVisible()
    box.enable.click()
    assert table.model.rowCount() == n_known, "switched off, it keeps what was typed"


def test_ranges_are_typed_in_the_unit_that_is_shown(table: ObservationTable, qtbot: QtBot) -> None:
    table.show_as("em_max", "GHz")
    qtbot.keyClicks(range_of(table, "em_max").fields[0], "200")
    qtbot.keyClicks(range_of(table, "em_max").fields[1], "250.5")
    table.drawer.boxes["em_max"].unknown.click()  # type: ignore[union-attr]
    shown = [float(text) for text in cells(table, "em_max")]
    assert 0 < len(shown) < 300
    assert 200 <= min(shown) <= max(shown) <= 250.5
    table.show_as("em_max", "mm")
    body = range_of(table, "em_max")
    assert [float(field.text()) for field in body.fields] == pytest.approx([1.19678, 1.49896], rel=1e-5)
    assert table.model.rowCount() == len(shown)
    table.show_as("t_min", "date")
    qtbot.keyClicks(range_of(table, "t_min").fields[0], "2016-04")
    assert min(filter(None, cells(table, "t_min"))) >= "2016-04-01"


def test_what_cannot_be_read_is_red_and_filters_nothing(table: ObservationTable, qtbot: QtBot) -> None:
    field = range_of(table, "t_exptime").fields[0]
    qtbot.keyClicks(field, "long")
    assert "'long' is no number" in field.toolTip()
    assert "color" in field.styleSheet()
    assert table.model.rowCount() == 340
    field.clear()
    qtbot.keyClicks(field, "1")
    assert not field.toolTip()


def test_ticks_hide_values_and_none_leaves_only_what_is_ticked(table: ObservationTable, qtbot: QtBot) -> None:
    body = values_of(table, "dataproduct_type")
    tick(body, "cube", on=False)
    assert set(cells(table, "dataproduct_type")) == {"image", "spectrum", ""}
    qtbot.mouseClick(body.findChildren(type(table.drawer.clear_button))[1], _LEFT)
    tick(body, "image", on=True)
    assert set(cells(table, "dataproduct_type")) == {"image", ""}
    table.drawer.boxes["dataproduct_type"].unknown.click()  # type: ignore[union-attr]
    assert set(cells(table, "dataproduct_type")) == {"image"}
    tick(values_of(table, "(portal)"), "ALMA", on=False)
    assert table.empty.words.text() == "The filters hide all 340 rows."
    qtbot.mouseClick(table.drawer.clear_button, _LEFT)
    assert table.model.rowCount() == 340
    assert not table.drawer.boxes["dataproduct_type"].enable.isChecked()


def test_filters_outlive_searches_and_are_grey_where_there_is_no_such_column(
    table: ObservationTable, qtbot: QtBot
) -> None:
    tick(values_of(table, "dataproduct_type"), "cube", on=False)
    qtbot.keyClicks(range_of(table, "t_exptime").fields[0], "300")
    show(qtbot, table, [Part("c", "Cones", cone(40))])
    assert table.model.rowCount() == 40
    for key in ("dataproduct_type", "t_exptime"):
        assert not table.drawer.boxes[key].isEnabled()
        assert "no such column" in table.drawer.boxes[key].enable.toolTip()
    assert table.drawer.title.text() == "Filters: all 40 rows"
    other = Table()
    other["dataproduct_type"] = np.array(["cube", "visibility", "image"], dtype=object)
    other["t_exptime"] = [10.0, 6.0, 1.0]
    other["t_exptime"].unit = "min"
    show(qtbot, table, [Part("o", "Other", other)])
    assert cells(table, "dataproduct_type") == ["visibility"], "300 s are 5 min; new values are not hidden"
    assert range_of(table, "t_exptime").fields[0].text() == "5"


def test_a_filter_of_ticks_is_used_again_where_there_are_many_values(table: ObservationTable, qtbot: QtBot) -> None:
    tick(values_of(table, "instrument_name"), "ALMA", on=False)
    many = Table()
    many["instrument_name"] = np.array(["ALMA", *(f"receiver {k}" for k in range(100))], dtype=object)
    show(qtbot, table, [Part("m", "Many", many)])
    assert table.model.rowCount() == 100
    assert values_of(table, "instrument_name").list.count() == 101


def test_any_column_is_found_to_filter_by(table: ObservationTable, qtbot: QtBot) -> None:
    qtbot.keyClicks(table.drawer.search, "calib")
    assert list(table.drawer.boxes) == ["calib_level"]
    body = values_of(table, "calib_level")
    assert [text.split("  ")[0] for text in texts(body)] == ["0", "1", "2", "3"]
    tick(body, "0", on=False)
    table.drawer.search.clear()
    assert "calib_level" in table.drawer.boxes, "in use, it stays"
    assert 0 not in table.rows.named("calib_level").values[table.shown[table.shown < 300]]  # type: ignore[union-attr]
    qtbot.keyClicks(table.drawer.search, "obs_publisher")
    assert not table.drawer.boxes
    assert table.drawer._nothing.isVisible()


def test_typing_while_tables_arrive_is_not_forgotten(qtbot: QtBot) -> None:
    with on_screen(qtbot, [Part("a", "ALMA", obscore(30_000))]) as table:
        table.strip.filters.click()
        done: list[bool] = []
        table.show_parts(
            [Part("a", "ALMA", obscore(30_000)), Part("c", "Cones", cone(10))], done=lambda: done.append(True)
        )
        box = table.drawer.boxes["t_exptime"]
        box.enable.click()
        qtbot.keyClicks(box.body.fields[0], "1e9")  # type: ignore[union-attr]
        qtbot.waitUntil(lambda: bool(done))
        settled(qtbot, table)
        assert table.model.rowCount() == 10
        assert not tasks_of(table).under_way
