"""Sessions of requests as we want them: nothing read from .netrc, no cookies kept, and our name said."""

from __future__ import annotations

from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from importlib import metadata
from typing import TypeVar

import requests

from stopdesk.net.deadline import WatchedAdapter

S = TypeVar("S", bound=requests.Session)


def user_agent() -> str:
    """What we call ourselves."""
    try:
        return f"stopdesk/{metadata.version('stopdesk')}"
    except metadata.PackageNotFoundError:
        return "stopdesk"


def plain(session: S, adapter: Callable[[], WatchedAdapter]) -> S:
    """The session without .netrc, without cookies, with our name and with adapters of this kind."""
    session.trust_env = False
    session.headers["User-Agent"] = user_agent()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("http://", adapter())
    session.mount("https://", adapter())
    return session
