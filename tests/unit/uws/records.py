"""The answers recorded from real UWS services, where their folder is at hand."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

ABSENT = "the recorded answers are not at hand; STOPDESK_SHARED names their folder"


def _folder() -> Path:
    checkout = Path(__file__).resolve().parents[3]
    shared = Path(os.environ.get("STOPDESK_SHARED", checkout.parent / "shared"))
    return shared / "data" / "uws-responses"


FOLDER = _folder()


def recorded(name: str) -> tuple[str, int, bytes]:
    """URL asked for, status and body of a record; skips the test where there are none."""
    if not FOLDER.is_dir():
        pytest.skip(ABSENT)
    text = (FOLDER / name).read_bytes()
    match = re.match(rb"# curl ([^\n]*)\nHTTP/1.1 (\d+)[^\n]*\n.*?\r?\n\r?\n(.*)", text, re.DOTALL)
    assert match is not None
    url = re.search(rb"https?://[^\s?]+", match[1])
    assert url is not None
    return url[0].decode(), int(match[2]), re.sub(rb"\n# \d+ in [^\n]*\s*$", b"", match[3])
