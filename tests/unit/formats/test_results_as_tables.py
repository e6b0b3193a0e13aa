"""What other programs get of a result: the rows for one line, some of them, the lines of a row, the grid."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from stopdesk.formats import result_tables
from stopdesk.formats.votable import read_table
from stopdesk.samp.tables import TableFormat, write
from tests.ui.sample_results import sample


def test_the_rows_for_a_line_are_what_the_result_has_of_it() -> None:
    result = sample()
    table = result_tables.as_astropy(result_tables.rows_document(result, 2), "ladder, CO 3-2")
    assert len(table) == result.n_rows == 60
    assert table["kinetic_temperature"].unit == "K"
    np.testing.assert_array_equal(table["kinetic_temperature"][:5], [10, 20, 30, 40, 50])
    np.testing.assert_array_equal(table["peak_temperature"], result.outputs["peak_temperature"][:, 2])
    assert table["peak_temperature"].meta["ucd"] == "phys.temperature;stat.max;spect.line"
    params = {param["name"]: param["value"] for param in table.meta["params"]}
    assert params["transition"] == result.transitions.transition[2]
    assert float(params["frequency"]) == result.transitions.frequency[2]


def test_some_rows_keep_their_order() -> None:
    result = sample()
    rows = np.array([3, 17, 41])
    table = result_tables.as_astropy(result_tables.rows_document(result, 0, rows), "some")
    np.testing.assert_array_equal(table["flux"], result.outputs["flux"][rows, 0])


def test_the_lines_of_a_row_say_which_row_it_is() -> None:
    result = sample()
    table = result_tables.as_astropy(result_tables.row_lines_document(result, 7), "row 8")
    assert table["transition"].tolist() == list(result.transitions.transition)
    np.testing.assert_array_equal(table["optical_depth"], result.outputs["optical_depth"][7])
    params = {param["name"]: param["value"] for param in table.meta["params"]}
    assert float(params["kinetic_temperature"]) == result.grid.columns()["kinetic_temperature"][7]


@pytest.mark.parametrize("form", list(TableFormat))
def test_a_grid_with_all_lines_is_read_back_whole(form: TableFormat, tmp_path: Path) -> None:
    result = sample(failed=(4,))
    table = result_tables.as_astropy(result_tables.grid_document(result), "A grid of CO")
    path = tmp_path / f"grid{form.value}"
    write(table, form, path)
    back = Table.read(path, hdu=1) if form.is_fits else read_table(path)
    assert back.colnames == table.colnames
    for name in ("peak_temperature", "flux"):
        np.testing.assert_array_equal(np.ma.filled(back[name], np.nan), result.outputs[name])
    assert str(back["flux"].unit) == str(table["flux"].unit)


def test_a_table_in_fits_says_what_it_is(tmp_path: Path) -> None:
    result = sample()
    path = tmp_path / "rows.fits"
    write(result_tables.as_astropy(result_tables.rows_document(result, 0), "A grid of CO"), TableFormat.FITS, path)
    with fits.open(path) as units:
        assert units[1].header["EXTNAME"] == "A grid of CO"
        said = read_table(io.BytesIO(units[0].data.tobytes()))
    infos = {info["name"]: info["value"] for info in said.meta["infos"]}
    assert infos["model"] == "lvg"
    assert infos["molecule"] == "CO"
