"""Reads the documents of a UWS service: a job, an error; tolerant of servers, safe from them.

Names are compared without prefix and namespace, in any order; only children of the job count, so that whatever
stands in ``jobInfo`` stays there. What cannot be read (a time, a number) is None and never loses the job.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote, unquote_plus, urljoin, urlsplit, urlunsplit
from xml.etree.ElementTree import Element, tostring
from xml.sax.saxutils import escape

from stopdesk.domain.job import Job, JobError, JobParameter, JobResult, Phase
from stopdesk.errors import Malformed, Refused
from stopdesk.net.answer import host_of, quoted
from stopdesk.net.documents import (
    BadXml,
    attributes,
    is_html,
    local_name,
    parse_xml,
    server_words,
    shorten,
    votable_error,
)
from stopdesk.uws.values import is_true, read_integer, read_progress, read_time

#: How many characters of a job document are kept to be shown.
RAW_LIMIT = 200_000

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def read_job(document: bytes, url: str, base: str | None = None) -> Job:
    """The job in a document from ``url``; addresses in it are relative to ``base``, where it came from in the end.

    A VOTable with an error is `Refused` in the server's words, anything else that is not a job is `Malformed`.
    """
    root = root_of(document, url, "job")
    texts = {name: _text(child) for name, child in _children(root)}
    phase_word = texts.get("phase") or ""
    return Job(
        url=url,
        job_id=texts.get("jobId") or unquote(posixpath.basename(urlsplit(url).path)),
        phase=Phase.read(phase_word),
        phase_word=phase_word,
        version=attributes(root).get("version") or None,
        run_id=texts.get("runId"),
        owner=texts.get("ownerId"),
        created=read_time(texts.get("creationTime")),
        started=read_time(texts.get("startTime")),
        ended=read_time(texts.get("endTime")),
        quote=read_time(texts.get("quote")),
        execution_duration=read_integer(texts.get("executionDuration")),
        destruction=read_time(texts.get("destruction")),
        parameters=tuple(_parameters(_child(root, "parameters"), base or url)),
        results=tuple(_results(_child(root, "results"), url, base or url)),
        error=_error(_child(root, "errorSummary")),
        progress=read_progress(_child(root, "jobInfo")),
        raw=document[: 4 * RAW_LIMIT].decode("utf-8", "replace")[:RAW_LIMIT],
    )


def read_error(document: bytes) -> str | None:
    """What a VOTable says went wrong; None when the document is no VOTable or reports no error."""
    if b"<" not in document[:64] or is_html(document):
        return None
    try:
        return votable_error(parse_xml(document))
    except BadXml:
        return None


def same_server(href: str, used: str) -> str:
    """The address ``href`` on the host that the client used for ``used``, where only scheme, host or port differ.

    Servers behind a proxy, and DaCHS always, write their own name into addresses; a log-in and an open port belong to
    the name that was used. The path has to agree (below the same folder) for the two to be the same server.
    """
    there, here = urlsplit(href), urlsplit(used)
    if (there.scheme, there.netloc) == (here.scheme, here.netloc) or there.scheme not in ("http", "https"):
        return href
    if there.hostname == here.hostname and (there.scheme, here.scheme) == ("https", "http"):
        return href  # the server wants encryption
    folder = posixpath.dirname(here.path.rstrip("/")).rstrip("/") + "/"
    alias = there.hostname in _LOOPBACK and here.hostname in _LOOPBACK and there.port == here.port
    agrees = there.path.startswith(here.path.rstrip("/") + "/") or (folder != "/" and there.path.startswith(folder))
    if not (alias or agrees):
        return href
    return urlunsplit((here.scheme, here.netloc.rpartition("@")[2], there.path, there.query, there.fragment))


def absolute(href: str, base: str, used: str) -> str:
    """An address from a document: quoted, absolute, on the host that was used; what is no web address stays."""
    href = href.strip()
    scheme = href.partition(":")[0].lower()
    if ":" in href.partition("/")[0] and scheme not in ("http", "https"):
        return href
    try:
        return same_server(urljoin(base, quoted(href)), used)
    except ValueError:
        return href


def root_of(document: bytes, url: str, expected: str) -> Element:
    """The root element when it is the expected one; the root decides what an answer is, not its status."""
    host = host_of(url)
    if is_html(document):
        words = server_words(document)
        raise Malformed(f"{host} sent a web page instead of a UWS {expected}: {words} Is the address right?", url=url)
    try:
        root = parse_xml(document)
    except BadXml as bad:
        raise Malformed(f"{host} sent a document that cannot be read: {bad}.", url=url) from bad
    name = local_name(root.tag)
    if name == expected:
        return root
    error = votable_error(root)
    if error is not None:
        raise Refused(f"{host} says: {shorten(error)}", url=url)
    raise Malformed(f"{host} sent <{shorten(name, 40)}> instead of a UWS {expected}. Is the address right?", url=url)


def _children(element: Element | None) -> Iterator[tuple[str, Element]]:
    """The children with their local names."""
    for child in element if element is not None else ():
        yield local_name(child.tag), child


def _child(element: Element, name: str) -> Element | None:
    """The first child of a name that is not nil."""
    return next((child for found, child in _children(element) if found == name and not _is_nil(child)), None)


def _is_nil(element: Element) -> bool:
    return is_true(attributes(element).get("nil"))


def _text(element: Element) -> str | None:
    """The text of an element; None when it is nil or blank."""
    return None if _is_nil(element) else ("".join(element.itertext()).strip() or None)


def _parameters(element: Element | None, base: str) -> Iterator[JobParameter]:
    """The parameters as echoed; nested markup is kept as text."""
    for name, child in _children(element):
        if name != "parameter":
            continue
        attrs = attributes(child)
        value = child.text or ""
        if len(child):
            value = escape(value) + "".join(tostring(part, encoding="unicode") for part in child)
        by_reference = is_true(attrs.get("byReference"))
        value = absolute(value, base, base) if by_reference else _decoded(value)
        yield JobParameter(name=attrs.get("id", ""), value=value, by_reference=by_reference)


def _decoded(value: str) -> str:
    """A value that was percent-encoded (some OPUS services) as it was meant; only one that can be nothing else."""
    if re.search(r"%[0-9A-F]{2}", value) is None:
        return value
    plain = unquote_plus(value)
    return plain if quote_plus(plain) == value else value


def _results(element: Element | None, url: str, base: str) -> Iterator[JobResult]:
    """The results; one without an address gets the standard's, one without an id a number."""
    number = 0
    for name, child in _children(element):
        if name != "result":
            continue
        number += 1
        attrs = attributes(child)
        result_id = attrs.get("id") or f"result-{number}"
        href = attrs.get("href", "").strip() or f"{url.rstrip('/')}/results/{quote(result_id, safe='')}"
        digest = attrs.get("hash", "").strip().lower()
        yield JobResult(
            result_id=result_id,
            url=absolute(href, base, url),
            mime_type=attrs.get("mime-type") or None,
            size=read_integer(attrs.get("size")),
            name=attrs.get("name") or None,
            sha1=digest if len(digest) == 40 and set(digest) <= set("0123456789abcdef") else None,
        )


def _error(element: Element | None) -> JobError | None:
    """The error summary; OPUS writes the message as text of the element itself."""
    if element is None:
        return None
    attrs = attributes(element)
    message = next((_text(child) for name, child in _children(element) if name == "message"), None)
    if message is None:
        message = " ".join("".join(element.itertext()).split())
    if not message and not attrs:
        return None
    fatal = attrs.get("type", "fatal").strip().lower() != "transient"
    return JobError(message=message, fatal=fatal, has_detail=is_true(attrs.get("hasDetail")))
