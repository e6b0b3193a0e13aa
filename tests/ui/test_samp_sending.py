"""What is sent: each program gets the format that it takes best, files are written once, outcomes are said."""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from pytestqt.qtbot import QtBot

from stopdesk import paths
from stopdesk.domain.run import StoredFile
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.formats.spectra import read_spectra
from stopdesk.formats.votable import read_table
from stopdesk.samp import messages
from stopdesk.samp.exchange import Answer, Peer
from stopdesk.samp.scripts import circle_script
from stopdesk.session.file import SessionStore
from stopdesk.ui.notices import Level, Notices
from stopdesk.ui.samp.parcels import Asked, ImageParcel, SpectrumParcel, TableParcel
from stopdesk.ui.samp.sending import Sendings
from stopdesk.ui.samp.shared_tables import SharedTables
from stopdesk.ui.selection import Selection
from stopdesk.ui.tasks import Tasks
from tests.fakes.samp_link import ALADIN, TOPCAT, Sent
from tests.ui.samp_parts import Samp

SPLAT = Peer("c3", "SPLAT", "Spectra", frozenset({messages.SPECTRUM, messages.TABLE_FITS, messages.TABLE_VOTABLE}))


@dataclass
class Post:
    """All that sends, with a link that only notes what it is given."""

    qtbot: QtBot
    samp: Samp
    sendings: Sendings
    shared: SharedTables
    notices: Notices
    tasks: Tasks

    def wait_for(self, number: int) -> list[Sent]:
        """What was sent, once it is so much."""
        self.qtbot.waitUntil(lambda: len(self.samp.fake.sent) >= number, timeout=30_000)
        return self.samp.fake.sent

    def wait_until_idle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.tasks.under_way, timeout=30_000)

    def told(self) -> list[str]:
        return [notice.text for notice in self.notices.history]


@pytest.fixture
def post(qtbot: QtBot, samp: Samp, tasks: Tasks, notices: Notices) -> Iterator[Post]:
    samp.with_peers(ALADIN, TOPCAT)
    shared = SharedTables(samp=samp.link, tasks=tasks)
    sendings = Sendings(samp=samp.link, tasks=tasks, notices=notices, shared=shared)
    yield Post(qtbot, samp, sendings, shared, notices, tasks)
    sendings.close()


@dataclass
class Place:
    """A table of the window."""

    n_rows: int
    key: str = "here"
    overlays: bool = False
    selection: Selection = field(default_factory=Selection)

    def to_screen(self, rows: np.ndarray) -> np.ndarray:
        return rows

    def from_screen(self, rows: np.ndarray) -> np.ndarray:
        return rows

    def bring(self, then: Callable[[], object], failed: Callable[[str], object]) -> None:
        then()


def parcel(
    n_rows: int = 5, *, version: object = "", place: Place | None = None, made: list[int] | None = None
) -> TableParcel:
    def make(_: Asked) -> Table:
        if made is not None:
            made.append(n_rows)
        return Table({"number": np.arange(n_rows), "third": np.arange(n_rows) / 3})

    table_id = f"stopdesk-{hashlib.sha256(b'content').hexdigest()[:20]}"
    return TableParcel(table_id, "CO ladder", n_rows, make, version=str(version), place=place)


def path_of(sent: Sent) -> Path:
    return Path(unquote(urlsplit(sent.message.params["url"]).path))


def test_topcat_gets_fits_and_others_get_a_votable(post: Post) -> None:
    post.sendings.send_table(parcel(), (ALADIN, TOPCAT))
    by_peer = {each.peers[0].name: each for each in post.wait_for(2)}
    assert by_peer["TOPCAT"].message.mtype == messages.TABLE_FITS
    assert by_peer["Aladin"].message.mtype == messages.TABLE_VOTABLE
    assert by_peer["TOPCAT"].message.params["table-id"] == by_peer["Aladin"].message.params["table-id"]
    assert by_peer["TOPCAT"].message.params["name"] == "CO ladder"
    assert Table.read(path_of(by_peer["TOPCAT"]), hdu=1)["third"].tolist() == (np.arange(5) / 3).tolist()
    assert read_table(path_of(by_peer["Aladin"]))["number"].tolist() == [0, 1, 2, 3, 4]


def test_a_table_is_written_once_for_all_who_take_that_format(post: Post) -> None:
    made: list[int] = []
    post.sendings.send_table(parcel(made=made), (TOPCAT,))
    post.sendings.send_table(parcel(made=made), (TOPCAT,))  # while the first is being written
    first, second = (path_of(each) for each in post.wait_for(2))
    post.sendings.send_table(parcel(made=made), (TOPCAT,))
    assert path_of(post.wait_for(3)[2]) == first == second
    assert made == [5]
    post.sendings.send_table(parcel(6, version="with another column", made=made), (TOPCAT,))
    assert path_of(post.wait_for(4)[3]) != first
    assert made == [5, 6]


def test_the_rows_of_a_table_that_has_a_place_are_shared(post: Post) -> None:
    place = Place(5)
    post.sendings.send_table(parcel(place=place), (TOPCAT,))
    (sent,) = post.wait_for(1)
    table_id = sent.message.params["table-id"]
    kept = post.shared.find(table_id)
    assert kept is not None
    assert kept.url == sent.message.params["url"]
    place.selection.choose([1, 3], source=None)
    selected = post.wait_for(2)[1]
    assert selected.message.mtype == messages.SELECT_ROWS
    assert selected.message.params["row-list"] == ["1", "3"]
    assert [peer.name for peer in selected.peers] == ["TOPCAT"]


@pytest.mark.parametrize(
    ("answer", "said", "words", "level"),
    [
        (Answer.OK, "", "Sent CO ladder (5 rows) to TOPCAT: loaded.", Level.INFO),
        (Answer.NO_ANSWER, "", "did not say what came of it", Level.INFO),
        (Answer.WARNING, "no coordinates", "to TOPCAT, which has doubts: no coordinates.", Level.WARNING),
        (Answer.FAILED, "Out of memory.", "TOPCAT could not take CO ladder (5 rows): Out of memory.", Level.ERROR),
        (Answer.FAILED, "Duplicate table-id: x", "TOPCAT has CO ladder (5 rows) already.", Level.INFO),
        (Answer.NOT_SENT, "It has left", "Did not send CO ladder (5 rows) to TOPCAT: It has left.", Level.WARNING),
    ],
)
def test_what_came_of_it_is_said(post: Post, answer: Answer, said: str, words: str, level: Level) -> None:
    post.sendings.send_table(parcel(), (TOPCAT,))
    post.wait_for(1)
    post.samp.fake.answers(answer, said)
    post.qtbot.waitUntil(lambda: bool(post.told()))
    (notice,) = post.notices.history
    assert words in notice.text
    assert notice.level is level


def test_a_table_that_cannot_be_made_is_told_of_and_can_be_sent_again(post: Post) -> None:
    def broken(_: Asked) -> Table:
        return Table({"bad": np.zeros(1, dtype="V8")})

    bad = TableParcel("stopdesk-1", "Bad table", 1, broken)
    post.sendings.send_table(bad, (TOPCAT,))
    post.qtbot.waitUntil(lambda: bool(post.told()), timeout=30_000)
    assert "Bad table could not be sent." in post.told()[0]
    post.sendings.send_table(TableParcel("stopdesk-1", "Bad table", 5, parcel().make), (TOPCAT,))
    assert post.wait_for(1)


def test_a_cancel_while_it_is_written_sends_nothing(post: Post) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(cancelled: Asked) -> Table:
        begun.set()
        assert go_on.wait(30)
        return parcel().make(cancelled)

    post.sendings.send_table(TableParcel("stopdesk-2", "Slow table", 5, slow), (TOPCAT,))
    post.qtbot.waitUntil(begun.is_set, timeout=30_000)
    (task,) = post.tasks.under_way
    task.cancel()
    go_on.set()
    post.wait_until_idle()
    assert not post.samp.fake.sent
    post.sendings.send_table(TableParcel("stopdesk-2", "Slow table", 5, parcel().make), (TOPCAT,))
    assert post.wait_for(1)


# ---- spectra ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SessionStore]:
    made = SessionStore.create(tmp_path / "session.stop")
    yield made
    made.close()


def spectrum(store: SessionStore, *, is_alone: bool = True, name: str = "example.fits") -> SpectrumParcel:
    source = paths.resources() / "spectra" / "example.fits"
    sha256, size = store.put_blob(source)
    (read,) = read_spectra(source)
    return SpectrumParcel(
        "0123456789abcdef", read.name, read, StoredFile(name=name, sha256=sha256, size=size), is_alone, store
    )


def test_a_spectrum_goes_as_the_file_it_came_in_with_what_is_known_of_it(post: Post, store: SessionStore) -> None:
    sent_spectrum = spectrum(store)
    post.sendings.send_spectrum(sent_spectrum, (SPLAT,))
    (sent,) = post.wait_for(1)
    assert sent.message.mtype == messages.SPECTRUM
    assert path_of(sent).read_bytes() == (paths.resources() / "spectra" / "example.fits").read_bytes()
    assert path_of(sent).suffix == ".fits"
    meta = sent.message.params["meta"]
    assert meta["Access.Format"] == "application/fits"
    assert meta["Access.Reference"] == sent.message.params["url"]
    assert meta["Target.Name"]
    assert meta["Char.SpectralAxis.Unit"] == sent_spectrum.spectrum.axis_unit
    post.samp.fake.answers(Answer.OK)
    post.qtbot.waitUntil(lambda: any("to SPLAT: loaded" in text for text in post.told()))


def test_a_spectrum_that_cannot_be_written_is_told_of(post: Post, store: SessionStore) -> None:
    post.sendings.send_table(parcel(), (TOPCAT,))
    (sent,) = post.wait_for(1)
    shutil.rmtree(path_of(sent).parent)
    post.sendings.send_spectrum(spectrum(store), (SPLAT,))
    post.wait_until_idle()
    assert "cannot be written (No such file or directory)" in post.told()[-1]
    assert len(post.samp.fake.sent) == 1


@pytest.mark.parametrize(("is_alone", "name"), [(False, "example.fits"), (True, "spectrum.csv")])
def test_one_of_several_spectra_or_text_goes_as_a_votable(
    post: Post, store: SessionStore, is_alone: bool, name: str
) -> None:
    sent_spectrum = spectrum(store, is_alone=is_alone, name=name)
    post.sendings.send_spectrum(sent_spectrum, (SPLAT,))
    (sent,) = post.wait_for(1)
    (back,) = read_spectra(path_of(sent))
    np.testing.assert_array_equal(back.flux, sent_spectrum.spectrum.flux)
    meta = sent.message.params["meta"]
    assert meta["Access.Format"] == "application/x-votable+xml"
    assert meta["vox:spectrum_axes"] == f"{meta['Dataset.SpectralAxis']} {meta['Dataset.FluxAxis']}"


def test_programs_that_know_no_spectra_get_a_table(post: Post, store: SessionStore) -> None:
    sent_spectrum = spectrum(store)
    post.sendings.send_spectrum(sent_spectrum, (SPLAT, TOPCAT))
    by_peer = {each.peers[0].name: each for each in post.wait_for(2)}
    assert by_peer["SPLAT"].message.mtype == messages.SPECTRUM
    assert by_peer["TOPCAT"].message.mtype == messages.TABLE_FITS
    assert len(Table.read(path_of(by_peer["TOPCAT"]), hdu=1)) == sent_spectrum.spectrum.n_channels


# ---- images, positions, drawings, services ---------------------------------------------------------------------------


def test_an_image_goes_as_a_file_that_others_can_open(post: Post, tmp_path: Path) -> None:
    source = tmp_path / "0af3"
    fits.PrimaryHDU(np.ones((4, 4))).writeto(source)
    post.sendings.send_image(ImageParcel(source, "CO moment 0, M83.fits", "http://archive.example/1"), (ALADIN,))
    (sent,) = post.wait_for(1)
    assert sent.message.mtype == messages.IMAGE
    assert sent.message.params["name"] == "CO moment 0, M83.fits"
    assert path_of(sent).suffix == ".fits"
    assert path_of(sent).read_bytes() == source.read_bytes()
    shutil.rmtree(path_of(sent).parent)


def test_positions_are_in_degrees(post: Post) -> None:
    post.sendings.point_at("IRAS 16293-2422", 248.0946, -24.4767, (ALADIN,))
    (sent,) = post.wait_for(1)
    assert sent.message.params == {"ra": "248.0946", "dec": "-24.4767"}
    post.samp.fake.answers(Answer.OK)
    post.qtbot.waitUntil(lambda: post.told() == ["Sent the position of IRAS 16293-2422 to Aladin: shown."])


def test_drawings_are_made_aside_and_sent_as_a_script(post: Post) -> None:
    where: list[threading.Thread] = []

    def script() -> str:
        where.append(threading.current_thread())
        return circle_script("Search", 10.0, 20.0, 0.1)

    post.sendings.draw("the circle of the search", script, (ALADIN,))
    (sent,) = post.wait_for(1)
    assert where[0] is not threading.main_thread()
    assert sent.message.mtype == messages.SCRIPT
    assert re.search(r"draw circle\(10\.0+,20\.0+,6'\)", sent.message.params["script"])
    post.samp.fake.answers(Answer.NO_ANSWER, "")  # as Aladin, which never answers a script
    post.qtbot.waitUntil(lambda: bool(post.told()))
    words = "Sent the circle of the search to Aladin, which shows it over an image, a survey or a table of that place."
    assert post.told() == [words]


def test_services_go_by_kind_where_a_program_tells_kinds_apart(post: Post) -> None:
    cones = [
        Service(name=f"C{k}", url=f"http://c.example/{k}", kind=ServiceKind.SCS, ivoid=f"ivo://c/{k}") for k in (1, 2)
    ]
    ssa = Service(name="S", url="http://s.example", kind=ServiceKind.SSA, ivoid="ivo://s/1")
    unknown = Service(name="U", url="http://u.example", kind=ServiceKind.SSA)
    plain = Peer("c8", "Plain", subscriptions=frozenset({messages.RESOURCES}))
    exact = Peer("c9", "TOPCAT", subscriptions=frozenset({f"{messages.RESOURCES}.cone", messages.RESOURCES}))
    post.sendings.send_services([*cones, ssa, unknown], (plain, exact))
    sent = [(each.peers[0].name, each.message.mtype, tuple(each.message.params["ids"])) for each in post.wait_for(4)]
    assert sent == [
        ("Plain", "voresource.loadlist", ("ivo://c/1", "ivo://c/2")),
        ("Plain", "voresource.loadlist", ("ivo://s/1",)),
        ("TOPCAT", "voresource.loadlist.cone", ("ivo://c/1", "ivo://c/2")),
        ("TOPCAT", "voresource.loadlist", ("ivo://s/1",)),
    ]
