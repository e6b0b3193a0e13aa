"""Widgets and timers in reference cycles are let go of in the thread that they belong to."""

from __future__ import annotations

import gc
import threading

from PySide6.QtCore import QObject, QThread, QTimer
from pytestqt.qtbot import QtBot

from stopdesk.ui.collecting import Collector
from stopdesk.ui.tasks import Task, Tasks


def test_a_cycle_is_collected_here_though_threads_allocate(qtbot: QtBot) -> None:
    collector = Collector()
    collector.start()
    deaths: list[bool] = []
    try:
        ticking = QTimer(interval=1)
        ticking.start()
        ticking.me = ticking  # type: ignore[attr-defined]
        here = QThread.currentThread()
        ticking.destroyed.connect(lambda: deaths.append(QThread.currentThread() is here))
        del ticking
        thread = threading.Thread(target=lambda: [[{}] for _ in range(200_000)])
        thread.start()
        thread.join()
        assert deaths == [], "nothing is collected in another thread"
        for _ in range(2000):
            deaths or collector.collect()  # type: ignore[func-returns-value]
            _ = [[] for _ in range(100)]
        gc.collect()
        assert deaths == [True]
    finally:
        collector.stop()


def test_what_thousands_of_runs_hold_is_looked_through_once(qtbot: QtBot) -> None:
    collector = Collector()
    collector.start()
    try:
        few = [[number] for number in range(10_000)]
        before = gc.get_freeze_count()
        collector.collect()
        assert gc.get_freeze_count() == before
        many = [[number] for number in range(100_000)]
        collector.collect()
        assert gc.get_freeze_count() >= before + len(few) + len(many)
    finally:
        collector.stop()


def test_what_a_task_holds_is_let_go_of_here(qtbot: QtBot) -> None:
    tasks = Tasks()
    deaths: list[bool] = []
    main = threading.main_thread()

    class Held(QObject):
        def __del__(self) -> None:
            deaths.append(threading.current_thread() is main)

    def start() -> None:
        held = Held()

        def work(_: Task) -> int:
            return id(held)

        tasks.start("Holding", work, done=lambda _: None)

    for _ in range(50):
        start()
    qtbot.waitUntil(lambda: not tasks.under_way)
    tasks.shutdown()
    qtbot.waitUntil(lambda: len(deaths) == 50)
    assert all(deaths)
