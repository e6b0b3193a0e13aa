"""The file by which programs find the SAMP hub: where it lies, what it says, and when it may be taken away.

Standard Profile of SAMP 1.3, section 4.3: lines ``key=value`` in ``~/.samp``, or in the file that the environment
variable SAMP_HUB names by ``std-lockurl:``.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from stopdesk.errors import FileError, InputError
from stopdesk.samp.wire import require_here

_PROFILE = "std-lockurl:"
_SECRET = "samp.secret"
_URL = "samp.hub.xmlrpc.url"
_VERSION = "samp.profile.version"
#: A lock file has a few hundred bytes.
_MOST_BYTES = 65536


@dataclass(frozen=True)
class HubAddress:
    """Where a hub is, the secret that lets its user's programs in, and the lock file that says so."""

    url: str
    secret: str
    path: Path


def lock_path() -> Path:
    """Where the lock file of this user's hub is, or would be; InputError for a SAMP_HUB that names no file."""
    named = os.environ.get("SAMP_HUB", "")
    if not named:
        return Path.home() / ".samp"
    try:
        parts = urlsplit(named.removeprefix(_PROFILE))
    except ValueError:
        parts = urlsplit("")
    path = unquote(parts.path)
    is_file = named.startswith(_PROFILE) and parts.scheme == "file" and parts.netloc in ("", "localhost")
    if not (is_file and path.startswith("/") and "\0" not in path):
        raise InputError(
            f"SAMP_HUB is {named!r}, and stopdesk finds hubs by lock files of this computer only. "
            "Set it to std-lockurl:file:///PATH, or leave it out."
        )
    return Path(path)


def read_lock(path: Path) -> HubAddress | None:
    """What the lock file says, None where there is none; FileError where it says nothing that can be used.

    Lines that are no ``key=value`` are passed over, as the hubs and clients of JSAMP do.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            is_file = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            text = file.read(_MOST_BYTES).decode("utf-8", "replace") if is_file else ""
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise FileError(path, f"this lock file of a SAMP hub cannot be read ({error.strerror or error}).") from error
    lines = [line.partition("=") for line in text.splitlines() if not line.lstrip().startswith("#")]
    said = {key.strip(): value.strip() for key, equals, value in lines if equals}
    missing = [key for key in (_SECRET, _URL) if not said.get(key)]
    if missing:
        raise FileError(
            path,
            f"this lock file of a SAMP hub does not say {' nor '.join(missing)}. "
            "Delete it when no other program runs a hub, and connect again.",
        )
    url = said[_URL].replace("\\", "")  # Java's properties write "http\://"
    try:
        require_here(url)
    except InputError as error:
        raise FileError(path, f"this lock file of a SAMP hub cannot be used. {error}") from error
    return HubAddress(url, said[_SECRET], path)


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe, too, which would else be waited for until somebody writes to it."""
    return os.open(path, flags | os.O_NONBLOCK)


def write_lock(address: HubAddress, label: str) -> None:
    """Say where our hub is, in a file for its user alone; FileExistsError where there is a file already.

    OSError where it cannot be written; nothing is left of it then.
    """
    text = (
        f"# SAMP hub of {label}\n{_SECRET}={address.secret}\n{_URL}={address.url}\n{_VERSION}=1.3\nhub.label={label}\n"
    )
    number = os.open(address.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(text.encode("ascii", "replace"))
    except OSError:
        with contextlib.suppress(OSError):
            address.path.unlink()
        raise


def remove_lock(address: HubAddress) -> bool:
    """Take the lock file away if it still says what was read from it; tells whether it is gone."""
    try:
        if read_lock(address.path) != address:
            return False
        address.path.unlink(missing_ok=True)
    except (FileError, OSError):
        return False
    return True
