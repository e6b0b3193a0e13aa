"""The link with the hub of JSAMP, and JSAMP's clients at our hub; its snooper, which takes the same, is our SPLAT."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from stopdesk.samp.exchange import Answer, LinkState
from stopdesk.samp.messages import (
    SPECTRUM,
    TABLE_VOTABLE,
    Pointing,
    load_spectrum,
    point_at,
    select_rows,
)
from tests.hubs import OUR_HUB, Running, running
from tests.peers.processes_as import missing
from tests.samp import Ear, linked

HUB = ("jsamp", "hub", "-mode", "no-gui", "-profiles", "std")
SPLAT = ("jsamp", "snooper", "-clientname", "SPLAT", "-mtype", SPECTRUM, "-mtype", "table.load.fits")


@pytest.fixture(autouse=True)
def lock_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the lock file of this test is."""
    if shutil.which("jsamp") is None:
        missing("jsamp is not installed")
    path = tmp_path / "samp"
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{path.as_uri()}")
    return path


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Running]:
    """A hub of JSAMP, which says nothing when it has started."""
    program = Running(HUB, tmp_path)
    yield program
    program.close()


@pytest.fixture(params=[HUB, OUR_HUB], ids=["JSAMP's hub", "our hub"])
def any_hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    """A hub."""
    program = Running(request.param, tmp_path)
    yield program
    program.close()


def test_a_spectrum_goes_to_a_program_in_java(any_hub: Running, tmp_path: Path) -> None:
    ear = Ear()
    with linked(ear) as link:
        ear.wait_for(LinkState.CONNECTED)
        splat = Running(SPLAT, tmp_path)
        try:
            peer = ear.wait_for_peer("SPLAT", SPECTRUM)
            assert not peer.takes(TABLE_VOTABLE)
            message = load_spectrum("file:///data/¹³CO.vot", "id", "¹³CO 1–0", {"Target.Name": "Orion"})
            link.send(message, [peer], done=ear.done)
            outcome = ear.wait(lambda: ear.outcomes)[0]
            assert (outcome.answer, outcome.text) == (Answer.WARNING, "Message logged, not acted on")
            said = [splat.line()]
            while not (n_open := sum(line.count("{") for line in said)) or n_open > sum(
                line.count("}") for line in said
            ):
                said.append(splat.line())
            assert any('"name": "13CO 1-0"' in line for line in said), said
            assert any('"Target.Name": "Orion"' in line for line in said), said
            link.send(point_at(1.0, 2.0), [peer], done=ear.done)  # which it does not take
            assert ear.wait(lambda: ear.outcomes[1:])[0].answer is Answer.NOT_SENT
        finally:
            splat.close()


@pytest.mark.parametrize("mode", ["sync", "async", "notify"])
def test_a_message_of_a_program_in_java_is_received(any_hub: Running, tmp_path: Path, mode: str) -> None:
    ear = Ear()
    with linked(ear):
        ear.wait_for(LinkState.CONNECTED)
        words = ("-mtype", "coord.pointAt.sky", "-param", "ra", "10.5", "-param", "dec", "-3.25")
        sender = Running(("jsamp", "messagesender", "-mode", mode, "-sendername", "java", *words), tmp_path)
        try:
            received = ear.wait(lambda: ear.messages)[0]
            assert received.content == Pointing(10.5, -3.25)
            if mode == "sync":
                assert any("samp.ok" in sender.line() for _ in range(6))
            sender.popen.wait(30)
        finally:
            sender.close()


def test_150_000_selected_rows_go_through(any_hub: Running) -> None:
    here, there = Ear(), Ear()
    with linked(here) as link, linked(there, name="other"):
        peer = here.wait_for_peer("other", TABLE_VOTABLE)
        link.send(select_rows("t", "file:///t", range(150_000)), [peer], done=here.done)
        assert here.wait(lambda: here.outcomes)[0].answer is Answer.OK
        assert here.state is LinkState.CONNECTED


def test_a_program_that_died_or_is_frozen_is_not_shown(any_hub: Running, tmp_path: Path) -> None:
    ear = Ear()
    with linked(ear):
        ear.wait_for(LinkState.CONNECTED)
        splat = Running(SPLAT, tmp_path)
        try:
            ear.wait_for_peer("SPLAT", SPECTRUM)
            splat.freeze()
            ear.wait(lambda: not ear.peers, 60)
            splat.thaw()
            ear.wait_for_peer("SPLAT", SPECTRUM)
            splat.kill()
            ear.wait(lambda: not ear.peers, 60)
        finally:
            splat.close()


def test_a_frozen_hub_of_jsamp_is_waited_for(hub: Running) -> None:
    ear = Ear()
    with linked(ear, start_hub=True):
        own_id = ear.wait_for(LinkState.CONNECTED).own_id
        hub.freeze()
        ear.wait_for(LinkState.WAITING)
        hub.thaw()
        assert ear.wait_for(LinkState.CONNECTED).own_id == own_id


@pytest.mark.parametrize("how", ["killed", "ended"])
def test_our_hub_takes_over_from_one_of_jsamp_and_its_clients_come(hub: Running, tmp_path: Path, how: str) -> None:
    ear = Ear()
    with linked(ear) as link:
        ear.wait_for(LinkState.CONNECTED)
        splat = Running(SPLAT, tmp_path)
        try:
            ear.wait_for_peer("SPLAT", SPECTRUM)
            link.connect(start_hub=True)
            hub.kill() if how == "killed" else hub.end()
            ear.wait(lambda: ear.statuses[-1].is_own_hub)
            if how == "ended":  # of a killed one the snooper knows nothing
                ear.wait_for_peer("SPLAT", SPECTRUM)
        finally:
            splat.close()


def test_jsamp_starts_no_second_hub_beside_ours(lock_file: Path, tmp_path: Path) -> None:
    with running(OUR_HUB, tmp_path) as hub:
        written = lock_file.read_text()
        second = Running(HUB, tmp_path)
        try:
            assert second.popen.wait(30) != 0
            assert lock_file.read_text() == written
        finally:
            second.close()
        assert hub.end() == 0
    assert not lock_file.exists()
