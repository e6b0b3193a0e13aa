"""When observations were made: bars by portal over dates in UTC."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.quantity import Quantity
from stopdesk.ui.portal.axes import DateAxis, date_text
from stopdesk.ui.portal.marks_ranges import RangeScene
from stopdesk.ui.portal.ranges import RangesView, RangeWords
from stopdesk.ui.selection import Selection
from stopdesk.ui.tasks import Tasks
from stopdesk.vo.marks import ObservationMarks

Floats = NDArray[np.float64]

_WORDS = RangeWords(
    plot="Times",
    axis=Quantity("Date (UTC)"),
    ends=("Start", "End"),
    unit="MJD",
    range_noun="time",
    before="The dates of the observations that a search finds are shown here.",
    nowhere="None of these rows says when it was observed.",
)


class TimeView(RangesView):
    """Observations over time."""

    def __init__(self, *, tasks: Tasks, notices: Notices, selection: Selection) -> None:
        axes = [DateAxis("bottom"), DateAxis("top")]
        super().__init__(_WORDS, may_be_log=False, axes=axes, tasks=tasks, notices=notices, selection=selection)
        self.frame.view.setLimits(minXRange=1 / 86400)

    def _ranges(self, marks: ObservationMarks) -> tuple[Floats, Floats]:
        return marks.start, marks.end

    def _where(self, x: float) -> str:
        return f"{date_text(x)}  (MJD {x:.4f})"

    def _about(self, scene: RangeScene, number: int) -> list[str]:
        start, end = float(scene.low[number]), float(scene.high[number])
        took = f" to {date_text(end)}" if end > start else ""
        return [*super()._about(scene, number), f"{date_text(start)}{took}"]
