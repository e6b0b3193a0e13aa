"""Every fault that services are known for, one by one: what the user sees, that nothing is lost, that all goes on.

The window's heartbeat is taken through all of them and printed (``-rP``).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from tests.desk import Heartbeat
from tests.e2e import faults_of_answers, faults_of_services
from tests.e2e.fault_scene import Case, Scene
from tests.fakes.uws_server import UwsServer

pytestmark = pytest.mark.timeout(180)

#: A pause of 100 ms is too long for the user; a busy machine of two cores is allowed ten times that.
LONGEST_PAUSE_MS = 1000


@pytest.fixture
def scene(qtbot: QtBot, desk: app.Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    with UwsServer() as server:
        yield Scene(qtbot, desk, server, monkeypatch, Heartbeat())


def is_sentence(text: str) -> bool:
    """Whether it has an end; the server's own words may have none."""
    return text.rstrip().endswith((".", "?", "!", ")")) or "say" in text


@pytest.mark.parametrize("case", [*faults_of_services.CASES.params, *faults_of_answers.CASES.params])
def test_it_is_told_in_words_and_survived(scene: Scene, case: Case) -> None:
    scene.heart.start()
    case(scene)
    pauses = [scene.heart.longest_ms]
    said = scene.said()
    scene.heart.start()
    scene.still_works()
    pauses.append(scene.heart.longest_ms)
    scene.heart.stop()
    print("longest pause during and after the fault: {:.0f} and {:.0f} ms".format(*pauses))
    assert not [text for text in said if any(word in text for word in ("Traceback", "unexpected fault", "Error("))]
    assert not [text for text in said if not is_sentence(text)]
    assert max(pauses) < LONGEST_PAUSE_MS
