"""``stopdesk jobs`` and ``stopdesk job``: what a service has, and what is to happen with one job."""

from __future__ import annotations

import sys
from pathlib import Path

from stopdesk.commands.login import client_for
from stopdesk.domain.job import Job, Phase
from stopdesk.errors import InputError, JobAborted, JobFailed
from stopdesk.uws.client import UwsClient


def show_list(url: str, phases: list[str], last: int | None, *, user: str | None, as_json: bool) -> int:
    """Print the jobs of a list, newest first where the service says when they were made."""
    wanted = []
    for word in phases:
        phase = Phase.read(word)
        if phase is Phase.UNKNOWN and word.strip().upper() != "UNKNOWN":
            raise InputError(f"{word!r} is no phase; the phases are: {', '.join(Phase)}.")
        wanted.append(phase)
    refs = client_for(url, user).jobs(url, phases=wanted, last=last)
    if as_json:
        sys.stdout.write("[" + ",\n ".join(ref.model_dump_json() for ref in refs) + "]\n")
        return 0
    for ref in refs:
        created = ref.created.strftime("%Y-%m-%d %H:%M:%S") if ref.created else ""
        sys.stdout.write(f"{ref.phase:10} {created:19}  {ref.run_id or '':20} {ref.url}\n")
    sys.stderr.write(f"{len(refs)} jobs\n")
    return 0


def act(url: str, action: str, *, user: str | None, out: str, as_json: bool) -> int:
    """Show, start, abort or delete one job, or fetch its results."""
    client = client_for(url, user)
    if action == "delete":
        client.delete(url, abort_first=True)  # DaCHS leaves the worker of a deleted job running
        sys.stderr.write("The job is deleted.\n")
        return 0
    if action == "run":
        job = client.start(url)
    elif action == "abort":
        job = client.abort(url)
    else:
        job = client.job(url)
    if action == "results":
        fetch(client, job, Path(out))
        end_of(client, job)
        return 0
    print_job(client, job, as_json=as_json)
    return 0


def print_job(client: UwsClient, job: Job, *, as_json: bool) -> None:
    """Print one job, with the detail of its error where it has one."""
    if as_json:
        sys.stdout.write(job.model_dump_json(exclude={"raw"}, indent=2) + "\n")
        return
    times = {"created": job.created, "started": job.started, "ended": job.ended, "destruction": job.destruction}
    lines = [f"{'address':12} {job.url}", f"{'phase':12} {job.phase_word}"]
    lines += [f"{name:12} {at:%Y-%m-%d %H:%M:%S} UTC" for name, at in times.items() if at is not None]
    lines += [f"{'run id':12} {job.run_id}"] if job.run_id else []
    lines += [f"{'progress':12} {job.progress.message}"] if job.progress and job.progress.message else []
    lines += [f"{'parameter':12} {parameter.name} = {parameter.value}" for parameter in job.parameters]
    lines += [f"{'result':12} {result.result_id}: {result.url}" for result in job.results]
    if job.phase is Phase.ERROR:
        lines.append(f"{'error':12} {error_text(client, job)}")
    sys.stdout.write("\n".join(lines) + "\n")


def error_text(client: UwsClient, job: Job) -> str:
    """What the service says of a failed job: the summary and, where there is more, the detail."""
    summary = job.error.message.strip() if job.error else ""
    detail = client.error_detail(job).strip()
    return "\n".join(dict.fromkeys(text for text in (summary, detail) if text)) or "The service gives no reason."


def fetch(client: UwsClient, job: Job, folder: Path) -> int:
    """Fetch all results of a job into ``folder``; nothing there is overwritten."""
    folder.mkdir(parents=True, exist_ok=True)
    for result in job.results:
        sys.stdout.write(f"{client.fetch_result(result, folder)}\n")
    if not job.results:
        sys.stderr.write(f"The job has no results; it is {job.phase_word}.\n")
    return 0


def end_of(client: UwsClient, job: Job) -> None:
    """Raise what a job that did not complete amounts to on the command line."""
    if job.phase is Phase.ERROR:
        raise JobFailed(f"The job ended in ERROR. {error_text(client, job)} ({job.url})")
    if job.phase is Phase.ABORTED:
        raise JobAborted(f"The job was aborted. ({job.url})")
