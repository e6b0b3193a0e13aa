"""The rows of one table as they are read: columns block by block, counted, bounded, and joined at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from stopdesk.errors import FileError
from stopdesk.formats.votable.binary import BadCell, FixedRows
from stopdesk.formats.votable.cells import Piece, join
from stopdesk.formats.votable.elements import Elements
from stopdesk.formats.votable.model import Column, Element, layout_of, null_of

if TYPE_CHECKING:
    from stopdesk.formats.votable.texts import Texts


class _BinaryRows(Protocol):
    """What takes bytes and gives the columns of the rows that are complete."""

    @property
    def is_whole(self) -> bool: ...

    def take(self, data: bytes) -> list[Piece]: ...


class Rows:
    """Collects the cells of the columns that ``fields`` declare; stops after ``max_rows`` rows."""

    def __init__(
        self,
        fields: Sequence[Element],
        elements: Elements,
        *,
        max_rows: int | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        self.count = 0
        self.truncated = False
        self._fields = fields
        self._layouts = [layout_of(about) for about in fields]
        self._nulls = [null_of(about) for about in fields]
        self._pieces: list[list[Piece]] = [[] for _ in fields]
        self._elements = elements
        self._max_rows = max_rows
        self._progress = progress

    def binary(self, *, flags: bool) -> _BinaryRows:
        """What makes columns of BINARY2 (with ``flags``) or BINARY."""
        if not any(layout.has_own_length for layout in self._layouts):
            return FixedRows(self._layouts, self._nulls, flags=flags)
        from stopdesk.formats.votable.lengths import VariableRows  # late: needs Arrow

        return VariableRows(self._layouts, self._nulls, flags=flags)

    def take(self, rows: _BinaryRows, data: bytes) -> None:
        """Rows in BINARY or BINARY2. Raises FileError, as all that takes rows."""
        with self._telling():
            self._add(rows.take(data))

    def take_plain(self, block: bytes) -> bool:
        """Rows in TABLEDATA; whether they are of plain tags, else nothing is taken."""
        from stopdesk.formats.votable import tabledata  # late: needs Arrow

        with self._telling():
            cells = tabledata.cut_rows(block, len(self._fields))
            if cells is not None:
                self._add_cells(cells)
        return cells is not None

    def take_followed(self) -> None:
        """Rows in TABLEDATA that the elements have collected."""
        from stopdesk.formats.votable import tabledata  # late: needs Arrow

        rows, self._elements.rows = self._elements.rows, []
        for i, row in enumerate(rows):
            if len(row) != len(self._fields):
                raise self._elements.refuse(
                    f"has {len(row)} cells in row {self.count + i + 1:,}, but {len(self._fields)} columns."
                )
        with self._telling():
            if rows:
                self._add_cells([tabledata.of_strings(cells) for cells in zip(*rows, strict=True)])

    def columns(self) -> tuple[Column, ...]:
        """The columns of all rows; may be asked for once."""
        return tuple(
            Column(about, *join(pieces, layout))
            for about, layout, pieces in zip(self._fields, self._layouts, self._pieces, strict=True)
        )

    def refuse(self, text: str) -> FileError:
        """The error in a row, which the text names: lines mean little where rows are read by the block."""
        return FileError(self._elements.where, text)

    def _add_cells(self, cells: Sequence[Texts]) -> None:
        from stopdesk.formats.votable import tabledata  # late: needs Arrow

        pieces = []
        for i, column in enumerate(cells):
            try:
                pieces.append(tabledata.piece_of(column, self._layouts[i], self._nulls[i]))
            except BadCell as bad:
                bad.column = i
                raise
        self._add(pieces)

    def _add(self, pieces: Sequence[Piece]) -> None:
        n_rows = len(pieces[0].values)
        room = n_rows if self._max_rows is None else self._max_rows - self.count
        if n_rows > room:
            self.truncated = True
            n_rows = room
            pieces = [Piece(p.values[:room], None if p.mask is None else p.mask[:room]) for p in pieces]
        if n_rows:
            for piece, column in zip(pieces, self._pieces, strict=True):
                column.append(piece)
            self.count += n_rows
            if self._progress is not None:
                self._progress(self.count)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Say in which row and column a cell is that cannot be read."""
        try:
            yield
        except BadCell as bad:
            name = "" if bad.column is None else f" ({self._fields[bad.column].get('name')})"
            raise self.refuse(
                f"has a cell that cannot be read in row {self.count + bad.row + 1:,}{name}: {bad}."
            ) from bad
