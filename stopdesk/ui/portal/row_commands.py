"""What is done with a row of the table of observations: its data are loaded, it is modelled, it becomes the source."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from stopdesk.domain.observation import Observation
from stopdesk.domain.target import Target
from stopdesk.ui.aiming import Aim
from stopdesk.ui.notices import Notices
from stopdesk.ui.portal.loading import Loader
from stopdesk.ui.portal.results_area import ResultsArea
from stopdesk.ui.portal.wishes import data_behind, data_of, observation_of


class RowCommands(QObject):
    """Answers the words of `stopdesk.ui.portal.shown.COMMANDS`; ``model_wanted`` carries an Observation."""

    model_wanted = Signal(object)

    def __init__(self, *, area: ResultsArea, aim: Aim, loader: Loader, notices: Notices) -> None:
        super().__init__(area)
        self._area = area
        self._aim = aim
        self._loader = loader
        self._notices = notices

    def do(self, word: str, row: int | None) -> None:
        """Do what a word says with a row."""
        rows, marks = self._area.table.rows, self._area.marks
        if row is None or row >= rows.n_rows or marks is None or row >= marks.n_rows:
            return
        observation = observation_of(rows, marks, row)
        if word == "Load":
            data = data_of(rows, row)
            if data is None:
                self._notices.warn("The portal gives no address of the data of this row.")
            else:
                self._loader.load(data.url, data.name, data.media_type)
        elif word == "Model this":
            self._use_as_source(observation)
            self.model_wanted.emit(observation)
        elif observation.position is None:
            self._notices.warn("The portal gives no position of this row.")
        else:
            self._use_as_source(observation)

    def follow(self, url: str, key: str, row: int) -> None:
        """Load what an address in the column ``key`` leads to, or show it in the browser."""
        data = data_behind(url, self._area.table.rows, key, row)
        if data is None:
            self._loader.open_link(url)
        else:
            self._loader.load(data.url, data.name, data.media_type, pages_too=True)

    def _use_as_source(self, observation: Observation) -> None:
        if observation.position is not None:
            name = observation.name or observation.position.sexagesimal
            self._aim.point_at(Target(name=name, position=observation.position, source=observation.portal))
