"""Says whether an address that another program gives is a file of this computer, and which."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

from stopdesk.errors import InputError
from stopdesk.samp.wire import is_here


def local_path(url: str) -> Path | None:
    """The file at a ``file:`` address, None for an address by HTTP; InputError, with a sentence, for any other.

    ``file:/x``, ``file:///x`` and ``file://localhost/x`` are the same. Java writes addresses of files without coding
    ``#`` and ``?``, so these are part of the name.
    """
    scheme, colon, rest = url.strip().partition(":")
    scheme = scheme.lower()
    if colon and scheme in ("http", "https") and rest.startswith("//"):
        return None
    if not colon or scheme != "file":
        raise InputError(f"{_short(url)} is neither a file nor an address by HTTP, so stopdesk cannot open it.")
    if rest.startswith("//"):
        host, slash, rest = rest[2:].partition("/")
        rest = slash + rest
        if host and not is_here(host):
            raise InputError(f"{_short(url)} is a file of {host}, which is another computer. Send it over HTTP.")
    path = unquote_to_bytes(rest)
    if not path.startswith(b"/") or b"\0" in path:
        raise InputError(f"{_short(url)} does not say which file is meant: its path does not begin with /.")
    return Path(os.fsdecode(path))


def _short(url: str) -> str:
    return url if len(url) <= 200 else f"{url[:200]}…"
