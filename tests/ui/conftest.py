"""Fixtures that the tests of the window share."""

from __future__ import annotations

from tests.ui.form_parts import engine, form, library, make_form, notices, tasks, workspace
from tests.ui.samp_parts import samp

__all__ = ["engine", "form", "library", "make_form", "notices", "samp", "tasks", "workspace"]
