"""Observations on the sky: where they stand, what the mouse finds, what is selected, and no pause for many of them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk.domain.search import Cone
from stopdesk.ui.portal.colours import portal_colour
from stopdesk.ui.portal.marks import portal_symbol, selected_colour
from stopdesk.ui.portal.sky import SkyView
from tests.desk import Heartbeat
from tests.ui.plotted import (
    CONE,
    PORTALS,
    click,
    frame_with_shift,
    hover,
    observations,
    plotted,
    settle,
    table_of,
)
from tests.ui.sample_results import dark_palette, screen_point

#: Around (10, 0): a position to the East, one to the North, a footprint in the West, one row nowhere, one behind us.
RA, DEC = [10.02, 10.0, 9.97, np.nan, 190.0], [0.0, 0.02, 0.0, np.nan, 0.0]
REGIONS = ["", "", "POLYGON 9.96 -0.01 9.98 -0.01 9.98 0.01 9.96 0.01", "", ""]
NAMES = ["east", "north", "west", "nowhere", "behind"]
AROUND = Cone.around(10.0, 0.0, 0.04)


def few() -> object:
    return table_of(s_ra=RA, s_dec=DEC, s_region=REGIONS, obs_id=NAMES)


def colours_near(view: SkyView, x: float, y: float, size: int = 7) -> set[str]:
    QApplication.processEvents()
    image: QImage = view.frame.canvas.grab().toImage()
    at = screen_point(view.frame, x, y)
    offsets = range(-size, size + 1)
    return {image.pixelColor(at + QPoint(dx, dy)).name() for dx in offsets for dy in offsets}


def looks_like(colours: set[str], wanted: QColor) -> bool:
    """Whether one of the colours is that one, also if let through a little."""
    return any(
        all(abs(a - b) < 70 for a, b in zip(QColor(c).getRgb()[:3], wanted.getRgb()[:3], strict=True)) for c in colours
    )


def test_marks_stand_where_they_are_east_to_the_left(qtbot: QtBot) -> None:
    with plotted(qtbot, SkyView) as (view, _):
        assert "on the sky" in view.frame.message
        view.show_marks(few(), PORTALS, AROUND)
        settle(qtbot, view)
        assert screen_point(view.frame, 0.02, 0).x() < screen_point(view.frame, -0.03, 0).x()
        for x, y in ((0.02, 0.0), (0.0, 0.02), (-0.02, 0.0)):
            assert looks_like(colours_near(view, x, y), portal_colour(0)), (x, y)
        assert not looks_like(colours_near(view, -0.02, 0.025), portal_colour(0))
        assert (
            view.status == "3 rows on the sky; 1 row without a position; 1 row 90° or more from the centre, not drawn"
        )


def test_axes_count_in_a_unit_that_suits_the_view(qtbot: QtBot) -> None:
    with plotted(qtbot, SkyView) as (view, _):
        view.show_marks(few(), PORTALS, AROUND)
        settle(qtbot, view)
        axis = view.frame.plot.getAxis("bottom")
        assert axis.labelText == "RA offset (arcmin)"
        for size, unit in ((4.0, "deg"), (0.01, "arcsec"), (0.1, "arcmin")):
            view.frame.view.setRange(yRange=(-size / 2, size / 2), padding=0)
            settle(qtbot, view)
            assert axis.labelText == f"RA offset ({unit})"


def test_the_corner_says_position_portal_and_name(qtbot: QtBot) -> None:
    with plotted(qtbot, SkyView) as (view, _):
        view.show_marks(few(), PORTALS, AROUND)
        settle(qtbot, view)
        position, found = hover(view.frame, 0.02, 0.0).split("\n")
        assert position.startswith("00:40:04.")
        assert position.endswith(" arcmin)")
        assert found == "ALMA: east"
        assert hover(view.frame, -0.025, 0.005).split("\n")[1:] == ["ALMA: west"], "inside the outline"
        assert hover(view.frame, -0.035, 0.02).split("\n")[1:] == []


def test_clicks_select_and_add_and_clear(qtbot: QtBot) -> None:
    with plotted(qtbot, SkyView) as (view, selection):
        view.show_marks(few(), PORTALS, AROUND)
        settle(qtbot, view)
        sources: list[object] = []
        selection.changed.connect(sources.append)
        click(qtbot, view.frame, 0.02, 0.0)
        assert (selection.rows.tolist(), selection.current) == ([0], 0)
        click(qtbot, view.frame, -0.025, 0.005, ctrl=True)
        assert selection.rows.tolist() == [0, 2]
        click(qtbot, view.frame, 0.02, 0.0, ctrl=True)
        assert selection.rows.tolist() == [2]
        click(qtbot, view.frame, -0.035, 0.03)
        assert selection.rows.tolist() == []
        assert sources == [view] * 4


def test_dragging_with_shift_selects_what_lies_in_the_box(qtbot: QtBot) -> None:
    with plotted(qtbot, SkyView) as (view, selection):
        view.show_marks(few(), PORTALS, AROUND)
        settle(qtbot, view)
        before = view.frame.view.viewRange()
        frame_with_shift(qtbot, view.frame, (0.03, 0.03), (-0.005, -0.01))
        assert selection.rows.tolist() == [0, 1]
        assert view.frame.view.viewRange() == before, "nothing is zoomed or panned"


def test_selected_marks_change_colour_wherever_they_are_selected(qtbot: QtBot) -> None:
    with plotted(qtbot, SkyView) as (view, selection):
        view.show_marks(few(), PORTALS, AROUND)
        settle(qtbot, view)
        assert not looks_like(colours_near(view, -0.02, 0.0), selected_colour())
        selection.choose([0, 2], source="the table")
        settle(qtbot, view)
        for x in (0.02, -0.02):
            assert looks_like(colours_near(view, x, 0.0), selected_colour())
        assert not looks_like(colours_near(view, 0.0, 0.02), selected_colour())


def test_hidden_rows_are_not_drawn_and_not_found(qtbot: QtBot) -> None:
    with plotted(qtbot, SkyView) as (view, _):
        view.show_marks(few(), PORTALS, AROUND)
        view.set_shown(np.array([False, True, True, True, True]))
        settle(qtbot, view)
        assert not looks_like(colours_near(view, 0.02, 0.0), portal_colour(0))
        assert "east" not in hover(view.frame, 0.02, 0.0)
        view.set_shown(np.zeros(5, dtype=bool))
        settle(qtbot, view)
        assert view.frame.message == "All rows are hidden by the filters."
        view.set_shown(None)
        settle(qtbot, view)
        assert looks_like(colours_near(view, 0.02, 0.0), portal_colour(0))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"x": [1.0]}, "None of these rows says where on the sky it was observed."),
        ({"s_ra": [190.0], "s_dec": [0.0]}, "All of these rows lie 90° or more from the centre of the search."),
        ({"s_ra": np.empty(0), "s_dec": np.empty(0)}, "There are no rows to show."),
    ],
)
def test_why_there_is_nothing(qtbot: QtBot, columns: dict[str, object], words: str) -> None:
    with plotted(qtbot, SkyView) as (view, _):
        view.show_marks(table_of(**columns), PORTALS, AROUND)
        settle(qtbot, view)
        assert view.frame.message == words


def test_without_a_search_the_rows_are_their_own_centre(qtbot: QtBot) -> None:
    with plotted(qtbot, SkyView) as (view, _):
        view.show_marks(table_of(s_ra=[359.9, 0.1], s_dec=[60.0, 60.0]), PORTALS)
        settle(qtbot, view)
        for x in (-0.05, 0.05):
            assert looks_like(colours_near(view, x, 0.0), portal_colour(0))


def test_a_footprint_that_cannot_be_read_is_said(qtbot: QtBot) -> None:
    with plotted(qtbot, SkyView) as (view, _):
        view.show_marks(table_of(s_ra=[10.0], s_dec=[0.0], s_region=["CIRCLE GALACTIC 1 2 3"]), PORTALS, AROUND)
        settle(qtbot, view)
        assert view.status == "1 row on the sky; 1 footprint could not be read, drawn as positions"


def test_portals_are_told_apart_by_colour_and_shape(qtbot: QtBot) -> None:
    assert len({(portal_colour(k).name(), portal_symbol(k)) for k in range(42)}) == 42
    assert selected_colour().name() not in {portal_colour(k).name() for k in range(42)}
    with plotted(qtbot, SkyView) as (view, _):
        view.show_marks(observations(30), PORTALS, CONE)
        settle(qtbot, view)
        assert [name[:6] for name in view.frame.legend.names] == ["ALMA", "ESO", "A port"]
        view.show_marks(few(), PORTALS, AROUND)
        settle(qtbot, view)
        assert view.frame.legend.names == ()


@pytest.mark.parametrize("n", [40, 20_000])
def test_exports_are_pictures_on_white_and_numbers(qtbot: QtBot, tmp_path: Path, n: int) -> None:
    with dark_palette(), plotted(qtbot, SkyView) as (view, _):
        view.show_marks(observations(n), PORTALS, CONE)
        settle(qtbot, view)
        for suffix in (".png", ".svg", ".pdf", ".csv"):
            view.frame.export(tmp_path / f"sky{suffix}")
        image = QImage(str(tmp_path / "sky.png"))
        assert image.pixelColor(2, 2) == QColor("white")
        seen = {image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
        assert looks_like(seen, portal_colour(1))
        assert (tmp_path / "sky.svg").read_text(encoding="utf-8").count("<image") == (1 if n > 1000 else 0)
        with (tmp_path / "sky.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        assert header[:4] == ["ALMA: RA [deg]", "ALMA: Dec [deg]", "ESO: RA [deg]", "ESO: Dec [deg]"]
        assert len(rows) == -(-n // 3)
        assert view.frame.colours.back.lightness() < 128, "the window is dark again"


def test_300_000_rows_are_drawn_as_a_picture_without_a_pause(qtbot: QtBot) -> None:
    n = 300_000
    marks, beat = observations(n, regions=False), Heartbeat()
    with plotted(qtbot, SkyView) as (view, selection):
        steps = {
            "show": lambda: view.show_marks(marks, PORTALS, CONE),
            "select": lambda: selection.choose(np.arange(0, n, 2), source=None),
            "hide": lambda: view.set_shown(np.arange(n) % 3 > 0),
            "zoom": lambda: view.frame.view.scaleBy(s=(0.5, 0.5)),
            "hover": lambda: hover(view.frame, 0.001, 0.001),
        }
        for name, step in steps.items():
            beat.start()
            step()
            qtbot.waitUntil(lambda: view.is_settled, timeout=60_000)
            qtbot.waitUntil(lambda: beat.longest_ms > 0)
            beat.stop()
            print(f"{name}: longest pause {beat.longest_ms:.1f} ms")
            assert beat.longest_ms < 500, name
        assert not view.picture.image.isNull()
        assert view.status.startswith("200,000 rows on the sky; where many positions meet, the colour is fuller")
        selection.clear(source=None)
        settle(qtbot, view)
        crowd = [view.frame.canvas.grab().toImage().pixelColor(screen_point(view.frame, 0, 0.002)).name()]
        assert crowd != [view.frame.colours.back.name()]


def test_a_picture_shows_what_single_marks_show(qtbot: QtBot) -> None:
    with plotted(qtbot, SkyView) as (view, selection):
        marks = observations(20_000)
        view.show_marks(marks, PORTALS, CONE)
        settle(qtbot, view)
        lone = int(np.argmax(marks.dec))
        x, y = (float(value) for value in (marks.ra[lone] - CONE.position.ra, marks.dec[lone] - CONE.position.dec))
        x *= float(np.cos(np.radians(CONE.position.dec)))
        view.frame.view.setRange(xRange=(x - 0.01, x + 0.01), yRange=(y - 0.01, y + 0.01), padding=0)
        settle(qtbot, view)
        assert not looks_like(colours_near(view, x, y, 3), selected_colour())
        selection.choose([lone], source=None)
        settle(qtbot, view)
        radius = 0.003 if lone in marks.outlines.row else 0.0
        seen = colours_near(view, x, y, 3) | colours_near(view, x, y + radius, 3)
        assert looks_like(seen, selected_colour())
