"""Fetches the results of a job into files of their own, under names that are safe."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Callable
from pathlib import Path

from stopdesk.domain.job import JobResult
from stopdesk.errors import FileError, InputError, NotAllowed, Refused, Unverified
from stopdesk.net.answer import host_of
from stopdesk.net.documents import shorten
from stopdesk.net.http import Downloaded, Http
from stopdesk.net.transfer import publish
from stopdesk.uws.xml import read_error

#: Endings by content type where Python's own table has none or a strange one.
_ENDINGS = {
    "application/x-votable+xml": ".vot",
    "application/fits": ".fits",
    "image/fits": ".fits",
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "text/plain": ".txt",
    "text/xml": ".xml",
    "application/xml": ".xml",
    "text/csv": ".csv",
}
#: A VOTable that says "error" instead of a result is short.
_ERROR_SIZE = 65536
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)

#: In bytes of UTF-8, of which most file systems allow 255: there is room for an ending, a number and `UNVERIFIED`.
_LONGEST_NAME = 200

#: What a file is called that is not what the service announced.
UNVERIFIED = ".unverified"

_Progress = Callable[[int, int | None], None]


def fetch(
    http: Http,
    result: JobResult,
    folder: Path,
    *,
    progress: _Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    max_bytes: int | None = None,
) -> Path:
    """Fetch a result into a new file in ``folder`` and give its path; no other file is touched.

    What broke off, or was cancelled, goes on where it stopped by a later call for the same folder, where the server
    allows it. A short VOTable that reports an error is `Refused` (DaCHS answers so, with status 200, for what is not
    there). Size and sha1 are checked where the service gives them; a file that differs is `Unverified`, and is
    kept under its name with ``.unverified`` behind it.
    """
    if not result.url.startswith(("http://", "https://")):
        raise InputError(f"The result {result.result_id} is at {result.url}, which is not an address to download from.")
    parcel = folder / f".{hashlib.sha256(result.url.encode()).hexdigest()[:32]}.download"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        parcel.unlink(missing_ok=True)  # an earlier program ended between fetching and naming
        got = _download(http, result, parcel, progress=progress, cancelled=cancelled, max_bytes=max_bytes)
        if got.size <= _ERROR_SIZE:
            error = read_error(parcel.read_bytes())
            if error is not None:
                raise Refused(f"{host_of(result.url)} says: {shorten(error)}", url=result.url)
        name = file_name(result, got.media_type)
        doubt = _doubt(result, parcel, got.size)
        if doubt is not None:
            kept = _claim(parcel, folder, name + UNVERIFIED)
            text = f"The result {result.result_id} {doubt}. Fetch it again; what came is kept as {kept.name}."
            raise Unverified(text, url=result.url, path=kept)
        return _claim(parcel, folder, name)
    except OSError as error:
        raise FileError(folder, f"Results cannot be written there: {error.strerror or error}.") from error
    finally:
        parcel.unlink(missing_ok=True)


def file_name(result: JobResult, media_type: str = "") -> str:
    """A plain file name for a result: of its name or else id, with an ending by content type where it has none."""
    name = plain_name(result.name or result.result_id)
    if not re.search(r"\.[A-Za-z0-9]{1,8}$", name):
        for kind in (result.mime_type or "", media_type):
            kind = kind.partition(";")[0].strip().lower()
            ending = _ENDINGS.get(kind) or mimetypes.guess_extension(kind)
            if ending:
                return name + ending
    return name


def plain_name(wanted: str) -> str:
    """A name like the one wanted that every system takes for that of a file, in the folder where it is put."""
    name = "".join(char if char.isprintable() and char not in '/\\:*?"<>|' else "_" for char in wanted)
    name = name.strip(" .")[:120].encode()[:_LONGEST_NAME].decode(errors="ignore").strip(" .") or "result"
    return f"_{name}" if _DEVICES.fullmatch(name) else name


def unique_name(name: str, names: set[str]) -> str:
    """The name, with a number when one like it, in whatever case, is among ``names``; it is added to them."""
    number = 1
    while (free := _numbered(name, number)).casefold() in names:
        number += 1
    names.add(free.casefold())
    return free


def _download(
    http: Http,
    result: JobResult,
    parcel: Path,
    *,
    progress: _Progress | None,
    cancelled: Callable[[], bool] | None,
    max_bytes: int | None,
) -> Downloaded:
    try:
        return http.download(
            result.url, parcel, progress=progress, cancelled=cancelled, max_bytes=max_bytes, resume=True
        )
    except NotAllowed as error:
        if error.login:
            raise
        text = f"{error} Some services show results only to the computer from which the job was sent."  # TAPVizieR
        raise NotAllowed(text, url=error.url, login=False) from error


def _doubt(result: JobResult, path: Path, size: int) -> str | None:
    """What speaks against a file being the result; a size of 0 is how some services say that they do not know it."""
    if result.size and result.size != size:
        return f"has {size} bytes, but the service announced {result.size}"
    if result.sha1 is not None and _sha1(path) != result.sha1:
        return "arrived damaged: its checksum (sha1) is not the one that the service gives"
    return None


def _claim(parcel: Path, folder: Path, name: str) -> Path:
    """Give the parcel its name, with a number when the name is taken."""
    for number in range(1, 10_000):
        target = folder / _numbered(name, number)
        try:
            publish(parcel, target)
        except FileError:
            continue
        return target
    raise FileError(folder / name, "There are too many files of this name already.")


def _numbered(name: str, number: int) -> str:
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    return name if number == 1 else f"{stem}-{number}{dot}{ending}"


def _sha1(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.sha1(usedforsecurity=False)).hexdigest()
