"""A plot is written as PNG, SVG, PDF and CSV, on white, and tells what cannot be written."""

from __future__ import annotations

import csv
import re
import zlib
from pathlib import Path

import numpy as np
import pytest
from lxml import etree
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from stopdesk.errors import FileError, InputError
from stopdesk.ui.notices import Level, Notices
from stopdesk.ui.plots.curves import Curve
from stopdesk.ui.plots.frame import PlotFrame
from stopdesk.ui.plots.quantity import Quantity
from tests.ui.sample_results import dark_palette

BLUE, RED = QColor("#0072B2"), QColor("#D55E00")


@pytest.fixture
def notices() -> Notices:
    return Notices()


@pytest.fixture
def frame(qtbot: QtBot, notices: Notices) -> PlotFrame:
    frame = PlotFrame("Test plot", notices=notices)
    qtbot.addWidget(frame)
    frame.resize(640, 400)
    frame.set_axes(Quantity("Frequency", "GHz"), Quantity("Temperature", "K"))
    x = np.linspace(345.7959, 345.7961, 41)
    bell = np.exp(-(((x - 345.796) / 3e-5) ** 2))
    curves = [Curve("CO 3-2", x, 4 * bell, BLUE, width=3.0), Curve("sticks", x[::10], bell[::10], RED, sticks=True)]
    frame.show_curves(curves)
    frame.set_home((345.7959, 345.7961), (0.0, 5.0))
    frame.show()
    qtbot.waitExposed(frame)
    return frame


def near(image: QImage, colour: QColor) -> int:
    """How many points of a picture are of that colour, or nearly."""
    data = np.frombuffer(image.convertToFormat(QImage.Format.Format_RGB32).constBits(), np.uint8).reshape(-1, 4)
    wanted = np.array([colour.blue(), colour.green(), colour.red()])
    return int((np.abs(data[:, :3].astype(int) - wanted).max(axis=1) < 12).sum())


def test_png_is_twice_as_fine_and_shows_the_curve(frame: PlotFrame, tmp_path: Path) -> None:
    frame.export(tmp_path / "plot.png")
    image = QImage(str(tmp_path / "plot.png"))
    assert image.width() == 2 * frame.canvas.viewport().width()
    assert near(image, BLUE) > 500
    assert near(image, QColor("white")) > 0.7 * image.width() * image.height()


def test_everything_is_printed_on_white_from_a_dark_window(frame: PlotFrame, tmp_path: Path, qtbot: QtBot) -> None:
    with dark_palette():
        qtbot.waitUntil(lambda: frame.canvas.backgroundBrush().color().lightness() < 64)
        frame.export(tmp_path / "plot.png")
        frame.export(tmp_path / "plot.svg")
        assert frame.canvas.backgroundBrush().color().lightness() < 64, "the window stays as it was"
    image = QImage(str(tmp_path / "plot.png"))
    assert image.pixelColor(3, 3) == QColor("white")
    first = re.search(r'<path d="M0,0[^>]*fill="(#\w+)"', (tmp_path / "plot.svg").read_text())
    assert first is not None
    assert first.group(1) == "#ffffff"


def test_svg_has_the_text_as_text_and_the_curve_in_full_precision(frame: PlotFrame, tmp_path: Path) -> None:
    frame.export(tmp_path / "plot.svg")
    root = etree.parse(str(tmp_path / "plot.svg")).getroot()
    texts = ["".join(node.itertext()).strip() for node in root.iter("{*}text")]
    assert "Frequency (GHz)" in texts
    assert "345.79600" in texts
    blue = [node.get("d") for node in root.iter("{*}path") if node.get("stroke") == "#0072b2"]
    points = np.array(
        [[float(v) for v in pair.split(",")] for pair in re.findall(r"[-\d.e]+,[-\d.e]+", " ".join(blue))]
    )
    assert len(points) >= 41
    assert len(np.unique(points[:, 0])) >= 41, "points 5e-6 GHz apart stay apart"
    assert points[:, 0].max() - points[:, 0].min() > 400


def test_svg_is_drawn_inside_the_page_and_clipped_to_the_axes(frame: PlotFrame, tmp_path: Path) -> None:
    frame.view.setRange(xRange=(345.79599, 345.79601), yRange=(0, 1), padding=0)
    frame.export(tmp_path / "plot.svg")
    root = etree.parse(str(tmp_path / "plot.svg")).getroot()
    curve = next(node for node in root.iter("{*}path") if node.get("stroke") == "#0072b2")
    name = curve.getparent().get("clip-path")[5:-1]
    box = root.find(f".//{{*}}clipPath[@id='{name}']/{{*}}rect")
    area = frame.view.sceneBoundingRect()
    assert float(box.get("x")) == pytest.approx(area.left(), abs=2)
    assert float(box.get("width")) == pytest.approx(area.width(), abs=3)


def test_pdf_is_one_page_of_vectors(frame: PlotFrame, tmp_path: Path) -> None:
    frame.export(tmp_path / "plot.pdf")
    data = (tmp_path / "plot.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") == 1
    streams = re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL)
    drawn = b"".join(_inflated(stream) for stream in streams)
    assert drawn.count(b" l\n") > 41, "lines are lines"
    assert b"0 0.447058" in drawn, "the curve's blue"
    assert b"/Subtype /Image" not in data
    assert b"/FontFile" in data


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def test_csv_has_every_curve_with_names_and_units(frame: PlotFrame, tmp_path: Path) -> None:
    frame.export(tmp_path / "plot.csv")
    with (tmp_path / "plot.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == [
        "CO 3-2: Frequency [GHz]",
        "CO 3-2: Temperature [K]",
        "sticks: Frequency [GHz]",
        "sticks: Temperature [K]",
    ]
    assert len(rows) == 42
    assert float(rows[1][0]) == 345.7959
    assert float(rows[21][1]) == pytest.approx(4.0)
    assert rows[6][2:] == ["", ""], "the shorter curve ends"


def test_other_suffixes_are_refused_in_words(frame: PlotFrame, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.png, \.svg, \.pdf, \.csv; 'plot\.gif'"):
        frame.export(tmp_path / "plot.gif")


def test_a_folder_that_is_not_there_is_said(frame: PlotFrame, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="could not be written: No such file or directory"):
        frame.export(tmp_path / "nowhere" / "plot.png")


def test_copy_puts_a_picture_on_the_clipboard(frame: PlotFrame, notices: Notices) -> None:
    frame.copy()
    image = QGuiApplication.clipboard().image()
    assert near(image, BLUE) > 500
    assert notices.history[-1].text == "Copied the plot 'Test plot' as a picture."


def opened_dialog(frame: PlotFrame) -> QFileDialog:
    frame.ask_export()
    return frame.findChild(QFileDialog, "export-plot")


def test_the_dialog_writes_what_was_chosen_and_asks_before_it_overwrites(
    frame: PlotFrame, notices: Notices, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog = opened_dialog(frame)
    assert not dialog.testOption(QFileDialog.Option.DontConfirmOverwrite)
    dialog.selectNameFilter(next(text for text in dialog.nameFilters() if "*.csv" in text))
    dialog.filterSelected.emit(dialog.selectedNameFilter())
    assert dialog.defaultSuffix() == "csv"
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile(str(tmp_path / "plot.csv"))
    with qtbot.waitSignal(notices.told, timeout=5000):
        dialog.accept()
    assert (tmp_path / "plot.csv").read_text().startswith("CO 3-2: Frequency [GHz]")


def test_the_dialog_proposes_a_name_from_run_view_and_quantity(frame: PlotFrame) -> None:
    frame.run_name, frame.subject = "CO LVG/grid: <2>", "T_peak"
    assert frame.proposed_name == "CO-LVG-grid-2-test-plot-T_peak"
    dialog = opened_dialog(frame)
    assert [Path(name).name for name in dialog.selectedFiles()] == ["CO-LVG-grid-2-test-plot-T_peak.png"]
    dialog.close()
    frame.run_name = "../" * 60 + "x" * 300
    assert "/" not in frame.proposed_name
    assert len(frame.proposed_name) <= 100


def test_an_export_that_fails_is_a_notice(frame: PlotFrame, notices: Notices, tmp_path: Path) -> None:
    dialog = opened_dialog(frame)
    dialog.fileSelected.emit(str(tmp_path / "plot.bmp"))
    dialog.close()
    assert notices.history[-1].level is Level.ERROR
    assert "'plot.bmp'" in notices.history[-1].text
