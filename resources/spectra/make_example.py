"""Makes the example spectrum: HCN 1-0 with its three hyperfine components in LTE, computed, with noise of a fixed seed.

    python resources/spectra/make_example.py resources/spectra/example.fits

Frequencies and Einstein coefficients are those of the bundled LAMDA file of HCN with hyperfine structure.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from astropy.io import fits

from stopdesk.formats.molecules import load

#: km/s.
LIGHT_SPEED = 299792.458

#: What is assumed of the cloud: K, K, km/s (FWHM), km/s, optical depth of all components together; noise in K.
EXCITATION, BACKGROUND, WIDTH, V_LSR, DEPTH, NOISE = 5.0, 2.7255, 0.6, 7.2, 6.0, 0.04


def radiation(temperature: float, gigahertz: float) -> float:
    """The Rayleigh-Jeans equivalent of a blackbody's brightness, in K."""
    t0 = 0.04799243073 * gigahertz  # h nu / k
    return t0 / np.expm1(t0 / temperature)


def main() -> None:
    """Write the file that is named."""
    molecule = load("hcn@hfs")
    frequency = np.sort([each for each in molecule.frequency if 88.0 < each < 89.0])
    strengths = np.array([3 / 9, 5 / 9, 1 / 9])  # F = 1-1, 2-1, 0-1 in LTE
    rest = float(frequency[1])
    n, step = 512, -0.1
    velocity = V_LSR + (np.arange(1, n + 1) - 256.5) * step
    depth = np.zeros(n)
    for line, strength in zip(frequency, strengths, strict=True):
        shift = LIGHT_SPEED * (rest - line) / rest
        depth += DEPTH * strength * np.exp(-4 * np.log(2) * ((velocity - V_LSR - shift) / WIDTH) ** 2)
    contrast = radiation(EXCITATION, rest) - radiation(BACKGROUND, rest)
    noise = np.random.default_rng(20260101).normal(0.0, NOISE, n)
    unit = fits.PrimaryHDU((contrast * (1 - np.exp(-depth)) + noise).astype(np.float32))
    cards = {
        "OBJECT": "Example",
        "LINE": "HCN 1-0",
        "CTYPE1": "VRAD",
        "CUNIT1": "km/s",
        "CRVAL1": V_LSR,
        "CDELT1": step,
        "CRPIX1": 256.5,
        "SPECSYS": "LSRK",
        "RESTFRQ": round(rest * 1e9, 1),
        "BUNIT": "K",
        "ORIGIN": "stopdesk",
    }
    unit.header.update(cards)
    unit.header.add_comment("Computed, not observed: HCN 1-0 in LTE at 5 K with its hyperfine components.")
    unit.header.add_comment(
        f"Line width {WIDTH} km/s, v_LSR {V_LSR} km/s, total optical depth {DEPTH}, noise {NOISE} K."
    )
    unit.writeto(Path(sys.argv[1]), overwrite=True)


if __name__ == "__main__":
    main()
