"""A run leaves the tables and the summary; pieces of a grid make the same result as the whole."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from stopdesk.engines import runner
from stopdesk.formats import results
from stopdesk.formats.votable import read_document

_GRID = {"column_density": "1e14:1e18:5:log", "excitation_temperature": "5:40:4", "frequency_max": "1000"}
_LVG = {"column_density": "1e13:1e18:3:log", "density_h2": "1e3:1e7:3:log", "kinetic_temperature": "10:100:2"}


def test_a_run_writes_three_files(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    files = runner.run("lte", _GRID, {}, tmp_path / "new" / "out", report=lambda *said: told.append(said))
    assert [file.path.name for file in files] == ["grid.vot", "lines.vot", "summary.json"]
    assert {file.path for file in files} == set((tmp_path / "new" / "out").iterdir())
    assert (told[0], told[-1]) == ((0, 20, ""), (20, 20, ""))
    result = results.read_grid(files[0].path)
    assert (result.n_rows, result.n_lines, result.molecule) == (20, 8, "CO")
    assert result.outputs["excitation_temperature"][7] == pytest.approx(
        result.grid.columns()["excitation_temperature"][7]
    )
    assert read_document(files[1].path).table("lines").n_rows == 160
    assert json.loads(files[2].path.read_text())["n_rows"] == 20


def test_who_computed_it_is_said(tmp_path: Path) -> None:
    result = results.read_grid(runner.run("lvg", {"density_h2": "1e4"}, {}, tmp_path)[0].path)
    assert result.origin["engine"].startswith("pythonradex 2")
    assert result.origin["molecule_file"] == "co.dat"
    assert len(result.origin["molecule_sha256"]) == 64
    assert "Yang et al. (2010)" in result.origin["molecule_reference"]
    assert "background" in result.origin["subtracted"]


def test_the_date_is_said(tmp_path: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    result = results.read_grid(runner.run("lte", {}, {}, tmp_path)[0].path)
    assert before <= datetime.fromisoformat(result.origin["date"]) <= datetime.now(UTC)


def test_rows_in_lte_are_flagged_like_those_of_lvg(tmp_path: Path) -> None:
    files = runner.run("lte", _GRID, {}, tmp_path)
    assert results.read_grid(files[0].path).row_outputs["converged"].tolist() == [True] * 20
    assert read_document(files[1].path).table("lines").column("converged").data.all()


def test_pieces_make_the_whole(tmp_path: Path) -> None:
    plan = runner.prepare("lvg", _LVG, {})
    whole = runner.compute(plan)
    runner.make_scratch(plan, tmp_path / "parts")
    for start, stop in ((7, 18), (0, 1), (1, 7)):
        runner.keep(runner.compute(plan, start, stop), tmp_path / "parts")
    gathered = runner.gather(plan, tmp_path / "parts")
    for name, data in {**whole.outputs, **whole.row_outputs}.items():
        np.testing.assert_allclose({**gathered.outputs, **gathered.row_outputs}[name], data, rtol=1e-12)
    assert runner.finish(plan, gathered, tmp_path, 1.0)[0].path.exists()


def test_rows_that_do_not_converge_are_empty_flagged_and_said() -> None:
    plan = runner.prepare("lvg", {"density_h2": "1e3:1e5:3:log"}, {})
    shape = (3, len(plan.lines))
    outputs = {o.name: np.ones(shape, dtype=o.kind) for o in plan.spec.outputs_per("line")}
    outputs["maser"][:] = False
    outputs["maser"][2, :2] = True
    result = runner.assemble(plan, runner.Part(0, outputs, {"converged": np.array([True, False, True])}))
    assert result.notes == (
        "1 of 3 rows did not converge and is empty.",
        "2 lines are masers (negative optical depth); escape probabilities are unreliable there.",
    )


def test_only_flagged_rows_have_holes() -> None:
    plan = runner.prepare("lvg", {"column_density": "1e12:1e24:4:log", "density_h2": "1:1e12:4:log"}, {})
    part = runner.compute(plan)
    converged = part.row_outputs["converged"]
    assert converged.any()
    for name, data in part.outputs.items():
        assert not np.isnan(data[converged]).any(), name
        if data.dtype.kind == "f":
            assert np.isnan(data[~converged]).all(), name


def test_overlapping_lines_are_said() -> None:
    hcn = {"molecule": "hcn@hfs", "line_width": "5"}
    plan = runner.prepare("lte", hcn, {})
    notes = runner.assemble(plan, runner.compute(plan)).notes
    assert any("overlap; each is treated by itself" in note for note in notes)
    plan = runner.prepare("lte", {"molecule": "co", "line_width": "0.5:5:2"}, {})
    assert runner.assemble(plan, runner.compute(plan)).notes == ()


def test_a_table_too_long_is_left_out_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "LINES_LIMIT", 100)
    files = runner.run("lte", _GRID, {}, tmp_path)
    assert [file.path.name for file in files] == ["grid.vot", "summary.json"]
    assert json.loads(files[1].path.read_text())["notes"] == [
        "There is no lines.vot, as it would have 160 rows; grid.vot has all lines."
    ]


def test_a_compilation_is_announced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stopdesk.engines.lvg.is_warm", lambda: False)
    told: list[str] = []
    runner.run("lvg", {"density_h2": "1e4"}, {}, tmp_path, report=lambda done, total, text: told.append(text))
    assert [text for text in told if text.startswith("Compiling")]
