"""The legend of a plot stands beside it, in plain letters, and comes along into files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from lxml import etree
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.curves import Curve
from stopdesk.ui.plots.frame import PlotFrame
from stopdesk.ui.plots.quantity import Quantity

NAMES = ["OH 3/2_2+_2PI3/2-3/2_1-_2PI3/2", "A <b>bold</b> & one"]


@pytest.fixture
def frame(qtbot: QtBot) -> PlotFrame:
    frame = PlotFrame("Test plot", notices=Notices(), named=True)
    qtbot.addWidget(frame)
    frame.resize(700, 240)
    frame.set_axes(Quantity("Frequency", "GHz"), Quantity("Temperature", "K"))
    show(frame, NAMES)
    frame.show()
    qtbot.waitExposed(frame)
    return frame


def show(frame: PlotFrame, names: list[str]) -> None:
    x = np.linspace(0, 1, 5)
    frame.show_curves([Curve(name, x, x, QColor("#0072B2")) for name in names])


def settled(frame: PlotFrame, qtbot: QtBot) -> None:
    frame.grab()
    qtbot.waitUntil(lambda: frame.legend.sceneBoundingRect().width() > 0)


def test_it_covers_nothing_of_the_plot(frame: PlotFrame, qtbot: QtBot) -> None:
    settled(frame, qtbot)
    legend, area = frame.legend.sceneBoundingRect(), frame.view.sceneBoundingRect()
    assert legend.left() >= area.right() - 1.0
    assert legend.right() <= frame.canvas.width()


def test_it_leaves_most_of_a_narrow_plot_to_the_curves(frame: PlotFrame, qtbot: QtBot) -> None:
    settled(frame, qtbot)
    wide = frame.legend.sceneBoundingRect().width()
    frame.resize(330, 240)
    qtbot.waitUntil(lambda: frame.legend.sceneBoundingRect().width() < wide)
    assert frame.legend.sceneBoundingRect().width() <= 100
    assert frame.view.sceneBoundingRect().width() > 150


def test_without_curves_it_takes_no_room(frame: PlotFrame, qtbot: QtBot) -> None:
    settled(frame, qtbot)
    before = frame.view.sceneBoundingRect().width()
    show(frame, [])
    qtbot.waitUntil(lambda: frame.view.sceneBoundingRect().width() > before + 50)


def test_names_are_text_and_not_html_in_a_file_too(frame: PlotFrame, tmp_path: Path, qtbot: QtBot) -> None:
    assert frame.legend.names == tuple(NAMES)
    settled(frame, qtbot)
    narrow = frame.legend.sceneBoundingRect().width()
    frame.resize(1200, 300)
    qtbot.waitUntil(lambda: frame.legend.sceneBoundingRect().width() > narrow)
    frame.export(tmp_path / "plot.svg")
    root = etree.parse(str(tmp_path / "plot.svg")).getroot()
    texts = ["".join(node.itertext()).strip() for node in root.iter("{*}text")]
    assert set(NAMES) <= set(texts)
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; one" in frame.legend.toolTip()


def test_a_plot_that_is_not_named_has_none(qtbot: QtBot) -> None:
    frame = PlotFrame("Test plot", notices=Notices())
    qtbot.addWidget(frame)
    show(frame, NAMES)
    assert frame.legend.names == ()
