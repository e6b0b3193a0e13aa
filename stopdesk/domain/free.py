"""A request as a table of names, values and files, for services that do not describe their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stopdesk.domain.session import FieldState, FormState

#: Words that steer the job (UWS 1.1, section 2.2.3); the program says them itself.
STEERING = ("PHASE", "ACTION", "WAIT", "RUNID")

#: No service takes more by hand.
MAX_ROWS = 200


@dataclass(frozen=True)
class FreeRow:
    """One row: a name with a value, or with the path of a file."""

    name: str = ""
    value: str = ""
    is_file: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return not (self.name.strip() or self.value.strip() or self.is_file)


def free_state(rows: Sequence[FreeRow]) -> FormState:
    """The rows as the state of a form; its fields are called ``number/value/name`` and ``number/file/name``."""
    return FormState(
        fields={
            f"{number}/{'file' if row.is_file else 'value'}/{row.name}": FieldState(text=row.value)
            for number, row in enumerate(rows, start=1)
        }
    )


def free_rows(state: FormState) -> tuple[FreeRow, ...]:
    """The rows of a state; fields that are called otherwise are no rows."""
    rows = []
    for key, field in state.fields.items():
        number, _, rest = key.partition("/")
        kind, slash, name = rest.partition("/")
        if number.isdigit() and slash and kind in ("file", "value"):
            rows.append(FreeRow(name, field.text, kind == "file"))
    return tuple(rows[:MAX_ROWS])


def row_problems(rows: Sequence[FreeRow]) -> tuple[str, ...]:
    """What is wrong with each row, in words; empty where nothing is."""
    return tuple(_problem(row, rows[:index]) for index, row in enumerate(rows))


def _problem(row: FreeRow, before: Sequence[FreeRow]) -> str:
    name = row.name.strip()
    if row.is_blank:
        return ""
    if not name:
        return "A name is needed here, or the row can be removed."
    if name.upper() in STEERING:
        return f"{name.upper()} steers the job; the program says it itself."
    if not name.isprintable() or not row.value.isprintable():
        return "This has characters that cannot be sent."
    if row.is_file and not row.value:
        return "Choose the file, or remove the row."
    same = [other for other in before if other.name.strip() == name and (other.is_file or row.is_file)]
    return f"Another row has the name {name}; a file needs a name of its own." if same else ""


def free_request(rows: Sequence[FreeRow]) -> dict[str, str]:
    """The values as they go on the wire; a name that comes again gets a line for each of its values."""
    request: dict[str, str] = {}
    for row in rows:
        name, value = row.name.strip(), row.value.strip()
        if name and value and not row.is_file:
            request[name] = f"{request[name]}\n{value}" if name in request else value
    return request


def free_files(rows: Sequence[FreeRow]) -> dict[str, Path]:
    """The files by name."""
    return {row.name.strip(): Path(row.value) for row in rows if row.is_file and row.name.strip() and row.value}


def rows_of(request: dict[str, str], files: dict[str, Path]) -> tuple[FreeRow, ...]:
    """The rows that say a request again."""
    values = [FreeRow(name, line) for name, text in request.items() for line in text.splitlines() or [""]]
    return (*values, *(FreeRow(name, str(path), is_file=True) for name, path in files.items()))
