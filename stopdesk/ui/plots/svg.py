"""A paint device that writes SVG: every shape in the page's own coordinates, in full precision, text as text.

Qt's generator rounds to six digits before it scales (a line zoomed in at 345.796 GHz becomes a staircase) and loses the
end of clips; pyqtgraph's exporter, built upon it, fails on curved paths.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontInfo,
    QImage,
    QPaintDevice,
    QPaintEngine,
    QPaintEngineState,
    QPainterPath,
    QPolygonF,
    QTextItem,
    QTransform,
)

_Element = QPainterPath.ElementType
_ENDS = {Qt.PenCapStyle.FlatCap: "butt", Qt.PenCapStyle.SquareCap: "square", Qt.PenCapStyle.RoundCap: "round"}


class SvgPage(QPaintDevice):
    """A page of ``size`` to paint on; ``document`` is what has been painted, as SVG 1.1."""

    def __init__(self, size: QSize, title: str) -> None:
        super().__init__()
        self._size = size
        self._title = title
        self._engine = _SvgEngine()

    def paintEngine(self) -> QPaintEngine:
        """Who writes."""
        return self._engine

    def metric(self, metric: QPaintDevice.PaintDeviceMetric) -> int:
        """The page is of the screen's 96 points an inch."""
        kinds = QPaintDevice.PaintDeviceMetric
        sizes = {
            kinds.PdmWidth: self._size.width(),
            kinds.PdmHeight: self._size.height(),
            kinds.PdmWidthMM: round(self._size.width() * 25.4 / 96),
            kinds.PdmHeightMM: round(self._size.height() * 25.4 / 96),
            kinds.PdmNumColors: 2**24,
            kinds.PdmDepth: 32,
            kinds.PdmDevicePixelRatio: 1,
            kinds.PdmDevicePixelRatioScaled: int(self.devicePixelRatioFScale()),
        }
        return sizes.get(metric, 96)

    def document(self) -> bytes:
        """The page."""
        width, height = self._size.width(), self._size.height()
        head = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" '
            f'xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}">\n<title>{escape(self._title)}</title>\n'
        )
        return (head + "\n".join([*self._engine.clips.values(), *self._engine.shapes]) + "\n</svg>\n").encode()


class _SvgEngine(QPaintEngine):
    """Turns what is painted into elements. Only rectangles clip, which is all that plots ask for."""

    def __init__(self) -> None:
        super().__init__(QPaintEngine.PaintEngineFeature.AllFeatures)
        self.shapes: list[str] = []
        self.clips: dict[str, str] = {}

    def begin(self, device: QPaintDevice) -> bool:
        """Nothing to prepare."""
        return True

    def end(self) -> bool:
        """Nothing to finish."""
        return True

    def type(self) -> QPaintEngine.Type:
        """One of our own."""
        return QPaintEngine.Type.User

    def updateState(self, state: QPaintEngineState) -> None:
        """The painter is asked whenever something is drawn."""

    def drawPath(self, path: QPainterPath) -> None:
        """Lines and curves, filled and stroked."""
        self._add(path, filled=True)

    # Qt hands over integer and floating shapes alike, which the stubs know as Any

    def drawPolygon(self, points: Iterable[Any], mode: QPaintEngine.PolygonDrawMode) -> None:
        """A polygon, or a line through points."""
        path = QPainterPath()
        path.addPolygon(QPolygonF([QPointF(point) for point in points]))
        is_open = mode == QPaintEngine.PolygonDrawMode.PolylineMode
        if not is_open:
            path.closeSubpath()
        self._add(path, filled=not is_open)

    def drawLines(self, lines: Iterable[Any]) -> None:
        """Separate lines."""
        path = QPainterPath()
        for line in lines:
            path.moveTo(QPointF(line.p1()))
            path.lineTo(QPointF(line.p2()))
        self._add(path, filled=False)

    def drawRects(self, rects: Iterable[Any]) -> None:
        """Rectangles."""
        path = QPainterPath()
        for rect in rects:
            path.addRect(QRectF(rect))
        self._add(path, filled=True)

    def drawPixmap(self, rect: Any, pixmap: Any, source: Any) -> None:
        """A picture."""
        self.drawImage(rect, pixmap.toImage(), source)

    def drawImage(
        self,
        rect: Any,
        image: QImage,
        source: Any,
        flags: Qt.ImageConversionFlag = Qt.ImageConversionFlag.AutoColor,
    ) -> None:
        """A picture, its cells left as sharp as they are: one rectangle each for a few, a PNG for many."""
        part = image.copy(source.toAlignedRect())
        if part.width() * part.height() <= 4096:
            self._add_cells(rect, part)
            return
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        part.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes, Qt wants text
        data = base64.b64encode(buffer.data().data()).decode()
        at = self.painter().deviceTransform()
        # a picture that the view turns upside down is turned by the matrix, not by its size
        matrix = QTransform(rect.width(), 0, 0, rect.height(), rect.x(), rect.y()) * at
        self._put(
            f'<image width="1" height="1" preserveAspectRatio="none" style="image-rendering: pixelated" '
            f'transform="{_matrix(matrix)}" xlink:href="data:image/png;base64,{data}"/>'
        )

    def drawTextItem(self, point: Any, item: QTextItem) -> None:
        """Text, as text."""
        font = QFontInfo(item.font())
        at = self.painter().deviceTransform()
        style = f'font-family={quoteattr(f"{font.family()}, sans-serif")} font-size="{font.pixelSize()}"'
        weight = ' font-weight="bold"' if font.bold() else ""
        matrix = QTransform.fromTranslate(point.x(), point.y()) * at
        fill = _paint("fill", self.painter().pen().color())
        text = f'xml:space="preserve" transform="{_matrix(matrix)}">{escape(item.text())}</text>'
        self._put(f"<text {style}{weight} {fill} {text}")

    def _add_cells(self, rect: QRectF, image: QImage) -> None:
        at = self.painter().deviceTransform()
        dx, dy = rect.width() / image.width(), rect.height() / image.height()
        for y in range(image.height()):
            for x in range(image.width()):
                colour = image.pixelColor(x, y)
                if colour.alpha():
                    cell = QPainterPath()
                    cell.addRect(QRectF(rect.x() + x * dx, rect.y() + y * dy, dx, dy))
                    # a hairline of its own colour closes the seams between cells
                    pen = f'{_paint("stroke", colour)} stroke-width="0.5"'
                    self._put(f'<path d="{_data(at.map(cell))}" {_paint("fill", colour)} {pen}/>')

    def _add(self, path: QPainterPath, *, filled: bool) -> None:
        painter = self.painter()
        pen, brush, at = painter.pen(), painter.brush(), painter.deviceTransform()
        fill = _paint("fill", brush.color()) if filled and brush.style() != Qt.BrushStyle.NoBrush else 'fill="none"'
        data = _data(at.map(path))
        if pen.style() == Qt.PenStyle.NoPen:
            stroke = 'stroke="none"'
        else:
            scale = 1.0 if pen.isCosmetic() else abs(at.determinant()) ** 0.5
            width = (pen.widthF() or 1.0) * scale
            stroke = (
                f'{_paint("stroke", pen.color())} stroke-width="{width:g}" stroke-linecap="{_ENDS[pen.capStyle()]}"'
            )
            if pen.style() != Qt.PenStyle.SolidLine:
                stroke += f' stroke-dasharray="{",".join(f"{dash * width:g}" for dash in pen.dashPattern())}"'
        if data and not (fill == 'fill="none"' and stroke == 'stroke="none"'):
            self._put(f'<path d="{data}" {fill} {stroke}/>')

    def _put(self, element: str) -> None:
        painter = self.painter()
        if not painter.hasClipping():
            self.shapes.append(element)
            return
        clip = painter.deviceTransform().mapRect(painter.clipBoundingRect())
        box = f'x="{clip.x():.7g}" y="{clip.y():.7g}" width="{clip.width():.7g}" height="{clip.height():.7g}"'
        name = f"clip{list(self.clips).index(box) if box in self.clips else len(self.clips)}"
        self.clips.setdefault(box, f'<clipPath id="{name}"><rect {box}/></clipPath>')
        self.shapes.append(f'<g clip-path="url(#{name})">{element}</g>')


def _paint(what: str, colour: QColor) -> str:
    """A colour, with its opacity where it is not full."""
    opacity = f' {what}-opacity="{colour.alphaF():.3g}"' if colour.alpha() < 255 else ""
    return f'{what}="{colour.name()}"{opacity}'


def _matrix(at: QTransform) -> str:
    """A transformation as SVG has it."""
    return f"matrix({at.m11():.9g},{at.m12():.9g},{at.m21():.9g},{at.m22():.9g},{at.dx():.9g},{at.dy():.9g})"


def _data(path: QPainterPath) -> str:
    """A path as SVG has it."""
    words = []
    curve = 0
    for number in range(path.elementCount()):
        element = path.elementAt(number)
        point = f"{element.x:.7g},{element.y:.7g}"
        kind = element.type
        if kind == _Element.MoveToElement:
            words.append(f"M{point}")
        elif kind == _Element.LineToElement:
            words.append(f"L{point}")
        elif kind == _Element.CurveToElement:
            words.append(f"C{point}")
            curve = 2
        elif curve:
            words.append(point)
            curve -= 1
    return " ".join(words)
