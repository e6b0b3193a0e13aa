"""Widgets; the only folder with PySide6 and pyqtgraph."""
