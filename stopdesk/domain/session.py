"""The document that the user saves: source, targets, searches, forms, runs; its files are kept beside it by hash."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stopdesk.domain.job import Record
from stopdesk.domain.loaded import LoadedSpectrum, LoadedTable
from stopdesk.domain.observation import Observation
from stopdesk.domain.run import Run, StoredFile
from stopdesk.domain.search import Search
from stopdesk.domain.target import Target


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
    ``observation`` is the one that models are made for.
    """

    source: Source = Source()
    model: str = "lvg"
    service: str = "local"
    forms: dict[str, FormState] = {}
    specs: dict[str, dict[str, Any]] = {}
    runs: tuple[Run, ...] = ()
    targets: tuple[Target, ...] = ()
    searches: tuple[Search, ...] = ()
    spectra: tuple[LoadedSpectrum, ...] = ()
    tables: tuple[LoadedTable, ...] = ()
    observation: Observation | None = None
    layout: dict[str, Any] = {}

    @property
    def files(self) -> Iterator[StoredFile]:
        """Every file that the session speaks of."""
        for run in self.runs:
            yield from run.attachments.values()
            yield from run.results.values()
        for search in self.searches:
            yield from (answer.table for answer in search.answers if answer.table is not None)
        yield from (spectrum.file for spectrum in self.spectra)
        yield from (table.file for table in self.tables)

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

    def with_search(self, search: Search) -> Session:
        """The session with this search added, or in the place of the one with its key."""
        if any(old.key == search.key for old in self.searches):
            searches = tuple(search if old.key == search.key else old for old in self.searches)
        else:
            searches = (*self.searches, search)
        return self.model_copy(update={"searches": searches})

    def without_search(self, key: str) -> Session:
        """The session without the search of that key."""
        return self.model_copy(update={"searches": tuple(each for each in self.searches if each.key != key)})

    def with_targets(self, *targets: Target) -> Session:
        """The session with these targets added; one that is there already, by name and place, is put in its place."""
        new = {target.key: target for target in targets}
        kept = tuple(new.pop(target.key, target) for target in self.targets)
        return self.model_copy(update={"targets": (*kept, *new.values())})

    def without_target(self, key: str) -> Session:
        """The session without the target of that key."""
        return self.model_copy(update={"targets": tuple(each for each in self.targets if each.key != key)})
