"""A query of TAP by a job: made, started, waited for, and not left behind."""

from __future__ import annotations

import contextlib
from typing import Any

import requests

from stopdesk.errors import Malformed, NetworkError, Refused
from stopdesk.net.answer import host_of
from stopdesk.net.documents import shorten
from stopdesk.net.http import Http
from stopdesk.net.lent import LentSession, refused

#: Seconds between two looks at a job: the first, and the longest.
_FIRST_LOOK, _LONGEST_LOOK = 0.2, 5.0

#: Seconds that getting rid of a job may take.
_PATIENCE = 10.0


def create(session: LentSession, query: Any) -> str:
    """Make the job of a pyvo TAPQuery of mode async; gives its address. It is not started yet."""
    response = query.submit()
    problem = refused(session, response)
    if problem is not None:
        raise problem
    return str(response.url)


def result(session: LentSession, url: str) -> requests.Response:
    """Start the job, wait for its end and ask for its result; Refused with the service's words where it failed."""
    from pyvo.dal.exceptions import DALQueryError, DALServiceError  # late: slow to import
    from pyvo.dal.tap import AsyncTAPJob

    wait = _FIRST_LOOK
    try:
        job = AsyncTAPJob(url, session=session)
        job.run()
        while (phase := job.phase) not in ("COMPLETED", "ERROR", "ABORTED", "ARCHIVED"):
            session.pause(wait)
            wait = min(1.5 * wait, _LONGEST_LOOK)
        job.raise_if_error()
        if job.result_uri is None:
            raise Malformed(f"The job {url} is {phase} and has no result.", url=url)
        return session.get(job.result_uri)
    except DALQueryError as error:
        raise Refused(f"{host_of(url)} says: {shorten(str(error))}", url=url) from error
    except DALServiceError as error:
        text = f"{host_of(url)} does not answer as TAP does: {shorten(str(error))}"
        raise session.refusal or Malformed(text, url=url) from error
    except (ValueError, TypeError, AttributeError, LookupError, OSError) as error:
        text = f"What {host_of(url)} says of the job {url} cannot be read ({shorten(str(error), 120)})."
        raise Malformed(text, url=url) from error


def drop(http: Http, url: str, *, is_running: bool) -> None:
    """Delete the job, aborted first where it may run: some services leave the process of a deleted job running."""
    with contextlib.suppress(NetworkError):
        if is_running:
            http.post(f"{url}/phase", [("PHASE", "ABORT")], timeout=_PATIENCE)
    with contextlib.suppress(NetworkError):
        http.delete(url, timeout=_PATIENCE)
