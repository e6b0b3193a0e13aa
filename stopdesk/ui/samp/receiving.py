"""What other programs send is opened as if the user had opened it: tables, spectra, images, positions, services."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import numpy as np
from PySide6.QtCore import QObject

from stopdesk.domain.session import Source
from stopdesk.domain.target import NEAR, Position, Target, separation
from stopdesk.errors import NetworkError, StopdeskError
from stopdesk.net.http import Http
from stopdesk.samp.exchange import Answer, Received
from stopdesk.samp.messages import (
    ImageThere,
    Pointing,
    ResourcesOffered,
    RowHighlighted,
    RowsSelected,
    SpectrumThere,
    TableThere,
)
from stopdesk.ui.aiming import Aim
from stopdesk.ui.notices import Notices
from stopdesk.ui.samp.bridge import SampLink
from stopdesk.ui.samp.obtaining import obtain
from stopdesk.ui.samp.offered import OfferTaker
from stopdesk.ui.samp.patience import Patience
from stopdesk.ui.samp.places import Places
from stopdesk.ui.samp.shared_tables import SentTable, SharedTables
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.tasks import Tasks
from stopdesk.ui.window import Window
from stopdesk.vo.content import Content
from stopdesk.vo.download import Fetched

_NOT_OPENED = "stopdesk could not open it; its user has been told why."

There = TableThere | SpectrumThere | ImageThere

#: So many files are read at a time.
_AT_ONCE = 2

_SPECTRA = (Content.FITS_SPECTRUM, Content.VOTABLE_SPECTRUM)
_TABLES = (Content.VOTABLE, Content.FITS_TABLE, Content.DATALINK)
#: What may be a spectrum or a table in words and numbers, or in a format that is told by its name.
_UNTOLD = (Content.TEXT, Content.UNKNOWN)


def receive(
    samp: SampLink,
    *,
    window: Window,
    aim: Aim,
    settings: SettingsKeeper,
    tasks: Tasks,
    notices: Notices,
    http: Http,
) -> SharedTables:
    """Open from now on what other programs send to this window; gives what shares selections with them."""
    places = Places(window)
    shared = SharedTables(samp=samp, tasks=tasks, known=places.known, parent=window)
    receiver = Receiver(
        window=window,
        aim=aim,
        shared=shared,
        places=places,
        settings=settings,
        tasks=tasks,
        notices=notices,
        http=http,
    )
    samp.received.connect(receiver.take)
    window.observe.area.chosen.connect(lambda _: shared.look())
    window.results.shown.connect(lambda _: shared.look())
    return shared


class Receiver(QObject):
    """Takes messages and answers them when what they want has been done, or with the sentence why it could not be."""

    def __init__(
        self,
        *,
        window: Window,
        aim: Aim,
        shared: SharedTables,
        places: Places,
        settings: SettingsKeeper,
        tasks: Tasks,
        notices: Notices,
        http: Http,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._aim = aim
        self._shared = shared
        self._places = places
        self._tasks = tasks
        self._notices = notices
        self._http = http
        self._patience = Patience(self)
        self._offers = OfferTaker(
            settings=settings, tasks=tasks, notices=notices, http=http, patience=self._patience, window=window
        )
        self._target: Target | None = None
        self._before = Source()
        self._pointed_to = ("", "")
        aim.pointed.connect(self._is_at)

    def take(self, received: Received) -> None:
        """Do what a message wants, at once or when the question that the user is asked has been answered."""
        if received.content is None:
            text = f"{received.peer.name} sent something that cannot be used: {received.problem}"
            self._patience.do(partial(self._notices.warn, text), _unsaid, kind=("unusable", received.peer.id))
        else:
            self._patience.do(partial(self._do, received), partial(_dropped, received), kind=_kind(received))

    # ---- what messages want --------------------------------------------------------------------------------------

    def _do(self, received: Received) -> None:
        match received.content:
            case RowsSelected() | RowHighlighted():
                self._shared.take(received)
            case Pointing() as pointing:
                self._point(received, pointing)
            case ResourcesOffered() as offered:
                self._offers.take(received, offered)
            case TableThere() | SpectrumThere() | ImageThere() as there:
                self._obtain(received, there)

    def _obtain(self, received: Received, there: There) -> None:
        """Get a file in a task, then open it."""
        peer, name = received.peer.name, _name(there)

        def failed(error: StopdeskError) -> None:
            is_unread = not isinstance(error, NetworkError)
            self._failed(received, there, error, said=str(error) if is_unread else _NOT_OPENED)

        self._tasks.start(
            f"Loading {name or 'a file'} from {peer}",
            lambda task: obtain(self._http, there.url, name, task),
            done=lambda fetched: self._patience.do(
                partial(self._open, received, there, fetched), partial(_dropped, received)
            ),
            failed=failed,
            dropped=lambda: received.reply(Answer.FAILED, "The user of stopdesk cancelled it."),
            queue_name="samp files",
            width=_AT_ONCE,
        )

    def _failed(self, received: Received, there: There, error: StopdeskError, said: str = _NOT_OPENED) -> None:
        """Tell our user all; errors quote lines of files and words of servers, which are not for other programs."""
        what = _name(there) or "what it sent"
        self._notices.fail(f"{what} from {received.peer.name} could not be opened. {error}")
        received.reply(Answer.FAILED, said)

    # ---- files ---------------------------------------------------------------------------------------------------

    def _open(self, received: Received, there: There, fetched: Fetched) -> None:
        """Open a file by what it is, and by what it is said to be where its bytes do not tell."""
        content = fetched.content
        is_spectrum = content in _SPECTRA or (isinstance(there, SpectrumThere) and content in (*_TABLES, *_UNTOLD))
        if fetched.links or not (is_spectrum or content in (*_TABLES, *_UNTOLD)) or _is_odd_image(there, content):
            self._window.observe.loader.open(fetched, fetched.name)
            received.reply(Answer.OK, f"The user of stopdesk is asked what to do with it: {content.value}.")
        elif is_spectrum:
            self._open_spectrum(received, there, fetched)
        else:
            self._open_table(received, there, fetched)

    def _open_spectrum(self, received: Received, there: There, fetched: Fetched) -> None:
        def opened() -> None:
            self._window.show_page("spectra")
            received.reply(Answer.OK, "")

        def failed(error: StopdeskError) -> None:
            if isinstance(there, TableThere):  # a table that only looks like a spectrum
                self._open_table(received, there, fetched)
            else:
                self._failed(received, there, error)

        self._window.spectra.add(fetched.path, _origin(received, fetched), fetched.name, opened=opened, failed=failed)

    def _open_table(self, received: Received, there: There, fetched: Fetched) -> None:
        def opened(key: str) -> None:
            place = self._places.own_table(key)
            if isinstance(there, TableThere) and place is not None:
                table = SentTable(there.table_id, there.url, there.name or fetched.name, place)
                self._shared.keep(table, [received.peer])
            self._window.show_page("observe")
            received.reply(Answer.OK, "")

        self._window.observe.own.add(
            fetched.path,
            origin=_origin(received, fetched),
            name=fetched.name,
            opened=opened,
            failed=partial(self._failed, received, there),
        )

    # ---- positions -----------------------------------------------------------------------------------------------

    def _is_at(self, target: Target | None) -> None:
        self._target = target

    def _point(self, received: Received, pointing: Pointing) -> None:
        """Have the position in the source bar; the name stays where it is the same place."""
        position, old, bar = Position(ra=pointing.ra, dec=pointing.dec), self._target, self._window.source_bar
        name = position.sexagesimal
        if old is not None:
            there = old.position
            if float(np.asarray(separation(position.ra, position.dec, there.ra, there.dec))) < NEAR:
                name = old.name if old.name != there.sexagesimal else name
        if (bar.source.name, bar.source.position) != self._pointed_to:  # the user's own, not another program's
            self._before = bar.source
        peer, now = received.peer.name, datetime.now(UTC).replace(microsecond=0)
        self._aim.point_away(Target(name=name, position=position, source=f"from {peer}", date=now), self._before)
        self._pointed_to = (bar.source.name, bar.source.position)
        before = ", ".join(text for text in (self._before.name, self._before.position) if text.strip())
        undo = f" Before that the source was {before}; the menu Targets leads back to it." if before else ""
        self._notices.tell(f"{peer} points at {position.sexagesimal}.{undo}")
        received.reply(Answer.OK, "")


def _dropped(received: Received, why: str, is_replaced: bool) -> None:
    received.reply(Answer.WARNING if is_replaced else Answer.FAILED, why)


def _unsaid(why: str, is_replaced: bool) -> None:
    """A message that cannot be used has been answered already; of many of them the last one is told."""


def _kind(received: Received) -> tuple[object, ...] | None:
    """The same for messages of which only the last one matters; None for those that all do."""
    content = received.content
    if isinstance(content, RowsSelected | RowHighlighted):
        return type(content), content.table_id, content.url
    return (Pointing,) if isinstance(content, Pointing) else None


def _is_odd_image(there: There, content: Content) -> bool:
    """Whether something is said to be an image and is nothing that is known."""
    return isinstance(there, ImageThere) and content in _UNTOLD


def _name(there: There) -> str:
    """What the sender calls it; a spectrum without a name goes by its target, which is SSA's Target.Name."""
    name = there.name.strip()
    if not name and isinstance(there, SpectrumThere):
        plain = {key.casefold().rpartition(":")[2]: text for key, text in there.meta.items()}
        name = plain.get("target.name", "") or plain.get("dataid.title", "")
    return name.strip()


def _origin(received: Received, fetched: Fetched) -> str:
    return f"{received.peer.name}: {fetched.url}"
