"""The jobs panel has a row for every run, says how many there are of each kind, and bears thousands."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from stopdesk.domain.job import JobProgress, Phase
from stopdesk.domain.run import FETCHING, Contact, Run
from stopdesk.ui.jobs import table
from stopdesk.ui.jobs.panel import JobsPanel
from tests.runs import START, every_state, make_run, stored


@pytest.fixture
def panel(qtbot: QtBot) -> JobsPanel:
    panel = JobsPanel()
    qtbot.addWidget(panel)
    panel.resize(1200, 300)
    panel.show()
    return panel


def cell(panel: JobsPanel, run: Run, column: int) -> str:
    return str(panel.index_of(run.key, column).data())


def test_without_runs_it_says_what_will_be_here(panel: JobsPanel) -> None:
    assert panel._empty.isVisible()
    assert "press Run" in panel._empty.text()
    run = make_run()
    panel.put(run)
    assert not panel._empty.isVisible()
    panel.remove(run.key)
    assert panel._empty.isVisible()


def test_a_row_says_what_there_is_to_say(panel: JobsPanel) -> None:
    run = make_run(
        "ladder",
        Phase.COMPLETED,
        service="https://uws.example/lte/jobs",
        started=START,
        ended=START.replace(minute=1, second=15),
        results={"grid": stored(size=2_000_000), "lines": stored("lines.vot", 500_000)},
    )
    panel.put(run)
    assert [cell(panel, run, column) for column in (table.NAME, table.MODEL, table.SERVICE, table.PHASE)] == [
        "ladder",
        "LTE",
        "uws.example/lte/jobs",
        "completed",
    ]
    assert cell(panel, run, table.RUN_TIME) == "1:15"
    assert cell(panel, run, table.RESULTS) == "2 files, 2.5 MB"


def test_a_changed_run_changes_its_row_and_no_other(panel: JobsPanel) -> None:
    runs = [make_run() for _ in range(5)]
    panel.set_runs(tuple(runs))
    changes = QSignalSpy(panel.model.dataChanged)
    resets = QSignalSpy(panel.model.modelReset)
    after = runs[2].model_copy(update={"contact": Contact.UNREACHABLE})
    panel.put(after)
    assert panel.model.rowCount() == 5
    assert resets.count() == 0
    assert changes.count() == 1
    assert [changes.at(0)[0].row(), changes.at(0)[1].row()] == [2, 2]
    assert cell(panel, after, table.PHASE) == "no contact"


def test_every_state_is_counted_once_and_in_words(panel: JobsPanel) -> None:
    runs = tuple(every_state().values())
    panel.set_runs(runs)
    assert panel.counts.split("   ") == [
        "1 running",
        "1 queued",
        "7 waiting",
        "2 done",
        "2 failed",
        "1 aborted",
        "2 without contact",
    ]
    for run in runs:
        panel.remove(run.key)
    assert panel.counts == ""


def test_counts_follow_a_run_through_its_phases(panel: JobsPanel) -> None:
    run = make_run(phase=Phase.QUEUED)
    panel.put(run)
    said = [panel.counts]
    for phase in (Phase.EXECUTING, Phase.COMPLETED):
        assert run.job is not None
        run = run.model_copy(update={"job": run.job.model_copy(update={"phase": phase})})
        panel.put(run)
        said.append(panel.counts)
    assert said == ["1 queued", "1 running", "1 done"]


def test_a_lost_or_queued_job_is_never_counted_as_failed(panel: JobsPanel) -> None:
    panel.set_runs((make_run(phase=Phase.QUEUED), make_run(contact=Contact.UNREACHABLE)))
    assert "failed" not in panel.counts


def test_progress_is_shown_only_while_the_job_executes(panel: JobsPanel) -> None:
    progress = JobProgress(fraction=0.25, message="")
    running, held = make_run(progress=progress), make_run(phase=Phase.HELD, progress=progress)
    panel.set_runs((running, held))
    assert cell(panel, running, table.PROGRESS) == "25%"
    assert cell(panel, held, table.PROGRESS) == ""


def test_results_on_their_way_or_kept_away_are_told_apart(panel: JobsPanel) -> None:
    coming = make_run(phase=Phase.COMPLETED, results_text=FETCHING)
    failed = make_run(phase=Phase.COMPLETED, results_text="The disk is full.", results={"grid": stored()})
    panel.set_runs((coming, failed))
    assert cell(panel, coming, table.RESULTS) == "fetching"
    assert cell(panel, failed, table.RESULTS) == "not fetched"
    assert panel.index_of(failed.key, table.RESULTS).data(Qt.ItemDataRole.ToolTipRole) == "The disk is full."


@pytest.mark.parametrize("name", ["a\nname\nof lines", "x" * 5000, "Ångström μm 水 🚀", "<b>bold</b>", "\u202eright"])
def test_names_of_any_kind_take_one_line(qtbot: QtBot, panel: JobsPanel, name: str) -> None:
    run = make_run(name)
    panel.put(run)
    assert "\n" not in cell(panel, run, table.NAME)
    tip = panel.index_of(run.key, table.NAME).data(Qt.ItemDataRole.ToolTipRole)
    assert "<b>bold" not in tip
    assert not panel.grab().isNull()
    assert panel._view.rowHeight(0) < 40


def test_the_clock_runs_only_while_a_job_does(panel: JobsPanel) -> None:
    run = make_run(started=START)
    panel.put(run)
    assert panel._clock.isActive()
    ticks = QSignalSpy(panel.model.dataChanged)
    panel._clock.timeout.emit()
    assert ticks.count() == 1
    panel.remove(run.key)
    assert not panel._clock.isActive()


def test_five_thousand_runs_are_set_at_once_and_changed_one_by_one(qtbot: QtBot, panel: JobsPanel) -> None:
    runs = tuple(make_run(phase=Phase.QUEUED) for _ in range(5000))
    resets, changes = QSignalSpy(panel.model.modelReset), QSignalSpy(panel.model.dataChanged)
    layouts = QSignalSpy(panel.model.layoutChanged)
    panel.set_runs(runs)
    assert resets.count() == 1
    panel.select(runs[4000].key)
    looked_at: list[str] = []
    text = table._TEXT[table.NAME]
    table._TEXT[table.NAME] = lambda run: (looked_at.append(run.key), text(run))[1]
    try:
        for run in runs[:100]:
            assert run.job is not None
            panel.put(run.model_copy(update={"job": run.job.model_copy(update={"phase": Phase.EXECUTING})}))
    finally:
        table._TEXT[table.NAME] = text
    assert changes.count() == 100
    assert len(looked_at) < 1000, "a change of one run looks at that run, not at all of them"
    assert layouts.count() == 0
    assert panel.counts == "100 running   4900 queued"
    assert [run.key for run in panel.selected] == [runs[4000].key]
