"""The fields of one service."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QWidget,
)

from stopdesk.domain.settings import OBSCORE_TABLE, LogIn, Service, ServiceKind
from stopdesk.ui.forms.controls import Menu, Words
from stopdesk.ui.theme import GRID

_LOG_INS = {
    LogIn.NONE: "None, or asked for by the service",
    LogIn.BASIC: "User and password",
    LogIn.BEARER: "Token",
}

#: What each kind is called.
KINDS = {
    ServiceKind.UWS: "Job list (UWS)",
    ServiceKind.OBSTAP: "Observations (ObsCore over TAP)",
    ServiceKind.SSA: "Spectra (SSA)",
    ServiceKind.SIA2: "Images and cubes (SIA 2)",
    ServiceKind.SIA1: "Images (SIA 1)",
    ServiceKind.SCS: "Catalogue (cone search)",
    ServiceKind.OBSPORTAL: "ObsPortal (JMMC)",
    ServiceKind.TAP: "Tables (TAP), for queries by hand",
    ServiceKind.RESOLVER: "Name resolver (Sesame)",
    ServiceKind.REGISTRY: "Registry (RegTAP)",
}


class ServiceFields(QWidget):
    """Shows a service and gives it as it then stands, right or wrong; ``changed`` is sent with every change."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service: Service | None = None
        self.kind = Menu()
        self.kind.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for kind, words in KINDS.items():
            self.kind.addItem(words, kind.value)
        self.table = QLineEdit(placeholderText=OBSCORE_TABLE)
        self.table.setToolTip("The service's table of observations, where it has another name")
        self.name = QLineEdit(maxLength=200)
        self.url = QLineEdit(placeholderText="https://example.org/uws/jobs")
        self.url.setToolTip("Of its job list, where {model} stands for lte or lvg, or of the portal without a question")
        self.log_in = Menu()
        self.log_in.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for way, words in _LOG_INS.items():
            self.log_in.addItem(words, way.value)
        self.log_in.setToolTip("A service with a log-in is not spoken to before you have logged in there")
        self.user = QLineEdit()
        self.at_once = QSpinBox(minimum=0, maximum=10_000)
        self.at_once.setSpecialValueText("any number")
        self.at_once.setToolTip("So many jobs may be under way there at the same time; 0 for any number")
        self.paused = QCheckBox("Pause: send no jobs there")
        self.ca_file = QLineEdit(placeholderText="only where the service has a certificate of its own")
        self.ca_file.setToolTip("A PEM file with the certificate authority that is trusted for this server alone")
        self.choose = QPushButton("Choose…")
        self.choose.setAutoDefault(False)
        self.choose.setAccessibleName("Choose the certificate file")
        self.note = QLineEdit()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.hint = Words(wrap=False)
        self.hint.setText("{model} in it stands for lte or lvg.")
        certificate = QWidget()
        row = QHBoxLayout(certificate)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.ca_file, 1)
        row.addWidget(self.choose)
        for label, field, row_widget in (
            ("&Name", self.name, self.name),
            ("&Kind", self.kind, self.kind),
            ("&Address", self.url, self.url),
            ("", None, self.hint),
            ("Tab&le", self.table, self.table),
            ("&Log-in", self.log_in, self.log_in),
            ("&User", self.user, self.user),
            ("Jobs at &once", self.at_once, self.at_once),
            ("", self.paused, self.paused),
            ("&Certificate", self.ca_file, certificate),
            ("No&te", self.note, self.note),
        ):
            self._form.addRow(label, row_widget)
            text = self._form.labelForField(row_widget)
            if isinstance(text, QLabel) and field is not None:
                text.setBuddy(field)
        names = {self.name: "Name", self.url: "Address", self.log_in: "Log-in", self.user: "User"}
        names |= {self.kind: "Kind", self.table: "Table of observations"}
        names |= {self.at_once: "Jobs at once", self.ca_file: "Certificate file", self.note: "Note"}
        for widget, name in names.items():
            widget.setAccessibleName(name)

    def _connect(self) -> None:
        for edit in (self.name, self.url, self.table, self.user, self.ca_file, self.note):
            edit.textEdited.connect(self._edited)
        self.kind.currentIndexChanged.connect(self._edited)
        self.log_in.currentIndexChanged.connect(self._edited)
        self.at_once.valueChanged.connect(self._edited)
        self.paused.toggled.connect(self._edited)
        self.choose.clicked.connect(self._choose)

    def show_service(self, service: Service | None, *, is_shipped: bool = False) -> None:
        """Show a service; the address of one that came with the program stays. None: there is none to show."""
        self._service = service
        self.setEnabled(service is not None)
        shown = service if service is not None else Service.model_construct(name="", url="")
        fields = (self.name, self.url, self.log_in, self.user, self.at_once, self.paused, self.ca_file, self.note)
        blockers = [QSignalBlocker(field) for field in (*fields, self.kind, self.table)]
        texts = {self.name: shown.name, self.url: shown.url, self.table: shown.table, self.user: shown.user}
        texts |= {self.ca_file: shown.ca_file, self.note: shown.note}
        for edit, text in texts.items():
            edit.setText(text)
            edit.setCursorPosition(0)
        self.note.setToolTip(shown.note)
        self.url.setReadOnly(is_shipped)
        self.kind.setEnabled(not is_shipped)
        self.kind.setCurrentIndex(max(0, self.kind.findData(shown.kind.value)))
        self.log_in.setCurrentIndex(max(0, self.log_in.findData(shown.log_in.value)))
        self.at_once.setValue(shown.at_once)
        self.paused.setChecked(shown.paused)
        del blockers
        self._show_what_applies()

    @property
    def service(self) -> Service | None:
        """The service as it stands, not checked."""
        if self._service is None:
            return None
        return self._service.model_copy(
            update={
                "name": self.name.text().strip(),
                "url": self.url.text().strip(),
                "kind": ServiceKind(self.kind.currentData()),
                "table": self.table.text().strip(),
                "log_in": LogIn(self.log_in.currentData()),
                "user": self.user.text().strip(),
                "at_once": self.at_once.value(),
                "paused": self.paused.isChecked(),
                "ca_file": self.ca_file.text().strip(),
                "note": self.note.text().strip(),
            }
        )

    def _show_what_applies(self) -> None:
        kind = ServiceKind(self.kind.currentData())
        self._form.setRowVisible(self.user, self.log_in.currentData() == LogIn.BASIC.value)
        self._form.setRowVisible(self.table, kind is ServiceKind.OBSTAP)
        for row in (self.hint, self.at_once, self.paused):
            self._form.setRowVisible(row, kind is ServiceKind.UWS)

    def _edited(self) -> None:
        self._show_what_applies()
        self.changed.emit()

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Certificate authority", self.ca_file.text(), "Certificates (*.pem *.crt *.cer);;All files (*)"
        )
        if path:
            self.ca_file.setText(path)
            self.changed.emit()
