"""Files that other programs speak of: read where they lie on this computer, fetched over HTTP else, within bounds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from stopdesk.errors import FileError
from stopdesk.net.http import Http
from stopdesk.samp.addresses import local_path
from stopdesk.ui.jobs.table import size_text
from stopdesk.ui.tasks import Task
from stopdesk.vo import libraries
from stopdesk.vo.content import recognise
from stopdesk.vo.download import Fetched, fetch, file_name

#: Larger files are not taken from other programs, in bytes.
MAX_BYTES = 2 << 30

#: What does not stand in the name of a file.
_NOT_IN_NAMES = re.compile(r"[\\/:*?\"<>|\x00-\x1f\x7f]+")

_LONGEST_NAME = 100


def obtain(http: Http, url: str, name: str, task: Task, *, max_bytes: int = MAX_BYTES) -> Fetched:
    """The file at an address, recognised by its content and called ``name`` as far as that can be a name (blocks).

    Raises FileError for a file that is not there, cannot be read or is larger than ``max_bytes``; NetworkError where it
    cannot be fetched; InputError for an address that is neither of a file here nor of the web; Cancelled.
    """
    path = local_path(url)
    libraries.load(talking=path is None)
    if path is None:

        def progress(so_far: int, total: int | None) -> None:
            task.report(so_far / total if total else None, size_text(so_far))

        found = fetch(http, url, progress=progress, cancelled=lambda: task.cancelled, max_bytes=max_bytes, again=True)
    else:
        found = _here(path, max_bytes)
    return replace(found, name=called(name, found))


def _here(path: Path, max_bytes: int) -> Fetched:
    """A file of this computer, where it lies."""
    try:
        if not path.is_file():  # before it is opened: a pipe would be waited for
            raise FileError(path, "cannot be read: it is no file." if path.exists() else "is not there.")
        status = path.stat()
        if status.st_size > max_bytes:
            text = f"has {size_text(status.st_size)}; at most {size_text(max_bytes)} are taken from other programs."
            raise FileError(path, text)
        changed = datetime.fromtimestamp(status.st_mtime, UTC)
        return Fetched(path, path.as_uri(), path.name, recognise(path), status.st_size, changed)
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror or error}.") from error


def called(name: str, found: Fetched) -> str:
    """A name for a file that another program calls ``name``; never a path, and with an end that fits its content."""
    plain = " ".join(_NOT_IN_NAMES.sub("_", name).split()).strip("._ ")[:_LONGEST_NAME]
    if not plain:
        return file_name(found.url, found.content)
    suffix = found.content.suffix
    has_one = re.search(r"\.[a-zA-Z]\w{1,6}(\.gz)?$", plain) is not None
    return plain if has_one or not suffix else f"{plain}{suffix}"
