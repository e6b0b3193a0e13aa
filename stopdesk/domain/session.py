"""The document that the user saves: source, forms, runs and layout; the files it holds are kept beside it by hash."""

from __future__ import annotations

from typing import Any

from stopdesk.domain.job import Record
from stopdesk.domain.run import Run


class Source(Record):
    """What is observed and modelled, as typed; ``v_lsr`` in km/s (LSRK, radio)."""

    name: str = ""
    position: str = ""
    v_lsr: str = ""


class FieldState(Record):
    """One field of a form as it stands: text and unit as typed, and the axis when it has been opened."""

    text: str = ""
    unit: str = ""
    is_axis: bool = False
    minimum: str = ""
    maximum: str = ""
    n: str = ""
    log: bool = False


class FormState(Record):
    """A form as it stands, by parameter name, right or wrong."""

    fields: dict[str, FieldState] = {}


class Session(Record):
    """Everything that a session file holds, but for the bytes of files and results.

    ``model`` and the keys of ``forms`` are names of our models, or addresses of job lists where the form is the
    service's own; ``specs`` has, by the same address, what the service said of itself (see ``spec_document``).
    """

    source: Source = Source()
    model: str = "lvg"
    service: str = "local"
    forms: dict[str, FormState] = {}
    specs: dict[str, dict[str, Any]] = {}
    runs: tuple[Run, ...] = ()
    layout: dict[str, Any] = {}

    def run(self, key: str) -> Run:
        """The run of that key; KeyError when there is none."""
        for run in self.runs:
            if run.key == key:
                return run
        raise KeyError(key)

    def with_run(self, run: Run, place: int | None = None) -> Session:
        """The session with this run added, or in the place of the one with its key; ``place``, if known, is quicker."""
        if place is None:
            keys = [old.key for old in self.runs]
            place = keys.index(run.key) if run.key in keys else len(keys)
        return self.model_copy(update={"runs": (*self.runs[:place], run, *self.runs[place + 1 :])})

    def without_run(self, key: str) -> Session:
        """The session without the run of that key."""
        return self.model_copy(update={"runs": tuple(run for run in self.runs if run.key != key)})
