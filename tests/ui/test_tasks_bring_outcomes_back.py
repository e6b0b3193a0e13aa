"""A task's outcome, or what went wrong, arrives in the GUI thread, whatever the work did."""

from __future__ import annotations

import logging
import threading

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from stopdesk.errors import Cancelled, FileError, StopdeskError
from stopdesk.ui.tasks import Task, Tasks


def test_an_outcome_arrives_in_the_gui_thread(qtbot: QtBot, tasks: Tasks) -> None:
    seen: list[tuple[int, bool]] = []
    worker: list[bool] = []

    def work(_: Task) -> int:
        worker.append(threading.current_thread() is threading.main_thread())
        return 42

    tasks.start("Adding", work, done=lambda n: seen.append((n, QThread.isMainThread())))
    assert seen == []
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [(42, True)]
    assert worker == [False]
    assert tasks.under_way == ()


def test_a_failure_keeps_its_own_words_and_its_kind(qtbot: QtBot, tasks: Tasks) -> None:
    errors: list[StopdeskError] = []

    def work(_: Task) -> None:
        raise FileError("spectrum.fits", "it is empty.")

    tasks.start("Reading", work, done=lambda _: pytest.fail("it failed"), failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], FileError)
    assert str(errors[0]) == "spectrum.fits: it is empty."


def test_an_unexpected_exception_is_in_the_log_and_told_in_a_sentence(
    qtbot: QtBot, tasks: Tasks, caplog: pytest.LogCaptureFixture, expected_warnings: list[str]
) -> None:
    expected_warnings.append("Dividing failed")
    errors: list[StopdeskError] = []
    tasks.start("Dividing", lambda _: 1 // 0, failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert str(errors[0]) == "Dividing: an unexpected fault (ZeroDivisionError); the log has it."
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


def test_a_failure_that_nobody_asks_for_ends_the_task_all_the_same(qtbot: QtBot, tasks: Tasks) -> None:
    def work(_: Task) -> None:
        raise FileError("x", "no.")

    tasks.start("Trying", work)
    qtbot.waitUntil(lambda: not tasks.under_way)


def test_work_that_gives_up_by_itself_is_dropped_not_failed(qtbot: QtBot, tasks: Tasks) -> None:
    dropped: list[bool] = []

    def work(_: Task) -> None:
        raise Cancelled("not needed any more")

    tasks.start("Giving up", work, failed=lambda e: pytest.fail(str(e)), dropped=lambda: dropped.append(True))
    qtbot.waitUntil(lambda: dropped == [True])


def test_progress_is_told_in_the_gui_thread_and_kept(qtbot: QtBot, tasks: Tasks) -> None:
    told: list[tuple[float | None, str, bool]] = []
    tasks.progressed.connect(lambda task: told.append((task.fraction, task.message, QThread.isMainThread())))
    ended: list[object] = []
    tasks.start("Fetching", lambda task: task.report(0.5, "half"), done=ended.append)
    qtbot.waitUntil(lambda: bool(ended) and bool(told))
    assert told == [(0.5, "half", True)]


def test_tasks_of_one_narrow_queue_run_one_after_the_other_in_order(qtbot: QtBot, tasks: Tasks) -> None:
    ran: list[int] = []
    at_work: list[int] = []
    done: list[int] = []

    def work(number: int) -> int:
        at_work.append(number)
        assert len(at_work) == 1
        ran.append(number)
        at_work.remove(number)
        return number

    for number in range(50):
        tasks.start("Writing", lambda _, number=number: work(number), done=done.append, queue_name="disk", width=1)
    qtbot.waitUntil(lambda: len(done) == 50)
    assert ran == done == list(range(50))


def test_many_tasks_all_come_back_over_few_threads(qtbot: QtBot, tasks: Tasks) -> None:
    threads: set[str] = set()
    done: list[int] = []

    def work(number: int) -> int:
        threads.add(str(threading.get_ident()))
        return number

    for number in range(2000):
        tasks.start("Counting", lambda _, number=number: work(number), done=done.append, quiet=True)
    assert len(tasks.under_way) == 2000
    qtbot.waitUntil(lambda: len(done) == 2000, timeout=20_000)
    assert sorted(done) == list(range(2000))
    assert len(threads) <= 4
    assert tasks.under_way == ()
