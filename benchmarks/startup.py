"""How long the window takes from the command to its first paint, beside Python with an empty Qt window, in one run.

    python benchmarks/startup.py [RUNS]

Each run is a new process; the clock starts before it is made and stops when the first paint of the window has ended.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

_WATCH = """
import sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and watched.isWidgetType() and watched.isWindow():
            QApplication.instance().removeEventFilter(self)
            QTimer.singleShot(0, self.told)
        return False
    def told(self):
        sys.stdout.write(f"{time.time()}\\n")
        sys.stdout.flush()
        QApplication.instance().closeAllWindows()
        QApplication.instance().quit()
"""

_EMPTY = (
    _WATCH
    + """
app = QApplication([])
watch = FirstPaint()
app.installEventFilter(watch)
window = QWidget()
window.show()
app.exec()
"""
)

_STOPDESK = (
    _WATCH
    + """
from stopdesk.app import running
make = running.make_application
def application():
    made = make()
    made.watch = FirstPaint()
    made.installEventFilter(made.watch)
    return made
running.make_application = application
from stopdesk.cli import main
main([])
"""
)


def seconds_to_paint(code: str, home: str) -> float:
    """Seconds from the command to the end of the first paint of one new process."""
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, "STOPDESK_HOME": home}
    start = time.time()
    child = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return float(child.stdout.split()[0]) - start


def main() -> int:
    """Measure both in turn and print medians and their ratio."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as home:
        for code in (_EMPTY, _STOPDESK):
            seconds_to_paint(code, home)  # warm: files are cached
        pairs = [(seconds_to_paint(_EMPTY, home), seconds_to_paint(_STOPDESK, home)) for _ in range(runs)]
    empty, ours = (statistics.median(each) for each in zip(*pairs, strict=True))
    print(
        f"first paint, median of {runs}: empty window {empty:.2f} s, stopdesk {ours:.2f} s ({ours / empty:.1f} times)"
    )
    print("at most 1.5 s:", "yes" if ours <= 1.5 else "NO")
    return 0 if ours <= 1.5 else 1


if __name__ == "__main__":
    sys.exit(main())
