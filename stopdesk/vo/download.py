"""Fetches the file behind an observation, by way of DataLink where need be, and keeps it for the next time."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from stopdesk.domain.job import Record
from stopdesk.errors import FileError, Malformed, Refused, WebPage
from stopdesk.formats.votable import read_table
from stopdesk.net.answer import host_of
from stopdesk.net.documents import BadXml, parse_xml, server_words, votable_error
from stopdesk.net.http import Http
from stopdesk.net.transfer import Progress
from stopdesk.vo import cache
from stopdesk.vo.content import Content, recognise
from stopdesk.vo.datalink import Link, of_the_observation, read_links

#: Bytes of all files together that are kept; the ones not used for longest go first.
CACHE_BYTES = 5_000_000_000

#: A larger file is not fetched unless asked for, in bytes.
MAX_BYTES = 4_000_000_000

#: From document to document no more than so many times.
_STEPS = 5

#: A download that broke off is kept so long, in seconds, for another try.
_PATIENCE = 7 * 86400

#: An answer that is an error is not longer, in bytes.
_ERROR_BYTES = 1_000_000


@dataclass(frozen=True)
class Fetched:
    """A file that is here: ``url`` is where it lay, ``name`` one to save it by, ``content`` what its bytes are.

    Where several things belong to the observation and none of them is it, ``links`` are the choice; ``path`` is then
    the document that lists them. ``is_cached`` tells that it was fetched before, on ``date``.
    """

    path: Path
    url: str
    name: str
    content: Content
    size: int
    date: datetime
    links: tuple[Link, ...] = ()
    is_cached: bool = False


class _Kept(Record):
    """What is kept of a file beside it."""

    version: int = 1
    url: str
    content: Content
    size: int
    date: datetime


def fetch(
    http: Http,
    url: str,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    max_bytes: int = MAX_BYTES,
    cache_bytes: int = CACHE_BYTES,
    again: bool = False,
) -> Fetched:
    """The file at the address of an observation, from the cache unless ``again``; DataLink is followed to the file.

    ``progress`` is told bytes so far and bytes in all, where known. A transfer that broke off goes on where it stopped.
    Raises NetworkError: WebPage for such in place of a file, Malformed for one of more than ``max_bytes``, Refused with
    the service's words for an error in place of one; Cancelled; FileError where the disk fails.
    """
    for _ in range(_STEPS):
        found = None if again else _kept(url)
        if found is None:
            found = _download(http, url, progress, cancelled, max_bytes)
            trim(cache_bytes, keep=found.path.parent)
        if found.content is not Content.DATALINK:
            return found
        links = read_links(read_table(found.path, cancelled=cancelled), url)
        themselves = of_the_observation(links)
        if len(themselves) != 1 or themselves[0].url == url:
            return _choice(found, themselves or links)
        url = themselves[0].url
    raise Malformed(f"{host_of(url)} sends us from list to list; gave up after {_STEPS} lists of links.", url=url)


def _choice(found: Fetched, links: tuple[Link, ...]) -> Fetched:
    """The document with the links that are to be chosen from; Refused where there is none that works."""
    working = tuple(link for link in links if link.url and not link.fault)
    if not working:
        faults = " ".join(dict.fromkeys(link.fault for link in links if link.fault)) or "the list is empty."
        raise Refused(f"{host_of(found.url)} has no file for this observation: {faults}", url=found.url)
    return Fetched(found.path, found.url, found.name, found.content, found.size, found.date, working)


def _folder(url: str) -> Path:
    return cache.folder("observations") / hashlib.sha256(url.encode()).hexdigest()[:32]


def _kept(url: str) -> Fetched | None:
    """What was fetched before and is whole; None where there is nothing, or links, which change."""
    folder = _folder(url)
    note, path = folder / "note.json", folder / "file"
    try:
        kept = _Kept.model_validate_json(note.read_bytes())
        if kept.version != 1 or kept.url != url or path.stat().st_size != kept.size:
            return None
        os.utime(note)  # it has been used
    except (OSError, ValidationError):
        return None
    if kept.content is Content.DATALINK:
        return None
    return Fetched(path, url, file_name(url, kept.content), kept.content, kept.size, kept.date, is_cached=True)


def _download(
    http: Http, url: str, progress: Progress | None, cancelled: Callable[[], bool] | None, max_bytes: int
) -> Fetched:
    folder = _folder(url)
    path, new = folder / "file", folder / "new"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        http.download(url, new, progress=progress, cancelled=cancelled, max_bytes=max_bytes, resume=True)
        content = recognise(new)
        _refuse_errors(new, content, url)
        new.replace(path)
        size = path.stat().st_size
        kept = _Kept(url=url, content=content, size=size, date=datetime.now(UTC).replace(microsecond=0))
        cache.write(folder / "note.json", kept.model_dump_json(indent=1).encode())
    except OSError as error:
        raise FileError(folder, f"It could not be written: {error.strerror or error}. Make room there.") from error
    return Fetched(path, url, file_name(url, content), content, size, kept.date)


def _refuse_errors(path: Path, content: Content, url: str) -> None:
    """Raise where what came is no file but a page or an error; it is not kept."""
    head = b""
    if content in (Content.HTML, Content.VOTABLE, Content.XML) and path.stat().st_size <= _ERROR_BYTES:
        head = path.read_bytes()
    said = ""
    with contextlib.suppress(BadXml):
        said = (votable_error(parse_xml(head)) or "") if head and content is not Content.HTML else ""
    if content is Content.HTML or content is Content.EMPTY or said:
        path.unlink()
    if content is Content.EMPTY:
        raise Malformed(f"{host_of(url)} sent an empty file.", url=url)
    if content is Content.HTML:
        words = server_words(head) if head else "a long one."
        raise WebPage(f"{host_of(url)} sent a web page in place of the file: {words}", url=url)
    if said:
        raise Refused(f"{host_of(url)} says: {said}", url=url)


def trim(limit: int = CACHE_BYTES, *, keep: Path | None = None) -> int:
    """Remove files until all together have at most ``limit`` bytes; gives what they then have.

    Those not used for longest go first, and what broke off long ago; the folder ``keep`` stays.
    """
    entries = []
    total = 0
    for folder in cache.folder("observations").iterdir():
        with contextlib.suppress(OSError):  # another window may be at it
            files = [(file, file.stat()) for file in folder.iterdir()]
            size = sum(status.st_size for _, status in files)
            used = max((status.st_mtime for _, status in files), default=0.0)
            is_whole = (folder / "note.json").exists()
            if folder != keep and not is_whole and time.time() - used > _PATIENCE:
                shutil.rmtree(folder, ignore_errors=True)
                continue
            total += size
            entries.append((used, size, folder))
    for _, size, folder in sorted(entries, key=lambda entry: entry[0]):
        if total <= limit:
            break
        if folder != keep:
            shutil.rmtree(folder, ignore_errors=True)
            total -= size
    return total


def file_name(url: str, content: Content) -> str:
    """A name to save the file by: the last word of its address, with an end that fits its content; never a path."""
    parts = urlsplit(url)
    words = [unquote(word) for word in (*parts.path.split("/"), *re.split(r"[=&/?]", parts.query)) if word]
    word = next((word for word in reversed(words) if re.search(r"\.\w{2,5}(\.gz)?$", word)), words[-1] if words else "")
    name = re.sub(r"[^\w.+@-]+", "_", word.rpartition("/")[2]).strip("._")[:100] or "observation"
    suffix = content.suffix
    known: tuple[str, ...] = (suffix, ".fit", ".fts", ".xml", ".gz", ".tgz", ".Z") if suffix else ()
    known += (".csv", ".ecsv", ".tsv", ".dat", ".asc") if content is Content.TEXT else ()
    return name if not suffix or name.lower().endswith(known) else f"{name}{suffix}"
