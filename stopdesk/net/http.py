"""The one way to speak HTTP: deadlines on every call, bounded sizes, redirects and retries, errors in words."""

from __future__ import annotations

import contextlib
import os
import queue
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import requests
import urllib3
from requests.utils import get_environ_proxies

from stopdesk.errors import FileError, InputError, Malformed, NetworkError, NotAllowed, Unreachable
from stopdesk.net.answer import Answer, error_for, host_of
from stopdesk.net.credentials import Credential, Credentials, Origin
from stopdesk.net.deadline import Deadline, WatchedAdapter
from stopdesk.net.part import Part
from stopdesk.net.sessions import plain
from stopdesk.net.transfer import Fields, Lost, Progress, checked, lost, read_body, with_query

#: What we ask for where nothing else is said; never HTML (UWS 1.1, section 2.2.2).
ACCEPT = "application/xml, text/xml, text/plain"

#: Of an error answer no more than this is read.
ERROR_BODY = 65536

#: Statuses after which a GET is tried again.
_PASSING = (429, 502, 503, 504)


@dataclass(frozen=True)
class Limits:
    """The bounds on one call: times in seconds, sizes in bytes.

    ``read`` bounds the silence between two packets, ``total`` the whole call with redirects and retries, ``download``
    the whole of a download.
    """

    connect: float = 10.0
    read: float = 30.0
    total: float = 120.0
    download: float = 24 * 3600.0
    body: int = 64 * 1024 * 1024
    redirects: int = 5
    attempts: int = 3
    first_pause: float = 0.5
    longest_pause: float = 10.0


@dataclass(frozen=True)
class Upload:
    """A file that goes along with a POST: the name of its part, its file name and its bytes."""

    part: str
    file_name: str
    content: bytes
    media_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Downloaded:
    """A file that was fetched."""

    path: Path
    size: int
    media_type: str


@dataclass(frozen=True)
class _Request:
    """One exchange to be had; times in seconds."""

    method: str
    url: str
    accept: str
    read_timeout: float
    fields: Fields | None = None
    files: Sequence[Upload] = ()
    encoding: str = "gzip, deflate"
    credential: Credential | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


#: Takes the body of a success: the answer without its body, and where to read it.
_Take = Callable[[Answer, requests.Response], Answer]


class Http:
    """Speaks HTTP from any thread; clock and sleep may be replaced, so that tests never wait."""

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        limits: Limits | None = None,
        ca_bundles: Mapping[Origin, Path] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``ca_bundles`` names, for servers whose institute certifies them itself, the file of its authority (PEM).

        Such a server has to show a certificate of that authority and no other; all others one of those that the system
        trusts. The mapping is looked at with every request, so that its owner may change it.
        """
        self.ca_bundles: Mapping[Origin, Path] = ca_bundles if ca_bundles is not None else {}
        self.credentials = credentials if credentials is not None else Credentials()
        self.limits = limits if limits is not None else Limits()
        self.clock = clock
        self.sleep = sleep
        self._idle: queue.LifoQueue[requests.Session] = queue.LifoQueue()
        self._closed = False

    def trust(self, authorities: Mapping[Origin, Path]) -> None:
        """From now on believe these servers, and only these, by the certificate authorities in a file of their own."""
        self.ca_bundles = dict(authorities)

    def close(self) -> None:
        """Close all idle connections; calls under way end by themselves."""
        self._closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()

    def get(
        self,
        url: str,
        query: Fields = (),
        *,
        accept: str = ACCEPT,
        read_timeout: float | None = None,
        timeout: float | None = None,
        max_bytes: int | None = None,
        truncate: bool = False,
        attempts: int | None = None,
    ) -> Answer:
        """GET a document of at most ``max_bytes``, with redirects and, as often as ``attempts`` says, tried again.

        A longer body is an error, or is cut with ``truncate``. Every status from 400 on raises.
        """
        bound = max_bytes if max_bytes is not None else self.limits.body

        def take(answer: Answer, response: requests.Response) -> Answer:
            body, more = read_body(response, bound)
            if more and not truncate:
                text = f"{host_of(answer.url)} sent a document of more than {bound} bytes; it was not read."
                raise Malformed(text, url=answer.url)
            return replace(answer, body=body, truncated=more)

        request = _Request("GET", with_query(url, query), accept, self._or(read_timeout, self.limits.read))
        return self._get(request, take, self._or(timeout, self.limits.total), attempts)

    def post(
        self,
        url: str,
        fields: Fields,
        files: Sequence[Upload] = (),
        *,
        accept: str = ACCEPT,
        timeout: float | None = None,
    ) -> Answer:
        """POST form fields, as multipart/form-data when files go along; never repeated, redirects are given back."""
        total = self._or(timeout, self.limits.total)
        return self._once(_Request("POST", url, accept, total, fields, files), total)

    def delete(self, url: str, *, accept: str = ACCEPT, timeout: float | None = None) -> Answer:
        """DELETE; never repeated, redirects are given back."""
        total = self._or(timeout, self.limits.total)
        return self._once(_Request("DELETE", url, accept, total), total)

    def download(
        self,
        url: str,
        target: Path,
        *,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
        max_bytes: int | None = None,
        accept: str = "*/*",
        timeout: float | None = None,
        resume: bool = False,
    ) -> Downloaded:
        """Stream a document into ``target``, which must not exist, by way of ``target.part``.

        ``progress`` is told bytes so far and bytes in all, where the server says how many. With ``resume`` a transfer
        that breaks off goes on where it stopped, now or by a later call, where the server allows it.
        """
        try:
            part = Part(target, url, resume=resume)
        except OSError as error:
            raise FileError(target, f"It could not be written: {error.strerror or error}.") from error

        def take(answer: Answer, response: requests.Response) -> Answer:
            part.save(answer, response, progress=progress, cancelled=cancelled, max_bytes=max_bytes)
            return answer

        request = _Request("GET", url, accept, self.limits.read, encoding="identity")
        try:
            answer = self._get(request, take, self._or(timeout, self.limits.download), None, part)
            return Downloaded(target, part.finish(), answer.media_type)
        except OSError as error:
            raise FileError(target, f"It could not be written: {error.strerror or error}.") from error
        finally:
            part.leave()

    @staticmethod
    def _or(given: float | None, usual: float) -> float:
        return usual if given is None else given

    def _once(self, request: _Request, total: float) -> Answer:
        """An exchange that changes something: over a fresh connection, and never tried again."""

        def take(answer: Answer, response: requests.Response) -> Answer:
            body, more = read_body(response, self.limits.body)
            return replace(answer, body=body, truncated=more)

        url = checked(request.url)
        request = replace(request, url=url, credential=self.credential_for(url))
        answer = self._exchange(request, take, total)
        error = error_for(answer)
        if error is not None:
            raise error
        return answer

    def credential_for(self, url: str) -> Credential | None:
        """Who we are at the server of this address; NotAllowed where the user wants to be known and is not yet."""
        origin = Origin.of(url)
        credential = self.credentials.get(origin)
        if credential is None and self.credentials.is_wanted(origin):
            text = f"Nothing was sent to {host_of(url)}: your list of services says to log in there first."
            raise NotAllowed(text, url=url, login=True)
        return credential

    def _get(
        self, request: _Request, take: _Take, total: float, attempts: int | None, part: Part | None = None
    ) -> Answer:
        """GET with redirects and bounded retries, all within ``total`` seconds.

        A ``part`` that has grown goes on from where it is, which does not count as another try.
        """
        left = allowed = attempts if attempts is not None else self.limits.attempts
        end = self.clock() + total
        pause = self.limits.first_pause
        while True:
            left -= 1
            wait: float | None = pause
            error: NetworkError | None
            try:
                headers = part.headers if part is not None else {}
                answer = self._follow(replace(request, headers=headers), take, end)
                error = error_for(answer)
                if error is None:
                    return answer
                wait = self._or(answer.retry_after, pause) if answer.status in _PASSING else None
                if part is not None and headers and answer.status == 416:
                    part.restart()
                    wait = pause
            except Unreachable as broken:
                error = broken
                if part is not None and part.got_on:
                    left, wait = allowed, self.limits.first_pause
                elif not isinstance(broken, Lost):
                    raise
            if left < 1 or wait is None or wait > self.limits.longest_pause or self.clock() + wait >= end:
                raise error
            self.sleep(wait)
            pause = min(2 * pause, self.limits.longest_pause)

    def _follow(self, request: _Request, take: _Take, end: float) -> Answer:
        """One attempt at a GET; redirects go to http and https only, credentials to their own origin only."""
        url = checked(request.url)
        first = Origin.of(url)
        credential = self.credential_for(url)
        for _ in range(self.limits.redirects + 1):
            step = replace(request, url=url, credential=credential)
            answer = self._exchange(step, take, end - self.clock())
            if not answer.is_redirect:
                return answer
            url, credential = self._next_hop(answer, first, credential)
        raise Malformed(
            f"{host_of(url)} sends us from address to address; gave up after {self.limits.redirects} redirects.",
            url=url,
        )

    def _next_hop(self, answer: Answer, first: Origin, credential: Credential | None) -> tuple[str, Credential | None]:
        """Where a redirect leads, and with which credential."""
        url, target = answer.url, answer.location or ""
        try:
            there = Origin.of(target)
        except InputError as error:
            raise Malformed(
                f"{host_of(url)} redirects to {target!r}, which is not an address we follow.", url=url
            ) from error
        if Origin.of(url).scheme == "https" and there.scheme == "http" and credential is not None:
            text = f"{host_of(url)} redirects to {host_of(target)}, without encryption; not followed for the log-in."
            raise Malformed(text, url=url)
        same_place = there == first or (there.host == first.host and there.scheme == "https")
        return checked(target), self.credentials.get(there) if same_place else None

    def _exchange(self, request: _Request, take: _Take, total: float) -> Answer:
        """One request and its answer; ``take`` reads the body of a success, else it is read here, in part."""
        if total <= 0:
            raise Unreachable(f"{host_of(request.url)} did not answer in time.", url=request.url)
        with self._session() as session, Deadline(total) as deadline:
            if request.method != "GET":
                session.close()  # a kept connection may be dead, and a POST must not be repeated to find out
            try:
                with contextlib.closing(self._send(session, request, min(request.read_timeout, total))) as response:
                    headers = {name.lower(): value for name, value in response.headers.items()}
                    answer = Answer(request.url, response.status_code, headers)
                    if answer.status < 300:
                        answer = take(answer, response)
                    else:
                        body, more = read_body(response, ERROR_BODY)
                        answer = replace(answer, body=body, truncated=more)
            except (requests.RequestException, urllib3.exceptions.HTTPError, TimeoutError, UnicodeError) as error:
                expired = total if deadline.expired else None
                raise lost(error, request.method, request.url, expired=expired) from error
        if deadline.expired:  # a body without a length looks complete when its socket is shut down
            raise lost(TimeoutError(), request.method, request.url, expired=total)
        if 300 <= answer.status < 400 and not answer.is_redirect:
            raise Malformed(
                f"{host_of(answer.url)} answers with status {answer.status} and no address.", url=answer.url
            )
        return answer

    def _send(self, session: requests.Session, request: _Request, read_timeout: float) -> requests.Response:
        """Put a request on the wire; gives the answer with its body still to be read."""
        headers = {"Accept": request.accept, "Accept-Encoding": request.encoding, **request.headers}
        header = request.credential.header if request.credential is not None else None
        if header is not None:
            headers["Authorization"] = header
        local = Origin.of(request.url).is_loopback
        return session.request(
            request.method,
            request.url,
            headers=headers,
            data=list(request.fields) if request.fields is not None else None,
            files=[(f.part, (f.file_name, f.content, f.media_type)) for f in request.files] or None,
            timeout=(self.limits.connect, read_timeout),
            proxies={} if local else dict(get_environ_proxies(request.url, no_proxy=None)),
            verify=self.authority_for(request.url),
            allow_redirects=False,
            stream=True,
        )

    def authority_for(self, url: str) -> str | bool:
        """Whose certificates are believed: of a file for this server, of the environment, else of the system."""
        bundle = self.ca_bundles.get(Origin.of(url))
        if bundle is None:
            return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        try:
            if b"-----BEGIN " in bundle.read_bytes():
                return str(bundle)
        except OSError as error:
            text = f"The certificate of the authority for {host_of(url)} is not there. Name its file anew."
            raise FileError(bundle, text) from error
        raise FileError(
            bundle, f"It is to have the certificate of the authority for {host_of(url)}; it has none (PEM)."
        )

    @contextlib.contextmanager
    def _session(self) -> Iterator[requests.Session]:
        """Borrow a session; each is used by one thread at a time."""
        try:
            session = self._idle.get_nowait()
        except queue.Empty:
            session = plain(requests.Session(), WatchedAdapter)
        try:
            yield session
        finally:
            if self._closed:
                session.close()
            else:
                self._idle.put(session)
