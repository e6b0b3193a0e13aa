"""Fixtures that the tests of the window share."""

from __future__ import annotations

from tests.ui.form_parts import engine, form, library, make_form, notices, tasks, workspace

__all__ = ["engine", "form", "library", "make_form", "notices", "tasks", "workspace"]
