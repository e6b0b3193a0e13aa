"""The log-in dialog takes user and password, or a token, and never shows the secret."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from stopdesk.ui.login import Login, LoginDialog


@pytest.fixture
def dialog(qtbot: QtBot) -> LoginDialog:
    dialog = LoginDialog("https://uws.example:443")
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    return dialog


def labels(dialog: LoginDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]


def test_it_says_who_asks_and_where_it_goes(dialog: LoginDialog) -> None:
    assert any("https://uws.example:443 asks who you are" in text for text in labels(dialog))
    assert any("to this address only" in text for text in labels(dialog))


def test_user_and_password_by_keyboard_alone(qtbot: QtBot, dialog: LoginDialog) -> None:
    dialog._user.setFocus()
    QTest.keyClicks(dialog._user, "alice")
    QTest.keyClick(dialog._user, Qt.Key.Key_Tab)
    QTest.keyClicks(dialog._secret, "wonderland")
    with qtbot.waitSignal(dialog.accepted):
        QTest.keyClick(dialog._secret, Qt.Key.Key_Return)
    assert dialog.login == Login("basic", "alice", "wonderland", keep=False)


def test_a_token_has_no_user(dialog: LoginDialog) -> None:
    dialog._kind.setCurrentIndex(dialog._kind.findData("bearer"))
    assert not dialog._user.isVisible()
    assert "Token" in labels(dialog)
    assert "Password" not in labels(dialog)
    dialog._secret.setText("abc.def")
    dialog._keep.setChecked(True)
    assert dialog.login == Login("bearer", "", "abc.def", keep=True)
    dialog._kind.setCurrentIndex(0)
    assert dialog._user.isVisible()


def test_escape_is_a_no(qtbot: QtBot, dialog: LoginDialog) -> None:
    with qtbot.waitSignal(dialog.rejected):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


def test_the_secret_is_neither_on_the_screen_nor_in_a_text(dialog: LoginDialog) -> None:
    dialog._secret.setText("wonderland")
    assert dialog._secret.echoMode() is QLineEdit.EchoMode.Password
    assert dialog._secret.displayText() != "wonderland"
    assert "wonderland" not in repr(dialog.login)
