"""The table of rows: columns with units, sorting, filters, copying, and a million rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from stopdesk.domain.parameter import Axis
from stopdesk.domain.result import ModelResult
from stopdesk.errors import InputError
from stopdesk.ui.grids.content import ResultContent
from stopdesk.ui.grids.ordering import Condition
from stopdesk.ui.grids.table import NumbersTable
from tests.ui.sample_results import sample, shown

FAILED = [7, 40]


@pytest.fixture
def content(qtbot: QtBot) -> Iterator[ResultContent]:
    with shown(qtbot, sample(failed=FAILED)) as content:
        yield content


def titles(table: NumbersTable) -> list[str]:
    model = table.model
    return [model.headerData(k, Qt.Orientation.Horizontal) for k in range(model.columnCount())]


def cells_of(table: NumbersTable, place: int, section: int) -> str:
    return str(table.model.data(table.model.index(place, section)))


def cells(table: NumbersTable, section: int) -> list[str]:
    return [table.model.data(table.model.index(place, section)) for place in range(table.model.rowCount())]


def click_header(table: NumbersTable, qtbot: QtBot, section: int, *, ctrl: bool = False) -> None:
    header = table.view.horizontalHeader()
    keys = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
    at = QPoint(header.sectionViewportPosition(section) + header.sectionSize(section) // 2, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, keys, pos=at)


def test_columns_are_the_row_the_axes_the_outputs_and_the_flags(content: ResultContent) -> None:
    assert titles(content.rows) == [
        "Row",
        "Column density (cm⁻²)",
        "H₂ density (cm⁻³)",
        "Kinetic temperature (K)",
        "T_ex (K)",
        "τ",
        "T_peak (K)",
        "∫T dv (K km/s)",
        "Flux (W m⁻² sr⁻¹)",
        "Maser",
        "Converged",
    ]
    model = content.rows.model
    tip = model.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert "along the diameter of the sphere" in tip
    assert "UCD: phys.columnDensity" in tip
    alignment = model.data(model.index(0, 4), Qt.ItemDataRole.TextAlignmentRole)
    assert alignment & Qt.AlignmentFlag.AlignRight


def test_cells_show_the_numbers_of_the_chosen_line(content: ResultContent) -> None:
    result = sample(failed=FAILED)
    rows = content.rows
    assert cells(rows, 0)[:3] == ["1", "2", "3"]
    assert cells(rows, 1)[0] == "1e15"
    assert [cells(rows, 3)[k] for k in (0, 4, 5)] == ["10", "50", "10"]
    peak = [float(text) if text else np.nan for text in cells(rows, 6)]
    assert peak == pytest.approx(result.outputs["peak_temperature"][:, content.line], rel=1e-4, nan_ok=True)
    assert cells(rows, 6)[7] == "", "an empty cell is empty"
    assert (cells(rows, 10)[7], cells(rows, 10)[8]) == ("no", "yes")
    content.select_line(0)
    assert float(cells(rows, 6)[0]) == pytest.approx(result.outputs["peak_temperature"][0, 0], rel=1e-4)


def test_a_click_sorts_up_down_and_not_at_all_with_empty_cells_last(content: ResultContent, qtbot: QtBot) -> None:
    rows = content.rows
    for reverse, arrow in ((False, "▲"), (True, "▼")):
        click_header(rows, qtbot, 6)
        values = [float(text) for text in cells(rows, 6)[: -len(FAILED)]]
        assert values == sorted(values, reverse=reverse)
        assert cells(rows, 6)[-len(FAILED) :] == [""] * len(FAILED)
        assert titles(rows)[6] == f"T_peak (K) {arrow}"
    click_header(rows, qtbot, 6)
    assert cells(rows, 0)[:3] == ["1", "2", "3"]
    assert titles(rows)[6] == "T_peak (K)"


def test_ctrl_adds_a_secondary_key(content: ResultContent, qtbot: QtBot) -> None:
    rows = content.rows
    click_header(rows, qtbot, 3)
    click_header(rows, qtbot, 3)
    click_header(rows, qtbot, 2, ctrl=True)
    pairs = list(zip(map(float, cells(rows, 3)), map(float, cells(rows, 2)), strict=True))
    assert pairs == sorted(pairs, key=lambda pair: (-pair[0], pair[1]))
    assert titles(rows)[3].endswith("▼₁")
    assert titles(rows)[2].endswith("▲₂")


def test_the_chosen_row_stays_chosen_when_the_order_changes(content: ResultContent, qtbot: QtBot) -> None:
    rows = content.rows
    content.select_row(17)
    click_header(rows, qtbot, 6)
    assert rows.model.row_of(rows.view.currentIndex().row()) == 17
    rows.view.selectRow(33)
    assert content.row == rows.model.row_of(33) != 33


def test_filters_narrow_the_rows(content: ResultContent, qtbot: QtBot) -> None:
    rows = content.rows
    qtbot.keyClicks(rows.filters.edits[3], ">=30")
    assert set(cells(rows, 3)) == {"30", "40", "50"}
    qtbot.keyClicks(rows.filters.edits[1], "1e16")
    assert set(cells(rows, 1)) == {"1e16"}
    assert rows.model.rowCount() == 12
    rows.filters.edits[3].clear()
    rows.filters.edits[1].clear()
    qtbot.keyClicks(rows.filters.edits[10], "no")
    assert cells(rows, 0) == ["8", "41"]


def test_filters_say_how_many_rows_they_leave_and_show_the_first(content: ResultContent, qtbot: QtBot) -> None:
    content.select_row(59)
    edit = content.rows.filters.edits[3]
    qtbot.keyClicks(edit, "<45")
    assert content.facts.text() == "LVG · CO · 48 of 60 rows · 12 lines"
    qtbot.waitUntil(lambda: content.rows.view.rowAt(0) == 0)  # the chosen row is gone: the view is at the beginning
    edit.clear()
    assert content.facts.text() == "LVG · CO · 60 rows · 12 lines"


def test_a_filter_that_cannot_be_read_says_why_and_filters_nothing(content: ResultContent, qtbot: QtBot) -> None:
    edit = content.rows.filters.edits[3]
    qtbot.keyClicks(edit, "warm")
    assert content.rows.model.rowCount() == 60
    assert edit.toolTip().startswith("'warm' is no filter; write for example")
    edit.clear()
    assert edit.toolTip().startswith("Show rows whose Kinetic temperature is")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2", [2.0]),
        ("=2", [2.0]),
        (">2", [3.0]),
        (">=2", [2.0, 3.0]),
        ("<2", [1.0]),
        ("<=2", [1.0, 2.0]),
        ("1..2", [1.0, 2.0]),
        ("2..", [2.0, 3.0]),
        ("..1e0", [1.0]),
    ],
)
def test_what_filters_mean(text: str, kept: list[float]) -> None:
    values = np.array([1.0, 2.0, 3.0, np.nan])
    assert list(values[Condition.parse(text).holds(values)]) == kept


@pytest.mark.parametrize("text", ["abc", ">", "1..x", "> >2", "nan"])
def test_what_filters_do_not_mean(text: str) -> None:
    with pytest.raises(InputError, match="is no filter"):
        Condition.parse(text)


def test_copy_takes_the_headers_along(content: ResultContent, qtbot: QtBot) -> None:
    view = content.rows.view
    view.setFocus()
    view.selectRow(2)
    view.selectionModel().select(
        view.model().index(4, 0),
        view.selectionModel().SelectionFlag.Select | view.selectionModel().SelectionFlag.Rows,
    )
    content.rows.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[:4] == ["Row", "Column density [cm-2]", "H₂ density [cm-3]", "Kinetic temperature [K]"]
    assert [line.split("\t")[0] for line in lines[1:]] == ["3", "5"]
    assert lines[1].split("\t")[3] == "30"


def test_columns_can_be_hidden_and_are_then_not_copied(content: ResultContent) -> None:
    header = content.rows.view.horizontalHeader()
    next(action for action in header.actions() if action.text() == "Flux (W m⁻² sr⁻¹)").setChecked(False)
    assert header.isSectionHidden(8)
    assert not content.rows.filters.edits[8].isVisible()
    content.rows.copy()
    assert "Flux" not in QGuiApplication.clipboard().text()


def test_the_model_keeps_qts_rules(content: ResultContent, qtbot: QtBot) -> None:
    QAbstractItemModelTester(content.rows.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    click_header(content.rows, qtbot, 6)
    qtbot.keyClicks(content.rows.filters.edits[3], "20")
    content.select_line(1)
    assert content.rows.model.rowCount() == 12


def million() -> ModelResult:
    """A million rows with numbers of no meaning."""
    small = sample(n_lines=2)
    values = dict(small.values)
    values["column_density"] = Axis(1e14, 1e18, 100, log=True)
    values["density_h2"] = Axis(1e3, 1e7, 100, log=True)
    values["kinetic_temperature"] = Axis(10.0, 109.0, 100)
    n = 1_000_000
    numbers = np.random.default_rng(3).random((n, 2))
    outputs = {name: numbers if array.dtype == np.float64 else numbers > 2 for name, array in small.outputs.items()}
    return ModelResult("lvg", values, "CO", small.transitions, outputs, {"converged": np.ones(n, dtype=bool)})


def test_a_million_rows_are_shown_sorted_and_filtered(qtbot: QtBot) -> None:
    result = million()
    with shown(qtbot, result) as content:
        rows = content.rows
        assert rows.model.rowCount() == 1_000_000
        index = rows.model.index(999_999, 3)
        assert rows.model.data(index) == "109"
        assert [cells_of(rows, place, 0) for place in (99_999, 999_999)] == ["100000", "1000000"]
        with qtbot.waitSignal(rows.arranged, timeout=20_000):
            click_header(rows, qtbot, 6)
        assert rows.model.row_of(0) == int(np.argmin(result.outputs["peak_temperature"][:, content.line]))
        with qtbot.waitSignal(rows.arranged, timeout=20_000):
            rows.filters.edits[6].setText("<0.25")
        assert rows.model.rowCount() == int((result.outputs["peak_temperature"][:, content.line] < 0.25).sum())
        last = rows.model.index(rows.model.rowCount() - 1, 6)
        assert float(rows.model.data(last)) == pytest.approx(0.25, abs=1e-4)
        rows.view.selectAll()
        rows.copy()
        assert "too many to copy" in content.rows._notices.history[-1].text
