"""Saves rows of observations in a file of the user's choice, and says what its format does not keep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from stopdesk.formats.convert import format_of, save_table
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Task, Tasks

_KINDS = "VOTable (*.vot);;FITS (*.fits);;ECSV (*.ecsv);;CSV (*.csv);;Parquet (*.parquet)"


def save_rows(make: Callable[[Task], Any], name: str, *, parent: QWidget, tasks: Tasks, notices: Notices) -> None:
    """Ask for a file and write what ``make`` gives, an astropy Table, in the format that its ending says."""
    proposed = "".join(char if char.isalnum() or char in "-_. " else "_" for char in name)[:60]
    chosen, kind = QFileDialog.getSaveFileName(parent, "Save the rows shown", f"{proposed}.vot", _KINDS)
    if not chosen:
        return
    path = Path(chosen)
    if format_of(path) is None:
        path = path.with_name(path.name + kind.partition("*")[2].rstrip(")"))
    was_asked = str(path) == chosen  # by the dialog, whether a file that is there is to be replaced

    def work(task: Task) -> tuple[int, list[str]]:
        table = make(task)
        return len(table), save_table(table, path, overwrite=was_asked)

    def done(outcome: tuple[int, list[str]]) -> None:
        n_rows, losses = outcome
        counted = "1 row" if n_rows == 1 else f"{n_rows:,} rows"
        notices.tell(" ".join([f"Saved {counted} in {path.name}.", *(f"{loss}." for loss in losses)]))

    tasks.start(f"Saving {path.name}", work, done=done, failed=notices.fail, queue_name="table", width=1)
