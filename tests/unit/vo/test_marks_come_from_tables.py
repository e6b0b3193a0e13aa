"""Where, at which frequencies and when: found in the tables of every protocol, in the units that they state."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.table import Column, MaskedColumn, Table
from astropy.time import Time

from stopdesk.vo.marks import join_marks, marks_of

C = 299792458.0


def obscore() -> Table:
    table = Table()
    table["target_name"] = ["IRAS 16293-2422", "IRAS 16293-2422", ""]
    table["obs_id"] = MaskedColumn(["uid://A001/X1", "b  c", "d"], mask=[False, False, True])
    table["s_ra"] = MaskedColumn([248.1, 248.2, 0.0], unit="deg", mask=[False, False, True])
    table["s_dec"] = MaskedColumn([-24.4, -24.5, 0.0], unit="deg", mask=[False, False, True])
    table["s_region"] = MaskedColumn(["CIRCLE ICRS 248.1 -24.4 0.1", "WORDS", ""], mask=[False, False, True])
    table["em_min"] = Column([C / 231e9, C / 346e9, np.nan], unit="m")
    table["em_max"] = Column([C / 230e9, C / 345e9, np.nan], unit="m")
    table["t_min"] = MaskedColumn([57000.0, 57001.0, 0.0], unit="d", mask=[False, False, True])
    table["t_max"] = MaskedColumn([57000.5, 57001.0, 0.0], unit="d", mask=[False, True, True])
    return table


def test_obscore() -> None:
    marks = marks_of(obscore(), 2, first_row=10)
    assert marks.row.tolist() == [10, 11, 12]
    assert marks.portal.tolist() == [2, 2, 2]
    assert marks.ra == pytest.approx([248.1, 248.2, np.nan], nan_ok=True)
    assert marks.low == pytest.approx([230e9, 345e9, np.nan], nan_ok=True)
    assert marks.high == pytest.approx([231e9, 346e9, np.nan], nan_ok=True)
    assert marks.start == pytest.approx([57000.0, 57001.0, np.nan], nan_ok=True)
    assert marks.end == pytest.approx([57000.5, 57001.0, np.nan], nan_ok=True)
    assert marks.outlines.row.tolist() == [0]
    assert marks.outlines.unread.tolist() == [1]
    assert [marks.name_of(k) for k in range(3)] == ["IRAS 16293-2422, uid://A001/X1", "IRAS 16293-2422, b c", "row 13"]


def test_the_field_of_view_stands_in_for_a_footprint() -> None:
    table = obscore()
    table["s_fov"] = Column([1.0, 0.2, 0.2], unit="deg")
    outlines = marks_of(table).outlines
    assert outlines.row.tolist() == [0, 1]
    fov = slice(outlines.first[1], outlines.first[2])
    assert np.ptp(outlines.dec[fov]) == pytest.approx(0.2, rel=1e-3)


def test_ssa_by_utype() -> None:
    prefix = "ssa:Char."
    place = f"{prefix}SpatialAxis.Coverage.Location.Value"
    table = Table()
    table["loc"] = Column([[248.1, -24.4], [10.0, 20.0]], meta={"utype": place})
    table["a"] = Column([1.30e-3, 2e-3], unit="m", meta={"utype": f"{prefix}SpectralAxis.Coverage.Bounds.Start"})
    table["b"] = Column([1.31e-3, 3e-3], unit="m", meta={"utype": f"{prefix}SpectralAxis.Coverage.Bounds.Stop"})
    table["c"] = Column([57000.0, 57010.0], unit="d", meta={"utype": f"{prefix}TimeAxis.Coverage.Bounds.Start"})
    marks = marks_of(table)
    assert marks.dec.tolist() == [-24.4, 20.0]
    assert marks.low == pytest.approx([C / 1.31e-3, C / 3e-3])
    assert marks.start.tolist() == marks.end.tolist() == [57000.0, 57010.0]


def test_sia1_by_ucd() -> None:
    table = Table()
    table["r"] = Column([248.1, 10.0], unit="deg", meta={"ucd": "POS_EQ_RA_MAIN"})
    table["d"] = Column([-24.4, 20.0], unit="deg", meta={"ucd": "POS_EQ_DEC_MAIN"})
    table["n"] = Column([[100, 200], [0, 0]], meta={"ucd": "VOX:Image_Naxis"})
    table["s"] = Column([[-0.001, 0.001], [-0.001, 0.001]], meta={"ucd": "VOX:Image_Scale"})
    table["lo"] = Column([1.30, 85.0], meta={"ucd": "VOX:BandPass_LoLimit"})
    table["hi"] = Column([1.31, 86.0], meta={"ucd": "VOX:BandPass_HiLimit"})
    table["un"] = Column(["mm", "GHz"], meta={"ucd": "VOX:BandPass_Unit"})
    table["when"] = Column([2457000.5, 57010.0], meta={"ucd": "VOX:Image_MJDateObs"})
    marks = marks_of(table)
    assert marks.low == pytest.approx([C / 1.31e-3, 85e9])
    assert marks.high == pytest.approx([C / 1.30e-3, 86e9])
    assert marks.start.tolist() == [57000.0, 57010.0]
    assert marks.outlines.row.tolist() == [0]
    assert np.ptp(marks.outlines.dec) == pytest.approx(0.2, rel=1e-3)
    assert np.ptp(marks.outlines.ra) * np.cos(np.radians(24.4)) == pytest.approx(0.1, rel=3e-3)


def test_a_cone_search_has_positions_only() -> None:
    table = Table({"RAJ2000": [1.0, 2.0], "DEJ2000": [3.0, 95.0]})
    marks = marks_of(table)
    assert marks.ra == pytest.approx([1.0, np.nan], nan_ok=True)
    assert np.isnan([marks.low, marks.high, marks.start, marks.end]).all()


def test_a_table_without_anything_known() -> None:
    marks = marks_of(Table({"x": ["a", "b"], "y": [1, 2]}))
    assert marks.n_rows == 2
    assert np.isnan([marks.ra, marks.low, marks.start]).all()
    assert marks_of(Table()).n_rows == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2014-12-09T12:00:00", "2014-12-09T12:00:00"),
        ("2014-12-09 12:00:00.5Z", "2014-12-09T12:00:00.5"),
        ("2014-12-09", "2014-12-09T00:00:00"),
        ("2014-12", "2014-12-01T00:00:00"),
        ("57000", None),
        ("2014-13-45", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_as_text(text: str, expected: str | None) -> None:
    start = marks_of(Table({"date_obs": [text]})).start[0]
    if expected is None:
        assert np.isnan(start)
    else:
        assert start == pytest.approx(Time(expected).mjd, abs=1e-9)


def test_years_as_numbers() -> None:
    table = Table()
    table["t_min"] = Column([2014.5], unit="yr")
    assert marks_of(table).start[0] == pytest.approx(Time(2014.5, format="jyear").mjd)


def test_several_tables_become_one() -> None:
    second = Table({"RAJ2000": [1.0, 2.0], "DEJ2000": [3.0, 5.0]})
    both = join_marks([marks_of(second, 0), marks_of(obscore(), 1)])
    assert both.row.tolist() == [0, 1, 2, 3, 4]
    assert both.portal.tolist() == [0, 0, 1, 1, 1]
    assert both.outlines.row.tolist() == [2]
    assert both.outlines.unread.tolist() == [3]
    assert (both.name_of(1), both.name_of(2)) == ("row 2", "IRAS 16293-2422, uid://A001/X1")
    assert join_marks([]).n_rows == 0


def test_rows_are_found_by_their_numbers() -> None:
    marks = marks_of(obscore(), first_row=10)
    assert marks.selected(np.array([11, 12, 500, -1])).tolist() == [False, True, True]


def test_numbers_that_stand_for_no_date_are_none() -> None:
    table = Table({"t_min": [-1e30, 59000.5, 1e9], "t_max": [59000.6, 59000.6, np.inf]})
    marks = marks_of(table)
    np.testing.assert_array_equal(marks.start, [59000.6, 59000.5, np.nan])
    np.testing.assert_array_equal(marks.end, [59000.6, 59000.6, np.nan])
