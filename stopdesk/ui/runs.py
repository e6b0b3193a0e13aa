"""The runs of the open session, and where their jobs are to be found."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from stopdesk.domain.models import MODELS
from stopdesk.domain.run import LOCAL, Run
from stopdesk.domain.spec import ModelSpec
from stopdesk.domain.spec_document import spec_from_json
from stopdesk.errors import InputError
from stopdesk.ui.document import Document
from stopdesk.uws.describe import free_spec
from stopdesk.uws.local import LocalService


def origin(url: str) -> str:
    """Scheme, host and port of an address, as text."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def queue_name(kind: str, run: Run) -> str:
    """One queue a server and kind of talk, so that a slow server starves nobody."""
    return f"{kind} {run.service if run.service == LOCAL else origin(run.service)}"


def is_to_be_followed(run: Run) -> bool:
    """Whether there is something to be asked of its service."""
    return run.job_url is not None and (run.is_active or is_seen_in_list_only(run) or run.is_unread)


def is_seen_in_list_only(run: Run) -> bool:
    """Whether the end of the job is known from a list, and its document has not come yet."""
    return run.job is not None and run.job.phase.is_final and run.job.from_list


class Runs:
    """Looks runs up and changes them; its addresses block and are for tasks only."""

    def __init__(self, *, document: Document, local: LocalService) -> None:
        self._document = document
        self._local = local

    def get(self, key: str) -> Run | None:
        """The run of that key; None when it has been deleted."""
        return self._document.run(key)

    def update(self, key: str, **changes: Any) -> Run | None:
        """Change fields of a run; gives the run as it then is, None when it has been deleted."""
        run = self.get(key)
        if run is None:
            return None
        after = run.model_copy(update=changes)
        if after != run:
            self._document.put_run(after)
        return after

    def spec(self, run: Run) -> ModelSpec:
        """The spec of the form that the run came from, or could have come from."""
        ours = next((spec for spec in MODELS if spec.name == run.model), None)
        if ours is not None:
            return ours
        document = self._document.session.specs.get(run.service)
        if document is not None:
            try:
                return spec_from_json(document)
            except InputError:  # the form says so when it is opened
                pass
        return free_spec(run.service)

    def jobs_url(self, run: Run) -> str:
        """The job list to post to; starts the local service where that is needed."""
        return self._local.ensure().jobs_url(run.model or "") if run.service == LOCAL else run.service

    def job_url(self, run: Run) -> str:
        """The address of the job as it is now."""
        return self.live(run, run.job_url or "")

    def live(self, run: Run, url: str) -> str:
        """An address of the run's service as it is now: the local one has another port each time it starts."""
        if run.service != LOCAL:
            return url
        here = urlsplit(self._local.ensure().url)
        return urlunsplit(urlsplit(url)._replace(scheme=here.scheme, netloc=here.netloc))
