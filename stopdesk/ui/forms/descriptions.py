"""What services say of their own parameters: read in tasks, kept with the session by the address of the job list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from stopdesk.domain.spec import ModelSpec
from stopdesk.domain.spec_document import spec_from_json, spec_to_json
from stopdesk.errors import InputError, StopdeskError
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.notices import Notices
from stopdesk.ui.runs import origin
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.uws.describe import free_spec


class Descriptions(QObject):
    """Holds a spec a service; ``ended`` carries the address of a job list when a reading has come to its end.

    It is sent whether there is a spec now, or the service could not be asked, or the user did not want to wait.
    ``describe`` blocks and raises; without it nothing is described.
    """

    ended = Signal(str)

    def __init__(
        self,
        *,
        tasks: Tasks,
        notices: Notices,
        log_ins: LogIns | None = None,
        describe: Callable[[str], ModelSpec] = free_spec,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._notices = notices
        self._log_ins = log_ins or LogIns()
        self._describe = describe
        self._specs: dict[str, ModelSpec] = {}
        self._under_way: dict[str, Task] = {}
        self.documents: dict[str, dict[str, Any]] = {}
        tasks.progressed.connect(self._task_changed)

    def restore(self, documents: Mapping[str, dict[str, Any]]) -> None:
        """Hold the specs of a session, and what is being read no more."""
        under_way, self._under_way = self._under_way, {}
        for task in under_way.values():
            task.cancel()
        self._specs = {}
        self.documents = dict(documents)

    def spec(self, jobs_url: str) -> ModelSpec | None:
        """The spec of a service; None where it has not been read yet, or what the session has of it is damaged."""
        if jobs_url not in self._specs and jobs_url in self.documents:
            try:
                self._specs[jobs_url] = spec_from_json(self.documents[jobs_url])
            except InputError as error:
                self._notices.warn(f"{error} It has to be read again.")
                self.documents = {url: each for url, each in self.documents.items() if url != jobs_url}
        return self._specs.get(jobs_url)

    def is_reading(self, jobs_url: str) -> bool:
        """Whether this service is being asked."""
        return jobs_url in self._under_way

    def read(self, jobs_url: str, name: str, again: Callable[[], None]) -> None:
        """Ask the service of a job list for its description; ``again`` follows where it first wants a log-in."""
        if jobs_url in self._under_way:
            return
        self._log_ins.may_ask(jobs_url)
        since = self._log_ins.number

        def failed(error: StopdeskError) -> None:
            self._notices.fail(f"The form of {name} could not be read: {error}")
            self._end(jobs_url)
            self._log_ins.turned_away(error, f"describe {jobs_url}", again, since=since)

        self._under_way[jobs_url] = self._tasks.start(
            f"Reading the form of {name}",
            lambda _: self._describe(jobs_url),
            done=lambda spec: self._take(jobs_url, name, spec),
            failed=failed,
            queue_name=f"describe {origin(jobs_url)}",
            width=2,
        )

    def _take(self, jobs_url: str, name: str, spec: ModelSpec) -> None:
        before, document = self.spec(jobs_url), spec_to_json(spec)
        if before is None:
            self._specs[jobs_url] = spec
            self.documents = {**self.documents, jobs_url: document}
        elif spec.free and not before.free:  # it may be in trouble, and has said more before
            self._notices.warn(f"{name} does not describe its parameters any more; its form stays as it was.")
        elif spec_to_json(before) == document:
            self._notices.tell(f"{name} describes its parameters as before.")
        else:
            self._specs[jobs_url] = spec
            self.documents = {**self.documents, jobs_url: document}
            self._notices.tell(f"The form of {name} is as the service describes it now.")
        self._end(jobs_url)

    def _task_changed(self, task: Task) -> None:
        """Wait no longer for what was cancelled, though the call may take a while to end."""
        if task.cancelled:
            for jobs_url in [url for url, each in self._under_way.items() if each is task]:
                self._end(jobs_url)

    def cancel(self, jobs_url: str) -> None:
        """Do not wait for this service any longer."""
        if jobs_url in self._under_way:
            self._under_way[jobs_url].cancel()

    def _end(self, jobs_url: str) -> None:
        del self._under_way[jobs_url]
        self.ended.emit(jobs_url)
