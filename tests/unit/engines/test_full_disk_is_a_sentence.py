"""A grid for which the disk has no room is refused before it is computed, and not by a bus error in its midst."""

from __future__ import annotations

import resource
import signal
from pathlib import Path

import numpy as np
import pytest

from stopdesk.engines import runner
from stopdesk.errors import EngineError

_GRID = {"column_density": "1e14:1e18:100:log", "excitation_temperature": "5:40:100"}


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that has room for half a megabyte more."""
    left = [500_000]

    def allocate(descriptor: int, offset: int, size: int) -> None:
        left[0] -= size
        if left[0] < 0:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", allocate)


@pytest.mark.usefixtures("full")
def test_a_full_disk_is_told_of_before_anything_is_computed(tmp_path: Path) -> None:
    plan = runner.prepare("lte", _GRID, {})
    with pytest.raises(EngineError, match=r"The disk is too full .* it needs \d+ MB in .*Make room") as caught:
        runner.make_scratch(plan, tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert not list(tmp_path.iterdir()), "what was begun is cleared away"


def test_the_room_is_taken_when_the_arrays_are_made(tmp_path: Path) -> None:
    plan = runner.prepare("lte", _GRID, {})
    runner.make_scratch(plan, tmp_path)
    for path in tmp_path.iterdir():
        assert path.stat().st_blocks * 512 >= path.stat().st_size, f"{path.name} has holes"
    runner.keep(runner.compute(plan, 0, 10), tmp_path)
    kept = runner.gather(plan, tmp_path).outputs["flux"]
    np.testing.assert_array_equal(kept[:10], runner.compute(plan, 0, 10).outputs["flux"])


def test_another_trouble_of_the_disk_is_not_called_full(tmp_path: Path) -> None:
    plan = runner.prepare("lte", _GRID, {})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            runner.make_scratch(plan, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
