"""Reads lists of jobs, of any length, entry by entry: no tree is built, so that 50,000 jobs cost little.

The rules are those of `stopdesk.uws.xml`: names without prefix and namespace, any order, nothing odd loses a job.
"""

from __future__ import annotations

import posixpath
import re
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from stopdesk.domain.job import JobRef, Phase
from stopdesk.net.documents import BadXml, is_html, local_name, parse_into
from stopdesk.uws.values import is_true, read_time
from stopdesk.uws.xml import absolute, root_of

#: An id that means the same quoted and not quoted, so that its address needs no look of its own.
_PLAIN = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")

_Found = tuple[str, JobRef]


def read_jobs(document: bytes, url: str, base: str | None = None) -> tuple[JobRef, ...]:
    """The entries of a job list from ``url``, in the server's order, of each job the last one.

    Addresses are relative to ``base``, where the list came from in the end. A VOTable with an error is `Refused` in the
    server's words, anything else that is not a list is `Malformed`.
    """
    if not is_html(document):
        try:
            found = parse_into(lambda: _Entries(url, base or url), document)
        except BadXml:
            found = None
        if found is not None:
            return tuple(dict(found).values())
    root_of(document, url, "jobs")  # says what is wrong with it
    return ()


class _Entries:
    """Makes entries of what the XML parser tells; None of a document that is no list."""

    def __init__(self, url: str, base: str) -> None:
        self._url, self._base = url, base
        self._list_path = urlsplit(url).path.rstrip("/")
        self._folders: dict[str, str] = {}
        self._found: list[_Found] = []
        self._is_list = False
        self._depth = 0
        self._attrs: dict[str, str] | None = None  # of the entry that is open
        self._texts: dict[str, str] = {}
        self._open = ""  # the child of the entry that is open, and the pieces of its text
        self._pieces: list[str] = []

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self._is_list = local_name(tag) == "jobs"
        elif self._depth == 2 and self._is_list:
            self._attrs = attrs if local_name(tag) == "jobref" else None
            self._texts = {}
        elif self._depth == 3 and self._attrs is not None:
            is_nil = any(local_name(name) == "nil" and is_true(value) for name, value in attrs.items())
            self._open = "" if is_nil else local_name(tag)
            self._pieces = []

    def data(self, data: str) -> None:
        if self._open:
            self._pieces.append(data)

    def end(self, _: str) -> None:
        if self._depth == 3 and self._open:
            self._texts[self._open] = "".join(self._pieces).strip()
            self._open = ""
        elif self._depth == 2 and self._attrs is not None:
            entry = self._entry(self._attrs)
            if entry.job_id:
                self._found.append((entry.url, entry))
            self._attrs = None
        self._depth -= 1

    def close(self) -> list[_Found] | None:
        return self._found if self._is_list else None

    def _entry(self, raw: dict[str, str]) -> JobRef:
        """One entry; its address decides, and is made of list and id where it lacks or is wrong."""
        attrs = {local_name(name): value for name, value in raw.items() if ":" in name}
        attrs |= {name: value for name, value in raw.items() if ":" not in name}
        texts = self._texts
        listed, href = attrs.get("id", "").strip(), attrs.get("href", "").strip()
        job_url, job_id = self._address(href, listed)
        return JobRef(
            url=job_url,
            job_id=job_id,
            phase=Phase.read(texts.get("phase", "")),
            run_id=texts.get("runId") or None,
            owner=texts.get("ownerId") or None,
            created=read_time(texts.get("creationTime")),
        )

    def _address(self, href: str, listed: str) -> tuple[str, str]:
        """Address and id; what became of the folder of one plain address becomes of all others in it."""
        folder, slash, tail = href.rpartition("/")
        if not slash or _PLAIN.fullmatch(tail) is None:
            return self._odd_address(href, listed)
        if folder not in self._folders:
            job_url, job_id = self._odd_address(href, listed)
            if job_id != tail or not job_url.endswith("/" + tail):
                return job_url, job_id
            self._folders[folder] = job_url[: -len(tail)]
        return self._folders[folder] + tail, tail

    def _odd_address(self, href: str, listed: str) -> tuple[str, str]:
        job_url = absolute(href, self._base, self._url) if href else ""
        if not job_url.startswith(("http://", "https://")):
            job_url = ""
        parts = urlsplit(job_url)
        path = parts.path.rstrip("/")
        tail = posixpath.basename(path)
        # OPUS leaves the first part of the path out: http://host/lab/ID for the list http://host/rest/lab
        own = f"{self._list_path}/{tail}"
        is_here = parts.netloc == urlsplit(self._url).netloc and not parts.query
        if not tail or (is_here and path != own and own.endswith(path)):
            tail = tail or quote(listed, safe="")
            job_url = urlunsplit((*urlsplit(self._url)[:2], f"{self._list_path}/{tail}", "", ""))
        return job_url, listed if listed and urlsplit(job_url).query else unquote(tail) or listed
