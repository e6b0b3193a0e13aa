"""Tables with one of everything that a VOTable can hold, and what it means that two of them are the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from astropy.table import Column, MaskedColumn, Table

SERIALIZATIONS = ("binary2", "binary", "tabledata")


def objects(cells: Sequence[object]) -> np.ndarray:
    """A column of objects."""
    column = np.empty(len(cells), dtype=object)
    for i, cell in enumerate(cells):
        column[i] = cell
    return column


def one_of_everything() -> Table:
    """Five rows with every datatype, shape and kind of null, and with everything that can be said of a table."""
    table = Table()
    table["double"] = MaskedColumn(
        [1.5, np.inf, 1e-300, -0.0, 9.0],
        mask=[0, 0, 0, 0, 1],
        unit="km/s",
        description='A <velocity> & "more"',
        meta={"ucd": "phys.veloc", "utype": "a:b.c", "width": "10", "precision": "E3", "ID": "v"},
    )
    table["float"] = Column(np.array([0.1, 2, 3.4e38, -np.inf, 5], dtype=np.float32), meta={"ref": "t"})
    table["long"] = MaskedColumn([1, 2, -(2**63), 2**63 - 1, 5], mask=[0, 1, 0, 0, 0])
    limits = {"null": -99, "min": {"value": 0, "inclusive": True}, "max": {"value": 9, "inclusive": False}}
    table["int"] = MaskedColumn(np.arange(5, dtype=np.int32), mask=[1, 0, 0, 0, 0], meta={"values": limits})
    table["short"] = np.arange(-2, 3, dtype=np.int16)
    table["unsignedByte"] = np.arange(250, 255, dtype=np.uint8)
    table["boolean"] = MaskedColumn([True, False, True, False, True], mask=[0, 0, 1, 0, 0])
    table["floatComplex"] = np.arange(5).astype(np.complex64) * (1 + 2j)
    table["doubleComplex"] = MaskedColumn(np.arange(5) * (1 - 0.1j), mask=[0, 1, 0, 0, 0])
    table["char"] = ["CO", " spaces ", "a&b<c>d", "", "long enough"]
    options = {
        "values": {"options": {"one": "1", "two": "2"}},
        "links": [{"href": "http://example.org/", "title": "x"}],
    }
    table["unicodeChar"] = MaskedColumn(["é", "ß∂", "𝛕x", "", "ж"], meta=options)
    table["circle"] = Column(np.arange(15.0).reshape(5, 3), meta={"xtype": "circle"})
    table["cube"] = MaskedColumn(np.arange(30).reshape(5, 3, 2), mask=np.arange(30).reshape(5, 3, 2) % 7 == 0)
    table["flags"] = MaskedColumn(np.arange(10).reshape(5, 2) % 3 == 0, mask=np.arange(10).reshape(5, 2) == 4)
    table["names"] = np.array([["aa", "b"]] * 5)
    table["lengths"] = objects([np.arange(i, dtype=float) for i in range(5)])
    table["pairs"] = objects([np.arange(2 * i, dtype=np.int32).reshape(-1, 2) for i in range(5)])
    table["truths"] = objects([np.arange(i) % 2 == 0 for i in range(5)])
    table["waves"] = objects([np.arange(i).astype(np.complex64) for i in range(5)])
    table["texts"] = objects(["x" * i for i in range(5)])
    table["strange"] = np.arange(5.0)
    table["strange"].unit = "jupiter.radii per fortnight"
    table.meta.update(_said())
    return table


def _said() -> dict[str, Any]:
    return {
        "name": "everything",
        "ID": "t1",
        "utype": "x:y",
        "description": "One of <everything>.",
        "infos": [
            {"name": "request", "value": 'two\nlines, "quoted"', "of": "RESOURCE"},
            {"name": "QUERY_STATUS", "value": "OK", "of": "RESOURCE"},
            {"name": "note", "value": "after", "of": "RESOURCE", "after": True},
            {"name": "note", "value": "", "text": "said of the table"},
        ],
        "params": [
            {"name": "who", "datatype": "char", "arraysize": "*", "value": "me", "of": "RESOURCE"},
            {"name": "dv", "datatype": "double", "value": "1.5", "unit": "km.s**-1", "description": "FWHM"},
        ],
        "groups": [
            {
                "name": "speeds",
                "description": "Speeds",
                "elements": [
                    {"element": "FIELDref", "ref": "v"},
                    {"element": "PARAM", "name": "p", "datatype": "int", "value": "1"},
                ],
            }
        ],
        "coosys": [{"ID": "sys", "system": "ICRS", "epoch": "2015.5", "of": "RESOURCE"}],
        "timesys": [{"ID": "t", "timeorigin": "0", "timescale": "TT", "refposition": "TOPOCENTER", "of": "RESOURCE"}],
        "links": [{"href": "http://example.org/about"}],
        "resources": [
            {
                "type": "meta",
                "utype": "adhoc:service",
                "elements": [
                    {"element": "PARAM", "name": "accessURL", "datatype": "char", "arraysize": "*", "value": "http://x/y"}
                ],
                "of": "VOTABLE",
            }
        ],
        "resource": {"type": "results", "name": "answer", "description": "What was found"},
        "votable": {"ID": "doc", "description": "A document"},
    }  # fmt: skip


def mask_of(column: Any) -> np.ndarray:
    """Where a column has no value."""
    return np.ma.getmaskarray(np.ma.asarray(column))


def assert_same_cells(
    found: Any, expected: Any, *, nan_is_null: bool = False, text_is_never_null: bool = False
) -> None:
    """Two columns have the same values of the same type and shape, and are null in the same places.

    A serialisation may not tell NaN from null, or an empty text from a missing one.
    """
    assert len(found) == len(expected)
    if expected.dtype.kind == "O" and all(isinstance(cell, str) for cell in expected):
        assert found.tolist() == expected.tolist()
        return
    if expected.dtype.kind == "O":
        for cell, other in zip(found, expected, strict=True):
            assert (cell.shape, cell.dtype) == (other.shape, other.dtype)
            np.testing.assert_array_equal(cell, other)
        return
    gone, missing = mask_of(found), mask_of(expected)
    data, wanted = np.ma.getdata(np.ma.asarray(found)), np.ma.getdata(np.ma.asarray(expected))
    if expected.dtype.kind == "U":
        assert found.dtype.kind in "UO"
        data, wanted = data.astype(str), np.where(missing, "", wanted).astype(str)
        missing = missing & (not text_is_never_null)
    else:
        assert data.dtype == wanted.dtype
    assert data.shape == wanted.shape
    if expected.dtype.kind in "fc" and nan_is_null:
        gone, missing = gone | np.isnan(data), missing | np.isnan(wanted)
    np.testing.assert_array_equal(gone, missing)
    np.testing.assert_array_equal(data[~gone], wanted[~gone])


def assert_same(found: Table, expected: Table, serialization: str) -> None:
    """Two tables have the same columns, as far as a serialisation keeps them."""
    assert found.colnames == expected.colnames
    for name in expected.colnames:
        is_array = expected[name].ndim > 1 or expected[name].dtype.kind == "c"
        assert_same_cells(
            found[name],
            expected[name],
            nan_is_null=serialization == "binary" or (serialization == "tabledata" and is_array),
            text_is_never_null=serialization != "binary2",
        )
