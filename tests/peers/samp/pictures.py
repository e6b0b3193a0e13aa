"""Images of the sky for programs that show some."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits


def write_image(path: Path, ra: float, dec: float) -> Path:
    """A FITS image, 12' wide, of a round source at a place in degrees."""
    header = fits.Header({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": ra, "CRVAL2": dec})
    header.update({"CRPIX1": 100, "CRPIX2": 100, "CDELT1": -0.001, "CDELT2": 0.001, "CUNIT1": "deg", "CUNIT2": "deg"})
    y, x = np.mgrid[:200, :200]
    fits.PrimaryHDU(np.exp(-((x - 100) ** 2 + (y - 100) ** 2) / 500).astype(">f4"), header).writeto(path)
    return path
