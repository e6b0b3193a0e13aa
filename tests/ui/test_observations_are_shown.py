"""The table of observations: what its header and cells say, in which unit, and where cells lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from stopdesk.errors import InputError
from stopdesk.ui.portal.columns import form_of, forms_of, number_text
from stopdesk.ui.portal.table import ObservationTable
from stopdesk.vo.merging import Part, columns_of
from tests.ui.observations import cells, click_cell, click_header, cone, obscore, on_screen, section, show, titles
from tests.ui.sample_results import dark_palette

_ROLE = Qt.ItemDataRole


@pytest.fixture
def table(qtbot: QtBot) -> Iterator[ObservationTable]:
    with on_screen(qtbot, [Part("a", "ALMA", obscore(300)), Part("c", "Cones", cone(40))]) as table:
        yield table


def choose(menu: QMenu, *words: str) -> None:
    """Go through the menu by these words and trigger the last."""
    for word in words[:-1]:
        found = next(action.menu() for action in menu.actions() if action.text() == word)
        assert isinstance(found, QMenu)
        menu = found
    next(action for action in menu.actions() if action.text() == words[-1]).trigger()


def test_the_main_columns_stand_first_with_their_units(table: ObservationTable) -> None:
    assert titles(table) == [
        "Portal",
        "target_name",
        "s_ra | deg",
        "s_dec | deg",
        "instrument_name",
        "dataproduct_type",
        "em_min | m",
        "em_max | m",
        "t_min | d",
        "t_exptime | s",
        "s_resolution | arcsec",
        "access_url",
    ]
    tip = table.model.headerData(section(table, "t_min"), Qt.Orientation.Horizontal, _ROLE.ToolTipRole)
    for words in (
        "Start of the observation, as MJD",
        "Unit: d",
        "UCD: time.start",
        "Utype: obscore:t_min",
        "ALMA only",
    ):
        assert words in tip
    assert table.strip.facts.whole == "340 rows from 2 portals"


def test_cells_have_meaningful_digits_and_stand_where_they_should(table: ObservationTable) -> None:
    model = table.model
    assert cells(table, "Portal")[299:301] == ["ALMA", "Cones"]
    assert cells(table, "s_ra")[7] == "", "an empty cell is empty"
    assert len(cells(table, "s_ra")[0].partition(".")[2]) == 6
    assert len(cells(table, "t_min")[0].partition(".")[2]) == 5
    assert cells(table, "t_exptime")[300] == ""
    assert 0.9 < float(cells(table, "em_min")[0]) / table.rows.named("em_min").values[0] < 1.1  # type: ignore[union-attr]
    right = model.data(model.index(0, section(table, "s_ra")), _ROLE.TextAlignmentRole)
    left = model.data(model.index(0, section(table, "target_name")), _ROLE.TextAlignmentRole)
    assert right & Qt.AlignmentFlag.AlignRight
    assert left & Qt.AlignmentFlag.AlignLeft
    whole = model.data(model.index(0, section(table, "s_ra")), _ROLE.ToolTipRole)
    assert whole == f"{float(table.rows.named('s_ra').values[0])!r} deg"  # type: ignore[union-attr]


def test_portals_have_colours_and_marks_of_their_own(table: ObservationTable, qtbot: QtBot) -> None:
    model = table.model

    def look(place: int) -> tuple[Any, Any]:
        index = model.index(place, 0)
        return model.data(index, _ROLE.BackgroundRole).color().rgba(), model.data(
            index, _ROLE.DecorationRole
        ).cacheKey()

    assert look(0) == look(1) != look(339)
    show(qtbot, table, [Part("a", "ALMA", obscore(3))])
    assert model.data(model.index(0, 0), _ROLE.BackgroundRole) is None, "one portal needs no colour"


def test_units_change_in_place_and_the_data_stay(table: ObservationTable, qtbot: QtBot) -> None:
    values = table.rows.named("em_min").values.copy()  # type: ignore[union-attr]
    at = section(table, "em_min")
    choose(table.view.header_menu(at), "Show as", "GHz")
    assert titles(table)[at] == "em_min | GHz"
    tip = table.model.headerData(at, Qt.Orientation.Horizontal, _ROLE.ToolTipRole)
    assert "Shown as GHz, given as m: the smallest there is the largest here" in tip
    assert float(cells(table, "em_min")[0]) == pytest.approx(299792458.0 / values[0] / 1e9, rel=1e-6)
    click_header(qtbot, table, "em_min")
    shown = [float(text) for text in cells(table, "em_min") if text]
    assert shown == sorted(shown), "sorted as it is shown"
    choose(table.view.header_menu(at), "Show as", "m (as given)")
    shown = [float(text) for text in cells(table, "em_min") if text]
    assert shown == sorted(shown), "also after the unit has turned around"
    assert np.array_equal(table.rows.named("em_min").values, values, equal_nan=True)  # type: ignore[union-attr]
    for name, word, expected in (
        ("s_dec", "d:m:s", "-24:"),
        ("s_ra", "h:m:s", "16:32:"),
        ("t_min", "date", "201"),
        ("t_exptime", "h", "0."),
    ):
        choose(table.view.header_menu(section(table, name)), "Show as", word)
        assert next(text for text in cells(table, name) if text).startswith(expected)


def column(name: str, values: Any, **said: Any) -> Any:
    made = MaskedColumn(values, name=name, unit=said.pop("unit", None))
    made.meta.update(said)
    (found,) = columns_of(Table([made]))
    return found


@pytest.mark.parametrize(
    ("given", "form", "value", "text", "typed"),
    [
        (column("t_min", [57479.5], unit="d"), "date", 57479.5, "2016-04-01 12:00:00", "2016-04-01T12:00"),
        (column("t_min", [57479.5], unit="d"), "date", 57479.0, "2016-04-01 00:00:00", "2016-04"),
        (column("jd", [2457480.0], unit="d", ucd="time.epoch"), "date", 2457480.0, "2016-04-01 12:00:00", "57479.5"),
        (column("s_ra", [248.0], unit="deg"), "sexagesimal", 15.5, "01:02:00.000", "1:02:00"),
        (column("s_dec", [-24.0], unit="deg"), "sexagesimal", -0.5, "-00:30:00.00", "−0d30m"),
        (column("s_dec", [-24.0], unit="deg"), "sexagesimal", -24.5, "-24:30:00.00", "-24.5"),
        (column("em_min", [1e-3], unit="m"), "um", 1e-3, "1000", "1,000"),
        (column("em_min", [1e-3], unit="m"), "GHz", 299792458e-9, "1", "1"),
        (column("t_exptime", [60.0], unit="s"), "h", 1800.0, "0.5", "0.5"),
        (column("s_fov", [0.1], unit="deg"), "arcsec", 0.01, "36", "36"),
    ],
)
def test_every_form_reads_what_it_writes(given: Any, form: str, value: float, text: str, typed: str) -> None:
    found = form_of(given, form)
    assert found.key == form
    assert found.text(value) == text
    assert found.read(typed) == pytest.approx(value)


@pytest.mark.parametrize(
    ("given", "form", "typed"),
    [
        (column("t_min", [57479.5], unit="d"), "date", "yesterday"),
        (column("s_ra", [248.0], unit="deg"), "sexagesimal", "1:61:00"),
        (column("s_dec", [-24.0], unit="deg"), "sexagesimal", "1:2:3:4"),
        (column("em_min", [1e-3], unit="m"), "GHz", "0"),
        (column("em_min", [1e-3], unit="m"), "", "nan"),
    ],
)
def test_what_cannot_be_read_is_said(given: Any, form: str, typed: str) -> None:
    with pytest.raises(InputError, match=typed):
        form_of(given, form).read(typed)


def test_only_forms_that_fit_are_offered() -> None:
    assert [form.key for form in forms_of(column("period", [3.0], unit="d"))] == ["", "s", "min", "h"]
    assert [form.key for form in forms_of(column("odd", [3.0], unit="furlong/fortnight"))] == [""]
    assert "GHz" not in [form.key for form in forms_of(column("baseline", [3.0], unit="m"))]
    assert [form.key for form in forms_of(column("n", [3]))] == [""]


def test_declared_precision_is_followed() -> None:
    assert number_text(column("x", [1.0], precision="2"))(3.14159) == "3.14"
    assert number_text(column("x", [1.0], precision="E3"))(31415.9) == "3.14e4"
    assert number_text(column("x", np.array([1], dtype=np.float32)))(0.10000000149) == "0.1"


def test_arrays_are_short_and_whole_in_the_tooltip(qtbot: QtBot) -> None:
    given = Table()
    given["spectrum"] = np.arange(20.0).reshape(2, 10)
    given["note"] = np.array(["<b>bold</b>\nsecond line", "x" * 5000], dtype=object)
    with on_screen(qtbot, [Part("a", "ALMA", given)]) as table:
        assert cells(table, "spectrum")[0] == "0, 1, 2, … (10)"
        at = section(table, "spectrum")
        assert "6, 7, 8, 9" in table.model.data(table.model.index(0, at), _ROLE.ToolTipRole)
        assert cells(table, "note")[0] == "<b>bold</b> second line"
        tip = table.model.data(table.model.index(0, section(table, "note")), _ROLE.ToolTipRole)
        assert "&lt;b&gt;" in tip, "the words of a service are never HTML"
        assert len(table.model.data(table.model.index(1, section(table, "note")), _ROLE.ToolTipRole)) < 2100
        before = titles(table)
        click_header(qtbot, table, "spectrum")
        assert titles(table) == before, "arrays have no order"


def test_a_click_on_an_address_says_so_and_only_for_the_web(qtbot: QtBot) -> None:
    given = Table()
    given["access_url"] = np.array(
        ["https://a.example/1", "file:///etc/passwd", "http://b.example/ x", ""], dtype=object
    )
    given["id"] = MaskedColumn([5, 6, 7, 8], mask=[False, False, True, False])
    given["id"].meta["links"] = [{"href": "https://p.example/see?id=${id}&u=${access_url}"}]
    with on_screen(qtbot, [Part("a", "ALMA", given)]) as table:
        asked: list[str] = []
        table.link_wanted.connect(lambda url, key, row: asked.append(f"{url} {key} {row}"))
        for place in range(4):
            click_cell(qtbot, table, place, section(table, "access_url"))
        assert asked == ["https://a.example/1 access_url 0"]
        click_cell(qtbot, table, 0, section(table, "access_url"), Qt.KeyboardModifier.ControlModifier)
        assert len(asked) == 1, "with a key it selects"
        click_cell(qtbot, table, 1, section(table, "id"))
        click_cell(qtbot, table, 2, section(table, "id"))
        assert asked[1:] == ["https://p.example/see?id=6&u=file%3A%2F%2F%2Fetc%2Fpasswd id 1"]
        url = section(table, "access_url")
        assert table.model.data(table.model.index(0, url), _ROLE.FontRole).underline()
        assert table.model.data(table.model.index(1, url), _ROLE.FontRole) is None
        end = table.view.visualRect(table.model.index(0, url))
        qtbot.mouseMove(table.view.viewport(), QPoint(end.left() + 10, end.center().y()))
        qtbot.waitUntil(lambda: table.view.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor)


def test_nothing_no_rows_and_hidden_rows_are_three_sentences(qtbot: QtBot) -> None:
    with on_screen(qtbot) as table:
        assert "Nothing has been searched yet" in table.empty.words.text()
        assert not table.strip.columns.isEnabled()
        show(qtbot, table, [Part("a", "ALMA", obscore(0))])
        assert "no rows there" in table.empty.words.text()
        assert not table.empty.clear_filters.isVisible()
        show(qtbot, table, [Part("a", "ALMA", obscore(10))])
        assert table.view.isVisible()
        box = table.drawer.boxes["t_exptime"]
        box.enable.setChecked(True)
        qtbot.keyClicks(box.body.fields[0], "1e9")  # type: ignore[union-attr]
        assert table.empty.words.text() == "The filters hide all 10 rows."
        qtbot.mouseClick(table.empty.clear_filters, Qt.MouseButton.LeftButton)
        assert table.view.isVisible()
        assert table.model.rowCount() == 10
        show(qtbot, table, [])
        assert "no rows there" in table.empty.words.text()


def test_a_column_is_put_beside_the_rows_and_sorts(table: ObservationTable, qtbot: QtBot) -> None:
    counts = np.arange(340) % 7
    table.set_extra_column("My lines", counts, "Lines of CO in the row")
    assert titles(table)[1] == "My lines"
    click_header(qtbot, table, "My lines")
    click_header(qtbot, table, "My lines")
    assert cells(table, "My lines", 3) == ["6", "6", "6"]
    table.set_extra_column("My lines", 6 - counts)
    qtbot.waitUntil(lambda: cells(table, "My lines", 1) == ["6"])
    assert table.rows.columns[1].values[table.shown[0]] == 6
    qtbot.waitUntil(lambda: "(extra) My lines" in table.drawer.boxes)
    with pytest.raises(ValueError, match="340 rows"):
        table.set_extra_column("My lines", np.arange(3))


def test_ten_thousand_columns_and_rows_without_positions(qtbot: QtBot) -> None:
    many = Table({f"c{k}": np.arange(3.0) for k in range(10_000)})
    with on_screen(qtbot, [Part("a", "Wide", many)]) as table:
        assert len(table.model.columns) == 12
        table.show_columns([each.key for each in table.rows.columns])
        assert table.model.columnCount() == 10_001
        assert cells(table, "c9999") == ["0", "1", "2"]


def test_the_table_takes_the_colours_of_the_dark(table: ObservationTable, qtbot: QtBot) -> None:
    def lightness() -> int:
        return table.view.viewport().grab().toImage().scaled(1, 1, mode=smooth).pixelColor(0, 0).lightness()

    smooth = Qt.TransformationMode.SmoothTransformation
    assert lightness() > 200
    with dark_palette():
        qtbot.waitUntil(lambda: lightness() < 100)


def test_the_model_keeps_qts_rules(table: ObservationTable, qtbot: QtBot) -> None:
    QAbstractItemModelTester(table.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    click_header(qtbot, table, "s_ra")
    table.show_columns(["s_ra", "(portal)"])
    table.show_as("s_ra", "sexagesimal")
    show(qtbot, table, [Part("c", "Cones", cone(5))])
    assert table.model.rowCount() == 5
