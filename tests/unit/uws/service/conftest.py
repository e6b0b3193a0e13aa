"""The service over real HTTP with a pool that the test plays: phases change when the test says so."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import requests
import uvicorn

from stopdesk.engines.runner import OutputFile
from stopdesk.engines.workers import ModelTask, TaskListener
from stopdesk.uws.service.app import Service, build
from stopdesk.uws.service.changes import Changes
from stopdesk.uws.service.serve import LoopbackServer
from stopdesk.uws.service.store import Store
from stopdesk.uws.service.supervisor import Supervisor

TOKEN = "a token of the tests"
DEADLINE = 30.0


class StagePool:
    """Takes tasks and does nothing with them until the test says what."""

    def __init__(self) -> None:
        self.tasks: dict[str, ModelTask] = {}
        self.listeners: dict[str, TaskListener] = {}
        self.cancelled: list[str] = []

    def submit(self, task: ModelTask, listener: TaskListener) -> None:
        assert task.task_id not in self.tasks, "a job came twice"
        self.tasks[task.task_id] = task
        self.listeners[task.task_id] = listener

    def cancel(self, task_id: str) -> None:
        self.cancelled.append(task_id)

    def start(self, job_id: str) -> None:
        self.listeners[job_id].started()

    def finish(self, job_id: str, files: Mapping[str, bytes] | None = None) -> None:
        written = []
        for name, data in (files or {"grid.vot": b"<VOTABLE/>"}).items():
            path = self.tasks[job_id].outdir / name
            path.write_bytes(data)
            mime = "application/x-votable+xml" if name.endswith(".vot") else "application/json"
            written.append(OutputFile(path, mime))
        self.listeners[job_id].finished(written)

    def fail(self, job_id: str, sentence: str = "It did not work.", last_words: str = "") -> None:
        self.listeners[job_id].failed(sentence, last_words)


class QuickServer(LoopbackServer):
    """Prints no address among the words of the tests, and ends without uvicorn's pauses unless told to be patient."""

    patient = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await uvicorn.Server.startup(self, sockets)

    async def main_loop(self) -> None:
        await self.on_tick(0)
        while not self.should_exit:
            await asyncio.sleep(0.005)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.patient:
            await super().shutdown(sockets)
        self._changes.close()
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.tasks:
            await asyncio.sleep(0.005)


class RunningService:
    """A service on a free port in a thread, and a client of it that has the token."""

    def __init__(self, data: Path, *, token: str | None = TOKEN) -> None:
        self.pool = StagePool()
        self.changes = Changes()
        self.store = Store(data)
        self.supervisor = Supervisor(store=self.store, pool=self.pool, changes=self.changes)
        self.supervisor.start()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen()
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        service = Service(store=self.store, supervisor=self.supervisor, changes=self.changes, n_workers=2)
        self.server = QuickServer(build(service, port=self.port, token=token), changes=self.changes, address=self.url)
        self._thread = threading.Thread(target=lambda: asyncio.run(self.server.serve(sockets=[self._socket])))
        self._thread.start()
        self.http = requests.Session()
        self.http.trust_env = False
        if token:
            self.http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **options: object) -> requests.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: object) -> requests.Response:
        return self.request("POST", path, **options)

    def request(self, method: str, path: str, **options: object) -> requests.Response:
        url = path if path.startswith("http") else self.url + path
        return self.http.request(method, url, **{"allow_redirects": False, "timeout": DEADLINE, **options})  # type: ignore[arg-type]

    def create(self, model: str = "lte", **fields: str) -> str:
        """A new job's id."""
        answer = self.post(f"/{model}/jobs", data={"molecule": "co", **fields})
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].rpartition("/")[2]

    def phase(self, job_id: str, model: str = "lte") -> str:
        return self.get(f"/{model}/jobs/{job_id}/phase").text

    def stop(self) -> None:
        self.http.close()
        self.server.should_exit = True
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive()
        self.supervisor.close(lambda: None)
        self.store.close()
        self._socket.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[RunningService]:
    running = RunningService(tmp_path / "data")
    yield running
    running.stop()


@pytest.fixture
def restarted(tmp_path: Path) -> Iterator[Callable[[], RunningService]]:
    """Starts services on one data folder, one after the other."""
    running: list[RunningService] = []

    def start() -> RunningService:
        if running:
            running.pop().stop()
        running.append(RunningService(tmp_path / "data"))
        return running[0]

    yield start
    for each in running:
        each.stop()


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Waits for a condition; fails when it does not come true within the deadline."""

    def wait(condition: Callable[[], object]) -> None:
        tick, left = threading.Event(), int(DEADLINE / 0.005)
        while not condition():
            assert left > 0, "the condition did not come true"
            left -= 1
            tick.wait(0.005)

    return wait
