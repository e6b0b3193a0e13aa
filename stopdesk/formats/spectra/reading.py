"""Reads all spectra of a file, by what its bytes are; what cannot be understood is said, unit by unit."""

from __future__ import annotations

import gzip
import hashlib
import io
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.spectrum import Spectrum
from stopdesk.errors import Cancelled, FileError
from stopdesk.formats.spectra.axes import Axis, UnclearError
from stopdesk.formats.spectra.headers import Header, described, fits_header
from stopdesk.formats.spectra.images import read_image
from stopdesk.formats.spectra.tables import Column, fits_columns, read_columns
from stopdesk.formats.spectra.text import read_text
from stopdesk.formats.spectra.units import flux_unit
from stopdesk.formats.spectra.votables import read_votable
from stopdesk.formats.whole import all_of, read_whole

#: Larger files, packed or not, are not read unless asked for: they are cubes, or no spectra.
MAX_BYTES = 512 << 20

#: Spectra of more channels are refused.
_MOST_CHANNELS = 50_000_000

#: So many units of a FITS file are looked at.
_MOST_UNITS = 200

Cancel = Callable[[], bool]


def read_spectra(path: Path, *, max_bytes: int = MAX_BYTES, cancelled: Cancel | None = None) -> tuple[Spectrum, ...]:
    """All spectra of a FITS file, VOTable, ECSV or CSV file, gzipped or not, in the order of the file.

    Raises FileError, with the unit of the file and what it lacks, where there is none that is understood, and for
    files of more than ``max_bytes``; Cancelled where ``cancelled`` says so.
    """
    return parse_spectra(read_bytes(path, max_bytes, cancelled), path, max_bytes=max_bytes, cancelled=cancelled)


def read_bytes(path: Path, max_bytes: int = MAX_BYTES, cancelled: Cancel | None = None) -> bytes:
    """The bytes of a file of at most so many; FileError and Cancelled as ``read_spectra``."""
    return read_whole(path, "spectra", max_bytes, cancelled)


def parse_spectra(
    data: bytes, name: Path | str, *, max_bytes: int = MAX_BYTES, cancelled: Cancel | None = None
) -> tuple[Spectrum, ...]:
    """All spectra in the bytes of a file; ``name`` is what it is called. Errors as those of ``read_spectra``."""
    if not data:
        raise FileError(name, "is empty.")
    plain = _unpacked(data, name, max_bytes, cancelled) if data.startswith(b"\x1f\x8b") else data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # headers with small faults are the rule
        try:
            if plain.startswith(b"SIMPLE"):
                found = _from_fits(plain, cancelled)
            elif plain[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
                found = list(_from_columns(*read_votable(plain, name, max_bytes), "table"))
            else:
                found = list(_from_columns(*read_text(plain), ""))
        except UnclearError as problem:
            raise FileError(name, f"{problem}.") from problem
    sha256, file_name = hashlib.sha256(data).hexdigest(), Path(name).name
    several = len(found) > 1
    return tuple(
        replace(each, name=_name(each, file_name, several=several), file_name=file_name, sha256=sha256)
        for each in found
    )


def _name(spectrum: Spectrum, file_name: str, *, several: bool) -> str:
    """What to call a spectrum: its object and line, else its file; and its part of the file where there are several."""
    name = " ".join(filter(None, (spectrum.object, spectrum.name))) or file_name.partition(".")[0] or file_name
    return f"{name} ({spectrum.part})" if several else name


def _unpacked(data: bytes, name: Path | str, max_bytes: int, cancelled: Cancel | None) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return all_of(file, name, "spectra", max_bytes, cancelled)  # type: ignore[arg-type]  # as a BinaryIO does
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileError(name, "is a damaged gzip file. Copy or download it again.") from error


def _from_fits(data: bytes, cancelled: Cancel | None) -> list[Spectrum]:
    """The spectra of a FITS file; UnclearError with the reason of every unit where there is none."""
    from astropy.io import fits  # late: slow to import

    found: list[Spectrum] = []
    reasons = []
    try:
        with fits.open(io.BytesIO(data), memmap=False) as units:
            for number, unit in enumerate(units[:_MOST_UNITS]):
                if cancelled is not None and cancelled():
                    raise Cancelled("Reading the spectra was cancelled.")
                try:
                    unit.verify("silentfix+ignore")
                    found += _from_unit(unit, units[0], f"HDU {number}")
                except UnclearError as problem:
                    reasons.append(f"HDU {number} {problem}")
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError, fits.VerifyError) as error:
        if not found:
            words = str(error).strip().splitlines() or [type(error).__name__]
            raise UnclearError(f"is a damaged FITS file ({words[0].rstrip('.')})") from error
    if not found:
        raise UnclearError("has no spectrum that is understood: " + "; ".join(reasons) if reasons else "holds no data")
    return found


def _from_unit(unit: Any, primary: Any, part: str) -> Iterator[Spectrum]:
    """The spectra of a unit; none where it has no data."""
    if unit.header.get("NAXIS", 0) == 0:
        return
    _check_size(unit)
    if unit.is_image:
        header, axis, flux = read_image(unit)
        yield _spectrum(axis, flux, ~np.isfinite(flux), header.text("BUNIT"), "", header, part)
    elif hasattr(unit, "columns"):
        cards = (*fits_header(unit.header).cards, *(fits_header(primary.header).cards if unit is not primary else ()))
        yield from _from_columns(Header(cards), list(fits_columns(unit)), part)


def _check_size(unit: Any) -> None:
    if unit.is_image and unit.size // max(1, abs(int(unit.header["BITPIX"])) // 8) > _MOST_CHANNELS:
        raise UnclearError(f"has more than {_MOST_CHANNELS:,} channels, which is what is read")


def _from_columns(header: Header, columns: list[Column], part: str) -> Iterator[Spectrum]:
    for each in read_columns(columns, header):
        where = f"{part}, row {each.row}".lstrip(", ") if each.row is not None else part
        name = header.text("TITLE") if each.row is None else ""
        yield _spectrum(each.axis, each.flux, each.mask, each.flux_unit, name, header, where)


def _spectrum(
    axis: Axis, flux: NDArray[np.float64], mask: NDArray[np.bool_], unit: str, name: str, header: Header, part: str
) -> Spectrum:
    measured = flux_unit(unit)
    return Spectrum(
        name=header.text("LINE", "EXTNAME") or name,
        axis=axis.values,
        axis_kind=axis.kind,
        axis_unit=axis.unit,
        axis_scale=axis.scale,
        flux=flux,
        flux_name=measured.name,
        flux_unit=measured.text,
        flux_base=measured.base,
        flux_scale=measured.scale,
        mask=mask,
        frame=axis.frame,
        rest_frequency=axis.rest_frequency,
        notes=axis.notes,
        part=part,
        **described(header),
    )
