"""Boxes to tick are seen on their background, in light and in dark windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyleOptionButton,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)
from pytestqt.qtbot import QtBot

from stopdesk.ui import theme

#: What WCAG 2.1 asks of the outlines of controls (success criterion 1.4.11).
LEAST_CONTRAST = 3.0


@pytest.fixture(params=["light", "dark", "system"], autouse=True)
def scheme(request: pytest.FixtureRequest, qapp: object) -> Iterator[str]:
    theme.apply_scheme(request.param)
    yield request.param
    theme.apply_scheme("system")


def luminance(colour: QColor) -> float:
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.getRgbF()[:3]]  # type: ignore[index]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def best_on_the_way_in(image: QImage, box: QRect) -> float:
    """The best contrast that stands out from the background, on the way from left to the middle of a box."""
    background = image.pixelColor(box.left() - 2, box.center().y())
    way = range(box.left(), box.center().x() - 2)
    return max(contrast(image.pixelColor(x, box.center().y()), background) for x in way)


def picture(qtbot: QtBot, widget: QWidget) -> QImage:
    qtbot.addWidget(widget)
    widget.resize(200, 80)
    widget.show()
    qtbot.waitExposed(widget)
    return widget.grab().toImage()


def test_a_check_box_is_seen_without_a_tick(qtbot: QtBot) -> None:
    page = QWidget()
    box = QCheckBox("Search", page)
    box.move(20, 20)
    image = picture(qtbot, page)
    option = QStyleOptionButton()
    option.initFrom(box)
    inside = box.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, box)
    assert best_on_the_way_in(image, inside.translated(box.pos())) >= LEAST_CONTRAST


def a_list() -> QListWidget:
    view = QListWidget()
    QListWidgetItem("Archive", view).setCheckState(Qt.CheckState.Unchecked)
    return view


def a_tree() -> QTreeWidget:
    view = QTreeWidget()
    QTreeWidgetItem(view, ["Archive"]).setCheckState(0, Qt.CheckState.Unchecked)
    return view


@pytest.mark.parametrize("make", [a_list, a_tree])
def test_a_line_of_a_list_is_seen_without_a_tick(qtbot: QtBot, make: Callable[[], QAbstractItemView]) -> None:
    view = make()
    image = picture(qtbot, view)
    option = QStyleOptionViewItem()
    option.initFrom(view)
    option.features = QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    option.rect = view.visualRect(view.model().index(0, 0))
    inside = view.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, view)
    assert best_on_the_way_in(image, inside.translated(view.viewport().pos())) >= LEAST_CONTRAST
