"""The file of a download under way, so that one that broke off goes on where it stopped.

A download into ``target`` grows as ``target.part``. Beside it ``target.part.json`` says of which version of which
document it is a part: the strong ETag or, else, the Last-Modified that the server gave. With that the rest is asked for
by Range and If-Range (RFC 9110, sections 13.1.5 and 14.2); a document that has changed comes anew as a whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO

import requests

from stopdesk.errors import Cancelled, FileError, Malformed
from stopdesk.net.answer import Answer, host_of
from stopdesk.net.transfer import Lost, Progress, publish

_CHUNK = 65536
_CONTENT_RANGE = re.compile(r"bytes\s+(\d+)-(\d+)/(\d+|\*)")


class Part:
    """One download; used by one thread, and by one program at a time."""

    def __init__(self, target: Path, url: str, *, resume: bool) -> None:
        """Open the part file; with ``resume`` take up what an earlier download of the same address left."""
        if target.exists():
            raise FileError(target, "There is a file of this name already; nothing was written.")
        self._target, self._url, self._resume = target, url, resume
        self.path = target.with_name(target.name + ".part")
        self._note = target.with_name(target.name + ".part.json")
        self._file: IO[bytes] = self.path.open("ab")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise FileError(target, "It is being downloaded already. Wait for that, or end it.") from error
        self._validator = _noted(self._note, url) if resume else ""
        if not self._validator:
            self._file.truncate(0)
        self.size = self.path.stat().st_size
        self._begun_at = self.size

    @property
    def headers(self) -> dict[str, str]:
        """What to send along to get only the rest; nothing where there is no part, or none to go on with."""
        self._begun_at = self.size
        return {"Range": f"bytes={self.size}-", "If-Range": self._validator} if self.size and self._validator else {}

    @property
    def got_on(self) -> bool:
        """Whether anything has come since the headers were last asked for, that the next attempt can go on from."""
        return bool(self._validator) and self.size > self._begun_at

    def save(
        self,
        answer: Answer,
        response: requests.Response,
        *,
        progress: Progress | None,
        cancelled: Callable[[], bool] | None,
        max_bytes: int | None,
    ) -> None:
        """Add a body to the file as it comes, or put it in place of what is there; its length is checked if known."""
        expected = self._begin(answer)
        too_long = Malformed(
            f"{host_of(answer.url)} sends a file of more than {max_bytes} bytes; it was not fetched.", url=answer.url
        )
        if max_bytes is not None and expected is not None and expected > max_bytes:
            self.restart()  # nobody will want the rest of it
            raise too_long
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            if cancelled is not None and cancelled():
                raise Cancelled("The download was cancelled.")
            if max_bytes is not None and self.size + len(chunk) > max_bytes:
                self.restart()
                raise too_long
            self._file.write(chunk)
            self.size += len(chunk)
            if progress is not None:
                progress(self.size, expected)
        if expected is not None and self.size != expected:
            text = f"{host_of(answer.url)} broke off after {self.size} of {expected} bytes. Try again."
            raise Lost(text, url=answer.url)

    def restart(self) -> None:
        """Forget what is there: there is no rest to it, or none that is wanted."""
        self._validator = ""
        self._clear()

    def finish(self) -> int:
        """Give the complete file its name; gives its size."""
        self._file.flush()
        publish(self.path, self._target)
        self._drop()
        return self.size

    def leave(self) -> None:
        """End without the file; what has come stays where a later download can go on from it."""
        if self._resume and self._validator and self.size:
            self._file.close()
        else:
            self._drop()

    def _begin(self, answer: Answer) -> int | None:
        """Make the file ready for a body; gives the length of the whole where the server says it."""
        if answer.status == 206:
            match = _CONTENT_RANGE.fullmatch(answer.headers.get("content-range", "").strip())
            if match is None or int(match[1]) != self.size:
                self.restart()
                raise Lost(f"{host_of(answer.url)} sent another part than was asked for. Try again.", url=answer.url)
            return int(match[3]) if match[3] != "*" else int(match[2]) + 1
        self._clear()
        self._validator = _validator(answer.headers) if self._resume else ""
        if self._validator:
            self._note.write_text(json.dumps({"url": self._url, "validator": self._validator}), encoding="utf-8")
        length = answer.headers.get("content-length", "")
        return int(length) if length.isdigit() and "content-encoding" not in answer.headers else None

    def _clear(self) -> None:
        self._file.truncate(0)
        self.size = self._begun_at = 0

    def _drop(self) -> None:
        with contextlib.suppress(OSError):  # a full disk may complain once more
            self._file.close()
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)


def _validator(headers: Mapping[str, str]) -> str:
    """What tells this version of a document from another: RFC 9110, section 8.8; "" where nothing does for sure."""
    if "content-encoding" in headers or headers.get("accept-ranges", "").strip().lower() == "none":
        return ""
    tag = headers.get("etag", "").strip()
    if tag.startswith('"'):
        return tag
    modified = headers.get("last-modified", "").strip()
    try:
        age = parsedate_to_datetime(headers.get("date", "")) - parsedate_to_datetime(modified)
    except (ValueError, TypeError):
        return ""
    return modified if age.total_seconds() >= 1 else ""  # a file younger than that may change within its second


def _noted(note: Path, url: str) -> str:
    """The validator that an earlier download of the same address left; "" where there is none."""
    try:
        values = json.loads(note.read_text(encoding="utf-8"))
        return str(values["validator"]) if values["url"] == url else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""
