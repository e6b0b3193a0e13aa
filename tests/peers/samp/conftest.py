"""The ground of the SAMP tests: a lock file of their own, a display, hubs and programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from tests.peers.samp.aladin import Aladin, aladin
from tests.peers.samp.at_window import AtWindow
from tests.peers.samp.display import Display, xvfb
from tests.peers.samp.hubs import Lock, jsamp_hub, pyvo_hub
from tests.peers.samp.programs import Program
from tests.peers.samp.topcat import Topcat, topcat


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lock:
    """Where the hub of this test is found, by stopdesk in this process too."""
    folder = tmp_path / "programs"
    folder.mkdir()
    lock = Lock(folder)
    for name, value in lock.environment.items():
        monkeypatch.setenv(name, value)
    return lock


@pytest.fixture(scope="session")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    """A display for all."""
    with xvfb(tmp_path_factory.mktemp("display")) as display:
        yield display


@pytest.fixture(params=["JSAMP", "pyvo"])
def hub(request: pytest.FixtureRequest, lock: Lock) -> Iterator[Program]:
    """A hub of each kind."""
    with (jsamp_hub if request.param == "JSAMP" else pyvo_hub)(lock) as program:
        yield program


@pytest.fixture
def at_window(qtbot: QtBot, desk: app.Desk, lock: Lock) -> AtWindow:
    """The window, not yet connected."""
    return AtWindow(qtbot, desk)


@pytest.fixture
def a_topcat(display: Display, lock: Lock) -> Iterator[Topcat]:
    """TOPCAT, which waits for a hub."""
    with topcat(display, lock) as program:
        yield program


@pytest.fixture
def an_aladin(display: Display, lock: Lock) -> Iterator[Aladin]:
    """Aladin; a hub must be there before it."""
    with aladin(display, lock) as program:
        yield program
