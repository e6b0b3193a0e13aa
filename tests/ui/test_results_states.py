"""The results view without a result, with one row, with one axis, with notes, and in the dark."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QSlider,
    QTabBar,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from stopdesk.ui.grids.results import ResultsView
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Tasks
from tests.ui.sample_results import dark_palette, sample, shown


def test_without_a_result_it_says_what_it_is_for_and_offers_an_example(qtbot: QtBot) -> None:
    tasks = Tasks()
    view = ResultsView(tasks=tasks, notices=Notices())
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    assert view.is_empty
    words = " ".join(label.text() for label in view.findChildren(QLabel))
    assert "Here a finished run is shown" in words
    with qtbot.waitSignal(view.example_requested, timeout=5000):
        qtbot.mouseClick(view.example_button, Qt.MouseButton.LeftButton)
    assert tasks.shutdown()


def test_one_parameter_set_has_a_spectrum_and_lines_but_no_map_or_curves(qtbot: QtBot) -> None:
    with shown(qtbot, sample({"column_density": "1e16", "density_h2": "1e4", "kinetic_temperature": "20"})) as content:
        assert content.rows.model.rowCount() == 1
        assert [content.tabs.isTabEnabled(number) for number in range(4)] == [True, True, False, False]
        assert content.why_not.text() == "A map needs a grid of two axes or more. Curves need a grid."
        assert content.tabs.tabToolTip(2) == "A map needs a grid of two axes or more."
        assert content.facts.text() == "LVG · CO · 1 row · 12 lines"
        assert content.spectrum.caption.startswith("CO ")
        assert not content.rows.filters.isVisible()


def test_one_axis_has_curves_but_no_map(qtbot: QtBot) -> None:
    with shown(qtbot, sample({"kinetic_temperature": "10:50:5", "density_h2": "1e4"})) as content:
        assert [content.tabs.isTabEnabled(number) for number in range(4)] == [True, True, False, True]
        assert content.why_not.text() == "A map needs a grid of two axes or more."
        content.tabs.setCurrentIndex(3)
        assert content.curves.axis.box.count() == 1


def test_a_result_without_lines_says_so(qtbot: QtBot) -> None:
    with shown(qtbot, sample(n_lines=0)) as content:
        assert content.spectrum.frame.message == "This result has no lines."
        assert content.facts.text() == "LVG · CO · 60 rows · 0 lines"
        content.select_row(3)
        content.tabs.setCurrentIndex(1)
        assert content.lines.model.rowCount() == 0
        assert not content.tabs.isTabEnabled(2)


def test_from_a_grid_to_a_single_row_the_view_leaves_the_map(qtbot: QtBot) -> None:
    with shown(qtbot, sample()) as content:
        content.tabs.setCurrentIndex(2)
        content.show_result(sample({"column_density": "1e16", "density_h2": "1e4"}), "One", None)
        assert content.tabs.currentWidget() is not content.map
        assert content.rows.model.rowCount() == 1
        content.show_result(sample(), "Grid again", None)
        assert content.tabs.isTabEnabled(2)
        assert content.rows.model.rowCount() == 60


def test_title_facts_and_notes(qtbot: QtBot) -> None:
    with shown(qtbot, sample(failed=[3])) as content:
        assert content.title.whole == "A grid of CO"
        assert content.facts.text() == "LVG · CO · 60 rows · 12 lines"
        assert "engine: thermal populations" in content.facts.toolTip()
        assert content.notes.isVisible()
        assert content.notes.toolTip() == "1 of 60 rows did not converge and are empty."
        content.show_result(sample(), "Whole", None)
        assert not content.notes.isVisible()


def test_names_are_shown_letter_by_letter(qtbot: QtBot) -> None:
    name = "<b>bold</b> & <i>name</i>"
    result = sample(failed=[3])
    result = replace(result, molecule="<u>CO</u> of mine", notes=("<b>Note</b>",))
    with shown(qtbot, result) as content:
        content.show_result(result, name, None)
        labels = (content.title, content.facts, content.notes, content.spectrum.findChild(QLabel))
        assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
        assert content.title.whole == name
        assert content.title.toolTip() == "<qt>&lt;b&gt;bold&lt;/b&gt; &amp; &lt;i&gt;name&lt;/i&gt;</qt>"
        assert "&lt;u&gt;CO" in content.facts.toolTip()


def test_a_long_title_gives_way(qtbot: QtBot) -> None:
    with shown(qtbot, sample()) as content:
        content.show_result(sample(), "A very long title " * 30, None)
        QApplication.processEvents()
        assert content.title.text().endswith("…")
        assert content.title.toolTip() == "A very long title " * 30
        assert content.minimumSizeHint().width() < 900


def test_tables_are_saved_on_demand(qtbot: QtBot) -> None:
    with shown(qtbot, sample()) as content, qtbot.waitSignal(content.save_requested, timeout=5000):
        qtbot.mouseClick(content.save_button, Qt.MouseButton.LeftButton)


def test_the_velocity_of_the_source_may_change(qtbot: QtBot) -> None:
    with shown(qtbot, sample()) as content:
        content.spectrum.view_choice.setCurrentIndex(1)
        axis = content.spectrum.frame.plot.getAxis("bottom")
        assert axis.labelText == "Velocity from the line's centre (km/s)"
        content.set_v_lsr(-17.5)
        assert axis.labelText == "v_LSR (km/s)"


def test_the_second_result_replaces_the_first_and_clear_empties_the_view(qtbot: QtBot) -> None:
    tasks = Tasks()
    view = ResultsView(tasks=tasks, notices=Notices())
    qtbot.addWidget(view)
    view.show()
    with qtbot.waitSignal(view.shown, timeout=20_000):
        view.show_result(sample(), "First", None)
        view.show_result(sample({"density_h2": "1e4"}), "Second", None)
    assert view.content is not None
    assert view.content.title.whole == "Second"
    view.clear()
    assert view.is_empty
    assert tasks.shutdown()


def test_everything_follows_the_palette(qtbot: QtBot) -> None:
    with shown(qtbot, sample()) as content:
        content.tabs.setCurrentIndex(2)
        with dark_palette():
            qtbot.waitUntil(lambda: content.map.frame.canvas.backgroundBrush().color().lightness() < 64)
            assert content.spectrum.frame.canvas.backgroundBrush().color().lightness() < 64
            corner = content.map.frame.canvas.grab().toImage().pixelColor(2, 2)
            assert corner.lightness() < 64


@pytest.mark.parametrize("tab", range(4))
def test_every_control_has_a_name_and_takes_the_keyboard(qtbot: QtBot, tab: int) -> None:
    with shown(qtbot, sample()) as content:
        content.tabs.setCurrentIndex(tab)
        kinds = (QAbstractButton, QComboBox, QLineEdit, QSlider, QTableView)
        controls = [widget for kind in kinds for widget in content.findChildren(kind) if widget.isVisible()]
        assert len(controls) > 10
        for control in controls:
            if not own(control):
                continue
            assert control.accessibleName() or getattr(control, "text", str)(), control
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control


def own(widget: QWidget) -> bool:
    """Whether it is a control of ours, not a part of one of Qt's (a table's corner, a tab bar's arrows)."""
    return not widget.objectName().startswith("qt_") and not isinstance(widget.parent(), (QTableView, QTabBar))
