"""The result of a model goes to files and comes back the same; what did not converge is empty and flagged."""

from __future__ import annotations

import json
import tracemalloc
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stopdesk.domain.models import model_spec
from stopdesk.domain.parameter import Attachment
from stopdesk.domain.result import ModelResult, Transitions
from stopdesk.errors import FileError, InputError
from stopdesk.formats import results
from stopdesk.formats.votable import read_document

_NAMES = ("1-0", "2-1", "3-2")


def _result(n_density: int = 4, n_lines: int = 3, **more: str) -> ModelResult:
    spec = model_spec("lvg")
    request = {"density_h2": f"1e3:1e7:{n_density}:log", "kinetic_temperature": "10:30:3", "frequency_max": "400"}
    values = spec.check(spec.read(request | more), None)
    shape = (3 * n_density, n_lines)
    numbers = np.random.default_rng(7)
    outputs = {output.name: numbers.lognormal(size=shape) for output in spec.outputs_per("line")}
    outputs["optical_depth"][0, -1] = -0.5
    converged = np.ones(shape[0], dtype=bool)
    converged[5] = False
    for data in outputs.values():
        data[5] = np.nan
    outputs["maser"] = outputs["optical_depth"] < 0
    return ModelResult(
        model="lvg",
        values=values,
        molecule="CO",
        transitions=Transitions(
            _NAMES[:n_lines],
            np.array([115.3, 230.5, 345.8])[:n_lines],
            np.arange(n_lines) * 5.5,
            np.full(n_lines, 1e-7),
        ),
        outputs=outputs,
        row_outputs={"converged": converged},
        origin={"engine": "pythonradex 2.0.2", "subtracted": "The background is subtracted."},
        notes=("1 of 12 rows did not converge and is empty.",),
    )


def _assert_same(found: ModelResult, expected: ModelResult) -> None:
    for name in ("model", "values", "molecule", "origin", "notes"):
        assert getattr(found, name) == getattr(expected, name)
    assert list(found.values) == list(expected.values)
    assert found.transitions.transition == expected.transitions.transition
    for name in ("frequency", "upper_energy", "einstein_a"):
        np.testing.assert_array_equal(getattr(found.transitions, name), getattr(expected.transitions, name))
    assert list(found.outputs) == list(expected.outputs)
    for name, data in {**expected.outputs, **expected.row_outputs}.items():
        np.testing.assert_array_equal({**found.outputs, **found.row_outputs}[name], data)


@pytest.mark.parametrize("n_lines", [1, 3])
def test_a_grid_reads_back_exactly(tmp_path: Path, n_lines: int) -> None:
    result = _result(n_lines=n_lines)
    results.write_grid(result, tmp_path / "grid.vot")
    _assert_same(results.read_grid(tmp_path / "grid.vot"), result)
    _assert_same(results.read_grid((tmp_path / "grid.vot").read_bytes()), result)


@pytest.mark.parametrize(("from_path", "times"), [(True, 3.2), (False, 4.5)])
def test_a_grid_is_read_in_a_few_times_its_size(tmp_path: Path, from_path: bool, times: float) -> None:
    results.write_grid(_result(n_density=40_000), tmp_path / "grid.vot")
    size = 0.75 * (tmp_path / "grid.vot").stat().st_size  # without base64
    tracemalloc.start()
    try:
        results.read_grid(tmp_path / "grid.vot" if from_path else (tmp_path / "grid.vot").read_bytes())
        assert tracemalloc.get_traced_memory()[1] < times * size
    finally:
        tracemalloc.stop()


def test_an_uploaded_molecule_reads_back(tmp_path: Path) -> None:
    attachment = Attachment("mine.dat", "ab" * 32, 12_345)
    result = _result()
    values = {name: value for name, value in result.values.items() if name != "molecule"}
    result = replace(result, values={"molecule_file": attachment, **values})
    results.write_grid(result, tmp_path / "grid.vot")
    assert results.read_grid(tmp_path / "grid.vot").values == result.values


def test_the_grid_says_what_its_columns_are(tmp_path: Path) -> None:
    results.write_grid(_result(), tmp_path / "grid.vot")
    document = read_document(tmp_path / "grid.vot")
    grid = document.table("grid")
    assert [column.name for column in grid.columns][:3] == ["density_h2", "kinetic_temperature", "converged"]
    density = grid.column("density_h2")
    assert (density.unit, density.ucd) == ("cm**-3", "phys.density;phys.mol")
    assert density.data.tolist() == pytest.approx(np.repeat([1e3, 10 ** (13 / 3), 10 ** (17 / 3), 1e7], 3).tolist())
    params = {param.name: (param.value, param.unit) for param in grid.params}
    assert params["column_density"] == (1e15, "cm**-2")
    assert params["geometry"] == ("expanding_sphere", "")
    assert grid.column("peak_temperature").data.shape == (12, 3)
    assert document.info("origin.subtracted") == "The background is subtracted."


def test_lines_hold_every_row_and_line(tmp_path: Path) -> None:
    result = _result()
    results.write_lines(result, tmp_path / "lines.vot")
    table = read_document(tmp_path / "lines.vot").table("lines")
    assert table.n_rows == 36
    wanted = ("density_h2", "transition", "frequency", "upper_energy", "einstein_a", "flux", "maser", "converged")
    assert set(wanted) <= {column.name for column in table.columns}
    assert table.column("transition").data.tolist() == list(_NAMES) * 12
    assert table.column("kinetic_temperature").data[:7].tolist() == [10, 10, 10, 20, 20, 20, 30]
    assert table.column("maser").data.nonzero()[0].tolist() == [2]
    assert (~table.column("converged").data).nonzero()[0].tolist() == [15, 16, 17]
    np.testing.assert_array_equal(np.isnan(table.column("flux").data), ~table.column("converged").data)


def test_both_tables_are_valid_for_astropy_and_null_where_not_converged(tmp_path: Path) -> None:
    from astropy.io import votable

    results.write_grid(_result(), tmp_path / "grid.vot")
    results.write_lines(_result(), tmp_path / "lines.vot")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grid = votable.parse(tmp_path / "grid.vot", verify="exception")
        lines = votable.parse(tmp_path / "lines.vot", verify="exception")
    assert [table.name for table in grid.iter_tables()] == ["grid", "transitions"]
    flux = grid.get_first_table().to_table()["flux"]
    assert flux.mask.all(axis=1).tolist() == [row == 5 for row in range(12)]
    assert lines.get_first_table().to_table()["flux"].mask.sum() == 3


def test_too_many_lines_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "LINES_LIMIT", 35)
    with pytest.raises(InputError, match="36 lines"):
        results.write_lines(_result(), tmp_path / "lines.vot")
    assert not list(tmp_path.glob("*.vot*"))


def test_the_summary_counts(tmp_path: Path) -> None:
    result = _result()
    results.write_summary(result, tmp_path / "summary.json", 1.25)
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["n_rows"], summary["converged"], summary["not_converged"], summary["masers"]) == (12, 11, 1, 1)
    assert summary["seconds"] == 1.25
    assert summary["request"]["density_h2"] == "1000:1e7:4:log"
    assert summary["ranges"]["optical_depth"]["minimum"] == -0.5
    assert summary["ranges"]["flux"]["maximum"] == np.nanmax(result.outputs["flux"])
    assert summary["notes"] == list(result.notes)


def test_a_table_of_something_else_is_refused(tmp_path: Path) -> None:
    results.write_lines(_result(), tmp_path / "lines.vot")
    with pytest.raises(FileError, match=r"lines\.vot"):
        results.read_grid(tmp_path / "lines.vot")
    results.write_grid(_result(), tmp_path / "grid.vot")
    newer = (tmp_path / "grid.vot").read_bytes().replace(b'"model" value="lvg"', b'"model" value="xyz"')
    with pytest.raises(FileError, match="xyz"):
        results.read_grid(newer)
    other = (tmp_path / "grid.vot").read_bytes().replace(b"10:30:3", b"10:30:4")
    with pytest.raises(FileError, match="12 rows"):
        results.read_grid(other)
