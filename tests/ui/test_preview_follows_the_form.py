"""The preview shows the middle row of what the form says now; the newest question wins, and nothing old is shown."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from stopdesk.engines import runner
from stopdesk.errors import EngineError
from stopdesk.ui.forms.preview_engine import PreviewEngine
from stopdesk.ui.forms.workspace import ModelWorkspace
from tests.ui.form_parts import DEADLINE, read, type_into


@pytest.fixture
def shown(qtbot, workspace):
    """The workspace with a preview on show."""
    qtbot.waitUntil(lambda: workspace.preview.result is not None, timeout=DEADLINE)
    return workspace


def cell(preview, row, column):
    return preview.table.item(row, column).text()


def test_it_computes_the_middle_row_and_says_so(shown, engine):
    preview = shown.preview
    assert engine.requests[-1]["column_density"] == "1e16"
    assert engine.requests[-1]["density_h2"] == "1e5"
    assert engine.requests[-1]["kinetic_temperature"] == "50"
    assert preview.title.text() == "Preview: middle row, computed here"
    assert preview.row_words.text() == (
        "CO:  Column density 1e16 cm⁻²,  H₂ density 1e5 cm⁻³,  Kinetic temperature 50 K"
    )


def test_the_three_strongest_lines_stand_in_the_table(shown):
    preview = shown.preview
    assert [cell(preview, row, 0) for row in range(3)] == ["3-2", "4-3", "2-1"]
    assert [cell(preview, 0, column) for column in range(1, 5)] == ["345.000", "40.00", "0.4000", "4.000"]


def test_the_plot_shows_the_strongest_line_and_follows_the_table(shown):
    preview = shown.preview
    assert preview.plot.caption.startswith("CO 3-2 at 345.000000 GHz")
    preview.table.selectRow(2)
    assert preview.plot.caption.startswith("CO 2-1 at 230.000000 GHz")


def test_one_model_is_no_middle_row(qtbot, shown):
    shown.form.apply_preset(shown.form.spec.presets[1])
    read(qtbot, shown.form)
    qtbot.waitUntil(lambda: shown.preview.title.text() == "Preview, computed here", timeout=DEADLINE)
    assert shown.preview.row_words.text() == (
        "CO:  Column density 1e16 cm⁻²,  H₂ density 10000 cm⁻³,  Kinetic temperature 10 K,  "
        "Line width (FWHM) 0.5 km/s,  Background temperature 2.725 K"
    )


def test_typing_quickly_computes_once(qtbot, shown, engine):
    before = len(engine.requests)
    with qtbot.waitSignal(shown.preview.computed, timeout=DEADLINE):
        type_into(shown.form.rows["line_width"].editor.text, "1.2345")
    assert [request["line_width"] for request in engine.requests[before:]] == ["1.2345"]


def test_the_newest_question_wins(qtbot, shown, engine):
    results = []
    shown.preview.computed.connect(lambda result: results.append(result.values["line_width"]))
    engine.go.clear()
    before = len(engine.requests)
    type_into(shown.form.rows["line_width"].editor.text, "2")
    qtbot.waitUntil(lambda: len(engine.requests) == before + 1, timeout=DEADLINE)
    for text in ("3", "4"):
        type_into(shown.form.rows["line_width"].editor.text, text)
    engine.go.set()
    qtbot.waitUntil(lambda: results == [4.0], timeout=DEADLINE)
    assert [request["line_width"] for request in engine.requests[before:]] == ["2", "4"]


def test_it_waits_while_the_form_has_problems(qtbot, shown, engine):
    preview = shown.preview
    before = len(engine.requests)
    type_into(shown.form.rows["line_width"].editor.text, "x")
    assert preview.status.text() == "The preview waits until the form has no problems."
    assert preview.title.text() == "Preview, not up to date"
    assert not preview.table.isEnabled()
    with qtbot.waitSignal(preview.computed, timeout=DEADLINE):
        type_into(shown.form.rows["line_width"].editor.text, "2")
    assert len(engine.requests) == before + 1
    assert preview.table.isEnabled()
    assert not preview.status.isVisible()


def test_an_outcome_is_dropped_when_the_form_has_problems_meanwhile(qtbot, shown, engine, tasks):
    engine.go.clear()
    results = []
    shown.preview.computed.connect(results.append)
    before = len(engine.requests)
    type_into(shown.form.rows["line_width"].editor.text, "2")
    qtbot.waitUntil(lambda: len(engine.requests) == before + 1, timeout=DEADLINE)
    type_into(shown.form.rows["line_width"].editor.text, "x")
    engine.go.set()
    qtbot.waitUntil(lambda: not tasks.under_way, timeout=DEADLINE)
    assert results == []
    assert shown.preview.title.text() == "Preview, not up to date"


def test_an_error_is_a_sentence_in_the_preview(qtbot, shown, engine):
    engine.error = EngineError("The worker process died (signal 9).")
    type_into(shown.form.rows["line_width"].editor.text, "2")
    qtbot.waitUntil(lambda: shown.preview.status.isVisible(), timeout=DEADLINE)
    assert shown.preview.status.text() == "⚠ The worker process died (signal 9)."
    engine.error = None
    with qtbot.waitSignal(shown.preview.computed, timeout=DEADLINE):
        type_into(shown.form.rows["line_width"].editor.text, "3")
    assert not shown.preview.status.isVisible()


def test_a_row_that_did_not_converge_is_told_and_shows_no_numbers(qtbot, shown, engine):
    engine.converges = False
    with qtbot.waitSignal(shown.preview.computed, timeout=DEADLINE):
        type_into(shown.form.rows["line_width"].editor.text, "2")
    preview = shown.preview
    assert preview.status.text() == "1 of 1 row did not converge and is empty."
    assert all(preview.table.item(row, 0) is None for row in range(3))


def test_nothing_slow_to_import_stands_before_the_first_paint():
    slow = {"pyqtgraph", "astropy", "numba", "scipy", "pythonradex"}
    code = f"import sys, stopdesk.ui.forms.workspace; print(sorted({slow!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_first_compilation_is_announced(qtbot, shown, engine):
    engine.words = "Compiling the LVG engine for the first time, about 15 s."
    engine.go.clear()
    type_into(shown.form.rows["line_width"].editor.text, "2")
    qtbot.waitUntil(lambda: shown.preview.status.text() == engine.words, timeout=DEADLINE)
    with qtbot.waitSignal(shown.preview.computed, timeout=DEADLINE):
        engine.go.set()
    assert not shown.preview.status.isVisible()


@pytest.fixture
def real(qtbot, tasks, notices, library) -> Iterator[ModelWorkspace]:
    """The workspace with the real engine, LTE in front."""
    engine = PreviewEngine()
    workspace = ModelWorkspace(tasks=tasks, notices=notices, library=library, engine=engine, cores=2)
    qtbot.addWidget(workspace)
    workspace.show_model("lte")
    workspace.resize(1200, 700)  # room for the preview beside the form
    workspace.show()
    yield workspace
    engine.close()


def test_the_real_engine_computes_in_a_process_of_its_own(qtbot, real):
    preview = real.preview
    qtbot.waitUntil(lambda: preview.result is not None and preview.plot is not None, timeout=DEADLINE)
    assert preview.result.model == "lte"
    assert preview.result.n_rows == 1
    plan = runner.prepare("lte", real.form.request(), {})
    peak = runner.compute(plan).outputs["peak_temperature"][0]
    line = int(peak.argmax())
    assert cell(preview, 0, 0) == plan.molecule.transition_names[line]
    assert cell(preview, 0, 4) == f"{peak[line]:#.4g}"
    with qtbot.waitSignal(preview.computed, timeout=DEADLINE):
        type_into(real.form.rows["excitation_temperature"].editor.text, "40")
    assert float(cell(preview, 0, 4)) > peak[line]


def test_closing_ends_a_preview_that_is_under_way(qtbot, tasks, notices, library):
    engine = PreviewEngine()
    workspace = ModelWorkspace(tasks=tasks, notices=notices, library=library, engine=engine, cores=2)
    qtbot.addWidget(workspace)
    workspace.show_model("lte")
    qtbot.waitUntil(lambda: any(task.name == "Preview" for task in tasks.under_way), timeout=DEADLINE)
    engine.close()
    qtbot.waitUntil(lambda: not tasks.under_way, timeout=DEADLINE)
    assert workspace.preview.result is None
