"""The spectra of several selected rows are drawn over each other: which, what they are called, what is written."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk.domain.result import ModelResult
from stopdesk.ui.grids.content import ResultContent
from stopdesk.ui.spectra.overlay import MOST_DRAWN, look, overlay_of
from stopdesk.ui.spectra.spectrum import SpectrumPlot
from tests.ui.sample_results import sample, shown

#: Column density 1e16, H2 density 1e4, all five temperatures.
FIRST = 25


@pytest.fixture
def content(qtbot: QtBot) -> Iterator[ResultContent]:
    with shown(qtbot, sample(failed=[59])) as content:
        yield content


def choose(content: ResultContent, rows: list[int], current: int) -> SpectrumPlot:
    content.selection.choose(rows, source="elsewhere", current=current)
    QApplication.processEvents()
    return content.spectrum


def table(plot: SpectrumPlot, folder: Path) -> tuple[list[str], np.ndarray]:
    """What is exported; NaN where a column is shorter than others."""
    plot.frame.export(folder / "spectrum.csv")
    with (folder / "spectrum.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, np.array([[float(cell or "nan") for cell in row] for row in rows]).T


def test_each_row_is_called_by_what_differs(content: ResultContent) -> None:
    plot = choose(content, [FIRST, FIRST + 2, FIRST + 3], FIRST + 2)
    assert plot.frame.legend.names == ("T_kin = 30 K", "T_kin = 10 K", "T_kin = 40 K"), "the chosen one first"
    choose(content, [FIRST, FIRST + 20, FIRST + 22], FIRST)
    assert plot.frame.legend.names == (
        "N = 1e16 cm⁻², T_kin = 10 K",
        "N = 1e17 cm⁻², T_kin = 10 K",
        "N = 1e17 cm⁻², T_kin = 30 K",
    )
    content.select_row(FIRST)
    assert plot.frame.legend.names == ()


def test_the_numbers_of_all_drawn_rows_are_written(content: ResultContent, tmp_path: Path) -> None:
    plot = choose(content, [FIRST, FIRST + 20], FIRST + 20)
    header, columns = table(plot, tmp_path)
    assert header == [
        "Rest frequency [GHz]",
        "N = 1e17 cm-2: Peak temperature [K]",
        "N = 1e16 cm-2: Peak temperature [K]",
    ]
    peaks = sample().outputs["peak_temperature"]
    assert columns[1] == pytest.approx(peaks[FIRST + 20])
    assert columns[2] == pytest.approx(peaks[FIRST])


def test_profiles_and_velocities_of_all_rows_are_drawn(content: ResultContent, tmp_path: Path) -> None:
    content.select_line(2)
    plot = choose(content, [FIRST, FIRST + 2, FIRST + 4], FIRST)
    content.grab()
    plot.zoom_to_line()
    assert plot.resolved == (2,)
    header, columns = table(plot, tmp_path)
    assert header[4::2] == [f"CO 3-2, T_kin = {kelvin} K: Rest frequency [GHz]" for kelvin in (10, 30, 50)]
    peaks = sample().outputs["peak_temperature"][[FIRST, FIRST + 2, FIRST + 4], 2]
    assert np.nanmax(columns[5::2], axis=1) == pytest.approx(peaks, rel=1e-3)
    (_, _), (low, high) = plot.frame.view.viewRange()
    assert low < 0 < peaks.max() < high, "the brightest fits too"
    plot.view_choice.setCurrentIndex(1)
    header, columns = table(plot, tmp_path)
    assert [name.split(":")[0] for name in header[::2]] == [f"CO 3-2, T_kin = {kelvin} K" for kelvin in (10, 30, 50)]
    assert header[0].endswith(": Velocity from the line's centre [km/s]")
    assert np.nanmax(columns[1::2], axis=1) == pytest.approx(peaks, rel=1e-3)


def test_of_more_than_a_dozen_rows_the_nearest_are_drawn_and_it_is_said(content: ResultContent) -> None:
    plot = choose(content, list(range(59)), FIRST)
    assert len(plot.frame.legend.names) == MOST_DRAWN
    assert plot.frame.legend.names[0] == "N = 1e16 cm⁻², n(H₂) = 1e4 cm⁻³, T_kin = 10 K"
    assert plot.caption.endswith(" 12 of 59 selected rows are drawn.")
    choose(content, list(range(12)), 0)
    assert "selected" not in plot.caption


def test_rows_that_did_not_converge_are_left_out_and_counted(content: ResultContent) -> None:
    plot = choose(content, [57, 58, 59], 59)
    assert plot.frame.message == ""
    assert plot.frame.legend.names == ("T_kin = 30 K", "T_kin = 40 K")
    assert plot.caption.startswith("Row 60, ")
    assert plot.caption.endswith(". 2 of 3 selected rows are drawn; 1 did not converge.")
    content.show_result(sample(failed=[58, 59]), "Another", None)
    choose(content, [58, 59], 59)
    assert plot.frame.message == "None of the selected rows converged: there is no spectrum of them. Choose other rows."


def test_a_zoomed_view_stays_while_rows_are_added(content: ResultContent) -> None:
    plot = choose(content, [FIRST], FIRST)
    plot.frame.view.setRange(xRange=(100.0, 400.0), padding=0)
    plot.frame.zoomed = True
    choose(content, [FIRST, FIRST + 1], FIRST)
    assert plot.frame.view.viewRange()[0] == pytest.approx([100.0, 400.0])


def nearest(result: ModelResult, row: int, selected: np.ndarray, n: int) -> set[int]:
    """Slowly: by the longest step along an axis, then by the distance, then by number."""
    at = np.array(np.unravel_index(row, result.grid.shape))

    def away(other: int) -> tuple[int, int, int]:
        steps = np.abs(np.array(np.unravel_index(other, result.grid.shape)) - at)
        return int(steps.max()), int((steps**2).sum()), other

    return set(sorted(selected.tolist(), key=away)[:n])


@pytest.mark.parametrize("seed", range(8))
def test_the_nearest_on_the_axes_are_found(seed: int) -> None:
    axes = {"column_density": "1e14:1e18:9:log", "density_h2": "1e3:1e6:7:log", "kinetic_temperature": "10:50:8"}
    result = sample(axes)
    rng = np.random.default_rng(seed)
    selected = np.sort(rng.choice(result.n_rows, rng.choice([3, 12, 13, 60, 400]), replace=False))
    row = int(rng.choice(selected))
    overlay = overlay_of(result, row, selected)
    assert overlay.rows[0] == row
    assert set(overlay.rows) == nearest(result, row, selected, MOST_DRAWN)


def test_no_two_of_a_dozen_rows_look_alike() -> None:
    looks = [(colour.name(), variant) for colour, variant in map(look, range(MOST_DRAWN - 1))]
    assert len(set(looks)) == MOST_DRAWN - 1


def test_one_model_without_axes_has_no_legend(qtbot: QtBot) -> None:
    with shown(qtbot, sample({"column_density": "1e16", "density_h2": "1e4"})) as content:
        assert content.spectrum.frame.legend.names == ()
        assert content.spectrum.frame.message == ""
