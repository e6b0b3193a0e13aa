"""What a row of the Observe workspace leads to in other workspaces: a spectrum that is shown, a model that is begun."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from stopdesk.domain.parameter import show_number
from stopdesk.ui.portal.wishes import ModelWish
from stopdesk.ui.window import Window

#: The model that rows are modelled with.
_MODEL = "lvg"


class Observed(QObject):
    """Follows the Observe workspace of a window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        window.observe.model_wanted.connect(self._model)
        window.observe.loader.spectrum_loaded.connect(self._show_spectrum)

    def _model(self, wish: ModelWish) -> None:
        """Bring the LVG form to the front, its lines those in the row's frequency range; the rest stays."""
        workspace = self._window.workspace
        workspace.show_model(_MODEL)
        if wish.frequencies is not None:
            low, high = map(show_number, wish.frequencies)
            form = workspace.form
            request = {**form.request(), "frequency_min": low, "frequency_max": high}
            form.set_request(request, form.attachments(), text="observation")
        self._window.show_page("model")

    def _show_spectrum(self, path: Path, name: str, url: str) -> None:
        self._window.spectra.add(path, url, name)
        self._window.show_page("spectra")
