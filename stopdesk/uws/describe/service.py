"""Asks a service for its own description, in a bounded number of places and within a bounded time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from stopdesk.domain.spec import ModelSpec, Uploads
from stopdesk.domain.spec_document import unknown_time
from stopdesk.errors import Malformed, NetworkError, NotAllowed, Unreachable
from stopdesk.net.answer import host_of
from stopdesk.net.credentials import Origin
from stopdesk.net.http import Http
from stopdesk.uws.describe.capabilities import Capability, read_capability
from stopdesk.uws.describe.drafts import name_of, spec_of
from stopdesk.uws.describe.job_description import read_jdl_json
from stopdesk.uws.describe.votables import read_datalink, read_jdl_votable, read_metadata

#: Bounds on one question and on all of them, in seconds, and on one answer, in bytes.
TIMEOUT = 8.0
TOTAL = 20.0
MAX_BYTES = 4 * 1024 * 1024

_ACCEPT = "application/xml, text/xml, application/json, application/x-votable+xml;q=0.9, */*;q=0.1"


@dataclass(frozen=True)
class ServiceDescription:
    """What a service says of its jobs. ``tried`` says of each place what there was, for the log and the curious."""

    spec: ModelSpec
    tried: tuple[str, ...] = ()


def describe(http: Http, jobs_url: str, at: str = "") -> ServiceDescription:
    """What the service of a job list says of its parameters; a free spec where it says nothing.

    Looked for beside the list: VOSI capabilities (with DaCHS' metadata, which know options and defaults), OPUS' job
    description, a DataLink service descriptor; or only at ``at``, when somebody knows its address. Raises NotAllowed
    when a log-in is wanted, and Unreachable when nobody answered at all.
    """
    tried: list[str] = []
    silent: Unreachable | None = None
    answered = False
    end = http.clock() + TOTAL
    for url, read in _places(http, jobs_url, at):
        if http.clock() >= end:
            break
        try:
            spec = read(url)
        except NotAllowed as error:
            if error.login:
                raise
            answered = True
            tried.append(str(error))
        except Unreachable as error:
            silent = silent or error
            tried.append(str(error))
        except NetworkError as error:
            answered = True
            tried.append(str(error))
        else:
            return ServiceDescription(spec, tuple(tried))
    if silent is not None and not answered:
        raise silent
    return ServiceDescription(free_spec(jobs_url), tuple(tried))


def free_spec(jobs_url: str) -> ModelSpec:
    """The spec of a service that describes nothing: any names and values, any files."""
    name = name_of(jobs_url)
    return ModelSpec(
        name=name,
        title=name,
        summary=f"{host_of(jobs_url)} does not describe its parameters",
        description="Give the parameters as the service's own documentation names them.",
        reference=jobs_url,
        groups=(),
        parameters=(),
        outputs=(),
        presets=(),
        seconds_per_row=unknown_time,
        origin=jobs_url,
        free=True,
        uploads=Uploads.EITHER,
    )


_Read = Callable[[str], ModelSpec]


def _places(http: Http, jobs_url: str, at: str) -> Iterator[tuple[str, _Read]]:
    """Where to look and how to read what is there, the likely first."""

    def capabilities(url: str) -> ModelSpec:
        return _from_capabilities(http, url)

    def job_json(url: str) -> ModelSpec:
        return read_jdl_json(_get(http, url), url)

    def job_votable(url: str) -> ModelSpec:
        return read_jdl_votable(_get(http, url), url)

    def datalink(url: str) -> ModelSpec:
        return read_datalink(_get(http, url), url, jobs_url)

    def anything(url: str) -> ModelSpec:
        return _from_anything(http, url, jobs_url)

    if at:
        yield at, anything
        return
    parts = urlsplit(jobs_url)
    folder, _, last = parts.path.rstrip("/").rpartition("/")
    server = folder.rpartition("/")[0]

    def address(path: str) -> str:
        return urlunsplit((parts.scheme, parts.netloc, path, "", ""))

    yield address(f"{folder}/capabilities"), capabilities
    yield address(f"{server}/jdl/{last}/json"), job_json
    yield address(f"{server}/jdl/{last}"), job_votable
    if last.lower() == "dlasync":
        yield address(f"{folder}/dlmeta"), datalink
    yield address(folder or "/"), datalink


def _get(http: Http, url: str) -> bytes:
    return http.get(url, accept=_ACCEPT, timeout=TIMEOUT, attempts=1, max_bytes=MAX_BYTES).body


def _from_capabilities(http: Http, url: str) -> ModelSpec:
    return _with_metadata(http, url, read_capability(_get(http, url), url))


def _with_metadata(http: Http, url: str, capability: Capability) -> ModelSpec:
    """The spec of capabilities, or of the metadata that they point to, which know more; only on the same server."""
    if capability.tells_metadata and _same_origin(capability.access_url, url):
        parts = urlsplit(capability.access_url)
        metadata = urlunsplit((parts.scheme, parts.netloc, parts.path, "MAXREC=0", ""))
        protocol = {draft.name for draft in capability.drafts if draft.protocol}
        try:
            return replace(read_metadata(_get(http, metadata), metadata, protocol), origin=url)
        except NetworkError:  # the capabilities are description enough
            pass
    return spec_of(capability.drafts, origin=url, description=capability.description)


def _same_origin(one: str, other: str) -> bool:
    return one.startswith(("http://", "https://")) and Origin.of(one) == Origin.of(other)


def _from_anything(http: Http, url: str, jobs_url: str) -> ModelSpec:
    """A description of whatever kind."""
    body = _get(http, url)
    refused: NetworkError | None = None
    readers: tuple[_Read, ...] = (
        lambda at: _with_metadata(http, at, read_capability(body, at)),
        lambda at: read_jdl_votable(body, at),
        lambda at: read_datalink(body, at, jobs_url),
        lambda at: read_metadata(body, at),
        lambda at: read_jdl_json(body, at),
    )
    for read in readers:
        try:
            return read(url)
        except NetworkError as error:
            refused = error
    raise Malformed(f"{host_of(url)} has no description of a service at {urlsplit(url).path}.", url=url) from refused
