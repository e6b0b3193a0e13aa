"""Observations over frequency and over time: bars, the lines of a molecule, what the mouse finds, very many of them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk.formats.molecules import load
from stopdesk.ui.portal.colours import portal_colour
from stopdesk.ui.portal.coverage import CoverageView
from stopdesk.ui.portal.marks import selected_colour
from stopdesk.ui.portal.ranges import RangesView
from stopdesk.ui.portal.times import TimeView
from tests.desk import Heartbeat
from tests.ui.plotted import (
    PORTALS,
    C,
    click,
    frame_with_shift,
    hover,
    observations,
    plotted,
    settle,
    table_of,
)
from tests.ui.sample_results import dark_palette, screen_point

#: Two ranges that overlap, around CO 2-1 and beside it; one around CO 1-0; one that is not known.
LOW, HIGH = np.array([229.0, 230.8, 114.0, np.nan]), np.array([231.0, 232.8, 116.0, np.nan])


def few() -> object:
    return table_of(
        em_min=C / HIGH / 1e9, em_max=C / LOW / 1e9, t_min=[57000, 57400, 58000, 59000], obs_id=list("abcd")
    )


def colour_at(view: RangesView, x: float, y: float) -> QColor:
    QApplication.processEvents()
    image = view.frame.canvas.grab().toImage()
    return image.pixelColor(screen_point(view.frame, x, y))


def hue_like(colour: QColor, wanted: QColor) -> bool:
    return colour.saturation() > 60 and abs(colour.hue() - wanted.hue()) < 12


def bar(view: RangesView, number: int) -> tuple[float, float]:
    """The middle of the bar of one range."""
    scene = view.scene
    assert scene is not None
    return float(scene.low[number] + scene.high[number]) / 2, float(scene.lane[number]) + 0.5


def test_ranges_are_bars_and_lines_stand_where_the_source_shows_them(qtbot: QtBot) -> None:
    with plotted(qtbot, CoverageView) as (view, _):
        assert "The frequencies" in view.frame.message
        view.show_marks(few(), PORTALS)
        view.set_molecule(load("co"), 100.0)
        settle(qtbot, view)
        assert view.status == "3 frequency ranges; 1 row without one; lines of CO seen at v_LSR 100 km/s"
        assert hue_like(colour_at(view, 229.5, 0.5), portal_colour(0))
        assert hue_like(colour_at(view, 115.0, 0.5), portal_colour(0))
        assert not hue_like(colour_at(view, 200.0, 0.5), portal_colour(0))
        assert view.line_frequencies[1] == pytest.approx(230.538 * (1 - 100 / 299792.458))
        assert sorted(view.labels.texts) == ["1-0", "2-1"]
        view.set_molecule(None)
        settle(qtbot, view)
        assert view.labels.texts == []
        assert len(view.line_frequencies) == 0


def test_lines_stay_above_the_bars_however_one_zooms(qtbot: QtBot) -> None:
    with plotted(qtbot, CoverageView) as (view, _):
        view.show_marks(few(), PORTALS)
        view.set_molecule(load("co"))
        settle(qtbot, view)
        view.frame.view.setRange(xRange=(229, 232), yRange=(0.2, 0.6), padding=0)
        settle(qtbot, view)
        assert view.labels.texts == ["2-1"]
        at = screen_point(view.frame, 230.538, 0.6) + QPoint(0, 35)
        image = view.frame.canvas.grab().toImage()
        dark = [image.pixelColor(at + QPoint(dx, 0)).lightness() for dx in (-2, -1, 0, 1, 2)]
        assert min(dark) < 60 < max(dark)


def test_the_corner_names_the_row_and_its_lines(qtbot: QtBot) -> None:
    with plotted(qtbot, CoverageView) as (view, _):
        view.show_marks(few(), PORTALS)
        view.set_molecule(load("co"))
        settle(qtbot, view)
        words = hover(view.frame, *bar(view, 0)).split("\n")
        assert words[1:] == ["ALMA: a", "229 to 231 GHz", "CO 2-1 at 230.5380 GHz"]
        assert "mm)" in words[0]
        assert hover(view.frame, *bar(view, 1)).split("\n")[1:] == ["ALMA: b", "230.8 to 232.8 GHz", "no line of CO"]
        assert "CO 1-0 at 115.2712 GHz" in hover(view.frame, 115.2712, 6.0)


def test_clicks_and_boxes_select_bars(qtbot: QtBot) -> None:
    with plotted(qtbot, CoverageView) as (view, selection):
        view.show_marks(few(), PORTALS)
        settle(qtbot, view)
        click(qtbot, view.frame, *bar(view, 1))
        assert selection.rows.tolist() == [1]
        settle(qtbot, view)
        x, y = bar(view, 1)
        assert hue_like(colour_at(view, x, y), selected_colour())
        click(qtbot, view.frame, *bar(view, 2), ctrl=True)
        assert selection.rows.tolist() == [1, 2]
        frame_with_shift(qtbot, view.frame, (200.0, 0.1), (240.0, 2.0))
        assert selection.rows.tolist() == [0, 1]
        click(qtbot, view.frame, 180.0, 0.5)
        assert selection.rows.tolist() == []


def test_hidden_rows_leave_and_come_back(qtbot: QtBot) -> None:
    with plotted(qtbot, CoverageView) as (view, _):
        view.show_marks(few(), PORTALS)
        view.set_shown(np.array([True, True, False, True]))
        settle(qtbot, view)
        assert view.scene is not None
        assert view.scene.index.tolist() == [0, 1]
        view.set_shown(np.zeros(4, dtype=bool))
        settle(qtbot, view)
        assert view.frame.message == "All rows are hidden by the filters."
        view.set_shown(None)
        settle(qtbot, view)
        assert view.frame.message == ""
        assert view.scene.index.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (CoverageView, "None of these rows says at which frequency it was observed."),
        (TimeView, "None of these rows says when it was observed."),
    ],
)
def test_why_there_is_nothing(qtbot: QtBot, make: type[RangesView], words: str) -> None:
    with plotted(qtbot, make) as (view, _):
        view.show_marks(table_of(s_ra=[1.0], s_dec=[2.0]), PORTALS)
        settle(qtbot, view)
        assert view.frame.message == words
        view.show_marks(table_of(s_ra=np.empty(0)), PORTALS)
        settle(qtbot, view)
        assert view.frame.message == "There are no rows to show."


def test_radio_and_optical_together_are_logarithmic(qtbot: QtBot) -> None:
    with plotted(qtbot, CoverageView) as (view, selection):
        view.show_marks(table_of(em_min=[C / 231e9, 4e-7], em_max=[C / 230e9, 7e-7], obs_id=["mm", "nm"]), PORTALS)
        view.set_molecule(load("co"))
        settle(qtbot, view)
        assert hover(view.frame, *bar(view, 1)).split("\n")[1] == "ALMA: nm"
        click(qtbot, view.frame, *bar(view, 0))
        assert selection.rows.tolist() == [0]
        assert "CO" in hover(view.frame, float(np.log10(230.538)), 5.0)


def test_times_are_dates(qtbot: QtBot) -> None:
    with plotted(qtbot, TimeView) as (view, selection):
        view.show_marks(few(), PORTALS)
        settle(qtbot, view)
        assert view.status == "4 times"
        words = hover(view.frame, *bar(view, 0)).split("\n")
        assert words[0].startswith("2014-12-")
        assert words[1:] == ["ALMA: a", "2014-12-09 00:00:00"]
        click(qtbot, view.frame, *bar(view, 3))
        assert selection.rows.tolist() == [3]
        axis = view.frame.plot.getAxis("bottom")
        ticks = [
            text
            for spacing, values in axis.tickValues(57000, 59000, 500)
            for text in axis.tickStrings(values, 1, spacing)
        ]
        assert "2016" in ticks


def test_one_selection_is_seen_in_both(qtbot: QtBot) -> None:
    with plotted(qtbot, CoverageView) as (coverage, selection), plotted(qtbot, TimeView) as (times, other):
        selection.changed.connect(lambda _: other.choose(selection.rows, source=None, current=selection.current))
        for view in (coverage, times):
            view.show_marks(few(), PORTALS)
            settle(qtbot, view)
        click(qtbot, coverage.frame, *bar(coverage, 0))
        settle(qtbot, times)
        assert other.rows.tolist() == [0]
        x, y = bar(times, 0)
        near = [colour_at(times, x, y + dy) for dy in (-0.2, 0.0, 0.2)]
        assert any(c != times.frame.colours.back for c in near)


@pytest.mark.parametrize("make", [CoverageView, TimeView])
def test_exports_are_drawings_and_numbers(qtbot: QtBot, tmp_path: Path, make: type[RangesView]) -> None:
    with dark_palette(), plotted(qtbot, make) as (view, _):
        view.show_marks(observations(90), PORTALS)
        settle(qtbot, view)
        for suffix in (".png", ".svg", ".pdf", ".csv"):
            view.frame.export(tmp_path / f"ranges{suffix}")
        drawing = (tmp_path / "ranges.svg").read_text(encoding="utf-8")
        assert portal_colour(1).name() in drawing
        with (tmp_path / "ranges.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        assert len(rows) == 30
        unit = "GHz" if make is CoverageView else "MJD"
        assert len(header) == 6
        assert all(name.endswith(f"[{unit}]") for name in header)
        assert view.frame.colours.back.lightness() < 128


@pytest.mark.parametrize("make", [CoverageView, TimeView])
def test_300_000_rows_are_counted_without_a_pause(qtbot: QtBot, make: type[RangesView]) -> None:
    n = 300_000
    marks, beat = observations(n, regions=False), Heartbeat()
    with plotted(qtbot, make) as (view, selection):
        steps = {
            "show": lambda: view.show_marks(marks, PORTALS),
            "select": lambda: selection.choose(np.arange(0, n, 2), source=None),
            "hide": lambda: view.set_shown(np.arange(n) % 3 > 0),
            "zoom": lambda: view.frame.view.scaleBy(s=(0.5, 0.5)),
            "hover": lambda: hover(view.frame, *np.mean(view.frame.view.viewRange(), axis=1)),
        }
        for name, step in steps.items():
            beat.start()
            step()
            qtbot.waitUntil(lambda: view.is_settled, timeout=60_000)
            qtbot.waitUntil(lambda: beat.longest_ms > 0)
            beat.stop()
            print(f"{make.__name__} {name}: longest pause {beat.longest_ms:.1f} ms")
            assert beat.longest_ms < 500, name
        settle(qtbot, view)
        assert "too many for a bar each" in view.status
        assert view.frame.plot.getAxis("left").labelText == "Observations"
        (x0, x1), (_, top) = view.frame.view.viewRange()
        low, high = (marks.low / 1e9, marks.high / 1e9) if make is CoverageView else (marks.start, marks.end)
        shown = np.arange(n) % 3 > 0
        middle = (x0 + x1) / 2
        width = (x1 - x0) / 400
        there = int((shown & (low <= middle + width) & (high >= middle - width)).sum())
        assert 0.4 * there < top < 20 * there
        beside = middle + 0.02 * (x1 - x0)  # the crosshair stands in the middle
        assert hue_like(colour_at(view, beside, 0.05 * top), selected_colour())
        click(qtbot, view.frame, middle, 0.5 * top)
        expected = np.flatnonzero(shown & (low <= middle) & (high >= middle))
        assert len(selection.rows) > 0
        assert abs(len(selection.rows) - len(expected)) < 0.2 * len(expected) + 20


def test_a_few_rows_of_many_are_bars_again(qtbot: QtBot) -> None:
    with plotted(qtbot, CoverageView) as (view, _):
        view.show_marks(observations(20_000), PORTALS)
        settle(qtbot, view)
        view.set_shown(np.arange(20_000) < 100)
        settle(qtbot, view)
        assert view.scene is not None
        assert not view.scene.is_dense
        assert view.frame.plot.getAxis("left").labelText == ""
        number = int(np.argmax(view.scene.high - view.scene.low))
        assert hue_like(colour_at(view, *bar(view, number)), portal_colour(int(view.scene.portals[number])))
