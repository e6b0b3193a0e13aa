"""Whatever happens to whichever run, the rows are those of the filter, in the order of the column sorted by."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from stopdesk.domain.job import JobProgress, Phase
from stopdesk.domain.run import Run
from stopdesk.ui.jobs import table
from stopdesk.ui.jobs.table import RunsTableModel
from tests.runs import make_run

ORDERS = (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder)


def shown(model: RunsTableModel) -> list[str]:
    return [model.run_at(row).key for row in range(model.rowCount())]


def expected(model: RunsTableModel, column: int, order: Qt.SortOrder, word: str) -> list[str]:
    """What sorting everything anew gives."""
    runs = [run for run in model.runs if word in run.name]
    key = table._sort_key(column)
    return [run.key for run in sorted(runs, key=key, reverse=order is Qt.SortOrder.DescendingOrder)]


def other(run: Run, at: random.Random) -> Run:
    """The run with another name and progress."""
    assert run.job is not None
    job = run.job.model_copy(update={"progress": JobProgress(fraction=at.randrange(4) / 4, message="")})
    return run.model_copy(update={"name": at.choice(("ab", "b", "abc", "c")), "job": job})


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("column", [table.NAME, table.PROGRESS, table.CREATED])
def test_rows_are_in_order_after_every_change(qtbot: QtBot, column: int, order: Qt.SortOrder) -> None:
    at = random.Random(column)
    model = RunsTableModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.sort(column, order)
    word = ""
    for _ in range(250):
        what = at.choice(("add", "add some", "change", "change", "change", "remove", "filter"))
        runs = model.runs
        if what == "add":
            model.put(make_run(at.choice("abc")))
        elif what == "add some":
            model.add([other(make_run(), at) for _ in range(3)])
        elif what == "filter":
            word = at.choice(("", "ab", "b"))  # no word of the other columns has them
            model.set_words(word)
        elif runs and what == "change":
            model.put(other(at.choice(runs), at))
        elif runs:
            model.remove(at.choice(runs).key)
        rows = shown(model)
        assert rows == expected(model, column, order, word)
        assert [model.row_of(key) for key in rows] == list(range(len(rows)))
    assert len(model.runs) > 20
    del tester


def test_a_row_that_moves_is_moved_and_not_made_anew(qtbot: QtBot) -> None:
    model = RunsTableModel()
    model.sort(table.PROGRESS, Qt.SortOrder.AscendingOrder)
    runs = [make_run(progress=JobProgress(fraction=number / 10, message="")) for number in range(5)]
    model.set_runs(tuple(runs))
    moves: list[tuple[int, int]] = []
    model.rowsMoved.connect(lambda _p, first, _l, _q, to: moves.append((first, to)))
    job = runs[0].job
    assert job is not None
    model.put(runs[0].model_copy(update={"job": job.model_copy(update={"phase": Phase.COMPLETED})}))
    assert moves == [(0, 5)]
    assert shown(model) == [run.key for run in (*runs[1:], runs[0])]
