"""The Observe workspace: portals are searched around the source, and what they have is looked at and loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from stopdesk.domain.loaded import LoadedTable
from stopdesk.domain.molecule import Molecule
from stopdesk.domain.search import Cone, PortalAnswer
from stopdesk.domain.settings import Service
from stopdesk.domain.target import Target
from stopdesk.session.services import portals
from stopdesk.ui.aiming import Aim
from stopdesk.ui.document import Document
from stopdesk.ui.dropping import FileDrops
from stopdesk.ui.notices import Notices
from stopdesk.ui.portal.answer_dialog import AnswerDialog
from stopdesk.ui.portal.empty import EmptyPage
from stopdesk.ui.portal.following import Follower
from stopdesk.ui.portal.history import search_words
from stopdesk.ui.portal.loading import Loader
from stopdesk.ui.portal.own_tables import OwnTables
from stopdesk.ui.portal.panel import SearchPanel
from stopdesk.ui.portal.portals_list import PortalState
from stopdesk.ui.portal.results_area import ResultsArea
from stopdesk.ui.portal.row_commands import RowCommands
from stopdesk.ui.portal.row_details import RowDetails
from stopdesk.ui.portal.searching import EXAMPLE_KEY, Searcher
from stopdesk.ui.portal.shown import ALL, COMMANDS, Choice, ShownBar
from stopdesk.ui.portal.summary import summary
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.tasks import Tasks
from stopdesk.ui.theme import GRID
from stopdesk.vo.merging import Part

#: Answers that come in so quick a succession, in milliseconds, are shown together.
_TOGETHER_MS = 60


class ObservePage(QWidget):
    """``arrived`` says that there is something new, ``built`` that there are further controls.

    ``model_wanted`` carries an Observation; ``services_wanted`` asks for the list of services; ``row_chosen`` says that
    ``details`` has another row to show.
    """

    arrived = Signal()
    built = Signal()
    model_wanted = Signal(object)
    services_wanted = Signal()
    row_chosen = Signal()

    def __init__(
        self,
        *,
        document: Document,
        settings: SettingsKeeper,
        tasks: Tasks,
        notices: Notices,
        aim: Aim,
        searcher: Searcher,
        loader: Loader,
        molecule: Callable[[], Molecule | None],
        v_lsr: Callable[[], float | None],
    ) -> None:
        super().__init__()
        self._document = document
        self._settings = settings
        self._notices = notices
        self._aim = aim
        self._molecule = molecule
        self._v_lsr = v_lsr
        self._shown = ""  # the key of the search on the screen
        self._alone = ALL
        self.searcher = searcher
        self.loader = loader
        self.own = OwnTables(document=document, tasks=tasks, notices=notices)
        self.panel = SearchPanel()
        self._follower = Follower(panel=self.panel, settings=settings, aim=aim)
        self.area = ResultsArea(tasks=tasks, notices=notices)
        self.bar = ShownBar()
        self.details = RowDetails()
        self.commands = RowCommands(area=self.area, aim=aim, loader=loader, notices=notices)
        self.empty = EmptyPage()
        self._refreshing = QTimer(self, singleShot=True, interval=_TOGETHER_MS)
        self._lay_out()
        self._connect()
        self._follower.take_settings()
        FileDrops(self, self.add_table)

    def _lay_out(self) -> None:
        results = QWidget()
        column = QVBoxLayout(results)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.area, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(results)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(self.panel)
        parts.addWidget(self._stack)
        parts.setStretchFactor(1, 1)
        parts.setChildrenCollapsible(False)
        parts.setSizes([38 * GRID, 106 * GRID])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(parts)

    def _connect(self) -> None:
        panel, area = self.panel, self.area
        panel.form.search_wanted.connect(self.search)
        panel.form.stop_wanted.connect(self.searcher.cancel_all)
        panel.portals.wanted.connect(self._portal_wanted)
        panel.services.clicked.connect(self.services_wanted)
        panel.history.show_wanted.connect(self.show_search)
        panel.history.rerun_wanted.connect(self.rerun)
        panel.history.drop_wanted.connect(self._drop)
        self.bar.chosen.connect(self.show_alone)
        self.bar.commanded.connect(lambda word: self.commands.do(word, area.selection.current))
        area.table.row_menu.set_commands(tuple(COMMANDS))
        area.table.row_menu.commanded.connect(lambda word, rows: self.commands.do(word, int(rows[0])))
        area.table.link_wanted.connect(self.commands.follow)
        area.table.view.doubleClicked.connect(lambda _: self.commands.do("Load", area.table.current_row))
        area.chosen.connect(self._row_chosen)
        area.built.connect(self.built)
        self.details.link_wanted.connect(self.commands.follow)
        self.commands.model_wanted.connect(self.model_wanted)
        self.empty.example_wanted.connect(self.show_example)
        self.empty.open_wanted.connect(lambda: self.own.ask(self))
        self.bar.remove_wanted.connect(self._remove_own)
        self.own.added.connect(self._own_added)
        self.loader.table_loaded.connect(lambda path, name, url: self.add_table(path, origin=url, name=name))
        self.searcher.progressed.connect(self._show_portal)
        self.searcher.answered.connect(self._answered)
        self.searcher.ended.connect(self._ended)
        self._refreshing.timeout.connect(self._refresh)
        self._follower.portals_changed.connect(self._show_portals)

    # ---- searching -----------------------------------------------------------------------------------------------

    def search(self) -> None:
        """Ask all ticked portals what they have around the source."""
        services = self.panel.portals.services
        lacking = self.panel.adql.lacking(services)
        if not services:
            self._notices.warn("Tick a portal to search.")
        elif lacking:
            self.panel.bring(self.panel.adql)
            self.panel.adql.bring(lacking[0].url)
            self._notices.warn(f"{lacking[0].name} takes queries written by hand: write one, or untick it.")
        elif self.panel.form.search.isEnabled():
            self._aim.locate(lambda target: self._begin(target, services))

    def _begin(self, target: Target, services: list[Service]) -> None:
        cone = Cone.around(target.position.ra, target.position.dec, self.panel.form.degrees)
        name = target.name if target.name != target.position.sexagesimal else ""
        search = self.searcher.begin(
            cone, services, name=name, max_rows=self.panel.form.max_rows, adql=self.panel.adql.edited
        )
        self.show_search(search.key)

    def rerun(self, key: str) -> None:
        """Ask the same portals the same once more."""
        search = self.searcher.search(key)
        if key == EXAMPLE_KEY:
            self._notices.tell("The example comes with the program; search M83 to ask the archives of today.")
        elif search is not None:
            self.show_search(key)
            self.searcher.rerun(key, [self._service(answer) for answer in search.answers])

    def show_example(self) -> None:
        """Show the answer that comes with the program."""
        self.area.prepare()
        self.searcher.keep_example(self.show_search)

    def _service(self, answer: PortalAnswer) -> Service:
        """The portal that gave an answer, as it is known now; as the answer says it where it is known no more."""
        known = (each for each in portals(self._settings.settings) if each.url == answer.url)
        return next(known, None) or Service(name=answer.service, url=answer.url, kind=answer.kind)

    def _portal_wanted(self, word: str, url: str) -> None:
        search = self.searcher.search(self._shown)
        answer = search.answer(url) if search is not None else None
        row = self.panel.portals.rows[url]
        if word == "Cancel":
            self.searcher.cancel(url)
        elif word == "Only this":
            self.show_alone(ALL if self._alone == url else url)
        elif word == "Details" and answer is not None:
            AnswerDialog(answer, parent=self.window()).open()
        elif word in ("Retry", "Get the rest"):
            rest = self.searcher.rest(self._shown, url) if word == "Get the rest" else None
            self.searcher.ask(self._shown, row.service, rest=rest)

    # ---- what has come -------------------------------------------------------------------------------------------

    def show_search(self, key: str, alone: str = ALL) -> None:
        """Show the results of a search, or of one portal ``alone``, out of the session where need be."""
        search = self.searcher.search(key)
        if search is None:
            return
        if key != self._shown or self.own.record(self._alone) is not None:
            self._alone = alone
        self._shown = key
        self._bring_results()

    def show_alone(self, key: str) -> None:
        """Show one portal, or a table of its own, alone; `ALL` for all portals together."""
        self._alone = key
        self._bring_results()

    def _bring_results(self) -> None:
        self._stack.setCurrentIndex(1)
        self.area.prepare()
        self._show_portals()
        self._refresh()

    def _answered(self, key: str, _: str) -> None:
        if key == self._shown and not self._refreshing.isActive():
            self._refreshing.start()

    def _ended(self, key: str) -> None:
        if (search := self.searcher.search(key)) is not None:
            text, is_whole = summary(search)
            (self._notices.tell if is_whole else self._notices.warn)(text)
            self.arrived.emit()

    def _refresh(self) -> None:
        """Show what there is of the search, or of the table, on the screen."""
        self._show_history()
        self._offer()
        key, own = self._shown, self.own.record(self._alone)
        if own is None:
            self.searcher.fetch(key, lambda tables: self._show_tables(key, tables))
        else:
            self.own.fetch(own.key, lambda table: self._show_own(own, table))

    def _offer(self) -> None:
        """Say what is on the screen, and offer what else there is."""
        search, own = self.searcher.search(self._shown), self.own.record(self._alone)
        everything = (Choice(ALL, "All portals together"),) if search is not None else ()
        self.bar.offer((*everything, *self.tables), self._alone)
        if own is not None:
            self.bar.title.set_whole(own.name if own.origin in ("", own.name) else f"{own.name} · {own.origin}")
        elif search is not None:
            self.bar.title.set_whole(search_words(search).replace("\n", " · "))

    def _show_own(self, own: LoadedTable, table: Any) -> None:
        if self._alone == own.key:
            self.area.show_parts([Part(own.key, own.name, table)], None)

    def _show_tables(self, key: str, tables: Mapping[str, Any]) -> None:
        from astropy.table import Table  # late: slow to import, and here only with the first table

        search = self.searcher.search(key)
        if search is None or key != self._shown or self.own.record(self._alone) is not None:
            return
        names, nothing = self._asked_portals(), Table()
        wanted = {url: table for url, table in tables.items() if self._alone in (ALL, url)}
        parts = [Part(url, name, wanted.get(url, nothing)) for url, name in names.items()]
        self.area.show_parts(parts, search.cone, search.key)

    def _asked_portals(self) -> dict[str, str]:
        """The names of all portals asked in the search on the screen, by address, in the order of the list.

        Those without an answer are among them, so that none changes its colour when another answers.
        """
        search, asked = self.searcher.search(self._shown), self.searcher.addresses(self._shown)
        answered = {answer.url: answer.service for answer in search.answers} if search is not None else {}
        listed = {url: row.service.name for url, row in self.panel.portals.rows.items() if url in asked}
        return {**listed, **{url: name for url, name in answered.items() if url not in listed}}

    def _show_history(self) -> None:
        self.panel.history.show_searches(self._document.session.searches, self._shown)

    def _drop(self, key: str) -> None:
        self._document.drop_search(key)
        if key != self._shown:
            self._show_history()
            return
        alone = self._alone
        self._clear()
        self._show_what_there_is(alone)

    def _show_what_there_is(self, alone: str = ALL) -> None:
        """Show the newest search, or the table of one's own with the key ``alone``, else the one that came last."""
        searches, own = self._document.session.searches, self.own.record(alone)
        if searches:
            self.show_search(searches[-1].key, ALL if own is None else own.key)
        elif self.own.records:
            self.show_alone((own or self.own.records[-1]).key)

    def _clear(self) -> None:
        """Show that there is nothing."""
        self._shown, self._alone = "", ALL
        self._stack.setCurrentIndex(0)
        self.area.clear()
        self._show_portals()
        self._show_history()

    def _show_portals(self) -> None:
        self.panel.portals.colour(tuple(self._asked_portals()))
        for url in self.panel.portals.rows:
            self._show_portal(url)

    def _show_portal(self, url: str) -> None:
        key, search = self._shown, self.searcher.search(self._shown)
        at_work = search is not None and self.searcher.is_asking(key, url)
        answer = search.answer(url) if search is not None else None
        can = self.searcher.rest(key, url) is not None
        state = PortalState(at_work, self.searcher.so_far(url), answer, can)
        self.panel.portals.show_state(url, state, is_alone=url == self._alone)
        self.panel.form.show_at_work(self.searcher.is_asking(key))

    # ---- tables of one's own -----------------------------------------------------------------------------------------

    def add_table(self, path: Path, *, origin: str = "", name: str = "") -> None:
        """Keep the tables in a file in the session and show the first; ``arrived`` follows, or a notice why not.

        ``origin`` is where it came from (an address, a program), else its path; ``name`` what the file is called, where
        that is not its name on this disk.
        """
        self.own.add(path, origin=origin, name=name)

    def _own_added(self, key: str) -> None:
        if self.own.record(key) is not None:
            self._notices.tell(self.own.arrival)
            self.show_alone(key)
            self.arrived.emit()

    def _remove_own(self, key: str) -> None:
        self.own.remove(key)
        if self._shown:
            self.show_alone(ALL if self._alone == key else self._alone)
        else:
            self._clear()
            self._show_what_there_is()

    # ---- rows ----------------------------------------------------------------------------------------------------

    def _row_chosen(self, row: int | None) -> None:
        self.bar.set_row(is_there=row is not None)
        self.details.show_row(self.area.table.rows, row)
        if row is not None:
            self.row_chosen.emit()

    def follow_model(self) -> None:
        """Take the molecule and the velocity as they are now."""
        self.area.set_molecule(self._molecule(), self._v_lsr() or 0.0)

    @property
    def shown_search(self) -> str:
        """The key of the search whose rows are in the table; "" while they are on their way, or of no search."""
        return "" if self.is_about_to_show else self.area.shown_search

    @property
    def is_about_to_show(self) -> bool:
        """Whether answers have come that are not shown yet."""
        return self._refreshing.isActive()

    @property
    def tables(self) -> tuple[Choice, ...]:
        """The tables that there are: those of the portals of the search on the screen, and the user's own."""
        search, found = self.searcher.search(self._shown), []
        for url, name in self._asked_portals().items():
            answer = search.answer(url) if search is not None else None
            if answer is not None and (answer.table is not None or url in self.searcher.tables(self._shown)):
                found.append(Choice(url, name, answer.n_rows))
        return (*found, *(Choice(each.key, each.name, each.n_rows, is_own=True) for each in self.own.records))

    def fetch_table(self, key: str, done: Callable[[Any], None]) -> None:
        """Give one of these tables, out of the session where need be."""
        if self.own.record(key) is not None:
            self.own.fetch(key, done)
        else:
            self.searcher.fetch(self._shown, lambda tables: done(tables[key]) if key in tables else None)

    # ---- kept in a session ---------------------------------------------------------------------------------------

    def view_state(self) -> dict[str, Any]:
        """How the workspace is looked at, as plain values."""
        return {**self.panel.view_state(), "search": self._shown, "alone": self._alone, "rows": self.area.view_state()}

    def restore(self, view: Mapping[str, Any]) -> None:
        """Show the searches of the session that was opened, as they were looked at."""
        self._clear()
        self.panel.set_view_state(view)
        self.area.set_view_state(view.get("rows"))
        alone = str(view.get("alone", ALL))
        self.show_search(str(view.get("search", "")), alone)
        if not self._shown:
            self._show_what_there_is(alone)
