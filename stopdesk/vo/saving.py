"""Makes one table of the rows that are shown, of one portal or of several, as it is written to a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stopdesk.vo.merging import Part
from stopdesk.vo.rows import PORTAL, Asked, Ints, Kind, RowColumn, Rows, chunks


def table_shown(parts: Sequence[Part], rows: Rows, order: Ints, cancelled: Asked | None = None) -> Any:
    """The rows of these numbers in this order, with all columns, as an astropy Table.

    ``rows`` are those of all ``parts``. Where they are of one part, they are its table with all that is said of it; of
    several, the first column says which portal gave the row. Takes seconds for a million rows. Raises Cancelled.
    """
    from astropy.table import Table  # late: slow to import

    full = [part for part in parts if len(part.table)]
    if len(full) == 1:
        return full[0].table[order]
    made, names = Table(), set()
    for column in rows.columns:
        name, number = "portal" if column.key == PORTAL else column.name, 2
        while name in names:
            name, number = f"{column.name}{number}", number + 1
        names.add(name)
        made[name] = _column(column, name, order, cancelled)
    return made


def _column(column: RowColumn, name: str, order: Ints, cancelled: Asked | None) -> Any:
    from astropy import units as u
    from astropy.table import MaskedColumn

    values, mask = column.values[order], np.False_ if column.mask is None else column.mask[order]
    if column.kind is Kind.TEXT:
        values = np.empty(len(order), dtype=object)
        for part in chunks(len(order), cancelled):
            values[part] = [column.text(row) for row in order[part].tolist()]
    if values.ndim > 1 and np.ndim(mask):
        mask = np.broadcast_to(np.reshape(mask, (-1,) + (1,) * (values.ndim - 1)), values.shape)
    unit = u.Unit(column.unit, parse_strict="silent") if column.unit else None
    made = MaskedColumn(values, name=name, mask=mask, unit=unit, description=column.description or None)
    said = {"ucd": column.ucd, "utype": column.utype, "xtype": column.xtype, "precision": column.precision}
    made.meta.update({key: text for key, text in said.items() if text})
    return made
