"""What other programs want waits while the user is asked something, in its order, and never without an end."""

from __future__ import annotations

import time
from functools import partial

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from stopdesk.ui.samp.patience import Patience


def test_calls_are_made_at_once_or_in_order_after_the_question(qtbot: QtBot) -> None:
    window, made, dropped = QWidget(), list[str](), list[tuple[str, bool]]()
    qtbot.addWidget(window)
    window.show()
    patience = Patience(window)

    def do(word: str, kind: str | None = None) -> None:
        patience.do(partial(made.append, word), lambda why, newer: dropped.append((f"{word}: {why}", newer)), kind=kind)

    do("at once", "a")
    assert made == ["at once"]
    box = QMessageBox(QMessageBox.Icon.Question, "A question", "Sure?", parent=window)
    box.open()
    do("first", "a")
    do("second")
    do("third", "b")
    do("fourth", "a")
    assert dropped == [("first: Another message came before this one could be followed.", True)]
    for number in range(298):
        do(f"more {number}")
    assert dropped[1:] == [
        ("more 297: The user of stopdesk has to answer a question first; try again later.", False),
    ]
    assert made == ["at once"]
    box.close()
    qtbot.waitUntil(lambda: len(made) == 301)
    assert made[:5] == ["at once", "second", "third", "fourth", "more 0"]


def test_a_flood_leaves_the_window_its_turn_and_only_the_last_of_a_kind_counts(qtbot: QtBot) -> None:
    window, made, dropped = QWidget(), list[int](), list[int]()
    qtbot.addWidget(window)
    patience = Patience(window)
    for number in range(500):
        patience.do(partial(made.append, number), lambda *_, k=number: dropped.append(k), kind="a place")
    assert made == [0]
    qtbot.waitUntil(lambda: made == [0, 499])
    assert dropped == list(range(1, 499))
    slow = [partial(_take_a_while, made) for _ in range(20)]
    beats = list[int]()
    timer = QTimer(window, interval=0)
    timer.timeout.connect(lambda: beats.append(len(made)))
    timer.start()
    for call in slow:
        patience.do(call, lambda *_: dropped.append(-1))
    qtbot.waitUntil(lambda: len(made) == 22)
    assert len(set(beats)) > 10  # the window had its turn in between


def _take_a_while(made: list[int]) -> None:
    end = time.monotonic() + 0.01
    while time.monotonic() < end:
        pass
    made.append(-1)


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # as there is no keyboard offscreen
def test_an_open_menu_is_a_question_too(qtbot: QtBot) -> None:
    menu, made = QMenu(), list[str]()
    menu.addAction("Choose")
    qtbot.addWidget(menu)
    menu.popup(menu.pos())
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is menu)
    patience = Patience(menu)
    patience.do(lambda: made.append("made"), lambda *_: None)
    assert not made
    menu.close()
    qtbot.waitUntil(lambda: made == ["made"])
