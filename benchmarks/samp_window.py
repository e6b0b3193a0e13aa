"""The window of the benchmark of SAMP: the real one, connected, with tables and grids to send, and its pauses."""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEventLoop, QProcess, QTimer
from PySide6.QtWidgets import QApplication

from tests.peers.samp.hubs import Lock, jsamp_hub
from tests.peers.samp.programs import Program, started, until

if TYPE_CHECKING:
    from stopdesk import app
    from stopdesk.domain.result import ModelResult

PATIENCE_S = 120.0

_HERE = Path(__file__).resolve().parent


@dataclass
class Measured:
    """Seconds of each round, and the longest pause of the window in each, in milliseconds."""

    seconds: list[float] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The median of the seconds."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        times = f"{self.median:8.2f}   ({min(self.seconds):.2f} to {max(self.seconds):.2f})"
        if not self.pauses:
            return times
        return f"{times:28} {statistics.median(self.pauses):6.0f} ms   (at most {max(self.pauses):.0f})"


class AtWindow:
    """The real window, connected, and the other process that asks."""

    def __init__(self, desk: app.Desk, folder: Path) -> None:
        from tests.desk import Heartbeat

        self.desk = desk
        self.folder = folder
        self.heartbeat = Heartbeat()
        self._numbers = itertools.count()
        self._outcomes: dict[str, list[tuple[float, Any]]] = {}
        desk.samp.answered.connect(self._note)
        self._other = QProcess()
        self._other.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        self._other.start(sys.executable, [str(_HERE / "samp_asker.py")])
        self.answer()

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Let the window live until a condition holds."""
        loop, timer, end = QEventLoop(), QTimer(interval=2), time.monotonic() + PATIENCE_S
        timer.timeout.connect(lambda: loop.quit() if condition() or time.monotonic() > end else None)
        timer.start()
        loop.exec()
        timer.stop()
        assert time.monotonic() <= end, f"waited in vain: {what}; told: {self.told()}"

    def told(self) -> list[str]:
        """What the user was told."""
        return [notice.text for notice in self.desk.notices.history]

    def settle(self) -> None:
        """Wait until the window has nothing to do."""
        self.until(lambda: not self.desk.tasks.under_way, "nothing is under way")
        QApplication.processEvents()

    def order(self, do: str, **what: object) -> None:
        """Have the other process do something."""
        self._other.write((json.dumps({"do": do, **what}) + "\n").encode())

    def answer(self) -> dict[str, float]:
        """What the other process says next."""
        self.until(lambda: self._other.canReadLine() or not self._other.state().value, "the other process answers")
        found: dict[str, float] = json.loads(bytes(self._other.readLine().data()))
        return found

    def close(self) -> None:
        """Let the other process go."""
        self._other.closeWriteChannel()
        self._other.waitForFinished(10_000)

    @contextmanager
    def measuring(self, measured: Measured) -> Iterator[None]:
        """Note the longest pause."""
        self.settle()
        self.heartbeat.start()
        yield
        self.heartbeat.stop()
        measured.pauses.append(self.heartbeat.longest_ms)

    def open_table(self, n_rows: int, *, with_texts: bool) -> None:
        """Open a table of 20 columns among the observations, of other values each time."""
        from stopdesk.formats.votable import write_table

        number = next(self._numbers)
        write_table(
            table(n_rows, number, with_texts=with_texts), path := self.folder / f"table-{number}.vot", "binary2"
        )
        observe = self.desk.window.observe
        n = len(observe.own.records)
        self.desk.window.show_page("observe")
        observe.add_table(path)
        self.until(lambda: len(observe.own.records) > n and observe.area.table.rows.n_rows == n_rows, "rows are shown")
        self.until(lambda: observe.area.is_settled, "the rows are looked through")
        self.settle()

    def open_grid(self, n_rows: int) -> Any:
        """Open a run with a result of so many rows, of other values each time; gives what shows it."""
        from stopdesk.domain.job import Phase
        from stopdesk.domain.run import StoredFile
        from stopdesk.formats.results import write_grid
        from tests.runs import make_run

        number = next(self._numbers)
        write_grid(grid(n_rows, number), path := self.folder / f"grid-{number}.vot")
        document, results = self.desk.document, self.desk.window.results
        sha256, size = document.store.put_blob(path)
        stored = StoredFile(name="grid.vot", sha256=sha256, size=size)
        run = make_run(f"Grid {number}", Phase.COMPLETED, model="lvg", results={"grid.vot": stored})
        document.put_run(run)
        shown: list[str] = []
        results.shown.connect(shown.append)
        self.desk.window.open_results(run.key)
        self.until(lambda: run.key in shown, "the result is shown")
        self.settle()
        return results.view.content

    def send(self, menu: Any, title: str, whom: str) -> float:
        """Send from a menu; gives the time of the click."""
        menu.aboutToShow.emit()
        within = next(each for each in menu.menus if each.title().startswith(title))
        self.until(lambda: any(each.name.casefold() == whom for each in self.desk.samp.peers), f"{whom} is there")
        within.aboutToShow.emit()
        start = time.monotonic()
        action = next((each for each in within.actions() if each.text().casefold() == whom), None)
        assert action is not None, [each.text() for each in within.actions()]
        action.trigger()
        return start

    def answered(self, mtype: str, n: int) -> tuple[float, Any]:
        """When the ``n``-th message of this type was answered, and the outcome, which is a good one."""
        self.until(lambda: len(self._outcomes.get(mtype, ())) >= n, f"an answer to {mtype}")
        when, outcome = self._outcomes[mtype][n - 1]
        assert outcome.answer.name in ("OK", "WARNING"), outcome
        return when, outcome

    def n_answered(self, mtype: str) -> int:
        """How many messages of this type were answered so far."""
        return len(self._outcomes.get(mtype, ()))

    def _note(self, outcome: Any) -> None:
        if outcome.peer.name != "other":
            self._outcomes.setdefault(outcome.message.mtype, []).append((time.monotonic(), outcome))


def table(n_rows: int, number: int, *, with_texts: bool) -> Any:
    """20 columns, as of an ObsCore service with six of text, or all of numbers."""
    from astropy.table import Table

    if with_texts:
        from benchmarks.votable import sample

        found = sample(n_rows)
        found["t_min"] += number
        return found
    rng = np.random.default_rng(number)
    return Table({f"number{k}": rng.random(n_rows) if k % 3 else rng.integers(0, 99, n_rows) for k in range(20)})


def grid(n_rows: int, number: int) -> ModelResult:
    """A result of two lines with numbers that mean nothing."""
    from stopdesk.domain.models import model_spec
    from stopdesk.formats.molecules import load
    from tests.ui.sample_results import sample

    n = n_rows // 1_000 or 1
    axes = {"column_density": f"1e14:1e17:{n}:log", "density_h2": "1e3:1e6:10:log", "kinetic_temperature": "10:109:100"}
    spec, small = model_spec("lvg"), sample(n_lines=2)
    request = {"molecule": "co", "geometry": "uniform_slab", "line_width": "1"} | axes
    values = spec.check(spec.read(request), load("co"))
    some = np.linspace(0.0, 1.0 + number, 2 * n_rows).reshape(-1, 2)
    outputs = {name: some + k for k, name in enumerate(small.outputs) if name != "maser"}
    outputs["maser"] = np.zeros((n_rows, 2), dtype=bool)
    return replace(small, values=values, outputs=outputs, row_outputs={"converged": np.ones(n_rows, dtype=bool)})


@contextmanager
def connected(lock: Lock, folder: Path, which: str) -> Iterator[AtWindow]:
    """The window, connected through a hub in a process of its own."""
    from stopdesk import app

    words = [sys.executable, "-m", "stopdesk", "samp", "hub"]
    qt = QApplication.instance() or app._application()  # as the program makes it
    with ExitStack() as stack:
        if which == "JSAMP":
            stack.enter_context(jsamp_hub(lock))
        else:
            hub: Program = stack.enter_context(
                started(words, lock.folder, {**lock.environment, "PYTHONPATH": str(_HERE.parent)})
            )
            until(lambda: lock.answers() or not hub.runs, "the hub answers")
        desk = app.build()
        stack.callback(desk.shut_down)
        desk.window.resize(1400, 900)
        desk.window.show()
        desk.samp.start()
        at = AtWindow(desk, folder)
        stack.callback(at.close)
        at.until(lambda: desk.samp.is_connected, "connected")
        at.settle()
        yield at
        desk.window.hide()
        del qt
