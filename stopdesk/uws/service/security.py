"""Who may speak to the service: only who knows the token, and no page of a web browser."""

from __future__ import annotations

import hmac

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stopdesk.uws.service import documents

#: Open to who has no token: it says nothing but that the service is there, which starters and monitors ask.
PUBLIC = "/availability"

VOTABLE = "application/x-votable+xml"


class Gate:
    """Lets a request pass, or answers 401 and 403 itself.

    ``Host`` has to be ours: a foreign name that leads to 127.0.0.1 (DNS rebinding) is refused, as are requests that
    a browser sends for a page from elsewhere (``Origin``). With ``token`` None, whoever passes these may speak.
    """

    def __init__(self, app: ASGIApp, *, port: int, token: str | None) -> None:
        self._app = app
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self._origins = tuple(f"http://{host}" for host in self._hosts)
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope), scope["path"])
        await (refusal or self._app)(scope, receive, _hardened(send))

    def _refusal(self, headers: Headers, path: str) -> Response | None:
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return _answer(403, f"This service answers to {' and '.join(self._hosts)} only.")
        if any(origin.lower() not in self._origins for origin in origins):
            return _answer(403, "Pages from elsewhere may not use this service.")
        if self._token is None or path == PUBLIC or self._knows_token(headers.get("authorization", "")):
            return None
        refusal = _answer(401, "The token of this service is needed; only who started it has it.")
        refusal.headers["WWW-Authenticate"] = 'Bearer realm="stopdesk"'
        return refusal

    def _knows_token(self, authorization: str) -> bool:
        scheme, _, given = authorization.partition(" ")
        assert self._token is not None
        same = hmac.compare_digest(given.strip().encode(), self._token.encode())
        return same and scheme.lower() == "bearer"


def _answer(status: int, sentence: str) -> Response:
    return Response(documents.error(sentence), status, media_type=VOTABLE)


def _hardened(send: Send) -> Send:
    """Answers that no browser takes for something else than they are, and that nobody keeps."""

    async def hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                *message.get("headers", ()),
                (b"x-content-type-options", b"nosniff"),
                (b"cache-control", b"no-store"),
            ]
        await send(message)

    return hardened
