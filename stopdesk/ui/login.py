"""Asks who the user is at a service."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QWidget

from stopdesk.ui.theme import GRID


@dataclass(frozen=True)
class Login:
    """What was typed; ``kind`` is ``basic`` or ``bearer``. The secret is never shown or logged."""

    kind: str
    user: str
    secret: str
    keep: bool

    def __repr__(self) -> str:
        return f"Login({self.kind}, {self.user!r})"


class LoginDialog(QDialog):
    """User and password, or a token, for one origin."""

    def __init__(self, origin: str, *, kind: str = "basic", user: str = "", parent: QWidget | None = None) -> None:
        """``kind`` and ``user`` are what is known already and may be changed."""
        super().__init__(parent)
        self.setWindowTitle("Log in")
        self._kind = QComboBox()
        self._kind.addItem("User and password", "basic")
        self._kind.addItem("Token", "bearer")
        self._user = QLineEdit()
        self._secret = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self._keep = QCheckBox("Remember in the keyring")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText("Log in")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._form = QFormLayout(self)
        text = QLabel(f"{origin} asks who you are. What you type is sent to this address only.")
        text.setWordWrap(True)
        text.setMinimumWidth(44 * GRID)
        self._form.addRow(text)
        self._form.addRow("Log in with", self._kind)
        self._form.addRow("User", self._user)
        self._form.addRow("Password", self._secret)
        self._form.addRow("", self._keep)
        self._form.addRow(buttons)
        for widget, name in ((self._kind, "Kind of log-in"), (self._user, "User"), (self._secret, "Password or token")):
            widget.setAccessibleName(name)
        self._kind.currentIndexChanged.connect(self._kind_changed)
        self._kind.setCurrentIndex(max(0, self._kind.findData(kind)))
        self._user.setText(user)
        if user or kind != "basic":
            self._secret.setFocus()

    def _kind_changed(self) -> None:
        is_basic = self._kind.currentData() == "basic"
        self._form.setRowVisible(self._user, is_basic)
        label = self._form.labelForField(self._secret)
        if isinstance(label, QLabel):
            label.setText("Password" if is_basic else "Token")

    @property
    def login(self) -> Login:
        """What was typed."""
        return Login(self._kind.currentData(), self._user.text(), self._secret.text(), self._keep.isChecked())
