"""A million observations are shown, sorted, filtered and looked through while the window goes on."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot

from stopdesk.ui.portal.filter_boxes import RangeBody
from stopdesk.ui.portal.table import ObservationTable
from stopdesk.vo.merging import Part
from tests.desk import Heartbeat
from tests.ui.observations import cells, click_header, cone, obscore, on_screen, settled, show

#: Milliseconds that the GUI thread may work at a stretch: ten times what they should be.
_LONGEST = 160.0


class Labour:
    """The longest stretch of work of the GUI thread between two turns of its event loop, in milliseconds of its own.

    Unlike a pause, that does not depend on what else the machine is at.
    """

    def __init__(self) -> None:
        self.longest_ms = 0.0
        self._last = 0.0
        self._timer = QTimer()
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._turn)

    def start(self) -> None:
        self.longest_ms = 0.0
        self._last = time.thread_time()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _turn(self) -> None:
        now = time.thread_time()
        self.longest_ms = max(self.longest_ms, (now - self._last) * 1e3)
        self._last = now


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("n_rows", "n_more"), [(300_000, 10), pytest.param(1_000_000, 46, marks=pytest.mark.slow)])
def test_the_window_goes_on(qtbot: QtBot, n_rows: int, n_more: int) -> None:
    parts = [Part("a", "ALMA", obscore(n_rows, n_more=n_more)), Part("c", "Cones", cone(1000))]
    with on_screen(qtbot) as table:
        pauses: dict[str, tuple[float, float]] = {}
        heart, labour = Heartbeat(), Labour()

        def during(name: str, act: Callable[[], object]) -> None:
            heart.start()
            labour.start()
            act()
            settled(qtbot, table)
            qtbot.waitUntil(lambda: heart.longest_ms > 0)  # a beat that was held up comes late, not never
            heart.stop()
            labour.stop()
            pauses[name] = labour.longest_ms, heart.longest_ms

        during("show", lambda: show(qtbot, table, parts))
        _sort_filter_and_look(qtbot, table, during, n_rows)
        print(f"\n{n_rows:,} rows; the longest work of the GUI thread and the longest pause, in ms:")
        print({name: (round(work), round(pause)) for name, (work, pause) in pauses.items()})
        assert max(work for work, _ in pauses.values()) < _LONGEST


def _sort_filter_and_look(
    qtbot: QtBot, table: ObservationTable, during: Callable[[str, Callable[[], object]], None], n_rows: int
) -> None:
    values = {name: table.rows.named(name).values for name in ("s_dec", "t_exptime")}  # type: ignore[union-attr]
    during("sort numbers", lambda: click_header(qtbot, table, "s_dec"))
    assert table.shown[0] == np.nanargmin(np.where(table.rows.named("s_dec").missing(), np.nan, values["s_dec"]))  # type: ignore[union-attr]
    during("sort texts", lambda: click_header(qtbot, table, "target_name", ctrl=True))
    during("sort distinct texts", lambda: click_header(qtbot, table, "access_url"))
    assert cells(table, "access_url", 3) == [f"https://archive.example/files/1/{k}.fits" for k in range(3)]
    table.strip.filters.click()
    box = table.drawer.boxes["t_exptime"]
    during("enable a filter", box.enable.click)
    assert isinstance(box.body, RangeBody)
    field = box.body.fields[0]
    during("type", lambda: qtbot.keyClicks(field, "500"))
    assert table.model.rowCount() == 1000 + int((values["t_exptime"][:n_rows] >= 500).sum())
    during("select all", table.view.selectAll)
    during("sort what is selected", lambda: click_header(qtbot, table, "s_ra"))
    assert len(table.selected_rows) == table.model.rowCount()
    during("clear", lambda: qtbot.mouseClick(table.drawer.clear_button, Qt.MouseButton.LeftButton))
    bar = table.view.verticalScrollBar()
    steps = range(0, bar.maximum(), bar.maximum() // 50)

    def scroll() -> None:
        for value in steps:
            bar.setValue(value)
            qtbot.wait(0)

    during("scroll", scroll)
    during("find a text", lambda: table.finder.field.setText("field 996"))
    assert table.finder.count.text().endswith(f" of {n_rows // 997:,} rows")
    during("find a number", lambda: table.finder.field.setText("248.1"))
    during("change a unit", lambda: table.show_as("em_min", "GHz"))
    during("put a column beside", lambda: table.set_extra_column("My lines", np.arange(n_rows + 1000) % 5))
    during("select half", lambda: table.select_rows(np.arange(0, n_rows, 2)))
    during("sort with half selected", lambda: click_header(qtbot, table, "My lines"))
    assert len(table.selected_rows) == n_rows // 2
