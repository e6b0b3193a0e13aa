"""A clock that only sleeping moves on, so that nothing in a test waits."""

from __future__ import annotations


class Clock:
    """Stands in for both time.monotonic and time.sleep."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.slept.append(seconds)
        self.now += seconds
