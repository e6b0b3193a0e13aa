"""The programs of the SAMP tests register, take what they say they take, and do what the mouse tells them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from tests.peers.samp.aladin import Aladin
from tests.peers.samp.hubs import Lock
from tests.peers.samp.peer import Peer, peer
from tests.peers.samp.pictures import write_image
from tests.peers.samp.programs import Program, again, until
from tests.peers.samp.snooper import snooper
from tests.peers.samp.topcat import Topcat

#: What they are subscribed to, beside events of the hub.
TOPCAT = {
    *("client.env.get", "coord.pointAt.sky", "samp.app.ping", "table.highlight.row", "table.select.rowList"),
    *("table.load.fits", "table.load.votable", "voresource.loadlist", "voresource.loadlist.ssap"),
}
ALADIN = {
    *("coord.get.sky", "coord.pointAt.sky", "image.load.fits", "samp.app.ping", "script.aladin.send"),
    *("table.highlight.row", "table.load.fits", "table.load.votable", "table.select.rowList"),
}
SELECT, HIGHLIGHT = "table.select.rowList", "table.highlight.row"
LOADS = ("table.load.votable", "image.load.fits")


@pytest.fixture
def me(lock: Lock, hub: Program) -> Iterator[Peer]:
    with peer(lock, "tests", SELECT, HIGHLIGHT, *LOADS, "coord.pointAt.sky") as me:
        yield me


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """40 sources within 6' of a place, in FITS."""
    rng = np.random.default_rng(1)
    ra, dec = 83.8 + rng.uniform(-0.1, 0.1, 40), -5.4 + rng.uniform(-0.1, 0.1, 40)
    table = Table({"n": np.arange(40), "square": np.arange(40.0) ** 2, "ra": ra, "dec": dec})
    table["ra"].unit = table["dec"].unit = "deg"
    table.write(tmp_path / "sources.fits")
    return tmp_path / "sources.fits"


def load(me: Peer, client: str, path: Path, table_id: str) -> None:
    """Send a table, and wait until it can be spoken of by its id: TOPCAT needs a while for that."""
    mtype = f"table.load.{'fits' if path.suffix == '.fits' else 'votable'}"
    loaded = me.call(client, mtype, url=path.as_uri(), table_id=table_id, name=path.stem)
    assert loaded["samp.status"] == "samp.ok", loaded
    chosen = {"table_id": table_id, "row_list": ["0"]}
    until(lambda: me.call(client, SELECT, **chosen)["samp.status"] == "samp.ok", "the table is known by its id")


def rows(me: Peer, n: int = 1) -> list[int]:
    """The n-th selection that we are told, in order."""
    return sorted(int(row) for row in me.wait_for(SELECT, n).params["row-list"])


def test_topcat_takes_tables_and_tells_of_rows(me: Peer, a_topcat: Topcat, sources: Path) -> None:
    client = me.wait_for_client("topcat", "table.load.fits")
    assert me.subscriptions(client) >= TOPCAT
    assert "image.load.fits" not in me.subscriptions(client)
    assert me.call(client, "samp.app.ping")["samp.status"] == "samp.ok"
    load(me, client, sources, "ours")
    assert me.call(client, SELECT, table_id="another", row_list=["1"])["samp.status"] == "samp.error"

    a_topcat.drag_rows(2, 5)
    again(a_topcat.transmit_rows, lambda: me.seen(SELECT), "rows dragged in the browser")
    told = me.wait_for(SELECT)
    assert (told.sender, told.is_call, told.params["table-id"]) == (client, True, "ours")
    assert rows(me) == [2, 3, 4, 5]

    me.call(client, SELECT, table_id="ours", row_list=["7", "9", "30"])
    n = len(me.seen(SELECT))
    again(a_topcat.transmit_subset, lambda: len(me.seen(SELECT)) > n, "the subset")
    assert rows(me, n + 1) == [7, 9, 30]


def test_topcat_tells_of_the_row_clicked_on(me: Peer, a_topcat: Topcat, sources: Path) -> None:
    load(me, me.wait_for_client("topcat", "table.load.fits"), sources, "ours")
    a_topcat.send_row_index()
    again(lambda: a_topcat.click_row(4), lambda: me.seen(HIGHLIGHT), "the row of the browser")
    assert me.wait_for(HIGHLIGHT).params["row"] == "4"
    points = a_topcat.points()
    n = len(me.seen(HIGHLIGHT))
    again(lambda: a_topcat.plot().click(points[-1]), lambda: len(me.seen(HIGHLIGHT)) > n, "the point of the plot")
    assert me.wait_for(HIGHLIGHT, n + 1).params == {**me.wait_for(HIGHLIGHT).params, "row": "39"}


def test_aladin_takes_tables_images_and_positions_and_tells_of_them(
    me: Peer, an_aladin: Aladin, sources: Path, tmp_path: Path
) -> None:
    client = me.wait_for_client("Aladin", "table.load.fits")
    assert me.subscriptions(client) >= ALADIN
    assert me.call(client, "samp.app.ping")["samp.status"] == "samp.ok"
    image = write_image(tmp_path / "image.fits", 83.8, -5.4)
    assert me.call(client, "image.load.fits", url=image.as_uri(), name="image")["samp.status"] == "samp.ok"
    votable = sources.with_suffix(".vot")
    Table.read(sources).write(votable, format="votable")
    load(me, client, votable, "ours")

    assert me.call(client, "coord.pointAt.sky", ra="83.81", dec="-5.42")["samp.status"] == "samp.ok"
    at = me.call(client, "coord.get.sky")["samp.result"]
    assert (float(at["ra"]), float(at["dec"])) == pytest.approx((83.81, -5.42), abs=1e-4)

    again(an_aladin.select_all, lambda: any(m.params["row-list"] for m in me.seen(SELECT)), "sources drawn around")
    chosen = next(message for message in me.seen(SELECT) if message.params["row-list"])
    assert (chosen.is_call, chosen.params["table-id"]) == (False, "ours")
    assert sorted(map(int, chosen.params["row-list"])) == list(range(40))
    n = len(me.seen("coord.pointAt.sky"))
    again(lambda: an_aladin.point((650, 350)), lambda: len(me.seen("coord.pointAt.sky")) > n, "a click on the sky")
    assert float(me.wait_for("coord.pointAt.sky", n + 1).params["ra"]) == pytest.approx(83.8, abs=0.3)

    for plane, mtype in (("image", "image.load.fits"), ("sources", "table.load.votable")):
        me.notify(client, "script.aladin.send", script=f"select {plane}")
        again(an_aladin.broadcast, lambda mtype=mtype: me.seen(mtype), f"the {plane}")
        sent = me.wait_for(mtype)
        assert sent.params["name"] == plane
        assert Path(sent.params["url"].removeprefix("file://localhost")).stat().st_size > 0
    assert me.wait_for("table.load.votable").params["table-id"] == "ours"


def test_a_snooper_prints_what_it_is_told(me: Peer, lock: Lock) -> None:
    with snooper(lock, "SPLAT", "spectrum.load.ssa-generic") as splat:
        client = me.wait_for_client("SPLAT", "spectrum.load.ssa-generic")
        answer = me.call(client, "spectrum.load.ssa-generic", url="file:/x.fits", meta={"Access.Format": "a/b"})
        assert answer["samp.status"] == "samp.warning"
        until(lambda: "Access.Format" in splat.printed(), "the message is printed")


def test_peers_tell_each_other(me: Peer, lock: Lock) -> None:
    with peer(lock, "other", "coord.pointAt.sky", SELECT) as other:
        me.notify(other.id, "coord.pointAt.sky", ra="1", dec="2")
        assert other.wait_for("coord.pointAt.sky").params == {"ra": "1", "dec": "2"}
        other.answers[SELECT] = lambda _message: {"samp.status": "samp.error", "samp.error": {"samp.errortxt": "no"}}
        assert me.call(other.id, SELECT, row_list=["1"])["samp.error"] == {"samp.errortxt": "no"}
        other.answers[SELECT] = lambda _message: None
        asked = me.ask(other.id, SELECT, row_list=["2"])
        other.wait_for(SELECT, 2)
        assert asked.status == ""
        other.vanish()
    assert "other" not in me.clients()


def test_a_hub_is_killed_frozen_and_gone_for_certain(lock: Lock, hub: Program) -> None:
    assert lock.answers()
    hub.freeze()
    assert not lock.answers()
    hub.thaw()
    until(lock.answers, "the hub goes on")
    hub.kill()
    assert not lock.answers()
    assert lock.path.exists(), "nobody tidied up"
