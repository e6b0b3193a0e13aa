"""LVG: statistical equilibrium with escape probabilities, by pythonradex, for many parameter sets at once.

The populations depend on column density and line width only through their ratio, and a rectangle 1.0645 times the
FWHM wide has the Gaussian's optical depth at line centre, so one source of unit width serves every row. pythonradex
(Cataldi 2024) reads the molecule, interpolates the rates, gives the escape probabilities and sets up the equations;
the loop around them here is its own (under-relaxation, Ng acceleration, the same test of convergence) without what a
grid does not need. What is seen of the populations is computed for all rows together, in ``radiation``.
"""

from __future__ import annotations

import copy
import os
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stopdesk import paths
from stopdesk.domain.molecule import FloatArray, Molecule
from stopdesk.engines.lte import boltzmann_populations
from stopdesk.engines.radiation import GAUSSIAN_AREA, Cloud, LineOutputs, line_frequency, line_outputs
from stopdesk.errors import EngineError
from stopdesk.formats.lamda import parse_molecule, write_molecule

#: pythonradex's names of our geometries; its escape probabilities are those of the RADEX paper or of RADEX's code.
GEOMETRIES = {
    "expanding_sphere": "LVG sphere",
    "expanding_slab": "LVG slab",
    "uniform_sphere": "static sphere",
    "uniform_slab": "static slab",
    "radex_uniform_sphere": "static sphere RADEX",
    "radex_expanding_sphere": "LVG sphere RADEX",
}

#: A temperature may leave a table of rates by this part of itself, which is rounding.
_ROUNDING = 1e-9

#: Rows between two reports of progress, and rows whose populations are turned into lines together.
_REPORT, _TOGETHER = 20, 2000

_sources: dict[tuple[str, str], Any] = {}
_sources_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class _Rows:
    """The parameter sets of a call: the clouds, their kinetic temperature and densities (cm-3) by partner."""

    cloud: Cloud
    kinetic_temperature: FloatArray
    densities: Mapping[str, FloatArray]

    def __len__(self) -> int:
        return len(self.kinetic_temperature)


@dataclass(frozen=True)
class _Libraries:
    """What is slow to import: pythonradex's modules, and LAPACK's solver of linear equations."""

    radiative_transfer: Any
    helpers: Any
    dgesv: Any
    escape: Mapping[str, Any]


def solve(
    molecule: Molecule,
    *,
    geometry: str,
    line_profile: str = "gaussian",
    column_density: ArrayLike,
    kinetic_temperature: ArrayLike,
    densities: Mapping[str, ArrayLike],
    line_width: ArrayLike,
    background_temperature: ArrayLike,
    dust_temperature: ArrayLike = 0.0,
    dust_optical_depth: ArrayLike = 0.0,
    progress: Callable[[int], None] = lambda rows: None,
) -> LineOutputs:
    """The lines of ``molecule`` for numbers or arrays of one number a row.

    ``column_density`` in cm-2 (along the diameter of a sphere), temperatures in K, ``densities`` in cm-3 by the name
    of the partner, ``line_width`` (FWHM) in km/s. ``line_profile`` (``gaussian``, ``rectangular``) shapes the lines of
    the uniform sphere and slab. Rows are computed in the order that is cheapest and returned in the order given.
    A row without a solution has ``converged`` false and NaNs. ``progress`` is told the rows done, and may raise.
    EngineError where a partner has no rates in the file or none at the temperature, or where dust is not allowed.
    """
    names = list(densities)
    given = [column_density, line_width, background_temperature, dust_temperature, dust_optical_depth]
    given += [kinetic_temperature, *(densities[name] for name in names)]
    columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, dtype=np.float64)) for value in given))
    rows = _Rows(Cloud(*columns[:5]), columns[5], dict(zip(names, columns[6:], strict=True)))
    _check(molecule, geometry, rows)
    rows = replace(rows, kinetic_temperature=_inside_tables(molecule, rows))
    populations = np.full((len(rows), molecule.n_levels), np.nan)
    _fill_populations(_source(molecule, geometry), molecule, rows, populations, progress)
    parts = []
    for start in range(0, max(1, len(rows)), _TOGETHER):
        part = slice(start, start + _TOGETHER)
        cloud = Cloud(*(column[part] for column in columns[:5]))
        parts.append(line_outputs(molecule, populations[part], cloud, geometry=geometry, line_profile=line_profile))
    return parts[0] if len(parts) == 1 else _joined(parts)


def is_warm() -> bool:
    """Whether this machine has pythonradex compiled, so that a first model does not take ten seconds or more."""
    return _warm_marker().exists()


def warm_up(announce: Callable[[str], None] = lambda text: None) -> None:
    """Compile, or load from the cache, everything that ``solve`` needs; ``announce`` is told of a first compilation."""
    if not is_warm():
        announce("Compiling the LVG engine for this machine; this happens once and takes up to half a minute.")
    for geometry in GEOMETRIES:
        for temperature in (10.0, 40.0):
            solve(
                _tiny_molecule(),
                geometry=geometry,
                column_density=1e14,
                kinetic_temperature=temperature,
                densities={"H2": 1e3},
                line_width=1.0,
                background_temperature=2.725,
            )
    _warm_marker().touch()


def _joined(parts: list[LineOutputs]) -> LineOutputs:
    """The outputs of consecutive rows as one."""
    names = LineOutputs.__dataclass_fields__
    return LineOutputs(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _check(molecule: Molecule, geometry: str, rows: _Rows) -> None:
    """EngineError with a sentence where pythonradex would stop with an assertion."""
    if geometry not in GEOMETRIES:
        raise EngineError(f"There is no geometry {geometry!r}; choose one of {', '.join(GEOMETRIES)}.")
    if "LVG" in GEOMETRIES[geometry] and np.any(rows.cloud.dust_optical_depth > 0):
        raise EngineError("Dust can be mixed with the gas in the uniform geometries only; choose one of them.")
    for name, density in rows.densities.items():
        if name not in molecule.partner_names:
            known = ", ".join(molecule.partner_names) or "none"
            raise EngineError(f"The file of {molecule.name} has no rates for collisions with {name}; it has: {known}.")
        first, last = molecule.partner(name).temperatures[[0, -1]]
        low, high = first * (1 - _ROUNDING), last * (1 + _ROUNDING)
        temperature = rows.kinetic_temperature[density > 0]
        outside = temperature[~((temperature >= low) & (temperature <= high))]
        if outside.size:
            raise EngineError(
                f"The rates of {molecule.name} with {name} run from {first:g} to {last:g} K, and {outside[0]:g} K lies "
                "outside; choose a kinetic temperature inside, or another file."
            )


def _inside_tables(molecule: Molecule, rows: _Rows) -> FloatArray:
    """The kinetic temperatures, those at the end of a table freed of their rounding."""
    temperature = rows.kinetic_temperature
    for name, density in rows.densities.items():
        table = molecule.partner(name).temperatures
        temperature = np.where(density > 0, np.clip(temperature, table[0], table[-1]), temperature)
    return temperature


@cache
def _libraries() -> _Libraries:
    """pythonradex and LAPACK, imported when first needed (seconds), with what is compiled kept in our cache."""
    os.environ.setdefault("NUMBA_CACHE_DIR", str(paths.cache_dir() / "numba"))
    from pythonradex import helpers, radiative_transfer
    from scipy.linalg import lapack

    from stopdesk.engines.escape import ESCAPE

    return _Libraries(radiative_transfer, helpers, lapack.dgesv, ESCAPE)


def _source(molecule: Molecule, geometry: str) -> Any:
    """A pythonradex source of unit width, of which only the molecule is shared with other calls."""
    key = (molecule.sha256, geometry)
    with _sources_lock:
        if key not in _sources:
            while len(_sources) >= 12:
                del _sources[next(iter(_sources))]
            _sources[key] = _new_source(molecule, geometry)
        return copy.copy(_sources[key])


def _new_source(molecule: Molecule, geometry: str) -> Any:
    """The source, from a file that pythonradex reads for certain: plain names, one word each, frequencies that fit."""
    plain = replace(
        molecule,
        name="molecule",
        level_name=tuple(str(i) for i in range(molecule.n_levels)),
        frequency=line_frequency(molecule),
        partners=tuple(replace(partner, description="") for partner in molecule.partners),
        notes="",
    )
    with tempfile.TemporaryDirectory(prefix="stopdesk-") as folder, warnings.catch_warnings():
        # Overlapping lines are treated one by one, as in RADEX; pythonradex warns of each file that has some.
        warnings.simplefilter("ignore")
        path = Path(folder) / "molecule.dat"
        write_molecule(plain, path)
        source = _libraries().radiative_transfer.Source(
            datafilepath=str(path),
            geometry=GEOMETRIES[geometry],
            line_profile_type="rectangular",
            width_v=GAUSSIAN_AREA * 1e3,
            warn_negative_tau=False,
        )
    source.geometry.beta = _libraries().escape.get(source.geometry_name, source.geometry.beta)
    return source


def _fill_populations(
    source: Any, molecule: Molecule, rows: _Rows, populations: FloatArray, progress: Callable[[int], None]
) -> None:
    """Write the populations of every row, in an order in which what is expensive to set up changes rarely."""
    cloud, names = rows.cloud, list(rows.densities)
    column = cloud.column_density / cloud.line_width
    dust_temperature = np.where(cloud.dust_optical_depth > 0, cloud.dust_temperature, 0.0)
    surroundings = (cloud.background_temperature, dust_temperature, cloud.dust_optical_depth)
    slow = np.column_stack([*surroundings, rows.kinetic_temperature, *(rows.densities[name] for name in names)])
    old = np.full(slow.shape[1], np.nan)
    start = np.empty(0)
    for done, row in enumerate(np.lexsort([column, *slow.T[::-1]]), 1):
        changed = slow[row] != old
        old = slow[row]
        if changed[3]:
            start = boltzmann_populations(molecule, old[3:4])[0]
        source.update_parameters(N=float(column[row]) * 1e4, **_updates(names, old, changed))
        populations[row] = _populations(source, start)
        if done % _REPORT == 0 or done == len(rows):
            progress(done)


def _updates(names: list[str], row: FloatArray, changed: NDArray[np.bool_]) -> dict[str, Any]:
    """What pythonradex has to be told where a row differs from the one before; None leaves a quantity as it is."""
    updates: dict[str, Any] = dict.fromkeys(
        ("ext_background", "T_dust", "tau_dust", "Tkin", "collider_densities")  # all of these, also when unchanged
    )
    background, dust_temperature, dust_depth, temperature, *densities = row.tolist()
    if changed[0]:
        updates["ext_background"] = partial(_libraries().helpers.B_nu, T=background) if background > 0 else 0.0
    if changed[1:3].any():
        updates |= {"T_dust": dust_temperature, "tau_dust": dust_depth}
    if changed[3:].any():
        present = {name: density * 1e6 for name, density in zip(names, densities, strict=True) if density > 0}
        updates |= {"Tkin": temperature, "collider_densities": present}
    return updates


def _populations(source: Any, start: FloatArray) -> FloatArray:
    """Populations in equilibrium, found from ``start``; NaN where neither way of iterating gets there."""
    for accelerate in (True, False):
        try:
            return _iterate(source, start, accelerate=accelerate)
        except (RuntimeError, AssertionError, np.linalg.LinAlgError):  # pythonradex asserts that populations are sane
            continue
    return np.full(len(start), np.nan)


def _iterate(source: Any, start: FloatArray, *, accelerate: bool) -> FloatArray:
    """pythonradex's iteration with pythonradex's settings; RuntimeError where it has no end.

    Excitation temperatures are compared from the least number of iterations on, as nothing depends on them before.
    """
    helpers = _libraries().helpers
    rates, molecule = source.rate_equations, source.emitting_molecule
    populations = _balance(rates, start)
    history = np.zeros((3, len(start)))
    excitation = np.empty(0)
    for iteration in range(1, source.max_iter + 1):
        new = _balance(rates, populations)
        residual = np.inf
        if iteration >= source.min_iter - 1:
            old_excitation, excitation = excitation, molecule.get_Tex(new)
            if iteration >= source.min_iter:
                residual = source.compute_residual(
                    Tex_residual=helpers.relative_difference(excitation, old_excitation),
                    tau=molecule.get_tau_nu0_lines(N=rates.N, level_population=new),
                    min_tau=source.min_tau_considered_for_convergence,
                )
        history[:2] = history[1:]
        history[2] = populations
        populations = source.underrelaxation * new + (1.0 - source.underrelaxation) * populations
        late = iteration > source.min_iter_before_ng_acceleration
        if accelerate and late and iteration % source.ng_acceleration_interval == 0:
            populations = source.ng_accelerate(level_pop=populations, old_level_pops=history)
        if residual <= source.relative_convergence:
            return np.asarray(populations)
    raise RuntimeError("maximum number of iterations reached")


def _balance(rates: Any, populations: FloatArray) -> FloatArray:
    """Populations that balance the rates which the given ones lead to; LinAlgError where there are none.

    The first equation is replaced by the sum of the populations being one, as in pythonradex, whose own solver spends
    a third of its time on checking and copying the matrix.
    """
    matrix = rates.GammaR_nu0(level_population=populations)
    matrix += rates.GammaC
    matrix[0] = 1.0
    _, _, balanced, failed = _libraries().dgesv(matrix, rates.b, overwrite_a=1)
    if failed or not (balanced >= 0).all():
        raise np.linalg.LinAlgError("the rates have no balance")
    return np.asarray(balanced)


def _warm_marker() -> Path:
    """An empty file that says that the versions at hand are compiled into the cache."""
    versions = "-".join(metadata.version(name) for name in ("pythonradex", "numba"))
    folder = Path(os.environ.get("NUMBA_CACHE_DIR", paths.cache_dir() / "numba"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"warm-{sys.implementation.cache_tag}-{versions}"


def _tiny_molecule() -> Molecule:
    """A rotor of three levels with one partner, to compile with."""
    return parse_molecule(
        b"!\nrotor\n!\n30\n!\n3\n!\n1 0 1 0\n2 4 3 1\n3 12 5 2\n!\n2\n!\n1 2 1 1e-7\n2 3 2 1e-6\n!\n1\n!\n1 H2\n"
        b"!\n3\n!\n2\n!\n10 100\n!\n1 2 1 3e-11 4e-11\n2 3 1 3e-11 4e-11\n3 3 2 6e-11 7e-11\n",
        "rotor.dat",
    )
