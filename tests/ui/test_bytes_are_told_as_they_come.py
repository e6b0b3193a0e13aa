"""How many bytes have come is told in words and as a fraction, now and then, and a cancel ends the work."""

from __future__ import annotations

import pytest

from stopdesk.errors import Cancelled
from stopdesk.ui.jobs.table import amount_text
from stopdesk.ui.meter import Meter
from stopdesk.ui.tasks import Task, Tasks
from tests.fakes.clock import Clock


@pytest.mark.parametrize(
    ("size", "total", "text"),
    [
        (12_000_000, 40_000_000, "12 of 40 MB"),
        (900_000, 40_000_000, "900 kB of 40 MB"),
        (12_000_000, None, "12 MB"),
        (0, 512, "0 of 512 B"),
        (0, 0, "0 of 0 B"),
    ],
)
def test_the_unit_is_said_once(size: int, total: int | None, text: str) -> None:
    assert amount_text(size, total) == text


@pytest.fixture
def task(tasks: Tasks) -> Task:
    return Task(1, "Fetching", "q", quiet=False, can_cancel=True, owner=tasks)


def test_it_is_told_at_once_then_ten_times_a_second_and_at_the_end(tasks: Tasks, task: Task) -> None:
    told: list[str] = []
    tasks.progressed.connect(lambda task: told.append(task.message))
    clock = Clock()
    meter = Meter(task, clock=clock)
    for step in range(1, 101):
        meter(step * 1000, 100_000)
        clock.sleep(0.03)
    assert told[0] == "1 of 100 kB"
    assert told[-1] == "100 of 100 kB"
    assert len(told) < 30
    assert task.fraction == 1.0


def test_one_of_several_says_which(task: Task) -> None:
    clock = Clock()
    Meter(task, part=1, parts=4, clock=clock)(50, 100)
    assert task.message == "2 of 4, 50 of 100 B"
    assert task.fraction == pytest.approx(1.5 / 4)
    Meter(task, part=2, parts=4, clock=clock)(50, None)
    assert task.message == "3 of 4, 50 B"
    assert task.fraction is None


def test_a_cancel_ends_the_work_whether_or_not_it_is_time_to_tell(task: Task) -> None:
    meter = Meter(task, clock=Clock())
    meter(1, 2)
    task.cancel()
    with pytest.raises(Cancelled):
        meter(1, 2)
