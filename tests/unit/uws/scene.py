"""What the checks of single rows of a table need: a client, a server, and a name for each row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from stopdesk.domain.job import Job
from stopdesk.uws.client import UwsClient
from stopdesk.uws.xml import read_job
from tests.fakes.clock import Clock
from tests.fakes.uws_server import UwsServer

JOB_URL = "http://vo.example.org/lvg/async/j1"
LIST_URL = "http://vo.example.org/lvg/async"


@dataclass
class Scene:
    """A client whose clock moves only as it sleeps, a UWS server, a server that answers as told, and a folder."""

    client: UwsClient
    server: UwsServer
    web: HTTPServer
    clock: Clock
    folder: Path

    def add(self, phase: str = "EXECUTING", **values: object) -> str:
        """Make a job on the server; gives its URL."""
        return self.server.job_url(self.server.add_job(phase, **values))

    def job(self, phase: str = "EXECUTING", **values: object) -> Job:
        """Make a job and read it."""
        return self.client.job(self.add(phase, **values))

    def answer(self, path: str, body: bytes | str = b"", status: int = 200, **headers: str) -> str:
        """Let the other server answer so at a path; gives the URL."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.web.expect_request(path).respond_with_data(body, status=status, headers=told)
        return self.web.url_for(path)

    def answer_by(self, path: str, handler: Callable[[Request], Response]) -> str:
        """The same with a function."""
        self.web.expect_request(path).respond_with_handler(handler)
        return self.web.url_for(path)

    @property
    def asked(self) -> list[str]:
        """What the UWS server was asked, as METHOD and path below the job list."""
        return [f"{each.method} {each.path[len(self.server.path) :]}" for each in self.server.requests]

    @property
    def files(self) -> list[str]:
        """The names of the files in the folder."""
        return sorted(path.name for path in self.folder.iterdir())


def document(inside: str, url: str = JOB_URL, root: str = 'job version="1.1"') -> Job:
    """The job of a document with this content."""
    return read_job(f"<{root}>{inside}</{root.split()[0]}>".encode(), url)


Check = Callable[[Scene], None]


class Rows:
    """The rows of a table, each with its check."""

    def __init__(self) -> None:
        self.checks: dict[str, Check] = {}

    def __call__(self, name: str) -> Callable[[Check], Check]:
        """Give a check the name of its row."""

        def put(check: Check) -> Check:
            assert name not in self.checks, name
            self.checks[name] = check
            return check

        return put

    @property
    def params(self) -> Sequence[object]:
        """For `pytest.mark.parametrize`."""
        return [pytest.param(check, id=name) for name, check in self.checks.items()]
