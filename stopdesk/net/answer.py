"""An HTTP answer, and the error that its status stands for."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from stopdesk.errors import Gone, NetworkError, NotAllowed, Refused, ServerTrouble
from stopdesk.net.documents import server_words

#: A Retry-After longer than this (an hour) is not believed.
LONGEST_RETRY_AFTER = 3600.0


class WrongMethod(Refused):
    """405 and 501: what is there does not take this kind of request."""


@dataclass(frozen=True)
class Answer:
    """What a server answered: the URL that answered in the end, status, headers by lower-case name, and the body.

    ``truncated`` tells that the body was longer than asked for and that its end is missing.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    truncated: bool = False

    @property
    def media_type(self) -> str:
        """The content type in lower case, without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def location(self) -> str | None:
        """Where the server points to, as an absolute URL; None where it points nowhere."""
        location = self.headers.get("location", "").strip()
        with contextlib.suppress(UnicodeError):
            location = location.encode("latin-1").decode("utf-8")  # headers are read as Latin-1; some send UTF-8
        try:
            return urljoin(self.url, quoted(location)) if location else None
        except ValueError:
            return None

    @property
    def is_redirect(self) -> bool:
        """Whether the answer says: look there."""
        return self.status in (301, 302, 303, 307, 308) and self.location is not None

    @property
    def retry_after(self) -> float | None:
        """For how many seconds the server asks us to wait, at most an hour; None when it does not."""
        text = self.headers.get("retry-after", "").strip()
        if not text:
            return None
        if text.isdigit():
            return min(float(text[:6]), LONGEST_RETRY_AFTER)
        try:
            pause = parsedate_to_datetime(text) - parsedate_to_datetime(self.headers.get("date", ""))
        except (ValueError, TypeError):
            return None
        return min(max(pause.total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def quoted(url: str) -> str:
    """A URL with blanks and other illegal characters percent-encoded; what is encoded already stays."""
    out = []
    for index, char in enumerate(url):
        if char == "%":
            code = url[index + 1 : index + 3]
            out.append("%" if len(code) == 2 and all(digit in "0123456789abcdefABCDEF" for digit in code) else "%25")
        elif char.isascii() and (char.isalnum() or char in "-._~:/?#[]@!$&'()*+,;="):
            out.append(char)
        else:
            out.extend(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))
    return "".join(out)


def host_of(url: str) -> str:
    """The host of a URL, with its port where one is named, for sentences."""
    return urlsplit(url).netloc.rpartition("@")[2] or url


def error_for(answer: Answer) -> NetworkError | None:
    """The error that the status of an answer stands for; None up to 399."""
    if answer.status < 400:
        return None
    words, host, url = server_words(answer.body), host_of(answer.url), answer.url
    said = f" It says: {words}" if words else ""
    if answer.status == 401:
        return NotAllowed(
            f"{host} wants to know who you are. Give user name and password, or others if these were wrong.{said}",
            url=url,
            login=True,
        )
    if answer.status == 403:
        return NotAllowed(f"{host} does not allow this.{said}", url=url, login=False)
    if answer.status in (404, 410):
        return Gone(f"{urlsplit(url).path} is not there (any more) on {host}.{said}", url=url)
    if answer.status in (408, 429) or (answer.status >= 500 and answer.status != 501):
        return ServerTrouble(
            f"{host} has trouble of its own (HTTP status {answer.status}). Try again later.{said}",
            url=url,
            retry_after=answer.retry_after,
        )
    kind = WrongMethod if answer.status in (405, 501) else Refused
    return kind(f"{host} refused the request (HTTP status {answer.status}).{said}", url=url)
