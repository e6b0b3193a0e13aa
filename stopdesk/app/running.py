"""Runs the program: the window until it is closed, or the demonstration."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from stopdesk import log, paths
from stopdesk.app.desk import build
from stopdesk.ui.uncaught import catch_everything


def make_application() -> QApplication:
    """The one application of this process, under our name and in our style."""
    application = QApplication.instance() or QApplication(["stopdesk"])
    assert isinstance(application, QApplication)
    application.setApplicationName("stopdesk")
    application.setApplicationDisplayName("stopdesk")
    application.setDesktopFileName("stopdesk")
    application.setStyle("Fusion")
    return application


def run_window(files: Sequence[str]) -> int:
    """Open the window and stay until it is closed."""
    log.start()
    application = make_application()
    desk = build()
    catch_everything(desk.notices)
    application.setQuitOnLastWindowClosed(False)
    desk.window.closed.connect(application.quit)
    desk.window.show()
    QTimer.singleShot(0, lambda: desk.open_at_start(files))
    QTimer.singleShot(200, desk.window.results.prepare)
    QTimer.singleShot(200, desk.window.spectra.prepare)
    code = application.exec()
    desk.shut_down()
    return code


def run_demo(out: str) -> int:
    """Go through the main job by itself and leave pictures, tables and the session in ``out``."""
    from stopdesk.ui.demo import Demo

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    log.start()
    application = make_application()
    desk = build()
    catch_everything(desk.notices)
    demo = Demo(window=desk.window, document=desk.document, tasks=desk.tasks, out=Path(out))
    demo.finished.connect(application.exit)
    QTimer.singleShot(0, demo.start)
    code = application.exec()
    desk.shut_down()
    sys.stdout.write(f"log: {paths.log_dir()}\n" if code else "")
    return code
