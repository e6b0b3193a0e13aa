"""What can be done with the runs of the jobs panel."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog, QMessageBox, QWidget

from stopdesk.domain.run import LOCAL, Run
from stopdesk.ui.conductor import Conductor
from stopdesk.ui.document import Document
from stopdesk.ui.fetching import Fetcher
from stopdesk.ui.notices import Notices


def command_line(run: Run) -> str:
    """The shell command that sends the same model."""
    words = ["stopdesk", "submit", run.service] if run.model is None else ["stopdesk", "run", run.model]
    words += [f"-p{name}={value}" for name, text in run.request.items() for value in _values(run, text)]
    words += [f"--file={name}={file.name}" for name, file in run.attachments.items()]
    if run.model is not None and run.service != LOCAL:
        words.append(f"--service={run.service}")
    return shlex.join(words)


def _values(run: Run, text: str) -> list[str]:
    """The values of a parameter: one, or for a service's own form one a line."""
    return text.splitlines() if run.model is None and "\n" in text else [text]


def python_lines(run: Run) -> str:
    """Python lines that send the same model to its service and fetch its results."""
    service = run.service if run.service != LOCAL else f"http://127.0.0.1:PORT/{run.model}/jobs  # from: stopdesk serve"
    files = "".join(f"\n    {name!r}: Path({file.name!r})," for name, file in run.attachments.items())
    fields = {name: _values(run, text) for name, text in run.request.items()}
    request = "".join(
        f"\n    {name!r}: {(values[0] if len(values) == 1 else values)!r}," for name, values in fields.items()
    )
    return f"""from pathlib import Path

from stopdesk.net.http import Http
from stopdesk.uws.client import UwsClient

client = UwsClient(Http())
job_url = client.create({service!r}, {{{request}
}}, {{{files}}})
client.start(job_url)
job = client.wait_for_end(job_url)
for result in job.results:
    print(client.fetch_result(result, Path(".")))
"""


class RunCommands(QObject):
    """Answers the commands of the jobs panel; ``open_results`` and ``rerun`` are for the window.

    ``zip_wanted`` carries the keys of runs whose results are to be in one archive.
    """

    open_results = Signal(str)
    rerun = Signal(str)
    zip_wanted = Signal(list)

    def __init__(
        self,
        *,
        document: Document,
        conductor: Conductor,
        fetcher: Fetcher,
        notices: Notices,
        confirm_delete: Callable[[], bool],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._document = document
        self._conductor = conductor
        self._notices = notices
        self._confirm_delete = confirm_delete
        self._window = window
        self._answers: dict[str, Callable[[list[Run]], None]] = {
            "Open results": lambda runs: self.open_results.emit(runs[0].key),
            "Rerun with changes": lambda runs: self.rerun.emit(runs[0].key),
            "Start": lambda runs: self._each(runs, conductor.start),
            "Send again": lambda runs: self._each(runs, conductor.send_again),
            "Abort": lambda runs: self._each(runs, conductor.abort),
            "Fetch results": lambda runs: self._each(runs, fetcher.fetch_results),
            "Save results as zip…": lambda runs: self.zip_wanted.emit([run.key for run in runs]),
            "Ask again": lambda runs: self._each(runs, conductor.look_again),
            "Rename…": self._rename,
            "Copy job address": lambda runs: self._copy("\n".join(run.job_url or "" for run in runs), "address"),
            "Copy as command line": lambda runs: self._copy("\n".join(map(command_line, runs)), "command line"),
            "Copy as Python": lambda runs: self._copy("\n\n".join(map(python_lines, runs)), "Python lines"),
            "Remove from the list": lambda runs: self._each(runs, conductor.forget),
            "Delete": self._delete,
        }

    def answer(self, word: str, keys: list[str]) -> None:
        """Do what the word says with the runs of these keys, as far as they are still there."""
        runs = self._now(keys)
        if runs:
            self._answers[word](runs)

    def _now(self, keys: list[str]) -> list[Run]:
        """The runs as they are now: while a dialog is open they may change, or go."""
        here = {run.key: run for run in self._document.session.runs}
        return [here[key] for key in keys if key in here]

    @staticmethod
    def _each(runs: list[Run], call: Callable[[str], object]) -> None:
        for run in runs:
            call(run.key)

    def _rename(self, runs: list[Run]) -> None:
        name, is_ok = QInputDialog.getText(self._window, "Rename the run", "Name", text=runs[0].name)
        if is_ok and name.strip():
            for run in self._now([runs[0].key]):
                self._document.put_run(run.model_copy(update={"name": name.strip()}))

    def _copy(self, text: str, what: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._notices.tell(f"The {what} is on the clipboard.")

    def _delete(self, runs: list[Run]) -> None:
        if self._confirm_delete() and not self._sure(runs):
            return
        for run in self._now([run.key for run in runs]):
            if run.state == "gone" or run.job_url is None:
                self._conductor.forget(run.key)
            else:
                self._conductor.delete(run.key)

    def _sure(self, runs: list[Run]) -> bool:
        names = runs[0].name if len(runs) == 1 else f"{len(runs)} jobs"
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"Delete {names}?")
        box.setInformativeText("Deleted on its service, with its results in this session.")
        delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole))
        box.exec()
        is_sure = box.clickedButton() is delete
        box.deleteLater()
        return is_sure
