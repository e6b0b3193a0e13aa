"""An answer of 2 GB is cut off at the bound that the program has, in a time and a memory that are bounded, too."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.vo.portals import MAX_BYTES
from tests.answers_too_large import cut_off
from tests.fakes.portal_server import portal_server


@pytest.mark.parametrize("fault", ["two gigabytes", "two gigabytes packed"])
def test_two_gigabytes_are_cut_off(qtbot: QtBot, desk: app.Desk, fault: str) -> None:
    said = f"sent more than {MAX_BYTES / 1e6:.0f} MB; the rest was not read. "
    said += "Search a smaller field, or ask for fewer rows."
    with portal_server() as server:
        taken = cut_off(qtbot, desk, server, fault, said=said)
        print(f"{taken / 1e6:.0f} MB of memory")
        assert taken < 4 * MAX_BYTES
