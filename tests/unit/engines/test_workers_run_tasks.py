"""The pool computes tasks in its processes, in turns, survives the death of a process, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from stopdesk.engines import runner
from stopdesk.engines.runner import OutputFile
from stopdesk.engines.workers import ModelTask, WorkerPool
from stopdesk.formats import results
from tests.processes import workers

#: LTE models of CO: many seconds of work.
_LONG = {"column_density": "1e14:1e19:1000:log", "excitation_temperature": "5:100:400"}
_GRID = {"column_density": "1e14:1e19:250:log", "excitation_temperature": "5:100:100", "frequency_max": "200"}
_DEADLINE = 60.0


class Listener:
    """Keeps what it hears, and lets the test wait for it."""

    def __init__(self, name: str = "", heard: list[str] | None = None) -> None:
        self.name = name
        self.heard = [] if heard is None else heard
        self.progress: list[tuple[int, int, str]] = []
        self.files: tuple[OutputFile, ...] = ()
        self.failure: tuple[str, str] | None = None
        self.began, self.ended = threading.Event(), threading.Event()

    def started(self) -> None:
        self.heard.append(f"{self.name}started")

    def progressed(self, done: int, total: int, message: str) -> None:
        self.progress.append((done, total, message))
        if done:
            self.began.set()

    def finished(self, files: Sequence[OutputFile]) -> None:
        self.files = tuple(files)
        self.heard.append(f"{self.name}finished")
        self.ended.set()

    def failed(self, sentence: str, last_words: str) -> None:
        self.failure = (sentence, last_words)
        self.heard.append(f"{self.name}failed")
        self.ended.set()

    def wait(self) -> None:
        assert self.ended.wait(_DEADLINE)


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(2)
    yield pool
    pool.close(timeout=10)
    assert not workers()


@pytest.fixture
def submit(pool: WorkerPool, tmp_path: Path) -> Callable[..., Listener]:
    def submit(task_id: str, request: dict[str, str], model: str = "lte", **more: object) -> Listener:
        listener = Listener(**more)  # type: ignore[arg-type]
        pool.submit(ModelTask(task_id, model, request, {}, tmp_path / task_id), listener)
        return listener

    return submit


def test_a_short_task_is_done(submit: Callable[..., Listener], tmp_path: Path) -> None:
    listener = submit("one", {})
    listener.wait()
    assert listener.heard == ["started", "finished"]
    assert listener.progress[-1] == (1, 1, "")
    assert [file.path for file in listener.files] == [
        tmp_path / "one" / name for name in ("grid.vot", "lines.vot", "summary.json")
    ]
    assert {path.name for path in (tmp_path / "one").iterdir()} == {"grid.vot", "lines.vot", "summary.json"}


def test_a_grid_in_pieces_is_the_grid_in_one(submit: Callable[..., Listener], tmp_path: Path) -> None:
    listener = submit("grid", _GRID)
    listener.wait()
    found = results.read_grid(listener.files[0].path)
    plan = runner.prepare("lte", _GRID, {})
    for name, data in runner.compute(plan).outputs.items():
        np.testing.assert_allclose(found.outputs[name], data, rtol=1e-12)
    done = [done for done, _, _ in listener.progress]
    assert done == sorted(done)
    assert len(set(done)) > 4
    assert (done[-1], {total for _, total, _ in listener.progress}) == (25_000, {25_000})
    assert not list((tmp_path / "grid").glob(".*"))


def test_lvg_gives_the_same_in_a_process(submit: Callable[..., Listener]) -> None:
    request = {"density_h2": "1e3:1e6:20:log", "column_density": "1e14:1e18:10:log"}
    listener = submit("lvg", request, "lvg")
    listener.wait()
    found = results.read_grid(listener.files[0].path)
    expected = runner.compute(runner.prepare("lvg", request, {}))
    assert found.row_outputs["converged"].all()
    np.testing.assert_allclose(found.outputs["flux"], expected.outputs["flux"], rtol=1e-5)


def test_bad_input_fails_with_a_sentence(submit: Callable[..., Listener]) -> None:
    listener = submit("bad", {"molecule": "xyz"})
    listener.wait()
    assert listener.failure is not None
    assert "xyz" in listener.failure[0]
    submit("good", {}).wait()


def test_a_small_task_overtakes_a_big_grid(submit: Callable[..., Listener], pool: WorkerPool) -> None:
    heard: list[str] = []
    big = submit("big", _LONG, name="big ", heard=heard)
    assert big.began.wait(_DEADLINE)
    submit("small", _GRID, name="small ", heard=heard).wait()
    assert heard == ["big started", "small started", "small finished"]
    pool.cancel("big")


def test_cancel_kills_and_silences(submit: Callable[..., Listener], pool: WorkerPool, tmp_path: Path) -> None:
    listener = submit("long", _LONG)
    assert listener.began.wait(_DEADLINE)
    busy = workers()
    assert len(busy) == 2
    pool.cancel("long")
    after = submit("next", {})
    after.wait()
    assert not busy & workers()
    assert listener.heard == ["started"]
    assert not list((tmp_path / "long").glob("*"))
    pool.cancel("long")
    pool.cancel("unheard of")


def test_a_waiting_task_can_be_cancelled(submit: Callable[..., Listener], pool: WorkerPool) -> None:
    pool.warm_up()
    listeners = [submit(f"task {i}", _LONG) for i in range(6)]
    for i in range(6):
        pool.cancel(f"task {i}")
    submit("next", {}).wait()
    assert not any(listener.ended.is_set() for listener in listeners)


def test_a_killed_process_fails_its_task_alone(submit: Callable[..., Listener]) -> None:
    listener = submit("long", _LONG)
    assert listener.began.wait(_DEADLINE)
    os.kill(min(workers()), signal.SIGKILL)
    listener.wait()
    assert listener.failure is not None
    assert listener.failure[0].startswith("The worker process died (signal 9, SIGKILL) while it computed rows")
    others = [submit(f"other {i}", {}) for i in range(4)]
    for other in others:
        other.wait()
        assert other.heard == ["started", "finished"]


def test_the_last_words_of_a_process_are_kept(submit: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONFAULTHANDLER", "1")
    listener = submit("long", _LONG)
    assert listener.began.wait(_DEADLINE)
    os.kill(min(workers()), signal.SIGSEGV)
    listener.wait()
    assert listener.failure is not None
    assert "signal 11, SIGSEGV" in listener.failure[0]
    assert "Segmentation fault" in listener.failure[1]


def test_an_idle_process_that_dies_is_replaced(submit: Callable[..., Listener]) -> None:
    submit("first", {}).wait()
    for pid in workers():
        os.kill(pid, signal.SIGKILL)
    outcomes = [submit(f"task {i}", {}) for i in range(3)]
    for listener in outcomes:
        listener.wait()
    # A task may meet the process before its death is known; that ends this task, and no other.
    assert sum(listener.failure is not None for listener in outcomes) <= 1


def test_many_tasks_at_once_all_end(submit: Callable[..., Listener]) -> None:
    listeners = [submit(f"task {i}", {"excitation_temperature": str(10 + i)}) for i in range(60)]
    for i, listener in enumerate(listeners):
        listener.wait()
        result = results.read_grid(listener.files[0].path)
        assert result.outputs["excitation_temperature"][0, 0] == pytest.approx(10 + i)


def test_an_id_may_come_again_with_another_request(submit: Callable[..., Listener], tmp_path: Path) -> None:
    for temperature in (11.0, 12.0):
        listener = submit("same", {"excitation_temperature": str(temperature)})
        listener.wait()
        result = results.read_grid(tmp_path / "same" / "grid.vot")
        assert result.outputs["excitation_temperature"][0, 0] == pytest.approx(temperature)


def test_closing_ends_what_is_under_way(tmp_path: Path) -> None:
    pool = WorkerPool(2)
    listener = Listener()
    pool.submit(ModelTask("long", "lte", _LONG, {}, tmp_path), listener)
    assert listener.began.wait(_DEADLINE)
    pool.close(timeout=10)
    assert not workers()
    assert listener.heard == ["started"]
    pool.cancel("long")
    pool.submit(ModelTask("late", "lte", {}, {}, tmp_path), listener)
    pool.close(timeout=10)


def test_results_that_cannot_be_written_are_said(pool: WorkerPool, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    listener = Listener()
    pool.submit(ModelTask("one", "lte", {}, {}, tmp_path / "file" / "out"), listener)
    listener.wait()
    assert listener.failure is not None
    assert "cannot be written" in listener.failure[0]
