"""Compute the reference of the RADEX comparison with RADEX's own Fortran, as packaged in ``spectralradex``.

Needs an environment with ``spectralradex`` (and numpy < 2), of which only RADEX itself is used::

    python benchmarks/radex_reference.py [MOLECULES_FOLDER] [OUTPUT.npz]

For five species and RADEX's three geometries a grid from thin to thick, cold to hot and dilute to dense is computed.
Kept are the cases that RADEX itself calls converged, as RADEX gives them. Three habits of the package need care: a
call may inherit something from an earlier one, so every case has a process of its own, as in RADEX the program;
``from_params`` takes the line width in cm/s; and only a warning on Fortran's standard output tells of a model that
did not converge. RADEX also calls some results converged that are none; those have a note in words: the populations
do not add up to one, or a column density 1e-4 smaller or larger changes a line by more than 1 %.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path

os.environ["GFORTRAN_UNBUFFERED_PRECONNECTED"] = "y"  # before the Fortran library starts: warnings at once

import numpy as np
from radexwrap import from_params

#: RADEX's numbers of its geometries, by our names for them.
GEOMETRIES = {"radex_uniform_sphere": 1, "radex_expanding_sphere": 2, "expanding_slab": 3}

#: RADEX's order of collision partners.
PARTNERS = ("H2", "para-H2", "ortho-H2", "e", "H", "He", "H+")

#: Species: column densities (cm-2), kinetic temperatures (K), densities (cm-3), partners with their shares.
SPECIES = {
    "co": ((1e13, 1e16, 1e18, 1e19), (15, 50, 300), (1e2, 1e4, 1e6), {"para-H2": 0.25, "ortho-H2": 0.75}),
    "hco+": ((1e11, 1e13, 1e14, 1e16), (15, 40, 200), (1e3, 1e5, 1e7), {"H2": 1.0}),
    "cs": ((1e11, 1e13, 1e15, 1e16), (15, 50, 300), (1e3, 1e5, 1e7), {"para-H2": 0.25, "ortho-H2": 0.75}),
    "hcn": ((1e11, 1e13, 1e14, 1e16), (15, 50, 400), (1e3, 1e5, 1e7), {"H2": 1.0, "e": 1e-5}),
    "c+": ((1e14, 1e17, 1e18, 1e19), (20, 100, 400), (1e1, 1e3, 1e5), {"para-H2": 0.25, "ortho-H2": 0.75, "e": 1e-4}),
}

BACKGROUNDS = (2.73, 10.0)
LINE_WIDTHS = (1.0, 5.0)

#: Rows of RADEX's table.
QUANTITIES = {
    "excitation_temperature": 3,
    "optical_depth": 4,
    "peak_temperature": 5,
    "upper_population": 6,
    "lower_population": 7,
}


def radex(path: Path, case: dict[str, float], densities: dict[str, float], geometry: int) -> np.ndarray | None:
    """RADEX's table (quantities, lines) for one case; None where RADEX fails or says that it did not converge."""
    given = [densities.get(name, 0.0) for name in PARTNERS]
    with tempfile.TemporaryFile() as told:
        kept = os.dup(1)
        os.dup2(told.fileno(), 1)
        try:
            success, n_lines, _, _, table = from_params(
                str(path),
                case["kinetic_temperature"],
                case["background_temperature"],
                case["column_density"],
                np.array(given),
                case["line_width"] * 1e5,
                0.0,
                1e7,
                geometry,
            )
        finally:
            os.dup2(kept, 1)
            os.close(kept)
        told.seek(0)
        unconverged = b"did not converge" in told.read()
    if success != 1 or unconverged:
        return None
    return np.array(table[list(QUANTITIES.values()), :n_lines])


def cases(species: str) -> list[tuple[str, dict[str, float], dict[str, float]]]:
    """Geometry, conditions and densities of every case; background and line width alternate from case to case."""
    columns, temperatures, densities, shares = SPECIES[species]
    grid = itertools.product(GEOMETRIES, temperatures, densities, columns)
    found = []
    for i, (geometry, temperature, density, column) in enumerate(grid):
        case = {
            "column_density": column,
            "kinetic_temperature": float(temperature),
            "background_temperature": BACKGROUNDS[(i + i // len(columns)) % 2],
            "line_width": LINE_WIDTHS[(i // 2) % 2],
        }
        found.append((geometry, case, {name: density * share for name, share in shares.items()}))
    return found


def computed(path: Path, wanted: list[tuple[str, dict[str, float], dict[str, float]]], factor: float) -> list:
    """RADEX's table for every case, its column density multiplied by ``factor``; each in a fresh process."""
    jobs = []
    for geometry, case, densities in wanted:
        changed = case | {"column_density": case["column_density"] * factor}
        jobs.append((path, changed, densities, GEOMETRIES[geometry]))
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        return pool.starmap(radex, jobs, chunksize=1)


def flaw(table: np.ndarray, neighbours: list[np.ndarray | None]) -> str:
    """What is wrong with a result that RADEX calls converged; nothing in most. Levels form a ladder in all species."""
    total = table[3].sum() + table[4, 0]
    if abs(total - 1) > 1e-3:
        return f"RADEX's populations add up to {total:.2f}"
    compared = (table[1] > 0) & (table[3] > 1e-3)
    for neighbour in neighbours:
        if neighbour is None or np.any(np.abs(neighbour - table)[:3, compared] > 0.01 * np.abs(table[:3, compared])):
            return "RADEX does not repeat its answer when the column density changes by 1e-4"
    return ""


def main() -> None:
    top = Path(__file__).resolve().parent.parent
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else top / "resources" / "molecules"
    output = Path(sys.argv[2]) if len(sys.argv) > 2 else top / "tests" / "data" / "radex" / "radex.npz"
    kept: dict[str, np.ndarray] = {}
    for species in SPECIES:
        path, wanted = folder / f"{species}.dat", cases(species)
        tables, *neighbours = (computed(path, wanted, factor) for factor in (1.0, 1.0 - 1e-4, 1.0 + 1e-4))
        results = [result for result in zip(tables, *neighbours, strict=True) if result[0] is not None]
        kept[f"{species}/flaw"] = np.array([flaw(table, list(others)) for table, *others in results])
        rows = [(*case, table) for case, table in zip(wanted, tables, strict=True) if table is not None]
        kept[f"{species}/geometry"] = np.array([row[0] for row in rows])
        for name in rows[0][1]:
            kept[f"{species}/{name}"] = np.array([row[1][name] for row in rows])
        for name in rows[0][2]:
            kept[f"{species}/density/{name}"] = np.array([row[2][name] for row in rows])
        for i, name in enumerate(QUANTITIES):
            kept[f"{species}/radex/{name}"] = np.array([row[3][i] for row in rows])
        flawed = np.count_nonzero(kept[f"{species}/flaw"] != "")
        print(f"{species}: {len(rows)} of {len(wanted)} cases converged in RADEX, {flawed} of them flawed")
    output.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(output, **kept)
    print(f"{output}: {output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
