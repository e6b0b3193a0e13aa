"""`stopdesk samp` with real programs: its hub carries them, `clients` lists them, `send` has them load files."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from stopdesk import paths
from tests.peers.dachs_site import CHECKOUT
from tests.peers.samp.aladin import aladin
from tests.peers.samp.display import Display
from tests.peers.samp.hubs import Lock, jsamp_hub
from tests.peers.samp.peer import Peer, peer
from tests.peers.samp.pictures import write_image
from tests.peers.samp.programs import Program, again, started, until
from tests.peers.samp.snooper import snooper
from tests.peers.samp.topcat import Topcat, topcat
from tests.peers.talking import stopdesk

SELECT = "table.select.rowList"


@contextmanager
def stopdesk_hub(lock: Lock) -> Iterator[Program]:
    """The hub of `stopdesk samp hub`."""
    words = [sys.executable, "-m", "stopdesk", "samp", "hub"]
    with started(words, lock.folder, {**lock.environment, "PYTHONPATH": str(CHECKOUT)}) as program:
        until(lambda: lock.answers() or not program.runs, "the hub answers")
        assert program.runs, program.printed()
        yield program


@pytest.fixture(params=["stopdesk", "JSAMP"])
def hub(request: pytest.FixtureRequest, lock: Lock) -> Iterator[Program]:
    """Our hub, and that of JSAMP."""
    with (jsamp_hub if request.param == "JSAMP" else stopdesk_hub)(lock) as program:
        yield program


@pytest.fixture
def me(hub: Program, lock: Lock) -> Iterator[Peer]:
    with peer(lock, "tests", SELECT) as me:
        yield me


@pytest.fixture
def sources(tmp_path: Path) -> Table:
    rng = np.random.default_rng(1)
    ra, dec = 83.8 + rng.uniform(-0.1, 0.1, 40), -5.4 + rng.uniform(-0.1, 0.1, 40)
    table = Table({"n": np.arange(40), "ra": ra, "dec": dec})
    table["ra"].unit = table["dec"].unit = "deg"
    return table


def test_all_who_are_there_are_listed(me: Peer, lock: Lock, display: Display, tmp_path: Path) -> None:
    with topcat(display, lock), aladin(display, lock), snooper(lock, "SPLAT", "spectrum.load.ssa-generic"):
        for name, mtype in (("topcat", "table.load.fits"), ("Aladin", "image.load.fits"), ("SPLAT", "spectrum.load.*")):
            me.wait_for_client(name, mtype if name != "SPLAT" else "")
        said = stopdesk("samp", "clients", cwd=tmp_path).stdout
        taken = {line.split()[0]: line.partition("takes ")[2] for line in said.splitlines()}
        assert taken["topcat"] == "tables, positions, services"
        assert taken["Aladin"] == "tables, images, positions, scripts"
        assert taken["SPLAT"] == "spectra"
        assert "does not answer" not in said
        found = json.loads(stopdesk("samp", "clients", "--json", cwd=tmp_path).stdout)
        assert {each["name"] for each in found} >= {"topcat", "Aladin", "SPLAT", "tests"}
        assert all(each["answers"] for each in found)


@pytest.mark.parametrize("ending", [".fits", ".vot", ".ecsv"])
def test_topcat_loads_a_table_of_any_kind(
    me: Peer, lock: Lock, display: Display, tmp_path: Path, sources: Table, ending: str
) -> None:
    sources.write(tmp_path / f"sources{ending}", **({"format": "votable"} if ending == ".vot" else {}))
    with topcat(display, lock) as program:
        me.wait_for_client("topcat", "table.load.fits")
        assert stopdesk("samp", "send", f"sources{ending}", "--to", "topcat", cwd=tmp_path).stdout == "topcat: done.\n"
        _rows_can_be_dragged(program, me)


def _rows_can_be_dragged(program: Topcat, me: Peer) -> None:
    program.drag_rows(2, 5)
    again(program.transmit_rows, lambda: me.seen(SELECT), "rows dragged in the browser")
    assert me.wait_for(SELECT).params["row-list"] == ["2", "3", "4", "5"]


def test_aladin_loads_a_table_and_an_image(
    me: Peer, lock: Lock, display: Display, tmp_path: Path, sources: Table
) -> None:
    sources.write(tmp_path / "sources.vot", format="votable")
    write_image(tmp_path / "image.fits", 83.8, -5.4)
    with aladin(display, lock) as program:
        me.wait_for_client("Aladin", "image.load.fits")
        for name in ("image.fits", "sources.vot"):
            assert stopdesk("samp", "send", name, "--to", "Aladin", cwd=tmp_path).stdout == "Aladin: done.\n"
        again(program.select_all, lambda: any(m.params["row-list"] for m in me.seen(SELECT)), "sources drawn around")
        assert len(next(m for m in me.seen(SELECT) if m.params["row-list"]).params["row-list"]) == 40


def test_what_stands_for_splat_gets_a_spectrum(me: Peer, lock: Lock, tmp_path: Path) -> None:
    example = paths.resources() / "spectra" / "example.fits"
    with snooper(lock, "SPLAT", "spectrum.load.ssa-generic") as splat:
        me.wait_for_client("SPLAT", "spectrum.load.ssa-generic")
        said = stopdesk("samp", "send", str(example), "--to", "SPLAT", cwd=tmp_path).stdout
        assert said.startswith("SPLAT: done, with a warning.")
        until(lambda: '"Access.Format": "application/fits"' in splat.printed(), "the message is printed")


def test_our_hub_takes_its_lock_file_with_it(lock: Lock, display: Display) -> None:
    with stopdesk_hub(lock) as hub, topcat(display, lock):
        with peer(lock, "tests") as me:
            me.wait_for_client("topcat", "table.load.fits")
        hub.process.send_signal(signal.SIGTERM)
        assert hub.process.wait(20) == 0
        assert not lock.path.exists()
        with stopdesk_hub(lock), peer(lock, "tests") as me:
            me.wait_for_client("topcat", "table.load.fits")
