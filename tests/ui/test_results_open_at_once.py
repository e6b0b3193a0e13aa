"""What shows a result is built and drawn ahead, in steps that leave the window its turns."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from stopdesk.ui.grids.results import ResultsView, load_plots
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Tasks
from tests.ui.sample_results import sample, shown


def test_the_view_is_built_in_several_turns(qtbot: QtBot) -> None:
    load_plots()
    tasks = Tasks()
    view = ResultsView(tasks=tasks, notices=Notices())
    qtbot.addWidget(view)
    view.prepare()
    assert view.content is None, "not all in one turn"
    qtbot.waitUntil(lambda: view.content is not None)
    built = view.content
    view.prepare()
    assert view.content is built
    assert view.is_empty
    assert tasks.shutdown()


def test_a_result_that_comes_in_between_is_shown(qtbot: QtBot) -> None:
    load_plots()
    tasks = Tasks()
    view = ResultsView(tasks=tasks, notices=Notices())
    qtbot.addWidget(view)
    view.prepare()
    with qtbot.waitSignal(view.shown, timeout=20_000):
        view.show_result(sample(), "A grid of CO", None)
    assert not view.is_empty
    assert view.content is not None
    assert view.content.title.whole == "A grid of CO"
    assert tasks.shutdown()


def test_plots_that_nobody_looks_at_are_drawn_meanwhile(qtbot: QtBot) -> None:
    with shown(qtbot, sample()) as content:
        qtbot.waitUntil(lambda: content.map.levels != (0.0, 1.0) and content.curves.drawn_lines() != ())
        drawn: list[int] = []
        content.curves.frame.show_curves = lambda *_, **__: drawn.append(1)  # type: ignore[method-assign]
        content.tabs.setCurrentWidget(content.curves)
        assert not drawn, "it is up to date"
        content.select_row(3)
        assert drawn, "until another row is chosen"
