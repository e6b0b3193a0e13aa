"""The window as a fixture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from tests.desk import opened_desk


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[app.Desk]:
    """The real window, its local service not started yet."""
    with opened_desk(qtbot) as opened:
        yield opened
