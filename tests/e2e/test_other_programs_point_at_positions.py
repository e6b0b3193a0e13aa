"""A position that another program points at goes into the source bar, and the one before is said."""

from __future__ import annotations

from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.target import Position, Target
from stopdesk.samp.exchange import Answer
from stopdesk.samp.messages import point_at
from tests.desk import told, wait_until_idle
from tests.samp_desk import answered, said


def test_a_new_place_takes_the_place_of_the_source_which_is_said(qtbot: QtBot, desk: app.Desk) -> None:
    bar = desk.window.source_bar
    assert answered(qtbot, said(desk, point_at(83.8, -5.4)))[0] is Answer.OK
    assert told(desk)[-1] == "TOPCAT points at 05:35:12.000 -05:24:00.00."
    bar.point_at("M83", "13:37:00.9 -29:51:57")
    answered(qtbot, said(desk, point_at(248.0946, -24.4767)))
    assert (bar.source.name, bar.source.position) == ("16:32:22.704 -24:28:36.12", "16:32:22.704 -24:28:36.12")
    assert "from TOPCAT" in bar.answer.words
    answered(qtbot, said(desk, point_at(10.0, 20.0)))  # a click after the other: what the user had is still said
    assert told(desk)[-1] == (
        "TOPCAT points at 00:40:00.000 +20:00:00.00. Before that the source was M83, 13:37:00.9 -29:51:57; "
        "the menu Targets leads back to it."
    )
    assert desk.document.session.source.position == "00:40:00.000 +20:00:00.00"


def test_the_name_stays_where_it_is_the_same_place(qtbot: QtBot, desk: app.Desk) -> None:
    desk.window.observe._aim.point_at(Target(name="IRAS 16293", position=Position(ra=248.0946, dec=-24.4767)))
    answered(qtbot, said(desk, point_at(248.0946 + 3 / 3600, -24.4767)))
    source = desk.window.source_bar.source
    assert (source.name, source.position) == ("IRAS 16293", "16:32:22.904 -24:28:36.12")


def back(desk: app.Desk) -> list[QAction]:
    """What leads back in the menu of targets, as it opens."""
    menu = desk.window.source_bar.targets_menu
    menu.aboutToShow.emit()
    return [action for action in menu.actions() if action.text().startswith("Back to")]


def test_the_menu_of_targets_leads_back_to_the_source_before(qtbot: QtBot, desk: app.Desk) -> None:
    bar = desk.window.source_bar
    answered(qtbot, said(desk, point_at(83.8, -5.4)))
    assert not back(desk), "there was none"
    bar.point_at("M83 & more", "13:37:00.9 -29:51:57")
    assert not back(desk), "the user has chosen it"
    answered(qtbot, said(desk, point_at(248.0946, -24.4767)))
    answered(qtbot, said(desk, point_at(10.0, 20.0)))
    (action,) = back(desk)
    assert action.text() == "Back to M83 && more"
    action.trigger()
    assert (bar.source.name, bar.source.position) == ("M83 & more", "13:37:00.9 -29:51:57")
    assert not back(desk)
    wait_until_idle(qtbot, desk)  # the position is read
    answered(qtbot, said(desk, point_at(204.25375, -29.8658)))  # 0.1 arcsec beside M83
    assert bar.source.name == "M83 & more"


def test_a_source_of_another_session_is_not_offered(qtbot: QtBot, desk: app.Desk) -> None:
    desk.window.source_bar.point_at("M83", "13:37:00.9 -29:51:57")
    answered(qtbot, said(desk, point_at(10.0, 20.0)))
    assert back(desk)
    desk.document.new()
    qtbot.waitUntil(lambda: not desk.window.source_bar.source.position)
    assert not back(desk)
