"""What the scripted server knows: its faults and lies by name, requests as they came in, and jobs."""

from __future__ import annotations

import email.policy
import re
import time
from dataclasses import dataclass, field
from email.parser import BytesParser
from urllib.parse import parse_qsl

#: What `UwsServer.fault` knows; a number is that HTTP status.
FAULTS = (
    "slow",  # answers after a while
    "hang",  # answers after `UwsServer.release`
    "drip",  # begins to answer and sends a byte now and then, until `UwsServer.release`
    "reset",  # ends the connection without an answer
    "die",  # ends it in the middle of the answer
    "malformed",
    "truncated",  # well-formed up to its end, which is missing
    "empty",
    "html",
    "huge",  # 2 MB of blanks
    "oversized",  # more than a client should read, packed small
    "nested",  # thousands of elements in each other
    "entity",
    "votable_error",
    "redirect",  # to itself
    "to_file",  # to a file of this machine
)
#: What `UwsServer.lie` knows.
LIES = (
    "html_in_redirect",  # a page under a 303, as DaCHS sends it
    "wrong_host",  # localhost instead of 127.0.0.1 in every address
    "relative",  # addresses relative to the document
    "no_href",  # job lists without addresses
    "no_version",  # a UWS 1.0 that says nothing
    "unordered",  # children of the job the other way round
    "ignore_wait",  # answers a WAIT at once
    "hang_wait",  # never answers a WAIT
    "refuse_wait",  # 400 to a WAIT
    "ignore_filters",  # the whole list, whatever was asked for
    "last_phase_only",  # of several PHASE only the last counts
    "no_delete",  # 405 to DELETE
    "abort_is_error",  # an aborted job ends in ERROR, as in DaCHS
    "abort_refused",  # 403 to an abort
    "own_limits",  # 303 to another destruction time or run-time limit, which stay as they are
    "created_201",  # 201 with Location
    "created_document",  # 200 with the job and no Location
    "no_location",  # 303 and no address
    "moved_list",  # the list is at the path without its last slash only: 302
    "error_as_200",  # every 4xx comes as 200 with a VOTable
    "forgets_parameters",  # a POST of parameters gives those that it does not name their defaults back, as in DaCHS
    "single_parameters",  # 405 to a POST of parameters: each has an address of its own, as in OPUS
    "runs_at_once",  # heeds PHASE=RUN in the creating POST
    "short_list",  # sends a list without LAST on to the newest two: there may be more
    "open_jobs",  # all is for everybody but the results
    "open_list",  # the list is for everybody, the jobs are not, as in DaCHS
    "keeps_deleted",  # 303 to a DELETE, and the worker goes on: the job is there as before
    "no_times",  # no creationTime, startTime and endTime
    "by_reference",  # parameters are addresses
    "blanks",  # addresses of results with blanks in them
    "text_error",  # the error summary is text without a message element, as in OPUS
    "utf_16",  # documents in that encoding
    "latin_1",  # documents in that encoding, which they do not name
    "hashes",  # tells the sha1 of results, as OPUS does
    "longer",  # results have a byte more than was announced
    "damaged",  # a byte of results is another one
)

#: Phases in which a job may still change by itself, and those in which it never does.
ACTIVE = ("PENDING", "QUEUED", "EXECUTING")
FINAL = ("COMPLETED", "ERROR", "ABORTED", "ARCHIVED")


@dataclass(frozen=True)
class Request:
    """One request as it came in; fields and files are those of its form, ``at`` is when it came, in seconds."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes
    fields: tuple[tuple[str, str], ...] = ()
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)

    def values(self, name: str) -> list[str]:
        """The values of a field or query parameter."""
        return [value for key, value in (*self.query, *self.fields) if key == name]


@dataclass
class FakeJob:
    """One job of the server."""

    job_id: str
    phase: str = "PENDING"
    parameters: tuple[tuple[str, str], ...] = ()
    run_id: str | None = None
    results: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    error: str = ""
    created: str = "2026-11-20T10:00:00Z"
    destruction: str = "2026-12-20T10:00:00Z"
    duration: str = "3600"
    info: str = ""
    coming: list[str] = field(default_factory=list)
    listed: tuple[object, str] = (None, "")  # its entry in the list, and what that was made of


def read_form(body: bytes, kind: str) -> tuple[tuple[tuple[str, str], ...], dict[str, tuple[str, bytes]]]:
    """The fields and files of a form."""
    if kind.startswith("application/x-www-form-urlencoded"):
        return tuple(parse_qsl(body.decode(), keep_blank_values=True)), {}
    if not kind.startswith("multipart/form-data"):
        return (), {}
    message = BytesParser(policy=email.policy.HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    fields: list[tuple[str, str]] = []
    files: dict[str, tuple[str, bytes]] = {}
    for part in message.iter_parts():  # type: ignore[attr-defined]
        name = re.search(r'name="([^"]*)"', part["Content-Disposition"])[1]  # type: ignore[index]
        content = part.get_payload(decode=True)
        if part.get_filename() is None:
            fields.append((name, content.decode()))
        else:
            files[name] = (part.get_filename(), content)
    return tuple(fields), files
