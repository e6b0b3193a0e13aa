"""Rows of portals as a table for other programs: an astropy Table with what the portals say of their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopdesk.vo.rows import EXTRA, PORTAL, Asked, Ints, Kind, RowColumn, Rows, chunks, texts_of

if TYPE_CHECKING:
    from astropy.table import Column, Table


def table_of(rows: Rows, chosen: Ints | None = None, *, name: str, cancelled: Asked | None = None) -> Table:
    """These rows, or the ``chosen`` ones of shape (n,) in their order, as a table that is called ``name``.

    Columns that were put beside those of the portals are left out: the same rows are the same table, whatever molecule
    is looked for in them. Takes a second for 300,000 rows with texts: call it in a task. Raises Cancelled.
    """
    from astropy.table import Table  # late: slow to import

    made = Table()
    for column in rows.columns:
        if column.key.startswith(EXTRA):
            continue
        called = column.name if column.key == PORTAL else column.key
        while called in made.colnames:
            called += "'"
        made[called] = _column(column, called, chosen, cancelled)
    made.meta["name"] = name
    return made


def _column(column: RowColumn, called: str, chosen: Ints | None, cancelled: Asked | None) -> Column:
    from astropy.table import Column, MaskedColumn

    values = column.values if chosen is None else column.values[chosen]
    mask = column.mask if column.mask is None or chosen is None else column.mask[chosen]
    if column.kind is Kind.TEXT and values.dtype.kind == "O":
        texts = np.empty(len(values), dtype=object)
        for part in chunks(len(values), cancelled):
            texts[part] = texts_of(values[part])
        values = texts
    said = {"ucd": column.ucd, "utype": column.utype, "xtype": column.xtype, "precision": column.precision}
    about = {
        "name": called,
        "unit": column.unit or None,
        "description": column.description or None,
        "meta": {key: text for key, text in said.items() if text},
        "copy": False,
    }
    if mask is None or not mask.any():
        return Column(values, **about)
    if mask.ndim < values.ndim:
        mask = np.broadcast_to(mask.reshape(-1, *[1] * (values.ndim - 1)), values.shape)
    return MaskedColumn(values, mask=mask, **about)
