"""A plot as a picture (PNG, SVG, PDF), or its numbers as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import pyqtgraph as pg
import pyqtgraph.exporters
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSizeF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPaintDevice, QPainter, QPdfWriter

from stopdesk.ui.plots.colours import PRINT
from stopdesk.ui.plots.quantity import Quantity
from stopdesk.ui.plots.svg import SvgPage

#: Picture points for a point of the screen, in PNG and on the clipboard.
SCALE = 2

#: Points of a PDF (72 an inch) for a point of the screen (96 an inch).
_POINTS = 0.75


@dataclass(frozen=True, eq=False)
class PlotTable:
    """Numbers behind a plot: columns of one length, each with its quantity; ``name`` says of what they are."""

    name: str
    columns: tuple[tuple[Quantity, NDArray[np.float64]], ...]


def to_image(scene: pg.GraphicsScene) -> QImage:
    """The plot on white, twice as fine as on the screen."""
    image = QImage((_source(scene).size() * SCALE).toSize(), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SCALE)  # not a scaled painter, which leaves the legend small
    image.fill(PRINT.back)
    _paint(scene, image)
    image.setDevicePixelRatio(1)
    return image


def to_png(scene: pg.GraphicsScene) -> bytes:
    """The plot as PNG."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    to_image(scene).save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes, Qt wants text
    return bytes(buffer.data().data())


def to_svg(scene: pg.GraphicsScene) -> bytes:
    """The plot as SVG, lines and text as such."""
    page = SvgPage(_source(scene).size().toSize(), "stopdesk plot")
    _paint(scene, page)
    return page.document()


def to_pdf(scene: pg.GraphicsScene) -> bytes:
    """The plot as one page of PDF of its own size, lines and text as such."""
    source = _source(scene)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    page = QPageSize(QSizeF(source.width(), source.height()) * _POINTS, QPageSize.Unit.Point)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
    writer.setTitle("stopdesk plot")
    writer.setResolution(96)
    _paint(scene, writer)
    return bytes(buffer.data().data())


def _source(scene: pg.GraphicsScene) -> QRectF:
    """What of the scene is on the screen."""
    return QRectF(pyqtgraph.exporters.ImageExporter(scene).getSourceRect())


def _paint(scene: pg.GraphicsScene, device: QPaintDevice) -> None:
    """Paint the scene on white."""
    source = _source(scene)
    target = QRectF(0, 0, source.width(), source.height())
    exporter = pyqtgraph.exporters.ImageExporter(scene)
    painter = QPainter(device)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    options = {"antialias": True, "background": PRINT.back, "painter": painter, "resolutionScale": 1.0}
    try:
        painter.fillRect(target, PRINT.back)
        exporter.setExportMode(True, options)
        scene.render(painter, target, source)
    finally:
        exporter.setExportMode(False)
        painter.end()


def to_csv(tables: Sequence[PlotTable]) -> bytes:
    """The numbers of all curves side by side, under a line of names and units; empty where there is none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    headers, columns = [], []
    for table in tables:
        for quantity, values in table.columns:
            headers.append(f"{table.name}: {quantity.header}" if table.name else quantity.header)
            columns.append(["" if np.isnan(value) else repr(float(value)) for value in values])
    writer.writerow(headers)
    writer.writerows(zip_longest(*columns, fillvalue=""))
    return out.getvalue().encode()


#: What a plot can be written as, by suffix: words for the file dialog.
FORMATS = {".png": "Picture", ".svg": "Drawing", ".pdf": "Page", ".csv": "Numbers of all curves"}
