"""The list of jobs sorts by what a column means, filters by words and service, and keeps the selection through both."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from stopdesk.domain.job import JobProgress, Phase
from stopdesk.domain.run import Contact, Run
from stopdesk.ui.jobs import table
from stopdesk.ui.jobs.panel import JobsPanel
from tests.runs import START, make_run, stored

HERE, THERE = "https://here.example/jobs", "https://there.example/jobs"


@pytest.fixture
def panel(qtbot: QtBot) -> JobsPanel:
    panel = JobsPanel()
    qtbot.addWidget(panel)
    panel.resize(1200, 300)
    panel.show()
    return panel


def shown(panel: JobsPanel) -> list[str]:
    model = panel.model
    return [model.index(row, 0).data(table.RUN).name for row in range(model.rowCount())]


def sort(panel: JobsPanel, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
    panel._view.sortByColumn(column, order)


def progress(run: Run, fraction: float) -> Run:
    assert run.job is not None
    return run.model_copy(
        update={"job": run.job.model_copy(update={"progress": JobProgress(fraction=fraction, message="")})}
    )


def test_the_newest_is_on_top_at_first(panel: JobsPanel) -> None:
    panel.set_runs(tuple(make_run(name) for name in ("first", "second", "third")))
    assert shown(panel) == ["third", "second", "first"]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (table.NAME, [{"name": "Alpha"}, {"name": "beta"}, {"name": "Gamma"}]),
        (table.SERVICE, [{"service": HERE}, {"service": "local"}, {"service": THERE}]),
        (table.PHASE, [{"phase": Phase.ABORTED}, {"phase": Phase.COMPLETED}, {"phase": Phase.QUEUED}]),
        (table.PROGRESS, [{"progress": JobProgress(fraction=f, message="100")} for f in (0.09, 0.5, 0.91)]),
        (
            table.RUN_TIME,
            [
                {"phase": Phase.COMPLETED, "started": START, "ended": START.replace(second=s, minute=m)}
                for m, s in ((0, 9), (0, 50), (2, 0))
            ],
        ),
        (table.RESULTS, [{"results": {"grid": stored(size=size)}} for size in (900, 10_000, 1_000_000)]),
    ],
)
def test_each_column_sorts_by_what_it_means(panel: JobsPanel, column: int, values: list[dict[str, object]]) -> None:
    runs = [make_run(**{"name": str(n), **value}) for n, value in enumerate(values)]  # type: ignore[arg-type]
    panel.set_runs((runs[1], runs[2], runs[0]))
    sort(panel, column)
    assert shown(panel) == [run.name for run in runs]
    sort(panel, column, Qt.SortOrder.DescendingOrder)
    assert shown(panel) == [run.name for run in reversed(runs)]


def test_every_word_typed_must_stand_somewhere_in_the_row(panel: JobsPanel) -> None:
    panel.set_runs((make_run("CO ladder", Phase.QUEUED), make_run("CO map"), make_run("HCN map", service=HERE)))
    for text, names in {
        "co": {"CO ladder", "CO map"},
        "map here": {"HCN map"},
        "CO queued": {"CO ladder"},
        "nothing of the kind": set(),
        "": {"CO ladder", "CO map", "HCN map"},
    }.items():
        panel._search.clear()
        QTest.keyClicks(panel._search, text)
        assert set(shown(panel)) == names, text


def test_a_run_that_changes_enters_and_leaves_the_filter(panel: JobsPanel) -> None:
    run = make_run("one", Phase.QUEUED)
    panel.set_runs((run, make_run("two")))
    panel._search.setText("executing")
    assert shown(panel) == ["two"]
    assert run.job is not None
    panel.put(run.model_copy(update={"job": run.job.model_copy(update={"phase": Phase.EXECUTING})}))
    assert set(shown(panel)) == {"one", "two"}


def test_services_are_offered_where_there_are_several(panel: JobsPanel) -> None:
    panel.set_runs((make_run("a", service=HERE),))
    assert not panel._services.isVisible()
    panel.put(make_run("b", service=THERE))
    assert panel._services.isVisible()
    panel._services.setCurrentIndex(panel._services.findData(THERE))
    assert shown(panel) == ["b"]
    panel._services.setCurrentIndex(0)
    assert set(shown(panel)) == {"a", "b"}


def test_another_session_is_not_hidden_by_the_service_chosen_before(panel: JobsPanel) -> None:
    panel.set_runs((make_run("a", service=HERE), make_run("b", service=THERE)))
    panel._services.setCurrentIndex(panel._services.findData(THERE))
    panel.set_runs((make_run("c"), make_run("d", service=HERE)))
    assert set(shown(panel)) == {"c", "d"}
    assert panel._services.currentText() == "All services"
    assert panel._services.findData(THERE) == -1


def test_the_service_chosen_stays_while_it_has_jobs(panel: JobsPanel) -> None:
    panel.set_runs((make_run("a", service=HERE), make_run("b", service=THERE)))
    panel._services.setCurrentIndex(panel._services.findData(THERE))
    panel.put(make_run("c", service="https://aaa.example/jobs"))
    assert panel._services.currentData() == THERE
    assert shown(panel) == ["b"]


def test_the_selection_stays_on_its_run_while_rows_move(panel: JobsPanel) -> None:
    runs = [make_run(str(n), progress=JobProgress(fraction=n / 10)) for n in range(10)]
    panel.set_runs(tuple(runs))
    sort(panel, table.PROGRESS)
    panel.select(runs[4].key)
    keys: list[str] = []
    panel.current_changed.connect(keys.append)
    panel.put(progress(runs[4], 0.95))
    assert shown(panel)[-1] == "4"
    assert [run.name for run in panel.selected] == ["4"]
    panel.put(progress(runs[0], 0.97))
    sort(panel, table.NAME, Qt.SortOrder.DescendingOrder)
    assert [run.name for run in panel.selected] == ["4"]
    assert panel.selected[0].job.progress.fraction == 0.95  # type: ignore[union-attr]
    assert keys == []


def test_a_selected_run_that_is_filtered_away_is_selected_no_more(panel: JobsPanel) -> None:
    runs = (make_run("one"), make_run("two"))
    panel.set_runs(runs)
    panel.select(runs[0].key)
    panel._search.setText("two")
    assert panel.selected == ()
    assert not panel._buttons["Abort"].isEnabled()


def test_a_new_run_that_the_filter_hides_breaks_nothing(panel: JobsPanel) -> None:
    panel.set_runs((make_run("one"),))
    panel._search.setText("one")
    panel.put(make_run("two"))
    assert shown(panel) == ["one"]
    assert "2 running" in panel.counts


def test_removing_rows_keeps_the_others_in_place(panel: JobsPanel) -> None:
    runs = [make_run(str(n)) for n in range(6)]
    panel.set_runs(tuple(runs))
    panel.select(runs[5].key)
    for gone in (0, 3):
        panel.remove(runs[gone].key)
    assert shown(panel) == ["5", "4", "2", "1"]
    assert [run.name for run in panel.selected] == ["5"]
    panel.put(runs[4].model_copy(update={"contact": Contact.GONE}))
    assert panel.index_of(runs[4].key, table.PHASE).data() == "gone"
