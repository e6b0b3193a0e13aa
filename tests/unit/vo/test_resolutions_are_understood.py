"""Angular and spectral resolution, as portals say them: in any unit, as a width or as a resolving power."""

from __future__ import annotations

import pytest

from stopdesk.vo.resolution import in_arcsec, in_km_s

LIGHT = 299792.458


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [(27.0, "arcsec", 27.0), (0.45, "arcmin", 27.0), (0.0075, "deg", 27.0), (1.0, "km", None), (1.0, "beams", None)],
)
def test_angles(value: float, unit: str, expected: float | None) -> None:
    assert in_arcsec(value, unit) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1e6, "", LIGHT / 1e6),  # a resolving power
        (230e3, "Hz", LIGHT * 1e-6),
        (230.0, "kHz", LIGHT * 1e-6),
        (LIGHT * 1e3 / 230e9 * 1e-6, "m", LIGHT * 1e-6),
        (LIGHT * 1e3 / 230e9 * 1e-6, "", LIGHT * 1e-6),
        (0.25, "km/s", 0.25),
        (250.0, "m s-1", 0.25),
        (1.0, "Jy", None),
        (1.0, "channels", None),
    ],
)
def test_widths_of_channels(value: float, unit: str, expected: float | None) -> None:
    assert in_km_s(value, unit, 230e9) == (None if expected is None else pytest.approx(expected))
