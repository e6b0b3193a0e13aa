"""The composition root: builds the services and the window, connects them, and takes them down again."""

from stopdesk.app.desk import Desk, build
from stopdesk.app.running import run_demo, run_window

__all__ = ["Desk", "build", "run_demo", "run_window"]
