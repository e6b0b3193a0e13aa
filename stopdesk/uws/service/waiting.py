"""WAIT: an answer that comes when the job changes its phase, or when the time is over (UWS 1.1, section 2.2.1.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import Receive

from stopdesk.errors import InputError
from stopdesk.uws.service.changes import Changes
from stopdesk.uws.service.records import JobRecord

#: The longest wait in seconds, for WAIT=-1 too; shorter than what proxies and clients take for a dead line.
MAX_WAIT = 300


def read_wait(text: str) -> int:
    """The seconds of a WAIT, bounded; InputError when it is no whole number."""
    try:
        seconds = int(text)
    except ValueError:
        seconds = -2
    if seconds < -1:
        raise InputError(f"WAIT is a whole number of seconds, or -1, not {text!r}.")
    return MAX_WAIT if seconds == -1 else min(seconds, MAX_WAIT)


async def wait_for_change(
    job: JobRecord,
    known: str,
    *,
    seconds: int,
    read: Callable[[str], JobRecord],
    changes: Changes,
    request: Request,
) -> JobRecord:
    """The job as soon as its phase is another than ``known``, or when the time is over or the client has left.

    Does not wait where nothing can change. Raises what ``read`` raises, so that a deletion is told at once.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    with changes.listen(job.job_id) as changed:
        gone = asyncio.ensure_future(_disconnected(request.receive))
        try:
            waiting = True
            while waiting and job.phase.is_waitable and job.phase.value == known and not changes.closed:
                changed.clear()  # before the reading: what changes after it sets the event again
                job = await run_in_threadpool(read, job.job_id)
                if job.phase.value == known:
                    waiting = await _first(changed, gone, end - loop.time())
                    job = await run_in_threadpool(read, job.job_id)
        finally:
            gone.cancel()
    return job


async def _first(changed: asyncio.Event, gone: asyncio.Future[None], seconds: float) -> bool:
    """Whether the event came before the time was over and before the client left."""
    event = asyncio.ensure_future(changed.wait())
    try:
        done, _ = await asyncio.wait((event, gone), timeout=max(seconds, 0), return_when=asyncio.FIRST_COMPLETED)
    finally:
        event.cancel()
    return event in done and gone not in done


async def _disconnected(receive: Receive) -> None:
    """Ends when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
