"""The single steps of an HTTP exchange: addresses, bodies into memory, names of files, what a lost connection means."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)

from stopdesk.errors import FileError, Malformed, NetworkError, Unreachable
from stopdesk.net.answer import host_of, quoted
from stopdesk.net.credentials import Origin

Fields = Sequence[tuple[str, str]]
Progress = Callable[[int, int | None], None]

_CHUNK = 65536


class Lost(Unreachable):
    """A connection that was refused or broke off: worth another try, where trying again does no harm."""


def checked(url: str) -> str:
    """The URL as it is sent: http or https, quoted, without user, password and fragment; else an InputError."""
    url = url.strip()
    Origin.of(url)
    parts = urlsplit(quoted(url))
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path or "/", parts.query, ""))


def with_query(url: str, query: Fields) -> str:
    """The URL with more parameters behind those that it has, in their order."""
    if not query:
        return url
    parts = urlsplit(url)
    joined = "&".join(text for text in (parts.query, urlencode(query)) if text)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, joined, parts.fragment))


def read_body(response: requests.Response, bound: int) -> tuple[bytes, bool]:
    """At most ``bound`` bytes of a body, and whether there is more."""
    chunks: list[bytes] = []
    size = 0
    while size <= bound:
        chunk = response.raw.read1(_CHUNK, decode_content=True)
        if not chunk:
            return b"".join(chunks), False
        chunks.append(chunk)
        size += len(chunk)
    return b"".join(chunks)[:bound], True


def publish(part: Path, target: Path) -> None:
    """Give a finished file its name; never over another one."""
    try:
        os.link(part, target)
    except FileExistsError as error:
        raise FileError(target, "There is a file of this name already; nothing was written.") from error
    except OSError as error:  # a file system without hard links
        if target.exists():
            raise FileError(target, "There is a file of this name already; nothing was written.") from error
        part.rename(target)


def lost(error: Exception, method: str, url: str, *, expired: float | None) -> NetworkError:
    """What an exception of the HTTP library means; ``expired`` is the deadline in seconds, when that was the cause."""
    host = host_of(url)
    causes = _causes(error)
    sent = not any(isinstance(cause, (NewConnectionError, ConnectTimeoutError)) for cause in causes)
    doubt = ""
    if method != "GET" and sent:
        doubt = " It is not known whether the server did what was asked: look there before you try again."
    if expired is not None:
        return Unreachable(f"{host} did not finish its answer within {_seconds(expired)}.{doubt}", url=url)
    if isinstance(error, requests.exceptions.SSLError):
        return Unreachable(_unsafe(host, causes), url=url)
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return Lost(f"{host} cannot be found. Check the address and the network.", url=url)
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return Lost(f"{host} refuses the connection: the service is probably not running.", url=url)
    if not sent:
        return Lost(f"{host} cannot be reached. Check the network.", url=url)
    if any(isinstance(cause, DecodeError) for cause in causes):
        return Malformed(f"{host} sent an answer whose compression is damaged.", url=url)
    if any(isinstance(cause, (ReadTimeoutError, TimeoutError)) for cause in causes):
        return Unreachable(f"{host} was silent for too long.{doubt}", url=url)
    return Lost(f"The connection to {host} broke off before the answer was complete.{doubt}", url=url)


def _seconds(seconds: float) -> str:
    """A time in words; what is left of one after a moment's work is still that one."""
    return f"{seconds:.0f} seconds" if seconds >= 9.5 else f"{seconds:.1f} seconds"


def _unsafe(host: str, causes: Sequence[BaseException]) -> str:
    """Why there is no secure connection, and what to do about it."""
    doubts = [cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)]
    if not doubts:
        said = next((str(cause) for cause in causes if isinstance(cause, ssl.SSLError)), "no reason known")
        return f"No secure connection to {host} could be made ({said}). Is the address right, with https?"
    return (
        f"{host} cannot show that it is {host}: its certificate is not trusted ({doubts[0].verify_message}). Nothing "
        "was sent. If its institute certifies its servers itself, ask there for the certificate of that authority "
        "(a PEM file) and name the file for this service."
    )


def _causes(error: BaseException) -> list[BaseException]:
    """An exception with all that are behind it; the HTTP libraries hide them in several places."""
    found: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        each = todo.pop()
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            todo += [*each.args, each.__cause__, each.__context__, getattr(each, "reason", None)]
    return found
