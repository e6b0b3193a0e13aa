"""Brings the results of jobs into the session, and what services say of errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QObject, Signal

from stopdesk.domain.run import FETCHING, LOCAL, Run, StoredFile
from stopdesk.errors import Gone, Malformed, NetworkError, NotAllowed, Refused, StopdeskError, Unverified
from stopdesk.session.arrivals import arriving, discard, discard_old
from stopdesk.session.file import SessionStore
from stopdesk.ui.document import Document
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.meter import Meter
from stopdesk.ui.notices import Notices
from stopdesk.ui.runs import Runs, origin, queue_name
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.uws.client import UwsClient
from stopdesk.uws.keeping import unsaved
from stopdesk.uws.results import UNVERIFIED

#: Results larger than this stay on the server until they are asked for there, in bytes.
MAX_RESULT = 64 * 1024**3

#: So long our own service keeps results that are in a session: until it has been saved, or recovered after a crash.
_KEPT_LOCALLY = timedelta(days=2)

#: What a run says whose results the user would not wait for.
CANCELLED = "Fetching the results was cancelled."


def together(before: Mapping[str, StoredFile], arrived: Mapping[str, StoredFile]) -> dict[str, StoredFile]:
    """All results, without the doubtful ones of which the right one has come now."""
    doubtful = {result_id + UNVERIFIED for result_id in arrived}
    return {result_id: file for result_id, file in before.items() if result_id not in doubtful} | dict(arrived)


class Fetcher(QObject):
    """``results_arrived`` carries the key of a run whose results are now in the session.

    ``fetch_ended`` carries that of one whose results are not under way any more, be they here or not; ``error_arrived``
    that of a failed one of which the service has said more than its job does.
    """

    results_arrived = Signal(str)
    fetch_ended = Signal(str)
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
        self._unwanted: set[str] = set()  # the run was removed, and the fetch has not noticed yet
        self._turned_away: dict[str, str] = {}  # runs whose results are for who has logged in, and where
        log_ins.given.connect(self._logged_in)
        document.replaced.connect(self._drop_all)
        document.run_removed.connect(self._removed)

    def fetch_results(self, key: str, *, asked: bool = True) -> None:
        """Fetch the results of a run that are not here yet; what has arrived before a cancel or a fault stays.

        Of results that nobody ``asked`` for, a fault that the run speaks of already is not told again.
        """
        run = self._runs.get(key)
        if run is None or run.job is None or key in self._under_way:
            return
        known = run.results_text
        self._runs.update(key, results_text=FETCHING)
        arrived: dict[str, StoredFile] = {}
        store, since = self._document.store, self._log_ins.number

        def ended(text: str) -> bool:
            """Note how it ended; whether the run that it was for is still here."""
            now = self._runs.get(key)
            if self._under_way.get(key) is not task or now is None:
                return False
            del self._under_way[key]
            self._runs.update(key, results=together(now.results, arrived), results_text=text)
            self.fetch_ended.emit(key)
            return True

        def done(_: object) -> None:
            if ended(""):
                self._let_go(run)
                self.results_arrived.emit(key)

        def failed(error: StopdeskError) -> None:
            if ended(str(error)):
                if asked or str(error) != known:
                    self._notices.fail(f"The results of {run.name} could not be fetched: {error}")
                self._ask_log_in(key, error, since)

        def dropped() -> None:
            if key in self._unwanted:
                self._unwanted.remove(key)
                self._discard(key)
            else:
                ended(CANCELLED)

        task = self._tasks.start(
            f"Fetching the results of {run.name}",
            lambda task: self._bring(task, run, store, arrived),
            done=done,
            failed=failed,
            dropped=dropped,
            queue_name=queue_name("fetch", run),
            width=2,
        )
        self._under_way[key] = task

    def _ask_log_in(self, key: str, error: StopdeskError, since: int) -> None:
        if isinstance(error, NotAllowed) and error.login:
            self._turned_away[key] = origin(error.url)
            self._log_ins.turned_away(error, f"fetch {key}", lambda: self.fetch_results(key), since=since)

    def _logged_in(self, url: str) -> None:
        """Fetch what was not to be had there without a log-in, however long ago."""
        for key in [key for key, place in self._turned_away.items() if place == origin(url)]:
            del self._turned_away[key]
            self.fetch_results(key)

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

    def _removed(self, key: str) -> None:
        """The run is gone from this session: what is on its way to it is not wanted any more."""
        task = self._under_way.pop(key, None)
        if task is None:
            self._discard(key)
        else:
            self._unwanted.add(key)
            task.cancel()

    def _drop_all(self) -> None:
        """Another session is open; what has come so far waits for this one's return."""
        for task in self._under_way.values():
            task.cancel()
        self._under_way.clear()
        self._turned_away.clear()

    def _discard(self, key: str) -> None:
        self._tasks.start(
            "Clearing away parts of results",
            lambda _: discard(key),
            failed=self._notices.fail,
            queue_name="arrivals",
            width=1,
            quiet=True,
        )

    def discard_old(self) -> None:
        """Throw away parts of results that nobody has come back for."""
        self._tasks.start(
            "Clearing away old parts of results",
            lambda _: discard_old(datetime.now(UTC)),
            failed=self._notices.fail,
            queue_name="arrivals",
            width=1,
            quiet=True,
        )

    def _bring(self, task: Task, run: Run, store: SessionStore, arrived: dict[str, StoredFile]) -> None:
        """Fetch into a folder of the run's own and from there into the session (blocks).

        A result that cannot be had, or is not what was announced, does not keep the others away. What came of a
        doubtful one is in the session beside them, so that the user can look at it.
        """
        wanted = unsaved(run)
        problems: list[NetworkError] = []
        with arriving(run.key) as folder:
            for number, result in enumerate(wanted):
                name = result.result_id
                try:
                    path = self._client.fetch_result(
                        result.model_copy(update={"url": self._runs.live(run, result.url)}),
                        folder,
                        progress=Meter(task, part=number, parts=len(wanted)),
                        cancelled=lambda: task.cancelled,
                        max_bytes=MAX_RESULT,
                    )
                except Unverified as error:
                    problems.append(error)
                    path, name = error.path, name + UNVERIFIED
                except (Refused, Gone, Malformed) as error:
                    problems.append(error)
                    continue
                sha256, size = store.put_blob(path)
                arrived[name] = StoredFile(name=path.name, sha256=sha256, size=size, mime_type=result.mime_type)
                path.unlink()
            if problems:
                text = " ".join(map(str, problems))
                raise problems[0] if len(problems) == 1 else NetworkError(text, url=problems[0].url)

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
