"""The list of targets of a session: names looked up many at once, targets taken from a table, one of them used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from stopdesk.domain.target import Target
from stopdesk.errors import StopdeskError
from stopdesk.ui.aiming import Aim
from stopdesk.ui.forms.controls import PROBLEM_SIGN, Words
from stopdesk.ui.notices import plain_tip
from stopdesk.ui.portal.shown import Choice
from stopdesk.ui.send_button import SendButton
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.ui.theme import GRID
from stopdesk.vo import libraries
from stopdesk.vo.resolver import Resolution, read_names
from stopdesk.vo.targets import ImportedTargets, targets_from

_KEY = Qt.ItemDataRole.UserRole
_HEADS = ("Name", "Position (ICRS)", "Type", "Given by", "Date")


class TargetsDialog(QDialog):
    """Shows the session's targets while the window goes on.

    ``tables`` tells which tables of results there are, and ``fetch`` gives the one of a key.
    """

    def __init__(
        self,
        *,
        aim: Aim,
        tasks: Tasks,
        tables: Callable[[], Sequence[Choice]],
        fetch: Callable[[str, Callable[[object], None]], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Targets")
        self._aim = aim
        self._tasks = tasks
        self._tables = tables
        self._fetch = fetch
        self._task: Task | None = None
        self.list = QTreeWidget()
        self.list.setAccessibleName("Targets")
        self.list.setHeaderLabels(list(_HEADS))
        self.list.setRootIsDecorated(False)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setSortingEnabled(True)
        self.list.sortItems(-1, Qt.SortOrder.AscendingOrder)
        self.names = QPlainTextEdit()
        self.names.setAccessibleName("Names to look up")
        self.names.setPlaceholderText("Names or positions, one a line\nL1544\n16:32:22.9 -24:28:36 IRAS 16293")
        self.names.setTabChangesFocus(True)
        self.report = Words()
        self.look = _button("Look up", "Look up these names and keep what is found", self._look_up)
        self.stop = _button("Cancel", "Stop looking up", self._give_up)
        self.use = _button("Use", "Put the selected target into the source bar", self._use)
        self.remove = _button("Remove", "Take the selected targets out of the session", self._remove)
        self.open_table = _button("From a file…", "Take the targets of a table", self._open_table)
        self.take_table = _button("From the results", "Take the rows of a portal or of a table of yours")
        self.choices = QMenu(self.take_table)
        self.choices.aboutToShow.connect(self._offer)
        self.take_table.setMenu(self.choices)
        self.send_button = SendButton("the targets")
        self.stop.setEnabled(False)
        self._lay_out()
        self.list.itemSelectionChanged.connect(self._enable)
        self.list.itemActivated.connect(lambda *_: self._use())
        aim.targets_changed.connect(self._fill)
        self.finished.connect(lambda _: self._give_up())
        self._fill()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for button in (self.use, self.remove, self.send_button):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.take_table, self.open_table):
            row.addWidget(button)
        label = QLabel("Add &names or positions")
        label.setBuddy(self.names)
        under = QHBoxLayout()
        under.addWidget(self.look)
        under.addWidget(self.stop)
        under.addStretch(1)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.list, 2)
        layout.addLayout(row)
        layout.addWidget(label)
        layout.addWidget(self.names, 1)
        layout.addLayout(under)
        layout.addWidget(self.report)
        layout.addWidget(close)
        self.report.hide()
        self.resize(92 * GRID, 62 * GRID)

    def _fill(self) -> None:
        chosen = set(self._selected)
        self.list.clear()
        for target in self._aim.targets:
            date = f"{target.date.astimezone():%Y-%m-%d}" if target.date is not None else ""
            cells = [target.name, target.position.sexagesimal, target.object_type, target.source, date]
            item = QTreeWidgetItem(self.list, cells)
            item.setData(0, _KEY, target.key)
            for column, text in enumerate(cells):
                item.setToolTip(column, plain_tip(target.main_name if column == 0 and target.main_name else text))
            item.setSelected(target.key in chosen)
        for column in range(len(_HEADS)):
            self.list.resizeColumnToContents(column)
            self.list.setColumnWidth(column, min(self.list.columnWidth(column) + GRID, 30 * GRID))
        self._enable()

    @property
    def selected(self) -> tuple[Target, ...]:
        """The selected targets, in the order of the session."""
        chosen = set(self._selected)
        return tuple(each for each in self._aim.targets if each.key in chosen)

    @property
    def _selected(self) -> list[str]:
        return [item.data(0, _KEY) for item in self.list.selectedItems()]

    def _enable(self) -> None:
        chosen = self._selected
        self.use.setEnabled(len(chosen) == 1)
        self.remove.setEnabled(bool(chosen))

    def _use(self) -> None:
        chosen = self._selected
        target = next((each for each in self._aim.targets if each.key in chosen), None)
        if target is not None:
            self._aim.point_at(target)

    def _remove(self) -> None:
        self._aim.drop(self._selected)

    # ---- names ---------------------------------------------------------------------------------------------------

    def look_up(self, names: Sequence[str]) -> None:
        """Look up these names; those that fail stay to be mended, with the reason."""
        self.names.setPlainText("\n".join(names))
        self._look_up()

    def _look_up(self) -> None:
        names = read_names(self.names.toPlainText())
        if names:
            self._say(f"Looking up {len(names)} {'name' if len(names) == 1 else 'names'}…")
            self._task = self._aim.look_up(names, self._answered, failed=self._failed, dropped=self._dropped)
            self.look.setEnabled(False)
            self.stop.setEnabled(True)

    def _answered(self, answers: tuple[Resolution, ...]) -> None:
        good = [answer.target for answer in answers if answer.target is not None]
        lines = [_complaint(answer) for answer in answers if answer.target is None]
        self.names.setPlainText("\n".join(answer.name for answer in answers if answer.target is None))
        self._ended()
        n = f"{len(good)} of {len(answers)} found" if lines else f"{len(good)} found"
        self._say("\n".join([f"{n}.", *lines[:6], *(["…"] if len(lines) > 6 else [])]), problem=bool(lines))
        self._aim.add(good)

    def _failed(self, error: StopdeskError) -> None:
        self._ended()
        self._say(str(error), problem=True)

    def _dropped(self) -> None:
        if self._task is not None and self._task.cancelled:
            self._ended()
            self._say("")

    def _ended(self) -> None:
        self._task = None
        self.look.setEnabled(True)
        self.stop.setEnabled(False)

    def _give_up(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _say(self, text: str, *, problem: bool = False) -> None:
        self.report.set_problem(problem)
        self.report.setText(f"{PROBLEM_SIGN} {text}" if problem else text)
        self.report.setVisible(bool(text))

    # ---- tables --------------------------------------------------------------------------------------------------

    def _open_table(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self,
            "Targets from a table",
            "",
            "Tables (*.vot *.xml *.votable *.vot.gz *.fits *.ecsv *.csv);;All files (*)",
        )
        if name:
            self.take_file(Path(name))

    def take_file(self, path: Path) -> None:
        """Take the targets of a table in any format."""

        def read(task: Task) -> object:
            from stopdesk.vo.tables import read_file  # late: pyarrow is slow to import

            return read_file(path, cancelled=lambda: task.cancelled)[1]

        self._import(path.name, read)

    def _offer(self) -> None:
        """Offer the tables that there are now."""
        self.choices.clear()
        for each in self._tables():
            self.choices.addAction(each.words.replace("&", "&&"), partial(self._take_table, each))
        if self.choices.isEmpty():
            self.choices.addAction("None yet: search portals, or open a table, in Observe").setEnabled(False)

    def _take_table(self, choice: Choice) -> None:
        self._fetch(choice.key, lambda table: self._import(choice.name, lambda _: table))

    def _import(self, source: str, read: Callable[[Task], object]) -> None:
        def work(task: Task) -> ImportedTargets:
            libraries.load()
            return targets_from(read(task), source=source)

        self._tasks.start(
            f"Taking the targets of {source}",
            work,
            done=lambda found: self._imported(source, found),
            failed=self._failed,
        )

    def _imported(self, source: str, found: ImportedTargets) -> None:
        said = [f"{len(found.targets):,} targets in {source}."]
        if found.without_position:
            said.append(f"{len(found.without_position):,} rows have neither a position nor a name.")
        if found.names_to_resolve:
            said.append(f"{len(found.names_to_resolve):,} names without a position stand above, to be looked up.")
            self.names.setPlainText("\n".join(found.names_to_resolve))
        self._say(" ".join(said))
        self._aim.add(_first_of_each(found.targets))


def _first_of_each(targets: Sequence[Target]) -> list[Target]:
    """Without those of the same name and place."""
    return list({target.key: target for target in reversed(targets)}.values())[::-1]


def _complaint(answer: Resolution) -> str:
    if answer.error is not None:
        return str(answer.error)
    choices = answer.choices or tuple(target.main_name or target.name for target in answer.targets)
    return f"{answer.name} may be one of several: {', '.join(choices[:5])}{'…' if len(choices) > 5 else ''}."


def _button(text: str, tip: str, call: Callable[[], object] | None = None) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    if call is not None:
        button.clicked.connect(call)
    return button
