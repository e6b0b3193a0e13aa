"""In a window of 1024 by 700 pixels with the details open, everything in Observe can be seen and used."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.settings import ServiceKind
from stopdesk.ui.forms.controls import Words
from stopdesk.ui.grids.elided import ElidedLabel
from tests.fakes.portal_server import portal_server
from tests.observing import observations, point, portal, search, use

#: The smallest width in which a plot shows anything, with its axes.
READABLE = 230


def resize(qtbot: QtBot, desk: app.Desk, width: int, height: int, *, details: bool) -> None:
    desk.window.details_dock.setVisible(details)
    desk.window.resize(width, height)
    qtbot.waitUntil(lambda: (desk.window.width(), desk.window.height()) == (width, height))


def controls(page: QWidget) -> list[QWidget]:
    """All that is read or used on a page and in sight, but for what is cut with dots."""
    kinds = (QAbstractButton, QComboBox, QLabel, QLineEdit, QSpinBox)
    found = [each for kind in kinds for each in page.findChildren(kind) if each.isVisible()]
    return [each for each in found if not isinstance(each, (ElidedLabel, Words)) and not each.visibleRegion().isEmpty()]


def name(widget: QWidget) -> str:
    return widget.accessibleName() or str(getattr(widget, "text", lambda: "")()) or type(widget).__name__


def cut(page: QWidget) -> list[str]:
    """What has less room than it needs."""
    small = [each for each in controls(page) if each.width() < each.minimumSizeHint().width()]
    return [f"{name(each)}: {each.width()} of {each.minimumSizeHint().width()}" for each in small]


def overlapping(page: QWidget) -> list[tuple[str, str]]:
    """What lies over its neighbour."""
    pairs = combinations(controls(page), 2)
    return [
        (name(one), name(two))
        for one, two in pairs
        if one.parentWidget() is two.parentWidget() and one.geometry().intersects(two.geometry())
    ]


@pytest.fixture
def searched(qtbot: QtBot, desk: app.Desk) -> app.Desk:
    with portal_server() as server:
        server.rows = observations(40)
        use(
            desk,
            portal(server, ServiceKind.OBSTAP, "Images and cubes of an archive"),
            portal(server, ServiceKind.SSA, "Its spectra"),
        )
        point(desk)
        search(qtbot, desk, answers=2)
    desk.window.observe.area.selection.choose([3], source=None)
    return desk


@pytest.mark.parametrize("tab", [0, 1, 2])
@pytest.mark.parametrize("filters", [False, True])
def test_everything_is_whole_and_beside_each_other(
    qtbot: QtBot, searched: app.Desk, tab: int, *, filters: bool
) -> None:
    observe = searched.window.observe
    resize(qtbot, searched, 1024, 700, details=True)
    observe.panel.tabs.setCurrentIndex(tab)
    observe.area.table.strip.filters.setChecked(filters)
    qtbot.waitUntil(lambda: not cut(observe) and not overlapping(observe))
    labels = {each.text() for each in controls(observe) if isinstance(each, QLabel)}
    assert "Ro&ws at most" in labels
    assert observe.bar.choice.width() >= observe.bar.choice.sizeHint().width()


def test_the_sky_is_a_tab_where_two_plots_have_no_room(qtbot: QtBot, searched: app.Desk) -> None:
    plots = searched.window.observe.area.plots
    assert plots is not None

    def tabs() -> list[str]:
        return [plots.tabs.tabText(place) for place in range(plots.tabs.count())]

    resize(qtbot, searched, 1280, 800, details=False)
    qtbot.waitUntil(lambda: tabs() == ["Frequencies", "Times"])
    assert plots.sky.isVisible()
    for _ in range(2):
        resize(qtbot, searched, 1024, 700, details=True)
        qtbot.waitUntil(lambda: tabs() == ["Frequencies", "Times", "Sky"])
        assert plots.coverage.isVisible()
        plots.tabs.setCurrentWidget(plots.sky)
        qtbot.waitUntil(lambda: plots.sky.isVisible() and plots.sky.frame.plot.width() >= READABLE)
        resize(qtbot, searched, 1280, 800, details=True)
        qtbot.waitUntil(lambda: tabs() == ["Frequencies", "Times"])
        assert plots.sky.isVisible()
        assert plots.sky.width() >= READABLE
        assert plots.tabs.isVisible()
