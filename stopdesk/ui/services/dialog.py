"""The services that the program knows of: shown, changed, tried out, and the jobs of those that have any imported."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from stopdesk.domain.models import MODELS
from stopdesk.domain.settings import LogIn, Service, ServiceKind, services_problem, url_problem
from stopdesk.errors import NotAllowed, StopdeskError
from stopdesk.net.credentials import Credentials, Origin
from stopdesk.net.http import Http
from stopdesk.session.services import as_shipped, logged_in_to, services, with_services
from stopdesk.ui.adopting import Adopter
from stopdesk.ui.forms.controls import PROBLEM_SIGN, Words
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.notices import plain_tip
from stopdesk.ui.runs import origin
from stopdesk.ui.send_button import SendButton
from stopdesk.ui.services.fields import ServiceFields
from stopdesk.ui.services.registry import RegistryDialog
from stopdesk.ui.services.trial import TrialLogIns, try_out
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.ui.theme import GRID


class ServicesDialog(QDialog):
    """Changes take effect with OK, all at once; only a test speaks to a service before that."""

    def __init__(
        self,
        *,
        settings: SettingsKeeper,
        credentials: Credentials,
        adopter: Adopter,
        log_ins: LogIns,
        tasks: Tasks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Services")
        self._keeper = settings
        self._credentials = credentials
        self._trial = TrialLogIns(credentials)
        self._adopter = adopter
        self._log_ins = log_ins
        self._tasks = tasks
        self._drafts: list[Service] = list(services(settings.settings))
        self._task: Task | None = None
        self._is_open = True
        self.list = QListWidget()
        self.list.setAccessibleName("Services; those with a tick are in use")
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.fields = ServiceFields()
        self.remove = self._button("Remove", self._remove)
        self.find_button = self._button("Find…", self._find_in_registry)
        self.find_button.setToolTip("Find portals by subject in the registry of the virtual observatory")
        self.send_button = SendButton("services of the registry")
        self.test = self._button("Test", self._test)
        self.test.setToolTip("Ask the service what it can do; nothing is changed there")
        self.bring = self._button("Import its jobs…", self._import)
        self.bring.setToolTip("Take what is set here, as OK does, and bring the jobs of this service into the list")
        self.report = QPlainTextEdit(readOnly=True)
        self.report.setAccessibleName("What the test found")
        self.report.setPlaceholderText("What Test finds out about the service stands here.")
        self.report.setTabChangesFocus(True)
        self.report.setMinimumHeight(9 * GRID)
        self.problem = Words(problem=True)
        self._lay_out()
        for service in self._drafts:
            self._show_new(service)
        self.list.currentRowChanged.connect(self._selected)
        self.list.itemChanged.connect(self._ticked)
        self.fields.changed.connect(self._edited)
        self.list.setCurrentRow(0)
        self._selected()

    def _button(self, text: str, call: object) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(call)
        return button

    def _lay_out(self) -> None:
        left, right = QWidget(), QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        hint = Words()
        hint.setText("A tick offers a job list beside the Run button and a portal in searches.")
        column.addWidget(self.list, 1)
        column.addWidget(hint)
        row = QHBoxLayout()
        row.addWidget(self._button("Add", self._add))
        row.addWidget(self.find_button)
        row.addWidget(self.remove)
        row.addStretch(1)
        row.addWidget(self.send_button)
        column.addLayout(row)
        column = QVBoxLayout(right)
        column.setContentsMargins(GRID, 0, 0, 0)
        column.addWidget(self.fields)
        row = QHBoxLayout()
        row.addWidget(self.test)
        row.addWidget(self.bring)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.report, 1)
        parts = QSplitter()
        parts.setChildrenCollapsible(False)
        parts.addWidget(left)
        parts.addWidget(right)
        parts.setStretchFactor(1, 1)
        parts.setSizes([32 * GRID, 66 * GRID])
        left.setMinimumWidth(24 * GRID)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self._ended)
        whole = QVBoxLayout(self)
        whole.addWidget(parts, 1)
        whole.addWidget(self.problem)
        whole.addWidget(buttons)
        self.problem.hide()
        self.resize(104 * GRID, 68 * GRID)

    # the list

    @property
    def services(self) -> tuple[Service, ...]:
        """All services as they stand, kept or not."""
        return tuple(self._drafts)

    @property
    def current(self) -> Service | None:
        """The service that is shown."""
        return self._drafts[self._row] if self._row >= 0 else None

    @property
    def _row(self) -> int:
        return self.list.currentRow()

    def _show_new(self, service: Service) -> None:
        with QSignalBlocker(self.list):
            item = QListWidgetItem(self.list)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            self._show(item, service)

    def _show(self, item: QListWidgetItem, service: Service) -> None:
        item.setText(" ".join(service.name.split()) or service.url or "New service")
        item.setToolTip(plain_tip(f"{service.name}\n{service.url}\n{service.note}".strip()))
        item.setCheckState(Qt.CheckState.Checked if service.enabled else Qt.CheckState.Unchecked)

    def _selected(self) -> None:
        service = self._drafts[self._row] if self._row >= 0 else None
        self.fields.show_service(service, is_shipped=service is not None and as_shipped(service.url) is not None)
        self._forget_test()
        self._enable()

    def _enable(self) -> None:
        service = self._drafts[self._row] if self._row >= 0 else None
        shipped = as_shipped(service.url) if service is not None and self.fields.url.isReadOnly() else None
        self.remove.setText("Remove" if shipped is None else "Put back")
        self.remove.setToolTip(
            "Take the service off the list" if shipped is None else "Have it as it came with the program"
        )
        self.remove.setEnabled(service is not None and service != shipped)
        can_test = service is not None and url_problem(service.url) is None and self._task is None
        self.test.setEnabled(can_test)
        self.bring.setEnabled(can_test and service is not None and service.kind is ServiceKind.UWS)

    def _ticked(self, item: QListWidgetItem) -> None:
        row = self.list.row(item)
        is_ticked = item.checkState() is Qt.CheckState.Checked
        self._drafts[row] = self._drafts[row].model_copy(update={"enabled": is_ticked})
        if row == self._row:
            self.fields.show_service(self._drafts[row], is_shipped=self.fields.url.isReadOnly())
        self._enable()

    def _edited(self) -> None:
        service, item = self.fields.service, self.list.currentItem()
        if service is None or item is None:
            return
        if (service.url, service.kind) != (self._drafts[self._row].url, self._drafts[self._row].kind):
            self._forget_test()
        self._drafts[self._row] = service
        with QSignalBlocker(self.list):
            self._show(item, service)
        self._say("")
        self._enable()

    def _add(self) -> None:
        service = Service.model_construct(name="", url="")
        self._drafts.append(service)
        self._show_new(service)
        self.list.setCurrentRow(len(self._drafts) - 1)
        self.fields.name.setFocus()

    def _find_in_registry(self) -> None:
        known = [service for service in self._drafts if service.kind is ServiceKind.REGISTRY]
        registry = next((service for service in known if service.enabled), None)
        if registry is None:
            self._say("No registry is in use: tick one in the list first.")
            return
        dialog = RegistryDialog(
            registry=registry,
            known=[service.url for service in self._drafts],
            http=lambda: Http(self._credentials),
            tasks=self._tasks,
            parent=self,
        )
        dialog.chosen.connect(self._take)
        dialog.open()

    def _take(self, found: Sequence[Service]) -> None:
        """Add services of the registry."""
        for service in found:
            self._drafts.append(service)
            self._show_new(service)
        self.list.setCurrentRow(len(self._drafts) - 1)

    def _remove(self) -> None:
        row = self._row
        shipped = as_shipped(self._drafts[row].url) if self.fields.url.isReadOnly() else None
        self._say("")
        if shipped is None:
            del self._drafts[row]
            self.list.takeItem(row)
        else:
            self._drafts[row] = shipped
            with QSignalBlocker(self.list):
                self._show(self.list.item(row), shipped)
        self._selected()

    # talking to the service

    def _test(self) -> None:
        service = self._drafts[self._row]
        lists = service.job_lists(spec.name for spec in MODELS)
        since = self._log_ins.number

        is_kept = self._is_kept(service)

        def said(lines: str) -> None:
            self._task = None
            self.report.setPlainText(lines)
            self._enable()

        def done(lines: str) -> None:
            said(lines)
            self._trial.worked(service)

        def failed(error: StopdeskError) -> None:
            said(f"{PROBLEM_SIGN} {error}")
            again = lambda: self._again(service.url)  # noqa: E731
            if is_kept:
                self._log_ins.turned_away(error, f"test {service.url}", again, since=since)
            elif isinstance(error, NotAllowed) and error.login and self._is_open:
                self._trial.ask(service, self, again)

        self._forget_test()
        self._log_ins.may_ask(service.url)
        self.report.setPlainText(f"Asking {origin(service.url)}…")
        self._task = self._tasks.start(
            f"Testing {service.name or service.url}",
            lambda _: try_out(self._credentials if is_kept else self._trial.credentials(service), service, lists),
            done=done,
            failed=failed,
            dropped=self._dropped,
            queue_name=f"test {origin(service.url)}",
            width=2,
        )
        self._enable()

    def _is_kept(self, service: Service) -> bool:
        """Whether the log-in of the service is the one that the program uses already."""
        kept = logged_in_to(self._keeper.settings).get(Origin.of(service.url))
        if kept is None:
            return service.log_in is LogIn.NONE
        return (kept.log_in, kept.user) == (service.log_in, service.user)

    def _again(self, url: str) -> None:
        """Somebody has logged in there: test again, if that is still what the user looks at."""
        if self._is_open and self._row >= 0 and self._drafts[self._row].url == url and self._task is None:
            self._test()

    def _dropped(self) -> None:
        """The test was cancelled from the window's status line; a test of ours that was given up is none any more."""
        if self._is_open and self._task is not None and self._task.cancelled:
            self._forget_test()
            self._enable()

    def _forget_test(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = None
        self.report.clear()

    def _import(self) -> None:
        service = self._drafts[self._row]
        if self._keep():
            lists = service.job_lists(spec.name for spec in MODELS)
            self._adopter.import_jobs(service.name or origin(service.url), lists)

    # the end

    def _say(self, text: str) -> None:
        self.problem.setText(f"{PROBLEM_SIGN} {text}" if text else "")
        self.problem.setVisible(bool(text))

    def _accept(self) -> None:
        self._keep()

    def _keep(self) -> bool:
        """Take what is set and close, unless something is wrong; whether it was taken."""
        wrong = services_problem(self._drafts)
        if wrong is not None:
            self.list.setCurrentRow(wrong[0])
            self._say(wrong[1])
            self.fields.url.setFocus()
            return False
        self._keeper.change(with_services(self._keeper.settings, self._drafts))
        self._keep_log_ins()
        self.accept()
        return True

    def _keep_log_ins(self) -> None:
        """Be known from now on where a test has let us in; a keyring may ask the user, or hang."""
        put, log_ins, to_keep = self._credentials.put, self._log_ins, self._trial.to_keep(self._drafts)

        def done(urls: list[str]) -> None:
            for url in urls:
                log_ins.logged_in(url)

        def keep(_: Task) -> list[str]:
            for url, credential, in_keyring in to_keep:
                put(Origin.of(url), credential, keep=in_keyring)
            return [url for url, _, _ in to_keep]

        if to_keep:
            self._tasks.start("Logging in", keep, done=done, queue_name="log-in", width=1, quiet=True)

    def _ended(self) -> None:
        self._is_open = False
        self._forget_test()
