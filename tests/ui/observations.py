"""Tables as portals give them, of any number of rows, and the table of observations on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from astropy.table import MaskedColumn, Table
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from stopdesk.ui.notices import Notices
from stopdesk.ui.portal.table import ObservationTable
from stopdesk.ui.tasks import Tasks
from stopdesk.vo.merging import Part

#: The longest that anything may take, in milliseconds.
DEADLINE = 60_000

_SAYING = {
    "s_ra": ("deg", "pos.eq.ra", "Right ascension of the centre"),
    "s_dec": ("deg", "pos.eq.dec", "Declination of the centre"),
    "em_min": ("m", "em.wl;stat.min", "Shortest wavelength"),
    "em_max": ("m", "em.wl;stat.max", "Longest wavelength"),
    "t_min": ("d", "time.start;obs.exposure", "Start of the observation, as MJD"),
    "t_max": ("d", "time.end;obs.exposure", "End of the observation, as MJD"),
    "t_exptime": ("s", "time.duration;obs.exposure", "Total exposure time"),
    "s_resolution": ("arcsec", "pos.angResolution", "Angular resolution"),
    "access_url": ("", "meta.ref.url", "Where the data are"),
}


def obscore(n_rows: int, *, seed: int = 1, n_more: int = 0) -> Any:
    """An ObsCore answer around IRAS 16293-2422, some of its values missing, with so many further columns of numbers."""
    rng = np.random.default_rng(seed)
    table = Table()
    numbers = np.arange(n_rows)

    def put(name: str, values: Any, mask: Any = False) -> None:
        unit, ucd, description = _SAYING.get(name, ("", "", ""))
        column = MaskedColumn(values, name=name, mask=mask, unit=unit or None, description=description)
        column.meta["ucd"] = ucd
        column.meta["utype"] = f"obscore:{name}"
        table.add_column(column)

    put("dataproduct_type", rng.choice(np.array(["cube", "spectrum", "image"], dtype=object), n_rows))
    put("calib_level", rng.integers(0, 4, n_rows).astype(np.int16))
    put("target_name", np.array([f"IRAS 16293-2422 field {k % 997}" for k in range(n_rows)], dtype=object))
    put("obs_publisher_did", np.array([f"ivo://archive.example/{seed}?{k}" for k in range(n_rows)], dtype=object))
    put("s_ra", 248.0946 + rng.normal(0, 0.01, n_rows), numbers % 50 == 7)
    put("s_dec", -24.4767 + rng.normal(0, 0.01, n_rows), numbers % 50 == 7)
    lowest = rng.uniform(84e9, 370e9, n_rows)
    put("em_min", 299792458.0 / (lowest + 4e9))
    put("em_max", 299792458.0 / lowest)
    begin = rng.uniform(56000, 59000, n_rows)
    put("t_min", begin, numbers % 20 == 3)
    put("t_max", begin + 0.05, numbers % 20 == 3)
    put("t_exptime", rng.lognormal(6, 1, n_rows).astype(np.float32))
    put("s_resolution", rng.uniform(0.1, 30, n_rows).astype(np.float32))
    put("instrument_name", rng.choice(np.array(["ALMA", "APEX SHeFI", "IRAM 30m EMIR", ""], dtype=object), n_rows))
    put("access_url", np.array([f"https://archive.example/files/{seed}/{k}.fits" for k in range(n_rows)], dtype=object))
    for number in range(n_more):
        put(f"extra_{number}", rng.random(n_rows))
    return table


def cone(n_rows: int, *, seed: int = 2) -> Any:
    """An answer of a simple cone search: positions and a name, and a frequency of its own."""
    rng = np.random.default_rng(seed)
    table = Table()
    ra = MaskedColumn((248.09 + rng.normal(0, 0.01, n_rows)) * 60, name="RAJ2000", unit="arcmin")
    ra.meta["ucd"] = "pos.eq.ra;meta.main"
    dec = MaskedColumn(-24.47 + rng.normal(0, 0.01, n_rows), name="DEJ2000", unit="deg")
    dec.meta["ucd"] = "pos.eq.dec;meta.main"
    table.add_columns([ra, dec])
    table["Freq"] = MaskedColumn(rng.uniform(80, 360, n_rows), unit="GHz")
    table["Name"] = np.array([f"G{k + 8}" for k in range(n_rows)], dtype=object)
    table["Name"].meta["ucd"] = "meta.id;meta.main"
    return table


@contextmanager
def on_screen(
    qtbot: QtBot, parts: Sequence[Part] = (), *, width: int = 1280, height: int = 640
) -> Iterator[ObservationTable]:
    """The table with these parts in it, settled; everything is taken down afterwards."""
    tasks, notices = Tasks(), Notices()
    table = ObservationTable(tasks=tasks, notices=notices)
    qtbot.addWidget(table)
    table.resize(width, height)
    table.show()
    qtbot.waitExposed(table)
    if parts:
        show(qtbot, table, parts)
    try:
        yield table
    finally:
        assert tasks.shutdown(20)


def tasks_of(table: ObservationTable) -> Tasks:
    return table._work._tasks


def settled(qtbot: QtBot, table: ObservationTable) -> None:
    """Wait until nothing is under way."""
    qtbot.waitUntil(lambda: not tasks_of(table).under_way, timeout=DEADLINE)


def show(qtbot: QtBot, table: ObservationTable, parts: Sequence[Part]) -> None:
    """Show tables and wait until they are there and all is known of them."""
    arrived: list[bool] = []
    table.show_parts(parts, done=lambda: arrived.append(True))
    qtbot.waitUntil(lambda: bool(arrived), timeout=DEADLINE)
    settled(qtbot, table)


def section(table: ObservationTable, name: str) -> int:
    """Where the column of that name stands."""
    return next(k for k, column in enumerate(table.model.columns) if column.name == name)


def cells(table: ObservationTable, name: str, n: int | None = None) -> list[str]:
    """The texts of a column, from the top."""
    model, at = table.model, section(table, name)
    return [model.data(model.index(place, at)) for place in range(model.rowCount() if n is None else n)]


def titles(table: ObservationTable) -> list[str]:
    """What the header says, a line each."""
    model = table.model
    return [
        model.headerData(k, Qt.Orientation.Horizontal).rstrip().replace("\n", " | ") for k in range(model.columnCount())
    ]


def click_header(qtbot: QtBot, table: ObservationTable, name: str, *, ctrl: bool = False) -> None:
    header, at = table.view.horizontalHeader(), section(table, name)
    table.view.scrollTo(table.model.index(0, at))
    keys = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
    point = QPoint(header.sectionViewportPosition(at) + header.sectionSize(at) // 2, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, keys, pos=point)
    settled(qtbot, table)


def click_cell(
    qtbot: QtBot,
    table: ObservationTable,
    place: int,
    at: int = 0,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    rectangle = table.view.visualRect(table.model.index(place, at))
    point = QPoint(rectangle.left() + 12, rectangle.center().y())
    qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, keys, pos=point)
