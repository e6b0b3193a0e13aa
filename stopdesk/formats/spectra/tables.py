"""Spectra in tables: which column is the axis and which the flux, by utype, UCD, name and unit.

Utypes are those of the IVOA's Spectral Data Model 1.1 and 1.2 (https://www.ivoa.net/documents/SpectrumDM/), also as the
ESO's phase 3 products have them; UCDs those of UCD1+. A spectrum is a table of a row a channel, or a row of arrays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.spectrum import AxisKind
from stopdesk.formats.spectra.axes import Axis, UnclearError
from stopdesk.formats.spectra.headers import Header, frame_of, rest_frequency_of
from stopdesk.formats.spectra.units import spectral_unit

FloatArray = NDArray[np.float64]

#: More spectra than this are not taken from one table.
MOST = 100

_AXIS_UTYPE, _FLUX_UTYPE = "data.spectralaxis.value", "data.fluxaxis.value"
_AXIS_UCDS = ("em.freq", "em.wl", "em.wavenumber", "spect.dopplerveloc", "spect.doppler.veloc")
_FLUX_UCDS = ("phot.flux", "phot.fluxdens", "phys.temperature", "phot.antennatemp", "arith.ratio", "spect.continuum")
_AXIS_NAMES = {
    *("wave", "wavelength", "lambda", "wl", "lam", "loglam"),
    *("freq", "frequency", "nu", "spectral_axis", "wavenumber"),
    *("vel", "velo", "velocity", "vrad", "vopt", "v_lsr", "vlsr", "channel"),
}
_FLUX_NAMES = {
    *("flux", "flux_density", "fluxdensity", "intensity", "spectrum", "signal", "data"),
    *("temperature", "t_mb", "tmb", "ta*", "ta", "t_a*", "tastar", "brightness_temperature", "counts"),
}
_NOT_FLUX = re.compile(r"err|sigma|ivar|var\b|variance|qual|mask|flag|snr|weight|model|sky|noise", re.IGNORECASE)

_KINDS_OF_UCDS = {"em.freq": AxisKind.FREQUENCY, "em.wl": AxisKind.WAVELENGTH, "em.wavenumber": AxisKind.WAVENUMBER}


@dataclass(frozen=True, eq=False)
class Column:
    """A column: ``values`` of shape (rows,) or (rows, n), or objects where each cell has a length of its own."""

    name: str
    values: NDArray[Any]
    unit: str = ""
    ucd: str = ""
    utype: str = ""

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers, or arrays."""
        return self.values.dtype.kind in "fiuO"

    @property
    def plain_name(self) -> str:
        """Its name in lower case, without what stands in brackets."""
        return re.sub(r"\s*[\[(].*", "", self.name.rpartition(":")[2]).strip().lower().replace(" ", "_")


@dataclass(frozen=True, eq=False)
class Part:
    """One spectrum of a table; ``row`` counts from 1 where there are several."""

    axis: Axis
    flux: FloatArray
    mask: NDArray[np.bool_]
    flux_unit: str
    flux_column: str
    row: int | None = None


def read_columns(columns: Sequence[Column], header: Header) -> list[Part]:
    """The spectra of a table; UnclearError where it has none, or does not say which of its columns are one."""
    spectral = _spectral(columns)
    flux = _flux(columns, spectral)
    weight = next((each for each in columns if each.name.lower() == "ivar" and spectral.plain_name == "loglam"), None)
    n_rows = len(spectral.values)
    if spectral.values.ndim == 1 and spectral.values.dtype.kind != "O":
        return [_part(spectral, flux, weight, header, None, None)]
    if n_rows > MOST:
        raise UnclearError(f"holds {n_rows:,} spectra, a row each; up to {MOST} are read at once")
    return [_part(spectral, flux, weight, header, row, row + 1 if n_rows > 1 else None) for row in range(n_rows)]


def _spectral(columns: Sequence[Column]) -> Column:
    numbers = [each for each in columns if each.is_number]
    found = [each for each in numbers if _model(each.utype).endswith(_AXIS_UTYPE)]
    found = found or [each for each in numbers if each.ucd.lower().startswith(_AXIS_UCDS) and _is_main(each.ucd)]
    found = found or [each for each in numbers if each.plain_name in _AXIS_NAMES and (each.unit or _speaks(each))]
    found = found or [
        each for each in numbers if spectral_unit(each.unit) is not None and not _NOT_FLUX.search(each.name)
    ]
    if not found:
        named = [each.name for each in numbers if each.plain_name in _AXIS_NAMES]
        raise UnclearError(f"does not say the unit of {named[0]}" if named else "has no column with a spectral axis")
    return found[0]


def _flux(columns: Sequence[Column], spectral: Column) -> Column:
    others = [each for each in columns if each.is_number and each is not spectral]
    found = [each for each in others if _model(each.utype).endswith(_FLUX_UTYPE)]
    found = found or [each for each in others if each.ucd.lower().startswith(_FLUX_UCDS) and _is_main(each.ucd)]
    found = found or [each for each in others if each.plain_name in _FLUX_NAMES]
    values = [each for each in others if not _NOT_FLUX.search(each.name) and spectral_unit(each.unit) is None]
    found = found or (values if len(values) == 1 else [])
    if not found:
        names = ", ".join(each.name for each in values[:5])
        raise UnclearError(
            f"has a spectral axis, {spectral.name}, but does not say which of {names} is the flux"
            if values
            else f"has a spectral axis, {spectral.name}, but no flux"
        )
    return found[0]


def _model(utype: str) -> str:
    return utype.lower().replace(":", ".")


def _is_main(ucd: str) -> bool:
    """Whether a column is the quantity itself, not its error or the like."""
    return not re.search(r"stat\.|meta\.code|instr\.|\.bin", ucd.lower())


def _speaks(column: Column) -> bool:
    return column.plain_name in ("loglam", "channel")


def _part(
    spectral: Column, flux: Column, weight: Column | None, header: Header, row: int | None, number: int | None
) -> Part:
    x, x_mask = _cell(spectral, row)
    y, y_mask = _cell(flux, row)
    if len(x) != len(y):
        raise UnclearError(f"has {len(x):,} values of {spectral.name}, but {len(y):,} of {flux.name}")
    if len(x) < 2:
        raise UnclearError(f"has {len(x)} channels, which is no spectrum")
    mask = x_mask | y_mask
    if weight is not None:  # SDSS: an inverse variance of 0 says that there is no value
        mask |= _cell(weight, row)[0] == 0
    return Part(_axis(spectral, x, header), y, mask, flux.unit or header.text("BUNIT"), flux.name, number)


def _cell(column: Column, row: int | None) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Values and mask of a column, or of the array in one of its cells."""
    values: Any = column.values if row is None else column.values[row]
    mask = np.ma.getmaskarray(np.ma.asarray(values)).reshape(-1)
    try:
        numbers = np.array(np.ma.getdata(values), dtype=np.float64).reshape(-1)
    except (TypeError, ValueError) as error:
        raise UnclearError(f"has values of {column.name} that are no numbers") from error
    mask = mask | ~np.isfinite(numbers)
    numbers[mask] = np.nan
    return numbers, mask


def _axis(column: Column, values: FloatArray, header: Header) -> Axis:
    """The axis that a column holds."""
    name, ucd = column.plain_name, column.ucd.lower()
    rest, note = rest_frequency_of(header)
    notes = (note,) if note else ()
    if name == "loglam" and not column.unit.strip("log() ").replace("Angstrom", ""):  # SDSS: log10 of Angstrom, vacuum
        return Axis(
            10.0**values, AxisKind.WAVELENGTH, "Angstrom", 1e-10, frame_of(header, "", AxisKind.WAVELENGTH), rest, notes
        )
    if name == "channel" and not column.unit:
        return Axis(values, AxisKind.CHANNEL, "", 1.0)
    unit = column.unit or header.text("SPECTRALUNIT")
    found = spectral_unit(unit) if unit else None
    if found is None:
        words = f"has its axis {column.name} in {unit!r}, which is no unit of frequency, velocity or wavelength"
        raise UnclearError(words if unit else f"does not say the unit of {column.name}")
    kind, scale = found
    expected = next((each for start, each in _KINDS_OF_UCDS.items() if ucd.startswith(start)), None)
    if expected is not None and kind is not expected and kind is AxisKind.VELOCITY:
        raise UnclearError(f"calls its axis {column.name} {column.ucd}, but has it in {unit!r}")
    if kind is AxisKind.VELOCITY:
        kind = _convention(f"{name} {ucd}")
    if kind is AxisKind.WAVELENGTH and ("obs.atmos" in ucd or re.search(r"(^|_)air(_|$)", name)):
        kind = AxisKind.AIR_WAVELENGTH
    frame = frame_of(header, "", kind) or ("LSRK" if re.search(r"lsr", name) else "")
    return Axis(values, kind, unit, scale, frame, rest, notes)


def _convention(words: str) -> AxisKind:
    if re.search(r"radio|vrad", words):
        return AxisKind.RADIO_VELOCITY
    return AxisKind.OPTICAL_VELOCITY if re.search(r"\.opt\b|optical|vopt", words) else AxisKind.VELOCITY


def fits_columns(unit: Any) -> Iterator[Column]:
    """The columns of a table of a FITS file."""
    for number, column in enumerate(unit.columns, 1):
        values = np.asarray(unit.data[column.name])
        about: Mapping[str, Any] = unit.header
        yield Column(
            column.name,
            values,
            (column.unit or "").strip(),
            str(about.get(f"TUCD{number}", "")).strip(),
            str(about.get(f"TUTYP{number}", "")).strip(),
        )


def table_columns(table: Any) -> Iterator[Column]:
    """The columns of an astropy Table."""
    for name in table.colnames:
        column = table[name]
        meta = column.info.meta or {}
        values = np.ma.asarray(column) if hasattr(column, "mask") else np.asarray(column)
        unit = column.unit
        ucd, utype = str(meta.get("ucd") or ""), str(meta.get("utype") or "")
        yield Column(name, values, "" if unit is None else str(unit), ucd, utype)
