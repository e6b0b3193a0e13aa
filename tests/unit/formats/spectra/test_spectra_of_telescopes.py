"""Spectra that telescopes and programs wrote, where their folder is at hand."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning

from stopdesk.domain.spectrum import AxisKind, Spectrum
from stopdesk.errors import FileError
from stopdesk.formats.spectra import read_spectra

_CHECKOUT = Path(__file__).resolve().parents[4]
FOLDER = Path(os.environ.get("STOPDESK_SHARED", _CHECKOUT.parent / "shared")) / "data"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the spectra are not at hand; STOPDESK_SHARED names their folder"
)

C = 299792458.0


def only(name: str) -> Spectrum:
    (spectrum,) = read_spectra(FOLDER / "spectra" / name)
    return spectrum


def test_hco_of_the_smt_written_by_class() -> None:
    found = only("10074-190_HCOp.fits")
    velocity = (np.arange(1, 513) - 256.5) * 1120.478272438
    assert found.axis_in(AxisKind.RADIO_VELOCITY, "km/s") * 1e3 == pytest.approx(velocity, abs=1e-4)
    by_frequency = 267.5576250e9 + (np.arange(1, 513) - 256.5) * -1000000.0119209
    assert found.axis_in(AxisKind.FREQUENCY, "GHz") * 1e9 == pytest.approx(by_frequency, abs=50.0)
    assert (found.name, found.frame, found.flux_unit) == ("10074-190 HCOP(3-2)", "LSRK", "K")
    content = (FOLDER / "spectra" / "10074-190_HCOp.fits").read_bytes()
    with pytest.warns(AstropyUserWarning, match="null bytes"), fits.open(io.BytesIO(content)) as units:
        assert np.array_equal(found.flux, units[0].data.ravel())


def test_13co_of_the_fcrao_with_a_matrix_and_no_frame() -> None:
    found = only("sample_13CO.fits")
    velocity = 40000.10101113 + (np.arange(1, 660) - 212.5084533691) * 212.5358581543
    assert found.axis_in(AxisKind.RADIO_VELOCITY, "km/s") * 1e3 == pytest.approx(velocity, abs=1e-6)
    assert (found.frame, found.rest_frequency) == ("", 110.20137e9)
    assert found.position == "38.648700 -0.226762 (galactic)"


def test_formaldehyde_of_the_gbt_by_its_first_axis() -> None:
    found = only("G203.04+1.76_h2co_Tastar.fits")
    velocity = -35.320545 + (np.arange(1, 4097) - 2049.0) * -0.25254864
    assert found.axis_in(AxisKind.RADIO_VELOCITY, "km/s") == pytest.approx(velocity, abs=1e-9)
    at_source = float(np.interp(-35.07, velocity[::-1], found.axis_in(AxisKind.FREQUENCY, "GHz")[::-1]))
    assert at_source == pytest.approx(14.488479 * (1 + 35.07e3 / C), rel=1e-9)
    assert (found.frame, found.beam_efficiency) == ("LSRK", 0.88607179)


def test_cubes_are_no_spectra() -> None:
    with pytest.raises(FileError, match="HDU 0 is a cube of 2 x 2 x 501"):
        read_spectra(FOLDER / "cubes" / "n2hp_cube.fits")
