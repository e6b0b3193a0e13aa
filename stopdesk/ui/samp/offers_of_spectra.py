"""What the Spectra workspace can send: loaded spectra, where they point, and the beam they were taken with."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from stopdesk.domain.target import Position
from stopdesk.samp.exchange import Peer
from stopdesk.samp.messages import POINT_AT, SCRIPT
from stopdesk.samp.scripts import ellipse_script
from stopdesk.ui.document import Document
from stopdesk.ui.notices import Notices
from stopdesk.ui.samp.offers import Offer, short
from stopdesk.ui.samp.parcels import SpectrumParcel
from stopdesk.ui.samp.sending import TAKES_SPECTRUM, Sendings
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.vo import libraries
from stopdesk.vo.positions import read_position
from stopdesk.vo.tangent import TangentPlane

if TYPE_CHECKING:
    from stopdesk.ui.spectra.content import SpectraContent

#: A position beside which a spectrum was taken: longitude, latitude, frame, and the offsets in arcsec.
_BESIDE = re.compile(r"(\S+) (\S+?)( \(.*\))?, offset (\S+) (\S+) arcsec")


class SpectraOffers:
    """Sends the spectra that are selected in the list."""

    def __init__(
        self, *, content: SpectraContent, document: Document, tasks: Tasks, notices: Notices, sendings: Sendings
    ) -> None:
        self._content = content
        self._document = document
        self._tasks = tasks
        self._notices = notices
        self._sendings = sendings

    @property
    def offers(self) -> tuple[Offer, ...]:
        """All of them, the spectra first."""
        return (
            Offer(self._title, TAKES_SPECTRUM, lambda: partial(self._send, self.parcels())),
            Offer(self._position_title, (POINT_AT,), lambda: partial(self._point_at, self._one())),
            Offer(self._beam_title, (SCRIPT,), lambda: partial(self._draw_beam, self._one())),
        )

    def parcels(self) -> list[SpectrumParcel]:
        """The selected spectra."""
        loaded = self._content.selected
        files = [record.file.sha256 for record in self._document.session.spectra]
        return [
            SpectrumParcel(
                key=record.key,
                name=record.name,
                spectrum=spectrum,
                file=record.file,
                is_alone=files.count(record.file.sha256) == 1 and record.number == 0,
                store=self._document.store,
            )
            for record, spectrum in loaded
        ]

    def _title(self) -> str:
        selected = self.parcels()
        return short(selected[0].name) if len(selected) == 1 else f"{len(selected)} spectra" if selected else ""

    def _send(self, spectra: Sequence[SpectrumParcel], peers: tuple[Peer, ...]) -> None:
        for each in spectra:
            self._sendings.send_spectrum(each, peers)

    # ---- on the sky ----------------------------------------------------------------------------------------------

    def _one(self) -> SpectrumParcel | None:
        """The selected spectrum, where it is one and says where it points."""
        selected = self.parcels()
        return selected[0] if len(selected) == 1 and selected[0].spectrum.position.strip() else None

    def _position_title(self) -> str:
        one = self._one()
        return "" if one is None else f"Position of {short(one.spectrum.object or one.name)}"

    def _beam_title(self) -> str:
        one = self._one()
        return "" if one is None or one.spectrum.beam is None else f"Beam ({one.spectrum.beam})"

    def _point_at(self, one: SpectrumParcel | None, peers: tuple[Peer, ...]) -> None:
        if one is not None:
            name = one.spectrum.object or one.name
            self._locate(one, lambda at: self._sendings.point_at(name, at.ra, at.dec, peers))

    def _draw_beam(self, one: SpectrumParcel | None, peers: tuple[Peer, ...]) -> None:
        beam = one.spectrum.beam if one is not None else None
        if one is None or beam is None:
            return
        axes = beam.major / 7200.0, beam.minor / 7200.0  # half of it, in degrees
        name = f"Beam {one.name}"

        def draw(at: Position) -> None:
            self._sendings.draw("the beam", lambda: ellipse_script(name, at.ra, at.dec, axes, beam.angle), peers)

        self._locate(one, draw)

    def _locate(self, one: SpectrumParcel, then: Callable[[Position], object]) -> None:
        """Read the position as the file writes it, then go on."""
        text = one.spectrum.position

        def done(position: Position | None) -> None:
            if position is None:
                self._notices.warn(f"The position in the file of {one.name}, {text!r}, could not be understood.")
            else:
                then(position)

        def work(_: Task) -> Position | None:
            libraries.load()
            return read_position(_where(text))

        self._tasks.start("Reading a position", work, done=done, failed=self._notices.fail, quiet=True)


def _where(text: str) -> str:
    """A position as spectra say it, the offset from a reference position taken in."""
    beside = _BESIDE.fullmatch(text)
    if beside is None:
        return text
    east, north = float(beside[4]) / 3600.0, float(beside[5]) / 3600.0
    longitude, latitude = TangentPlane(float(beside[1]), float(beside[2])).unproject(east, north)
    return f"{float(longitude):.7f} {float(latitude):+.7f}{beside[3] or ''}"
