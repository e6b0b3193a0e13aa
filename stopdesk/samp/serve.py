"""The hub of ``stopdesk samp hub`` and of the window: pyvo's hub on loopback in a process of its own.

The lock file goes with the process, and with ``--with-parent`` the process goes with the window, however that ends.
Where pyvo's hub would wait for ever, look beyond this computer, or keep what is dead, it is told otherwise here.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import os
import secrets
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from astropy import log as astropy_log
from pyvo import samp
from pyvo.samp.errors import SAMPHubError, SAMPProxyError, SAMPWarning
from pyvo.samp.standard_profile import SAMPSimpleXMLRPCRequestHandler

from stopdesk.errors import FileError, Gone, InputError, NetworkError, Refused, StopdeskError
from stopdesk.samp.finding import Hub, look_for_hub
from stopdesk.samp.lock import HubAddress, lock_path, read_lock, remove_lock, write_lock
from stopdesk.samp.wire import MAX_BYTES, Wire, require_here

LABEL = "stopdesk"
#: A hub that may be there has this long to answer, in seconds.
_PROBE = 3.0
#: A program has this long to take a message from us, in seconds.
_DELIVERY = 30.0
#: All programs together have this long to hear that the hub ends, in seconds.
_FAREWELL = 1.0
#: So often we look whether the lock file is still ours, in seconds.
_LOOK = 1.0


def main(argv: Sequence[str]) -> int:
    """Run a hub until SIGTERM, SIGINT or, with ``--with-parent``, the end of stdin; gives the exit code."""
    parser = argparse.ArgumentParser(prog="stopdesk samp hub", description="Run a SAMP hub for other programs.")
    parser.add_argument("--with-parent", action="store_true", help="end when stdin ends")
    arguments = parser.parse_args(argv)
    ending = ended_by_signals()
    if arguments.with_parent:
        threading.Thread(target=_wait_for_parent, args=(ending,), name="parent", daemon=True).start()
    try:
        run(ending, lambda address: print(address.url, flush=True))  # noqa: T201  # who started us waits for it
    except StopdeskError as error:
        print(error, file=sys.stderr)  # noqa: T201  # what a command has to say
        return error.exit_code
    return 0


def ended_by_signals() -> threading.Event:
    """An event that SIGTERM, SIGINT and SIGHUP set from now on."""
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: ending.set())
    return ending


def _wait_for_parent(ending: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    ending.set()


def run(ending: threading.Event, started: Callable[[HubAddress], object]) -> None:
    """Be the hub of this user until ``ending`` is set, or until another hub has put its lock file in place of ours.

    ``started`` is told where the hub is. Raises InputError where there is a hub already, FileError where the lock
    file cannot be written.
    """
    path = lock_path()
    found = look_for_hub(_PROBE)
    if found.hub is Hub.ALIVE:
        raise InputError(f"A SAMP hub is running already ({path} tells of it); all programs can use that one.")
    if found.hub is Hub.DEAD and found.address is not None:
        remove_lock(found.address)
    elif found.hub is not Hub.NONE:
        raise InputError(found.text)
    hub = _Hub()
    address = hub.serve(path)
    try:
        _write(address)
        started(address)
        while not ending.wait(_LOOK) and _is_ours(address):
            pass
    finally:
        remove_lock(address)
        hub.end()


def _write(address: HubAddress) -> None:
    try:
        write_lock(address, LABEL)
    except FileExistsError:
        if address.path.is_symlink() and not address.path.exists():
            text = "this link in the place of a hub's lock file leads to no file. Delete it, and start a hub again."
            raise FileError(address.path, text) from None
        raise InputError("Another SAMP hub has started at the same time; all programs can use that one.") from None
    except OSError as error:
        raise FileError(address.path, f"the lock file of the hub cannot be written ({error.strerror}).") from error


def _is_ours(address: HubAddress) -> bool:
    """Whether the lock file still tells of us; one that somebody has deleted is written again."""
    try:
        said = read_lock(address.path)
        if said is None:
            _write(address)
            return True
    except (FileError, InputError):
        return False
    return said == address


class _Handler(SAMPSimpleXMLRPCRequestHandler):  # type: ignore[misc]  # pyvo has no types
    timeout = _DELIVERY  # a caller that says nothing is not waited for

    def do_POST(self) -> None:
        """Refuse what is too long."""
        length = self.headers.get("content-length", "")
        if not length.isdigit() or int(length) > MAX_BYTES:
            self.send_error(413)
            return
        super().do_POST()


class _Hub(samp.SAMPHubServer):  # type: ignore[misc]  # pyvo has no types
    """Pyvo's hub with an end to every wait; what it does itself with lock files, which asks around, is left out."""

    def __init__(self) -> None:
        samp.conf.use_internet = False
        astropy_log.setLevel("ERROR")
        warnings.simplefilter("ignore", SAMPWarning)  # of each program that could not be reached
        super().__init__(secret=secrets.token_hex(16), addr="127.0.0.1", label=LABEL, web_profile=False)
        self._order = threading.RLock()
        self._launched_threads: list[threading.Thread] = []

    def serve(self, path: Path) -> HubAddress:
        """Begin to serve; gives what the lock file at ``path`` is to say."""
        self._start_standard_server()
        self._update_last_activity_time()
        self._setup_hub_as_client()
        self._start_threads()
        return HubAddress(str(self._url), str(self._hub_secret), path)

    def end(self) -> None:
        """Tell all programs, as far as they listen, and end."""
        event = "samp.hub.event.shutdown"
        with self._order:
            keys = [key for key in self._private_keys if self._is_subscribed(key, event)]
        for key in keys:
            message = {"samp.mtype": event, "samp.params": {}}
            self._launch_thread(target=self._notify_, args=(self._hub_private_key, self._private_keys[key][0], message))
        end = time.monotonic() + _FAREWELL
        for thread in list(self._launched_threads):
            thread.join(max(end - time.monotonic(), 0))
        self._is_running = False
        self._thread_run.join(_FAREWELL)

    def _start_standard_server(self) -> None:
        super()._start_standard_server()
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.RequestHandlerClass = _Handler
        plain = self._server._dispatch

        def one_by_one(method: str, params: Any) -> Any:  # pyvo changes its lists while other threads go through them
            if method == "samp.hub.callAndWait":
                return plain(method, params)
            with self._order:
                return plain(method, params)

        self._server._dispatch = one_by_one

    def _launch_thread(self, group: None = None, target: Any = None, name: str | None = None, args: Any = ()) -> None:
        self._launched_threads = [thread for thread in self._launched_threads if thread.is_alive()]
        thread = threading.Thread(target=target, name=name, args=args, daemon=True)
        self._launched_threads.append(thread)
        thread.start()

    def _get_new_ids(self) -> tuple[str, str]:
        _, public_id = super()._get_new_ids()
        return secrets.token_hex(16), str(public_id)  # pyvo's keys follow from the time

    def _set_xmlrpc_callback(self, private_key: str, xmlrpc_addr: str) -> str:
        if private_key == getattr(self, "_hub_private_key", ""):
            return str(super()._set_xmlrpc_callback(private_key, xmlrpc_addr))
        self._update_last_activity_time(private_key)
        if private_key not in self._private_keys:
            raise SAMPProxyError(5, "Private-key expired or invalid.")
        try:
            require_here(xmlrpc_addr)
        except InputError as error:
            raise SAMPProxyError(8, str(error)) from error
        self._xmlrpc_endpoints[self._private_keys[private_key][0]] = (xmlrpc_addr, None)
        return ""

    def _declare_subscriptions(self, private_key: str, mtypes: Any) -> str:
        patterns = [mtype.removesuffix("*") for mtype in mtypes if mtype.endswith("*")]
        kept = {
            mtype: copy.deepcopy(note)
            for mtype, note in mtypes.items()
            if not any(mtype.startswith(each) and mtype != f"{each}*" for each in patterns)
        }  # pyvo fails at the second declaration of what overlaps
        return str(super()._declare_subscriptions(private_key, kept))

    def _retry_method(self, private_key: str | None, client_id: str, method: str, params: Any) -> None:
        if client_id == self._hub_public_id:
            super()._retry_method(private_key, client_id, method, params)
            return
        endpoint = self._xmlrpc_endpoints.get(client_id)
        try:
            if private_key is None or endpoint is None:
                raise Gone(f"{client_id} takes no messages.", url="")
            Wire(endpoint[0]).call(f"samp.client.{method}", private_key, *params, seconds=_DELIVERY)
        except NetworkError as error:
            is_gone = isinstance(error, Gone)
            if private_key is not None and method == "receiveCall" and (is_gone or isinstance(error, Refused)):
                text = "The program is not there any more." if is_gone else str(error)  # others may answer yet
                answer = {"samp.status": "samp.error", "samp.error": {"samp.errortxt": text}}
                self._reply_(private_key, params[1], answer)
            if private_key is not None and is_gone and endpoint is not None:
                with self._order, contextlib.suppress(KeyError):  # it has left in good order meanwhile
                    self._unregister(private_key)
            raise SAMPHubError(str(error)) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
