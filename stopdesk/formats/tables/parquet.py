"""Parquet files with a VOTable in their metadata that says what Parquet itself cannot (IVOA note VOParquet 1.0)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from stopdesk.errors import FileError
from stopdesk.formats.tables.arrow import from_arrow, to_arrow
from stopdesk.formats.tables.header import describe, described_by, header_of
from stopdesk.formats.tables.losses import Found, Loss
from stopdesk.formats.tables.plain import column_of
from stopdesk.formats.votable.model import Element
from stopdesk.formats.votable.to_astropy import unique_names

_VERSION, _CONTENT = b"IVOA.VOTable-Parquet.version", b"IVOA.VOTable-Parquet.content"
_OF_ASTROPY = b"table_meta_yaml"
_OF_OTHERS = (b"ARROW:schema", b"pandas", b"geo", b"huggingface")


def write_parquet(table: Any, file: BinaryIO) -> None:
    """Write a table; see `arrow.to_arrow` for how arrays and complex numbers stand in it."""
    metadata = {_VERSION: b"1.0", _CONTENT: header_of(table)}
    columns = [to_arrow(table[name]) for name in table.colnames]
    made = pa.Table.from_arrays(columns, names=list(table.colnames)).replace_schema_metadata(metadata)
    pyarrow.parquet.write_table(made, file, compression="zstd")


def read_parquet(data: bytes, where: Path | str) -> Found:
    """The table in a Parquet file, with what the metadata of VOParquet or of astropy say of it."""
    from astropy.table import Table

    if not data.startswith(b"PAR1"):
        raise FileError(where, "is no Parquet file: it does not begin as one.")
    try:
        opened = pyarrow.parquet.ParquetFile(pa.BufferReader(data))
        read = opened.read()
        columns = [from_arrow(column) for column in read.columns]
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        words = " ".join(str(error).split())[:200]
        raise FileError(where, f"is a damaged Parquet file, or not written to its end: {words}") from error
    names = unique_names([Element("FIELD", {"name": name}) for name in read.column_names])
    losses = [Loss("name", old, f"is {new}") for old, new in zip(read.column_names, names, strict=True) if old != new]
    losses += [Loss("type", name, f"{was}, now text") for name, (_, _, was) in zip(names, columns, strict=True) if was]
    metadata = read.schema.metadata or {}
    described = described_by(metadata[_CONTENT]) if _CONTENT in metadata else None
    if described is not None and described.colnames != names:
        described = None
    made = []
    for i, (name, (values, mask, _)) in enumerate(zip(names, columns, strict=True)):
        if described is not None and described[name].dtype.kind == "c":
            values, mask = _complex(values, mask, described[name].dtype)
        made.append(column_of(name, values, mask, **_said_of_field(read.schema.field(i).metadata)))
    table = Table(made, copy=False)
    if described is not None:
        describe(table, described)
    else:
        _describe_otherwise(table, metadata)
    return Found(table, tuple(losses))


def _complex(values: Any, mask: Any, dtype: Any) -> tuple[Any, Any]:
    if values.ndim < 2 or values.shape[-1] != 2 or values.dtype.kind != "f":
        return values, mask
    return np.ascontiguousarray(values).view(dtype.newbyteorder("="))[..., 0], mask.all(axis=-1)


def _said_of_field(metadata: Any) -> dict[str, str]:
    known = {key.decode("utf-8", "replace"): text.decode("utf-8", "replace") for key, text in (metadata or {}).items()}
    return {key: known[key] for key in ("unit", "description") if known.get(key)}


def _describe_otherwise(table: Any, metadata: Any) -> None:
    """Say what astropy's own Parquet files say of a table, or keep the metadata as text by name."""
    for key, text in metadata.items():
        if key not in (_VERSION, _CONTENT, _OF_ASTROPY, *_OF_OTHERS):
            table.meta[key.decode("utf-8", "replace")] = text.decode("utf-8", "replace")
    if _OF_ASTROPY not in metadata:
        return
    import yaml
    from astropy.table.meta import get_header_from_yaml

    try:
        header = get_header_from_yaml(metadata[_OF_ASTROPY].decode().split("\n"))
    except (ValueError, yaml.YAMLError):
        return
    table.meta.update(header.get("meta") or {})
    for about in header["datatype"]:
        if about.get("name") in table.colnames:
            column = table[about["name"]]
            column.unit, column.description = about.get("unit"), about.get("description")
            column.meta.update(about.get("meta") or {})
