"""Shows what a service says of a run's parameters beside the fields of the form that the run came from."""

from __future__ import annotations

from collections.abc import Mapping

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
        conductor.ended.connect(self._look)
        fetcher.error_arrived.connect(self._look)

    def _look(self, key: str) -> None:
        run = self._runs.get(key)
        form = self._workspace.forms.get(run.model or run.service) if run is not None else None
        if run is None or form is None:
            return
        for text in complaints(run):
            found = problems_in_form(text, form, run.request)
            if found:
                form.tell(found)
                return


def complaints(run: Run) -> tuple[str, ...]:
    """What the service has said against a run, the shorter first; empty where it has not."""
    if run.job_url is None:
        said = run.contact_text.partition(" says: ")[2] or run.contact_text  # without our own words before it
        return (said,) if said else ()
    if run.phase is not Phase.ERROR or run.job is None or run.job.error is None:
        return ()
    return tuple(text for text in (run.job.error.message, run.job.error.detail) if text)


def problems_in_form(text: str, form: Form, sent: Mapping[str, str]) -> tuple[Problem, ...]:
    """The problems of those fields that the text names and that still say what was sent.

    A form without declared fields shows any text, while all of it is as sent.
    """
    now = form.request()
    found = problems_from_error(text, form.spec)
    if form.spec.free:
        return found if now == sent else ()
    kept = (
        Problem(tuple(name for name in problem.parameters if now.get(name) == sent.get(name)), problem.text)
        for problem in found
    )
    return tuple(problem for problem in kept if problem.parameters)
