"""Finds where the source is: names looked up, positions read, and the targets that a session knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from stopdesk.domain.session import Source
from stopdesk.domain.target import Position, Target, near_duplicates
from stopdesk.errors import InputError, StopdeskError
from stopdesk.net.http import Http
from stopdesk.session.services import resolvers
from stopdesk.ui.document import Document
from stopdesk.ui.notices import Notices
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.source_bar import SourceBar
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.vo import libraries
from stopdesk.vo.positions import read_position
from stopdesk.vo.resolver import Resolution, read_names, resolve

#: So many targets stand in the menu; the list has all of them.
_IN_MENU = 20

Found = Callable[[Target], None]


class Aim(QObject):
    """Answers the source bar. ``list_wanted`` carries names to look up in the list of targets, none to show it.

    ``targets_changed`` is sent when the session's targets are others, ``pointed`` with the target that the source bar
    stands for, None while that is not known.
    """

    list_wanted = Signal(object)
    targets_changed = Signal()
    pointed = Signal(object)

    def __init__(
        self,
        *,
        bar: SourceBar,
        document: Document,
        settings: SettingsKeeper,
        tasks: Tasks,
        notices: Notices,
        http: Http,
        window: QWidget | None = None,
    ) -> None:
        super().__init__(window)
        self._bar = bar
        self._document = document
        self._settings = settings
        self._tasks = tasks
        self._notices = notices
        self._http = http
        self._task: Task | None = None
        self._given: tuple[str, str] | None = None  # a name and the position found for it
        self._left: Source | None = None  # what stood here before another program pointed elsewhere
        bar.name_entered.connect(self.find)
        bar.position_entered.connect(self.read)
        bar.given_up.connect(self._give_up)
        bar.edited.connect(lambda: self.pointed.emit(None))
        bar.targets_menu.aboutToShow.connect(self._fill_menu)
        document.replaced.connect(self._session_replaced)

    # ---- where the source is -------------------------------------------------------------------------------------

    def locate(self, found: Found) -> None:
        """Give the target that the source bar stands for: by its position, else by its name.

        A position that was found for another name than is there now is not that of the source.
        """
        name, position = self._shown
        is_stale = self._given is not None and bool(name) and name != self._given[0] and position == self._given[1]
        if position and not is_stale:
            self.read(position, found)
        elif name:
            self.find(name, found)
        else:
            self._bar.say("Type a name or a position here.", problem=True)

    def find(self, text: str, found: Found | None = None) -> None:
        """Look up a name, or read what is a position; several names go to the list of targets."""
        names = read_names(text)
        if len(names) > 1:
            self.list_wanted.emit(names)
        elif names:
            self.look_up(names, lambda answers: self._answered(answers[0], found), shown=True)

    def look_up(
        self,
        names: Sequence[str],
        done: Callable[[tuple[Resolution, ...]], None],
        *,
        shown: bool = False,
        failed: Callable[[StopdeskError], None] | None = None,
        dropped: Callable[[], None] | None = None,
    ) -> Task:
        """Look up names in a task; with ``shown`` the source bar says so, and what was asked before is dropped."""
        addresses = resolvers(self._settings.settings)
        what = names[0] if len(names) == 1 else f"{len(names)} names"

        def work(task: Task) -> tuple[Resolution, ...]:
            libraries.load(talking=True)
            return resolve(self._http, names, addresses=addresses, cancelled=lambda: task.cancelled)

        task = self._tasks.start(
            f"Looking up {what}",
            work,
            done=done,
            failed=failed or self._failed,
            dropped=dropped,
            queue_name="names",
            width=2,
        )
        if shown:
            self._give_up()
            self._task = task
            self._bar.show_asking(f"Looking up {what}…")
        return task

    def read(self, text: str, found: Found | None = None) -> None:
        """Read a position, whatever its notation; no network is needed."""

        def done(position: Position | None) -> None:
            name = self._bar.source.name.strip()
            if position is None:
                self._bar.say(
                    f"{text.strip()!r} is no position: it should read like 16:32:22.9 -24:28:36.", problem=True
                )
                return
            known = self._known(name, position)
            target = known or Target(name=name or position.sexagesimal, position=position, source="as typed")
            self._say(target)
            self._given = self._shown if known is not None else None
            if found is not None:
                found(target)

        def work(_: Task) -> Position | None:
            libraries.load()
            return read_position(text)

        if text.strip():
            self._give_up()
            self._task = self._tasks.start("Reading a position", work, done=done, failed=self._failed, quiet=True)

    def point_at(self, target: Target) -> None:
        """Have the source bar show this target."""
        self._bar.point_at(target.name, target.position.sexagesimal)
        self._say(target)
        self._given = self._shown
        self._left = None

    def point_away(self, target: Target, left: Source) -> None:
        """Show a target that nobody here has chosen; the menu of targets leads back to the source that was ``left``."""
        self.point_at(target)
        self._left = left if left.name.strip() or left.position.strip() else None

    def _go_back(self, source: Source) -> None:
        self._left = None
        self._bar.point_at(source.name, source.position)
        if source.position.strip():
            self.read(source.position)

    @property
    def _shown(self) -> tuple[str, str]:
        """The name and the position that stand in the source bar."""
        return self._bar.source.name.strip(), self._bar.source.position.strip()

    def _answered(self, answer: Resolution, found: Found | None) -> None:
        if answer.error is not None:
            self._failed(answer.error)
        elif answer.target is not None:
            self.point_at(answer.target)
            self.add((answer.target,))
            if found is not None:
                found(answer.target)
        elif answer.targets:
            self._choose(answer.name, [_described(each) for each in answer.targets], partial(self._pick, answer, found))
        else:
            self._choose(answer.name, answer.choices, lambda number: self.find(answer.choices[number], found))

    def _choose(self, name: str, choices: Sequence[str], picked: Callable[[int], object]) -> None:
        self._bar.say(f"{name} may be one of {len(choices)}: choose.", problem=True)
        self._bar.offer(choices, picked)

    def _pick(self, answer: Resolution, found: Found | None, number: int) -> None:
        target = answer.targets[number]
        self._answered(replace(answer, targets=(target,)), found)

    def _failed(self, error: StopdeskError) -> None:
        self._bar.say(str(error), problem=True)
        if not isinstance(error, InputError):
            self._notices.fail(error)

    def _give_up(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = None
        self._bar.say("")

    def _say(self, target: Target) -> None:
        when = f", {target.date.astimezone():%Y-%m-%d}" if target.date is not None else ""
        main = f"{target.main_name}: " if target.main_name and target.main_name != target.name else ""
        lines = [f"{target.name}: {target.position.sexagesimal} (ICRS)", f"Given by {target.source}{when}"]
        lines += [target.main_name] if target.main_name else []
        lines += [f"Type of object: {target.object_type}"] if target.object_type else []
        typed = f"= {target.position.sexagesimal}" if target.source == "as typed" else f"{target.source}{when}"
        self._bar.say(f"{main}{typed}", tip="\n".join(lines))
        self.pointed.emit(target)

    # ---- the targets of the session ------------------------------------------------------------------------------

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets that the session knows."""
        return self._document.session.targets

    def add(self, targets: Sequence[Target]) -> None:
        """Keep targets in the session; of those that may be one with another (5 arcsec) ask first."""
        known = self.targets
        new = [each for each in targets if all(each.key != old.key for old in known)]
        pairs = near_duplicates(known, new)
        doubtful = {i for i, _, _ in pairs}
        self._keep([each for i, each in enumerate(new) if i not in doubtful])
        if not pairs:
            return
        everyone = [*known, *new]
        lines = [f"{new[i].name} is {distance:.1f}″ from {everyone[other].name}" for i, other, distance in pairs[:8]]
        lines += ["…"] if len(pairs) > len(lines) else []
        box = QMessageBox(
            QMessageBox.Icon.Question,
            "Targets",
            "Some of these targets may be one:\n\n" + "\n".join(lines),
            parent=self._bar.window(),
        )
        keep = box.addButton("Keep both", QMessageBox.ButtonRole.AcceptRole)
        skip = box.addButton("Leave out", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(skip)
        box.buttonClicked.connect(
            lambda button: self._keep([new[i] for i in sorted(doubtful)] if button is keep else [])
        )
        box.finished.connect(box.deleteLater)
        box.open()

    def drop(self, keys: Sequence[str]) -> None:
        """Take targets out of the session."""
        self._document.set_targets(tuple(each for each in self.targets if each.key not in set(keys)))
        self.targets_changed.emit()

    def _keep(self, targets: Sequence[Target]) -> None:
        if targets:
            self._document.set_targets(self._document.session.with_targets(*targets).targets)
            self.targets_changed.emit()

    def _known(self, name: str, position: Position) -> Target | None:
        """The session's target of that name at that place: the source bar shows a tenth of an arcsec."""
        here = (each for each in self.targets if each.name == name)
        return next((each for each in here if each.position.sexagesimal == position.sexagesimal), None)

    def _session_replaced(self) -> None:
        self._give_up()
        self._left = None
        self.pointed.emit(None)
        self.targets_changed.emit()
        self.read(self._document.session.source.position)

    def _fill_menu(self) -> None:
        menu = self._bar.targets_menu
        menu.clear()
        left = self._left
        if left is not None and (left.name.strip(), left.position.strip()) != self._shown:
            name = (left.name.strip() or left.position.strip()).replace("&", "&&")
            menu.addAction(f"Back to {name}", lambda: self._go_back(left))
            menu.addSeparator()
        for target in reversed(self.targets[-_IN_MENU:]):
            action = menu.addAction(target.name.replace("&", "&&"))
            action.setToolTip(_described(target))
            action.triggered.connect(lambda _=False, target=target: self.point_at(target))
        menu.addSeparator()
        menu.addAction("All targets…", lambda: self.list_wanted.emit(()))


def _described(target: Target) -> str:
    source = f" ({target.source})" if target.source else ""
    return f"{target.main_name or target.name}, {target.position.sexagesimal}{source}"
