"""What every test has: a home of its own, silence in the log, and no threads or tasks left behind."""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"  # tests never see the user's secrets
for _name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
    os.environ.pop(_name, None)  # all servers of the tests are on loopback

#: Compiled numerics are kept between tests and runs; everything else of the user's is fresh in every test.
_COMPILED = Path(__file__).resolve().parent.parent / ".pytest_cache" / "compiled"


#: What a test waits for comes at once on a machine that does nothing else; on another one it may take this long.
_PATIENCE_MS = 60_000


class PatientBot(QtBot):
    """Waits for longer than five seconds where a test does not say how long."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = _PATIENCE_MS) -> None:
        """Wait until the condition holds."""
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = _PATIENCE_MS, **wishes: Any) -> Any:
        """Wait for a signal."""
        return super().waitSignal(signal, timeout=timeout, **wishes)


@pytest.fixture
def qtbot(qapp: object, request: pytest.FixtureRequest) -> QtBot:
    """The user's hands and eyes, with patience."""
    return PatientBot(request)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, data, caches and logs of this test alone."""
    folder = tmp_path / "home"
    monkeypatch.setenv("STOPDESK_HOME", str(folder))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(_COMPILED))
    monkeypatch.delenv("STOPDESK_PASSWORD", raising=False)
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{(tmp_path / 'samp').as_uri()}")
    return folder


@pytest.fixture(autouse=True)
def collected_here(request: pytest.FixtureRequest) -> Iterator[None]:
    """Garbage of tests with widgets is collected in the main thread, as in the program: see ui/collecting.py."""
    if "qtbot" not in request.fixturenames:
        yield
        return
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture
def expected_warnings() -> list[str]:
    """Add to this list the beginnings of log messages at WARNING or above that the test means to cause."""
    return []


@pytest.fixture(autouse=True)
def silence(caplog: pytest.LogCaptureFixture, expected_warnings: list[str]) -> Iterator[None]:
    """A record at WARNING or above fails the test unless it was expected."""
    yield
    loud = [
        record
        for when in ("setup", "call")
        for record in caplog.get_records(when)
        if record.levelno >= logging.WARNING
        and not any(record.getMessage().startswith(start) for start in expected_warnings)
    ]
    assert not loud, "logged: " + "; ".join(f"{record.name}: {record.getMessage()}" for record in loud)


@pytest.fixture(autouse=True)
def no_threads_left() -> Iterator[None]:
    """Threads that a test starts have ended when it ends, or end within a bounded time."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before and thread.is_alive()]
    for thread in left:
        thread.join(timeout=10)
    still = [thread.name for thread in left if thread.is_alive()]
    assert not still, f"threads left behind: {still}"
