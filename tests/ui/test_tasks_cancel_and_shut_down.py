"""Cancelled work is dropped, a stuck server starves nobody, and the end of the window leaves no thread."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from stopdesk.ui import tasks as tasks_module
from stopdesk.ui.tasks import Task, Tasks


class Gate:
    """Work that waits until it is let go, or cancelled."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()

    def work(self, task: Task) -> str:
        self.entered.set()
        while not self.open.wait(0.005):
            task.raise_if_cancelled()
        return "through"

    def stubborn(self, _: Task) -> str:
        """The same, deaf to a cancel, as a call in a library is."""
        self.entered.set()
        assert self.open.wait(30)
        return "through"


@pytest.fixture
def gate() -> Gate:
    return Gate()


def test_a_cancelled_task_is_dropped_whatever_it_gives(qtbot: QtBot, tasks: Tasks, gate: Gate) -> None:
    dropped: list[bool] = []
    task = tasks.start(
        "Asking", gate.stubborn, done=lambda _: pytest.fail("not wanted"), dropped=lambda: dropped.append(True)
    )
    assert gate.entered.wait(10)
    task.cancel()
    gate.open.set()
    qtbot.waitUntil(lambda: dropped == [True])
    assert tasks.under_way == ()


def test_a_task_cancelled_before_its_turn_never_runs(qtbot: QtBot, tasks: Tasks, gate: Gate) -> None:
    first: list[str] = []
    dropped: list[bool] = []
    tasks.start("First", gate.work, done=first.append, queue_name="one", width=1)
    second = tasks.start(
        "Second",
        lambda _: pytest.fail("it was cancelled"),
        dropped=lambda: dropped.append(True),
        queue_name="one",
        width=1,
    )
    second.cancel()
    gate.open.set()
    qtbot.waitUntil(lambda: dropped == [True])
    assert first == ["through"]


def test_a_report_ends_cancelled_work(qtbot: QtBot, tasks: Tasks, gate: Gate) -> None:
    dropped: list[bool] = []

    def work(task: Task) -> None:
        gate.entered.set()
        assert gate.open.wait(10)
        task.report(0.5)
        pytest.fail("it should have ended")

    task = tasks.start("Fetching", work, dropped=lambda: dropped.append(True))
    assert gate.entered.wait(10)
    task.cancel()
    gate.open.set()
    qtbot.waitUntil(lambda: dropped == [True])


def test_a_stuck_queue_starves_no_other(qtbot: QtBot, tasks: Tasks, gate: Gate) -> None:
    done: list[int] = []
    for _ in range(5):
        tasks.start("Stuck", gate.work, queue_name="slow server", width=2)
    for number in range(20):
        tasks.start("Quick", lambda _, number=number: number, done=done.append, queue_name="quick server", width=2)
    qtbot.waitUntil(lambda: len(done) == 20)
    assert len(tasks.under_way) == 5
    gate.open.set()
    qtbot.waitUntil(lambda: not tasks.under_way)


def test_one_stuck_task_leaves_the_other_threads_of_its_queue_to_others(qtbot: QtBot, tasks: Tasks) -> None:
    for _ in range(100):  # a thread that has just taken a call is not free, though it was a moment ago
        gate = Gate()
        done: list[str] = []
        tasks.start("Warming up", lambda _: "", done=done.append, queue_name="server", width=2)
        tasks.start("Stuck", gate.stubborn, queue_name="server", width=2)
        tasks.start("Quick", lambda _: "quick", done=done.append, queue_name="server", width=2)
        qtbot.waitUntil(lambda done=done: "quick" in done)
        gate.open.set()
        qtbot.waitUntil(lambda: not tasks.under_way)


def test_shutting_down_ends_idle_and_cancelled_threads_at_once(
    qtbot: QtBot, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks_module, "_IDLE_SECONDS", 3600.0)
    before = set(threading.enumerate())
    tasks = Tasks()
    done: list[str] = []
    tasks.start("Idle afterwards", lambda _: "", done=done.append, queue_name="idle")
    tasks.start("At work", gate.work, queue_name="busy", width=4)
    qtbot.waitUntil(lambda: bool(done))
    assert gate.entered.wait(10)
    assert tasks.shutdown(20.0)
    assert not [thread for thread in threading.enumerate() if thread not in before and thread.is_alive()]


def test_shutting_down_waits_a_bounded_time_for_what_is_deaf(qapp: object, gate: Gate) -> None:
    tasks = Tasks()
    tasks.start("Deaf", gate.stubborn)
    assert gate.entered.wait(10)
    assert not tasks.shutdown(0.05)
    gate.open.set()
    assert tasks.shutdown(20.0)


def test_nothing_starts_after_the_end(qapp: object) -> None:
    tasks = Tasks()
    assert tasks.shutdown(1.0)
    task = tasks.start("Late", lambda _: pytest.fail("too late"), done=lambda _: pytest.fail("too late"))
    assert task.cancelled
    assert tasks.under_way == ()
