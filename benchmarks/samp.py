"""How soon a table of 300,000 rows and 20 columns is in TOPCAT: sent by stopdesk, and named on its command line.

    python benchmarks/samp.py [ROUNDS] [--rows N]

Both are seen on TOPCAT's screen (Xvfb): the table counts when it stands in the list of tables. On its command line
TOPCAT gets the FITS file that stopdesk has written. Its time counts from the command, and, without the start of the
program, from the moment at which its empty list is there. stopdesk's counts from the table in memory, with the writing
of the file, to a TOPCAT that has just started and was sent nothing before. Once the columns are numbers, as in grids of
models, and once texts, numbers and truth values, as in the answer of an ObsCore service. The programs take turns;
medians are printed. Needs TOPCAT, Xvfb and xdotool (tests/peers/set_up).
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from astropy.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from votable import sample

from stopdesk.samp import tables
from stopdesk.samp.exchange import Answer, LinkStatus, Outcome, Peer, Received
from stopdesk.samp.link import Link
from stopdesk.samp.messages import TABLE_FITS, load_table
from tests.peers.samp.display import xvfb
from tests.peers.samp.hubs import Lock
from tests.peers.samp.topcat import is_listed, topcat

#: Not more than so many times what TOPCAT takes by itself.
MOST = 1.5
_PATIENCE_S = 60.0


class Ear:
    """Waits for what the link tells."""

    def __init__(self) -> None:
        self.peers: Sequence[Peer] = ()
        self.outcomes: list[Outcome] = []
        self.done = threading.Event()

    def status_changed(self, status: LinkStatus) -> None:
        """Nothing hangs on it."""

    def peers_changed(self, peers: Sequence[Peer]) -> None:
        self.peers = peers

    def received(self, received: Received) -> None:
        """Nobody says anything."""

    def answered(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.done.set()


def seconds_until(condition: Callable[[], object], since: float) -> float:
    """Seconds from ``since`` until the condition holds."""
    while not condition():
        if time.perf_counter() > since + _PATIENCE_S:
            raise TimeoutError(f"not there after {_PATIENCE_S:g} s")
        time.sleep(0.002)
    return time.perf_counter() - since


def from_command_line(file: Path) -> tuple[float, float]:
    """Seconds until TOPCAT has the file: from its command, and from its empty list."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        display = stack.enter_context(xvfb(folder / "display"))
        empty: list[float] = []
        start = time.perf_counter()

        def look() -> None:
            seconds_until(lambda: is_listed(display, 0), start)
            empty.append(time.perf_counter())

        thread = threading.Thread(target=look)
        thread.start()
        stack.enter_context(topcat(display, Lock(folder), "-nohub", str(file)))
        total = seconds_until(lambda: is_listed(display, 1), start)
        thread.join()
        return total, start + total - empty[0]


def sent(table: Table) -> tuple[float, float, float]:
    """Seconds until the file is written, until TOPCAT has answered, and until it shows the table."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lock = Lock(folder)
        os.environ.update(lock.environment)
        display = stack.enter_context(xvfb(folder / "display"))
        ear = Ear()
        link = Link(ear, start_hub=True)
        link.start()
        stack.callback(link.stop)
        stack.enter_context(topcat(display, lock))
        seconds_until(lambda: any(peer.takes(TABLE_FITS) for peer in ear.peers), time.perf_counter())
        seconds_until(lambda: is_listed(display, 0), time.perf_counter())
        start = time.perf_counter()
        file = folder / "table.fits"
        tables.write(table, tables.TableFormat.FITS, file)
        written = time.perf_counter() - start
        link.send(load_table(file.as_uri(), "table", "table", fits=True), ear.peers[:1], done=ear.answered)
        shown = seconds_until(lambda: is_listed(display, 1), start)
        answered = max(shown, seconds_until(ear.done.is_set, start))
        assert ear.outcomes[0].answer is Answer.OK, ear.outcomes
        return written, answered, shown


def numbers(n_rows: int) -> Table:
    """Twenty columns of numbers."""
    rng = np.random.default_rng(1)
    return Table({f"output_{k}": rng.random(n_rows) for k in range(20)})


def compare(kind: str, table: Table, rounds: int) -> bool:
    """Measure both in turn and print medians and their ratios; tells whether ours is quick enough."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.fits"
        tables.write(table, tables.TableFormat.FITS, file)  # what is imported late is imported now
        pairs = [(from_command_line(file), sent(table)) for _ in range(rounds)]
    (total, loading), (written, answered, shown) = (
        [statistics.median(times) for times in zip(*each, strict=True)] for each in zip(*pairs, strict=True)
    )
    is_quick = shown <= MOST * total
    print(f"{len(table):,} rows, {len(table.columns)} columns of {kind}, median of {rounds}")
    print(f"  topcat FILE: {total:.2f} s, of which {loading:.2f} s after its empty list is there")
    print(f"  stopdesk to TOPCAT: {shown:.2f} s (file written {written:.2f} s, answer {answered:.2f} s)")
    print(f"  stopdesk / topcat FILE: {shown / total:.2f} (without the start of TOPCAT {shown / loading:.2f})")
    print(f"  at most {MOST} times: {'yes' if is_quick else 'NO'}", flush=True)
    return is_quick


def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=5)
    parser.add_argument("--rows", type=int, default=300_000)
    options = parser.parse_args()
    kinds = {"numbers": numbers, "texts, numbers and truth values": sample}
    done = [compare(kind, make(options.rows), options.rounds) for kind, make in kinds.items()]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
