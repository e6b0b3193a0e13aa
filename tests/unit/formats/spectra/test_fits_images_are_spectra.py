"""Spectra in FITS images: the axis is what the header says, by astropy's and CLASS' arithmetic, or a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy import wcs
from astropy.io import fits

from stopdesk.domain.spectrum import AxisKind, Spectrum
from stopdesk.errors import FileError
from stopdesk.formats.spectra import read_spectra
from tests.spectra import REST_13CO, REST_HCOP, class_made, line, packed, radio, write_class, write_image

C = 299792458.0


def only(path: Path) -> Spectrum:
    (spectrum,) = read_spectra(path)
    return spectrum


def by_astropy(path: Path, number: int = 1) -> np.ndarray:
    """The axis in SI, by astropy's WCS."""
    header = fits.getheader(path)
    axis = wcs.WCS(header, naxis=[number])
    return np.asarray(axis.wcs_pix2world(np.arange(1, header[f"NAXIS{number}"] + 1), 1)[0])


def without(cards: dict[str, Any], *names: str) -> dict[str, Any]:
    return {keyword: value for keyword, value in cards.items() if keyword not in names}


def test_a_radio_spectrum_is_read_with_all_that_is_said_of_it(tmp_path: Path) -> None:
    cards = radio(RA=76.3, DEC=25.18, EQUINOX=2000.0, BMAJ=0.01, BMIN=0.005, BPA=30.0, **{"DATE-OBS": "2001-02-03"})
    path = write_image(tmp_path / "a.fits", cards)
    found = only(path)
    assert (found.name, found.object, found.part, found.file_name) == ("L1544", "L1544", "HDU 0", "a.fits")
    assert (found.axis_kind, found.axis_unit, found.frame) == (AxisKind.RADIO_VELOCITY, "km/s", "LSRK")
    assert (found.flux_name, found.flux_unit) == ("Temperature", "K")
    assert found.rest_frequency == REST_13CO
    assert (found.position, found.date) == ("76.300000 +25.180000 (equinox 2000)", "2001-02-03")
    assert str(found.beam) == "36 x 18 arcsec, PA 30 deg"
    assert found.axis * 1e3 == pytest.approx(by_astropy(path), rel=1e-12)
    assert found.axis[0] > found.axis[-1], "the order is that of the file"
    assert np.array_equal(found.flux, line())
    assert ("SPECSYS", "LSRK") in [(card.keyword, card.value) for card in found.header]
    assert found.notes == ()
    assert len(found.sha256) == 64


def test_packed_it_is_the_same(tmp_path: Path) -> None:
    path = write_image(tmp_path / "a.fits", radio())
    plain, small = only(path), only(packed(path))
    assert np.array_equal(plain.axis, small.axis)
    assert plain.sha256 != small.sha256


@pytest.mark.parametrize("shape", [(1, 1, 1, 64), (64, 1, 1), (1, 64, 1)])
def test_axes_of_one_pixel_are_passed_over(tmp_path: Path, shape: tuple[int, ...]) -> None:
    number = len(shape) - shape.index(64)
    cards = {
        keyword.replace("1", str(number)) if keyword[-1] == "1" else keyword: value
        for keyword, value in radio().items()
    }
    path = write_image(tmp_path / "a.fits", cards, data=line().reshape(shape))
    found = only(path)
    assert found.axis * 1e3 == pytest.approx(by_astropy(path, number), rel=1e-12)
    assert np.array_equal(found.flux, line())


def test_a_step_in_a_matrix_and_a_matrix_beside_a_step(tmp_path: Path) -> None:
    cards = without(radio(CUNIT1="m/s", CRVAL1=40000.1), "CDELT1", "SPECSYS", "RESTFRQ")
    path = write_image(tmp_path / "a.fits", {**cards, "CD1_1": 212.5, "RESTFREQ": REST_13CO})
    assert only(path).axis == pytest.approx(by_astropy(path), rel=1e-12)
    assert (only(path).frame, only(path).rest_frequency) == ("", REST_13CO)
    path = write_image(tmp_path / "b.fits", radio(PC1_1=2.0))
    assert only(path).axis * 1e3 == pytest.approx(by_astropy(path), rel=1e-12)


def test_other_axes_of_the_same_header_do_not_come_into_it(tmp_path: Path) -> None:
    """A real spectrum of the GBT calls its alternate frequencies LSRK, though they are topocentric."""
    alternate = {"CTYPE1F": "FREQ", "CRVAL1F": 110.3e9, "CDELT1F": 9e4, "CRPIX1F": 32.5, "CUNIT1F": "Hz"}
    path = write_image(tmp_path / "a.fits", radio(SPECSYSF="LSRK", **alternate))
    found = only(path)
    centre = found.axis_in(AxisKind.FREQUENCY, "GHz")[31:33].mean() * 1e9
    assert centre == pytest.approx(REST_13CO * (1 - 3.8e3 / C), rel=1e-12)


# CLASS


@pytest.mark.parametrize("velocity", [0.0, 3800.0, -45000.0])
def test_class_counts_frequencies_from_the_rest_frequency_of_a_source_that_moves(
    tmp_path: Path, velocity: float
) -> None:
    found = only(write_class(tmp_path / "a.fits", velocity))
    channels = np.arange(1, 65) - 32.5
    expected = velocity + channels * class_made()["DELTAV"][0]
    assert found.axis_in(AxisKind.RADIO_VELOCITY, "km/s") * 1e3 == pytest.approx(expected, abs=1e-4)
    assert found.axis_in(AxisKind.FREQUENCY, "GHz") * 1e9 == pytest.approx(REST_HCOP * (1 - expected / C), rel=1e-14)
    assert (found.axis_kind, found.frame, found.rest_frequency) == (AxisKind.FREQUENCY, "LSRK", REST_HCOP)
    assert (found.name, found.beam_efficiency) == ("10074-190 HCOP(3-2)", 0.75)
    assert found.position == "272.155833 -20.317917 (equinox 2000)"
    assert bool(found.notes) == bool(velocity)


def test_class_offsets_on_the_sky_are_said(tmp_path: Path) -> None:
    found = only(write_class(tmp_path / "a.fits", CDELT2=10.0 / 3600))
    assert found.position == "272.155833 -20.317917 (equinox 2000), offset +10 +0 arcsec"


@pytest.mark.parametrize("fault", [{"CRVAL1": (2.0e6, "Offset frequency")}, {"DELTAV": 900.0}, None])
def test_where_velocities_do_not_follow_none_are_offered(tmp_path: Path, fault: dict[str, Any] | None) -> None:
    path = write_class(tmp_path / "a.fits", 3800.0, **fault) if fault else write_class(tmp_path / "a.fits", None)
    found = only(path)
    assert (found.frame, found.rest_frequency) == ("SOURCE", None)
    assert AxisKind.RADIO_VELOCITY not in found.kinds
    offset = (fault or {}).get("CRVAL1", (0.0,))[0]
    assert found.axis == pytest.approx(REST_HCOP + offset - 1e6 * (np.arange(1, 65) - 32.5), rel=1e-14)
    assert "at rest" in found.notes[0]


# what the axis is


@pytest.mark.parametrize(
    ("changes", "kind", "frame"),
    [
        ({"CTYPE1": "VELO-LSR"}, AxisKind.VELOCITY, "LSRK"),
        ({"CTYPE1": "VELOCITY"}, AxisKind.VELOCITY, ""),
        ({"CTYPE1": "VELO-LSR", "VELREF": 257}, AxisKind.RADIO_VELOCITY, "LSRK"),
        ({"CTYPE1": "VELO", "VELREF": 2}, AxisKind.OPTICAL_VELOCITY, "HELIO"),
        ({"CTYPE1": "VELO", "VDEF": "RADI-LSR"}, AxisKind.RADIO_VELOCITY, "LSRK"),
        ({"CTYPE1": "VELOCITY", "ORIGIN": "GILDAS Consortium"}, AxisKind.RADIO_VELOCITY, ""),
        ({"CTYPE1": "VOPT", "SPECSYS": "HELIOCEN"}, AxisKind.OPTICAL_VELOCITY, "HELIO"),
        ({"COMMENT": "SPECSYS = 'TOPOCENT' as observed"}, AxisKind.RADIO_VELOCITY, "TOPO"),
        ({"SPECSYS": "REST"}, AxisKind.RADIO_VELOCITY, "REST"),
    ],
)
def test_conventions_and_frames_are_those_that_are_said(
    tmp_path: Path, changes: dict[str, Any], kind: AxisKind, frame: str
) -> None:
    found = only(write_image(tmp_path / "a.fits", {**without(radio(), "SPECSYS"), **changes}))
    assert (found.axis_kind, found.frame) == (kind, frame)
    assert (AxisKind.FREQUENCY in found.kinds) == (kind is not AxisKind.VELOCITY)


def test_the_frame_of_velocities_is_not_that_of_frequencies(tmp_path: Path) -> None:
    cards = {"CTYPE1": "FREQ", "CUNIT1": "GHz", "CRVAL1": 110.2, "CDELT1": 1e-4, "CRPIX1": 1.0, "VELREF": 257}
    assert only(write_image(tmp_path / "a.fits", cards)).frame == ""


@pytest.mark.parametrize(
    "cards",
    [
        {"CTYPE1": "WAVE-LOG", "CUNIT1": "Angstrom", "CRVAL1": 5000.0, "CDELT1": 1.0, "CRPIX1": 1.0},
        {"CTYPE1": "VOPT-F2W", "CUNIT1": "m/s", "CRVAL1": 1e6, "CDELT1": 1e4, "CRPIX1": 10.0, "RESTWAV": 0.21106},
    ],
)
def test_axes_that_are_linear_in_something_else(tmp_path: Path, cards: dict[str, Any]) -> None:
    path = write_image(tmp_path / "a.fits", cards)
    found = only(path)
    assert found.axis * found.axis_scale == pytest.approx(by_astropy(path), rel=1e-12)
    steps = np.diff(found.axis)
    assert steps.max() / steps.min() > 1.0001


def test_iraf_s_wavelengths_linear_and_logarithmic(tmp_path: Path) -> None:
    cards = {"CTYPE1": "LINEAR", "WAT1_001": "wtype=linear label=Wavelength units=angstroms"}
    found = only(write_image(tmp_path / "a.fits", {**cards, "CRVAL1": 6000.0, "CDELT1": 2.0, "CRPIX1": 1.0}))
    assert (found.axis_kind, found.usual_unit) == (AxisKind.WAVELENGTH, "Å")
    assert found.axis_in(AxisKind.WAVELENGTH, "Å")[:2] == pytest.approx([6000.0, 6002.0])
    assert "in air" in found.notes[0]
    logs = {**cards, "DC-FLAG": 1, "CRVAL1": 3.5, "CDELT1": 1e-4, "CRPIX1": 1.0}
    assert only(write_image(tmp_path / "b.fits", logs)).axis[:2] == pytest.approx([10**3.5, 10**3.5001])


def test_a_file_that_says_nothing_of_its_axis_has_channels(tmp_path: Path) -> None:
    found = only(write_image(tmp_path / "quiet.fits", {}))
    assert (found.axis_kind, found.name, found.flux_unit) == (AxisKind.CHANNEL, "quiet", "")
    assert found.axis_in(AxisKind.CHANNEL, "")[[0, -1]] == pytest.approx([1, 64])
    assert found.kinds == (AxisKind.CHANNEL,)
    assert "channels are counted" in found.notes[0]


def test_units_that_are_not_given_are_those_of_fits_where_that_can_be(tmp_path: Path) -> None:
    cards = without(radio(CRVAL1=3800.0, CDELT1=-250.0), "CUNIT1")
    found = only(write_image(tmp_path / "a.fits", cards))
    assert found.axis_in(AxisKind.RADIO_VELOCITY, "km/s").mean() == pytest.approx(3.8)
    assert "in m/s, as FITS has it" in found.notes[0]


def test_values_that_are_missing_are_gaps(tmp_path: Path) -> None:
    data = line()
    data[10] = np.nan
    found = only(write_image(tmp_path / "a.fits", radio(), data=data))
    assert found.mask.sum() == 1
    assert found.mask[10]
    unit = fits.PrimaryHDU(np.arange(64, dtype=np.int16))
    unit.header.update({**radio(), "BLANK": 7, "BSCALE": 0.5, "BZERO": 1.0})
    unit.header["BLANK"] = 7
    raw = tmp_path / "b.fits"
    fits.HDUList([unit]).writeto(raw)
    with fits.open(raw, do_not_scale_image_data=True) as units:
        stored = units[0].data.copy()
    found = only(raw)
    assert list(np.flatnonzero(found.mask)) == list(np.flatnonzero(stored == 7))


def test_a_rest_frequency_that_cannot_be_meant_is_not_used(tmp_path: Path) -> None:
    found = only(write_image(tmp_path / "a.fits", radio(RESTFRQ=110.2)))
    assert found.rest_frequency is None
    assert found.why_not(AxisKind.FREQUENCY) == "its file has no rest frequency"
    assert "110.2 Hz cannot be meant" in found.notes[0]


@pytest.mark.parametrize(
    ("cards", "shape", "words"),
    [
        (radio(), (3, 64), "HDU 0 is an image of 64 x 3, not one spectrum"),
        (radio(), (2, 2, 64), "HDU 0 is a cube of 64 x 2 x 2, not one spectrum"),
        (radio(), (1,), "a single value"),
        (radio(CTYPE1="RA---TAN", CUNIT1="deg"), (64,), "type RA---TAN, which is not a spectral one"),
        (radio(CTYPE1="FELO-HEL"), (64,), "type FELO, which is not read here"),
        (radio(CTYPE1="WAVE-TAB", CUNIT1="m"), (64,), "type WAVE-TAB, which is not read here"),
        (radio(CUNIT1="GHz"), (64,), "type VRAD in 'GHz', which is no unit of it"),
        (radio(CUNIT1="furlong"), (64,), "'furlong', which is no unit of it"),
        (
            without(radio(CTYPE1="WAVE", CRVAL1=5000.0), "CUNIT1"),
            (64,),
            "without a unit (CUNIT), and m cannot be meant",
        ),
        (without(radio(), "CDELT1"), (64,), "a spectral axis without CDELT1"),
        (without(radio(), "CRVAL1"), (64,), "a spectral axis without CRVAL1"),
        ({"CTYPE1": "FREQ", "CRVAL1": 0.0, "CDELT1": 1e6, "CRPIX1": 32.0}, (64,), "frequencies of zero or less"),
    ],
)
def test_what_is_not_understood_is_said(
    tmp_path: Path, cards: dict[str, Any], shape: tuple[int, ...], words: str
) -> None:
    path = write_image(tmp_path / "odd.fits", cards, data=np.ones(shape, np.float32))
    with pytest.raises(FileError) as failure:
        read_spectra(path)
    assert words in str(failure.value)
    assert str(failure.value).startswith(f"{path}: ")
    assert str(failure.value).endswith(".")


def test_spectra_in_several_units_of_a_file_are_told_apart(tmp_path: Path) -> None:
    first, second = fits.PrimaryHDU(line()), fits.ImageHDU(line(), name="SIDEBAND")
    for unit in (first, second):
        unit.header.update(radio())
    fits.HDUList([first, second, fits.ImageHDU(np.ones((3, 3)))]).writeto(tmp_path / "a.fits")
    assert [each.name for each in read_spectra(tmp_path / "a.fits")] == ["L1544 (HDU 0)", "L1544 SIDEBAND (HDU 1)"]


def test_a_file_that_was_cut_off_is_damaged(tmp_path: Path) -> None:
    path = write_image(tmp_path / "a.fits", radio(), data=line(5000))
    path.write_bytes(path.read_bytes()[:8000])
    with pytest.raises(FileError, match="damaged FITS file"):
        read_spectra(path)
    path.write_bytes(b"SIMPLE  = nonsense" * 50)
    with pytest.raises(FileError, match=r"damaged FITS file|no spectrum|no data"):
        read_spectra(path)


def test_cards_against_the_standard_do_no_harm(tmp_path: Path) -> None:
    path = write_image(tmp_path / "a.fits", radio())
    bad = b"CROTA3  = '0.8058610690795-297         /".ljust(80)
    data = path.read_bytes()
    path.write_bytes(
        data.replace(b"END".ljust(80), bad + b"END".ljust(80), 1)[: len(data) + 80].replace(b" " * 80, b"", 1)
    )
    assert only(path).axis[31:33].mean() == pytest.approx(3.8)
