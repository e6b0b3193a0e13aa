"""``stopdesk run`` and ``stopdesk submit``: send a job, wait for its end, fetch its results."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from stopdesk.commands.jobs import end_of, fetch, print_job
from stopdesk.commands.login import client_for
from stopdesk.domain.job import Job
from stopdesk.domain.models import model_spec
from stopdesk.domain.spec import Uploads
from stopdesk.engines.runner import prepare
from stopdesk.errors import FileError, InputError, NetworkError, Unreachable
from stopdesk.formats.molecules import bundled
from stopdesk.uws.client import UwsClient
from stopdesk.uws.local import LocalService


def read_pairs(words: list[str], what: str) -> dict[str, list[str]]:
    """``NAME=VALUE`` words as a mapping; a name may come several times."""
    pairs: dict[str, list[str]] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.strip():
            raise InputError(f"{word!r} is not {what}.")
        pairs.setdefault(name.strip(), []).append(value)
    return pairs


def read_files(words: list[str]) -> dict[str, Path]:
    """``NAME=PATH`` words as a mapping of files that are there."""
    files = {}
    for name, values in read_pairs(words, "NAME=PATH").items():
        path = Path(values[-1]).expanduser()
        if not path.is_file():
            raise FileError(path, "there is no such file.")
        files[name] = path
    return files


def run(
    model: str,
    parameters: list[str],
    files: list[str],
    *,
    service: str | None,
    user: str | None,
    out: str | None,
    timeout: float | None,
    as_json: bool,
) -> int:
    """Run one of our models; what is wrong with its parameters is said before anything is sent."""
    spec = model_spec(model)
    request = {name: values[-1] for name, values in read_pairs(parameters, "NAME=VALUE").items()}
    paths = read_files(files)
    _fetch_molecule(request, paths)
    prepare(spec.name, request, paths)
    if service is not None:
        client = client_for(service, user)
        url = service.replace("{model}", spec.name)
        return _run_to_end(client, url, request, paths, out, timeout, as_json, uploads=spec.uploads)
    local = LocalService()
    try:
        address = local.ensure()
        url = address.jobs_url(spec.name)
        client = client_for(url, None)
        return _run_to_end(client, url, request, paths, out, timeout, as_json, uploads=spec.uploads, is_ours=True)
    finally:
        local.stop()


def _fetch_molecule(request: dict[str, str], files: dict[str, Path]) -> None:
    """Put the LAMDA file of a molecule that is not bundled in its place, fetched by name where there is a network."""
    name = request.get("molecule", "").strip().lower()
    if not name or name in {molecule.key for molecule in bundled()} or "molecule_file" in files:
        return
    from stopdesk.vo.molecules import fetch  # late: astroquery is slow to import

    try:
        fetched = fetch(name)
    except NetworkError as error:
        known = ", ".join(molecule.key for molecule in bundled())
        raise InputError(f"There is no bundled molecule {name!r} (there are: {known}), and {error}") from error
    sys.stderr.write(f"{name}: from {fetched.url}, {fetched.date:%Y-%m-%d}, sha256 {fetched.sha256[:16]}…\n")
    files["molecule_file"] = fetched.path
    del request["molecule"]


def submit(
    url: str,
    parameters: list[str],
    files: list[str],
    *,
    user: str | None,
    out: str | None,
    timeout: float | None,
    as_json: bool,
) -> int:
    """Send a job to any UWS service."""
    request = read_pairs(parameters, "NAME=VALUE")
    return _run_to_end(client_for(url, user), url, request, read_files(files), out, timeout, as_json)


def _run_to_end(
    client: UwsClient,
    url: str,
    request: Mapping[str, str | list[str]],
    files: Mapping[str, Path],
    out: str | None,
    timeout: float | None,
    as_json: bool,
    *,
    uploads: Uploads = Uploads.EITHER,
    is_ours: bool = False,
) -> int:
    """Create, start, wait, fetch; a job on our own service goes once its results are here or nobody waits for them."""
    job_url = client.create(url, request, files, uploads=uploads)
    sys.stderr.write(f"{job_url}\n")
    said = ""

    def tell(job: Job) -> None:
        nonlocal said
        progress = f" {job.progress.message}" if job.progress and job.progress.message else ""
        words = f"{job.phase_word}{progress}"
        if words != said:
            sys.stderr.write(f"{words}\n")
            said = words

    try:
        client.start(job_url)
        job = client.wait_for_end(job_url, timeout=timeout, on_change=tell)
    except KeyboardInterrupt:
        if is_ours:
            client.delete(job_url, abort_first=True)
        else:
            sys.stderr.write(f"The job goes on; to stop it: stopdesk job {job_url} abort\n")
        raise
    if timeout is not None and not job.phase.is_final:
        raise Unreachable(
            f"After {timeout:g} s the job is {job.phase_word}; it was not waited for any longer. "
            f"Its address is {job_url}.",
            url=job_url,
        )
    end_of(client, job)
    if as_json:
        print_job(client, job, as_json=True)
        sys.stdout.flush()
    folder = Path(out) if out is not None else _new_folder(job)
    if as_json:
        folder.mkdir(parents=True, exist_ok=True)
        for result in job.results:
            sys.stderr.write(f"{client.fetch_result(result, folder)}\n")
    else:
        fetch(client, job, folder)
    if is_ours:
        client.delete(job_url)
    return 0


def _new_folder(job: Job) -> Path:
    name = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in job.job_id)[:60].strip("-")
    folder, number = Path(f"job-{name or 'results'}"), 2
    while folder.exists():
        folder = Path(f"job-{name or 'results'}-{number}")
        number += 1
    return folder
