"""What other programs want waits while the user is asked something, in its order, and never without an end."""

from __future__ import annotations

from functools import partial

import pytest
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
    for number in range(98):
        do(f"more {number}")
    assert dropped[1:] == [
        ("more 97: The user of stopdesk has to answer a question first; try again later.", False),
    ]
    assert made == ["at once"]
    box.close()
    qtbot.waitUntil(lambda: len(made) == 101)
    assert made[:5] == ["at once", "second", "third", "fourth", "more 0"]


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
