"""UWS 1.1 case by case, quirks of real servers, the deviations of DaCHS, faults: each row has a check of its own.

A row that says what a server may do is checked by what the client makes of it. Its name is the test's id.
"""

from __future__ import annotations

import pytest

from tests.unit.uws import rows_dachs, rows_faults, rows_quirks, rows_standard
from tests.unit.uws.scene import Check, Scene


@pytest.mark.parametrize("check", rows_standard.ROWS.params)
def test_the_standard(check: Check, scene: Scene) -> None:
    check(scene)


@pytest.mark.parametrize("check", rows_quirks.ROWS.params)
def test_quirks_of_real_servers(check: Check, scene: Scene) -> None:
    check(scene)


@pytest.mark.parametrize("check", rows_dachs.ROWS.params)
def test_dachs(check: Check, scene: Scene) -> None:
    check(scene)


@pytest.mark.parametrize("check", rows_faults.ROWS.params)
def test_faults_and_safety(check: Check, scene: Scene) -> None:
    check(scene)
