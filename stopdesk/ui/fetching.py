"""Brings the results of jobs into the session, and what services say of errors."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from stopdesk.domain.run import FETCHING, LOCAL, Run, StoredFile
from stopdesk.errors import StopdeskError
from stopdesk.session.file import SessionStore
from stopdesk.ui.document import Document
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.notices import Notices
from stopdesk.ui.runs import Runs, queue_name
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.uws.client import UwsClient

#: Results larger than this stay on the server until they are asked for there, in bytes.
MAX_RESULT = 64 * 1024**3

#: So long our own service keeps results that are in a session: until it has been saved, or recovered after a crash.
_KEPT_LOCALLY = timedelta(days=2)

_CANCELLED = "Fetching the results was cancelled."


class Fetcher(QObject):
    """``results_arrived`` carries the key of a run whose results are now in the session.

    ``error_arrived`` carries that of a failed one of which the service has said more than its job does.
    """

    results_arrived = Signal(str)
    error_arrived = Signal(str)

    def __init__(
        self,
        *,
        document: Document,
        runs: Runs,
        log_ins: LogIns,
        tasks: Tasks,
        notices: Notices,
        client: UwsClient,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runs = runs
        self._log_ins = log_ins
        self._tasks = tasks
        self._notices = notices
        self._client = client
        self._under_way: dict[str, Task] = {}
        document.replaced.connect(self._drop_all)
        document.run_removed.connect(self._drop)

    def fetch_results(self, key: str) -> None:
        """Fetch the results of a run that are not here yet; what has arrived before a cancel or a fault stays."""
        run = self._runs.get(key)
        if run is None or run.job is None or key in self._under_way:
            return
        self._runs.update(key, results_text=FETCHING)
        arrived: dict[str, StoredFile] = {}
        store, since = self._document.store, self._log_ins.number

        def ended(text: str) -> bool:
            """Note how it ended; whether the run that it was for is still here."""
            now = self._runs.get(key)
            if self._under_way.get(key) is not task or now is None:
                return False
            del self._under_way[key]
            self._runs.update(key, results={**now.results, **arrived}, results_text=text)
            return True

        def done(_: object) -> None:
            if ended(""):
                self._let_go(run)
                self.results_arrived.emit(key)

        def failed(error: StopdeskError) -> None:
            if ended(str(error)):
                self._notices.fail(f"The results of {run.name} could not be fetched: {error}")
                self._log_ins.turned_away(error, f"fetch {key}", lambda: self.fetch_results(key), since=since)

        task = self._tasks.start(
            f"Fetching the results of {run.name}",
            lambda task: self._bring(task, run, store, arrived),
            done=done,
            failed=failed,
            dropped=lambda: ended(_CANCELLED),
            queue_name=queue_name("fetch", run),
            width=2,
        )
        self._under_way[key] = task

    def _let_go(self, run: Run) -> None:
        """The session has the results: our own service need not keep them for a month."""
        if run.service == LOCAL:
            soon = datetime.now(UTC) + _KEPT_LOCALLY
            self._tasks.start(
                f"Letting go of {run.name}",
                lambda _: self._client.set_destruction(self._runs.job_url(run), soon),
                queue_name=queue_name("send", run),
                width=2,
                quiet=True,
            )

    def _drop(self, key: str) -> None:
        """The run is gone from this session: what is on its way to it is not wanted any more."""
        task = self._under_way.pop(key, None)
        if task is not None:
            task.cancel()

    def _drop_all(self) -> None:
        for key in tuple(self._under_way):
            self._drop(key)

    def _bring(self, task: Task, run: Run, store: SessionStore, arrived: dict[str, StoredFile]) -> None:
        """Fetch into a folder of our own and from there into the session (blocks)."""
        assert run.job is not None
        wanted = [result for result in run.job.results if result.result_id not in run.results]
        folder = Path(tempfile.mkdtemp(prefix="stopdesk-"))
        try:
            for number, result in enumerate(wanted):
                task.report(number / len(wanted), result.result_id)
                path = self._client.fetch_result(
                    result.model_copy(update={"url": self._runs.live(run, result.url)}),
                    folder,
                    cancelled=lambda: task.cancelled,
                    max_bytes=MAX_RESULT,
                )
                sha256, size = store.put_blob(path)
                arrived[result.result_id] = StoredFile(
                    name=path.name, sha256=sha256, size=size, mime_type=result.mime_type
                )
                path.unlink()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def fetch_error(self, key: str) -> None:
        """Fetch what the service says of a failed job beyond its summary."""
        run = self._runs.get(key)
        if run is None or run.job is None:
            return
        job = run.job

        def fetched(detail: str) -> None:
            now = self._runs.get(key)
            if now is not None and now.job is not None and now.job.error is not None:
                error = now.job.error.model_copy(update={"detail": detail})
                self._runs.update(key, job=now.job.model_copy(update={"error": error}))
                self.error_arrived.emit(key)

        self._tasks.start(
            f"Reading the error of {run.name}",
            lambda _: self._client.error_detail(job.model_copy(update={"url": self._runs.job_url(run)})),
            done=fetched,
            queue_name=queue_name("fetch", run),
            width=2,
            quiet=True,
        )
