"""Reads a job of our own local service by its address, as a run that this program could have sent."""

from __future__ import annotations

import tempfile
from email.message import Message
from pathlib import Path

from stopdesk.domain.job import Job
from stopdesk.domain.run import LOCAL, Run, StoredFile
from stopdesk.net.answer import Answer
from stopdesk.session.file import SessionStore
from stopdesk.uws.client import UwsClient


def as_own(run: Run, job: Job, model: str, client: UwsClient, store: SessionStore) -> Run:
    """The run of a local job with its model, its values and its files, which are put into the session (blocks).

    With these it can be run again and changed. Raises what `Http.get` does where a file is not to be had.
    """
    values = {each.name: each.value for each in job.parameters if not each.by_reference}
    files = {}
    for each in job.parameters:
        if each.by_reference:
            answer = client.http.get(each.value, accept="*/*")
            files[each.name] = _kept(store, answer, each.name)
    return run.model_copy(update={"service": LOCAL, "model": model, "request": values, "attachments": files})


def _kept(store: SessionStore, answer: Answer, parameter: str) -> StoredFile:
    """A file in the session, under the name that it has on the service."""
    head = Message()
    head["Content-Disposition"] = answer.headers.get("content-disposition", "")
    with tempfile.TemporaryDirectory(prefix="stopdesk-") as folder:
        path = Path(folder) / "file"
        path.write_bytes(answer.body)
        sha256, size = store.put_blob(path)
    return StoredFile(name=head.get_filename(parameter), sha256=sha256, size=size)
