"""An answer that is too large is cut off with a sentence; what was there before stays, and the window goes on."""

from __future__ import annotations

from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.vo import portals
from tests.answers_too_large import cut_off
from tests.fakes.portal_server import portal_server


@pytest.mark.parametrize("fault", ["two gigabytes", "two gigabytes packed"])
def test_two_gigabytes_are_cut_off_at_the_bound(
    qtbot: QtBot, desk: app.Desk, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(portals, "search", partial(portals.search, max_bytes=20_000_000))
    said = "sent more than 20 MB; the rest was not read. Search a smaller field, or ask for fewer rows."
    with portal_server() as server:
        assert cut_off(qtbot, desk, server, fault, said=said) < 500_000_000
