"""``stopdesk serve``: the local service as a program; the first line on stdout is its address.

It speaks on 127.0.0.1 only. While it runs, ``services/PORT.json`` in the user's data folder (readable by the user only)
tells its address and the token of this start; a lock keeps a second service out of the same data folder.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import logging
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import uvicorn

from stopdesk import log
from stopdesk.engines.workers import WorkerPool
from stopdesk.errors import InputError, StopdeskError
from stopdesk.uws.service.app import Service, build
from stopdesk.uws.service.changes import Changes
from stopdesk.uws.service.places import TAKEN, Notice, announced, default_data
from stopdesk.uws.service.store import Store
from stopdesk.uws.service.supervisor import Supervisor

_logger = logging.getLogger(__name__)

#: How long requests and workers get to end in good order, in seconds.
_GRACE = 3


def main(argv: Sequence[str]) -> int:
    """Run the service until SIGTERM, SIGINT or, with ``--with-parent``, the end of stdin; gives the exit code."""
    parser = _parser()
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as ending:  # argparse has said why
        return int(ending.code or 0)
    log.start("service")
    try:
        with ExitStack() as stack:
            _run(arguments, stack)
    except StopdeskError as error:
        print(error, file=sys.stderr)  # noqa: T201  # what a command has to say
        return error.exit_code
    except OSError as error:
        print(f"The service cannot run: {error}. Check the data folder and its disk.", file=sys.stderr)  # noqa: T201
        return InputError.exit_code
    return 0


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    """Hold the data folder for us alone; InputError when another service holds it. A death releases it."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"{TAKEN} {data}; stop it, or choose another folder with --data.") from None
        yield


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stopdesk serve", description="Run the local UWS service; its address is the first line on stdout."
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; a free one unless given")
    parser.add_argument("--data", type=Path, help="folder of the jobs and their files")
    parser.add_argument("--workers", type=int, help="number of worker processes; one a core unless given")
    parser.add_argument("--open", action="store_true", help="let every program on this machine in, without a token")
    parser.add_argument("--with-parent", action="store_true", help="end when stdin ends")
    return parser


def _run(arguments: argparse.Namespace, stack: ExitStack) -> None:
    """Build everything, serve, and take it down in the opposite order."""
    data = (arguments.data or default_data()).expanduser().resolve()
    n_workers = arguments.workers if arguments.workers is not None else os.cpu_count() or 1
    if n_workers < 1:
        raise InputError("The number of workers is at least 1.")
    stack.enter_context(_locked(data))
    listener = stack.enter_context(_listening(arguments.port))
    port = listener.getsockname()[1]
    token = None if arguments.open else secrets.token_urlsafe(32)
    store = Store(data)
    stack.callback(store.close)
    pool = WorkerPool(n_workers)
    changes = Changes()
    supervisor = Supervisor(store=store, pool=pool, changes=changes)
    stack.callback(supervisor.close, lambda: pool.close(_GRACE))
    supervisor.start()
    pool.warm_up()
    service = Service(store=store, supervisor=supervisor, changes=changes, n_workers=n_workers)
    server = LoopbackServer(build(service, port=port, token=token), changes=changes, address=_address(port))
    notice = Notice(url=_address(port), token=token, pid=os.getpid(), data=str(data))
    stack.enter_context(announced(notice, port))
    _end_on_signals(server)
    if arguments.with_parent:
        threading.Thread(target=_end_with_parent, args=(server,), name="parent", daemon=True).start()
    asyncio.run(server.serve(sockets=[listener]))


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}/"


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """A socket on loopback; InputError when the port is taken or none."""
    # asyncio turns off Nagle's delay (40 ms an answer) only where the protocol is named
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise InputError(f"Port {port} cannot be used ({error}); choose another with --port.") from error
        yield listener


class LoopbackServer(uvicorn.Server):
    """uvicorn with our signals, our first line, and an end that wakes who waits for a job."""

    def __init__(self, app: object, *, changes: Changes, address: str) -> None:
        config = uvicorn.Config(
            app,  # type: ignore[arg-type]  # an ASGI application
            http="h11",
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=_GRACE,
        )
        super().__init__(config)
        self._changes = changes
        self._address = address

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to us: uvicorn raises them again at its end, before we have cleaned up."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then say where."""
        await super().startup(sockets)
        print(self._address, flush=True)  # noqa: T201  # the first line on stdout

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Wake who waits, then let the answers end."""
        self._changes.close()
        await super().shutdown(sockets)


def _end_on_signals(server: uvicorn.Server) -> None:
    """SIGTERM, SIGINT and SIGHUP end the service in good order."""

    def end(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup asks to outlive its terminal
            signal.signal(number, end)


def _end_with_parent(server: uvicorn.Server) -> None:
    """End the service when stdin ends, which it does when the parent dies, however it dies."""
    while os.read(0, 1024):  # not sys.stdin, whose lock would be held at the end of the interpreter
        pass
    _logger.info("stdin has ended, and so does the service")
    server.should_exit = True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
