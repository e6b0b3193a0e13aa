"""Sessions of requests that are lent to libraries which do the talking themselves, such as pyvo, within our bounds.

What such a library sends goes out as `Http` would send it: credentials by origin, our certificates, no more redirects
than allowed, nothing to other places than http and https. Time is bounded as a whole, a cancel ends it at once, and
every body is bounded in size. What goes wrong on the way is a NetworkError, whatever the library calls.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests
import urllib3
from requests.utils import get_environ_proxies

from stopdesk.errors import Cancelled, Malformed, NetworkError, NotAllowed, Unreachable
from stopdesk.net.answer import Answer, error_for, host_of
from stopdesk.net.credentials import Origin
from stopdesk.net.deadline import Deadline, WatchedAdapter
from stopdesk.net.http import ERROR_BODY, Http
from stopdesk.net.sessions import plain
from stopdesk.net.transfer import checked, lost

#: What is asked for: tables and other documents before anything else.
ACCEPT = "application/x-votable+xml, text/xml, application/xml, */*;q=0.5"

#: The exceptions of requests and what lies below it.
_TROUBLE = (requests.RequestException, urllib3.exceptions.HTTPError, TimeoutError, UnicodeError)


@contextlib.contextmanager
def lent_session(
    http: Http,
    *,
    seconds: float | None = None,
    cancelled: Callable[[], bool] | None = None,
    max_bytes: int | None = None,
) -> Iterator[LentSession]:
    """A session for one conversation of this thread, in which nothing else may be asked for over ``http``.

    It ends after ``seconds`` in all, with Unreachable, or soon after ``cancelled()`` is true, with Cancelled; no body
    may have more than ``max_bytes``, or it is Malformed.
    """
    bound = max_bytes if max_bytes is not None else http.limits.body
    total = seconds if seconds is not None else http.limits.total
    with Deadline(total, cancelled) as deadline:
        call = _Call(http, deadline, total, bound)
        session = plain(LentSession(call), lambda: _LentAdapter(call))
        session.max_redirects = http.limits.redirects
        session.headers["Accept"] = ACCEPT
        try:
            yield session
        finally:
            for body in call.bodies:
                body.close()
            session.close()


class LentSession(requests.Session):
    """What a library takes for an ordinary session. ``refusal`` is the last error that was met, of whatever kind.

    Answers of status 400 and above are given to the library, which raises what it likes; ``refusal`` then says it in
    our words.
    """

    def __init__(self, call: _Call) -> None:
        super().__init__()
        self._call = call

    @property
    def refusal(self) -> NetworkError | Cancelled | None:
        """The last thing that went wrong; None while nothing has."""
        return self._call.refusal

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """As in requests, with our bounds; what goes wrong on the way is a NetworkError."""
        address = checked(url.decode() if isinstance(url, bytes) else url)
        self._call.first = Origin.of(address)
        self._call.check(address)
        try:
            return super().request(method, address, *args, **{**kwargs, "stream": True})
        except requests.TooManyRedirects as error:
            text = f"{host_of(address)} sends us from address to address; gave up after {self.max_redirects} redirects."
            raise self._call.noted(Malformed(text, url=address)) from error
        except (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL) as error:
            text = f"{host_of(address)} redirects to an address that we do not follow ({error})."
            raise self._call.noted(Malformed(text, url=address)) from error

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Nothing here: the adapter says who we are, hop by hop."""

    def pause(self, seconds: float) -> None:
        """Wait, unless time is up or the user gives up before."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._call.check("")
            self._call.http.sleep(min(left, 0.1))
        self._call.check("")


class _Call:
    """What the parts of one conversation share."""

    def __init__(self, http: Http, deadline: Deadline, seconds: float, max_bytes: int) -> None:
        self.http = http
        self.deadline = deadline
        self.seconds = seconds
        self.max_bytes = max_bytes
        self.first: Origin | None = None
        self.refusal: NetworkError | Cancelled | None = None
        self.bodies: list[Body] = []

    def noted(self, error: NetworkError | Cancelled) -> NetworkError | Cancelled:
        self.refusal = error
        return error

    def check(self, url: str) -> None:
        """Raise when the user has given up or time is up."""
        if self.deadline.given_up:
            raise self.noted(Cancelled("The search was cancelled."))
        if self.deadline.expired:
            text = f"{host_of(url) or 'The server'} did not finish its answer within {self.seconds:g} seconds."
            raise self.noted(Unreachable(text, url=url))

    def explained(self, error: Exception, method: str, url: str) -> NetworkError | Cancelled:
        """What an exception of the libraries below means."""
        if self.deadline.given_up:
            return self.noted(Cancelled("The search was cancelled."))
        return self.noted(lost(error, method.upper(), url, expired=self.seconds if self.deadline.expired else None))


class _LentAdapter(WatchedAdapter):
    """Sends one hop as `Http` would."""

    def __init__(self, call: _Call) -> None:
        self._call = call
        super().__init__()

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """One request and its answer, the body still to be read."""
        http, url = self._call.http, request.url or ""
        self._call.check(url)
        self._say_who_we_are(request, url)
        try:
            answer = super().send(
                request,
                stream=True,
                timeout=(http.limits.connect, self._call.seconds),
                verify=http.authority_for(url),
                proxies={} if Origin.of(url).is_loopback else dict(get_environ_proxies(url, no_proxy=None)),
            )
        except _TROUBLE as error:
            raise self._call.explained(error, request.method or "GET", url) from error
        body = Body(answer.raw, url, self._call)
        self._call.bodies.append(body)
        answer.raw = body
        if answer.status_code >= 400:
            said = body.peek(ERROR_BODY)
            answer._content = said
            headers = {name.lower(): value for name, value in answer.headers.items()}
            refusal = error_for(Answer(url, answer.status_code, headers, said))
            if refusal is not None:
                self._call.noted(refusal)
        return answer

    def _say_who_we_are(self, request: requests.PreparedRequest, url: str) -> None:
        """Put the credential of this hop's own origin into its headers, under the rules of `Http`."""
        first, there = self._call.first, Origin.of(url)
        had_one = request.headers.pop("Authorization", None) is not None
        if first is None or there == first:
            try:
                credential = self._call.http.credential_for(url)
            except NotAllowed as error:
                self._call.noted(error)
                raise
        else:
            if had_one and first.scheme == "https" and there.scheme == "http":
                text = f"{first.host} redirects to {host_of(url)}, without encryption; not followed for the log-in."
                raise self._call.noted(Malformed(text, url=url))
            is_same_host = there.host == first.host and there.scheme == "https"
            credential = self._call.http.credentials.get(there) if is_same_host else None
        header = credential.header if credential is not None else None
        if header is not None:
            request.headers["Authorization"] = header


class Body(io.RawIOBase):
    """The body of an answer while it arrives: decoded, bounded in size, its errors in our words."""

    def __init__(self, raw: Any, url: str, call: _Call) -> None:
        super().__init__()
        self._raw, self._url, self._call = raw, url, call
        self._size = 0
        self._ahead = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int | None = -1, decode_content: bool = True) -> bytes:
        """At most ``size`` bytes as they come, b"" at the end; all of them without a size."""
        if size is not None and size >= 0:
            return self._some(size)
        return b"".join(iter(lambda: self._some(65536), b""))

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as bytes have come."""
        data = self._some(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def peek(self, bound: int) -> bytes:
        """The first bytes, at most ``bound``; they are read again afterwards."""
        while len(self._ahead) < bound and (chunk := self._arriving(bound - len(self._ahead))):
            self._ahead += chunk
        return self._ahead

    def close(self) -> None:
        """Let go of the connection."""
        if not self.closed:
            self._raw.close()
        super().close()

    def _some(self, size: int) -> bytes:
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data
        return self._arriving(size)

    def _arriving(self, size: int) -> bytes:
        self._call.check(self._url)
        try:
            data = bytes(self._raw.read1(size, decode_content=True)) if size else b""
        except _TROUBLE as error:
            raise self._call.explained(error, "GET", self._url) from error
        if not data:
            self._call.check(self._url)  # a body without a length looks complete when its socket is shut down
        self._size += len(data)
        if self._size > self._call.max_bytes:
            text = (
                f"{host_of(self._url)} sent more than {self._call.max_bytes / 1e6:,.0f} MB; "
                "the rest was not read. Search a smaller field, or ask for fewer rows."
            )
            raise self._call.noted(Malformed(text, url=self._url))
        return data


def refused(session: LentSession, answer: requests.Response) -> NetworkError | None:
    """The error that the status of an answer stands for; None up to 399."""
    refusal = session.refusal
    return refusal if answer.status_code >= 400 and isinstance(refusal, NetworkError) else None
