"""How fast VOTables are written and read, beside astropy and STILTS, on a table like the answer of an ObsCore service.

    python benchmarks/votable.py [ROWS ...] [--rounds N]

Every time is that of a process of its own. stopdesk and astropy are timed inside it, around the call, with the table in
memory; STILTS (a whole process with its start, FITS to VOTable, and VOTable to a checksum of all cells) from outside.
The programs take turns; the best of the rounds counts. Memory is what the table and the call take at their peak, beside
the size of the table.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

SERIALIZATIONS = ("binary2", "tabledata")
PROGRAMS = ("stopdesk", "astropy", "STILTS")

#: More rows than this take astropy many minutes.
MOST_FOR_ASTROPY = 300_000


def sample(n_rows: int) -> Any:
    """Twenty columns of text, numbers and truth values, some of them missing."""
    from astropy.table import MaskedColumn, Table

    rng = np.random.default_rng(1)
    row = np.arange(n_rows)
    some = rng.random(n_rows) < 0.05
    table = Table()
    table["obs_id"] = np.char.add("2019.1.", np.char.zfill(row.astype("U7"), 7))
    table["obs_publisher_did"] = np.char.add("ivo://org.example/observations?", row.astype("U7"))
    table["target_name"] = np.array(["Orion KL", "IRAS 16293-2422", "NGC 1333 IRAS 4A", "Sgr B2(N)"])[row % 4]
    table["facility_name"] = np.array(["ALMA", "NOEMA", "IRAM 30m"])[row % 3]
    table["access_format"] = np.array(["application/fits", "application/x-votable+xml;content=datalink"])[row % 2]
    table["dataproduct_type"] = np.array(["cube", "spectrum", "image"])[row % 3]
    table["calib_level"] = (row % 4).astype(np.int16)
    table["access_estsize"] = MaskedColumn(rng.integers(0, 10**9, n_rows), mask=some)
    table["s_ra"] = rng.uniform(0, 360, n_rows)
    table["s_dec"] = rng.uniform(-90, 90, n_rows)
    table["s_fov"] = rng.uniform(0, 0.1, n_rows)
    table["s_resolution"] = MaskedColumn(rng.uniform(0, 10, n_rows).astype(np.float32), mask=some)
    table["t_min"] = 58000 + rng.uniform(0, 3000, n_rows)
    table["t_max"] = table["t_min"] + 0.1
    table["t_exptime"] = rng.uniform(0, 1e4, n_rows).astype(np.float32)
    table["em_min"] = rng.uniform(1e-4, 1e-2, n_rows)
    table["em_max"] = table["em_min"] * 1.01
    table["em_res_power"] = MaskedColumn(rng.uniform(1e3, 1e6, n_rows), mask=some)
    table["em_xel"] = rng.integers(1, 8000, n_rows).astype(np.int32)
    table["is_public"] = row % 7 > 0
    return table


def size_of(table: Any) -> int:
    """Bytes that the columns of a table take."""
    return sum(column.nbytes + getattr(column, "mask", np.empty(0)).nbytes for column in table.itercols())


def call(program: str, what: str, serialization: str, path: Path, n_rows: int) -> dict[str, float]:
    """Write or read once, in this process: seconds, bytes the process grew by at its peak, bytes of the table."""
    import astropy.io.votable as votable
    from astropy.table import Table

    from stopdesk.formats.votable import read_table, write_table

    write_table(Table({"a": ["b"]}), path.with_suffix(".warm"), "tabledata")  # what is imported late is imported now
    read_table(path.with_suffix(".warm"))
    warnings.simplefilter("ignore")
    table = sample(n_rows) if what == "write" else None
    _forget_peak()
    before, start = _memory("VmRSS"), time.perf_counter()
    if what == "write" and program == "stopdesk":
        write_table(table, path, serialization)  # type: ignore[arg-type]
    elif what == "write":
        votable.writeto(votable.from_table(table), str(path), tabledata_format=serialization)
    elif program == "stopdesk":
        table = read_table(path)
    else:
        table = Table.read(path, format="votable")
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "grown": _memory("VmHWM") - before, "table": size_of(table)}


def _forget_peak() -> None:
    """Count the peak of memory from here (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def _memory(which: str) -> int:
    """Resident memory now (VmRSS) or at its peak (VmHWM), in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(which))


def measured(program: str, what: str, serialization: str, folder: Path, n_rows: int) -> dict[str, float]:
    """One time of one program, in a new process. All read the file that stopdesk wrote."""
    written = folder / f"stopdesk-{serialization}-{n_rows}.vot"
    path = folder / "written.vot" if program != "stopdesk" and what == "write" else written
    if program == "STILTS":
        fits = folder / f"{n_rows}.fits"
        words = ["stilts", "tpipe", f"in={fits}", f"out={path}", f"ofmt=votable-{serialization}"]
        if what == "read":
            words = ["stilts", "tpipe", f"in={path}", "ifmt=votable", "omode=checksum"]
        start = time.perf_counter()
        subprocess.run(words, check=True, capture_output=True)
        return {"seconds": time.perf_counter() - start}
    arguments = [program, what, serialization, str(path), str(n_rows)]
    done = subprocess.run([sys.executable, __file__, "--call", *arguments], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def compare(n_rows: int, rounds: int, folder: Path) -> None:
    """Print a table of the best times for one number of rows."""
    programs = [
        program
        for program in PROGRAMS
        if (program != "astropy" or n_rows <= MOST_FOR_ASTROPY) and (program != "STILTS" or shutil.which("stilts"))
    ]
    sample(n_rows).write(folder / f"{n_rows}.fits", overwrite=True)
    print(f"\n{n_rows:,} rows", flush=True)
    print("| | stopdesk s | astropy s | STILTS s | astropy / stopdesk | STILTS / stopdesk | peak / table |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for what in ("write", "read"):
        for serialization in SERIALIZATIONS:
            times: dict[str, list[dict[str, float]]] = {program: [] for program in programs}
            for _ in range(rounds):
                for program in programs:
                    times[program].append(measured(program, what, serialization, folder, n_rows))
            best = {program: min(each["seconds"] for each in found) for program, found in times.items()}
            memory = max(each["grown"] / each["table"] for each in times["stopdesk"])
            if what == "write":
                memory += 1  # the table was there before
            shown = [f"{best[program]:.3f}" if program in best else "" for program in PROGRAMS]
            ratios = [f"{best[p] / best['stopdesk']:.1f}" if p in best else "" for p in PROGRAMS[1:]]
            print(f"| {what} {serialization} | {' | '.join([*shown, *ratios])} | {memory:.2f} |", flush=True)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, default=[10_000, 300_000, 3_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--call", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.call:
        program, what, serialization, path, n_rows = options.call
        print(json.dumps(call(program, what, serialization, Path(path), int(n_rows))))
        return
    print(f"{platform.platform()}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        for n_rows in options.rows:
            compare(n_rows, options.rounds if n_rows <= MOST_FOR_ASTROPY else 1, Path(folder))


if __name__ == "__main__":
    main()
