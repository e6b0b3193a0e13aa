"""Finds services in the registry of the virtual observatory, by subject and kind, to be added to the list."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.errors import StopdeskError
from stopdesk.net.http import Http
from stopdesk.ui.forms.controls import PROBLEM_SIGN, Menu, Words
from stopdesk.ui.notices import plain_tip
from stopdesk.ui.services.fields import KINDS
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.ui.theme import GRID
from stopdesk.vo import libraries
from stopdesk.vo.registry import KINDS as LISTED
from stopdesk.vo.registry import find_services

_PLACE = Qt.ItemDataRole.UserRole


class RegistryDialog(QDialog):
    """``chosen`` carries the services that the user wants; ``known`` are addresses that are in the list already."""

    chosen = Signal(object)

    def __init__(
        self,
        *,
        registry: Service,
        known: Collection[str],
        http: Callable[[], Http],
        tasks: Tasks,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Find services in the registry")
        self._registry = registry
        self._known = frozenset(known)
        self._http = http
        self._tasks = tasks
        self._task: Task | None = None
        self._found: tuple[Service, ...] = ()
        self.words = QLineEdit(placeholderText="Subject, e.g. molecular clouds")
        self.words.setAccessibleName("Words in title, description or subjects")
        self.kind = Menu()
        self.kind.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.kind.setAccessibleName("Kind of service")
        for kind in LISTED:
            self.kind.addItem(KINDS[kind], kind.value)
        self.kind.setCurrentIndex(self.kind.findData(ServiceKind.OBSTAP.value))
        self.ask = QPushButton("Find")
        self.ask.setDefault(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Services found; those with a tick are added")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.report = Words()
        self.report.setText(f"The registry is that of {registry.name}.")
        self._lay_out()
        self.words.returnPressed.connect(self._find)
        self.ask.clicked.connect(self._find)
        self.list.itemChanged.connect(lambda _: self._enable())
        self.finished.connect(self._give_up)
        self._enable()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        label = QLabel("&About")
        label.setBuddy(self.words)
        row.addWidget(label)
        row.addWidget(self.words, 1)
        row.addWidget(self.kind)
        row.addWidget(self.ask)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add = buttons.addButton("Add", QDialogButtonBox.ButtonRole.AcceptRole)
        self.add.setAutoDefault(False)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.report)
        layout.addWidget(buttons)
        self.resize(84 * GRID, 56 * GRID)

    def _enable(self) -> None:
        self.ask.setEnabled(self._task is None)
        self.add.setEnabled(bool(self._ticked))

    @property
    def _ticked(self) -> list[Service]:
        items = (self.list.item(place) for place in range(self.list.count()))
        return [self._found[item.data(_PLACE)] for item in items if item.checkState() is Qt.CheckState.Checked]

    def _find(self) -> None:
        words, kind = self.words.text(), ServiceKind(self.kind.currentData())
        if self._task is not None:
            return
        if not words.strip():
            self._say("Type what the services should be about.", problem=True)
            return

        def work(task: Task) -> tuple[Service, ...]:
            libraries.load(talking=True)
            http = self._http()
            try:
                return find_services(http, self._registry, words, kind, cancelled=lambda: task.cancelled)
            finally:
                http.close()

        self._say("Asking the registry…")
        self._task = self._tasks.start(
            "Asking the registry",
            work,
            done=self._show,
            failed=self._failed,
            dropped=self._dropped,
            queue_name="registry",
            width=1,
        )
        self._enable()

    def _show(self, found: tuple[Service, ...]) -> None:
        self._task = None
        self.list.clear()
        self._found = tuple(service for service in found if service.url not in self._known)
        for place, service in enumerate(self._found):
            item = QListWidgetItem(service.name, self.list)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
            item.setToolTip(plain_tip(f"{service.url}\n{service.note}"))
            item.setData(_PLACE, place)
        n_known = len(found) - len(self._found)
        known = f" In the list already: {n_known} more." if n_known else ""
        n = len(self._found)
        counted = "1 service" if n == 1 else f"{n} services"
        self._say(f"{counted}; tick those to add.{known}" if n else f"None found.{known}")
        self._enable()

    def _failed(self, error: StopdeskError) -> None:
        self._task = None
        self._say(str(error), problem=True)
        self._enable()

    def _dropped(self) -> None:
        if self._task is not None:
            self._task = None
            self._say("")
            self._enable()

    def _say(self, text: str, *, problem: bool = False) -> None:
        self.report.set_problem(problem)
        self.report.setText(f"{PROBLEM_SIGN} {text}" if problem else text)

    def _accept(self) -> None:
        self.chosen.emit(self._ticked)
        self.accept()

    def _give_up(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
