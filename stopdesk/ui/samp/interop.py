"""Puts the link to other programs into the window: status item, menu Interop, question at the end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from stopdesk.samp.exchange import LinkState
from stopdesk.ui.samp.bridge import SampLink
from stopdesk.ui.samp.hub_question import unless_hub_is_needed
from stopdesk.ui.samp.installed import ALADIN, TOPCAT
from stopdesk.ui.samp.messages_dialog import MessagesDialog
from stopdesk.ui.samp.programs import Programs
from stopdesk.ui.samp.status import SampItem
from stopdesk.ui.window import Window


class Interop(QObject):
    """Answers the actions of the menu Interop, and has them enabled as things stand."""

    def __init__(self, *, window: Window, samp: SampLink, programs: Programs) -> None:
        super().__init__(window)
        self._window = window
        self._samp = samp
        self._programs = programs
        self._dialog: MessagesDialog | None = None
        self.item = SampItem(samp=samp, programs=programs, show_messages=self.show_messages)
        window.status.add(self.item)
        window.ask_before_closing = partial(unless_hub_is_needed, samp, window)
        self._handlers: dict[str, Callable[[], object]] = {
            "samp_connect": samp.connect_to_hub,
            "samp_disconnect": samp.leave,
            "samp_hub": lambda: samp.connect_to_hub(start_hub=True),
            "samp_messages": self.show_messages,
            "start_topcat": lambda: programs.start(TOPCAT.name),
            "start_aladin": lambda: programs.start(ALADIN.name),
        }
        window.interop_wanted.connect(lambda name: self._handlers[name]())
        samp.status_changed.connect(lambda _: self._enable())
        programs.changed.connect(self._enable)
        self._enable()

    def show_messages(self, peer_id: str = "") -> None:
        """Show who is there and what was said, and which of the programs is meant."""
        if self._dialog is None:
            self._dialog = MessagesDialog(self._samp, self._window)
        self._dialog.show()
        self._dialog.activateWindow()
        self._dialog.select(peer_id)

    def _enable(self) -> None:
        state, found = self._samp.status.state, self._programs.available()
        enabled = {
            "samp_connect": state in (LinkState.OFF, LinkState.NO_HUB),
            "samp_disconnect": state is not LinkState.OFF,
            "samp_hub": state in (LinkState.OFF, LinkState.NO_HUB),
            "start_topcat": TOPCAT.name in found,
            "start_aladin": ALADIN.name in found,
        }
        for name, is_enabled in enabled.items():
            self._window.actions_by_name[name].setEnabled(is_enabled)
