"""Gives the views of the window their menus of what they can send to other programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QMessageBox, QPushButton, QWidget

from stopdesk.ui.aiming import Aim
from stopdesk.ui.document import Document
from stopdesk.ui.notices import Notices
from stopdesk.ui.samp.bridge import SampLink
from stopdesk.ui.samp.menu import SendMenu
from stopdesk.ui.samp.offers import NOTHING, Offer, OfferMenu
from stopdesk.ui.samp.offers_around import image_offers, service_offers, source_offers, target_offers
from stopdesk.ui.samp.offers_of_observations import ObservationOffers
from stopdesk.ui.samp.offers_of_runs import RunOffers
from stopdesk.ui.samp.offers_of_spectra import SpectraOffers
from stopdesk.ui.samp.places import Places
from stopdesk.ui.samp.programs import Programs
from stopdesk.ui.samp.sending import Sendings
from stopdesk.ui.tasks import Tasks
from stopdesk.ui.window import Window
from stopdesk.vo.download import Fetched

if TYPE_CHECKING:
    from stopdesk.ui.services.dialog import ServicesDialog
    from stopdesk.ui.targets import TargetsDialog


class Hooks(QObject):
    """Hangs the menus up where they belong, those of workspaces that are built later as soon as they are there."""

    def __init__(
        self,
        *,
        window: Window,
        aim: Aim,
        document: Document,
        tasks: Tasks,
        notices: Notices,
        samp: SampLink,
        programs: Programs,
        places: Places,
        sendings: Sendings,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._aim = aim
        self._document = document
        self._tasks = tasks
        self._notices = notices
        self._samp = samp
        self._programs = programs
        self._places = places
        self._sendings = sendings
        self._hung: set[str] = set()
        self._hang_source()
        self._hang_observations()
        window.results.shown.connect(lambda _: self._once("runs", self._hang_runs))
        window.spectra.built.connect(lambda: self._once("spectra", self._hang_spectra))
        window.observe.loader.offering.connect(self._offer_image)

    def _once(self, name: str, hang: Callable[[], None]) -> None:
        if name not in self._hung:
            self._hung.add(name)
            hang()

    def menu(self, offers: Sequence[Offer], parent: QWidget, nothing: str = NOTHING) -> OfferMenu:
        """A menu of these offers, each with the programs that take it; ``nothing`` is what it says without any."""

        def programs_menu(offer: Offer, parent: QWidget) -> QMenu:
            return SendMenu(
                "",
                samp=self._samp,
                programs=self._programs,
                mtypes=offer.mtypes,
                send=offer.send,
                hold=offer.take,
                parent=parent,
            )

        return OfferMenu(offers, make_menu=programs_menu, nothing=nothing, parent=parent)

    def _hang_source(self) -> None:
        bar = self._window.source_bar
        bar.send_button.offer(self.menu(source_offers(bar, self._aim, self._sendings), bar))

    def _hang_observations(self) -> None:
        observe = self._window.observe
        offers = ObservationOffers(observe=observe, places=self._places, sendings=self._sendings)
        menu = self.menu(offers.offers, observe)
        observe.bar.send_button.offer(menu)
        observe.area.table.row_menu.add_menu(menu)

    def _hang_runs(self) -> None:
        content = self._window.results.view.content
        if content is None:
            return
        offers = RunOffers(content=content, places=self._places, sendings=self._sendings)
        content.send_button.offer(self.menu((*offers.of_rows, *offers.of_lines), content))
        for table, of_table in ((content.rows, offers.of_rows), (content.lines, offers.of_lines)):
            table.view.addAction(self.menu(of_table, table).menuAction())

    def _hang_spectra(self) -> None:
        content = self._window.spectra.content
        if content is None:
            return
        offers = SpectraOffers(
            content=content,
            document=self._document,
            tasks=self._tasks,
            notices=self._notices,
            sendings=self._sendings,
        )
        menu = self.menu(offers.offers, content)
        content.list.send_button.offer(menu)
        content.list.tree.addAction(menu.menuAction())

    def offer_targets(self, dialog: TargetsDialog) -> None:
        """Hang up the menu of the list of targets, which has just been opened."""
        offers = target_offers(lambda: self._aim.targets, lambda: dialog.selected, self._sendings)
        dialog.send_button.offer(self.menu(offers, dialog))

    def offer_services(self, dialog: ServicesDialog) -> None:
        """Hang up the menu of the list of services, which has just been opened."""
        offers = service_offers(lambda: dialog.services, lambda: dialog.current, self._sendings)
        nothing = "Only services found in the registry can be sent"
        dialog.send_button.offer(self.menu(offers, dialog, nothing))

    def _offer_image(self, fetched: Fetched, box: QMessageBox) -> None:
        offers = image_offers(fetched, self._sendings)
        if offers:
            button = QPushButton("Send", box)
            button.setToolTip("Send the image to other programs, such as Aladin (SAMP)")
            button.setMenu(self.menu(offers, box))
            box.addButton(button, QMessageBox.ButtonRole.ActionRole)
