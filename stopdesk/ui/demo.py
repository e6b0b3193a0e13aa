"""Goes through the main job by itself: fill in the form, run it, look at the grid, save; a picture at each step."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from stopdesk.domain.job import Phase
from stopdesk.domain.run import Run
from stopdesk.errors import StopdeskError
from stopdesk.ui.document import Document
from stopdesk.ui.tasks import Tasks
from stopdesk.ui.window import Window

#: No step takes longer than this, a first compilation included, in seconds.
PATIENCE = 180.0

#: A step waits until its condition holds; the words say what did not come when it never does.
Wait = tuple[str, Callable[[], bool]]


class Demo(QObject):
    """Drives the real window: ``started_up`` when all is loaded, ``step`` before each step, ``finished`` at the end."""

    started_up = Signal()
    step = Signal(str)
    finished = Signal(int)

    def __init__(
        self, *, window: Window, document: Document, tasks: Tasks, out: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._document = document
        self._tasks = tasks
        self._out = out
        self._steps = self._play()
        self._wait: Wait | None = None
        self._since = 0.0
        self._saving = 0
        self._failed = ""
        self._pictures: list[str] = []
        self._clock = QTimer(self)
        self._clock.setInterval(20)
        self._clock.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin."""
        self._out.mkdir(parents=True, exist_ok=True)
        self._window.resize(1280, 800)
        self._window.show()
        self._since = time.monotonic()
        self._clock.start()

    def _tick(self) -> None:
        if self._failed:
            self._end(self._failed)
        elif self._wait is not None and not self._wait[1]():
            if time.monotonic() - self._since > PATIENCE:
                self._end(f"{self._wait[0]} did not come within {PATIENCE:.0f} s")
        else:
            self._since = time.monotonic()
            self._wait = next(self._steps, None)
            self.step.emit(self._wait[0] if self._wait else "the end")
            if self._wait is None:
                self._end("")

    def _end(self, trouble: str) -> None:
        self._clock.stop()
        if trouble:
            sys.stderr.write(f"stopdesk: the demonstration stopped: {trouble}\n")
        else:
            for name in self._pictures:
                sys.stdout.write(f"{self._out / name}\n")
        self.finished.emit(1 if trouble else 0)

    def _play(self) -> Iterator[Wait]:
        window, workspace = self._window, self._window.workspace
        window.results.prepare()
        yield "the plots", lambda: window.results.view.content is not None
        yield "the preview", lambda: workspace.preview.result is not None
        self.started_up.emit()
        self._picture("1-form.png")
        yield "the picture", self._saved
        workspace.run()
        yield "the job", lambda: self._phase() in (Phase.EXECUTING, Phase.COMPLETED, Phase.ERROR, Phase.ABORTED)
        self._picture_while_running("2-running.png")
        yield "the end of the job", lambda: self._phase() is not None and self._phase().is_final  # type: ignore[union-attr]
        run = self._run()
        if run is None or run.phase is not Phase.COMPLETED:
            self._failed = f"the job ended in {run.state if run else 'nothing'}"
        yield "the results", lambda: window.results.run_key != ""
        window.details_dock.show()
        window.jobs.select(window.results.run_key)
        yield "the details", lambda: self._saved() and window.details.is_settled
        self._picture("3-grid.png")
        window.details_dock.hide()
        yield "the picture", self._saved
        content = window.results.view.content
        assert content is not None
        for number, index in enumerate(range(content.tabs.count()), start=4):
            content.tabs.setCurrentIndex(index)
            name = content.tabs.tabText(index)
            yield f"the tab {name}", self._saved
            self._picture(f"{number}-{name.lower()}.png")
        run = self._document.session.runs[-1]
        window.results.save_files(run, tuple(run.results.values()), self._out)
        yield "the tables", lambda: not self._tasks_named("Saving the tables")
        target = self._out / "demo.stop"
        self._document.save(target, self._session_saved, self._session_not_saved)
        yield "the session", lambda: self._document.path == target and self._saved()

    def _run(self) -> Run | None:
        runs = self._document.session.runs
        return runs[-1] if runs else None

    def _phase(self) -> Phase | None:
        run = self._run()
        return run.phase if run is not None else None

    def _picture_while_running(self, name: str) -> None:
        """Take the picture now, and again with every progress that the job shows: the last one stays."""
        self._picture(name)
        said = ""

        def again(key: str) -> None:
            nonlocal said
            run = self._document.session.run(key)
            progress = run.job.progress.message if run.job is not None and run.job.progress is not None else ""
            if run.phase is Phase.EXECUTING and progress not in ("", said):
                said = progress
                self._picture(name)

        self._document.run_changed.connect(again)

    def _session_saved(self) -> None:
        self._pictures.append("demo.stop")

    def _session_not_saved(self, error: StopdeskError) -> None:
        self._failed = str(error)

    def _tasks_named(self, start: str) -> bool:
        return any(task.name.startswith(start) for task in self._tasks.under_way)

    def _saved(self) -> bool:
        return self._saving == 0

    def _picture(self, name: str) -> None:
        image = self._grab()
        path = self._out / name
        self._saving += 1

        def saved(_: object) -> None:
            self._saving -= 1
            self._pictures += [name] if name not in self._pictures else []

        self._tasks.start(f"Saving {name}", lambda _: image.save(str(path)), done=saved, quiet=True)

    def _grab(self) -> QImage:
        """What is on the screen of the window: ten times as quick as painting it once more."""
        return self._window.screen().grabWindow(self._window.winId()).toImage()
