"""Tables in FITS files: binary ones, those of TOPCAT's FITS-plus with all that is said of them, and those in ASCII."""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from stopdesk.errors import FileError
from stopdesk.formats.tables.fits_writer import names_in_fits
from stopdesk.formats.tables.header import describe, described_by
from stopdesk.formats.tables.losses import Found, Loss
from stopdesk.formats.tables.plain import column_of, plain
from stopdesk.formats.votable.cells import objects, texts_of_bytes, wide
from stopdesk.formats.votable.model import Element
from stopdesk.formats.votable.to_astropy import unique_names, unit_of

#: Keywords that say how the bytes lie, or that stand in columns.
_OF_FORMAT = re.compile(
    r"(XTENSION|SIMPLE|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS|EXTEND|EXTNAME|CHECKSUM|DATASUM|THEAP|VOTMETA|NTABLE|END|"
    r"(TTYPE|TFORM|TUNIT|TNULL|TSCAL|TZERO|TDISP|TBCOL|TDIM|TUCD|TCOMM|TUTYP)\d+|)\Z"
)
_VARIOUS = re.compile(r"\d*[PQ]([A-Z])")
_DISPLAY = re.compile(r"([FEDG])(\d+)\.(\d+)")


def read_fits(data: bytes, where: Path | str, choice: int | str | None) -> Found:
    """A table of a FITS file: the first, or that of an index among the tables (from 0) or a name (EXTNAME)."""
    from astropy.io import fits

    if not data.startswith(b"SIMPLE"):
        raise FileError(where, "is no FITS file: it does not begin as one.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # small faults of headers are the rule; what matters is looked at here
            with fits.open(io.BytesIO(data), memmap=False) as hdus:
                tables = [hdu for hdu in hdus if isinstance(hdu, (fits.BinTableHDU, fits.TableHDU))]
                hdu, others = _chosen(tables, choice, where)
                if hdu.fileinfo()["datLoc"] + hdu.size > len(data):
                    raise FileError(where, "ends too early; it was not written to its end.")
                found = _found(hdus[0], hdu, is_only=len(tables) == 1)
    except (
        OSError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        OverflowError,
        MemoryError,
        fits.VerifyError,
    ) as e:
        words = " ".join(str(e).split())[:200]
        raise FileError(where, f"is a damaged FITS file: {words}") from e
    return Found(found.table, (*found.losses, *(Loss("table", name) for name in others)))


def _chosen(tables: list[Any], choice: int | str | None, where: Path | str) -> tuple[Any, list[str]]:
    if not tables:
        raise FileError(where, "is a FITS file without a table.")
    names = [hdu.name or str(i) for i, hdu in enumerate(tables)]
    for i, name in enumerate(names):
        if choice is None or choice in (i, name, name.lower()):
            return tables[i], names[:i] + names[i + 1 :]
    raise FileError(where, f"has no table {choice!r}; it has {', '.join(names)}.")


def _found(primary: Any, hdu: Any, *, is_only: bool) -> Found:
    from astropy.io import fits
    from astropy.table import Table

    if isinstance(hdu, fits.TableHDU):
        read = plain(Table.read(hdu, format="fits"))
        read.table.meta.clear()
        _say(read.table, primary, hdu)
        return read
    types = [column.name for column in hdu.columns]
    names = unique_names([Element("FIELD", {"name": name}) for name in types])
    losses = tuple(Loss("name", old, f"is {new}") for old, new in zip(types, names, strict=True) if old != new)
    described = None
    if is_only and primary.header.get("VOTMETA") is True and primary.data is not None:
        described = described_by(primary.data.tobytes())
        if described is not None and names_in_fits(described.colnames) != types:
            described = None
    hints = [None] * len(names) if described is None else [column.meta for column in described.itercols()]
    made = [column_of(name, *_cells(hdu, i, hints[i] or {})) for i, name in enumerate(names)]
    table = Table(made, copy=False)
    if described is not None:
        describe(table, described)
    else:
        _say(table, primary, hdu)
    return Found(table, losses)


def _say(table: Any, primary: Any, hdu: Any) -> None:
    """What the keywords say; those that are no columns' are INFOs."""
    for i, column in enumerate(table.itercols(), 1):
        header = hdu.header
        if unit := str(header.get(f"TUNIT{i}", "")).strip():
            column.unit = unit_of(unit)
        column.description = str(header.get(f"TCOMM{i}", "")) or header.comments[f"TTYPE{i}"] or None
        for key, word in (("ucd", "TUCD"), ("utype", "TUTYP")):
            if said := str(header.get(f"{word}{i}", "")):
                column.meta[key] = said
        if shown := _DISPLAY.match(str(header.get(f"TDISP{i}", ""))):
            column.meta["width"] = shown[2]
            column.meta["precision"] = ("F" if shown[1] == "F" else "E") + shown[3]
    if hdu.name:
        table.meta["name"] = hdu.name
    infos = [
        {"name": card.keyword, "value": str(card.value), **_text(card.comment), **place}
        for each, place in ((primary, {"of": "RESOURCE"}), (hdu, {}))
        for card in each.header.cards
        if not _OF_FORMAT.match(card.keyword)
    ]
    if infos:
        table.meta["infos"] = infos


def _text(comment: str) -> dict[str, str]:
    return {"text": comment} if comment.strip() else {}


def _cells(hdu: Any, i: int, hints: Any) -> tuple[Any, Any]:
    """Values and mask: what is TNULLn, no truth value, or NaN."""
    about = hdu.columns[i]
    raw = hdu.data.view(np.ndarray)[hdu.data.dtype.names[i]]
    if various := _VARIOUS.match(str(about.format)):
        cells = hdu.data.field(i)
        return (
            objects([_joined(cell) for cell in cells]) if various[1] == "A" else _various(cells, about, hints)
        ), None
    if raw.dtype.kind == "S":
        texts = texts_of_bytes(raw)
        return np.char.rstrip(wide(texts) if texts.dtype.kind == "S" else texts, " "), None
    if raw.dtype == np.uint8 and about.bzero == -128 and about.bscale in (None, "", 1):
        values = (raw ^ 0x80).view(np.int8)
        return values, None if about.null is None else raw == about.null
    values = np.array(hdu.data.field(i))
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    if values.dtype.kind == "b" and raw.shape == values.shape:
        return raw == ord("T"), raw == 0
    if about.null is not None and raw.dtype.kind in "iu" and raw.shape == values.shape:
        return values, raw == about.null
    if values.dtype.kind in "fc":
        return values, np.isnan(values)
    return values, None


def _various(cells: Any, about: Any, hints: Any) -> Any:
    """Arrays of various lengths; their other dimensions are those that the VOTable says."""
    *dims, _ = str(hints.get("_votable_arraysize") or "*").split("x")
    shape = [int(dim) for dim in reversed(dims) if dim.isdigit()]
    made = []
    for cell in cells:
        array = np.array(cell)
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        if about.null is not None and array.dtype.kind in "iu":
            nulls = array == about.null + int(about.bzero or 0)
            array = np.ma.MaskedArray(array, nulls) if nulls.any() else array
        is_whole = not shape or array.size % int(np.prod(shape)) == 0
        made.append(array.reshape(-1, *shape) if is_whole else array)
    return objects(made)


def _joined(cell: Any) -> str:
    if isinstance(cell, str):
        return cell.rstrip(" ")
    return "".join(part if isinstance(part, str) else part.decode("latin-1") for part in np.ravel(cell)).rstrip(" ")
