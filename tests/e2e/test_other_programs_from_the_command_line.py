"""``stopdesk samp`` as a user types it, with a hub and another program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from stopdesk.formats.votable import write_table
from stopdesk.samp.exchange import Answer, LinkState
from stopdesk.samp.lock import read_lock
from stopdesk.samp.messages import IMAGE, SPECTRUM, TABLE_FITS, TABLE_VOTABLE, ImageThere, SpectrumThere, TableThere
from tests.fakes.samp_taker import program
from tests.hubs import OUR_HUB, SILENT_CLIENT, Running, running
from tests.samp import Ear, linked

pytestmark = pytest.mark.timeout(180)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def lock_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the lock file of this test is."""
    path = tmp_path / "samp"
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{path.as_uri()}")
    return path


@pytest.fixture
def hub(tmp_path: Path, lock_file: Path) -> Iterator[Running]:
    """A hub."""
    with running(OUR_HUB, tmp_path) as program:
        yield program


def samp(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command, and check its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "stopdesk", "samp", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_the_hub_runs_until_it_is_ended_and_leaves_no_lock_file(lock_file: Path, tmp_path: Path) -> None:
    with running((sys.executable, "-m", "stopdesk", "samp", "hub"), tmp_path) as hub:
        address = read_lock(lock_file)
        assert address is not None
        again = samp("hub", code=2)
        assert "running already" in again.stderr
        assert hub.end() == 0
    assert not lock_file.exists()


def test_without_a_hub_that_is_said(lock_file: Path) -> None:
    assert "No SAMP hub is running" in samp("clients", code=5).stderr
    assert not lock_file.exists()


def test_who_is_there_and_who_does_not_answer(hub: Running, tmp_path: Path) -> None:
    assert "Nobody else" in samp("clients").stderr
    ear = Ear()
    with linked(ear, name="other"), running(SILENT_CLIENT, tmp_path) as silent:
        ear.wait_for_peer("silent", TABLE_VOTABLE)
        silent.freeze()
        text = samp("clients").stdout.splitlines()
        assert text[0].startswith("other")
        assert "takes tables, spectra, images, positions, services" in text[0]
        assert "does not answer" in text[1]
        found = json.loads(samp("clients", "--json").stdout)
        assert [(each["name"], each["answers"]) for each in found] == [("other", True), ("silent", False)]
        assert TABLE_VOTABLE in found[0]["subscriptions"]
        silent.thaw()


def _there(ear: Ear) -> tuple[object, Path]:
    received = ear.wait(lambda: ear.messages)[-1]
    content = received.content
    assert isinstance(content, TableThere | ImageThere | SpectrumThere)
    return content, Path(unquote(urlsplit(content.url).path))


def test_tables_go_as_they_are(hub: Running, tmp_path: Path) -> None:
    path = tmp_path / "my table.dat"
    write_table(Table({"a": [1, 2, 3]}), path)
    ear = Ear()
    with linked(ear, name="other"):
        ear.wait_for(LinkState.CONNECTED)
        assert samp("send", str(path)).stdout == "other: done.\n"
        content, sent = _there(ear)
    assert isinstance(content, TableThere)
    assert (sent, content.is_fits, content.name) == (path, False, "my table.dat")
    assert content.table_id.startswith("stopdesk-")


@pytest.mark.parametrize(("taken", "is_fits"), [(TABLE_FITS, True), (TABLE_VOTABLE, False)])
def test_other_tables_are_converted_to_what_is_taken(hub: Running, tmp_path: Path, taken: str, is_fits: bool) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,x\n2,y\n")
    ear = _Reading()
    with linked(ear, name="other", takes=(taken,)):
        ear.wait_for(LinkState.CONNECTED)
        (outcome,) = json.loads(samp("send", str(path), "--json").stdout)
    assert outcome == {"id": outcome["id"], "name": "other", "mtype": taken, "answer": "done", "text": ""}
    (table,) = ear.tables
    assert (table["a"].tolist(), [str(each) for each in table["b"]]) == ([1, 2], ["x", "y"])


class _Reading(Ear):
    """Reads what it is sent before it answers: the file is gone afterwards."""

    def __init__(self) -> None:
        super().__init__(answer=None)
        self.tables: list[Table] = []

    def received(self, received: object) -> None:
        super().received(received)  # type: ignore[arg-type]
        content, path = _there(self)
        assert isinstance(content, TableThere)
        self.tables.append(Table.read(path, format="fits" if content.is_fits else "votable"))
        self.messages[-1].reply(Answer.OK, "")


def test_an_image_goes_to_who_takes_images(hub: Running, tmp_path: Path) -> None:
    path = tmp_path / "map.fits"
    fits.writeto(path, np.zeros((4, 5)))
    first, second = Ear(), Ear()
    with linked(first, name="images", takes=(IMAGE,)), linked(second, name="tables", takes=(TABLE_FITS,)):
        first.wait_for_peer("tables", TABLE_FITS)
        assert samp("send", str(path)).stdout == "images: done.\n"
        content, sent = _there(first)
        refused = samp("send", str(path), "--to", "tables", code=2)
        assert "nobody takes one" in refused.stderr
    assert isinstance(content, ImageThere)
    assert sent == path


def test_a_spectrum_goes_with_what_is_to_be_said_of_it(hub: Running, tmp_path: Path) -> None:
    path = tmp_path / "line.fits"
    header = fits.Header({"CTYPE1": "FREQ", "CUNIT1": "Hz", "CRVAL1": 1.15e11, "CDELT1": 1e6, "CRPIX1": 1.0})
    header["OBJECT"], header["BUNIT"] = "Orion KL", "K"
    fits.writeto(path, np.arange(16.0), header)
    ear, tables = Ear(), _Reading()
    with linked(ear, name="SPLAT", takes=(SPECTRUM,)), linked(tables, name="TOPCAT", takes=(TABLE_FITS, TABLE_VOTABLE)):
        ear.wait_for_peer("TOPCAT", TABLE_FITS)
        assert sorted(samp("send", str(path)).stdout.splitlines()) == ["SPLAT: done.", "TOPCAT: done."]
        content, sent = _there(ear)
    assert isinstance(content, SpectrumThere)
    assert sent == path
    assert content.meta["Target.Name"] == "Orion KL"
    assert content.meta["Access.Format"] == "application/fits"
    assert tables.tables[0].colnames == ["frequency", "flux"]


def test_no_answer_is_not_failed_and_a_refusal_is(hub: Running, tmp_path: Path) -> None:
    path = tmp_path / "t.vot"
    write_table(Table({"a": [1]}), path)
    ear = Ear(answer=None)
    with linked(ear, name="other"):
        ear.wait_for(LinkState.CONNECTED)
        assert samp("send", str(path), "--timeout", "0.5").stdout.startswith("other: sent, no answer.")
        ear.answer = Answer.FAILED
        assert samp("send", str(path), code=5).stdout == "other: failed. as it happens\n"


def test_a_table_that_is_there_already_is_no_failure(hub: Running, tmp_path: Path) -> None:
    path = tmp_path / "t.vot"
    write_table(Table({"a": [1]}), path)
    with program("topcat", TABLE_VOTABLE) as topcat:
        topcat.answers, topcat.said = "samp.error", "Duplicate table-id: table 'x' has already been received"
        assert samp("send", str(path)).stdout == "topcat: there already.\n"
        (outcome,) = json.loads(samp("send", str(path), "--json").stdout)
        assert outcome["answer"] == "there already"
        topcat.said = "Out of memory"
        assert samp("send", str(path), code=5).stdout == "topcat: failed. Out of memory\n"


def test_whom_and_what_one_cannot_send(hub: Running, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<!doctype html><html></html>")
    assert "is a web page; tables, spectra and images" in samp("send", str(path), code=2).stderr
    assert "cannot be read" in samp("send", str(tmp_path / "none.vot"), code=2).stderr
    write_table(Table({"a": [1]}), tmp_path / "t.vot")
    table = str(tmp_path / "t.vot")
    assert "there is nobody" in samp("send", table, "--to", "TOPCAT", code=2).stderr
    assert "there is nobody" in samp("send", table, code=2).stderr
    assert "--timeout" in samp("send", table, "--timeout", "-1", code=2).stderr
