"""Which lines of the chosen molecule fall into which rows, in the words of a table's cell."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stopdesk.domain.molecule import Molecule
from stopdesk.domain.observation import lines_in_ranges
from stopdesk.ui.plots.quantity import molecule_name

#: The name of the column.
MY_LINES = "My lines"

#: What a cell says where the row's range has none of them.
NONE = "none"

#: More lines than these are counted, and the strongest of them named.
_MOST = 4


def line_texts(low: ArrayLike, high: ArrayLike, molecule: Molecule, v_lsr: float) -> NDArray[Any]:
    """The molecule's lines in each row, shape (rows,), as text; "" where its range is not known.

    ``low`` and ``high`` are frequencies in Hz, NaN where not known; ``v_lsr`` of the source is in km/s.
    """
    found = lines_in_ranges(
        np.asarray(low, float) / 1e9, np.asarray(high, float) / 1e9, molecule.frequency, v_lsr=v_lsr
    )
    codes = found.first * (len(found.order) + 1) + found.last
    distinct, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    texts = np.empty(len(distinct), dtype=object)
    texts[:] = [_text(molecule, found.of(int(row))) for row in first]
    cells: NDArray[Any] = texts[inverse] if len(distinct) else np.empty(0, dtype=object)
    cells[~found.known] = ""
    return cells


def _text(molecule: Molecule, lines: NDArray[np.intp]) -> str:
    if not len(lines):
        return NONE
    named = lines
    if len(lines) > _MOST:
        named = np.sort(lines[np.argsort(-molecule.einstein_a[lines], kind="stable")[:_MOST]])
    names = molecule.transition_names
    words = f"{molecule_name(molecule.name)} {', '.join(names[k] for k in named)}"
    return words if len(named) == len(lines) else f"{len(lines)} lines: {words}, …"
