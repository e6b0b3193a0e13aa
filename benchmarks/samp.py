"""How soon tables are in other programs, and how long the window's thread is held up by it at most.

::

    python benchmarks/samp.py [--rows N] [--rounds N] [--hub stopdesk|JSAMP]

needs TOPCAT, Aladin, JSAMP, Xvfb and xdotool (`tests/peers/set_up`). The window is the real one in this process,
without a screen; the hub, TOPCAT, Aladin and who asks them are processes of their own. A table of ``--rows`` rows and
20 columns is sent from the menu of the window, not written yet, and the clock runs from the click until TOPCAT says
that it has loaded it, and until TOPCAT knows rows of it by the identifier of the table. Beside it, in turn:

- TOPCAT, running already, is told by another program to load the file that the window has written;
- TOPCAT is started without and with the file on its command line; the difference of the medians counts.

Then grids go to TOPCAT, half of the rows are selected on either side, and observations go to Aladin. A timer of 5 ms in
the window's thread tells its longest pause; times are medians of ``--rounds``, pauses are given as median and worst.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.samp_window import AtWindow, Measured, connected, table
from stopdesk.samp import messages
from tests.peers.samp.hubs import Lock
from tests.peers.samp.programs import started, until

if TYPE_CHECKING:
    from tests.peers.samp.display import Display

#: Where the first line of TOPCAT's list of tables stands in its window, and its colours without a table and with one.
_FIRST_LINE = slice(92, 102), slice(150, 190)
_EMPTY, _CHOSEN = (255, 255, 255), (184, 207, 229)


def into_topcat(at: AtWindow, menu: Any, title: str, table_id: str, loaded: Measured, known: Measured) -> str:
    """Send a table from a menu to TOPCAT; gives the address of the file."""
    n = at.n_answered(messages.TABLE_FITS)
    with at.measuring(loaded):
        start = at.send(menu, title, "topcat")
        at.order("known", id=table_id)
        when, outcome = at.answered(messages.TABLE_FITS, n + 1)
        known.seconds.append(at.answer()["known"] - start)
    loaded.seconds.append(when - start)
    assert outcome.message.params["table-id"] == table_id
    return str(outcome.message.params["url"])


def a_large_table(at: AtWindow, options: argparse.Namespace, display: Display, *, with_texts: bool) -> bool:
    """From the window, by another program, and from the command line, in turn; prints them, and gives what holds."""
    from stopdesk.ui.samp.places import Places

    loaded, known, told, without, with_file = (Measured() for _ in range(5))
    for k in range(options.rounds):
        at.open_table(options.rows, with_texts=with_texts)
        place = Places(at.desk.window).observations_shown()
        assert place is not None
        menu = at.desk.window.observe.bar.send_button.menu()
        url = into_topcat(at, menu, "All ", place.table_id(), loaded, known)
        at.order("load", url=url, id=f"told-{with_texts}-{k}")
        said = at.answer()
        told.seconds.append(said["known"] - said["start"])
        file = Path(url.removeprefix("file://"))
        without.seconds.append(from_command_line(at, display, [], _EMPTY))
        with_file.seconds.append(from_command_line(at, display, [str(file)], _CHOSEN))
    alone = with_file.median - without.median
    what = "six of text" if with_texts else "of numbers"
    print(f"\n{options.rows:,} rows x 20 columns {what}, {file.stat().st_size / 1e6:.0f} MB of FITS")
    print(f"{'window, from the click to the answer of TOPCAT':54}{loaded}")
    print(f"{'window, from the click to rows known by table-id':54}{known}")
    print(f"{'a running TOPCAT told of the file by another program':54}{told}")
    print(f"{'TOPCAT from its command line without a file':54}{without}")
    print(f"{'TOPCAT from its command line with the file':54}{with_file}")
    holds = known.median <= 1.5 * alone
    print(f"at most 1.5 x the file from the command line ({alone:.2f} s, without the start of TOPCAT): ", end="")
    print("holds" if holds else "FAILS", end=" ")
    print(f"({loaded.median / alone:.2f}; until rows are known {known.median / alone:.2f})")
    print(f"to a TOPCAT told of the file, which is written already: {known.median / told.median:.2f}", flush=True)
    return holds


def from_command_line(at: AtWindow, display: Display, words: list[str], colour: tuple[int, int, int]) -> float:
    """Seconds from the start of TOPCAT until the first line of its list of tables has this colour."""
    at.until(lambda: not (_listed(display, _EMPTY) or _listed(display, _CHOSEN)), "no TOPCAT is there")
    without_hub = {**Lock(display.folder).environment, "DISPLAY": display.name}
    start = time.monotonic()
    with started(["topcat", "-nohub", *words], at.folder, without_hub):
        until(lambda: _listed(display, colour), "TOPCAT is there")
        return time.monotonic() - start


def _listed(display: Display, colour: tuple[int, int, int]) -> bool:
    """Whether the first line of TOPCAT's list of tables has this colour."""
    return bool((display.picture()[_FIRST_LINE] == colour).all(axis=-1).any())


def grids(at: AtWindow, options: argparse.Namespace) -> None:
    """Grids to TOPCAT; prints them."""
    from stopdesk.ui.samp.places import Places

    for n_rows in (1_000, 100_000):
        loaded, known = Measured(), Measured()
        for _ in range(options.rounds):
            content = at.open_grid(n_rows)
            place = Places(at.desk.window).run_shown()
            assert place is not None
            into_topcat(at, content.send_button.menu(), "Rows for", place.table_id(content.line), loaded, known)
        print(f"\na grid of {n_rows:,} rows")
        print(f"{'window, from the click to the answer of TOPCAT':54}{loaded}")
        print(f"{'window, from the click to rows known by table-id':54}{known}", flush=True)


def into_aladin(at: AtWindow, options: argparse.Namespace) -> None:
    """Observations to Aladin; prints them."""
    from stopdesk.formats.votable import write_table

    write_table(table(10, 0, with_texts=True), first := at.folder / "first.vot", "tabledata")
    at.order("greet", url=first.as_uri())
    at.answer()
    for n_rows in (1_000, 100_000):
        drawn = Measured()
        for _ in range(options.rounds):
            at.open_table(n_rows, with_texts=True)
            menu, n = at.desk.window.observe.bar.send_button.menu(), at.n_answered(messages.TABLE_VOTABLE)
            with at.measuring(drawn):
                start = at.send(menu, "All ", "aladin")
                when, _ = at.answered(messages.TABLE_VOTABLE, n + 1)
            drawn.seconds.append(when - start)
        print(f"\n{n_rows:,} observations, as VOTable")
        print(f"{'window, from the click to the answer of Aladin':54}{drawn}", flush=True)


def selections(at: AtWindow, options: argparse.Namespace) -> None:
    """Half of the rows of a large grid, on either side; prints them."""
    from stopdesk.ui.samp.places import Places

    told, taken = Measured(), Measured()
    content = at.open_grid(options.rows)
    place = Places(at.desk.window).run_shown()
    assert place is not None
    table_id = place.table_id(content.line)
    into_topcat(at, content.send_button.menu(), "Rows for", table_id, Measured(), Measured())
    for k in range(options.rounds):
        n = at.n_answered(messages.SELECT_ROWS)
        with at.measuring(told):
            start = time.monotonic()
            content.selection.choose(np.arange(0, options.rows, 2), source=None)
            when, _ = at.answered(messages.SELECT_ROWS, n + 1)
        told.seconds.append(when - start)
        content.selection.choose([k], source=None)
        at.answered(messages.SELECT_ROWS, n + 2)
        with at.measuring(taken):
            at.order("select", id=table_id, rows=options.rows)
            said = at.answer()
            assert len(content.selection.rows) == options.rows // 2
        taken.seconds.append(said["end"] - said["start"])
    print(f"\n{options.rows // 2:,} rows selected of a grid of {options.rows:,}")
    print(f"{'in the window, to the answer of TOPCAT':54}{told}")
    print(f"{'by another program, to the answer of the window':54}{taken}", flush=True)


def idle(at: AtWindow) -> None:
    """How long the machine alone holds up the window."""
    measured, end = Measured(), time.monotonic() + 3
    with at.measuring(measured):
        at.until(lambda: time.monotonic() > end, "time passes")
    print(f"the window at rest, for 3 s: longest pause {measured.pauses[0]:.0f} ms", flush=True)


def measure(options: argparse.Namespace, folder: Path) -> int:
    """All of it."""
    from tests.peers.samp.aladin import aladin
    from tests.peers.samp.display import xvfb
    from tests.peers.samp.topcat import topcat

    lock = Lock(folder)
    with ExitStack() as stack:
        at = stack.enter_context(connected(lock, folder, options.hub))
        display, second = (stack.enter_context(xvfb(folder / name)) for name in ("display", "second"))
        idle(at)
        stack.enter_context(topcat(display, lock))
        holds = [a_large_table(at, options, second, with_texts=each) for each in (False, True)]
        grids(at, options)
        selections(at, options)
        with aladin(second, lock):
            into_aladin(at, options)
    return 0 if all(holds) else 1


def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--hub", choices=("stopdesk", "JSAMP"), default="stopdesk")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stopdesk-benchmark-") as name:
        folder = Path(name)
        os.environ.update(Lock(folder).environment)
        os.environ.update(STOPDESK_HOME=str(folder / "home"), BENCHMARK_FOLDER=name, OPENBLAS_NUM_THREADS="1")
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        return measure(options, folder)


if __name__ == "__main__":
    sys.exit(main())
