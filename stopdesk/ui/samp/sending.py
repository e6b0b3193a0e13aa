"""Sends tables, spectra, images, positions, drawings and services to other programs, and says what came of it."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.errors import Cancelled, FileError, StopdeskError
from stopdesk.samp import messages, tables
from stopdesk.samp.exchange import Answer, Outcome, Peer
from stopdesk.samp.messages import Message
from stopdesk.samp.outbox import Outbox, sweep
from stopdesk.samp.tables import TableFormat, table_format
from stopdesk.ui.notices import Notices
from stopdesk.ui.samp.bridge import SampLink
from stopdesk.ui.samp.parcels import Asked, ImageParcel, SpectrumParcel, TableParcel
from stopdesk.ui.samp.shared_tables import SentTable, SharedTables
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.vo import libraries

#: What a program has done with what it was sent, where it says that all is well.
_DONE = {
    messages.TABLE_FITS: "loaded",
    messages.TABLE_VOTABLE: "loaded",
    messages.SPECTRUM: "loaded",
    messages.IMAGE: "loaded",
    messages.POINT_AT: "shown",
    messages.SCRIPT: "handed over",
}

#: The kinds of list that programs take services by.
LISTS: Mapping[ServiceKind, str] = {
    ServiceKind.SCS: "cone",
    ServiceKind.SIA1: "siap",
    ServiceKind.SIA2: "siap",
    ServiceKind.SSA: "ssap",
    ServiceKind.TAP: "tap",
    ServiceKind.OBSTAP: "tap",
}

#: Messages that take a spectrum: as one, or as a table.
TAKES_SPECTRUM = (messages.SPECTRUM, *tables.LOADS_TABLE)

Write = Callable[[Path, Asked], None]


class Sendings(QObject):
    """Writes what is sent to files, each once, and tells programs where they are; does not wait for answers."""

    def __init__(
        self,
        *,
        samp: SampLink,
        tasks: Tasks,
        notices: Notices,
        make_outbox: Callable[[], Outbox] = Outbox,
        shared: SharedTables,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._samp = samp
        self._tasks = tasks
        self._notices = notices
        self._make_outbox = make_outbox
        self._outbox: Outbox | None = None  # made with the first file, in the one thread that writes them
        self._shared = shared
        self._files: dict[Hashable, str] = {}
        self._waiting: dict[Hashable, list[Callable[[str], None]]] = {}

    # ---- what is sent --------------------------------------------------------------------------------------------

    def send_table(self, table: TableParcel, peers: Iterable[Peer]) -> None:
        """Have these programs load a table, each in the format that it takes best; its rows are shared from then on."""
        by_format: dict[TableFormat, list[Peer]] = {}
        for peer in peers:
            by_format.setdefault(table_format(peer, table.n_rows), []).append(peer)
        for form, takers in by_format.items():
            self._with_file(
                (table.table_id, table.version, form),
                table.name,
                form.value,
                partial(_write_table, table, form),
                partial(self._tell_of_table, table, form, takers),
            )

    def _tell_of_table(self, table: TableParcel, form: TableFormat, peers: Sequence[Peer], url: str) -> None:
        if table.place is not None:
            self._shared.keep(SentTable(table.table_id, url, table.name, table.place, table.rows), peers)
        self._send(messages.load_table(url, table.table_id, table.name, fits=form.is_fits), peers, table.words)

    def send_spectrum(self, spectrum: SpectrumParcel, peers: Iterable[Peer]) -> None:
        """Have these programs load a spectrum; those that know of none get its table."""
        chosen = tuple(peers)
        takers = [peer for peer in chosen if peer.takes(messages.SPECTRUM)]
        others = [peer for peer in chosen if not peer.takes(messages.SPECTRUM)]
        if others:
            self.send_table(_as_table(spectrum), others)
        if takers:
            suffix = _suffix_as_it_is(spectrum)
            self._with_file(
                (spectrum.identifier, "spectrum"),
                spectrum.name,
                suffix or TableFormat.VOTABLE.value,
                partial(_write_spectrum, spectrum, as_it_is=bool(suffix)),
                partial(self._tell_of_spectrum, spectrum, suffix, takers),
            )

    def _tell_of_spectrum(self, sent: SpectrumParcel, suffix: str, peers: Sequence[Peer], url: str) -> None:
        from stopdesk.formats.spectra.writing import ssa_meta

        media_type = "application/fits" if suffix.startswith(".fit") else "application/x-votable+xml"
        meta = {"Access.Reference": url, **ssa_meta(sent.spectrum, media_type, as_table=not suffix)}
        self._send(messages.load_spectrum(url, sent.identifier, sent.name, meta), peers, sent.name)

    def send_image(self, image: ImageParcel, peers: Iterable[Peer]) -> None:
        """Have these programs load a FITS image."""
        takers = tuple(peers)

        def tell(url: str) -> None:
            self._send(messages.load_image(url, image.identifier, image.name), takers, image.name)

        name = Path(image.name)
        suffix = ".fits.gz" if name.name.lower().endswith(".gz") else ".fits"
        stem = name.name.removesuffix(".gz").rpartition(".")[0] or name.name
        self._with_file((image.identifier, image.path), stem, suffix, partial(_place_image, image.path), tell)

    def point_at(self, name: str, ra: float, dec: float, peers: Iterable[Peer]) -> None:
        """Have these programs show a position, in degrees (ICRS)."""
        self._send(messages.point_at(ra, dec), tuple(peers), f"the position of {name}" if name else "a position")

    def draw(self, what: str, script: Callable[[], str], peers: Iterable[Peer]) -> None:
        """Have Aladin draw what ``script()`` says, which is made in a task; ``what`` names it to the user."""
        takers = tuple(peers)

        def made(text: str) -> None:
            self._send(messages.aladin_script(text), takers, what)

        self._tasks.start(
            f"Drawing {what}", lambda _: script(), done=made, failed=self._notices.fail, queue_name="samp", width=1
        )

    def send_services(self, services: Sequence[Service], peers: Iterable[Peer]) -> None:
        """Offer services of the registry to these programs, by their kinds where a program tells kinds apart."""
        by_kind: dict[str, list[str]] = {}
        for service in services:
            if service.ivoid:
                by_kind.setdefault(LISTS.get(service.kind, ""), []).append(service.ivoid)
        for peer in peers:
            for kind, identifiers in by_kind.items():
                known = kind if kind and peer.takes(f"{messages.RESOURCES}.{kind}") else ""
                message = messages.load_resources(list(dict.fromkeys(identifiers)), "Services of stopdesk", known)
                n = len(identifiers)
                what = f"{n:,} {'service' if n == 1 else 'services'}"
                self._send(message, (peer,), what)

    # ---- files ---------------------------------------------------------------------------------------------------

    def _with_file(self, key: Hashable, name: str, suffix: str, write: Write, then: Callable[[str], None]) -> None:
        """Call ``then`` with the address of a file, which is written now unless it is there, or being written."""
        if key in self._files:
            then(self._files[key])
            return
        waiting = self._waiting.setdefault(key, [])
        waiting.append(then)
        if len(waiting) > 1:
            return

        def work(task: Task) -> str:
            libraries.load()
            if self._outbox is None:
                self._outbox = self._make_outbox()
            path = self._outbox.place(name, suffix)
            write(path, lambda: task.cancelled)
            return self._outbox.url(path)

        def written(url: str) -> None:
            self._files[key] = url
            for each in self._waiting.pop(key, ()):
                each(url)

        def failed(error: StopdeskError) -> None:
            self._waiting.pop(key, None)
            self._notices.fail(f"{name} could not be sent. {error}")

        self._tasks.start(
            f"Writing {name} for other programs",
            work,
            done=written,
            failed=failed,
            dropped=lambda: self._waiting.pop(key, None),
            queue_name="samp",
            width=1,
        )

    def begin(self) -> None:
        """Take away the files of programs that were killed; where that fails, sending will tell."""
        self._tasks.start(
            "Taking old files away", lambda _: sweep(), failed=lambda _: None, queue_name="samp", width=1, quiet=True
        )

    def close(self) -> None:
        """Take the files away; to be called when tasks and messages have ended."""
        if self._outbox is not None:
            self._outbox.close()

    # ---- what came of it -----------------------------------------------------------------------------------------

    def _send(self, message: Message, peers: Sequence[Peer], what: str) -> None:
        labels = dict(self._samp.labels)
        self._samp.send(
            message, peers, lambda outcome: self._say(what, labels.get(outcome.peer.id, outcome.peer.name), outcome)
        )

    def _say(self, what: str, whom: str, outcome: Outcome) -> None:
        text = outcome_words(what, whom, outcome)
        if outcome.answer is Answer.FAILED and not outcome.is_there_already:
            self._notices.fail(text)
        elif outcome.answer in (Answer.WARNING, Answer.NOT_SENT):
            self._notices.warn(text)
        else:
            self._notices.tell(text)


def outcome_words(what: str, whom: str, outcome: Outcome) -> str:
    """What came of sending something to a program, as a sentence."""
    said = f": {outcome.text.strip().rstrip('.')}" if outcome.text.strip() else ""
    if outcome.answer is Answer.OK:
        return f"Sent {what} to {whom}: {_DONE.get(outcome.message.mtype, 'taken')}."
    if outcome.answer is Answer.WARNING:
        return f"Sent {what} to {whom}, which has doubts{said}."
    if outcome.is_there_already:
        return f"{whom} has {what} already."
    if outcome.answer is Answer.FAILED:
        return f"{whom} could not take {what}{said}."
    if outcome.answer is Answer.NO_ANSWER and outcome.message.mtype == messages.SCRIPT:
        return f"Sent {what} to {whom}, which shows it over an image, a survey or a table of that place."
    if outcome.answer is Answer.NO_ANSWER:
        return f"Sent {what} to {whom}; it did not say what came of it, as some programs never do."
    return f"Did not send {what} to {whom}{said}."


def _write_table(table: TableParcel, form: TableFormat, path: Path, cancelled: Asked) -> None:
    tables.write(table.make(cancelled), form, path, cancelled)


def _as_table(parcel: SpectrumParcel) -> TableParcel:
    from stopdesk.formats.spectra.writing import spectrum_table

    spectrum = parcel.spectrum
    return TableParcel(parcel.identifier, parcel.name, spectrum.n_channels, lambda _: spectrum_table(spectrum))


def _suffix_as_it_is(parcel: SpectrumParcel) -> str:
    """The ending of a spectrum's own file, where others can be given that: it holds no other, and is FITS or VOTable.

    Empty where a file has to be written for them.
    """
    name = parcel.file.name.lower()
    plain = name.removesuffix(".gz")
    known = plain.endswith((".fits", ".fit", ".fts", ".vot", ".votable", ".xml"))
    return name[plain.rindex(".") :] if known and parcel.is_alone else ""


def _write_spectrum(parcel: SpectrumParcel, path: Path, cancelled: Asked, *, as_it_is: bool) -> None:
    from stopdesk.formats.spectra.writing import spectrum_table

    if as_it_is:
        _copy(parcel, path, cancelled)
    else:
        tables.write(spectrum_table(parcel.spectrum), TableFormat.VOTABLE, path, cancelled)


def _copy(parcel: SpectrumParcel, path: Path, cancelled: Asked) -> None:
    complete = False
    try:
        with path.open("wb") as file:
            for piece in parcel.store.pieces(parcel.file.sha256):
                if cancelled():
                    raise Cancelled("The spectrum was no longer wanted.")
                file.write(piece)
        complete = True
    except OSError as error:
        raise FileError(path, f"cannot be written ({error.strerror or error}). Is there room on the disk?") from error
    finally:
        if not complete:
            path.unlink(missing_ok=True)


def _place_image(source: Path, path: Path, cancelled: Asked) -> None:
    """Have an image in a file of its own name: the same bytes where the disk allows that, else a copy."""
    with contextlib.suppress(OSError):
        os.link(source, path)
        return
    try:
        shutil.copyfile(source, path)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise FileError(source, f"cannot be copied for other programs ({error.strerror or error}).") from error
