"""A spectrum as a table that other programs take for a spectrum, and what SSA has to say of it.

Columns have the UCDs and utypes of the Spectrum Data Model 1.1 (IVOA, section 6); the names of ``ssa_meta`` are those
of SSA 1.1 (section 4.2.5), with the two (VOX:Spectrum_axes and VOX:Spectrum_units) of its forerunners that SPLAT reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from stopdesk.domain.spectrum import AxisKind, Spectrum

if TYPE_CHECKING:
    from astropy.table import Table

#: What the spectral column is called, and its UCD.
_AXES: Mapping[AxisKind, tuple[str, str]] = {
    AxisKind.FREQUENCY: ("frequency", "em.freq"),
    AxisKind.RADIO_VELOCITY: ("velocity", "spect.dopplerVeloc.radio"),
    AxisKind.OPTICAL_VELOCITY: ("velocity", "spect.dopplerVeloc.opt"),
    AxisKind.VELOCITY: ("velocity", "spect.dopplerVeloc"),
    AxisKind.WAVELENGTH: ("wavelength", "em.wl"),
    AxisKind.AIR_WAVELENGTH: ("wavelength", "em.wl"),
    AxisKind.WAVENUMBER: ("wavenumber", "em.wavenumber"),
    AxisKind.CHANNEL: ("channel", "meta.number"),
}
_ASCII_UNITS = {"μm": "um", "Å": "Angstrom"}
_FLUX = "flux"


def spectrum_table(spectrum: Spectrum) -> Table:
    """The channels of a spectrum, one a row: the axis as its file has it, and the flux, masked where there is none."""
    from astropy.table import Column, MaskedColumn, Table  # late: slow to import

    name, ucd = _AXES[spectrum.axis_kind]
    made = Table()
    made[name] = Column(
        spectrum.axis,
        unit=_unit(spectrum.axis_unit) or None,
        description=f"{spectrum.axis_kind.capitalize()}{f', {spectrum.frame}' if spectrum.frame else ''}",
        meta={"ucd": ucd, "utype": "spec:Spectrum.Data.SpectralAxis.Value"},
    )
    about = {
        "unit": _unit(spectrum.flux_unit) or None,
        "description": spectrum.flux_name,
        "meta": {"ucd": _flux_ucd(spectrum), "utype": "spec:Spectrum.Data.FluxAxis.Value"},
    }
    made[_FLUX] = MaskedColumn(spectrum.flux, mask=spectrum.mask, **about)
    if not np.any(spectrum.mask):
        made[_FLUX] = Column(spectrum.flux, **about)
    made.meta["name"] = spectrum.name
    made.meta["utype"] = "spec:Spectrum"
    made.meta["params"] = [param for param in _params(spectrum) if param["value"]]
    return made


def _params(spectrum: Spectrum) -> list[dict[str, str]]:
    rest = spectrum.rest_frequency
    texts = (("target_name", spectrum.object, "spec:Spectrum.Target.Name", "meta.id;src"),
             ("title", spectrum.name, "spec:Spectrum.DataID.Title", "meta.title"),
             ("frame", spectrum.frame, "spec:Spectrum.CoordSys.SpectralFrame.RefPos", ""))  # fmt: skip
    params = [
        {"name": name, "datatype": "char", "arraysize": "*", "value": text, "utype": utype} | ({"ucd": u} if u else {})
        for name, text, utype, u in texts
    ]
    about = {"name": "rest_frequency", "datatype": "double", "unit": "Hz", "ucd": "em.freq;spect.line"}
    return [*params, about | {"value": "" if rest is None else repr(rest)}]


def ssa_meta(spectrum: Spectrum, media_type: str, *, as_table: bool) -> dict[str, str]:
    """What is said with a file of a spectrum; ``as_table`` for one that holds ``spectrum_table``."""
    units = [_unit(spectrum.axis_unit), _unit(spectrum.flux_unit)]
    meta = {
        "Access.Format": media_type,
        "Target.Name": spectrum.object or spectrum.name,
        "DataID.Title": spectrum.name,
        "Char.SpectralAxis.Name": str(spectrum.axis_kind),
        "Char.SpectralAxis.Unit": units[0],
        "Char.SpectralAxis.Ucd": _AXES[spectrum.axis_kind][1],
        "Char.FluxAxis.Unit": units[1],
        "Char.FluxAxis.Ucd": _flux_ucd(spectrum),
        "CoordSys.SpectralFrame.RefPos": spectrum.frame,
    }
    if as_table:
        axis = _AXES[spectrum.axis_kind][0]
        meta |= {"Dataset.SpectralAxis": axis, "Dataset.FluxAxis": _FLUX, "vox:spectrum_axes": f"{axis} {_FLUX}"}
        meta |= {"vox:spectrum_units": " ".join(units)} if all(units) and not any(" " in unit for unit in units) else {}
    return {key: text for key, text in meta.items() if text}


def _unit(unit: str) -> str:
    return _ASCII_UNITS.get(unit, unit)


def _flux_ucd(spectrum: Spectrum) -> str:
    return "phys.temperature" if "temperature" in spectrum.flux_name.lower() else "phot.flux.density"
