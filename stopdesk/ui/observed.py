"""What a row of the Observe workspace leads to in other workspaces: a spectrum that is shown, a model that is begun."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from stopdesk.domain.observation import Observation, rest_frequencies
from stopdesk.domain.parameter import show_number
from stopdesk.ui.forms.history import FormEdit
from stopdesk.ui.window import Window

#: The model that rows are modelled with.
_MODEL = "lvg"


class Observed(QObject):
    """Follows the Observe workspace of a window, and keeps the observation that models are made for in the session.

    Every run that is sent takes it along.
    """

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._document = window.document
        self._line = window.workspace.strip.observation
        self._shown: Observation | None = None
        window.observe.model_wanted.connect(self._model)
        window.observe.loader.spectrum_loaded.connect(self._show_spectrum)
        window.commands.rerun.connect(self._take_up)
        self._line.dropped.connect(lambda: self._document.set_observation(None))
        self._document.changed.connect(self._show)

    def _model(self, observation: Observation) -> None:
        """Bring the LVG form to the front, its lines those in the row's frequency range; the rest stays.

        The range is observed and the form's is at rest: it is moved by the velocity of the source. Form and observation
        are one step of undo.
        """
        workspace = self._window.workspace
        workspace.show_model(_MODEL)
        form, before = workspace.form, self._document.session.observation
        request = dict(form.request())
        if observation.frequencies is not None:
            v_lsr = self._window.source_bar.v_lsr_or_none() or 0.0
            low, high = map(show_number, rest_frequencies(observation.frequencies, v_lsr).tolist())
            request |= {"frequency_min": low, "frequency_max": high}
        if observation != before or request != form.request():
            form.history.beginMacro("observation")
            form.set_request(request, form.attachments())
            form.history.push(FormEdit(self._document.set_observation, "observation", before, observation))
            form.history.endMacro()
        self._window.show_page("model")

    def _take_up(self, key: str) -> None:
        """Go on with the observation that a run was made for."""
        self._document.set_observation(self._document.session.run(key).observation)

    def _show(self) -> None:
        if self._document.session.observation != self._shown:
            self._shown = self._document.session.observation
            self._line.show_observation(self._shown)

    def _show_spectrum(self, path: Path, name: str, url: str) -> None:
        self._window.spectra.add(path, url, name)
        self._window.show_page("spectra")
