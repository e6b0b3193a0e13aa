"""Thousands of small things are done in their order, some in each turn of the event loop."""

from __future__ import annotations

import time

from pytestqt.qtbot import QtBot

from stopdesk.ui.bits import Bits


def busy(seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def test_a_few_are_done_at_once(qtbot: QtBot) -> None:
    done: list[int] = []
    Bits().add(lambda n=n: done.append(n) for n in range(3))
    assert done == [0, 1, 2]


def test_many_are_done_in_turns_and_in_order(qtbot: QtBot) -> None:
    bits, done = Bits(), []

    def one(number: int) -> None:
        busy(0.002)
        done.append(number)

    bits.add(lambda n=n: one(n) for n in range(100))
    assert len(done) < 50
    bits.add(lambda n=n: one(n) for n in range(100, 110))
    qtbot.waitUntil(lambda: len(done) == 110)
    assert done == list(range(110))


def test_what_is_forgotten_is_not_done(qtbot: QtBot) -> None:
    bits, done = Bits(), []
    bits.add(lambda n=n: (busy(0.01), done.append(n)) for n in range(5))
    bits.clear()
    bits.add([lambda: done.append("later")])
    qtbot.waitUntil(lambda: done[-1] == "later")
    assert done == [0, "later"]
