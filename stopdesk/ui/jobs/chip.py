"""Paints a run's phase as a chip with a word, a shape and a colour, and its progress as a bar."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from stopdesk.domain.run import Run
from stopdesk.ui.jobs.table import RUN, progress_fraction, progress_text
from stopdesk.ui.theme import CHIPS, GRID, Chip

Index = QModelIndex | QPersistentModelIndex
_SIDE = 10.0


def draw_shape(painter: QPainter, chip: Chip, centre: QPointF) -> None:
    """Draw the chip's shape, 10 pixels wide, around ``centre``."""
    colour = chip.colour
    painter.setPen(QPen(colour, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = _SIDE / 2
    box = QRectF(centre.x() - half, centre.y() - half, _SIDE, _SIDE)
    if chip.shape == "hollow":
        painter.drawEllipse(box)
    elif chip.shape == "half":
        painter.drawEllipse(box)
        painter.setBrush(colour)
        painter.drawChord(box, -90 * 16, 180 * 16)
    elif chip.shape == "moving":
        painter.setBrush(colour)
        arrow = QPainterPath(box.topLeft() + QPointF(1, 0))
        arrow.lineTo(box.right(), centre.y())
        arrow.lineTo(box.left() + 1, box.bottom())
        arrow.closeSubpath()
        painter.drawPath(arrow)
    elif chip.shape == "tick":
        painter.drawPolyline(
            [box.topLeft() + QPointF(0, half), QPointF(centre.x() - 1, box.bottom() - 1), box.topRight()]
        )
    elif chip.shape == "cross":
        painter.drawLine(box.topLeft(), box.bottomRight())
        painter.drawLine(box.topRight(), box.bottomLeft())
    elif chip.shape == "square":
        painter.setBrush(colour)
        painter.drawRect(box.adjusted(1, 1, -1, -1))
    elif chip.shape == "pause":
        painter.drawLine(box.topLeft() + QPointF(3, 0), box.bottomLeft() + QPointF(3, 0))
        painter.drawLine(box.topRight() - QPointF(3, 0), box.bottomRight() - QPointF(3, 0))
    else:
        painter.drawText(box.adjusted(-4, -4, 4, 4), Qt.AlignmentFlag.AlignCenter, "?")


def _background(painter: QPainter, option: QStyleOptionViewItem) -> None:
    style = option.widget.style() if option.widget is not None else QApplication.style()
    style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)


def _tint(chip: Chip, option: QStyleOptionViewItem) -> QColor:
    """The chip's ground: a breath of its colour on the table's own, so that it reads on a selected row too."""
    base, colour = option.palette.base().color(), chip.colour
    return QColor(*(round(0.86 * b + 0.14 * c) for b, c in zip(base.getRgb()[:3], colour.getRgb()[:3], strict=True)))  # type: ignore[index]


class PhaseDelegate(QStyledItemDelegate):
    """The chip: shape, then the word, in the state's colour."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one chip."""
        run: Run = index.data(RUN)
        chip = CHIPS[run.state]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _background(painter, option)
        box = QRectF(option.rect).adjusted(GRID / 2, 3, -GRID / 2, -3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_tint(chip, option))
        width = min(box.width(), option.fontMetrics.horizontalAdvance(chip.word) + _SIDE + 3 * GRID)
        painter.drawRoundedRect(QRectF(box.left(), box.top(), width, box.height()), 6, 6)
        draw_shape(painter, chip, QPointF(box.left() + GRID + _SIDE / 2 - 1, box.center().y()))
        painter.setPen(chip.colour)
        text = QRectF(box).adjusted(_SIDE + 2 * GRID - 3, 0, 0, 0)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, chip.word)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Wide enough for the longest word."""
        hint = super().sizeHint(option, index)
        widest = max(option.fontMetrics.horizontalAdvance(chip.word) for chip in CHIPS.values())
        return QSize(int(widest + _SIDE + 5 * GRID), max(hint.height(), 3 * GRID))


class ProgressDelegate(QStyledItemDelegate):
    """A bar under the words that the job says of its progress."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the words, and the bar while the job executes."""
        run: Run = index.data(RUN)
        fraction = progress_fraction(run)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _background(painter, option)
        box = QRectF(option.rect).adjusted(GRID / 2, 0, -GRID / 2, 0)
        if fraction is not None and run.is_active:
            groove = QRectF(box.left(), box.bottom() - 6, box.width(), 3)
            back = _tint(CHIPS["executing"], option)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(back)
            painter.drawRoundedRect(groove, 1.5, 1.5)
            painter.setBrush(CHIPS["executing"].colour)
            painter.drawRoundedRect(QRectF(groove.left(), groove.top(), groove.width() * fraction, 3), 1.5, 1.5)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setPen((option.palette.highlightedText() if is_selected else option.palette.text()).color())
        text = option.fontMetrics.elidedText(progress_text(run), Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box.adjusted(0, 0, 0, -4), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()
