"""The speed and the memory of an LVG grid, from the request to the table on disk, beside the codes alone.

::

    python benchmarks/lvg_grid.py [--radex-python PYTHON] [--rows N] [--repeats N]

1,000 models of CO (10 column densities x 10 densities x 10 temperatures) are computed

- by pythonradex alone, in two processes, in the plain way that its documentation shows, with the same outputs;
- by the local service with two workers, over HTTP, from the request to grid.vot in the client's folder;
- by RADEX (Fortran through f2py) on one core, where ``--radex-python`` names a Python that has ``spectralradex``.

Times are medians of ``--repeats``, everything being warm; RADEX is run once. Then the service computes a grid of
``--rows`` rows, and the client reads it; the peak memory of all processes is added up.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

_ROOT = Path(__file__).resolve().parents[1]
_MOLECULE = _ROOT / "resources" / "molecules" / "co.dat"
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")

COLUMN_DENSITIES = np.geomspace(1e14, 1e18, 10)  # cm-2
DENSITIES = np.geomspace(1e3, 1e7, 10)  # cm-3
TEMPERATURES = np.linspace(10, 100, 10)  # K
REQUEST = {
    "molecule": "co",
    "geometry": "radex_expanding_sphere",
    "column_density": "1e14:1e18:10:log",
    "density_h2": "1e3:1e7:10:log",
    "kinetic_temperature": "10:100:10",
    "line_width": "1",
}
_ORTHO = 0.75


def plain_pythonradex(part: int, parts: int) -> None:
    """Compute one part of the grid at each line on stdin, and answer with a line; a process of the comparison."""
    from pythonradex import helpers, radiative_transfer

    source = radiative_transfer.Source(
        datafilepath=str(_MOLECULE),
        geometry="LVG sphere RADEX",
        line_profile_type="rectangular",
        width_v=1.0645e3,
        warn_negative_tau=False,
    )
    source.update_parameters(
        N=1e18,
        Tkin=20,
        collider_densities={"para-H2": 1e9, "ortho-H2": 3e9},
        ext_background=helpers.generate_CMB_background(z=0),
        T_dust=0,
        tau_dust=0,
    )

    def compute() -> None:
        rows = []
        for density in DENSITIES[part::parts]:
            colliders = {"para-H2": (1 - _ORTHO) * density * 1e6, "ortho-H2": _ORTHO * density * 1e6}
            for temperature in TEMPERATURES:
                source.update_parameters(collider_densities=colliders, Tkin=temperature)
                for column in COLUMN_DENSITIES:
                    source.update_parameters(N=column * 1e4)
                    source.solve_radiative_transfer()
                    rows.append(
                        (
                            source.Tex,
                            source.tau_nu0_individual_transitions,
                            source.emission_at_line_center(output_type="Rayleigh-Jeans"),
                            source.frequency_integrated_emission(output_type="intensity"),
                        )
                    )
        assert np.array(rows).shape[0] == 1000 // parts

    compute()
    print("warm", flush=True)
    for _ in sys.stdin:
        compute()
        print("done", flush=True)


def plain_radex() -> None:
    """Compute the grid once, and answer with the seconds that it took."""
    from radexwrap import from_params

    began = time.perf_counter()
    for density in DENSITIES:
        partners = np.array([0.0, (1 - _ORTHO) * density, _ORTHO * density, 0.0, 0.0, 0.0, 0.0])
        for temperature in TEMPERATURES:
            for column in COLUMN_DENSITIES:
                from_params(str(_MOLECULE), temperature, 2.725, column, partners, 1e5, 0.0, 1e7, 2)
    print("\nseconds", time.perf_counter() - began, flush=True)


class Pythonradex:
    """pythonradex alone: two processes that wait for the word."""

    def __init__(self) -> None:
        command = [sys.executable, __file__, "--child", "pythonradex"]
        self._children = [
            subprocess.Popen([*command, str(part)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for part in range(2)
        ]
        for child in self._children:
            assert child.stdout.readline() == "warm\n"

    def time(self) -> float:
        """Seconds of the grid, the two processes starting together."""
        began = time.perf_counter()
        for child in self._children:
            child.stdin.write("go\n")
            child.stdin.flush()
        for child in self._children:
            assert child.stdout.readline() == "done\n"
        return time.perf_counter() - began

    def close(self) -> None:
        for child in self._children:
            child.communicate()


def time_radex(python: str) -> float | None:
    """Seconds of RADEX for the same grid, on one core; None where that Python does not have it."""
    done = subprocess.run([python, __file__, "--child", "radex"], capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("seconds ")]
    return float(lines[-1].split()[1]) if lines else None


def run_in_service(client, jobs_url: str, request: dict[str, str], folder: Path) -> tuple[float, Path]:
    """Seconds from the request to the table in ``folder``, and the table."""
    began = time.perf_counter()
    job_url = client.create(jobs_url, request)
    client.start(job_url)
    job = client.wait_for_end(job_url, timeout=3600)
    table = client.fetch_result(next(result for result in job.results if "grid" in result.result_id), folder)
    return time.perf_counter() - began, table


def figures(repeats: int, n_rows: int, folder: Path) -> tuple[float, float, float, float]:
    """Seconds of pythonradex alone, of the service (medians, in turns) and of ``n_rows``; the latter's peak GB."""
    from stopdesk.formats.results import read_grid
    from stopdesk.net.http import Http
    from stopdesk.uws.client import UwsClient
    from stopdesk.uws.local import LocalService

    service, pythonradex = LocalService(folder / "data"), Pythonradex()
    client = UwsClient(Http())
    try:
        jobs_url = service.ensure().jobs_url("lvg")
        run_in_service(client, jobs_url, REQUEST, folder / "warm")
        alone, ours = [], []
        for i in range(repeats):
            alone.append(pythonradex.time())
            ours.append(run_in_service(client, jobs_url, REQUEST, folder / f"run{i}")[0])
        pythonradex.close()
        request = REQUEST | {"column_density": f"1e14:1e18:{n_rows // 100}:log"}
        seconds, table = run_in_service(client, jobs_url, request, folder / "big")
        result = read_grid(table)
        assert result.n_rows == n_rows // 100 * 100, result.n_rows
        memory = sum(peak_memory(pid) for pid in descendants(os.getpid()))
        memory += resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    finally:
        service.stop()
    return statistics.median(alone), statistics.median(ours), seconds, memory


def descendants(pid: int) -> set[int]:
    """All processes that descend from a process."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has just ended
            continue
    found: set[int] = set()
    while new := {child for child, parent in parents.items() if parent in found | {pid}} - found:
        found |= new
    return found


def peak_memory(pid: int) -> float:
    """The most memory (GB) that a process had in use at any time, files that it maps included."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1e6 for line in lines if line.startswith("VmHWM"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--radex-python", help="a Python that has spectralradex")
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the grid for the memory (100000)")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.environ.update(_ONE_THREAD)
    if arguments.child:
        return plain_radex() if arguments.child[0] == "radex" else plain_pythonradex(int(arguments.child[1]), 2)
    sys.path.insert(0, str(_ROOT))
    from stopdesk import paths

    os.environ.setdefault("NUMBA_CACHE_DIR", str(paths.cache_dir() / "numba"))
    with tempfile.TemporaryDirectory(prefix="stopdesk-benchmark-") as folder:
        os.environ["STOPDESK_HOME"] = folder
        alone, ours, big, memory = figures(arguments.repeats, arguments.rows, Path(folder))
    radex = time_radex(arguments.radex_python) if arguments.radex_python else None
    print(f"{'1,000 models of CO':48} {'seconds':>9} {'to the service':>15}")
    print(f"{'pythonradex alone, two processes':48} {alone:9.3f} {alone / ours:14.2f}x")
    print(f"{'local service, two workers, request to table':48} {ours:9.3f} {1:14.2f}x")
    if radex is None:
        print("RADEX: skipped, as --radex-python names no Python that has spectralradex")
    else:
        print(f"{'RADEX through f2py, one core':48} {radex:9.3f} {radex / ours:14.2f}x")
    rows = f"{arguments.rows:,} rows in the service, and read by the client"
    print(f"{rows:48} {big:9.3f}   peak memory {memory:.2f} GB")
    print(
        f"service at most 1.2 x pythonradex alone: {'holds' if ours <= 1.2 * alone else 'FAILS'} ({ours / alone:.2f})"
    )
    if radex is not None:
        print(f"at least 20 x faster than RADEX: {'holds' if radex >= 20 * ours else 'FAILS'} ({radex / ours:.0f})")
    print(f"{arguments.rows:,} rows below 2 GB: {'holds' if memory < 2 else 'FAILS'} ({memory:.2f} GB)")
    return None


if __name__ == "__main__":
    main()
