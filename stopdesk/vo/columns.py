"""Finds in any table of the virtual observatory the columns that matter: by utype, else by UCD, else by name.

Utypes are those of ObsCore 1.1 (table 5) and SSA 1.1 (table 1), UCDs those of the UCD1+ list and, for older services,
of UCD1 and SIA 1.0 (section 4.2); names are ObsCore's, DaCHS's and ObsPortal's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


#: The frame of positions that are neither ICRS nor of J2000.
B1950 = "B1950"


@dataclass(frozen=True)
class Role:
    """How the column of one meaning may be told: the ends of utypes, UCDs (main words first), names."""

    utypes: tuple[str, ...] = ()
    ucds: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


#: The meanings that are looked for.
ROLES: Mapping[str, Role] = {
    "ra": Role(
        ("char.spatialaxis.coverage.location.coord.position2d.value2.c1",),
        ("pos.eq.ra;meta.main", "pos_eq_ra_main", "pos.eq.ra"),
        ("s_ra", "target_ra", "ra", "raj2000", "ra_icrs", "_raj2000"),
    ),
    "dec": Role(
        ("char.spatialaxis.coverage.location.coord.position2d.value2.c2",),
        ("pos.eq.dec;meta.main", "pos_eq_dec_main", "pos.eq.dec"),
        ("s_dec", "target_dec", "dec", "dej2000", "de_icrs", "decj2000", "_dej2000"),
    ),
    "position": Role(("char.spatialaxis.coverage.location.value",), ("pos.eq",), ("ssa_location",)),
    "region": Role(
        ("char.spatialaxis.coverage.support.area",), ("pos.outline;obs.field", "pos.outline"), ("s_region",)
    ),
    "field": Role(
        ("char.spatialaxis.coverage.bounds.extent.diameter", "char.spatialaxis.coverage.bounds.extent"), (), ("s_fov",)
    ),
    "low": Role(
        ("char.spectralaxis.coverage.bounds.limits.lolimit", "char.spectralaxis.coverage.bounds.start"),
        ("em.wl;stat.min", "em.freq;stat.min", "em.energy;stat.min"),
        ("em_min", "ssa_specstart"),
    ),
    "high": Role(
        ("char.spectralaxis.coverage.bounds.limits.hilimit", "char.spectralaxis.coverage.bounds.stop"),
        ("em.wl;stat.max", "em.freq;stat.max", "em.energy;stat.max"),
        ("em_max", "ssa_specend"),
    ),
    "beam": Role(
        (
            "char.spatialaxis.resolution.refval.value",
            "char.spatialaxis.resolution.refval",
            "char.spatialaxis.resolution",
        ),
        ("pos.angresolution",),
        ("s_resolution",),
    ),
    "resolving_power": Role(
        ("char.spectralaxis.resolution.resolpower.refval", "char.spectralaxis.respower"), (), ("em_res_power",)
    ),
    "resolution": Role(
        (
            "char.spectralaxis.resolution.refval.value",
            "char.spectralaxis.resolution.refval",
            "char.spectralaxis.resolution",
        ),
        ("spect.resolution;em.wl", "spect.resolution;em.freq", "spect.resolution"),
        ("em_resolution", "ssa_specres"),
    ),
    "start": Role(
        ("char.timeaxis.coverage.bounds.limits.starttime", "char.timeaxis.coverage.bounds.start"),
        ("time.start;obs.exposure", "time.start;obs", "time.start"),
        ("t_min", "exp_mjd_start"),
    ),
    "end": Role(
        ("char.timeaxis.coverage.bounds.limits.stoptime", "char.timeaxis.coverage.bounds.stop"),
        ("time.end;obs.exposure", "time.end;obs", "time.stop;obs", "time.end"),
        ("t_max", "exp_mjd_end"),
    ),
    "date": Role((), ("vox:image_mjdateobs", "time.epoch", "time_date"), ("date_obs", "dateobs", "obs_date")),
    "band_low": Role((), ("vox:bandpass_lolimit",)),
    "band_high": Role((), ("vox:bandpass_hilimit",)),
    "band_unit": Role((), ("vox:bandpass_unit",)),
    "image_axes": Role((), ("vox:image_naxis",)),
    "image_scale": Role((), ("vox:image_scale",)),
    "access_url": Role(
        ("access.reference",),
        ("vox:image_accessreference", "meta.ref.url;meta.main", "data_link", "meta.ref.url"),
        ("access_url", "accref", "url"),
    ),
    "access_format": Role(
        ("access.format",), ("vox:image_format", "meta.code.mime"), ("access_format", "mime", "content_type")
    ),
    "datalink": Role((), (), ("datalink", "datalink_url", "data_link", "datalinks")),
    "publisher_id": Role(
        ("curation.publisherdid",), ("meta.ref.ivoid",), ("obs_publisher_did", "ssa_pubdid", "publisherdid")
    ),
    "id": Role(
        ("dataid.observationid", "dataid.creatordid"),
        ("meta.id;meta.main", "id_main"),
        ("exp_id", "obs_id", "id"),
    ),
    "target": Role(("target.name",), ("meta.id;src", "meta.id;src;meta.main"), ("target_name", "object", "target")),
    "title": Role(("dataid.title",), ("meta.title;meta.dataset", "vox:image_title", "meta.title"), ("obs_title",)),
    "name": Role((), ("meta.id;meta.main", "id_main", "meta.id;src", "meta.id"), ("target_name", "name", "main_id")),
}


def find_column(table: Any, role: str) -> str | None:
    """The name of the column of that meaning in an astropy Table; None where there is none.

    ``role`` is one of `ROLES`. A column without a UCD of a good kind is found by its name, whatever its case.
    """
    wanted = ROLES[role]
    utypes = {name: _utype(table[name]) for name in table.colnames}
    for utype in wanted.utypes:
        for name, found in utypes.items():
            if found == utype or found.endswith(f".{utype}"):
                return str(name)
    ucds = {name: _ucd(table[name]) for name in table.colnames}
    for ucd in wanted.ucds:
        for name, found in ucds.items():
            if found == ucd:
                return str(name)
    names = {name.lower(): name for name in reversed(table.colnames)}
    return next((str(names[name]) for name in wanted.names if name in names), None)


def _utype(column: Any) -> str:
    """The utype without the prefix of its data model, in lower case."""
    return str(_said(column, "utype")).lower().rpartition(":")[2]


def _ucd(column: Any) -> str:
    return re.sub(r"\s+", "", str(_said(column, "ucd"))).lower()


def _said(column: Any, name: str) -> Any:
    return column.meta.get(name) or column.meta.get(name.upper()) or ""


def has_positions(table: Any) -> bool:
    """Whether there are columns of positions."""
    found = find_column(table, "ra") is not None and find_column(table, "dec") is not None
    return found or find_column(table, "position") is not None


def positions_of(table: Any) -> tuple[Floats, Floats] | None:
    """Right ascension and declination of every row in degrees, NaN where a row has none; None without such columns.

    They are ICRS, or FK5 of J2000, which is the same within 0.1 arcsec; those of B1950 are turned into ICRS.
    """
    ra, dec = find_column(table, "ra"), find_column(table, "dec")
    if ra is not None and dec is not None:
        lon, lat = _angles(table[ra], is_ra=True), _angles(table[dec], is_ra=False)
        if lon is None or lat is None:
            return None
        return _from_fk4(lon, lat) if frame_of(table, ra) else (lon, lat)
    both = find_column(table, "position")
    if both is None:
        return None
    cells = table[both]
    if cells.dtype.kind == "f" and cells.ndim == 2 and cells.shape[1] >= 2:
        values = _floats(cells)
        return values[:, 0], values[:, 1]
    if cells.dtype.kind == "O":
        pairs = [_pair(cell) for cell in cells]
        return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    return None


def frame_of(table: Any, name: str) -> str:
    """``B1950`` for a column in that system: its COOSYS says so, or without one its name; "" for ICRS and J2000."""
    systems = {each.get("ID"): str(each.get("system", "")) for each in table.meta.get("coosys", ())}
    said = systems.get(_said(table[name], "ref"), "")
    return B1950 if ("fk4" in said.lower() if said else "1950" in name) else ""


def _from_fk4(ra: Floats, dec: Floats) -> tuple[Floats, Floats]:
    """Degrees of B1950 in ICRS."""
    from astropy.coordinates import SkyCoord  # late: slow to import

    known = np.isfinite(ra) & np.isfinite(dec) & (np.abs(dec) <= 90)
    sky = SkyCoord(ra[known], dec[known], unit="deg", frame="fk4", equinox="B1950").icrs
    found = np.full((2, len(ra)), np.nan)
    found[:, known] = sky.ra.deg, sky.dec.deg
    return found[0], found[1]


def _pair(cell: Any) -> tuple[float, float]:
    values = _floats(cell if cell is not None else []).ravel()
    return (float(values[0]), float(values[1])) if values.size >= 2 else (np.nan, np.nan)


def _angles(column: Any, *, is_ra: bool) -> Floats | None:
    """A column of angles in degrees, from its unit or from sexagesimal text; None where that cannot be done."""
    from astropy import units as u

    if column.dtype.kind in "fiu" and column.ndim == 1:
        values = _floats(column)
        unit = _unit(column)
        if unit is None or unit == u.dimensionless_unscaled:
            return values
        if is_ra and unit.is_equivalent(u.hour):  # hours of right ascension, not of time
            unit = unit / u.hour * u.hourangle
        try:
            return np.asarray((values * unit).to_value(u.deg), dtype=float)
        except u.UnitConversionError:
            return None
    if column.dtype.kind not in "UO":
        return None
    in_hours = is_ra and not str(column.unit or "").replace('"', "").strip().lower().startswith("deg")
    return np.array([_sexagesimal(cell, in_hours=in_hours) for cell in column.tolist()], dtype=np.float64)


#: What stands between the parts of an angle.
_BETWEEN = str.maketrans(dict.fromkeys(":hmsd°'\"", " "))


def _sexagesimal(cell: object, *, in_hours: bool) -> float:
    """Degrees from text; one number alone is in degrees, several are hours where ``in_hours``. NaN for what is none.

    A loop over cells: astropy's Angle takes half a minute for as many rows as a log has.
    """
    words = str(cell).translate(_BETWEEN).split() if cell is not None else []
    try:
        parts = [float(word) for word in words]
    except ValueError:
        return np.nan
    if not 1 <= len(parts) <= 3 or any(part < 0 or part >= 60 for part in parts[1:]):
        return np.nan
    value = math.fsum(abs(part) / 60.0**place for place, part in enumerate(parts))
    return (-value if words[0].startswith("-") else value) * (15.0 if in_hours and len(parts) > 1 else 1.0)


def _floats(cells: Any) -> Floats:
    """Numbers as an array, those that are masked as NaN."""
    return np.asarray(np.ma.filled(np.ma.asarray(cells, dtype=float), np.nan), dtype=np.float64)


def _unit(column: Any) -> Any:
    """The unit of a column as astropy's; None where it has none, or one that nobody knows."""
    from astropy import units as u

    if column.unit is None:
        return None
    try:
        unit = u.Unit(column.unit)
    except (ValueError, TypeError):
        return None
    return None if isinstance(unit, u.UnrecognizedUnit) else unit


def frequency_ranges(table: Any) -> tuple[Floats, Floats] | None:
    """Lowest and highest frequency of every row in Hz, NaN where not known; None without such columns.

    From columns of wavelength, frequency or photon energy, in the unit that each states; metres where it states none,
    as ObsCore has it (section 4.15).
    """
    names = find_column(table, "low"), find_column(table, "high")
    if names[0] is None or names[1] is None:
        return None
    first, second = _frequencies(table[names[0]]), _frequencies(table[names[1]])
    if first is None or second is None:
        return None
    return np.minimum(first, second), np.maximum(first, second)


def _frequencies(column: Any) -> Floats | None:
    from astropy import units as u

    if column.dtype.kind not in "fiu" or column.ndim != 1:
        return None
    values = _floats(column)
    values = np.where(values > 0, values, np.nan)
    unit = _unit(column)
    if unit is None or unit == u.dimensionless_unscaled:
        unit = u.m if ".wl" in _ucd(column) or ".freq" not in _ucd(column) else u.Hz
    try:
        return np.asarray((values * unit).to_value(u.Hz, equivalencies=u.spectral()), dtype=float)
    except u.UnitConversionError:
        return None
