"""The demonstration leaves its pictures, tables and session, and the window never stalls meanwhile."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.formats.results import read_grid
from stopdesk.session.file import read_session
from stopdesk.ui.demo import Demo
from tests.desk import Heartbeat

pytestmark = pytest.mark.timeout(300)

PICTURES = ("1-form", "2-running", "3-grid", "4-spectrum", "5-lines", "6-map", "7-curves")
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "pictures"

#: The longest pause of the window's thread after start-up, in milliseconds. On a machine shared with other tests a
#: pause may be the machine's; ten times what is promised fails wherever it is.
PROMISED_MS, FAILS_MS = 50, 500


def test_the_demo_leaves_everything_and_never_stalls(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    out = tmp_path / "out"
    demo = Demo(window=desk.window, document=desk.document, tasks=desk.tasks, out=out)
    heart = Heartbeat()
    doing = [""]
    heart.doing = lambda: doing[0]
    demo.step.connect(lambda name: doing.__setitem__(0, name))
    demo.started_up.connect(heart.start)
    with qtbot.waitSignal(demo.finished, timeout=280_000) as finished:
        demo.start()
    heart.stop()
    assert finished.args == [0]

    for name in PICTURES:
        image = QImage(str(out / f"{name}.png"))
        assert (image.width(), image.height()) == (1280, 800), name
    grid = read_grid(out / "grid.vot")
    assert (grid.n_rows, grid.molecule) == (250, "CO")
    assert (out / "lines.vot").stat().st_size > 100_000
    (run,) = read_session(out / "demo.stop").runs
    assert run.state == "completed"
    assert len(run.results) == 3

    print(f"longest pause of the window's thread: {heart.longest_ms:.0f} ms (promised: {PROMISED_MS}); {heart.when}")
    assert heart.longest_ms < FAILS_MS
    if os.environ.get("STOPDESK_PICTURES"):  # `make pictures` renews those of the manual
        GUIDE.mkdir(parents=True, exist_ok=True)
        for name in PICTURES:
            shutil.copy(out / f"{name}.png", GUIDE / f"{name}.png")
