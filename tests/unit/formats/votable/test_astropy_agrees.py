"""astropy reads what is written here as the same table, and what astropy writes is read here as it reads it."""

from __future__ import annotations

import base64
import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xmlschema
from astropy.io import votable
from astropy.table import Table
from astropy.units import UnrecognizedUnit

from stopdesk.formats.votable import Serialization, read_table, write_table
from tests.votables import SERIALIZATIONS, mask_of, objects, one_of_everything

each_serialization = pytest.mark.parametrize("serialization", SERIALIZATIONS)

#: astropy has no arrays of texts, and takes the length of arrays of arrays for their number of rows.
_NOT_ASTROPYS = ("names", "pairs")


def by_astropy(data: bytes, **options: Any) -> Table:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = votable.parse(io.BytesIO(data), **options)
    return parsed.get_first_table().to_table(use_names_over_ids=True)


def written(table: Table, serialization: Serialization) -> bytes:
    file = io.BytesIO()
    write_table(table, file, serialization)
    return file.getvalue()


def assert_same_as_astropys(ours: Table, theirs: Table) -> None:
    """Numbers agree where there are any: astropy takes NaN for null, everywhere."""
    assert ours.colnames == theirs.colnames
    for name in ours.colnames:
        column, other = ours[name], theirs[name]
        if other.dtype.kind in "OU":
            for cell, their in zip(column, other, strict=True):
                if np.ma.is_masked(cell) or np.ma.is_masked(their):
                    continue
                if isinstance(their, str):  # astropy takes spaces around text away in TABLEDATA
                    cell, their = cell.strip(), their.strip()
                np.testing.assert_array_equal(np.ma.getdata(cell), np.ma.getdata(their))
            continue
        gone, data, their = mask_of(column), np.ma.getdata(column), np.ma.getdata(other)
        assert (data.dtype, data.shape) == (their.dtype, their.shape), name
        missing = mask_of(other)
        if data.dtype.kind in "fc":
            gone, missing = gone | np.isnan(data), missing | np.isnan(their)
        np.testing.assert_array_equal(gone, missing, name)
        np.testing.assert_array_equal(data[~gone], their[~gone], name)
        if not isinstance(other.unit, UnrecognizedUnit):
            assert str(column.unit) == str(other.unit)
        assert column.description == other.description


@each_serialization
def test_astropy_reads_the_same(serialization: Serialization) -> None:
    table = one_of_everything()
    table.remove_columns([*_NOT_ASTROPYS, "strange"])
    if serialization == "binary":
        table.remove_column("boolean")  # for which BINARY has a null that astropy does not read
        table.remove_column("flags")
    data = written(table, serialization)
    assert_same_as_astropys(read_table(data), by_astropy(data, verify="ignore"))


@each_serialization
def test_astropy_has_nothing_to_say_against_it(serialization: Serialization) -> None:
    table = one_of_everything()[[0, 2, 3]]
    table.remove_columns([*_NOT_ASTROPYS, "strange", "unicodeChar"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        votable.parse(io.BytesIO(written(table, serialization)), verify="exception")


@each_serialization
def test_it_is_a_votable_by_the_schema(serialization: Serialization) -> None:
    schema = xmlschema.XMLSchema(Path(__file__).parents[3] / "data" / "schema" / "VOTable.xsd")
    schema.validate(io.BytesIO(written(one_of_everything(), serialization)))


_VERSIONS = [
    (serialization, version)
    for serialization in SERIALIZATIONS
    for version in ("1.1", "1.2", "1.3", "1.4", "1.5")
    if serialization != "binary2" or version > "1.2"
]


@pytest.mark.parametrize(("serialization", "version"), _VERSIONS)
def test_what_astropy_writes_is_read_as_astropy_reads_it(serialization: Serialization, version: str) -> None:
    table = one_of_everything()
    table.remove_columns([*_NOT_ASTROPYS, "strange", "truths", "waves", "long", "cube"])
    table["lengths"] = objects([np.ma.MaskedArray(cell, np.zeros(len(cell), bool)) for cell in table["lengths"]])
    table["double"].meta.clear()
    table["unicodeChar"].meta.clear()
    table["int"].meta["values"] = {"null": -99}
    if serialization == "binary" or version < "1.3":  # no null of whole numbers, nor of booleans
        table.remove_columns(["int", "boolean", "flags"])
    table.meta.clear()
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = votable.from_table(table)
        document.version = version
        document.to_xml(file, tabledata_format=serialization)
    data = file.getvalue()
    assert f'version="{version}"'.encode() in data
    assert_same_as_astropys(read_table(data), by_astropy(data))


def test_rows_in_fits_are_left_to_astropy() -> None:
    """A VOTable whose rows are a FITS table, which our own codec does not read."""
    fits = io.BytesIO()
    Table({"a": [1, 2, 3], "b": [1.5, 2.5, 3.5]}).write(fits, format="fits")
    data = (
        b'<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><INFO name="by" value="x"/>'
        b'<TABLE><FIELD name="a" datatype="long"/><FIELD name="b" datatype="double"/><DATA><FITS extnum="1">'
        b'<STREAM encoding="base64">'
        + base64.b64encode(fits.getvalue())
        + b"</STREAM></FITS></DATA></TABLE></RESOURCE></VOTABLE>"
    )
    for source in (data, io.BytesIO(data)):
        found = read_table(source)
        assert found["a"].tolist() == [1, 2, 3]
        assert found["b"].tolist() == [1.5, 2.5, 3.5]
        assert found.meta["infos"] == [{"name": "by", "value": "x", "of": "RESOURCE"}]
