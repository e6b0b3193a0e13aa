"""Results to show: CO with thermal populations on a grid, quick to compute and true to the equations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk.domain.grid import Grid
from stopdesk.domain.models import model_spec
from stopdesk.domain.parameter import Value
from stopdesk.domain.result import ModelResult, Transitions
from stopdesk.engines.lte import boltzmann_populations
from stopdesk.engines.radiation import Cloud, line_outputs
from stopdesk.formats.molecules import load
from stopdesk.ui.grids.content import ResultContent
from stopdesk.ui.grids.results import ResultsView
from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.frame import PlotFrame
from stopdesk.ui.tasks import Tasks

#: 3 x 4 x 5 rows: column density, H2 density (which thermal populations do not feel), kinetic temperature.
GRID = {"column_density": "1e15:1e17:3:log", "density_h2": "1e3:1e6:4:log", "kinetic_temperature": "10:50:5"}
_OUTPUTS = ("excitation_temperature", "optical_depth", "peak_temperature", "integrated_intensity", "flux", "maser")


def sample(changes: dict[str, str] | None = None, *, failed: Sequence[int] = (), n_lines: int = 12) -> ModelResult:
    """A result of the LVG model for a request; the rows ``failed`` did not converge."""
    molecule, spec = load("co"), model_spec("lvg")
    request = {"molecule": "co", "geometry": "uniform_slab", "line_width": "1"} | (GRID if changes is None else changes)
    values: dict[str, Value] = spec.check(spec.read(request), molecule)
    grid = Grid.of(values)
    rows = {**grid.fixed, **grid.columns()}

    def column(name: str) -> np.ndarray:
        return np.broadcast_to(np.asarray(rows[name], dtype=np.float64), (grid.n_rows,))

    nothing = np.zeros(grid.n_rows)
    cloud = Cloud(column("column_density"), column("line_width"), column("background_temperature"), nothing, nothing)
    populations = boltzmann_populations(molecule, column("kinetic_temperature"))
    found = line_outputs(molecule, populations, cloud, geometry="uniform_slab", line_profile="gaussian")
    outputs = {name: np.array(getattr(found, name)[:, :n_lines]) for name in _OUTPUTS}
    converged = np.array(found.converged)
    for row in failed:
        converged[row] = False
        for array in outputs.values():
            if array.dtype == np.float64:
                array[row] = np.nan
    transitions = Transitions(
        molecule.transition_names[:n_lines],
        molecule.frequency[:n_lines],
        molecule.upper_energy[:n_lines],
        molecule.einstein_a[:n_lines],
    )
    notes = (f"{len(failed)} of {grid.n_rows} rows did not converge and are empty.",) if failed else ()
    origin = {"engine": "thermal populations"}
    return ModelResult("lvg", values, "CO", transitions, outputs, {"converged": converged}, origin, notes)


@contextmanager
def shown(qtbot: QtBot, result: ModelResult, *, v_lsr: float | None = None) -> Iterator[ResultContent]:
    """The results view on the screen with a result in it."""
    tasks, notices = Tasks(), Notices()
    view = ResultsView(tasks=tasks, notices=notices)
    qtbot.addWidget(view)
    view.resize(1200, 720)
    view.show()
    qtbot.waitExposed(view)
    with qtbot.waitSignal(view.shown, timeout=20_000):
        view.show_result(result, "A grid of CO", v_lsr)
    assert view.content is not None
    try:
        yield view.content
    finally:
        assert tasks.shutdown()


def screen_point(frame: PlotFrame, x: float, y: float) -> QPoint:
    """Where a point in view coordinates lies on the plot's canvas."""
    return frame.canvas.mapFromScene(frame.view.mapViewToScene(QPointF(x, y)))


@contextmanager
def dark_palette() -> Iterator[None]:
    """A window in the dark."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = app.palette()
    dark = QPalette(before)
    for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base, QPalette.ColorRole.Button):
        dark.setColor(role, QColor("#202020"))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        dark.setColor(role, QColor("#eeeeee"))
    app.setPalette(dark)
    try:
        yield
    finally:
        app.setPalette(before)
