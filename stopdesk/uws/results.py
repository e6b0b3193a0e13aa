"""Fetches the results of a job into files of their own, under names that are safe."""

from __future__ import annotations

import hashlib
import mimetypes
import re
import uuid
from collections.abc import Callable
from pathlib import Path

from stopdesk.domain.job import JobResult
from stopdesk.errors import FileError, InputError, Malformed, Refused
from stopdesk.net.answer import host_of
from stopdesk.net.documents import shorten
from stopdesk.net.http import Http
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


def fetch(
    http: Http,
    result: JobResult,
    folder: Path,
    *,
    progress: Callable[[int, int | None], None] | None,
    cancelled: Callable[[], bool] | None,
    max_bytes: int | None,
) -> Path:
    """Fetch a result into a new file in ``folder`` and give its path; no other file is touched.

    A short VOTable that reports an error is `Refused` (DaCHS answers so, with status 200, for what is not there); the
    sha1 is checked where the service gives one.
    """
    if not result.url.startswith(("http://", "https://")):
        raise InputError(f"The result {result.result_id} is at {result.url}, which is not an address to download from.")
    parcel = folder / f".{uuid.uuid4().hex}.download"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        got = http.download(result.url, parcel, progress=progress, cancelled=cancelled, max_bytes=max_bytes)
        if got.size <= _ERROR_SIZE:
            error = read_error(parcel.read_bytes())
            if error is not None:
                raise Refused(f"{host_of(result.url)} says: {shorten(error)}", url=result.url)
        if result.sha1 is not None and _sha1(parcel) != result.sha1:
            raise Malformed(f"The result {result.result_id} arrived damaged. Fetch it again.", url=result.url)
        return _claim(parcel, folder, file_name(result, got.media_type))
    except OSError as error:
        raise FileError(folder, f"Results cannot be written there: {error.strerror or error}.") from error
    finally:
        parcel.unlink(missing_ok=True)


def file_name(result: JobResult, media_type: str = "") -> str:
    """A plain file name for a result: of its name or else id, with an ending by content type where it has none."""
    wanted = result.name or result.result_id
    name = "".join(char if char.isprintable() and char not in '/\\:*?"<>|' else "_" for char in wanted)
    name = name.strip(" .")[:120].strip(" .") or "result"
    if _DEVICES.fullmatch(name):
        name = f"_{name}"
    if not re.search(r"\.[A-Za-z0-9]{1,8}$", name):
        for kind in (result.mime_type or "", media_type):
            kind = kind.partition(";")[0].strip().lower()
            ending = _ENDINGS.get(kind) or mimetypes.guess_extension(kind)
            if ending:
                return name + ending
    return name


def _claim(parcel: Path, folder: Path, name: str) -> Path:
    """Give the parcel its name, with a number when the name is taken."""
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    for number in range(1, 10_000):
        target = folder / (name if number == 1 else f"{stem}-{number}{dot}{ending}")
        try:
            publish(parcel, target)
        except FileError:
            continue
        return target
    raise FileError(folder / name, "There are too many files of this name already.")


def _sha1(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.sha1(usedforsecurity=False)).hexdigest()
