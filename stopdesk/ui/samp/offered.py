"""Services that another program offers: looked up in the registry, and added to the list as the user wants it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.errors import StopdeskError
from stopdesk.net.http import Http
from stopdesk.samp.exchange import Answer, Received
from stopdesk.samp.messages import ResourcesOffered
from stopdesk.session.services import services
from stopdesk.ui.forms.controls import Words
from stopdesk.ui.notices import Notices, plain_tip
from stopdesk.ui.samp.patience import Patience
from stopdesk.ui.services.fields import KINDS
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.ui.theme import GRID
from stopdesk.vo import libraries
from stopdesk.vo.registry import MOST_NAMED, named_services

#: What to look for where a list is limited to one kind; observations before tables, which both are TAP.
_WANTED = {
    "cone": (ServiceKind.SCS,),
    "siap": (ServiceKind.SIA2, ServiceKind.SIA1),
    "ssap": (ServiceKind.SSA,),
    "tap": (ServiceKind.OBSTAP, ServiceKind.TAP),
}
_ANY = tuple(kind for kinds in (_WANTED[each] for each in ("ssap", "siap", "tap", "cone")) for kind in kinds)

#: So many identifiers are said where they cannot be looked up.
_SAID = 5

_PLACE = Qt.ItemDataRole.UserRole


class OfferedDialog(QDialog):
    """Lists services with ticks; ``chosen`` carries those that are to be added."""

    chosen = Signal(object)

    def __init__(self, found: Sequence[Service], words: str, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Services from another program")
        self._found = tuple(found)
        self.words = Words()
        self.words.setText(words)
        self.list = QListWidget()
        self.list.setAccessibleName("Services offered; those with a tick are added")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for place, service in enumerate(self._found):
            item = QListWidgetItem(f"{service.name}: {KINDS[service.kind]}", self.list)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if len(self._found) == 1 else Qt.CheckState.Unchecked)
            item.setToolTip(plain_tip(f"{service.url}\n{service.note}"))
            item.setData(_PLACE, place)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add = buttons.addButton("Add", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        self.list.itemChanged.connect(lambda _: self._enable())
        layout = QVBoxLayout(self)
        layout.addWidget(self.words)
        layout.addWidget(self.list, 1)
        layout.addWidget(buttons)
        self.resize(72 * GRID, 44 * GRID)
        self._enable()

    @property
    def _ticked(self) -> list[Service]:
        items = (self.list.item(place) for place in range(self.list.count()))
        return [self._found[item.data(_PLACE)] for item in items if item.checkState() is Qt.CheckState.Checked]

    def _enable(self) -> None:
        self.add.setEnabled(bool(self._ticked))

    def _accept(self) -> None:
        self.chosen.emit(self._ticked)
        self.accept()


@dataclass(frozen=True, eq=False)
class _Offer:
    """What is answered in the end: the message, and what it offers."""

    received: Received
    content: ResourcesOffered

    @property
    def counted(self) -> str:
        n = len(self.content.identifiers)
        return "1 service" if n == 1 else f"{n:,} services"


class OfferTaker(QObject):
    """Looks up what is offered, asks what of it to add, and adds that to the list of services."""

    def __init__(
        self,
        *,
        settings: SettingsKeeper,
        tasks: Tasks,
        notices: Notices,
        http: Http,
        patience: Patience,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._settings = settings
        self._tasks = tasks
        self._notices = notices
        self._http = http
        self._patience = patience
        self._window = window

    def take(self, received: Received, content: ResourcesOffered) -> None:
        """Look up the services of a message, in a task; it is answered when the user can choose."""
        offer = _Offer(received, content)
        known = services(self._settings.settings)
        registry = next((each for each in known if each.kind is ServiceKind.REGISTRY and each.enabled), None)
        if registry is None:
            self._cannot(offer, "No registry is in use: tick one in the list of services.")
            return
        kinds = _WANTED.get(content.kind, _ANY)

        def work(task: Task) -> tuple[Service, ...]:
            libraries.load(talking=True)
            return named_services(self._http, registry, content.identifiers, kinds, cancelled=lambda: task.cancelled)

        self._tasks.start(
            f"Looking up {offer.counted} from {received.peer.name}",
            work,
            done=lambda found: self._found(offer, found),
            failed=lambda error: self._cannot(offer, error),
            dropped=lambda: received.reply(Answer.FAILED, "The user of stopdesk cancelled it."),
            queue_name="registry",
            width=1,
        )

    def _cannot(self, offer: _Offer, error: StopdeskError | str) -> None:
        """Without the registry all that can be said of services is what they are called there."""
        said = ", ".join(offer.content.identifiers[:_SAID])
        more = len(offer.content.identifiers) - _SAID
        said += f" and {more:,} more" if more > 0 else ""
        self._notices.fail(
            f"{offer.received.peer.name} offers {offer.counted}, which cannot be looked up: {said}. {error}",
            details="\n".join(offer.content.identifiers),
        )
        offer.received.reply(Answer.FAILED, str(error))

    def _found(self, offer: _Offer, found: tuple[Service, ...]) -> None:
        name = offer.received.peer.name
        addresses = {service.url for service in services(self._settings.settings)}
        new = [service for service in found if service.url not in addresses]
        n_known = len(found) - len(new)
        known = f" In the list already: {n_known}." if n_known else ""
        if not new:
            words = f"{name} offers {offer.counted}, none of which can be added.{known}"
            words += "" if found else " The registry knows none of a kind that stopdesk searches."
            self._notices.tell(words)
            offer.received.reply(Answer.OK if found else Answer.WARNING, words)
            return
        about = f" ({offer.content.name})" if offer.content.name else ""
        first = len(offer.content.identifiers) - MOST_NAMED
        left = f" The last {first:,} were not looked up." if first > 0 else ""
        words = f"{name} offers {offer.counted}{about}. Which of these shall be added to your list?{known}{left}"

        def ask() -> None:
            dialog = OfferedDialog(new, words, parent=self._window)
            dialog.chosen.connect(self._add)
            dialog.open()
            offer.received.reply(Answer.OK, "The user is asked which of them to add.")

        self._patience.do(ask, lambda why, _: offer.received.reply(Answer.FAILED, why))

    def _add(self, chosen: Sequence[Service]) -> None:
        settings = self._settings.settings
        for service in chosen:
            settings = settings.with_service(service)
        self._settings.change(settings)
        n = len(chosen)
        self._notices.tell(f"Added {chosen[0].name if n == 1 else f'{n} services'} to the list of services.")
