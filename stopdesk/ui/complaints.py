"""Shows what a service says of a run's parameters beside the fields of the form that the run came from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from stopdesk.domain.job import Phase
from stopdesk.domain.run import Run
from stopdesk.errors import Problem
from stopdesk.ui.conductor import Conductor
from stopdesk.ui.fetching import Fetcher
from stopdesk.ui.forms.making import Form
from stopdesk.ui.forms.workspace import ModelWorkspace
from stopdesk.ui.runs import Runs
from stopdesk.ui.sending import Sender
from stopdesk.uws.describe import problems_from_error


class Complaints(QObject):
    """Listens to those who hear of refusals and of jobs that fail; the words as a whole are theirs to tell."""

    def __init__(
        self, *, runs: Runs, workspace: ModelWorkspace, sender: Sender, conductor: Conductor, fetcher: Fetcher
    ) -> None:
        super().__init__(workspace)
        self._runs = runs
        self._workspace = workspace
        sender.refused.connect(self._look)
        conductor.start_refused.connect(lambda key, text: self._tell(key, (service_words(text),)))
        conductor.ended.connect(self._look)
        fetcher.error_arrived.connect(self._look)

    def _look(self, key: str) -> None:
        run = self._runs.get(key)
        if run is not None:
            self._tell(key, complaints(run))

    def _tell(self, key: str, texts: Sequence[str]) -> None:
        """Show the first of the texts that names something in the form."""
        run = self._runs.get(key)
        form = self._workspace.forms.get(run.model or run.service) if run is not None else None
        if run is None or form is None:
            return
        for text in texts:
            found = problems_in_form(text, form, run)
            if found:
                form.tell(found)
                return


def service_words(text: str) -> str:
    """What a service has said, without our own words before it."""
    return text.partition(" says: ")[2] or text


def complaints(run: Run) -> tuple[str, ...]:
    """What the service has said against a run, the shorter first; empty where it has not."""
    if run.job_url is None:
        said = service_words(run.contact_text)
        return (said,) if said else ()
    if run.phase is not Phase.ERROR or run.job is None or run.job.error is None:
        return ()
    return tuple(text for text in (run.job.error.message, run.job.error.detail) if text)


def problems_in_form(text: str, form: Form, run: Run) -> tuple[Problem, ...]:
    """The problems of those fields that the text names and that still say what was sent.

    A form without declared fields shows any text, while all of it is as sent.
    """
    found = problems_from_error(text, form.spec)
    now = form.request() | {name: path.name for name, path in form.attachments().items()}
    sent = run.request | {name: file.name for name, file in run.attachments.items()}
    if form.spec.free:
        return found if now == sent else ()
    kept = (
        Problem(tuple(name for name in problem.parameters if now.get(name) == sent.get(name)), problem.text)
        for problem in found
    )
    return tuple(problem for problem in kept if problem.parameters)
