"""Keeps the left side of the Observe workspace in step with the source above and with the services of the settings."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from stopdesk.domain.search import Cone
from stopdesk.domain.target import Target
from stopdesk.errors import InputError
from stopdesk.session.services import portals
from stopdesk.ui.aiming import Aim
from stopdesk.ui.portal.panel import SearchPanel
from stopdesk.ui.settings_keeper import SettingsKeeper


class Follower(QObject):
    """Ticks of portals become settings, and queries follow the circle; ``portals_changed`` when others are listed."""

    portals_changed = Signal()

    def __init__(self, *, panel: SearchPanel, settings: SettingsKeeper, aim: Aim) -> None:
        super().__init__(panel)
        self._panel = panel
        self._settings = settings
        self._target: Target | None = None
        panel.form.changed.connect(self._follow_form)
        panel.portals.ticked.connect(self._tick)
        settings.changed.connect(self.take_settings)
        aim.pointed.connect(self._pointed)

    def take_settings(self) -> None:
        """List the portals that there are."""
        known = portals(self._settings.settings)
        self._panel.portals.set_services(known)
        self._panel.adql.set_services([service for service in known if service.enabled])
        self.portals_changed.emit()

    def _tick(self, url: str, on: bool) -> None:
        settings = self._settings.settings
        service = next(each for each in portals(settings) if each.url == url)
        self._settings.change(settings.with_service(service.model_copy(update={"enabled": on})))

    def _pointed(self, target: Target | None) -> None:
        self._target = target
        self._follow_form()

    def _follow_form(self) -> None:
        """Have the queries follow the source and the radius."""
        try:
            radius = self._panel.form.degrees
        except InputError:
            return
        position = self._target.position if self._target is not None else None
        self._panel.adql.set_cone(None if position is None else Cone.around(position.ra, position.dec, radius))
