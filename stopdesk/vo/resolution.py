"""What portals say of angular and spectral resolution, in arcsec and km/s."""

from __future__ import annotations

from stopdesk.domain.observation import SPEED_OF_LIGHT


def in_arcsec(value: float, unit: str) -> float | None:
    """An angle in arcsec; None where its unit is none of an angle."""
    from astropy import units as u

    try:
        return float((value * u.Unit(unit)).to_value(u.arcsec))
    except (ValueError, TypeError, u.UnitConversionError):
        return None


def in_km_s(value: float, unit: str, frequency: float) -> float | None:
    """A spectral resolution in km/s, for light of ``frequency`` in Hz; None where its unit is none of those.

    A width in frequency, wavelength or energy; a velocity; or, above 1 and without a unit, a resolving power, as
    ObsCore has it (1.1, section 4.20). Numbers up to 1 without a unit are metres, as SSA has them (1.1, section 4.2.5).
    """
    from astropy import units as u

    if not unit.strip():
        if value > 1:
            return SPEED_OF_LIGHT / value
        unit = "m"
    try:
        width = value * u.Unit(unit)
        if width.unit.is_equivalent(u.km / u.s):
            return float(width.to_value(u.km / u.s))
        whole = (frequency * u.Hz).to(width.unit, equivalencies=u.spectral())
        return float(width / whole) * SPEED_OF_LIGHT
    except (ValueError, TypeError, u.UnitConversionError):
        return None
