"""What the cases of a faulty server need: the window, the server, what the user sees, and a name for each case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.run import FETCHING, Run
from stopdesk.ui.jobs import table
from stopdesk.ui.jobs.add_dialog import AddJobDialog
from stopdesk.ui.login import LoginDialog
from tests.desk import PATIENCE_MS, Heartbeat, run_on, told, wait_for_state, wait_until_told
from tests.fakes.uws_server import UwsServer


@dataclass
class Scene:
    """The real window before a scripted server."""

    qtbot: QtBot
    desk: app.Desk
    server: UwsServer
    monkeypatch: pytest.MonkeyPatch
    heart: Heartbeat  # a case may start it anew behind work of its own

    # what the user does

    def run(self, state: str = "executing") -> str:
        """Press Run and wait for a state; gives the key of the run."""
        key = run_on(self.qtbot, self.desk, self.server.url)
        wait_for_state(self.qtbot, self.desk, state, key=key)
        return key

    def command(self, word: str, key: str) -> None:
        """Select a run in the jobs panel and choose one of its commands."""
        self.desk.window.jobs.select(key)
        self.desk.window.jobs._command(word)

    def add_by_address(self, job_id: str) -> str:
        """Add a job of the server by its address; gives the key of its run."""
        before = {run.key for run in self.desk.document.session.runs}
        self.desk.window.actions_by_name["add_job"].trigger()
        (dialog,) = self.desk.window.findChildren(AddJobDialog)
        dialog.address.setText(self.server.job_url(job_id))
        dialog._add.click()
        self.wait(lambda: len(self.desk.document.session.runs) > len(before))
        (key,) = {run.key for run in self.desk.document.session.runs} - before
        return key

    def log_in(self, user: str, password: str) -> None:
        """Answer the question who one is."""
        self.wait(lambda: bool(self.questions()))
        (dialog,) = self.questions()
        dialog._user.setText(user)
        dialog._secret.setText(password)
        dialog.accept()

    @staticmethod
    def questions() -> list[LoginDialog]:
        """The questions who one is that are on the screen."""
        found = (each for each in QApplication.topLevelWidgets() if isinstance(each, LoginDialog))
        return [each for each in found if each.isVisible()]

    # what the user sees

    def get(self, key: str) -> Run:
        """A run as it is now."""
        return self.desk.document.session.run(key)

    def job_id(self, key: str) -> str:
        """The id of a run's job on the server."""
        return (self.get(key).job_url or "").rpartition("/")[2]

    def wait(self, condition: Callable[[], bool], timeout: int = PATIENCE_MS) -> None:
        """Wait until something holds."""
        self.qtbot.waitUntil(condition, timeout=timeout)

    def chip(self, key: str) -> str:
        """The word of the chip in the jobs panel."""
        return str(self.desk.window.jobs.index_of(key, table.PHASE).data())

    def sees(self, key: str, chip: str) -> None:
        """Wait until the chip of a run says so."""
        try:
            self.wait(lambda: self.chip(key) == chip)
        except Exception as error:
            run = self.get(key)
            raise AssertionError(f"{chip!r}, but {run.state}, {run.contact_text}, told {told(self.desk)}") from error

    def is_told(self, words: str) -> None:
        """Wait until one of the notices, or its details, says so."""
        try:
            wait_until_told(self.qtbot, self.desk, words, timeout=40_000)
        except Exception as error:
            raise AssertionError(f"{words!r}, but told {told(self.desk)}") from error

    def details_say(self, key: str, words: str) -> None:
        """Select a run and wait until the details say so."""
        self.desk.window.jobs.select(key)
        shown = self.desk.window.details._trouble
        try:
            self.wait(lambda: words in shown.toPlainText(), timeout=20_000)
        except Exception as error:
            raise AssertionError(f"{words!r}, but {shown.toPlainText()!r}") from error

    def facts(self, key: str) -> dict[str, str]:
        """The rows of the details of a run."""
        self.desk.window.jobs.select(key)
        self.wait(lambda: not self.desk.window.details._later.isActive())
        tree = self.desk.window.details._facts
        items = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
        return {item.text(0): item.text(1) for item in items if item is not None}

    def results_arrive(self, key: str, *names: str) -> Run:
        """Wait until a run has its results."""
        wanted = set(names or ("result",))
        self.wait(lambda: set(self.get(key).results) == wanted and not self.get(key).results_text)
        return self.get(key)

    def said(self) -> list[str]:
        """Everything that was put into words: notices with their details, and what runs say of themselves."""
        words = [text for notice in self.desk.notices.history for text in (notice.text, notice.details)]
        words += [text for run in self.desk.document.session.runs for text in (run.contact_text, run.results_text)]
        return [text for text in words if text not in ("", FETCHING)]

    # faults

    def hurry(self, seconds: float) -> None:
        """Bear a silence or a conversation of no more than so many seconds."""
        http = self.desk.conductor._client.http
        http.limits = replace(http.limits, total=seconds, read=seconds)

    def ends_well(self, key: str) -> None:
        """Mend the server, let the job end, and see that nothing was lost."""
        self.server.mend()
        self.server.set_phase(self.job_id(key), "COMPLETED")
        if self.get(key).is_active:
            self.command("Ask again", key)
        self.sees(key, "completed")
        self.results_arrive(key)

    def still_works(self) -> None:
        """Mend the server and see that the window runs another job there."""
        self.server.mend()
        self.server.after_run = ("EXECUTING", "COMPLETED")
        self.results_arrive(self.run("completed"), *self.server.results)


Case = Callable[[Scene], None]


class Cases:
    """The cases of a table, each with its name."""

    def __init__(self) -> None:
        self._cases: dict[str, Case] = {}

    def __call__(self, name: str) -> Callable[[Case], Case]:
        """Give a case its name."""

        def put(case: Case) -> Case:
            assert name not in self._cases, name
            self._cases[name] = case
            return case

        return put

    @property
    def params(self) -> Sequence[object]:
        """For `pytest.mark.parametrize`."""
        return [pytest.param(case, id=name) for name, case in self._cases.items()]
